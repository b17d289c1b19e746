//! What a provider serves, as the server sees it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tf_provider::DataSource;
use tf_provider::Diagnostics;
use tf_provider::Provider;
use tf_provider::schema::Schema;

use crate::plugin::bridge::read_typed;
use crate::plugin::data_source::ErasedDataSource;
use crate::plugin::dynamic::Dynamic;
use crate::plugin::resource::ErasedResource;
use crate::plugin::resource::ResourceExtension;

/// Is a provider with its resources and data sources, under the full names that
/// configurations use.
///
/// `tf-provider` prefixes every name with the provider's, so `minio_bucket`
/// could not be served; here a name is what is registered.
pub struct Registry {
    pub(crate) provider: Box<dyn ErasedProvider>,
    pub(crate) resources: BTreeMap<&'static str, Box<dyn ErasedResource>>,
    pub(crate) data_sources: BTreeMap<&'static str, Box<dyn ErasedDataSource>>,
    pub(crate) farewell: Option<Farewell>,
}

/// Is what a provider does when the client says goodbye.
pub(crate) type Farewell = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

impl Registry {
    /// Makes a registry of a provider that serves nothing yet.
    pub fn new<P>(provider: P) -> Self
    where
        P: Provider,
        for<'a> P::Config<'a>: serde::de::DeserializeOwned,
    {
        Self {
            provider: Box::new(provider),
            resources: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            farewell: None,
        }
    }

    /// Sets what is done when the client says goodbye after every call was answered: only
    /// then is it certain that the client has the answers. It may take a second.
    #[must_use]
    pub fn farewell<F>(mut self, farewell: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.farewell = Some(Box::new(move || farewell().boxed()));
        self
    }

    /// Adds a resource under its full name.
    #[must_use]
    pub fn resource<R>(mut self, name: &'static str, resource: R) -> Self
    where
        R: ResourceExtension + 'static,
        R: for<'a> tf_provider::Resource<ProviderMetaState<'a> = tf_provider::value::ValueEmpty>,
        for<'a> R::State<'a>: serde::de::DeserializeOwned,
        for<'a> R::PrivateState<'a>: serde::de::DeserializeOwned,
    {
        self.resources.insert(name, Box::new(resource));
        self
    }

    /// Adds a data source under its full name.
    #[must_use]
    pub fn data_source<D>(mut self, name: &'static str, data_source: D) -> Self
    where
        D: 'static,
        D: for<'a> DataSource<ProviderMetaState<'a> = tf_provider::value::ValueEmpty>,
        for<'a> D::State<'a>: serde::de::DeserializeOwned,
    {
        self.data_sources.insert(name, Box::new(data_source));
        self
    }
}

/// Is a provider of any configuration type.
#[async_trait]
pub(crate) trait ErasedProvider: Send + Sync {
    fn schema(&self, found: &mut Diagnostics) -> Option<Schema>;
    async fn validate(&self, found: &mut Diagnostics, config: Dynamic);
    async fn configure(&self, found: &mut Diagnostics, client_version: String, config: Dynamic);
}

#[async_trait]
impl<P> ErasedProvider for P
where
    P: Provider,
    for<'a> P::Config<'a>: serde::de::DeserializeOwned,
{
    fn schema(&self, found: &mut Diagnostics) -> Option<Schema> {
        Provider::schema(self, found)
    }

    async fn validate(&self, found: &mut Diagnostics, config: Dynamic) {
        if let Some(config) = read_typed(found, config) {
            Provider::validate(self, found, config).await;
        }
    }

    async fn configure(&self, found: &mut Diagnostics, client_version: String, config: Dynamic) {
        if let Some(config) = read_typed(found, config) {
            Provider::configure(self, found, client_version, config).await;
        }
    }
}
