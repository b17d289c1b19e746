//! The state of an `s3www_stack`, attribute by attribute.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;
use tf_provider::schema::AttributeType;
use tf_provider::schema::Schema;
use tf_provider::value::Value;

use crate::plugin::dynamic::Dynamic;
use crate::provider::attributes::computed;
use crate::provider::attributes::object;
use crate::provider::attributes::objects;
use crate::provider::attributes::optional;
use crate::provider::attributes::optional_computed;
use crate::provider::attributes::required;
use crate::provider::attributes::schema as describe;
use crate::provider::attributes::sensitive;
use crate::provider::attributes::strings;

/// Maps an object's key to its fields, and a field's path to its value as a YAML
/// scalar: what the plan shows of the cluster.
pub type ShownObjects = BTreeMap<String, Value<BTreeMap<String, Value<String>>>>;

/// Is an `s3www_stack` as it stands in a configuration, a plan or the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stack {
    pub(super) id: Value<String>,
    pub(super) name: Value<String>,
    pub(super) namespace: Value<String>,
    pub(super) create_namespace: Value<bool>,
    pub(super) file: Value<FileBlock>,
    pub(super) values: Dynamic,
    pub(super) values_yaml: Value<Vec<Value<String>>>,
    pub(super) values_sensitive: Dynamic,
    pub(super) values_wo: Dynamic,
    pub(super) values_wo_version: Value<i64>,
    pub(super) chart: Value<String>,
    pub(super) wait: Value<bool>,
    pub(super) wait_for_jobs: Value<bool>,
    pub(super) timeout: Value<String>,
    pub(super) rollback_on_failure: Value<bool>,
    pub(super) max_history: Value<i64>,
    pub(super) take_ownership: Value<bool>,
    pub(super) drift_detection: Value<DriftBlock>,
    pub(super) revision: Value<i64>,
    pub(super) status: Value<String>,
    pub(super) chart_version: Value<String>,
    pub(super) app_version: Value<String>,
    pub(super) objects: Value<ShownObjects>,
    pub(super) bucket: Value<String>,
    pub(super) service_url: Value<String>,
    pub(super) url: Value<String>,
    pub(super) minio_endpoint: Value<String>,
    pub(super) credentials_secret: Value<String>,
}

/// Is the `file` attribute: what the chart's loader fetches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileBlock {
    pub(super) url: Value<String>,
    pub(super) sha256: Value<String>,
    pub(super) key: Value<String>,
}

/// Is the `drift_detection` attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DriftBlock {
    pub(super) mode: Value<String>,
    pub(super) ignore: Value<Vec<Value<IgnoreBlock>>>,
    pub(super) ignore_managers: Value<Vec<Value<String>>>,
}

/// Is one rule of `drift_detection.ignore`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IgnoreBlock {
    pub(super) paths: Value<Vec<Value<String>>>,
    pub(super) target: Value<TargetBlock>,
}

/// Is the target of such a rule; what is not set matches everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetBlock {
    pub(super) group: Value<String>,
    pub(super) version: Value<String>,
    pub(super) kind: Value<String>,
    pub(super) name: Value<String>,
    pub(super) namespace: Value<String>,
    pub(super) label_selector: Value<String>,
}

/// Is what the provider keeps beside the state, out of the user's sight.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Private {
    /// The key of the hashes that stand for secret values in `objects`, in base64.
    #[serde(default)]
    pub(super) hash_key: Option<String>,
    /// The keyed hash of `values_wo` as last applied, unless `values_wo_version` is set.
    #[serde(default)]
    pub(super) values_wo: Option<String>,
    /// The revision that installed the release, which templates saw as an install;
    /// 1 unless an earlier attempt failed.
    #[serde(default)]
    pub(super) first_revision: Option<u32>,
    /// What is shown of the leaves that depend on `values_wo`, by object and path, as it
    /// was last applied, if `values_wo_version` is set: the values may be others in every
    /// run, and what is on the cluster must stay what it is.
    #[serde(default)]
    pub(super) write_only: BTreeMap<String, BTreeMap<String, String>>,
    /// What the next refresh has to fill in, after a move from a `helm_release`.
    #[serde(default)]
    pub(super) moved: Option<Moved>,
    /// Which fields were ours after the last apply: all that can be compared where an
    /// account may only read.
    #[serde(default)]
    pub(super) fields: Option<RecordedFields>,
    /// A keyed hash of each hook of the release, by its template and object:
    /// `objects` does not show hooks.
    #[serde(default)]
    pub(super) hooks: Option<BTreeMap<String, String>>,
    /// What the last refresh found changed: a leaf that is another one in every render
    /// does not say so itself.
    #[serde(default)]
    pub(super) drifted: Drifted,
}

