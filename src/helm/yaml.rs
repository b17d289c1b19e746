//! YAML as Helm reads and writes it: go-yaml v2 behind `sigs.k8s.io/yaml`.
//!
//! It is YAML 1.1 with exceptions, and charts depend on them: `yes` is a
//! boolean, `0644` an octal number, the last of two equal keys wins, long lines
//! are folded at 80 columns on the way out. No published crate reproduces them.

mod compose;
mod decode;
mod emitter;
mod error;
mod order;
mod reader;
mod resolve;
mod scanner;
mod token;

use serde_json::Value as Json;

pub use self::error::YamlError;
use self::order::Dialect;

/// Returns the first document of the text as JSON, with exact integers; null
/// if the text has none.
///
/// # Errors
/// Returns what go-yaml v2 would say is wrong, such as
/// `yaml: line 3: did not find expected key`.
pub fn parse(text: &[u8]) -> Result<Json, YamlError> {
    let document = compose::compose(reader::decode(text)?)?;
    decode::decode(&document)
}

/// Returns the value as YAML, ending in a line break: what
/// `sigs.k8s.io/yaml.Marshal` returns.
///
/// # Errors
/// Some strings survive JSON but not YAML (those with a DEL character), and
/// keys may not be longer than 1024 characters.
pub fn write(value: &Json) -> Result<String, YamlError> {
    // The detour through JSON text is Helm's own, and visible: it is what turns
    // 1e20 into another spelling and refuses control characters.
    let json = crate::helm::json::write(value, crate::helm::json::Style::Compact);
    Ok(emitter::emit(&parse(json.as_bytes())?, Dialect::V2))
}

/// Returns the value as go-yaml v3 writes it with an indentation of two: what
/// `toYamlPretty` returns, but ending in a line break.
pub fn write_pretty(value: &Json) -> String {
    emitter::emit(value, Dialect::V3)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
