//! What Helm reads of a document to know what it is.

use std::collections::BTreeMap;

use serde_json::Map as JsonMap;
use serde_json::Value as Json;

use crate::helm::chart::metadata::decode::coerced;
use crate::helm::chart::metadata::decode::expected;
use crate::helm::chart::metadata::decode::string_map;

/// Is the head of a document.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) annotations: BTreeMap<String, String>,
}

impl Head {
    /// Reads the head of a decoded document.
    ///
    /// The error says which part has the wrong type.
    pub(super) fn read(document: &Json) -> Result<Self, String> {
        let document = match document {
            Json::Null => return Ok(Self::default()),
            Json::Object(document) => document,
            other => return Err(expected("the document", "a map", other)),
        };
        let text = |object: &JsonMap<String, Json>, key: &str, place: &str| {
            field(object, key).map_or(Ok(None), |value| coerced(place, value))
        };
        let mut head = Self {
            api_version: text(document, "apiVersion", "apiVersion")?.unwrap_or_default(),
            kind: text(document, "kind", "kind")?.unwrap_or_default(),
            ..Self::default()
        };
        match field(document, "metadata") {
            None | Some(Json::Null) => {}
            Some(Json::Object(metadata)) => {
                head.name = text(metadata, "name", "metadata.name")?.unwrap_or_default();
                head.namespace = metadata
                    .get("namespace")
                    .and_then(Json::as_str)
                    .filter(|namespace| !namespace.is_empty())
                    .map(str::to_owned);
                if let Some(annotations) = field(metadata, "annotations") {
                    head.annotations =
                        string_map("metadata.annotations", annotations)?.unwrap_or_default();
                }
            }
            Some(other) => return Err(expected("metadata", "a map", other)),
        }
        Ok(head)
    }
}

/// Returns the field of that name, or of that name in another case, as Go finds it.
fn field<'a>(object: &'a JsonMap<String, Json>, name: &str) -> Option<&'a Json> {
    object.get(name).or_else(|| {
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}
