//! Data sources as the server drives them; see `resource.rs` for the reasons.

use async_trait::async_trait;
use tf_provider::DataSource;
use tf_provider::Diagnostics;
use tf_provider::schema::Schema;

use crate::plugin::bridge::read_typed;
use crate::plugin::bridge::write_typed;
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
        if let Some(config) = read_typed(found, config) {
            DataSource::validate(self, found, config).await;
        }
    }

    async fn read(&self, found: &mut Diagnostics, config: Dynamic) -> Option<Dynamic> {
        let config = read_typed(found, config)?;
        let metadata = tf_provider::value::ValueEmpty::Null;
        let read = DataSource::read(self, found, config, metadata).await?;
        write_typed(found, &read)
    }
}
