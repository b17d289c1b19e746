//! Values: what a chart is configured with.
//!
//! The layers above give and get JSON. Inside a render values are
//! [`Value`]s, because Helm's own merging shares maps between
//! a chart and its dependencies, and templates can see that.

pub mod coalesce;
mod convert;

use serde_json::Map as JsonMap;
use serde_json::Value as Json;

use crate::helm::compatibility::Compatibility;
use crate::helm::value::Map;
use crate::helm::value::Value;
use crate::helm::yaml;

pub use crate::helm::values::convert::from_json;
pub use crate::helm::values::convert::to_json;

/// Says why a text holds no values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValuesError {
    /// The text is not YAML.
    #[error("{0}")]
    Yaml(String),
    /// The document is a list or a scalar.
    #[error("the document holds {0} where a map of values is expected.")]
    NotAMap(&'static str),
}

/// Reads one YAML document as JSON, whatever it holds; later documents are ignored.
pub fn parse_document(text: &[u8]) -> Result<Json, ValuesError> {
    yaml::parse(text).map_err(|error| ValuesError::Yaml(error.to_string()))
}

/// Reads values the way Helm 4 does: all documents of the text, merged in order.
pub fn parse_all(text: &[u8]) -> Result<Json, ValuesError> {
    let mut text = text.to_vec();
    if text.last().is_some_and(|last| *last != b'\n') {
        text.push(b'\n');
    }
    let mut merged = Json::Object(JsonMap::new());
    for document in split_documents(&text)? {
        merge(&mut merged, as_map(parse_document(&document)?)?);
    }
    Ok(merged)
}

/// Reads values the way that Helm does: Helm 3 takes only the first document.
pub fn parse(text: &[u8], compatibility: Compatibility) -> Result<Json, ValuesError> {
    match compatibility {
        Compatibility::Helm4 => parse_all(text),
        Compatibility::Helm3 => as_map(parse_document(text)?),
    }
}

/// Merges values over others: maps key by key, everything else by replacement.
///
/// A null stays, as it removes a default of the chart later.
pub fn merge(base: &mut Json, over: Json) {
    match (base, over) {
        (Json::Object(base), Json::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(&key) {
                    Some(known @ Json::Object(_)) if value.is_object() => merge(known, value),
                    _ => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (base, over) => *base = over,
    }
}

/// Returns the table at the dotted path.
pub(in crate::helm) fn table(values: &Map, path: &str) -> Option<Map> {
    path.split('.').try_fold(values.clone(), |table, key| table_at(&table, key))
}

/// Returns the value at the dotted path, if it is there and no table.
pub(in crate::helm) fn path_value(values: &Map, path: &str) -> Option<Value> {
    let (holder, key) = match path.rsplit_once('.') {
        Some((parent, key)) => (table(values, parent)?, key),
        None => (values.clone(), path),
    };
    let found = holder.0.borrow().get(key).cloned();
    found.filter(|value| !matches!(value, Value::Map(_)))
}

fn table_at(table: &Map, key: &str) -> Option<Map> {
    match table.0.borrow().get(key) {
        Some(Value::Map(inner)) => Some(inner.clone()),
        _ => None,
    }
}

/// Takes null for an empty map, as Go does, and refuses what is no map.
fn as_map(document: Json) -> Result<Json, ValuesError> {
    match document {
        Json::Null => Ok(Json::Object(JsonMap::new())),
        Json::Object(_) => Ok(document),
        Json::Bool(_) => Err(ValuesError::NotAMap("a boolean")),
        Json::Number(_) => Err(ValuesError::NotAMap("a number")),
        Json::String(_) => Err(ValuesError::NotAMap("a string")),
        Json::Array(_) => Err(ValuesError::NotAMap("a list")),
    }
}

/// Splits a stream at the lines that begin with `---`, as Kubernetes' reader does:
/// only a comment may follow on such a line.
fn split_documents(text: &[u8]) -> Result<Vec<Vec<u8>>, ValuesError> {
    let mut documents = Vec::new();
    let mut current: Vec<u8> = Vec::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if let Some(rest) = line.strip_prefix(b"---") {
            let rest = rest.trim_ascii();
            if !rest.is_empty() && !rest.starts_with(b"#") {
                return Err(ValuesError::Yaml(format!(
                    "invalid Yaml document separator: {}",
                    String::from_utf8_lossy(rest)
                )));
            }
            if !current.is_empty() {
                documents.push(std::mem::take(&mut current));
                continue;
            }
        }
        current.extend_from_slice(line);
    }
    if !current.is_empty() {
        documents.push(current);
    }
    Ok(documents)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
