//! The attributes as values.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use tf_provider::value::Value;

use crate::provider::seen::Place;
use crate::provider::value::TextMap;
use crate::s3::checksum::Fingerprint;

/// Is a `minio_directory` as it stands in a configuration, a plan or the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Directory {
    pub(super) stack: Value<String>,
    pub(super) endpoint: Value<String>,
    pub(super) bucket: Value<String>,
    pub(super) source: Value<String>,
    pub(super) prefix: Value<String>,
    pub(super) include: Value<Vec<Value<String>>>,
    pub(super) exclude: Value<Vec<Value<String>>>,
    pub(super) symlinks: Value<String>,
    pub(super) settings: Value<Vec<Value<SettingsBlock>>>,
    pub(super) delete_extra: Value<bool>,
    pub(super) force_overwrite: Value<bool>,
    pub(super) objects: TextMap,
    pub(super) fingerprint: Value<String>,
}

/// Is an element of `settings`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SettingsBlock {
    pub(super) pattern: Value<String>,
    pub(super) content_type: Value<String>,
    pub(super) cache_control: Value<String>,
    pub(super) content_disposition: Value<String>,
    pub(super) content_encoding: Value<String>,
    pub(super) content_language: Value<String>,
    pub(super) metadata: TextMap,
}

impl Directory {
    /// Returns a directory of which nothing is known yet but where it is.
    pub(super) fn imported(stack: Value<String>, bucket: &str, prefix: Option<&str>) -> Self {
        Self {
            stack,
            endpoint: Value::Null,
            bucket: Value::Value(bucket.to_owned()),
            source: Value::Null,
            prefix: prefix.map_or(Value::Null, |prefix| Value::Value(prefix.to_owned())),
            include: Value::Null,
            exclude: Value::Null,
            symlinks: Value::Null,
            settings: Value::Null,
            delete_extra: Value::Null,
            force_overwrite: Value::Null,
            objects: Value::Value(BTreeMap::new()),
            fingerprint: Value::Null,
        }
    }

    /// Names the directory in messages.
    pub(super) fn display(&self) -> String {
        let bucket = match &self.bucket {
            Value::Value(bucket) => bucket.as_str(),
            _ => "?",
        };
        let prefix = self.key_prefix().unwrap_or_else(|| "?".to_owned());
        format!("`{bucket}/{}`", prefix.escape_debug())
    }

    /// Returns what every key begins with: nothing, or `prefix` with one `/` at its end. `None`
    /// while it is unknown.
    ///
    /// The slash is not left to the user: without it, `assets` would also be about `assets-old/`.
    pub(super) fn key_prefix(&self) -> Option<String> {
        match &self.prefix {
            Value::Null => Some(String::new()),
            Value::Value(prefix) if prefix.is_empty() => Some(String::new()),
            Value::Value(prefix) if prefix.ends_with('/') => Some(prefix.clone()),
            Value::Value(prefix) => Some(format!("{prefix}/")),
            Value::Unknown => None,
        }
    }

    /// Returns where the objects are.
    pub(super) fn place(&self) -> Place {
        let prefix = self.key_prefix().map_or(Value::Unknown, Value::Value);
        (self.stack.clone(), self.endpoint.clone(), self.bucket.clone(), prefix)
    }

    /// Returns the objects, by key; none while they are unknown.
    pub(super) fn known_objects(&self) -> BTreeMap<String, String> {
        crate::provider::value::known_texts(&self.objects).unwrap_or_default()
    }

    /// Sets the objects, and the fingerprint that belongs to them.
    pub(super) fn with_objects(self, objects: BTreeMap<String, String>) -> Self {
        let fingerprint = fingerprint(&objects);
        let objects = objects.into_iter().map(|(key, text)| (key, Value::Value(text))).collect();
        Self { objects: Value::Value(objects), fingerprint: Value::Value(fingerprint), ..self }
    }

    /// Says whether objects that nobody put there from here are removed.
    pub(super) fn deletes_extra(&self) -> bool {
        matches!(self.delete_extra, Value::Value(true))
    }
}

/// Returns one text that is another one when any object is.
fn fingerprint(objects: &BTreeMap<String, String>) -> String {
    let mut all = String::new();
    for (key, text) in objects {
        // Neither has a NUL.
        all.extend([key, "\0", text, "\0"]);
    }
    Fingerprint::of_bytes(all.as_bytes()).sha256
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_prefix(prefix: Option<&str>) -> Option<String> {
        Directory::imported(Value::Null, "bucket", prefix).key_prefix()
    }

    #[test]
    fn a_prefix_is_a_folder() {
        assert_eq!(with_prefix(None).as_deref(), Some(""));
        assert_eq!(with_prefix(Some("")).as_deref(), Some(""));
        assert_eq!(with_prefix(Some("a/b")).as_deref(), Some("a/b/"));
        assert_eq!(with_prefix(Some("a/b/")).as_deref(), Some("a/b/"));
    }

    #[test]
    fn a_fingerprint_tells_keys_from_texts() {
        let of = |pairs: &[(&str, &str)]| {
            fingerprint(&pairs.iter().map(|(k, t)| ((*k).to_owned(), (*t).to_owned())).collect())
        };
        assert_ne!(of(&[("a", "b")]), of(&[("ab", "")]));
        assert_ne!(of(&[("a", "b")]), of(&[]));
        assert_eq!(of(&[("a", "b"), ("c", "d")]), of(&[("c", "d"), ("a", "b")]));
    }
}
