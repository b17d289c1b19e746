//! JSON as Go's `encoding/json` reads and writes it, and the way between
//! template values and JSON.

mod parse;

use std::fmt::Write as _;

use serde_json::Number;
use serde_json::Value as Json;

use crate::helm::strconv;
use crate::helm::unicode;
use crate::helm::value::Entries;
use crate::helm::value::IntKind;
use crate::helm::value::List;
use crate::helm::value::ListKind;
use crate::helm::value::Value;

pub use self::parse::parse;

/// Says why a value is not JSON, or a text is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// What Go's `encoding/json` says.
    #[error("{0}")]
    Invalid(String),
    /// The value is nested too deeply, most likely in itself.
    #[error("the value is nested more than {MAX_DEPTH} levels deep; does it contain itself?")]
    TooDeep,
}

/// How deep a value may be nested, to be read and to be written.
///
/// Go allows 10 000 levels and more. No real value has a tenth of these, and
/// whoever goes through the result by recursion needs no large stack.
pub const MAX_DEPTH: usize = 200;

/// Names the layouts of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `json.Marshal`: no white space, `<`, `>` and `&` escaped.
    Compact,
    /// `json.MarshalIndent` with two spaces.
    Pretty,
    /// An encoder with `SetEscapeHTML(false)`.
    Raw,
}

/// Returns the value as JSON, as `json.Marshal` sees it: bytes as base64,
/// what is not UTF-8 as U+FFFD.
///
/// # Errors
/// JSON has no infinities and no NaN, and no maps that contain themselves.
pub fn from_value(value: &Value) -> Result<Json, JsonError> {
    to_json(value, 0)
}

fn to_json(value: &Value, depth: usize) -> Result<Json, JsonError> {
    if depth > MAX_DEPTH {
        return Err(JsonError::TooDeep);
    }
    let map = |entries: &Entries| -> Result<Json, JsonError> {
        let entries = entries
            .iter()
            .map(|(key, value)| Ok((key.clone(), to_json(value, depth + 1)?)))
            .collect::<Result<_, JsonError>>()?;
        Ok(Json::Object(entries))
    };
    match value {
        Value::Nil => Ok(Json::Null),
        Value::Bool(value) => Ok(Json::Bool(*value)),
        Value::Int(_, value) => Ok(Json::from(*value)),
        Value::Float(value) => Number::from_f64(*value).map(Json::Number).ok_or_else(|| {
            let value = strconv::format_float(*value);
            JsonError::Invalid(format!("json: unsupported value: {value}"))
        }),
        Value::String(text) => Ok(Json::String(unicode::replace_invalid(text.as_bytes()))),
        Value::List(list) if list.kind == ListKind::Bytes => Ok(Json::String(base64(list))),
        Value::List(list) => list
            .items
            .borrow()
            .iter()
            .map(|item| to_json(item, depth + 1))
            .collect::<Result<_, _>>()
            .map(Json::Array),
        Value::Map(entries) => map(&entries.0.borrow()),
        Value::Object(object) => to_json(&object.json(), depth + 1),
    }
}

/// Returns a byte slice as base64.
fn base64(list: &List) -> String {
    use base64::Engine as _;
    let bytes: Vec<u8> = list
        .items
        .borrow()
        .iter()
        .filter_map(|item| match item {
            Value::Int(IntKind::Uint8, byte) => u8::try_from(*byte).ok(),
            _ => None,
        })
        .collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Returns JSON as a template value; every number becomes a `float64`, as in
/// everything that Helm reads.
pub fn to_value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Float(number.as_f64().unwrap_or_default()),
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(to_value).collect()),
        Json::Object(entries) => {
            Value::map(entries.iter().map(|(key, value)| (key.clone(), to_value(value))).collect())
        }
    }
}

/// Returns JSON as text, with the keys of maps in byte order.
pub fn write(json: &Json, style: Style) -> String {
    let mut writer = Writer { text: String::new(), style, level: 0 };
    writer.value(json);
    writer.text
}

struct Writer {
    text: String,
    style: Style,
    level: usize,
}

impl Writer {
    fn value(&mut self, json: &Json) {
        match json {
            Json::Null => self.text.push_str("null"),
            Json::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Json::Number(number) => self.text.push_str(&number_text(number)),
            Json::String(text) => self.string(text),
            Json::Array(items) if items.is_empty() => self.text.push_str("[]"),
            Json::Object(entries) if entries.is_empty() => self.text.push_str("{}"),
            Json::Array(items) => {
                self.open('[');
                for (position, item) in items.iter().enumerate() {
                    self.separate(position);
                    self.value(item);
                }
                self.close(']');
            }
            Json::Object(entries) => {
                self.open('{');
                // serde_json keeps the order of insertion if any crate of the
                // build asks for it.
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_unstable_by_key(|(key, _)| *key);
                for (position, (key, value)) in entries.into_iter().enumerate() {
                    self.separate(position);
                    self.string(key);
                    self.text.push_str(if self.style == Style::Pretty { ": " } else { ":" });
                    self.value(value);
                }
                self.close('}');
            }
        }
    }

    fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.level += 1;
    }

    fn close(&mut self, bracket: char) {
        self.level = self.level.saturating_sub(1);
        self.new_line();
        self.text.push(bracket);
    }

    fn separate(&mut self, position: usize) {
        if position > 0 {
            self.text.push(',');
        }
        self.new_line();
    }

    fn new_line(&mut self) {
        if self.style == Style::Pretty {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("  ", self.level));
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                '<' | '>' | '&' if self.style == Style::Raw => self.text.push(character),
                '\0'..' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    // Writing to a string cannot fail.
                    _ = write!(self.text, "\\u{:04x}", u32::from(character));
                }
                _ => self.text.push(character),
            }
        }
        self.text.push('"');
    }
}

/// Returns how Go writes the number.
fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() => strconv::format_float_json(value),
        _ => number.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
