//! `minio_directory`: a folder of files as objects under a prefix.
//!
//! - `state` has the attributes, `private` what is remembered beside them;
//! - `scan` makes of the folder what is planned, `settings` and `shown` the one line that says
//!   what an object is, in plan and refresh alike;
//! - `refresh` lists what is there, `plan` compares, `apply` writes and removes, `import` takes over.
//!
//! As for a `minio_object`, create and update are one operation, and a changed `stack` is never a
//! reason to replace.

use std::sync::Arc;

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
use crate::s3::error::Observed;
use crate::s3::listing::ListRequest;
use crate::s3::listing::Listing;
use crate::s3::listing::list_objects;

mod apply;
mod failures;
mod import;
mod plan;
mod private;
mod refresh;
mod scan;
mod schema;
mod settings;
mod shown;
mod state;
mod validate;

use private::Private;
use state::Directory;

/// Is the resource.
pub struct MinioDirectory {
    context: Context,
    seen: Seen<Arc<Listing>>,
}

/// Is what a look at a prefix found.
enum Look {
    Present(Client, Arc<Listing>),
    BucketGone,
    StackGone,
    NotNow(String),
    Unknown,
}

impl MinioDirectory {
    /// Makes the resource.
    pub fn new(context: Context) -> Self {
        Self { context, seen: Seen::new() }
    }

    /// Connects and lists what is under the prefix; `None` if there is no answer, which is then in
    /// the diagnostics.
    async fn look(&self, found: &mut Diagnostics, directory: &Directory) -> Option<Look> {
        let client = match self.connect(found, directory).await? {
            Connection::Ready(client) => client,
            Connection::Unknown => return Some(Look::Unknown),
            Connection::Gone => return Some(Look::StackGone),
            Connection::Broken(why) => return Some(Look::NotNow(why)),
        };
        let (Value::Value(bucket), Some(prefix)) = (&directory.bucket, directory.key_prefix())
        else {
            return Some(Look::Unknown);
        };
        let request = ListRequest { bucket, prefix: &prefix, delimiter: None, limit: None };
        match list_objects(&client, &request, self.context.stop()).await {
            Ok(Observed::Present(listing)) => {
                let listing = Arc::new(listing);
                self.seen.remember(directory.place(), Arc::clone(&listing));
                Some(Look::Present(client, listing))
            }
            Ok(Observed::Gone(_)) => Some(Look::BucketGone),
            Err(error) => {
                s3_error(found, AttributePath::root(), &error);
                None
            }
        }
    }

    /// Does the same, unless the step before this one has just listed it.
    async fn look_once(&self, found: &mut Diagnostics, directory: &Directory) -> Option<Look> {
        let Some(listing) = self.seen.take(&directory.place()) else {
            return self.look(found, directory).await;
        };
        match self.connect(found, directory).await? {
            Connection::Ready(client) => Some(Look::Present(client, listing)),
            _ => self.look(found, directory).await,
        }
    }

    async fn connect(&self, found: &mut Diagnostics, directory: &Directory) -> Option<Connection> {
        connect(&self.context, found, &directory.stack, &directory.endpoint).await
    }
}

#[async_trait]
impl Resource for MinioDirectory {
    type State<'a> = Directory;
    type PrivateState<'a> = Private;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(schema::schema())
    }

    async fn validate<'a>(&self, found: &mut Diagnostics, config: Directory) -> Option<()> {
        config.validate(found);
        Some(())
    }

    async fn read<'a>(
        &self,
        found: &mut Diagnostics,
        state: Directory,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Directory, Private)> {
        match self.look(found, &state).await? {
            Look::Present(client, listing) => {
                self.refresh(found, &client, &listing, state, private).await
            }
            Look::Unknown => Some((state, private)),
            Look::NotNow(why) => {
                found.report_warning(
                    AttributePath::new("stack"),
                    format!("Directory {} cannot be looked at.", state.display()),
                    why,
                );
                Some((state, private))
            }
            Look::BucketGone => {
                found.report_warning(
                    AttributePath::root(),
                    format!("Directory {} is gone with its bucket.", state.display()),
                    "The bucket was deleted outside of this configuration; the objects are planned \
                     anew.",
                );
                None
            }
            Look::StackGone => {
                found.report_warning(
                    AttributePath::root(),
                    format!("Directory {} is gone with its stack.", state.display()),
                    "The stack does not exist any more; both are planned anew.",
                );
                None
            }
        }
    }

    async fn plan_create<'a>(
        &self,
        found: &mut Diagnostics,
        _proposed: Directory,
        config: Directory,
        _: ValueEmpty,
    ) -> Option<(Directory, Private)> {
        self.plan_first(found, config).await
    }

    async fn plan_update<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Directory,
        _proposed: Directory,
        config: Directory,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Directory, Private, Vec<AttributePath>)> {
        self.plan_next(found, prior, config, private).await
    }

    async fn plan_destroy<'a>(
        &self,
        _: &mut Diagnostics,
        _: Directory,
        private: Private,
        _: ValueEmpty,
    ) -> Option<Private> {
        Some(private)
    }

    async fn create<'a>(
        &self,
        found: &mut Diagnostics,
        planned: Directory,
        _config: Directory,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Directory, Private)> {
        self.apply(found, None, planned, private).await
    }

    async fn update<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Directory,
        planned: Directory,
        _config: Directory,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Directory, Private)> {
        self.apply(found, Some(prior), planned, private).await
    }

    async fn destroy<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Directory,
        private: Private,
        _: ValueEmpty,
    ) -> Option<()> {
        self.remove(found, &prior, &private).await
    }

    async fn import<'a>(
        &self,
        found: &mut Diagnostics,
        id: String,
    ) -> Option<(Directory, Private)> {
        self.import_prefix(found, &id).await
    }
}

impl ResourceExtension for MinioDirectory {}
