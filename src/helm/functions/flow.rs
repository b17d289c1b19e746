//! What reaches beyond its arguments: other templates, the cluster, failing.

use super::FunctionTable;
use super::argument;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Any;
use crate::helm::function::Parameter::String as Text;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("fail", function(&[Text], fail)),
    ("getHostByName", function(&[Text], get_host_by_name)),
    ("include", function(&[Text, Any], include)),
    ("lookup", function(&[Text, Text, Text, Text], lookup)),
    ("required", function(&[Text, Any], required)),
    ("tpl", function(&[Text, Any], tpl)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// Marks a text as the chart author's, of which the user is shown nothing else.
fn author_error(text: &str) -> FunctionError {
    FunctionError::new(format!("HELM_ERR_START{text}HELM_ERR_END"))
}

fn include(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let name = argument::text(arguments, 0)?;
    host.include(&name, &argument::any(arguments, 1)).map(Value::string)
}

fn tpl(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let text = argument::text(arguments, 0)?;
    host.tpl(&text, &argument::any(arguments, 1)).map(Value::string)
}

fn lookup(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (version, kind) = (argument::text(arguments, 0)?, argument::text(arguments, 1)?);
    let (namespace, name) = (argument::text(arguments, 2)?, argument::text(arguments, 3)?);
    host.lookup(&version, &kind, &namespace, &name)
}

fn required(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let value = argument::any(arguments, 1);
    let missing = match &value {
        Value::Nil => true,
        Value::String(text) => text.as_bytes().is_empty(),
        _ => false,
    };
    if missing { Err(author_error(&argument::text(arguments, 0)?)) } else { Ok(value) }
}

fn fail(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Err(author_error(&argument::text(arguments, 0)?))
}

/// Returns nothing, as Helm does unless it is run with `--enable-dns`: a
/// render must not depend on who renders.
fn get_host_by_name(_: &dyn Host, _: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::string(""))
}
