//! The attributes.

use tf_provider::schema::AttributeType::Bool;
use tf_provider::schema::AttributeType::Number;
use tf_provider::schema::AttributeType::String;
use tf_provider::schema::Schema;

use crate::provider::attributes::computed;
use crate::provider::attributes::optional;
use crate::provider::attributes::optional_computed;
use crate::provider::attributes::required;
use crate::provider::attributes::schema as describe;
use crate::provider::attributes::string_map;

/// Returns the schema of the type.
pub(super) fn schema() -> Schema {
    describe(
        0,
        "Keeps one file in a bucket. The provider hashes the source itself, and compares it with \
         the checksum that the server keeps: a change on either side is planned.",
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
            ("bucket", required(String, "Name of the bucket. Changing it replaces the object.")),
            ("key", required(String, "Key of the object. Changing it replaces the object.")),
            (
                "source",
                optional(
                    String,
                    "Path of the file to upload. One of `source`, `content`, `content_base64` and `source_url` must be set. A relative path begins where Terraform runs; `\"${path.module}/...\"` begins at the module.",
                ),
            ),
            ("content", optional(String, "Content as text. It is in the state.")),
            ("content_base64", optional(String, "Content in base64. It is in the state.")),
            (
                "source_url",
                optional(
                    String,
                    "URL (`http` or `https`) to fetch the content from; `sha256` must be set with it.",
                ),
            ),
            (
                "content_type",
                optional_computed(String, "`Content-Type`; guessed from the key if not set."),
            ),
            ("cache_control", optional(String, "`Cache-Control`.")),
            ("content_disposition", optional(String, "`Content-Disposition`.")),
            ("content_encoding", optional(String, "`Content-Encoding`.")),
            ("content_language", optional(String, "`Content-Language`.")),
            (
                "metadata",
                optional(string_map(), "User metadata; keys in lower case, without `x-amz-meta-`."),
            ),
            (
                "tags",
                optional(
                    string_map(),
                    "Tags. Tags that others set are left alone unless this is set.",
                ),
            ),
            ("storage_class", optional(String, "Storage class; `STANDARD` if not set.")),
            (
                "force_overwrite",
                optional(
                    Bool,
                    "Whether whatever is under the key is replaced; otherwise an object that somebody else wrote is an error.",
                ),
            ),
            (
                "delete_versions",
                optional(
                    Bool,
                    "Whether a destroy deletes all versions; otherwise, in a bucket that keeps versions, it leaves a delete marker.",
                ),
            ),
            ("etag", computed(String, "ETag of the object. It says nothing about the content.")),
            (
                "version_id",
                computed(String, "Version of the object, in a bucket that keeps versions."),
            ),
            ("size", computed(Number, "Size in bytes.")),
            (
                "crc64nvme",
                computed(
                    String,
                    "CRC64NVME of the whole content in base64, which the server verified.",
                ),
            ),
            (
                "sha256",
                optional_computed(
                    String,
                    "SHA-256 of the content in hexadecimal. Set it with `source_url`, and only then.",
                ),
            ),
        ],
    )
}
