//! `minio_bucket`: a bucket and its settings.
//!
//! Settings that the configuration leaves out are nobody's business: they are
//! neither read nor changed, and need no permission.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::Resource;
use tf_provider::schema::Schema;
use tf_provider::value::Value;
use tf_provider::value::ValueEmpty;

use crate::plugin::diagnostics::Report;
use crate::plugin::resource::ResourceExtension;
use crate::provider::connection::Connection;
use crate::provider::connection::connect;
use crate::provider::context::Context;
use crate::provider::import_id::ImportId;
use crate::provider::report::s3_error;
use crate::s3::bucket::BucketState;
use crate::s3::bucket::Facets;
use crate::s3::bucket::apply_settings;
use crate::s3::bucket::create_bucket;
use crate::s3::bucket::observe_bucket;
use crate::s3::bucket::remove_bucket;
use crate::s3::client::Client;
use crate::s3::error::Gone;
use crate::s3::error::Observed;

mod schema;
mod settings;
mod wording;

/// Is the resource.
pub struct MinioBucket {
    context: Context,
}

/// Is a `minio_bucket` as it stands in a configuration, a plan or the state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    stack: Value<String>,
    endpoint: Value<String>,
    #[expect(clippy::struct_field_names, reason = "the attribute's name")]
    bucket: Value<String>,
    versioning: Value<bool>,
    object_lock: Value<LockBlock>,
    policy: Value<String>,
    lifecycle_rule: Value<Vec<Value<RuleBlock>>>,
    tags: Value<BTreeMap<String, Value<String>>>,
    force_destroy: Value<bool>,
    adopt_existing: Value<bool>,
    id: Value<String>,
}

/// Is nothing: a `minio_bucket` keeps no private data.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct NoPrivate {}

/// Is the `object_lock` attribute; its presence enables object lock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockBlock {
    mode: Value<String>,
    days: Value<i64>,
    years: Value<i64>,
}

/// Is one rule of `lifecycle_rule`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleBlock {
    id: Value<String>,
    enabled: Value<bool>,
    prefix: Value<String>,
    tags: Value<BTreeMap<String, Value<String>>>,
    size_greater_than: Value<i64>,
    size_less_than: Value<i64>,
    expiration_days: Value<i64>,
    expiration_date: Value<String>,
    expire_delete_marker: Value<bool>,
    noncurrent_expiration_days: Value<i64>,
    noncurrent_versions_kept: Value<i64>,
    transition_days: Value<i64>,
    transition_storage_class: Value<String>,
    noncurrent_transition_days: Value<i64>,
    noncurrent_transition_storage_class: Value<String>,
    abort_incomplete_multipart_upload_days: Value<i64>,
}

/// Is what a look at a bucket found.
enum Look {
    Present(BucketState),
    Gone,
    StackGone,
    NotNow(String),
    Unknown,
}

impl MinioBucket {
    /// Makes the resource.
    pub fn new(context: Context) -> Self {
        Self { context }
    }

    async fn look(&self, found: &mut Diagnostics, at: &Bucket, facets: Facets) -> Option<Look> {
        let client = match connect(&self.context, found, &at.stack, &at.endpoint).await? {
            Connection::Ready(client) => client,
            Connection::Unknown => return Some(Look::Unknown),
            Connection::Gone => return Some(Look::StackGone),
            Connection::Broken(why) => return Some(Look::NotNow(why)),
        };
        let Value::Value(name) = &at.bucket else { return Some(Look::Unknown) };
        match observe_bucket(&client, name, facets, self.context.stop()).await {
            Ok(Observed::Present(state)) => Some(Look::Present(state)),
            Ok(Observed::Gone(Gone::Bucket | Gone::Key | Gone::DeleteMarker { .. })) => {
                Some(Look::Gone)
            }
            Err(error) => {
                s3_error(found, AttributePath::root(), &error);
                None
            }
        }
    }

    async fn client(&self, found: &mut Diagnostics, at: &Bucket) -> Option<Client> {
        match connect(&self.context, found, &at.stack, &at.endpoint).await? {
            Connection::Ready(client) => Some(client),
            Connection::Broken(why) => {
                let summary = "The stack of this bucket cannot be reached.";
                found.report_error(AttributePath::new("stack"), summary, why);
                None
            }
            Connection::Unknown | Connection::Gone => {
                found.report_error(
                    AttributePath::new("stack"),
                    "The stack of this bucket does not exist.",
                    "No release of that namespace and name is on the cluster.\n\
                     Hint: refer to the stack (`stack = s3www_stack.NAME.id`), so that it is \
                     created first.",
                );
                None
            }
        }
    }

