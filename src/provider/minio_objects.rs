//! Data source `minio_objects`: which objects are under a prefix.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use tf_provider::AttributePath;
use tf_provider::DataSource;
use tf_provider::Diagnostics;
use tf_provider::schema::AttributeType;
use tf_provider::schema::Schema;
use tf_provider::value::Value;
use tf_provider::value::ValueEmpty;

use crate::plugin::diagnostics::Report;
use crate::provider::attributes::computed;
use crate::provider::attributes::objects;
use crate::provider::attributes::optional;
use crate::provider::attributes::required;
use crate::provider::attributes::schema as describe;
use crate::provider::attributes::strings;
use crate::provider::connection::Connection;
use crate::provider::connection::connect;
use crate::provider::connection::validate_endpoint;
use crate::provider::context::Context;
use crate::provider::report::s3_error;
use crate::provider::value::known;
use crate::s3::client::Client;
use crate::s3::error::Observed;
use crate::s3::key;
use crate::s3::listing::ListRequest;
use crate::s3::listing::Listed;
use crate::s3::listing::list_objects;

/// Is the data source.
pub struct MinioObjects {
    context: Context,
}

/// Is a `minio_objects` as it stands in a configuration or the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ObjectsData {
    stack: Value<String>,
    endpoint: Value<String>,
    bucket: Value<String>,
    prefix: Value<String>,
    delimiter: Value<String>,
    max_keys: Value<i64>,
    keys: Value<Vec<Value<String>>>,
    objects: Value<Vec<Value<ObjectData>>>,
    common_prefixes: Value<Vec<Value<String>>>,
    is_truncated: Value<bool>,
}

/// Is one object.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ObjectData {
    key: Value<String>,
    size: Value<i64>,
    etag: Value<String>,
    last_modified: Value<String>,
}

impl MinioObjects {
    /// Makes the data source.
    pub fn new(context: Context) -> Self {
        Self { context }
    }

    async fn client(&self, found: &mut Diagnostics, config: &ObjectsData) -> Option<Client> {
        let why = match connect(&self.context, found, &config.stack, &config.endpoint).await? {
            Connection::Ready(client) => return Some(client),
            Connection::Broken(why) => why,
            Connection::Gone => "No release of that namespace and name is on the cluster.\n\
                                 Hint: refer to the stack (`stack = s3www_stack.NAME.id`), so \
                                 that it is created first."
                .to_owned(),
            Connection::Unknown => {
                "The provider block is not known yet, so the server cannot be reached.\n\
                 Hint: refer to a resource that is created after that (`depends_on`)."
                    .to_owned()
            }
        };
        let summary = "The objects cannot be listed.";
        found.report_error(AttributePath::new("stack"), summary, why);
        None
    }
}

#[async_trait]
impl DataSource for MinioObjects {
    type State<'a> = ObjectsData;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        use AttributeType::Bool;
        use AttributeType::Number;
        use AttributeType::String;
        let all = objects([
            ("key", computed(String, "Key.")),
            ("size", computed(Number, "Size in bytes.")),
            ("etag", computed(String, "ETag. It says nothing about the content.")),
            ("last_modified", computed(String, "When it was last written, in RFC 3339.")),
        ]);
        Some(describe(
            0,
            "Lists the objects under a prefix of a bucket.",
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
                ("bucket", required(String, "Name of the bucket.")),
                ("prefix", optional(String, "What keys begin with; all keys if not set.")),
                (
                    "delimiter",
                    optional(
                        String,
                        "Keys that have it after the prefix are folded into `common_prefixes`; `/` lists one folder.",
                    ),
                ),
                (
                    "max_keys",
                    optional(
                        Number,
                        "The most keys and common prefixes to return; all of them if not set.",
                    ),
                ),
                ("keys", computed(strings(), "The keys, sorted.")),
                ("objects", computed(all, "The objects, sorted by key.")),
                ("common_prefixes", computed(strings(), "What keys were folded into, sorted.")),
                ("is_truncated", computed(Bool, "Whether there is more than `max_keys`.")),
            ],
        ))
    }

    async fn validate<'a>(&self, found: &mut Diagnostics, config: ObjectsData) -> Option<()> {
        validate_endpoint(found, &config.stack, &config.endpoint);
        if let Value::Value(bucket) = &config.bucket
            && let Err(error) = key::validate_bucket(bucket)
        {
            let at = AttributePath::new("bucket");
            found.report_error(at, "Bucket name is not valid.", error.to_string());
        }
        if matches!(&config.delimiter, Value::Value(delimiter) if delimiter.is_empty()) {
            let at = AttributePath::new("delimiter");
            found.report_error(at, "Delimiter is empty.", "Leave it out to list all keys.");
        }
        if matches!(config.max_keys, Value::Value(most) if most < 1) {
            let at = AttributePath::new("max_keys");
            found.report_error(at, "`max_keys` is not valid.", "It must be 1 or more.");
        }
        Some(())
    }

    async fn read<'a>(
        &self,
        found: &mut Diagnostics,
        config: ObjectsData,
        _: ValueEmpty,
    ) -> Option<ObjectsData> {
        let client = self.client(found, &config).await?;
        let bucket = known(&config.bucket).unwrap_or_default();
        let (prefix, delimiter) = (known(&config.prefix), known(&config.delimiter));
        let request = ListRequest {
            bucket: &bucket,
            prefix: prefix.as_deref().unwrap_or_default(),
            delimiter: delimiter.as_deref(),
            limit: known(&config.max_keys).and_then(|most| usize::try_from(most).ok()),
        };
        let listing = match list_objects(&client, &request, self.context.stop()).await {
            Ok(Observed::Present(listing)) => listing,
            Ok(Observed::Gone(_)) => {
                found.report_error(
                    AttributePath::new("bucket"),
                    format!("Bucket `{bucket}` does not exist."),
                    format!(
                        "The server at `{}` has no bucket of that name.\nHint: refer to the \
                         `minio_bucket` that makes it, so that the order is right.",
                        client.endpoint()
                    ),
                );
                return None;
            }
            Err(error) => {
                s3_error(found, AttributePath::root(), &error);
                return None;
            }
        };
        let value = |text: &String| Value::Value(text.clone());
        Some(ObjectsData {
            keys: Value::Value(listing.objects.keys().map(value).collect()),
            common_prefixes: Value::Value(listing.prefixes.iter().map(value).collect()),
            is_truncated: Value::Value(listing.is_truncated),
            objects: Value::Value(listing.objects.into_iter().map(object).collect()),
            ..config
        })
    }
}

fn object((key, listed): (String, Listed)) -> Value<ObjectData> {
    let written = Timestamp::from_millisecond(listed.last_modified);
    Value::Value(ObjectData {
        key: Value::Value(key),
        size: Value::Value(i64::try_from(listed.size).unwrap_or(i64::MAX)),
        etag: Value::Value(listed.etag),
        last_modified: written.map_or(Value::Null, |time| Value::Value(time.to_string())),
    })
}
