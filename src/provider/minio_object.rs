//! `minio_object`: one file in a bucket.
//!
//! Create and update are one operation, "make it exist and be equal", because a
//! stack may be replaced under its objects: an update then finds nothing and
//! uploads. For the same reason a changed `stack` is never a reason to replace.

use async_trait::async_trait;
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
use crate::provider::report::s3_error;
use crate::provider::seen::Seen;
use crate::s3::client::Client;
use crate::s3::error::ErrorKind;
use crate::s3::error::Observed;
use crate::s3::object::Expectation;
use crate::s3::object::ObjectState;
use crate::s3::object::ensure_object;
use crate::s3::object::observe_object;
use crate::s3::object::remove_object;
use crate::s3::object::remove_object_versions;

mod import;
mod schema;
mod spec;
mod state;
mod validate;

pub use state::Object;
pub use state::Private;

/// Is the resource.
pub struct MinioObject {
    context: Context,
    seen: Seen<ObjectState>,
}

impl MinioObject {
    /// Makes the resource.
    pub fn new(context: Context) -> Self {
        Self { context, seen: Seen::new() }
    }

    /// Connects and looks at the object; `None` if there is no answer, which is
    /// then in the diagnostics.
    async fn look(&self, found: &mut Diagnostics, object: &Object) -> Option<Look> {
        let client = match connect(&self.context, found, &object.stack, &object.endpoint).await? {
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
    ) -> Option<(Object, Private)> {
        let stop = self.context.stop();
        let client = self.client(found, &planned).await?;
        let spec = planned.spec(found, stop).await?;
        match ensure_object(&client, &spec, &expectation, stop).await {
            Ok(state) => {
                let is_fetched = planned.source_url.is_value();
                let fetched = is_fetched.then(|| spec.fingerprint.clone());
                Some((planned.with_applied(&state, spec.fingerprint), Private { fetched }))
            }
            Err(error) => {
                let is_download =
                    planned.source_url.is_value() && *error.kind() == ErrorKind::Source;
                let attribute = if is_download {
                    AttributePath::new("source_url")
                } else {
                    AttributePath::root()
                };
                s3_error(found, attribute, &error);
                None
            }
        }
    }

    /// Connects for an operation that needs the server.
    async fn client(&self, found: &mut Diagnostics, object: &Object) -> Option<Client> {
        match connect(&self.context, found, &object.stack, &object.endpoint).await? {
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
    type PrivateState<'a> = Private;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(schema::schema())
    }

    async fn validate<'a>(&self, found: &mut Diagnostics, config: Object) -> Option<()> {
        config.validate(found);
        Some(())
    }

    async fn read<'a>(
        &self,
        found: &mut Diagnostics,
        state: Object,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Object, Private)> {
        match self.look(found, &state).await? {
            Look::Present(observed) => {
                let read = state.with_observed(&observed);
                self.seen.remember(read.place(), *observed);
                Some((read, private))
            }
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
    ) -> Option<(Object, Private)> {
        let private = Private::default();
        let mut planned = config.planned(found, &private, self.context.stop()).await?;
        planned.etag = Value::Unknown;
        planned.version_id = Value::Unknown;
        Some((planned, private))
    }

    async fn plan_update<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Object,
        _proposed: Object,
        config: Object,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Object, Private, Vec<AttributePath>)> {
        let mut planned = config.planned(found, &private, self.context.stop()).await?;
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
        private: Private,
        _: ValueEmpty,
    ) -> Option<Private> {
        Some(private)
    }

    async fn create<'a>(
        &self,
        found: &mut Diagnostics,
        planned: Object,
        _config: Object,
        _: Private,
        _: ValueEmpty,
    ) -> Option<(Object, Private)> {
        let expectation = planned.expecting(Expectation::Absent);
        self.ensure(found, planned, expectation).await
    }

    async fn update<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Object,
        planned: Object,
        _config: Object,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Object, Private)> {
        let same_stack = prior.stack == planned.stack;
        let expectation = match &prior.etag {
            Value::Value(etag) if same_stack => Expectation::Etag(etag.clone()),
            _ => Expectation::Absent,
        };
        let expectation = planned.expecting(expectation);
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
        _: Private,
        _: ValueEmpty,
    ) -> Option<()> {
        self.remove(found, &prior).await
    }

    async fn import<'a>(&self, found: &mut Diagnostics, id: String) -> Option<(Object, Private)> {
        self.import_object(found, &id).await
    }
}

impl ResourceExtension for MinioObject {}

impl MinioObject {
    /// Looks whether an object that is planned to stay is not there any more, or is
    /// another one: its stack may have been replaced since the refresh, in this very
    /// apply. No answer is no reason to plan anything.
    async fn is_other(&self, prior: &Object) -> bool {
        let differs = |observed: &ObjectState| {
            let now = prior.clone().with_observed(observed);
            now.etag != prior.etag || now.differs_from(prior)
        };
        // In a plan that has just refreshed.
        if let Some(observed) = self.seen.take(&prior.place()) {
            return differs(&observed);
        }
        let mut unused = Diagnostics::default();
        match self.look(&mut unused, prior).await {
            Some(Look::Gone(_) | Look::StackGone) => true,
            Some(Look::Present(observed)) => differs(&observed),
            Some(Look::Unknown | Look::NotNow(_)) | None => false,
        }
    }

    /// Removes the object of the state; one that is gone, with its stack or
    /// without, is no error.
    async fn remove(&self, found: &mut Diagnostics, prior: &Object) -> Option<()> {
        let client = match connect(&self.context, found, &prior.stack, &prior.endpoint).await? {
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
        let stop = self.context.stop();
        let removed = if prior.delete_versions == Value::Value(true) {
            remove_object_versions(&client, bucket, key, etag, stop).await
        } else {
            remove_object(&client, bucket, key, etag, stop).await
        };
        removed.map_err(|error| s3_error(found, AttributePath::root(), &error)).ok()
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
