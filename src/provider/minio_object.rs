//! `minio_object`: one file in a bucket.
//!
//! Create and update are one operation, "make it exist and be equal", because a
//! stack may be replaced under its objects: an update then finds nothing and
//! uploads. For the same reason a changed `stack` is never a reason to replace.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::Resource;
use tf_provider::schema::AttributeType;
use tf_provider::schema::Schema;
use tf_provider::value::Value;
use tf_provider::value::ValueEmpty;

use crate::plugin::diagnostics::Report;
use crate::plugin::resource::ResourceExtension;
use crate::provider::attributes::computed;
use crate::provider::attributes::optional;
use crate::provider::attributes::optional_computed;
use crate::provider::attributes::required;
use crate::provider::attributes::schema as describe;
use crate::provider::attributes::string_map;
use crate::provider::connection::Connection;
use crate::provider::connection::connect;
use crate::provider::context::Context;
use crate::provider::report::s3_error;
use crate::s3::client::Client;
use crate::s3::error::Observed;
use crate::s3::key;
use crate::s3::object::Expectation;
use crate::s3::object::ObjectState;
use crate::s3::object::ensure_object;
use crate::s3::object::observe_object;
use crate::s3::object::remove_object;

mod import;
mod spec;

/// Is the resource.
pub struct MinioObject {
    context: Context,
}

/// Is a `minio_object` as it stands in a configuration, a plan or the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Object {
    stack: Value<String>,
    bucket: Value<String>,
    key: Value<String>,
    source: Value<String>,
    content: Value<String>,
    content_base64: Value<String>,
    content_type: Value<String>,
    cache_control: Value<String>,
    content_disposition: Value<String>,
    content_encoding: Value<String>,
    content_language: Value<String>,
    metadata: Value<BTreeMap<String, Value<String>>>,
    tags: Value<BTreeMap<String, Value<String>>>,
    storage_class: Value<String>,
    etag: Value<String>,
    version_id: Value<String>,
    size: Value<i64>,
    crc64nvme: Value<String>,
    sha256: Value<String>,
}

/// Is nothing: a `minio_object` keeps no private data.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct NoPrivate {}

impl MinioObject {
    /// Makes the resource.
    pub fn new(context: Context) -> Self {
        Self { context }
    }

    /// Connects and looks at the object; `None` if there is no answer, which is
    /// then in the diagnostics.
    async fn look(&self, found: &mut Diagnostics, object: &Object) -> Option<Look> {
        let client = match connect(&self.context, found, &object.stack).await? {
            Connection::Ready(client) => client,
            Connection::Unknown => return Some(Look::Unknown),
            Connection::Gone => return Some(Look::StackGone),
            Connection::Broken(why) => return Some(Look::NotNow(why)),
        };
        let (Value::Value(bucket), Value::Value(key)) = (&object.bucket, &object.key) else {
            return Some(Look::Unknown);
        };
        let with_tags = object.tags.is_value();
        match observe_object(&client, bucket, key, with_tags, self.context.stop()).await {
            Ok(Observed::Present(state)) => Some(Look::Present(Box::new(state))),
            Ok(Observed::Gone(gone)) => Some(Look::Gone(gone.to_string())),
            Err(error) => {
                s3_error(found, AttributePath::root(), &error);
                None
            }
        }
    }

    /// Makes the object exist and be equal to what is planned.
    async fn ensure(
        &self,
        found: &mut Diagnostics,
        planned: Object,
        expectation: Expectation,
    ) -> Option<(Object, NoPrivate)> {
        let stop = self.context.stop();
        let (client, spec) = {
            let client = self.client(found, &planned.stack).await?;
            (client, planned.spec(found, stop).await?)
        };
        match ensure_object(&client, &spec, &expectation, stop).await {
            Ok(state) => Some((planned.with_applied(&state), NoPrivate {})),
            Err(error) => {
                s3_error(found, AttributePath::root(), &error);
                None
            }
        }
    }

    /// Connects for an operation that needs the server.
    async fn client(&self, found: &mut Diagnostics, stack: &Value<String>) -> Option<Client> {
        match connect(&self.context, found, stack).await? {
            Connection::Ready(client) => Some(client),
            Connection::Broken(why) => {
                let summary = "The stack of this object cannot be reached.";
                found.report_error(AttributePath::new("stack"), summary, why);
                None
            }
            Connection::Unknown | Connection::Gone => {
                found.report_error(
                    AttributePath::new("stack"),
                    "The stack of this object does not exist.",
                    "No release of that namespace and name is on the cluster.\n\
                     Hint: refer to the stack (`stack = s3www_stack.NAME.id`), so that it is \
                     created first.",
                );
                None
            }
        }
    }
}

/// Is what a look at an object found.
enum Look {
    Present(Box<ObjectState>),
    Gone(String),
    StackGone,
    NotNow(String),
    Unknown,
}

