//! What an object is called, and objects as the API server answers them.

use std::fmt;
use std::str::FromStr;

use serde_json::Map;
use serde_json::Value;

use crate::kubernetes::error::KubernetesError;

/// Is the type of an object: API group (empty for the core group), version and kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupVersionKind {
    /// Such as `apps`; empty for the core group.
    pub group: String,
    /// Such as `v1`.
    pub version: String,
    /// Such as `Deployment`.
    pub kind: String,
}

impl GroupVersionKind {
    /// Returns the type that `apiVersion` and `kind` of a manifest name.
    pub fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self { group: group.to_owned(), version: version.to_owned(), kind: kind.to_owned() }
    }

    /// Returns the type as it stands in a manifest's `apiVersion`: `apps/v1`, `v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Says whether this is `kind` of API group `group`, in whatever version.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }
}

/// Is the full name of one object in a cluster.
///
/// Its text is the key that users see, `apps/v1/Deployment/web/site-s3www`, and for an object
/// without a namespace `v1/Namespace/web`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectReference {
    /// The object's type.
    pub kind: GroupVersionKind,
    /// The namespace, or nothing for a cluster-wide object.
    pub namespace: Option<String>,
    /// The object's name.
    pub name: String,
}

impl ObjectReference {
    /// Returns the key text, such as `apps/v1/Deployment/web/site-s3www`.
    pub fn key(&self) -> String {
        let api_version = self.kind.api_version();
        match &self.namespace {
            Some(namespace) => {
                format!("{api_version}/{}/{namespace}/{}", self.kind.kind, self.name)
            }
            None => format!("{api_version}/{}/{}", self.kind.kind, self.name),
        }
    }

    /// Returns `namespace/name`, or just the name of a cluster-wide object.
    pub fn path(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

impl fmt::Display for ObjectReference {
    /// Writes the object as sentences name it: Deployment `web/site-s3www`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} `{}`", self.kind.kind, self.path())
    }
}

/// Is a key text that names no object.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not the key of a Kubernetes object such as `apps/v1/Deployment/web/site`.")]
pub struct InvalidKey(String);

impl FromStr for ObjectReference {
    type Err = InvalidKey;

    /// Reads a key text as [`ObjectReference::key`] writes it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('/').collect();
        let invalid = || InvalidKey(text.to_owned());
        if parts.iter().any(|part| part.is_empty()) {
            return Err(invalid());
        }
        // A version (`v1`, `v2beta1`) as the first part means the core group: no API group
        // is called like that, they are words or domain names.
        let core = parts.first().is_some_and(|first| is_version(first));
        let (api_version, rest) = match (core, parts.as_slice()) {
            (true, [version, rest @ ..]) => ((*version).to_owned(), rest),
            (false, [group, version, rest @ ..]) => (format!("{group}/{version}"), rest),
            _ => return Err(invalid()),
        };
        let (kind, namespace, name) = match rest {
            [kind, name] => (kind, None, name),
            [kind, namespace, name] => (kind, Some((*namespace).to_owned()), name),
            _ => return Err(invalid()),
        };
        Ok(Self {
            kind: GroupVersionKind::new(&api_version, kind),
            namespace,
            name: (*name).to_owned(),
        })
    }
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
