//! A connection to a pod of a Service, carried by the API server.
//!
//! Nothing listens locally and nothing needs to be exposed by the cluster: each
//! connection is one websocket to the pod's `portforward` subresource, used as a byte
//! stream. kube's own port-forward does the same with frames of 4 KiB, which halves
//! the throughput; ours are of 64 KiB.
//!
//! [`PortForward`] is a [`tower::Service`] from an address to such a stream, so an
//! HTTP client takes it in place of its TCP connector.

mod pod;
mod tunnel;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use thiserror::Error;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::port_forward::pod::Endpoint;

pub use crate::kubernetes::port_forward::tunnel::Tunnel;
pub use crate::kubernetes::port_forward::tunnel::TunnelError;

/// How long opening a tunnel to one pod may take.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// Says why there is no connection to a Service.
#[derive(Debug, Error)]
pub enum PortForwardError {
    /// The API server refused to say where the Service's pods are.
    #[error(transparent)]
    Kubernetes(#[from] KubernetesError),
    /// There is no such Service.
    #[error(
        "Service `{namespace}/{service}` does not exist, so there is nothing to connect to. If it \
         was deleted by hand, apply the stack again."
    )]
    NoService {
        /// The Service's namespace.
        namespace: String,
        /// The Service's name.
        service: String,
    },
    /// The Service has no pods of its own.
    #[error(
        "Service `{namespace}/{service}` selects no pods (type ExternalName, or without a \
         selector), so no tunnel can be made to it. Use the provider's `minio` block with its address."
    )]
    NoSelector {
        /// The Service's namespace.
        namespace: String,
        /// The Service's name.
        service: String,
    },
    /// The Service has no such port.
    #[error("Service `{namespace}/{service}` has no port {port}; it has {known}.")]
    NoPort {
        /// The Service's namespace.
        namespace: String,
        /// The Service's name.
        service: String,
        /// What was asked for.
        port: ServicePort,
        /// What it has, as a list.
        known: String,
    },
    /// No pod of the Service serves.
    #[error(
        "Service `{namespace}/{service}` has no pod that is ready: {state}. Wait until it is, or \
         look at `kubectl -n {namespace} get pods`."
    )]
    NoReadyPod {
        /// The Service's namespace.
        namespace: String,
        /// The Service's name.
        service: String,
        /// What was found.
        state: String,
    },
    /// The pod took no connection.
    #[error("Pod `{namespace}/{pod}`, port {port}: {source}.")]
    Tunnel {
        /// The pod's namespace.
        namespace: String,
        /// The pod's name.
        pod: String,
        /// The container's port.
        port: u16,
        /// Why.
        source: TunnelError,
    },
}

/// Names a port of a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServicePort {
    /// By its number.
    Number(u16),
    /// By its name.
    Name(String),
}

impl std::fmt::Display for ServicePort {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Name(name) => write!(formatter, "`{name}`"),
        }
    }
}

/// Makes connections to one port of a Service. Clones share what they know of its pods.
#[derive(Clone)]
pub struct PortForward {
    cluster: Cluster,
    namespace: String,
    service: String,
    port: ServicePort,
    last: Arc<Mutex<Option<Endpoint>>>,
}

impl std::fmt::Debug for PortForward {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PortForward({}/{}:{})", self.namespace, self.service, self.port)
    }
}

impl PortForward {
    /// Names the Service; connects to nothing.
    pub fn new(
        cluster: &Cluster,
        namespace: impl Into<String>,
        service: impl Into<String>,
        port: ServicePort,
    ) -> Self {
        Self {
            cluster: cluster.clone(),
            namespace: namespace.into(),
            service: service.into(),
            port,
            last: Arc::default(),
        }
    }

    /// Opens a connection to a ready pod of the Service.
    ///
    /// The pod of the last connection is tried first. If it is gone, another one is
    /// looked for, once: more patience is the business of whoever retries requests.
    pub async fn connect(&self) -> Result<Tunnel, PortForwardError> {
        let known = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(endpoint) = known {
            match self.open(&endpoint).await {
                Ok(tunnel) => return Ok(tunnel),
                Err(error) => {
                    tracing::debug!(%error, "looking for another pod");
                    self.remember(None);
                }
            }
        }
        let endpoint = self.find().await?;
        let tunnel = self.open(&endpoint).await?;
        self.remember(Some(endpoint));
        Ok(tunnel)
    }

    /// Looks for a ready pod of the Service, for the first connection to use; opens none.
    pub async fn look(&self) -> Result<(), PortForwardError> {
        self.remember(Some(self.find().await?));
        Ok(())
    }

    async fn find(&self) -> Result<Endpoint, PortForwardError> {
        pod::find(&self.cluster, &self.namespace, &self.service, &self.port).await
    }

    fn remember(&self, endpoint: Option<Endpoint>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = endpoint;
    }

    async fn open(&self, endpoint: &Endpoint) -> Result<Tunnel, PortForwardError> {
        let opening = Tunnel::open(&self.cluster, &self.namespace, &endpoint.pod, endpoint.port);
        let opened = tokio::time::timeout(OPEN_TIMEOUT, opening)
            .await
            .unwrap_or(Err(TunnelError::NoAnswer { seconds: OPEN_TIMEOUT.as_secs() }));
        opened.map_err(|source| PortForwardError::Tunnel {
            namespace: self.namespace.clone(),
            pod: endpoint.pod.clone(),
            port: endpoint.port,
            source,
        })
    }
}

impl tower::Service<http::Uri> for PortForward {
    type Response = Tunnel;
    type Error = PortForwardError;
    type Future = Pin<Box<dyn Future<Output = Result<Tunnel, PortForwardError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), PortForwardError>> {
        Poll::Ready(Ok(()))
    }

    /// Opens a connection. The address is not looked at: where it leads was said before.
    fn call(&mut self, _: http::Uri) -> Self::Future {
        let forward = self.clone();
        Box::pin(async move { forward.connect().await })
    }
}