/// Is what a refresh still has to do after a move.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Moved {
    /// The names of the values in `set_sensitive`: paths into the release's values.
    pub(super) sensitive: Vec<String>,
}

/// Is which leaves somebody changed on the cluster, by the object's key and their path.
pub type Drifted = BTreeMap<String, BTreeSet<String>>;

/// Is which fields were ours when a revision was applied.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordedFields {
    /// The revision. Who owns what after a later one, which the Helm CLI made, is not known.
    pub(super) revision: i64,
    /// The fields as `managedFields` write them, by the object's key.
    pub(super) objects: BTreeMap<String, serde_json::Value>,
}

/// Returns the schema.
pub fn schema() -> Schema {
    use AttributeType::Any;
    use AttributeType::Bool;
    use AttributeType::Map;
    use AttributeType::Number;
    use AttributeType::String;
    describe(
        0,
        "Installs s3www and its MinIO onto a Kubernetes cluster as a Helm release, and keeps it \
         as configured: a plan shows what anybody changed on the cluster.",
        [
            ("id", computed(String, "`namespace/name`.")),
            (
                "name",
                required(
                    String,
                    "Name of the release: a DNS label of at most 53 characters. Changing it replaces the stack.",
                ),
            ),
            (
                "namespace",
                optional_computed(
                    String,
                    "Namespace of the release; `default` if not set. Changing it replaces the stack.",
                ),
            ),
            (
                "create_namespace",
                optional(
                    Bool,
                    "Whether to create the namespace if it is missing. It is kept on destroy, as Helm keeps it.",
                ),
            ),
            (
                "file",
                optional(
                    object([
                        (
                            "url",
                            required(
                                String,
                                "URL to fetch the file from. `http://` or `https://`; it is fetched by a pod.",
                            ),
                        ),
                        (
                            "sha256",
                            optional(
                                String,
                                "SHA-256 of the file in hexadecimal; another content is refused.",
                            ),
                        ),
                        (
                            "key",
                            optional(
                                String,
                                "Key of the object in the bucket; the last segment of the URL's path if not set.",
                            ),
                        ),
                    ]),
                    "File to serve: the chart's loader fetches it into the bucket at start-up.",
                ),
            ),
            (
                "values",
                optional(
                    Any,
                    "Values of the chart. They are shown in plans; secrets belong to `values_sensitive` or `values_wo`.",
                ),
            ),
            (
                "values_yaml",
                optional(
                    strings(),
                    "YAML texts with values, merged first to last, under `values`.",
                ),
            ),
            (
                "values_sensitive",
                sensitive(optional(
                    Any,
                    "Values merged over `values`. Every text in them is masked wherever it is rendered; they are stored in the state.",
                )),
            ),
            (
                "values_wo",
                optional(
                    Any,
                    "Values merged last, which are neither shown nor stored in plan and state (write-only).",
                ),
            ),
            (
                "values_wo_version",
                optional(
                    Number,
                    "Version of `values_wo`. If it is set, only its change applies `values_wo` anew, as ephemeral values need; otherwise a changed value does by itself.",
                ),
            ),
            (
                "chart",
                optional(
                    String,
                    "Path of a chart, a folder or a `.tgz`; the chart that the provider brings if not set.",
                ),
            ),
            (
                "wait",
                optional(Bool, "Whether to wait until everything is ready; `true` if not set."),
            ),
            (
                "wait_for_jobs",
                optional(
                    Bool,
                    "Whether to wait for Jobs to complete as well; `true` if not set. The loader is a Job.",
                ),
            ),
            (
                "timeout",
                optional(
                    String,
                    "Time for one create, update or destroy, such as `90s` or `1h30m`; `5m` if not set. A roll-back may take as long again.",
                ),
            ),
            (
                "rollback_on_failure",
                optional(
                    Bool,
                    "Whether a failed create is uninstalled and a failed update returns to the last good revision.",
                ),
            ),
            (
                "max_history",
                optional(Number, "Number of revisions to keep; 10 if not set, 0 for all."),
            ),
            (
                "take_ownership",
                optional(
                    Bool,
                    "Whether to adopt objects that exist and belong to nobody or to another release. Without it, such an object is an error before anything is applied.",
                ),
            ),
            (
                "drift_detection",
                optional(
                    object([
                        (
                            "mode",
                            optional(
                                String,
                                "`correct` plans the way back (default), `warn` only warns, `disabled` does not look.",
                            ),
                        ),
                        (
                            "ignore",
                            optional(
                                objects([
                                    (
                                        "paths",
                                        required(
                                            strings(),
                                            "JSON pointers of the fields to ignore, such as `/spec/replicas`. An empty text means the whole object.",
                                        ),
                                    ),
                                    (
                                        "target",
                                        optional(
                                            object([
                                                (
                                                    "group",
                                                    optional(
                                                        String,
                                                        "API group, as a regular expression. The core group is the empty text.",
                                                    ),
                                                ),
                                                (
                                                    "version",
                                                    optional(
                                                        String,
                                                        "API version, as a regular expression.",
                                                    ),
                                                ),
                                                (
                                                    "kind",
                                                    optional(
                                                        String,
                                                        "Kind, as a regular expression.",
                                                    ),
                                                ),
                                                (
                                                    "name",
                                                    optional(
                                                        String,
                                                        "Name, as a regular expression.",
                                                    ),
                                                ),
                                                (
                                                    "namespace",
                                                    optional(
                                                        String,
                                                        "Namespace, as a regular expression.",
                                                    ),
                                                ),
                                                (
                                                    "label_selector",
                                                    optional(
                                                        String,
                                                        "Label selector, such as `app=web,tier!=db`.",
                                                    ),
                                                ),
                                            ]),
                                            "Objects that the rule is about; all if not set.",
                                        ),
                                    ),
                                ]),
                                "Fields that are never drift. They are neither shown nor changed on objects that exist.",
                            ),
                        ),
                        (
                            "ignore_managers",
                            optional(
                                strings(),
                                "Field managers whose changes are never drift. A `*` at the end stands for anything.",
                            ),
                        ),
                    ]),
                    "What happens when objects on the cluster differ from the release.",
                ),
            ),
            ("revision", computed(Number, "Revision of the release.")),
            ("status", computed(String, "Status of the release, such as `deployed` or `failed`.")),
            ("chart_version", computed(String, "Version of the chart.")),
            ("app_version", computed(String, "Version of the application, as the chart says.")),
            (
                "objects",
                computed(
                    Map(Box::new(Map(Box::new(String)))),
                    "Every object of the release, by `apiVersion/Kind/namespace/name`, and in it every field that the release sets. Secret values are shown as keyed hashes.",
                ),
            ),
            ("bucket", computed(String, "Name of the bucket that s3www serves.")),
            ("service_url", computed(String, "URL of s3www inside the cluster.")),
            (
                "url",
                computed(
                    String,
                    "URL of s3www from outside; null unless the chart exposes it under a name.",
                ),
            ),
            ("minio_endpoint", computed(String, "URL of MinIO inside the cluster.")),
            (
                "credentials_secret",
                computed(String, "Name of the Secret with MinIO's root credentials."),
            ),
        ],
    )
}