    /// Makes the bucket exist and its settings equal. A bucket that exists when
    /// its settings fail is kept in the state.
    async fn ensure(
        &self,
        found: &mut Diagnostics,
        planned: Bucket,
        prior: Option<&Bucket>,
        adopt: bool,
    ) -> Option<(Bucket, NoPrivate)> {
        let stop = self.context.stop();
        let client = self.client(found, &planned).await?;
        let spec = planned.spec(found, prior)?;
        if let Err(error) = create_bucket(&client, &spec, adopt, stop).await {
            s3_error(found, AttributePath::new("bucket"), &error);
            return None;
        }
        let made = Bucket { id: planned.bucket.clone(), ..planned };
        if let Err(error) = apply_settings(&client, &spec, stop).await {
            s3_error(found, AttributePath::root(), &error);
        }
        Some((made, NoPrivate {}))
    }

    async fn remove(&self, found: &mut Diagnostics, prior: &Bucket) -> Option<()> {
        let client = match connect(&self.context, found, &prior.stack, &prior.endpoint).await? {
            Connection::Ready(client) => client,
            Connection::Gone => return Some(()),
            Connection::Broken(why) => {
                let summary = "The bucket cannot be deleted.";
                found.report_error(AttributePath::new("stack"), summary, why);
                return None;
            }
            Connection::Unknown => {
                found.report_error(
                    AttributePath::root(),
                    "The bucket cannot be deleted.",
                    "The provider block is not known yet, so the server cannot be reached.",
                );
                return None;
            }
        };
        let Value::Value(name) = &prior.bucket else { return Some(()) };
        let force = prior.force_destroy == Value::Value(true);
        remove_bucket(&client, name, force, self.context.stop())
            .await
            .map_err(|error| s3_error(found, AttributePath::root(), &error))
            .ok()
    }

    /// Looks whether a bucket that is planned to stay is not there any more, or not
    /// as the state says: its stack may have been replaced since the refresh, in
    /// this very apply, and the new one's loader makes a bucket of the same name.
    /// No answer is no reason to plan anything.
    async fn is_other(&self, prior: &Bucket) -> bool {
        let mut unused = Diagnostics::default();
        match self.look(&mut unused, prior, prior.managed()).await {
            Some(Look::Gone | Look::StackGone) => true,
            Some(Look::Present(observed)) => prior.clone().with_observed(&observed) != *prior,
            Some(Look::Unknown | Look::NotNow(_)) | None => false,
        }
    }
}