#[async_trait]
impl Resource for MinioObject {
    type State<'a> = Object;
    type PrivateState<'a> = NoPrivate;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(schema())
    }

    async fn validate<'a>(&self, found: &mut Diagnostics, config: Object) -> Option<()> {
        config.validate(found);
        Some(())
    }

    async fn read<'a>(
        &self,
        found: &mut Diagnostics,
        state: Object,
        private: NoPrivate,
        _: ValueEmpty,
    ) -> Option<(Object, NoPrivate)> {
        match self.look(found, &state).await? {
            Look::Present(observed) => Some((state.with_observed(&observed), private)),
            Look::Unknown => Some((state, private)),
            Look::NotNow(why) => {
                found.report_warning(
                    AttributePath::new("stack"),
                    format!("Object {} cannot be looked at.", state.display()),
                    why,
                );
                Some((state, private))
            }
            Look::Gone(why) => {
                found.report_warning(
                    AttributePath::root(),
                    format!("Object {} is gone.", state.display()),
                    format!(
                        "It was deleted outside of this configuration ({why}); it is planned anew."
                    ),
                );
                None
            }
            Look::StackGone => {
                found.report_warning(
                    AttributePath::root(),
                    format!("Object {} is gone with its stack.", state.display()),
                    "The stack does not exist any more; both are planned anew.",
                );
                None
            }
        }
    }

    async fn plan_create<'a>(
        &self,
        found: &mut Diagnostics,
        _proposed: Object,
        config: Object,
        _: ValueEmpty,
    ) -> Option<(Object, NoPrivate)> {
        let mut planned = config.planned(found, self.context.stop()).await?;
        planned.etag = Value::Unknown;
        planned.version_id = Value::Unknown;
        Some((planned, NoPrivate {}))
    }

    async fn plan_update<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Object,
        _proposed: Object,
        config: Object,
        private: NoPrivate,
        _: ValueEmpty,
    ) -> Option<(Object, NoPrivate, Vec<AttributePath>)> {
        let mut planned = config.planned(found, self.context.stop()).await?;
        let mut replace = Vec::new();
        for (name, before, after) in
            [("bucket", &prior.bucket, &planned.bucket), ("key", &prior.key, &planned.key)]
        {
            if before != after {
                replace.push(AttributePath::new(name));
            }
        }
        let changed = !replace.is_empty()
            || planned.stack != prior.stack
            || planned.differs_from(&prior)
            || self.is_other(&prior).await;
        if changed {
            planned.etag = Value::Unknown;
            planned.version_id = Value::Unknown;
        } else {
            planned.etag = prior.etag;
            planned.version_id = prior.version_id;
        }
        Some((planned, private, replace))
    }

    async fn plan_destroy<'a>(
        &self,
        _: &mut Diagnostics,
        _: Object,
        private: NoPrivate,
        _: ValueEmpty,
    ) -> Option<NoPrivate> {
        Some(private)
    }

    async fn create<'a>(
        &self,
        found: &mut Diagnostics,
        planned: Object,
        _config: Object,
        _: NoPrivate,
        _: ValueEmpty,
    ) -> Option<(Object, NoPrivate)> {
        self.ensure(found, planned, Expectation::Absent).await
    }

    async fn update<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Object,
        planned: Object,
        _config: Object,
        private: NoPrivate,
        _: ValueEmpty,
    ) -> Option<(Object, NoPrivate)> {
        let same_stack = prior.stack == planned.stack;
        let expectation = match &prior.etag {
            Value::Value(etag) if same_stack => Expectation::Etag(etag.clone()),
            _ => Expectation::Absent,
        };
        let Some(ensured) = self.ensure(found, planned, expectation).await else {
            return Some((prior, private));
        };
        if !same_stack {
            self.leave(found, &prior).await;
        }
        Some(ensured)
    }

    async fn destroy<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Object,
        _: NoPrivate,
        _: ValueEmpty,
    ) -> Option<()> {
        self.remove(found, &prior).await
    }

    async fn import<'a>(&self, found: &mut Diagnostics, id: String) -> Option<(Object, NoPrivate)> {
        self.import_object(found, &id).await
    }
}

impl ResourceExtension for MinioObject {}

impl MinioObject {
    /// Looks whether an object that is planned to stay is not there any more, or is
    /// another one: its stack may have been replaced since the refresh, in this very
    /// apply. No answer is no reason to plan anything.
    async fn is_other(&self, prior: &Object) -> bool {
        let mut unused = Diagnostics::default();
        match self.look(&mut unused, prior).await {
            Some(Look::Gone(_) | Look::StackGone) => true,
            Some(Look::Present(observed)) => {
                let now = prior.clone().with_observed(&observed);
                now.etag != prior.etag || now.differs_from(prior)
            }
            Some(Look::Unknown | Look::NotNow(_)) | None => false,
        }
    }

