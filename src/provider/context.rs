//! What all resources of one provider process share.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;

use tokio_util::sync::CancellationToken;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::lifecycle::HEARTBEAT;
use crate::kubernetes::release_store::ReleaseStore;
use crate::provider::configuration::Configuration;
use crate::provider::configuration::Known;
use crate::provider::configuration::MinioConfig;
use crate::s3::client::Client;

/// Is the provider's configuration and the connections made from it, shared by
/// all resources. Clones are the same context.
#[derive(Clone)]
pub struct Context {
    shared: Arc<Shared>,
    stop: CancellationToken,
}

#[derive(Default)]
struct Shared {
    configuration: OnceLock<Configuration>,
    cluster: OnceLock<Cluster>,
    connections: Mutex<HashMap<Route, Client>>,
    installed: Mutex<Vec<Installed>>,
}

/// Is a way to an S3 server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Route {
    /// The id of the stack whose server it is; without one, that of the provider block.
    pub(super) stack: Option<String>,
    /// The address at which a stack's server is reached, if it is not the stack's own.
    pub(super) address: Option<String>,
}

/// Is a release that this process installed.
struct Installed {
    namespace: String,
    name: String,
    revision: u32,
    /// Shows in the meantime that this process is there.
    life: tokio::task::JoinHandle<()>,
}

impl Context {
    /// Makes a context that is not configured yet. `stop` is cancelled when the
    /// client asks the provider to stop.
    pub fn new(stop: CancellationToken) -> Self {
        Self { shared: Arc::default(), stop }
    }

    /// Keeps the configuration. Nothing is connected to before it is used. A
    /// client configures a process once; a second time changes nothing.
    pub fn configure(&self, configuration: Configuration) {
        drop(self.shared.configuration.set(configuration));
    }

    /// Returns the token that ends every operation.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Returns the cluster that the provider block leads to.
    pub fn cluster(&self) -> Result<Known<Cluster>, KubernetesError> {
        if let Some(cluster) = self.shared.cluster.get() {
            return Ok(Known::Now(cluster.clone()));
        }
        let config = match self.shared.configuration.get().map(|known| &known.kubernetes) {
            Some(Known::Now(config)) => config.clone(),
            Some(Known::AfterApply) => return Ok(Known::AfterApply),
            None => crate::kubernetes::client::ClientConfig::default(),
        };
        let cluster = Cluster::connect(&config)?;
        Ok(Known::Now(self.shared.cluster.get_or_init(|| cluster).clone()))
    }

    /// Remembers a release that was installed until it is known that the client has the
    /// answer, see [`Context::confirm_installed`].
    pub(super) fn remember_installed(&self, namespace: &str, name: &str, revision: u32) {
        let Some(cluster) = self.shared.cluster.get().cloned() else { return };
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        let release = (namespace.clone(), name.clone());
        let life = tokio::spawn(async move {
            let store = ReleaseStore::new(&cluster, &release.0, &release.1);
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                if let Err(error) = store.show_life(revision).await {
                    tracing::debug!(%error, "the sign of life could not be written");
                }
            }
        });
        let mut installed = self.shared.installed.lock().unwrap_or_else(PoisonError::into_inner);
        installed.push(Installed { namespace, name, revision, life });
    }

    /// Notes in the records of what was installed that the client knows of it. Until then
    /// a create of that name takes the release for one that no state knows of, and goes on
    /// with it: the client may have been killed.
    pub(super) async fn confirm_installed(&self) {
        let installed = {
            let mut all = self.shared.installed.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *all)
        };
        let Some(cluster) = self.shared.cluster.get() else { return };
        for Installed { namespace, name, revision, life } in installed {
            life.abort();
            let store = ReleaseStore::new(cluster, &namespace, &name);
            if let Err(error) = store.confirm(revision).await {
                // It does no harm before somebody else wants a release of that name.
                tracing::warn!(%error, namespace, name, "the release could not be confirmed");
            }
        }
    }

    /// Returns the provider block's `minio`; `None` while it is not wholly known.
    pub fn minio(&self) -> Option<MinioConfig> {
        match self.shared.configuration.get().map(|known| &known.minio) {
            Some(Known::Now(config)) => Some(config.clone().unwrap_or_default()),
            Some(Known::AfterApply) => None,
            None => Some(MinioConfig::default()),
        }
    }

    /// Returns the client that was made earlier in this process, so that many objects look their
    /// stack up once, and share connections and what is known of their server.
    pub(super) fn known_connection(&self, route: &Route) -> Option<Client> {
        let known = self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(route).cloned()
    }

    /// Keeps a client, and returns the one to use: of two that were made at once, the first.
    pub(super) fn keep_connection(&self, route: Route, client: Client) -> Client {
        let mut known = self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(route).or_insert(client).clone()
    }

    /// Forgets those of a stack, since an operation on it may have changed server or credentials.
    pub(super) fn forget_connection(&self, stack: &str) {
        let mut known = self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|route, _| route.stack.as_deref() != Some(stack));
    }
}
