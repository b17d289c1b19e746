//! Values to and from YAML, JSON and TOML.

use super::FunctionTable;
use super::argument;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Any;
use crate::helm::function::Parameter::String as Text;
use crate::helm::json;
use crate::helm::json::JsonError;
use crate::helm::json::Style;
use crate::helm::toml;
use crate::helm::value::Entries;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;
use crate::helm::yaml;

const FUNCTIONS: &[(&str, Function)] = &[
    ("fromJson", function(&[Text], from_json)),
    ("fromJsonArray", function(&[Text], from_json_array)),
    ("fromYaml", function(&[Text], from_yaml)),
    ("fromYamlArray", function(&[Text], from_yaml_array)),
    ("mustFromJson", function(&[Text], must_from_json)),
    ("mustToJson", function(&[Any], must_to_json)),
    ("mustToPrettyJson", function(&[Any], must_to_pretty_json)),
    ("mustToRawJson", function(&[Any], must_to_raw_json)),
    ("toJson", function(&[Any], to_json)),
    ("toPrettyJson", function(&[Any], to_pretty_json)),
    ("toRawJson", function(&[Any], must_to_raw_json)),
    ("toToml", function(&[Any], to_toml)),
    ("toYaml", function(&[Any], to_yaml)),
    ("toYamlPretty", function(&[Any], to_yaml_pretty)),
];

/// What Helm 4 added.
const HELM_4_FUNCTIONS: &[(&str, Function)] = &[
    ("mustToToml", function(&[Any], must_to_toml)),
    ("mustToYaml", function(&[Any], must_to_yaml)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

pub(super) fn register_helm_4(table: &mut FunctionTable) {
    table.extend(HELM_4_FUNCTIONS.iter().copied());
}

/// Returns the argument as JSON.
fn json_value(arguments: &[Value]) -> Result<serde_json::Value, JsonError> {
    json::from_value(&argument::any(arguments, 0))
}

/// Returns the argument as JSON text.
fn json_text(arguments: &[Value], style: Style) -> Result<String, JsonError> {
    Ok(json::write(&json_value(arguments)?, style))
}

/// Returns an empty text in the place of an error, as Helm does, unless the
/// value was only too deep for this engine.
fn or_empty(result: Result<String, JsonError>) -> Result<Value, FunctionError> {
    match result {
        Ok(text) => Ok(Value::string(text)),
        Err(JsonError::Invalid(_)) => Ok(Value::string("")),
        Err(error @ JsonError::TooDeep) => Err(to_error(error)),
    }
}

fn to_error(error: impl std::fmt::Display) -> FunctionError {
    FunctionError::new(error.to_string())
}

/// Cuts off the last line break.
fn trimmed(text: &str) -> String {
    text.strip_suffix('\n').unwrap_or(text).to_owned()
}

fn to_yaml(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    or_empty(json_value(arguments).and_then(|json| {
        let text = yaml::write(&json).map_err(|error| JsonError::Invalid(error.to_string()))?;
        Ok(trimmed(&text))
    }))
}

fn must_to_yaml(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let text = yaml::write(&json_value(arguments).map_err(to_error)?).map_err(to_error)?;
    Ok(Value::string(trimmed(&text)))
}

fn to_yaml_pretty(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    or_empty(json_value(arguments).map(|json| trimmed(&yaml::write_pretty(&json))))
}

fn to_json(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    or_empty(json_text(arguments, Style::Compact))
}

fn must_to_json(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    json_text(arguments, Style::Compact).map(Value::string).map_err(to_error)
}

fn to_pretty_json(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    or_empty(json_text(arguments, Style::Pretty))
}

fn must_to_pretty_json(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    json_text(arguments, Style::Pretty).map(Value::string).map_err(to_error)
}

fn must_to_raw_json(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    json_text(arguments, Style::Raw).map(Value::string).map_err(to_error)
}

/// Returns a map; of a text that is none, one with the reason under `Error`.
fn map_or_error(result: Result<serde_json::Value, String>) -> Value {
    let result = result.and_then(|json| match json {
        serde_json::Value::Object(_) => Ok(json::to_value(&json)),
        serde_json::Value::Null => Ok(Value::map(Entries::new())),
        other => Err(wrong_kind(&other, "map[string]interface {}")),
    });
    result.unwrap_or_else(error_map)
}

/// Returns what Helm returns in the place of a map that cannot be read: one with the reason.
pub(super) fn error_map(reason: String) -> Value {
    Value::map(Entries::from([("Error".to_owned(), Value::string(reason))]))
}

/// Returns a list; of a text that is none, one with the reason as its only item.
fn list_or_error(result: Result<serde_json::Value, String>) -> Value {
    let result = result.and_then(|json| match json {
        serde_json::Value::Array(_) => Ok(json::to_value(&json)),
        serde_json::Value::Null => Ok(Value::list(Vec::new())),
        other => Err(wrong_kind(&other, "[]interface {}")),
    });
    result.unwrap_or_else(|error| Value::list(vec![Value::string(error)]))
}

/// Returns Go's words for JSON of another kind than is wanted.
fn wrong_kind(json: &serde_json::Value, wanted: &str) -> String {
    let kind = match json {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "bool",
        serde_json::Value::Number(_) => "number",
        serde_json::Value::String(_) => "string",
        serde_json::Value::Array(_) => "array",
        serde_json::Value::Object(_) => "object",
    };
    format!("json: cannot unmarshal {kind} into Go value of type {wanted}")
}

fn parse_json(arguments: &[Value]) -> Result<Result<serde_json::Value, String>, FunctionError> {
    Ok(json::parse(argument::bytes(arguments, 0)?).map_err(|error| error.to_string()))
}

fn parse_yaml(arguments: &[Value]) -> Result<Result<serde_json::Value, String>, FunctionError> {
    Ok(yaml::parse(argument::bytes(arguments, 0)?)
        .map_err(|error| format!("error converting YAML to JSON: {error}")))
}

/// Adds what `sigs.k8s.io/yaml` says before an error of its second half.
fn while_decoding(json: serde_json::Value, wanted: &str) -> Result<serde_json::Value, String> {
    let fits = match wanted {
        "[]interface {}" => json.is_array(),
        _ => json.is_object(),
    };
    if fits || json.is_null() {
        return Ok(json);
    }
    let reason = wrong_kind(&json, wanted);
    Err(format!("error unmarshaling JSON: while decoding JSON: {reason}"))
}

fn from_json(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(map_or_error(parse_json(arguments)?))
}

fn from_json_array(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(list_or_error(parse_json(arguments)?))
}

fn must_from_json(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    parse_json(arguments)?.map(|json| json::to_value(&json)).map_err(FunctionError::new)
}

fn from_yaml(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let parsed = parse_yaml(arguments)?;
    Ok(map_or_error(parsed.and_then(|json| while_decoding(json, "map[string]interface {}"))))
}

fn from_yaml_array(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let parsed = parse_yaml(arguments)?;
    Ok(list_or_error(parsed.and_then(|json| while_decoding(json, "[]interface {}"))))
}

fn to_toml(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    // As in Helm, the text of an error is the result.
    let text = toml::write(&argument::any(arguments, 0)).unwrap_or_else(|error| error.to_string());
    Ok(Value::string(text))
}

fn must_to_toml(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    toml::write(&argument::any(arguments, 0)).map(Value::string).map_err(to_error)
}
