//! The attributes as values, and how they compare.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use tf_provider::value::Value;

use crate::provider::seen::Place;
use crate::provider::value::or_null;
use crate::s3::checksum::Fingerprint;
use crate::s3::object::Expectation;
use crate::s3::object::ObjectState;

/// Is a `minio_object` as it stands in a configuration, a plan or the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Object {
    pub(super) stack: Value<String>,
    pub(super) endpoint: Value<String>,
    pub(super) bucket: Value<String>,
    pub(super) key: Value<String>,
    pub(super) source: Value<String>,
    pub(super) content: Value<String>,
    pub(super) content_base64: Value<String>,
    pub(super) source_url: Value<String>,
    pub(super) content_type: Value<String>,
    pub(super) cache_control: Value<String>,
    pub(super) content_disposition: Value<String>,
    pub(super) content_encoding: Value<String>,
    pub(super) content_language: Value<String>,
    pub(super) metadata: Value<BTreeMap<String, Value<String>>>,
    pub(super) tags: Value<BTreeMap<String, Value<String>>>,
    pub(super) storage_class: Value<String>,
    pub(super) force_overwrite: Value<bool>,
    pub(super) delete_versions: Value<bool>,
    pub(super) etag: Value<String>,
    pub(super) version_id: Value<String>,
    pub(super) size: Value<i64>,
    pub(super) crc64nvme: Value<String>,
    pub(super) sha256: Value<String>,
}

/// Is what is remembered beside the state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Private {
    /// Is what the content of `source_url` was known by when it was fetched: with it, a plan knows
    /// the checksum that belongs to `sha256`, and nothing is fetched to compare.
    #[serde(default)]
    pub(super) fetched: Option<Fingerprint>,
}

impl Object {
    /// Returns an object of which nothing is known yet but where it is.
    pub(super) fn imported(
        stack: Value<String>,
        bucket: Value<String>,
        key: Value<String>,
    ) -> Self {
        Self {
            stack,
            endpoint: Value::Null,
            bucket,
            key,
            source: Value::Null,
            content: Value::Null,
            content_base64: Value::Null,
            source_url: Value::Null,
            content_type: Value::Null,
            cache_control: Value::Null,
            content_disposition: Value::Null,
            content_encoding: Value::Null,
            content_language: Value::Null,
            metadata: Value::Null,
            tags: Value::Null,
            storage_class: Value::Null,
            force_overwrite: Value::Null,
            delete_versions: Value::Null,
            etag: Value::Null,
            version_id: Value::Null,
            size: Value::Null,
            crc64nvme: Value::Null,
            sha256: Value::Null,
        }
    }

    /// Returns what may be under the key when the object is written.
    pub(super) fn expecting(&self, unless_forced: Expectation) -> Expectation {
        let forced = self.force_overwrite == Value::Value(true);
        if forced { Expectation::Any } else { unless_forced }
    }

    /// Returns where the object is.
    pub(super) fn place(&self) -> Place {
        (self.stack.clone(), self.endpoint.clone(), self.bucket.clone(), self.key.clone())
    }

    /// Names the object in messages.
    pub(super) fn display(&self) -> String {
        let text = |value: &Value<String>| match value {
            Value::Value(text) => text.clone(),
            _ => "?".to_owned(),
        };
        format!("`{}/{}`", text(&self.bucket), text(&self.key))
    }

    /// Returns the state after the object was made equal.
    ///
    /// Of content that was fetched in between, the plan does not know the fingerprint.
    pub(super) fn with_applied(self, state: &ObjectState, fingerprint: Fingerprint) -> Self {
        let sha256 = spelled_as(&self.sha256, fingerprint.sha256);
        Self {
            size: Value::Value(i64::try_from(fingerprint.size).unwrap_or(i64::MAX)),
            crc64nvme: Value::Value(fingerprint.crc64nvme),
            sha256: Value::Value(sha256),
            etag: Value::Value(state.etag.clone()),
            version_id: or_null(state.version_id.clone()),
            content_type: or_null(state.headers.content_type.clone()),
            ..self
        }
    }

    /// Returns the state with what the server says in the place of what it held.
    pub(super) fn with_observed(self, observed: &ObjectState) -> Self {
        let texts = |map: &BTreeMap<String, String>| -> BTreeMap<String, Value<String>> {
            map.iter().map(|(name, text)| (name.clone(), Value::Value(text.clone()))).collect()
        };
        // An empty map in the configuration and none are the same to the server.
        let map = |observed: &BTreeMap<String, String>, held: &Value<_>| {
            if observed.is_empty() && held.is_null() {
                Value::Null
            } else {
                Value::Value(texts(observed))
            }
        };
        let class = observed.storage_class.clone().filter(|class| class != "STANDARD");
        let storage_class = match (&self.storage_class, class) {
            (Value::Value(held), None) if held == "STANDARD" => Value::Value(held.clone()),
            (_, class) => or_null(class),
        };
        let sha256 = observed.sha256.clone().map(|hash| spelled_as(&self.sha256, hash));
        Self {
            content_type: or_null(observed.headers.content_type.clone()),
            cache_control: or_null(observed.headers.cache_control.clone()),
            content_disposition: or_null(observed.headers.content_disposition.clone()),
            content_encoding: or_null(observed.headers.content_encoding.clone()),
            content_language: or_null(observed.headers.content_language.clone()),
            metadata: map(&observed.metadata, &self.metadata),
            tags: match &observed.tags {
                Some(tags) if !self.tags.is_null() => Value::Value(texts(tags)),
                _ => self.tags,
            },
            storage_class,
            etag: Value::Value(observed.etag.clone()),
            version_id: or_null(observed.version_id.clone()),
            size: Value::Value(i64::try_from(observed.size).unwrap_or(i64::MAX)),
            crc64nvme: or_null(observed.crc64nvme.clone()),
            sha256: or_null(sha256),
            ..self
        }
    }

    /// Says whether the planned object is another than the one in the state, the
    /// attributes apart that only say where the content comes from.
    pub(super) fn differs_from(&self, prior: &Self) -> bool {
        let none_is_empty = |map: &Value<BTreeMap<String, Value<String>>>| match map {
            Value::Null => Value::Value(BTreeMap::new()),
            other => other.clone(),
        };
        self.crc64nvme != prior.crc64nvme
            || self.sha256 != prior.sha256
            || self.size != prior.size
            || self.content_type != prior.content_type
            || self.cache_control != prior.cache_control
            || self.content_disposition != prior.content_disposition
            || self.content_encoding != prior.content_encoding
            || self.content_language != prior.content_language
            || none_is_empty(&self.metadata) != none_is_empty(&prior.metadata)
            || self.tags != prior.tags
            || self.storage_class != prior.storage_class
    }
}

/// Returns a hash as the user wrote it, if it is the same but for upper and lower case.
fn spelled_as(written: &Value<String>, hash: String) -> String {
    match written {
        Value::Value(written) if written.eq_ignore_ascii_case(&hash) => written.clone(),
        _ => hash,
    }
}
