//! Data sources as the server drives them; see `resource.rs` for the reasons.

use async_trait::async_trait;
use tf_provider::AttributePath;
use tf_provider::DataSource;
use tf_provider::Diagnostics;
use tf_provider::schema::Schema;

use crate::plugin::bridge::from_dynamic;
use crate::plugin::bridge::to_dynamic;
use crate::plugin::diagnostics::Report;
use crate::plugin::dynamic::Dynamic;

/// Is a data source of any state type.
#[async_trait]
pub(crate) trait ErasedDataSource: Send + Sync {
    fn schema(&self, found: &mut Diagnostics) -> Option<Schema>;
    async fn validate(&self, found: &mut Diagnostics, config: Dynamic);
    async fn read(&self, found: &mut Diagnostics, config: Dynamic) -> Option<Dynamic>;
}

#[async_trait]
impl<D> ErasedDataSource for D
where
    D: DataSource + 'static,
    for<'a> D: DataSource<ProviderMetaState<'a> = tf_provider::value::ValueEmpty>,
    for<'a> D::State<'a>: serde::de::DeserializeOwned,
{
    fn schema(&self, found: &mut Diagnostics) -> Option<Schema> {
        DataSource::schema(self, found)
    }

    async fn validate(&self, found: &mut Diagnostics, config: Dynamic) {
        match from_dynamic(config) {
            Ok(config) => {
                DataSource::validate(self, found, config).await;
            }
            Err(error) => found.report_error(
                AttributePath::root(),
                "The provider's schema is wrong.",
                error.to_string(),
            ),
        }
    }

    async fn read(&self, found: &mut Diagnostics, config: Dynamic) -> Option<Dynamic> {
        let read = match from_dynamic(config) {
            Ok(config) => {
                let metadata = tf_provider::value::ValueEmpty::Null;
                DataSource::read(self, found, config, metadata).await?
            }
            Err(error) => {
                found.report_error(
                    AttributePath::root(),
                    "The provider's schema is wrong.",
                    error.to_string(),
                );
                return None;
            }
        };
        to_dynamic(&read)
            .map_err(|error| {
                found.report_error(
                    AttributePath::root(),
                    "The provider's schema is wrong.",
                    error.to_string(),
                );
            })
            .ok()
    }
}
