//! Conversions between types: what sprig calls `strval`, and `spf13/cast`.

use super::FunctionTable;
use super::argument;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Any;
use crate::helm::function::Parameter::String;
use crate::helm::printf;
use crate::helm::strconv;
use crate::helm::strconv::NumberError;
use crate::helm::value::FunctionError;
use crate::helm::value::IntKind;
use crate::helm::value::ListKind;
use crate::helm::value::Str;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("atoi", function(&[String], atoi)),
    ("float64", function(&[Any], float64)),
    ("int", function(&[Any], int)),
    ("int64", function(&[Any], int64)),
    ("toDecimal", function(&[Any], to_decimal)),
    ("toString", function(&[Any], to_string)),
    ("toStrings", function(&[Any], to_strings)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// Returns the value as `%v` prints it; strings and bytes as they are.
pub(super) fn string_of(value: &Value) -> Result<Str, FunctionError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::List(list) if list.kind == ListKind::Bytes => Ok(Str::from(
            list.items
                .borrow()
                .iter()
                .filter_map(|item| match item {
                    Value::Int(IntKind::Uint8, byte) => u8::try_from(*byte).ok(),
                    _ => None,
                })
                .collect::<Vec<u8>>(),
        )),
        _ => printf::sprint(std::slice::from_ref(value)).map(Str::from),
    }
}

/// Returns the elements as strings, without the nils; anything that is no
/// slice is one string, and nil none.
pub(super) fn strings_of(value: &Value) -> Result<Vec<Str>, FunctionError> {
    match argument::as_list(value) {
        Some(list) => list
            .items
            .borrow()
            .iter()
            .filter(|item| !matches!(item, Value::Nil))
            .map(string_of)
            .collect(),
        None if matches!(value, Value::Nil) => Ok(Vec::new()),
        None => Ok(vec![string_of(value)?]),
    }
}

/// Returns strings as a `[]string`.
pub(super) fn string_list(strings: impl IntoIterator<Item = Str>) -> Value {
    Value::typed_list(ListKind::Strings, strings.into_iter().map(Value::String).collect())
}

/// Returns the value as an `int64` by the rules of `cast.ToInt64`: what is no
/// number is 0.
pub(super) fn int_of(value: &Value) -> i64 {
    match value {
        Value::Bool(value) => i64::from(*value),
        Value::Int(_, value) => *value,
        Value::Float(value) => truncate(*value),
        Value::String(text) => {
            strconv::parse_int(trim_zero_decimal(&text.to_text()), 0).unwrap_or_default()
        }
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Object(_) => 0,
    }
}

/// Returns the integer part as Go's conversion does on the usual processors:
/// what does not fit is the lowest integer.
pub(super) fn truncate(value: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    #[allow(clippy::cast_possible_truncation)]
    if (-LIMIT..LIMIT).contains(&value) { value as i64 } else { i64::MIN }
}

/// Cuts off `.0`, `.00` and so on.
fn trim_zero_decimal(text: &str) -> &str {
    match text.rsplit_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            whole
        }
        _ => text,
    }
}

/// Returns the value as a `float64` by the rules of `cast.ToFloat64`: what is
/// no number is 0.
pub(super) fn float_of(value: &Value) -> f64 {
    match value {
        Value::Bool(value) => f64::from(u8::from(*value)),
        #[allow(clippy::cast_precision_loss)]
        Value::Int(_, value) => *value as f64,
        Value::Float(value) => *value,
        Value::String(text) => strconv::parse_float(&text.to_text()).unwrap_or_default(),
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Object(_) => 0.0,
    }
}

fn atoi(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let text = argument::text(arguments, 0)?;
    // Go's Atoi returns the nearest integer beside its error.
    let value = strconv::parse_int(&text, 10).unwrap_or_else(|error| match error {
        NumberError::Syntax => 0,
        NumberError::Range if text.starts_with('-') => i64::MIN,
        NumberError::Range => i64::MAX,
    });
    Ok(Value::int(value))
}

fn int(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::int(int_of(&argument::any(arguments, 0))))
}

fn int64(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::int64(int_of(&argument::any(arguments, 0))))
}

fn float64(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Float(float_of(&argument::any(arguments, 0))))
}

fn to_decimal(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let text = string_of(&argument::any(arguments, 0))?;
    Ok(Value::int64(strconv::parse_int(&text.to_text(), 8).unwrap_or_default()))
}

fn to_string(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    string_of(&argument::any(arguments, 0)).map(Value::String)
}

fn to_strings(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let value = argument::any(arguments, 0);
    // A []string is returned itself, so that sorting it in place shows.
    match &value {
        Value::List(list) if list.kind == ListKind::Strings => Ok(value),
        _ => strings_of(&value).map(string_list),
    }
}
