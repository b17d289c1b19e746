//! What stands in for a value that is missing or empty.

use super::FunctionTable;
use super::argument;
use super::function;
use super::variadic;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Any;
use crate::helm::function::Parameter::Bool;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("all", variadic(&[], Any, all)),
    ("any", variadic(&[], Any, any)),
    ("coalesce", variadic(&[], Any, coalesce)),
    ("default", variadic(&[Any], Any, default)),
    ("empty", function(&[Any], empty)),
    ("ternary", function(&[Any, Any, Bool], ternary)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// Says whether the value is empty: nil, false, zero, or of no length. A struct
/// never is.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(object) if object.kind() == "struct" => false,
        _ => !value.is_truthy(),
    }
}

fn default(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    match arguments.get(1) {
        Some(given) if !is_empty(given) => Ok(given.clone()),
        _ => Ok(argument::any(arguments, 0)),
    }
}

fn empty(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Bool(is_empty(&argument::any(arguments, 0))))
}

fn coalesce(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(arguments.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default())
}

fn all(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Bool(!arguments.iter().any(is_empty)))
}

fn any(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Bool(arguments.iter().any(|value| !is_empty(value))))
}

fn ternary(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let index = usize::from(!argument::boolean(arguments, 2)?);
    Ok(argument::any(arguments, index))
}
