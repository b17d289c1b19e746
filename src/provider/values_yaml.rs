//! The `values_yaml` attribute: YAML texts, merged first to last.

use serde_json::Map;
use serde_json::Value as Json;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use crate::helm::compatibility::Compatibility;
use crate::helm::values;
use crate::plugin::diagnostics::Report;

/// Is the attribute as configurations write it.
pub type ValuesYaml = Value<Vec<Value<String>>>;

/// Checks every text that is known.
pub fn validate(found: &mut Diagnostics, texts: &ValuesYaml) {
    let Value::Value(texts) = texts else { return };
    for (index, text) in texts.iter().enumerate() {
        if let Value::Value(text) = text {
            read(found, index, text);
        }
    }
}

/// Merges the texts; `None` while one is unknown, and when one is no YAML, which is
/// then in the diagnostics.
pub fn merge(found: &mut Diagnostics, texts: &ValuesYaml) -> Option<Json> {
    let mut merged = Json::Object(Map::new());
    let texts = match texts {
        Value::Unknown => return None,
        Value::Null => return Some(merged),
        Value::Value(texts) => texts,
    };
    for (index, text) in texts.iter().enumerate() {
        match text {
            Value::Unknown => return None,
            Value::Null => {}
            Value::Value(text) => values::merge(&mut merged, read(found, index, text)?),
        }
    }
    Some(merged)
}

fn read(found: &mut Diagnostics, index: usize, text: &str) -> Option<Json> {
    values::parse(text.as_bytes(), Compatibility::Helm4)
        .map_err(|error| {
            let index = i64::try_from(index).unwrap_or(0);
            let at = AttributePath::new("values_yaml").index(index);
            found.report_error(at, "Values are not valid YAML.", error.to_string());
        })
        .ok()
}
