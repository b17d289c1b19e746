//! The connection to a cluster: which one, as whom, and a client that is made on first use.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::HeaderName;
use http::HeaderValue;
use tokio::sync::OnceCell;

use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::resource::KnownKinds;

pub use crate::kubernetes::client::config::ClientConfig;
pub use crate::kubernetes::client::config::ExecCommand;

pub(crate) use crate::kubernetes::client::credentials::describe_auth_error;

mod config;
mod credentials;
mod kubeconfig;
mod proxy;
mod resolve;
mod transport;

/// Is how long a connection may take to be there, names looked up and TLS included.
///
/// Short on purpose: `terraform plan` against a cluster that is off has to say so at once.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Is how long a credential plugin may take.
const PLUGIN_TIMEOUT: Duration = Duration::from_mins(1);

/// Is a handle on one cluster, cheap to clone. Clones share connections and what was discovered.
#[derive(Clone)]
pub struct Cluster {
    shared: Arc<Shared>,
}

struct Shared {
    config: kube::Config,
    address: String,
    origin: String,
    identity: String,
    client: OnceCell<kube::Client>,
    known_kinds: KnownKinds,
    /// Whether any request was answered.
    was_there: AtomicBool,
}

impl fmt::Debug for Cluster {
    /// Writes the address only: everything else may be secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Cluster")
            .field("address", &self.shared.address)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Decides from configuration, environment and kubeconfig files which cluster is meant.
    ///
    /// Files are read, but nothing is sent and no credential plugin runs: that waits for the
    /// first request. The order of precedence is described at [`ClientConfig`].
    pub fn connect(config: &ClientConfig) -> Result<Self, KubernetesError> {
        Self::connect_with(config, &|name| std::env::var(name).ok())
    }

    /// Does what [`Cluster::connect`] does, with the environment given as a function.
    pub fn connect_with(
        config: &ClientConfig,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, KubernetesError> {
        let mut resolved = resolve::resolve(&config.with_environment(environment), environment)?;
        resolved.config.connect_timeout = Some(CONNECT_TIMEOUT);
        // Long-lived streams share this client, so time limits are set per request instead.
        resolved.config.read_timeout = None;
        // kube's own retries repeat 5xx answers, which may be the user's own error (a manifest
        // that does not fit its schema is a 500); see `request`.
        resolved.config.default_retry = false;
        resolved.config.headers.push((
            HeaderName::from_static("user-agent"),
            HeaderValue::from_static(concat!("terraform-provider-s3www/", env!("S3WWW_VERSION"))),
        ));
        Ok(Self {
            shared: Arc::new(Shared {
                address: resolved.config.cluster_url.to_string().trim_end_matches('/').to_owned(),
                config: resolved.config,
                origin: resolved.origin,
                identity: resolved.identity,
                client: OnceCell::new(),
                known_kinds: KnownKinds::default(),
                was_there: AtomicBool::new(false),
            }),
        })
    }

    /// Returns the client underneath, made on first use; a credential plugin runs here.
    ///
    /// For what the requests of this module do not cover: logs, port-forward, watches.
    pub async fn client(&self) -> Result<kube::Client, KubernetesError> {
        let make = async || {
            let config = self.shared.config.clone();
            // Making the client runs the credential plugin, which may wait for a person to log in.
            let making =
                tokio::task::spawn_blocking(move || transport::client(config, CONNECT_TIMEOUT));
            match tokio::time::timeout(PLUGIN_TIMEOUT, making).await {
                Ok(Ok(client)) => client.map_err(|error| self.client_error(&error)),
                Ok(Err(error)) => Err(self.unusable(&error.to_string())),
                Err(_) => Err(self.unusable(&format!(
                    "the credential plugin `{}` did not finish within {} s",
                    self.plugin().unwrap_or("(unnamed)"),
                    PLUGIN_TIMEOUT.as_secs()
                ))),
            }
        };
        self.shared.client.get_or_try_init(make).await.cloned()
    }

    /// Returns the API server's URL.
    pub fn address(&self) -> &str {
        &self.shared.address
    }

    /// Returns where the address comes from, such as "context `kind-dev` of /home/me/.kube/config".
    pub fn origin(&self) -> &str {
        &self.shared.origin
    }

    /// Returns whose credentials are sent, such as "user `admin` (context `kind-dev` of ...)".
    pub fn identity(&self) -> &str {
        &self.shared.identity
    }

    /// Says whether the API server has answered before, so that it is away only now.
    pub(crate) fn was_there(&self) -> bool {
        self.shared.was_there.load(Ordering::Relaxed)
    }

    /// Notes that the API server has answered.
    pub(crate) fn has_answered(&self) {
        self.shared.was_there.store(true, Ordering::Relaxed);
    }

    /// Returns what is known about the cluster's kinds.
    pub(crate) fn known_kinds(&self) -> &KnownKinds {
        &self.shared.known_kinds
    }

    fn client_error(&self, error: &kube::Error) -> KubernetesError {
        match error {
            kube::Error::Auth(error) => self.unusable(&describe_auth_error(error, self.plugin())),
            other => self.unusable(&other.to_string()),
        }
    }

    /// Says that the credentials cannot be used, and why.
    pub(crate) fn unusable(&self, cause: &str) -> KubernetesError {
        KubernetesError::Configuration(format!(
            "The credentials for {} ({}) cannot be used: {}.",
            self.address(),
            self.identity(),
            cause.trim_end_matches('.')
        ))
    }

    /// Returns the credential plugin's command, for messages.
    pub(crate) fn plugin(&self) -> Option<&str> {
        self.shared.config.auth_info.exec.as_ref().and_then(|exec| exec.command.as_deref())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::unnecessary_wraps)]
mod tests;
