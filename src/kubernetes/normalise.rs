//! The normal form that is sent: what a manifest means, written so that the server keeps it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;

use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::managed_fields::remove;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::resource::Location;

/// Is the label by which Helm marks what it manages.
pub const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "Helm");

/// Is the annotation that names the release.
pub const RELEASE_NAME: &str = "meta.helm.sh/release-name";

/// Is the annotation that names the release's namespace.
pub const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";

/// Says to which release an object belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    /// The release's name.
    pub release_name: String,
    /// The release's namespace.
    pub release_namespace: String,
    /// Whether an object that exists and is not the release's is adopted instead of refused.
    pub take_ownership: bool,
}

/// Is an object as it is sent to be applied: made from a manifest only, never shown, never stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplyObject {
    fields: Map<String, Value>,
}

impl ApplyObject {
    /// Returns the body of the request.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        Value::Object(self.fields.clone()).to_string().into_bytes()
    }

    /// Returns the object.
    pub(crate) fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// Returns the object for one that exists with this `uid`: if it vanished meanwhile, the
    /// server answers 409 instead of making it anew behind our back.
    #[must_use]
    pub(crate) fn with_uid(mut self, uid: &str) -> Self {
        if let Some(Value::Object(metadata)) = self.fields.get_mut("metadata") {
            metadata.insert("uid".to_owned(), Value::String(uid.to_owned()));
        }
        self
    }

    /// Returns the object without the fields at these paths.
    #[must_use]
    pub(crate) fn without(mut self, paths: &[Vec<PathElement>]) -> Self {
        for path in paths {
            remove(&mut self.fields, path);
        }
        self
    }
}

/// Returns the normal form of a manifest's object.
///
/// `ownership` is given for the objects of a release, which then bear Helm's label and annotations,
/// and not for hooks and the contents of `crds/`, which Helm leaves unmarked.
pub fn to_apply(
    object: &ManifestObject,
    location: &Location,
    ownership: Option<&Ownership>,
) -> ApplyObject {
    let mut fields = object.fields().clone();
    fields.remove("status");
    let mut metadata = match fields.remove("metadata") {
        Some(Value::Object(metadata)) => metadata,
        _ => Map::new(),
    };
    // The server's own, refused or misread when sent: a resourceVersion on an absent object is
    // ignored, a selfLink would differ for ever.
    for name in [
        "managedFields",
        "selfLink",
        "resourceVersion",
        "uid",
        "generation",
        "creationTimestamp",
        "generateName",
    ] {
        metadata.remove(name);
    }
    match &location.reference.namespace {
        Some(namespace) => {
            metadata.insert("namespace".to_owned(), Value::String(namespace.clone()));
        }
        None => {
            metadata.remove("namespace");
        }
    }
    if let Some(ownership) = ownership {
        let (label, value) = MANAGED_BY;
        set(&mut metadata, "labels", label, value);
        set(&mut metadata, "annotations", RELEASE_NAME, &ownership.release_name);
        set(&mut metadata, "annotations", RELEASE_NAMESPACE, &ownership.release_namespace);
    }
    fields.insert("metadata".to_owned(), Value::Object(metadata));
    if object.kind().is("", "Secret") {
        fold_string_data(&mut fields);
    }
    if has_builtin_ports(object.kind()) {
        for value in fields.values_mut() {
            drop_empty_protocols(value);
        }
    }
    ApplyObject { fields }
}

fn set(metadata: &mut Map<String, Value>, map: &str, name: &str, value: &str) {
    // A chart may write `labels:` with nothing behind it. Something that is no map stays, so that
    // the server's error names it.
    let entry = metadata.entry(map).or_insert_with(|| Value::Object(Map::new()));
    if entry.is_null() {
        *entry = Value::Object(Map::new());
    }
    if let Value::Object(entries) = entry {
        entries.insert(name.to_owned(), Value::String(value.to_owned()));
    }
}

/// Moves `stringData` into `data`, as the server does; `stringData` wins.
///
/// Sent as it is, a key that the chart drops later stays in the Secret for ever: the server
/// remembers that we own `stringData`, and that is empty.
fn fold_string_data(fields: &mut Map<String, Value>) {
    let Some(Value::Object(mut texts)) = fields.remove("stringData") else { return };
    let data = fields.entry("data").or_insert_with(|| Value::Object(Map::new()));
    if data.is_null() {
        *data = Value::Object(Map::new());
    }
    if let Value::Object(data) = data {
        texts.retain(|key, value| match value {
            Value::String(text) => {
                data.insert(key.clone(), Value::String(STANDARD.encode(text.as_bytes())));
                false
            }
            Value::Null => false,
            // Not a text: left in place, so that the server's error names it.
            _ => true,
        });
    }
    if !texts.is_empty() {
        fields.insert("stringData".to_owned(), Value::Object(texts));
    }
}

/// Says whether a kind is one of those whose `ports` have a `protocol` with a default.
fn has_builtin_ports(kind: &GroupVersionKind) -> bool {
    matches!(kind.group.as_str(), "" | "apps" | "batch" | "networking.k8s.io" | "discovery.k8s.io")
}

/// Drops `protocol: ""` in ports. It means TCP, but as a part of the list's key it does not equal
/// the stored one: every apply would add the port a second time.
fn drop_empty_protocols(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, below) in fields.iter_mut() {
                if let ("ports", Value::Array(ports)) = (name.as_str(), &mut *below) {
                    for port in ports.iter_mut().filter_map(Value::as_object_mut) {
                        if port.get("protocol").and_then(Value::as_str) == Some("") {
                            port.remove("protocol");
                        }
                    }
                }
                drop_empty_protocols(below);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(drop_empty_protocols),
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
