//! Helm's release record: what `helm list`, `history`, `get` and `rollback` read.
//!
//! A release is one JSON document per revision, compressed and kept in a Secret.
//! We write the shape of Helm 3 plus Helm 4's `apply_method`, which both versions
//! read, and we read what either wrote. Fields that we do not know are kept: a
//! record of somebody else's is only ever changed in its `info`.
//!
//! This module is pure: it takes the time as an argument and talks to nobody.
//! [`codec`] turns a record into bytes and back, [`objects`] its manifest into
//! objects, [`history`] holds the rules over all revisions of one release, [`name`]
//! the rule for names.

pub mod codec;
pub mod history;
pub mod name;
pub mod objects;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde_json::Map;
use serde_json::Value;

/// The `apply_method` of a revision whose objects were applied server side.
pub const SERVER_SIDE_APPLY: &str = "ssa";

/// The `type` of every Secret that holds a release record.
pub const SECRET_TYPE: &str = "helm.sh/release.v1";

/// The label that says which program owns a release record, and its value.
pub const OWNER_LABEL: (&str, &str) = ("owner", "helm");

/// Is one revision of a release. Values, manifest and hooks may hold secrets, so `Debug`
/// writes name, revision and state only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// The release's name, the same in all its revisions.
    pub name: String,
    /// State, times and notes.
    pub info: Info,
    /// The chart that the revision was rendered from.
    #[serde(default, deserialize_with = "null_as_default")]
    pub chart: Chart,
    /// The values that the user gave, without the chart's own.
    #[serde(default, deserialize_with = "null_as_default")]
    pub config: Map<String, Value>,
    /// The rendered objects, without hooks and without the chart's `crds/`.
    #[serde(default)]
    pub manifest: String,
    /// The rendered hooks.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<Hook>,
    /// The revision, counted from 1.
    #[serde(rename = "version")]
    pub revision: u32,
    /// The namespace that the release was installed into.
    #[serde(default)]
    pub namespace: String,
    /// How the objects were applied: `ssa`, `csa`, or nothing (Helm 3).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub apply_method: String,
    /// What other versions of Helm put there.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Is the part of a record that changes while a release lives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Info {
    /// When the first revision was deployed.
    #[serde(default, with = "go_time")]
    pub first_deployed: Option<Timestamp>,
    /// When this revision was deployed.
    #[serde(default, with = "go_time")]
    pub last_deployed: Option<Timestamp>,
    /// When the release was uninstalled.
    #[serde(default, with = "go_time")]
    pub deleted: Option<Timestamp>,
    /// One sentence for people: `Install complete`.
    #[serde(default)]
    pub description: String,
    /// The state.
    #[serde(default)]
    pub status: Status,
    /// The rendered `NOTES.txt`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// What other versions of Helm put there.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Is the root chart as it is kept in a record. Subcharts are not kept by Helm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// `Chart.yaml` with its JSON names (`apiVersion`, `appVersion`, ...).
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: Map<String, Value>,
    /// `Chart.lock`.
    #[serde(default)]
    pub lock: Value,
    /// The files under `templates/`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub templates: Vec<File>,
    /// The chart's own values after its dependencies were processed.
    #[serde(default, deserialize_with = "null_as_default")]
    pub values: Map<String, Value>,
    /// `values.schema.json`.
    #[serde(default, with = "optional_base64")]
    pub schema: Option<Vec<u8>>,
    /// Every other file of the chart.
    #[serde(default, deserialize_with = "null_as_default")]
    pub files: Vec<File>,
    /// What other versions of Helm put there.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Chart {
    /// Returns the chart's name, empty when the record has none.
    pub fn name(&self) -> &str {
        self.text("name")
    }

    /// Returns the chart's version, empty when the record has none.
    pub fn version(&self) -> &str {
        self.text("version")
    }

    /// Returns the version of the application in the chart, empty when the record has none.
    pub fn app_version(&self) -> &str {
        self.text("appVersion")
    }

    fn text(&self, key: &str) -> &str {
        self.metadata.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Is one file of a chart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// The path inside the chart.
    pub name: String,
    /// The content.
    #[serde(default, with = "base64_bytes")]
    pub data: Vec<u8>,
    /// What other versions of Helm put there.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Is one hook of a release. Its manifest may hold secrets, so `Debug` leaves it out.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Hook {
    /// The object's name.
    #[serde(default)]
    pub name: String,
    /// The object's kind.
    #[serde(default)]
    pub kind: String,
    /// The template that the hook came from.
    #[serde(default)]
    pub path: String,
    /// The rendered object.
    #[serde(default)]
    pub manifest: String,
    /// When it runs: `pre-install`, `post-upgrade`, ...
    #[serde(default, deserialize_with = "null_as_default")]
    pub events: Vec<String>,
    /// How the last run went.
    #[serde(default, deserialize_with = "null_as_default")]
    pub last_run: HookRun,
    /// The order among the hooks of one event.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub weight: i64,
    /// When the object is deleted: `before-hook-creation`, `hook-succeeded`, `hook-failed`.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub delete_policies: Vec<String>,
    /// When Helm prints the hook's log.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub output_log_policies: Vec<String>,
    /// What other versions of Helm put there.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Hook({} {}, {:?})", self.kind, self.name, self.last_run)
    }
}

