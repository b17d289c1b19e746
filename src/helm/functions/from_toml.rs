//! Reading TOML, as `BurntSushi/toml` does it for Helm.

use toml::Table;

use super::FunctionTable;
use super::argument;
use super::conversion::error_map;
use super::dates;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::String as Text;
use crate::helm::value::Entries;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[("fromToml", function(&[Text], from_toml))];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// Returns a map; of a text that is no TOML, one with the reason under `Error`.
///
/// The reason is in other words than Helm's.
fn from_toml(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let parsed = std::str::from_utf8(argument::bytes(arguments, 0)?)
        .map_err(|_| "toml: it is not UTF-8".to_owned())
        .and_then(|text| text.parse::<Table>().map_err(|error| reason(text, &error)))
        .and_then(|table| map(&table));
    Ok(parsed.unwrap_or_else(error_map))
}

/// Says what is wrong, and where.
fn reason(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("toml: line {}: {}", before.split('\n').count(), error.message())
}

fn map(table: &Table) -> Result<Value, String> {
    let entries = table.iter().map(|(key, item)| Ok((key.clone(), value(item)?)));
    entries.collect::<Result<Entries, String>>().map(Value::map)
}

fn value(item: &toml::Value) -> Result<Value, String> {
    Ok(match item {
        toml::Value::String(text) => Value::string(text.as_str()),
        toml::Value::Integer(number) => Value::int64(*number),
        toml::Value::Float(number) => Value::Float(*number),
        toml::Value::Boolean(flag) => Value::Bool(*flag),
        toml::Value::Array(items) => {
            Value::list(items.iter().map(value).collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => map(table)?,
        // Go gives a time without an offset the zone of the machine that renders: it would be
        // another moment on the next one.
        toml::Value::Datetime(time) => dates::moment(&time.to_string()).ok_or_else(|| {
            format!("toml: the time {time} has no offset from UTC, such as {time}Z")
        })?,
    })
}
