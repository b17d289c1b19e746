//! URLs as Go's `net/url` takes them apart and puts them together.

mod escape;
mod url;

use self::url::Url;
use super::FunctionTable;
use super::argument;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Map;
use crate::helm::function::Parameter::String as Text;
use crate::helm::value::Entries;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] =
    &[("urlJoin", function(&[Map], join)), ("urlParse", function(&[Text], parse))];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

fn parse(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let text = argument::text(arguments, 0)?;
    let url = Url::parse(&text)
        .map_err(|error| FunctionError::new(format!("unable to parse url: {error}")))?;
    let hostname = url.hostname().to_owned();
    let user = url.user.map(|user| user.to_string()).unwrap_or_default();
    let entries = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", hostname),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", user),
    ];
    let entries =
        entries.into_iter().map(|(key, value)| (key.to_owned(), Value::string(value))).collect();
    Ok(Value::map(entries))
}

fn join(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let map = argument::map(arguments, 0)?.0.borrow();
    let user = match part(&map, "userinfo")? {
        text if text.is_empty() => None,
        text => {
            Url::parse(&format!("proto://{text}@host"))
                .map_err(|error| {
                    FunctionError::new(format!("unable to parse userinfo in dict: {error}"))
                })?
                .user
        }
    };
    let url = Url {
        scheme: part(&map, "scheme")?,
        host: part(&map, "host")?,
        path: part(&map, "path")?,
        query: part(&map, "query")?,
        opaque: part(&map, "opaque")?,
        fragment: part(&map, "fragment")?,
        user,
    };
    Ok(Value::string(url.to_string()))
}

/// Returns a part of a URL from a map; a part that is missing is empty.
fn part(map: &Entries, key: &str) -> Result<String, FunctionError> {
    match map.get(key) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.to_text().into_owned()),
        Some(Value::Nil) => Err(argument::nil_dereference()),
        Some(other) => Err(FunctionError::new(format!(
            "unable to parse {key} key, must be of type string, but {} found",
            other.kind()
        ))),
    }
}