/// Says how a hook's last run went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HookRun {
    /// When it began.
    #[serde(default, with = "go_time")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, with = "go_time")]
    pub completed_at: Option<Timestamp>,
    /// `Unknown`, `Running`, `Succeeded` or `Failed`; empty when it never ran.
    #[serde(default)]
    pub phase: String,
}

/// Names the state of one revision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The revision that serves.
    Deployed,
    /// The release is gone, its record was kept.
    Uninstalled,
    /// A later revision took over.
    Superseded,
    /// The operation ended with an error.
    Failed,
    /// The release is being removed.
    Uninstalling,
    /// The first revision is being installed.
    PendingInstall,
    /// A later revision is being applied.
    PendingUpgrade,
    /// An earlier revision is being restored.
    PendingRollback,
    /// Helm does not know, or we do not know Helm's word.
    #[default]
    #[serde(other)]
    Unknown,
}

impl Status {
    /// Returns Helm's name of the state, as in the record and in the label `status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Deployed => "deployed",
            Self::Uninstalled => "uninstalled",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
            Self::Uninstalling => "uninstalling",
            Self::PendingInstall => "pending-install",
            Self::PendingUpgrade => "pending-upgrade",
            Self::PendingRollback => "pending-rollback",
        }
    }

    /// Says whether an operation on the release has begun and not ended.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::PendingInstall | Self::PendingUpgrade | Self::PendingRollback)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = std::convert::Infallible;

    /// Reads the state from its name; a name that Helm does not have is [`Status::Unknown`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok([
            Self::Deployed,
            Self::Uninstalled,
            Self::Superseded,
            Self::Failed,
            Self::Uninstalling,
            Self::PendingInstall,
            Self::PendingUpgrade,
            Self::PendingRollback,
        ]
        .into_iter()
        .find(|status| status.as_str() == text)
        .unwrap_or_default())
    }
}

impl fmt::Debug for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, name, revision, .. } = self;
        write!(formatter, "Release({namespace}/{name}, revision {revision}, {})", self.info.status)
    }
}

impl Release {
    /// Returns the name of the Secret that holds this revision.
    pub fn secret_name(&self) -> String {
        secret_name(&self.name, self.revision)
    }

    /// Returns the labels by which Helm finds this revision. `created_at` is the
    /// time of the first write, `modified_at` of a later one.
    ///
    /// Helm selects by these labels alone, so `status` must say what the record says.
    pub fn labels(
        &self,
        created_at: Timestamp,
        modified_at: Option<Timestamp>,
    ) -> BTreeMap<String, String> {
        let mut labels = BTreeMap::from([
            (String::from("name"), self.name.clone()),
            (String::from(OWNER_LABEL.0), String::from(OWNER_LABEL.1)),
            (String::from("status"), self.info.status.to_string()),
            (String::from("version"), self.revision.to_string()),
            (String::from("createdAt"), created_at.as_second().to_string()),
        ]);
        if let Some(time) = modified_at {
            labels.insert(String::from("modifiedAt"), time.as_second().to_string());
        }
        labels
    }
}

/// Returns the name of the Secret that holds a revision.
pub fn secret_name(name: &str, revision: u32) -> String {
    format!("sh.helm.release.v1.{name}.v{revision}")
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(weight: &i64) -> bool {
    *weight == 0
}

/// Go's times in JSON: RFC 3339, and `""` (Helm 3) or year 1 for none.
mod go_time {
    use super::Deserialize;
    use super::Deserializer;
    use super::Serializer;
    use super::Timestamp;

    #[allow(clippy::ref_option, reason = "serde passes a reference")]
    pub(super) fn serialize<S: Serializer>(
        time: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(time),
            None => serializer.serialize_str(""),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        if text.is_empty() || text.starts_with("0001-01-01T00:00:00") {
            return Ok(None);
        }
        text.parse().map(Some).map_err(serde::de::Error::custom)
    }
}

/// Go's `[]byte` in JSON: base64 text, or `null`.
mod base64_bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::Deserialize;
    use super::Deserializer;
    use super::Serializer;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        STANDARD.decode(text).map_err(serde::de::Error::custom)
    }
}

/// As [`base64_bytes`], where `null` means that there is nothing.
mod optional_base64 {
    use super::Deserializer;
    use super::Serializer;
    use super::base64_bytes;

    #[allow(clippy::ref_option, reason = "serde passes a reference")]
    pub(super) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => base64_bytes::serialize(bytes, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let bytes = base64_bytes::deserialize(deserializer)?;
        Ok((!bytes.is_empty()).then_some(bytes))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
