//! JSON to template values and back.

use serde_json::Number;
use serde_json::Value as Json;

use crate::helm::json;
use crate::helm::json::JsonError;
use crate::helm::value::Value;

/// Returns the template value of a JSON value. Every number becomes a `float64`,
/// as everything does that Helm reads from YAML.
pub fn from_json(value: &Json) -> Value {
    json::to_value(value)
}

/// Returns the JSON of a template value, with whole numbers as integers.
///
/// Fails on a value that contains itself.
pub fn to_json(value: &Value) -> Result<Json, JsonError> {
    json::from_value(value).map(with_integers)
}

/// The largest magnitude up to which every whole `f64` is an exact integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn with_integers(value: Json) -> Json {
    match value {
        Json::Number(number) => Json::Number(as_integer(&number).unwrap_or(number)),
        Json::Array(items) => items.into_iter().map(with_integers).collect(),
        Json::Object(entries) => Json::Object(
            entries.into_iter().map(|(key, value)| (key, with_integers(value))).collect(),
        ),
        other => other,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "whole and in the range of i64")]
fn as_integer(number: &Number) -> Option<Number> {
    let float = number.as_f64()?;
    (number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT)
        .then(|| Number::from(float as i64))
}
