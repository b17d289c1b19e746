//! The schema of `minio_bucket`.

use tf_provider::schema::AttributeType::Bool;
use tf_provider::schema::AttributeType::Number;
use tf_provider::schema::AttributeType::String;
use tf_provider::schema::Schema;

use crate::provider::attributes::computed;
use crate::provider::attributes::object;
use crate::provider::attributes::objects;
use crate::provider::attributes::optional;
use crate::provider::attributes::required;
use crate::provider::attributes::schema as describe;
use crate::provider::attributes::string_map;

pub(super) fn schema() -> Schema {
    let lock = object([
        ("mode", optional(String, "`GOVERNANCE` or `COMPLIANCE`: the default retention's mode.")),
        ("days", optional(Number, "Days of the default retention.")),
        ("years", optional(Number, "Years of the default retention.")),
    ]);
    let rules = objects([
        ("id", optional(String, "Name of the rule; made from its content if not set.")),
        ("enabled", optional(Bool, "Whether the rule is followed; `true` if not set.")),
        ("prefix", optional(String, "Keys that the rule is about begin with this.")),
        ("tags", optional(string_map(), "Tags that objects must have.")),
        ("size_greater_than", optional(Number, "Objects must be larger, in bytes.")),
        ("size_less_than", optional(Number, "Objects must be smaller, in bytes.")),
        ("expiration_days", optional(Number, "Days after which objects are removed.")),
        (
            "expiration_date",
            optional(String, "Day from which on objects are removed, `YYYY-MM-DD`."),
        ),
        (
            "expire_delete_marker",
            optional(Bool, "Whether delete markers without versions are removed."),
        ),
        (
            "noncurrent_expiration_days",
            optional(Number, "Days after which old versions are removed."),
        ),
        ("noncurrent_versions_kept", optional(Number, "Old versions that are kept in any case.")),
        (
            "transition_days",
            optional(Number, "Days after which objects move to another storage class."),
        ),
        ("transition_storage_class", optional(String, "That storage class (MinIO: a tier).")),
        ("noncurrent_transition_days", optional(Number, "Days after which old versions move.")),
        ("noncurrent_transition_storage_class", optional(String, "Where they move to.")),
        (
            "abort_incomplete_multipart_upload_days",
            optional(
                Number,
                "Not supported, and refused with the reason. MinIO drops it without a word, and removes what is a day old by itself.",
            ),
        ),
    ]);
    describe(
        0,
        "Keeps a bucket and its settings. Settings that are left out are neither read nor changed.",
        [
            (
                "stack",
                optional(
                    String,
                    "Id of the `s3www_stack` whose MinIO holds the bucket; the provider's `minio` block if not set.",
                ),
            ),
            (
                "endpoint",
                optional(
                    String,
                    "URL at which the stack's MinIO is reached directly, if it is; otherwise, and if not set, the way leads through the Kubernetes API.",
                ),
            ),
            ("bucket", required(String, "Name of the bucket. Changing it replaces the bucket.")),
            ("versioning", optional(Bool, "Whether versions of objects are kept.")),
            (
                "object_lock",
                optional(
                    lock,
                    "Enables object lock, which a bucket gets at its creation or never; with a default retention if one is given. `{}` enables it without one. It needs versions: `versioning = false` beside it is an error.",
                ),
            ),
            ("policy", optional(String, "Bucket policy as JSON, compared by what it means.")),
            ("lifecycle_rule", optional(rules, "Lifecycle rules.")),
            ("tags", optional(string_map(), "Tags of the bucket.")),
            (
                "force_destroy",
                optional(
                    Bool,
                    "Whether a destroy deletes everything in the bucket with it; otherwise a bucket with content is an error.",
                ),
            ),
            (
                "adopt_existing",
                optional(
                    Bool,
                    "Whether a bucket that exists already is taken over; otherwise it is an error.",
                ),
            ),
            ("id", computed(String, "Name of the bucket, once it exists.")),
        ],
    )
}
