//! What users see of an object: a map from field path to text.
//!
//! Plan and refresh make it the same way, so that every difference is a real one. Lists are walked
//! by what names their items (`spec.template.spec.containers[s3www].image`), never by index where a
//! name can be found: an item that somebody puts in front must not shift all others.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Map;
use serde_json::Value;

use crate::kubernetes::flatten::mask::is_secret_value;
use crate::kubernetes::flatten::scalar::scalar_text;
use crate::kubernetes::normalise::ApplyObject;
use crate::kubernetes::reference::ObjectReference;

pub use crate::kubernetes::flatten::mask::Hidden;
pub use crate::kubernetes::flatten::mask::Masker;
pub use crate::kubernetes::flatten::mask::place;

pub(crate) use crate::kubernetes::flatten::item::item_keys;

mod item;
mod mask;
mod scalar;

/// Is the text of one field as users see it: secrets are hashes in it, and nothing is ever made of
/// it again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShownValue(String);

impl ShownValue {
    /// Returns the text: a YAML scalar, `{}`, `[]`, a text of several lines as it is, or `(hash) ...`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text by value.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Returns a text that was shown before and comes back from Terraform's state.
    pub fn from_state(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for ShownValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Is one object as users see it: field path to text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown(pub BTreeMap<String, ShownValue>);

/// Is one object's fields by path, with values that may be secret: for comparing, never for showing.
pub(crate) type Leaves = BTreeMap<String, Leaf>;

/// Is one field's value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Leaf {
    /// The value; a map or list is an empty one.
    pub(crate) value: Value,
    /// Whether it is a value of a Secret.
    pub(crate) secret: bool,
}

/// Returns what is shown of an object that is to be applied.
pub fn planned(object: &ApplyObject, reference: &ObjectReference, masker: &Masker) -> Shown {
    let leaves = flatten(object.fields(), reference);
    Shown(
        leaves
            .iter()
            .map(|(path, leaf)| (masker.path(path), show(leaf, path, reference, masker)))
            .collect(),
    )
}

/// Returns the text that is shown for one field.
pub(crate) fn show(
    leaf: &Leaf,
    path: &str,
    reference: &ObjectReference,
    masker: &Masker,
) -> ShownValue {
    ShownValue(if leaf.secret {
        masker.secret(&leaf.value, reference, path)
    } else {
        masker.text(&scalar_text(&leaf.value), reference, path)
    })
}

/// Returns an object's fields by path.
///
/// Left out: what the path of the object says already (`apiVersion`, `kind`, name and namespace),
/// `status`, the server's own metadata, and the two annotations that kubectl leaves behind.
pub(crate) fn flatten(fields: &Map<String, Value>, reference: &ObjectReference) -> Leaves {
    let mut leaves = Leaves::new();
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("apiVersion" | "kind" | "status", _) => {}
            ("metadata", Value::Object(metadata)) => {
                for (name, value) in metadata {
                    if !OWN_METADATA.contains(&name.as_str()) {
                        walk(
                            value,
                            &format!("metadata{}", step(name)),
                            name,
                            reference,
                            &mut leaves,
                        );
                    }
                }
            }
            _ => walk(value, name_at_top(name).as_str(), name, reference, &mut leaves),
        }
    }
    leaves
}

/// Are the fields of `metadata` that the server writes, or that the object's path says.
const OWN_METADATA: [&str; 8] = [
    "name",
    "namespace",
    "managedFields",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "uid",
    "selfLink",
];

/// Are the annotations that kubectl leaves behind and that say nothing about the object.
///
/// The second holds a whole manifest, for a Secret with its data.
pub(crate) const KUBECTL_ANNOTATIONS: [&str; 2] =
    ["kubectl.kubernetes.io/restartedAt", "kubectl.kubernetes.io/last-applied-configuration"];

fn walk(value: &Value, path: &str, name: &str, reference: &ObjectReference, leaves: &mut Leaves) {
    match value {
        Value::Null => {}
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                if !KUBECTL_ANNOTATIONS.contains(&name.as_str()) {
                    walk(value, &format!("{path}{}", step(name)), name, reference, leaves);
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (key, item) in item_keys(name, items).into_iter().zip(items) {
                walk(item, &format!("{path}[{key}]"), "", reference, leaves);
            }
        }
        _ => {
            let secret = is_secret_value(reference, path);
            leaves.insert(path.to_owned(), Leaf { value: value.clone(), secret });
        }
    }
}

/// Returns a field name as a step of a path: `.image`, or `[app.kubernetes.io/name]` where a dot in
/// the name would read as two steps.
fn step(name: &str) -> String {
    if is_plain(name) { format!(".{name}") } else { format!("[{name}]") }
}

fn name_at_top(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { format!("[{name}]") }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|one| one.is_alphanumeric() || one == '_' || one == '-')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
