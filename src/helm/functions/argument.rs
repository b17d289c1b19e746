//! Access to arguments that the executor has already converted to a signature.

use std::borrow::Cow;

use crate::helm::value::FunctionError;
use crate::helm::value::List;
use crate::helm::value::Map;
use crate::helm::value::Value;

/// Makes the error that Go's executor gives for an argument of another type.
/// It is only ever seen when the executor breaks its promise.
fn wrong_type(expected: &str, value: Option<&Value>) -> FunctionError {
    let actual = value.map_or_else(|| "nothing".to_owned(), Value::type_name);
    FunctionError::new(format!("wrong type for value; expected {expected}; got {actual}"))
}

/// Returns an argument of any type; `Nil` if it is not given.
pub(super) fn any(arguments: &[Value], index: usize) -> Value {
    arguments.get(index).cloned().unwrap_or_default()
}

/// Returns the arguments from that one on.
pub(super) fn rest(arguments: &[Value], from: usize) -> &[Value] {
    arguments.get(from..).unwrap_or_default()
}

/// Returns the bytes of a `string`.
pub(super) fn bytes(arguments: &[Value], index: usize) -> Result<&[u8], FunctionError> {
    match arguments.get(index) {
        Some(Value::String(text)) => Ok(text.as_bytes()),
        other => Err(wrong_type("string", other)),
    }
}

/// Returns a `string` as text; what is not UTF-8 becomes U+FFFD.
pub(super) fn text(arguments: &[Value], index: usize) -> Result<Cow<'_, str>, FunctionError> {
    Ok(String::from_utf8_lossy(bytes(arguments, index)?))
}

/// Returns an `int` or an `int64`.
pub(super) fn int(arguments: &[Value], index: usize) -> Result<i64, FunctionError> {
    match arguments.get(index) {
        Some(Value::Int(_, value)) => Ok(*value),
        other => Err(wrong_type("int", other)),
    }
}

/// Returns a `bool`.
pub(super) fn boolean(arguments: &[Value], index: usize) -> Result<bool, FunctionError> {
    match arguments.get(index) {
        Some(Value::Bool(value)) => Ok(*value),
        other => Err(wrong_type("bool", other)),
    }
}

/// Returns a `float64`.
pub(super) fn float(arguments: &[Value], index: usize) -> Result<f64, FunctionError> {
    match arguments.get(index) {
        Some(Value::Float(value)) => Ok(*value),
        other => Err(wrong_type("float64", other)),
    }
}

/// Returns a `map[string]interface{}`.
pub(super) fn map(arguments: &[Value], index: usize) -> Result<&Map, FunctionError> {
    match arguments.get(index) {
        Some(Value::Map(map)) => Ok(map),
        other => Err(wrong_type("map[string]interface {}", other)),
    }
}

/// Returns a slice of any element type, also one with a type name of its own.
pub(super) fn as_list(value: &Value) -> Option<List> {
    match value {
        Value::List(list) => Some(list.clone()),
        Value::Object(object) if object.kind() == "slice" => match object.underlying() {
            Some(Value::List(list)) => Some(list),
            _ => None,
        },
        _ => None,
    }
}

/// Returns copies of the elements of a slice. `action` completes the error text
/// for anything else: `Cannot find last on type string`.
pub(super) fn items(value: &Value, action: &str) -> Result<Vec<Value>, FunctionError> {
    let list = list(value, action)?;
    let items = list.items.borrow().clone();
    Ok(items)
}

/// Returns a slice, with the same errors as [`items`].
pub(super) fn list(value: &Value, action: &str) -> Result<List, FunctionError> {
    if matches!(value, Value::Nil) {
        return Err(nil_dereference());
    }
    as_list(value).ok_or_else(|| FunctionError::new(format!("{action} type {}", value.kind())))
}

/// Makes Go's error for a nil where a function looks at the type of its argument.
pub(super) fn nil_dereference() -> FunctionError {
    FunctionError::new("runtime error: invalid memory address or nil pointer dereference")
}