#[async_trait]
impl Resource for MinioBucket {
    type State<'a> = Bucket;
    type PrivateState<'a> = NoPrivate;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(schema::schema())
    }

    async fn validate<'a>(&self, found: &mut Diagnostics, config: Bucket) -> Option<()> {
        config.validate(found);
        Some(())
    }

    async fn read<'a>(
        &self,
        found: &mut Diagnostics,
        state: Bucket,
        private: NoPrivate,
        _: ValueEmpty,
    ) -> Option<(Bucket, NoPrivate)> {
        let facets = state.managed();
        match self.look(found, &state, facets).await? {
            Look::Present(observed) => Some((state.with_observed(&observed), private)),
            Look::Unknown => Some((state, private)),
            Look::NotNow(why) => {
                found.report_warning(
                    AttributePath::new("stack"),
                    format!("Bucket {} cannot be looked at.", state.display()),
                    why,
                );
                Some((state, private))
            }
            Look::Gone => {
                found.report_warning(
                    AttributePath::root(),
                    format!("Bucket {} is gone.", state.display()),
                    "It was deleted outside of this configuration; it is planned anew.",
                );
                None
            }
            Look::StackGone => {
                found.report_warning(
                    AttributePath::root(),
                    format!("Bucket {} is gone with its stack.", state.display()),
                    "The stack does not exist any more; both are planned anew.",
                );
                None
            }
        }
    }

    async fn plan_create<'a>(
        &self,
        _: &mut Diagnostics,
        _proposed: Bucket,
        config: Bucket,
        _: ValueEmpty,
    ) -> Option<(Bucket, NoPrivate)> {
        Some((Bucket { id: Value::Unknown, ..config }, NoPrivate {}))
    }

    async fn plan_update<'a>(
        &self,
        _: &mut Diagnostics,
        prior: Bucket,
        _proposed: Bucket,
        config: Bucket,
        private: NoPrivate,
        _: ValueEmpty,
    ) -> Option<(Bucket, NoPrivate, Vec<AttributePath>)> {
        let mut replace = Vec::new();
        if prior.bucket != config.bucket {
            replace.push(AttributePath::new("bucket"));
        }
        if prior.object_lock.is_null() != config.object_lock.is_null()
            && prior.stack == config.stack
        {
            // A bucket gets object lock when it is created, or never.
            replace.push(AttributePath::new("object_lock"));
        }
        let again =
            !replace.is_empty() || config.stack != prior.stack || self.is_other(&prior).await;
        let id = if again { Value::Unknown } else { prior.id.clone() };
        Some((Bucket { id, ..config }.in_words_of(&prior), private, replace))
    }

    async fn plan_destroy<'a>(
        &self,
        _: &mut Diagnostics,
        _: Bucket,
        private: NoPrivate,
        _: ValueEmpty,
    ) -> Option<NoPrivate> {
        Some(private)
    }

    async fn create<'a>(
        &self,
        found: &mut Diagnostics,
        planned: Bucket,
        _config: Bucket,
        _: NoPrivate,
        _: ValueEmpty,
    ) -> Option<(Bucket, NoPrivate)> {
        let adopt = planned.adopt_existing == Value::Value(true);
        self.ensure(found, planned, None, adopt).await
    }

    async fn update<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Bucket,
        planned: Bucket,
        _config: Bucket,
        private: NoPrivate,
        _: ValueEmpty,
    ) -> Option<(Bucket, NoPrivate)> {
        let same_stack = prior.stack == planned.stack;
        // In another stack the bucket is new, and a foreign one is not taken over
        // unless that is asked for.
        let adopt = same_stack || planned.adopt_existing == Value::Value(true);
        let ensured = self.ensure(found, planned, same_stack.then_some(&prior), adopt).await;
        let Some(ensured) = ensured.filter(|_| found.errors.is_empty()) else {
            return Some((prior, private));
        };
        if !same_stack {
            let mut left = Diagnostics::default();
            if self.remove(&mut left, &prior).await.is_none() {
                for error in left.errors {
                    found.report_warning(
                        AttributePath::new("stack"),
                        format!("Bucket {} stays in its former stack.", prior.display()),
                        format!("{} {}", error.summary, error.detail),
                    );
                }
            }
        }
        Some(ensured)
    }

    async fn destroy<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Bucket,
        _: NoPrivate,
        _: ValueEmpty,
    ) -> Option<()> {
        self.remove(found, &prior).await
    }

    async fn import<'a>(&self, found: &mut Diagnostics, id: String) -> Option<(Bucket, NoPrivate)> {
        let parsed = ImportId::parse(&id);
        let bucket = Bucket::named(parsed.stack(), Value::Value(parsed.path.to_owned()));
        let why = match self.look(found, &bucket, Facets::ALL).await? {
            Look::Present(observed) => return Some((bucket.imported(&observed), NoPrivate {})),
            Look::Gone => "It does not exist.".to_owned(),
            Look::StackGone => "Its stack does not exist.".to_owned(),
            Look::NotNow(why) => why,
            Look::Unknown => "The provider block is not known yet.".to_owned(),
        };
        found.report_error(
            AttributePath::root(),
            format!("Bucket `{}` cannot be imported.", parsed.path),
            format!(
                "{why}\nHint: the import id is `bucket`, or `namespace/name//bucket` for one in the \
                 MinIO of the stack `namespace/name`."
            ),
        );
        None
    }
}

impl ResourceExtension for MinioBucket {}

impl Bucket {
    /// Names the bucket in messages.
    fn display(&self) -> String {
        match &self.bucket {
            Value::Value(name) => format!("`{name}`"),
            _ => "of an unknown name".to_owned(),
        }
    }
}
