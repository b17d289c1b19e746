//! What a record's Secret says about it, outside the record.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::HEARTBEAT_ANNOTATION;
use super::OPERATION_ANNOTATION;
use super::UNCONFIRMED_ANNOTATION;
use crate::helm::release::history::Entry;
use crate::helm::release::secret_name;
use crate::kubernetes::object::LiveObject;

/// Is what is known of a stored revision without reading its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Revision and state, from the labels.
    pub entry: Entry,
    /// Guards changes.
    pub resource_version: String,
    /// Tells this Secret from a later one of the same name.
    pub uid: String,
    /// When it was made, by the clock of whoever made it.
    pub created_at: Option<Timestamp>,
    /// When it was made, by the clock of the API server.
    pub created_by_server: Option<Timestamp>,
    /// When it was changed last, by the clock of whoever did.
    pub modified_at: Option<Timestamp>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
}

impl Meta {
    /// Reads a Secret; nothing if it is no record of that release.
    pub(super) fn read(secret: &LiveObject, release: &str) -> Option<Self> {
        let revision = secret.label("version")?.parse().ok()?;
        let is_record = secret.label("name") == Some(release)
            && secret.name() == secret_name(release, revision);
        is_record.then_some(())?;
        let status = secret.label("status")?.parse().unwrap_or_default();
        let time = |label: &str| Timestamp::from_second(secret.label(label)?.parse().ok()?).ok();
        Some(Self {
            entry: Entry { revision, status },
            resource_version: secret.resource_version().to_owned(),
            uid: secret.uid().to_owned(),
            created_at: time("createdAt"),
            created_by_server: secret
                .text(&["metadata", "creationTimestamp"])
                .and_then(|text| text.parse().ok()),
            modified_at: time("modifiedAt"),
            labels: texts(secret, "labels"),
            annotations: texts(secret, "annotations"),
        })
    }

    /// Returns which run of ours made this revision; nothing if it was somebody else.
    pub fn operation(&self) -> Option<&str> {
        self.annotations.get(OPERATION_ANNOTATION).map(String::as_str)
    }

    /// Returns the last sign of life of the run that works on this revision.
    pub fn heartbeat(&self) -> Option<&str> {
        self.annotations.get(HEARTBEAT_ANNOTATION).map(String::as_str)
    }

    /// Says whether a run of ours that installed the release may have been killed before the
    /// client had its answer, so that no state knows of the release.
    pub fn is_unconfirmed(&self) -> bool {
        self.annotations.contains_key(UNCONFIRMED_ANNOTATION)
    }

    /// Returns the same for a run of ours that begins to work on the revision.
    #[must_use]
    pub fn for_operation(&self, operation: &str) -> Self {
        let mut meta = self.clone();
        meta.annotations.insert(OPERATION_ANNOTATION.to_owned(), operation.to_owned());
        meta.annotations.insert(HEARTBEAT_ANNOTATION.to_owned(), Timestamp::now().to_string());
        meta
    }

    /// Returns the same for a revision that nobody works on any more.
    #[must_use]
    pub fn without_heartbeat(&self) -> Self {
        let mut meta = self.clone();
        meta.annotations.remove(HEARTBEAT_ANNOTATION);
        meta
    }

    /// Returns when the record was written last, by the clock of whoever did.
    pub fn written_at(&self) -> Option<Timestamp> {
        self.modified_at.or(self.created_at).or(self.created_by_server)
    }

    /// Returns the labels that are the release's own and not Helm's bookkeeping.
    pub fn own_labels(&self) -> BTreeMap<String, String> {
        const SYSTEM: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];
        let mut labels = self.labels.clone();
        labels.retain(|key, _| !SYSTEM.contains(&key.as_str()));
        labels
    }
}

fn texts(secret: &LiveObject, map: &str) -> BTreeMap<String, String> {
    let entries = secret.get(&["metadata", map]).and_then(Value::as_object);
    let entries = entries.into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::helm::release::Status;

    fn secret() -> Value {
        json!({ "metadata": {
            "name": "sh.helm.release.v1.site.v7",
            "uid": "u",
            "resourceVersion": "42",
            "creationTimestamp": "2026-11-24T08:00:00Z",
            "labels": { "name": "site", "owner": "helm", "status": "pending-upgrade",
                "version": "7", "createdAt": "1700000000", "team": "web" },
            "annotations": { OPERATION_ANNOTATION: "o", HEARTBEAT_ANNOTATION: "h",
                UNCONFIRMED_ANNOTATION: "true" },
        }})
    }

    fn read(secret: Value) -> Option<Meta> {
        Meta::read(&LiveObject::new(secret).unwrap(), "site")
    }

    #[test]
    fn a_secret_says_what_its_record_is() {
        let meta = read(secret()).unwrap();
        assert_eq!(meta.entry, Entry { revision: 7, status: Status::PendingUpgrade });
        assert_eq!(meta.created_at.unwrap().as_second(), 1_700_000_000);
        assert_eq!(meta.written_at(), meta.created_at);
        assert_eq!((meta.operation(), meta.heartbeat()), (Some("o"), Some("h")));
        assert_eq!(meta.own_labels(), BTreeMap::from([("team".into(), "web".into())]));
        let done = meta.without_heartbeat();
        assert_eq!((done.operation(), done.heartbeat()), (Some("o"), None));
        assert!(done.is_unconfirmed());
        let again = done.for_operation("p");
        assert_eq!(again.operation(), Some("p"));
        assert!(again.heartbeat().is_some());
    }

    #[test]
    fn another_secret_with_helms_labels_is_no_record() {
        for (pointer, value) in [
            ("/metadata/name", "site-backup"),
            ("/metadata/labels/name", "other"),
            ("/metadata/labels/version", "seven"),
        ] {
            let mut other = secret();
            *other.pointer_mut(pointer).unwrap() = json!(value);
            assert_eq!(read(other), None, "{pointer}");
        }
    }
}
