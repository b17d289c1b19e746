//! Types of values.

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
    ("deepEqual", function(&[Any, Any], deep_equal)),
    ("kindIs", function(&[Text, Any], kind_is)),
    ("kindOf", function(&[Any], kind_of)),
    ("typeIs", function(&[Text, Any], type_is)),
    ("typeIsLike", function(&[Text, Any], type_is_like)),
    ("typeOf", function(&[Any], type_of)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

fn deep_equal(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    argument::any(arguments, 0).deep_equal(&argument::any(arguments, 1)).map(Value::Bool)
}

fn kind_is(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let kind = argument::any(arguments, 1).kind();
    Ok(Value::Bool(argument::bytes(arguments, 0)? == kind.as_bytes()))
}

fn kind_of(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::string(argument::any(arguments, 0).kind()))
}

fn type_is(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let name = argument::any(arguments, 1).type_name();
    Ok(Value::Bool(argument::bytes(arguments, 0)? == name.as_bytes()))
}

fn type_is_like(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let name = argument::any(arguments, 1).type_name();
    let target = argument::bytes(arguments, 0)?;
    let pointed = name.strip_prefix('*').map(str::as_bytes);
    Ok(Value::Bool(target == name.as_bytes() || Some(target) == pointed))
}

fn type_of(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::string(argument::any(arguments, 0).type_name()))
}
