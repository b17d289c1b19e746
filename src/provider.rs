//! The Terraform types, one file each, named after the type.
//!
//! What they share: [`configuration`] is the provider block, [`context`] what one
//! process knows, [`connection`] the way from a stack to its S3 server,
//! [`attributes`] the words that schemas are written in, [`report`] how errors of
//! the layers below become diagnostics.

use async_trait::async_trait;
use tf_provider::Diagnostics;
use tf_provider::Provider;
use tf_provider::schema::Schema;
use tf_provider::value::ValueEmpty;
use tokio_util::sync::CancellationToken;

use crate::plugin::registry::Registry;
use crate::provider::configuration::ProviderBlock;
use crate::provider::context::Context;
use crate::provider::minio_bucket::MinioBucket;
use crate::provider::minio_directory::MinioDirectory;
use crate::provider::minio_object::MinioObject;
use crate::provider::minio_objects::MinioObjects;
use crate::provider::s3www_chart::S3wwwChart;
use crate::provider::s3www_stack::S3wwwStack;
use crate::provider::s3www_stack_data::S3wwwStackData;

pub mod attributes;
pub mod configuration;
pub mod connection;
pub mod context;
pub mod duration;
pub mod import_id;
pub mod minio_bucket;
pub mod minio_directory;
pub mod minio_object;
pub mod minio_objects;
pub mod report;
pub mod s3www_chart;
pub mod s3www_stack;
pub mod s3www_stack_data;
mod seen;
pub mod value;
pub mod values_yaml;

/// The provider's source address.
pub const ADDRESS: &str = "terraform.local/s3www/s3www";

/// Returns everything that the provider serves. `stop` ends its operations.
pub fn registry(stop: CancellationToken) -> Registry {
    let context = Context::new(stop);
    let at_the_end = context.clone();
    Registry::new(S3www { context: context.clone() })
        .resource("s3www_stack", S3wwwStack::new(context.clone()))
        .resource("minio_bucket", MinioBucket::new(context.clone()))
        .resource("minio_object", MinioObject::new(context.clone()))
        .resource("minio_directory", MinioDirectory::new(context.clone()))
        .data_source("minio_objects", MinioObjects::new(context.clone()))
        .data_source("s3www_stack", S3wwwStackData::new(context))
        .data_source("s3www_chart", S3wwwChart)
        .farewell(move || {
            let context = at_the_end.clone();
            async move { context.confirm_installed().await }
        })
}

/// Is the provider itself.
struct S3www {
    context: Context,
}

#[async_trait]
impl Provider for S3www {
    type Config<'a> = ProviderBlock;
    type MetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(configuration::schema())
    }

    async fn configure<'a>(
        &self,
        _: &mut Diagnostics,
        _terraform_version: String,
        config: ProviderBlock,
    ) -> Option<()> {
        // Nothing is connected to: a configuration may have no stack at all, or one
        // on a cluster that is made in the same run.
        self.context.configure(config.resolve());
        Some(())
    }
}