    /// Removes the object of the state; one that is gone, with its stack or
    /// without, is no error.
    async fn remove(&self, found: &mut Diagnostics, prior: &Object) -> Option<()> {
        let client = match connect(&self.context, found, &prior.stack).await? {
            Connection::Ready(client) => client,
            Connection::Gone => return Some(()),
            Connection::Broken(why) => {
                let summary = "The object cannot be deleted.";
                found.report_error(AttributePath::new("stack"), summary, why);
                return None;
            }
            Connection::Unknown => {
                found.report_error(
                    AttributePath::root(),
                    "The object cannot be deleted.",
                    "The provider block is not known yet, so the server cannot be reached.",
                );
                return None;
            }
        };
        let (Value::Value(bucket), Value::Value(key)) = (&prior.bucket, &prior.key) else {
            return Some(());
        };
        let etag = match &prior.etag {
            Value::Value(etag) => Some(etag.as_str()),
            _ => None,
        };
        remove_object(&client, bucket, key, etag, self.context.stop())
            .await
            .map_err(|error| s3_error(found, AttributePath::root(), &error))
            .ok()
    }

    /// Removes the object from the stack that it was in before; what cannot be
    /// removed there is told, and does not undo what was done.
    async fn leave(&self, found: &mut Diagnostics, prior: &Object) {
        let mut left = Diagnostics::default();
        if self.remove(&mut left, prior).await.is_none() {
            for error in left.errors {
                found.report_warning(
                    AttributePath::new("stack"),
                    format!("Object {} stays in its former stack.", prior.display()),
                    format!("{} {}", error.summary, error.detail),
                );
            }
        }
    }
}

fn schema() -> Schema {
    use AttributeType::Number;
    use AttributeType::String;
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
            ("bucket", required(String, "Name of the bucket. Changing it replaces the object.")),
            ("key", required(String, "Key of the object. Changing it replaces the object.")),
            (
                "source",
                optional(
                    String,
                    "Path of the file to upload. One of `source`, `content` and `content_base64` must be set.",
                ),
            ),
            ("content", optional(String, "Content as text.")),
            ("content_base64", optional(String, "Content in base64.")),
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
            ("sha256", computed(String, "SHA-256 of the content in hexadecimal.")),
        ],
    )
}

impl Object {
    /// Names the object in messages.
    fn display(&self) -> String {
        let text = |value: &Value<String>| match value {
            Value::Value(text) => text.clone(),
            _ => "?".to_owned(),
        };
        format!("`{}/{}`", text(&self.bucket), text(&self.key))
    }

    /// Checks what can be checked without the file and without the server.
    fn validate(&self, found: &mut Diagnostics) {
        if let Value::Value(bucket) = &self.bucket
            && let Err(error) = key::validate_bucket(bucket)
        {
            found.report_error(
                AttributePath::new("bucket"),
                "Bucket name is not valid.",
                error.to_string(),
            );
        }
        if let Value::Value(name) = &self.key
            && let Err(error) = key::validate(name)
        {
            found.report_error(AttributePath::new("key"), "Key is not valid.", error.to_string());
        }
        let sources = [&self.source, &self.content, &self.content_base64];
        let set = sources.iter().filter(|value| !value.is_null()).count();
        if set != 1 {
            found.report_error(
                AttributePath::root(),
                "The object needs exactly one content.",
                format!(
                    "Set one of `source`, `content` and `content_base64`; {set} of them are set."
                ),
            );
        }
    }

    /// Returns the state after the object was made equal.
    fn with_applied(self, state: &ObjectState) -> Self {
        Self {
            etag: Value::Value(state.etag.clone()),
            version_id: from(state.version_id.clone()),
            content_type: from(state.headers.content_type.clone()),
            ..self
        }
    }

    /// Returns the state with what the server says in the place of what it held.
    fn with_observed(self, observed: &ObjectState) -> Self {
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
            (_, class) => from(class),
        };
        Self {
            content_type: from(observed.headers.content_type.clone()),
            cache_control: from(observed.headers.cache_control.clone()),
            content_disposition: from(observed.headers.content_disposition.clone()),
            content_encoding: from(observed.headers.content_encoding.clone()),
            content_language: from(observed.headers.content_language.clone()),
            metadata: map(&observed.metadata, &self.metadata),
            tags: match &observed.tags {
                Some(tags) if !self.tags.is_null() => Value::Value(texts(tags)),
                _ => self.tags,
            },
            storage_class,
            etag: Value::Value(observed.etag.clone()),
            version_id: from(observed.version_id.clone()),
            size: Value::Value(i64::try_from(observed.size).unwrap_or(i64::MAX)),
            crc64nvme: from(observed.crc64nvme.clone()),
            sha256: from(observed.sha256.clone()),
            ..self
        }
    }

    /// Says whether the planned object is another than the one in the state, the
    /// attributes apart that only say where the content comes from.
    fn differs_from(&self, prior: &Self) -> bool {
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

/// Returns the value, or null for none.
fn from<T>(option: Option<T>) -> Value<T> {
    option.map_or(Value::Null, Value::Value)
}
