//! Objects as the API server answers them.

use serde_json::Map;
use serde_json::Value;

use crate::kubernetes::error::KubernetesError;

/// Is an object as the API server answered it: never sent back, never shown as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveObject(Map<String, Value>);

impl LiveObject {
    /// Wraps an answer, which must be a JSON object.
    pub fn new(value: Value) -> Result<Self, KubernetesError> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            other => Err(KubernetesError::InvalidObject(format!(
                "The API server answered {} where an object belongs.",
                type_name(&other)
            ))),
        }
    }

    /// Returns the whole object.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Returns the whole object by value.
    pub fn into_fields(self) -> Map<String, Value> {
        self.0
    }

    /// Returns the value at a path of field names, such as `["spec", "replicas"]`.
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        get(&self.0, path)
    }

    /// Returns the text at a path of field names.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.get(path).and_then(Value::as_str)
    }

    /// Returns `metadata.name`, empty if there is none.
    pub fn name(&self) -> &str {
        self.text(&["metadata", "name"]).unwrap_or_default()
    }

    /// Returns `metadata.namespace`.
    pub fn namespace(&self) -> Option<&str> {
        self.text(&["metadata", "namespace"])
    }

    /// Returns `metadata.uid`, empty if there is none.
    pub fn uid(&self) -> &str {
        self.text(&["metadata", "uid"]).unwrap_or_default()
    }

    /// Returns `metadata.resourceVersion`, empty if there is none.
    pub fn resource_version(&self) -> &str {
        self.text(&["metadata", "resourceVersion"]).unwrap_or_default()
    }

    /// Returns `metadata.deletionTimestamp`: set while the object waits for its finalizers.
    pub fn deletion_timestamp(&self) -> Option<&str> {
        self.text(&["metadata", "deletionTimestamp"])
    }

    /// Returns one label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.text(&["metadata", "labels", name])
    }

    /// Returns one annotation.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.text(&["metadata", "annotations", name])
    }
}

/// Returns the value at a path of field names.
pub(crate) fn get<'a>(map: &'a Map<String, Value>, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(map.get(*first)?, |value, name| value.get(*name))
}

/// Returns the name of a JSON value's type, with its article, for error texts.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
