//! The attributes.

use tf_provider::schema::AttributeType::Bool;
use tf_provider::schema::AttributeType::String;
use tf_provider::schema::Schema;

use crate::provider::attributes::computed;
use crate::provider::attributes::objects;
use crate::provider::attributes::optional;
use crate::provider::attributes::required;
use crate::provider::attributes::schema as describe;
use crate::provider::attributes::string_map;
use crate::provider::attributes::strings;

/// Returns the schema of the type.
pub(super) fn schema() -> Schema {
    let settings = objects([
        ("pattern", required(String, "Glob of the files that these settings are for.")),
        ("content_type", optional(String, "`Content-Type`; guessed from the key if not set.")),
        ("cache_control", optional(String, "`Cache-Control`.")),
        ("content_disposition", optional(String, "`Content-Disposition`.")),
        ("content_encoding", optional(String, "`Content-Encoding`.")),
        ("content_language", optional(String, "`Content-Language`.")),
        (
            "metadata",
            optional(string_map(), "User metadata; keys in lower case, without `x-amz-meta-`."),
        ),
    ]);
    describe(
        0,
        "Keeps a folder of files as objects in a bucket. The plan shows the keys that are added, \
         changed and removed.",
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
            ("bucket", required(String, "Name of the bucket. Changing it replaces the directory.")),
            (
                "source",
                required(
                    String,
                    "Path of the folder. A relative path begins where Terraform runs; `\"${path.module}/...\"` begins at the module.",
                ),
            ),
            (
                "prefix",
                optional(
                    String,
                    "What keys begin with, a folder in the bucket: `docs` and `docs/` mean the same. Changing it replaces the directory.",
                ),
            ),
            ("include", optional(strings(), "Globs of the files to upload; all files if not set.")),
            (
                "exclude",
                optional(
                    strings(),
                    "Globs of the files and folders to leave out, which wins over `include`.",
                ),
            ),
            (
                "symlinks",
                optional(
                    String,
                    "What becomes of symbolic links: `refuse` (an error), `follow` or `skip`; `refuse` if not set.",
                ),
            ),
            (
                "settings",
                optional(
                    settings,
                    "Headers and metadata by file. Of all entries that match a file, the last one that sets a field decides it.",
                ),
            ),
            (
                "delete_extra",
                optional(
                    Bool,
                    "Whether everything else under the prefix is deleted too; otherwise only what this resource has put there is.",
                ),
            ),
            (
                "force_overwrite",
                optional(
                    Bool,
                    "Whether an object that somebody else has written, since the plan or before this resource, is overwritten; otherwise it is an error.",
                ),
            ),
            (
                "objects",
                computed(
                    string_map(),
                    "What is in the bucket, by key: size, CRC64NVME, headers and metadata.",
                ),
            ),
            (
                "fingerprint",
                computed(
                    String,
                    "Hash of `objects`, which changes when any of them does: a trigger for other resources.",
                ),
            ),
        ],
    )
}
