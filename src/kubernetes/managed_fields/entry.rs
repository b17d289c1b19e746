//! The entries of `metadata.managedFields`.

use serde_json::Value;

use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::object::LiveObject;

/// Is how a manager wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Server-side apply.
    Apply,
    /// Anything else.
    Update,
}

/// Is one entry: what one manager owns.
#[derive(Debug, Clone, PartialEq)]
pub struct ManagedFields {
    /// The manager's name.
    pub manager: String,
    /// How it wrote.
    pub operation: Operation,
    /// The version of the API that the fields are named in.
    pub api_version: String,
    /// Such as `status` or `scale`; empty for the object itself.
    pub subresource: String,
    /// What it owns.
    pub fields: FieldSet,
    /// The entry as it came, for sending it back unchanged.
    pub raw: Value,
}

impl ManagedFields {
    /// Reads all entries of an object. An entry that is not understood has an empty set.
    pub fn of(object: &LiveObject) -> Vec<Self> {
        let entries = object.get(&["metadata", "managedFields"]).and_then(Value::as_array);
        entries
            .into_iter()
            .flatten()
            .map(|entry| {
                let text = |name: &str| {
                    entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
                };
                Self {
                    manager: text("manager"),
                    operation: match entry.get("operation").and_then(Value::as_str) {
                        Some("Apply") => Operation::Apply,
                        _ => Operation::Update,
                    },
                    api_version: text("apiVersion"),
                    subresource: text("subresource"),
                    fields: entry.get("fieldsV1").map(FieldSet::read).unwrap_or_default(),
                    raw: entry.clone(),
                }
            })
            .collect()
    }
}
