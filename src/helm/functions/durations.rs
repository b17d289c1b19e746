//! Spans of time: `time.Duration`, which Helm 4 has functions for.

mod duration;

use std::rc::Rc;

pub(super) use self::duration::Duration;
use super::FunctionTable;
use super::argument;
use super::convert::truncate;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Any;
use crate::helm::strconv;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("durationDays", function(&[Any], days)),
    ("durationHours", function(&[Any], hours)),
    ("durationMicroseconds", function(&[Any], microseconds)),
    ("durationMilliseconds", function(&[Any], milliseconds)),
    ("durationMinutes", function(&[Any], minutes)),
    ("durationNanoseconds", function(&[Any], nanoseconds)),
    ("durationRoundTo", function(&[Any, Any], round_to)),
    ("durationSeconds", function(&[Any], seconds)),
    ("durationTruncateTo", function(&[Any, Any], truncate_to)),
    ("durationWeeks", function(&[Any], weeks)),
    ("mustToDuration", function(&[Any], must_to_duration)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// Returns a duration of a duration, a text such as `1h30m`, or a number of
/// seconds.
fn duration_of(value: &Value) -> Result<Duration, FunctionError> {
    match value {
        Value::Nil => Err(FunctionError::new("invalid duration")),
        Value::Object(object) => match object.as_any().downcast_ref::<Duration>() {
            Some(duration) => Ok(*duration),
            None => Err(unsupported(value)),
        },
        Value::String(text) => {
            let text = text.to_text();
            let trimmed = text.trim();
            if trimmed.is_empty() {
                return Err(FunctionError::new("empty duration"));
            }
            if let Ok(duration) = Duration::parse(trimmed) {
                return Ok(duration);
            }
            let seconds = strconv::parse_float(trimmed).map_err(|_| {
                let quoted = strconv::quote(text.as_bytes());
                FunctionError::new(format!("could not parse duration {quoted}"))
            })?;
            from_seconds(seconds)
        }
        Value::Int(_, seconds) => seconds
            .checked_mul(Duration::SECOND)
            .map(Duration)
            .ok_or_else(|| FunctionError::new(format!("duration seconds overflow: {seconds}"))),
        Value::Float(seconds) => from_seconds(*seconds),
        Value::Bool(_) | Value::List(_) | Value::Map(_) => Err(unsupported(value)),
    }
}

fn unsupported(value: &Value) -> FunctionError {
    FunctionError::new(format!("unsupported duration type {}", value.type_name()))
}

fn from_seconds(seconds: f64) -> Result<Duration, FunctionError> {
    const LIMIT: f64 = 9_223_372_036.854_776;
    let shown = strconv::format_float(seconds);
    if !seconds.is_finite() {
        return Err(FunctionError::new(format!("invalid duration seconds: {shown}")));
    }
    if seconds.abs() > LIMIT {
        return Err(FunctionError::new(format!("duration seconds overflow: {shown}")));
    }
    Ok(Duration(truncate(seconds * 1e9)))
}

/// Returns the argument as a duration; what is none is nothing.
fn duration_or_zero(arguments: &[Value]) -> Duration {
    duration_of(&argument::any(arguments, 0)).unwrap_or_default()
}

fn must_to_duration(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Object(Rc::new(duration_of(&argument::any(arguments, 0))?)))
}

fn seconds(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Float(duration_or_zero(arguments).in_units(Duration::SECOND)))
}

fn minutes(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Float(duration_or_zero(arguments).in_units(Duration::MINUTE)))
}

fn hours(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Float(duration_or_zero(arguments).in_units(Duration::HOUR)))
}

fn days(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Float(duration_or_zero(arguments).in_units(Duration::HOUR) / 24.0))
}

fn weeks(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Float(duration_or_zero(arguments).in_units(Duration::HOUR) / 24.0 / 7.0))
}

fn milliseconds(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::int64(duration_or_zero(arguments).0 / 1_000_000))
}

fn microseconds(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::int64(duration_or_zero(arguments).0 / 1_000))
}

fn nanoseconds(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::int64(duration_or_zero(arguments).0))
}

fn round_to(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(to_multiple(arguments, Duration::round))
}

fn truncate_to(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(to_multiple(arguments, Duration::truncate))
}

/// Brings the first argument to a multiple of the second, if that is a duration.
fn to_multiple(arguments: &[Value], operation: fn(Duration, Duration) -> Duration) -> Value {
    let duration = duration_or_zero(arguments);
    Value::Object(Rc::new(match duration_of(&argument::any(arguments, 1)) {
        Ok(multiple) => operation(duration, multiple),
        Err(_) => duration,
    }))
}
