//! What the provider block and the environment say about the cluster.

use std::fmt;

use crate::kubernetes::client::kubeconfig::split_paths;

/// Is what a user may set about the cluster; everything is optional.
///
/// Precedence: a field; the environment variable behind it (the names are those of the Helm and
/// Kubernetes providers); the files of `config_path`/`config_paths`; if neither those nor `host`
/// are given, the files of `KUBECONFIG`, else `~/.kube/config`; else the service account of the pod
/// that we run in. Credentials given here replace those of a kubeconfig file as a whole.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientConfig {
    /// A kubeconfig file (`KUBE_CONFIG_PATH`).
    pub config_path: Option<String>,
    /// Several kubeconfig files, merged (`KUBE_CONFIG_PATHS`, separated as in `PATH`).
    pub config_paths: Vec<String>,
    /// The context to use (`KUBE_CTX`), else the current one.
    pub config_context: Option<String>,
    /// The cluster to use instead of the context's (`KUBE_CTX_CLUSTER`).
    pub config_context_cluster: Option<String>,
    /// The user to use instead of the context's (`KUBE_CTX_AUTH_INFO`).
    pub config_context_auth_info: Option<String>,
    /// The API server's URL or host name (`KUBE_HOST`).
    pub host: Option<String>,
    /// A bearer token (`KUBE_TOKEN`).
    pub token: Option<String>,
    /// A client certificate in PEM (`KUBE_CLIENT_CERT_DATA`).
    pub client_certificate: Option<String>,
    /// The client certificate's key in PEM (`KUBE_CLIENT_KEY_DATA`).
    pub client_key: Option<String>,
    /// The certificates to trust, in PEM (`KUBE_CLUSTER_CA_CERT_DATA`).
    pub cluster_ca_certificate: Option<String>,
    /// Whether any server certificate is accepted (`KUBE_INSECURE`).
    pub insecure: Option<bool>,
    /// The name that the server's certificate must bear (`KUBE_TLS_SERVER_NAME`).
    pub tls_server_name: Option<String>,
    /// A proxy for all requests (`KUBE_PROXY_URL`).
    pub proxy_url: Option<String>,
    /// A command that prints credentials.
    pub exec: Option<ExecCommand>,
}

/// Is a credential plugin: a command that prints an `ExecCredential`, see
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ExecCommand {
    /// Such as `client.authentication.k8s.io/v1`.
    pub api_version: String,
    /// The command.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Further environment variables, as name and value.
    pub env: Vec<(String, String)>,
}

impl fmt::Debug for ClientConfig {
    /// Writes what is no credential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientConfig")
            .field("config_path", &self.config_path)
            .field("config_paths", &self.config_paths)
            .field("config_context", &self.config_context)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ExecCommand {
    /// Writes the command only; arguments and environment may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ExecCommand")
            .field("command", &self.command)
            .finish_non_exhaustive()
    }
}

impl ClientConfig {
    /// Returns the configuration with every empty field filled from the environment.
    #[must_use]
    pub fn with_environment(&self, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let text = |own: &Option<String>, name: &str| {
            own.clone().filter(|value| !value.is_empty()).or_else(|| variable(name))
        };
        // A path in the block must not meet a list of paths from the environment, nor the
        // other way round: the block decides as a whole.
        let own_files = self.config_path.as_ref().is_some_and(|path| !path.is_empty())
            || !self.config_paths.is_empty();
        let (config_path, config_paths) = if own_files {
            (self.config_path.clone(), self.config_paths.clone())
        } else {
            let list = variable("KUBE_CONFIG_PATHS").map(|list| split_paths(&list));
            (variable("KUBE_CONFIG_PATH"), list.unwrap_or_default())
        };
        Self {
            config_path,
            config_paths,
            config_context: text(&self.config_context, "KUBE_CTX"),
            config_context_cluster: text(&self.config_context_cluster, "KUBE_CTX_CLUSTER"),
            config_context_auth_info: text(&self.config_context_auth_info, "KUBE_CTX_AUTH_INFO"),
            host: text(&self.host, "KUBE_HOST"),
            token: text(&self.token, "KUBE_TOKEN"),
            client_certificate: text(&self.client_certificate, "KUBE_CLIENT_CERT_DATA"),
            client_key: text(&self.client_key, "KUBE_CLIENT_KEY_DATA"),
            cluster_ca_certificate: text(&self.cluster_ca_certificate, "KUBE_CLUSTER_CA_CERT_DATA"),
            insecure: self.insecure.or_else(|| {
                variable("KUBE_INSECURE").map(|value| {
                    matches!(value.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True")
                })
            }),
            tls_server_name: text(&self.tls_server_name, "KUBE_TLS_SERVER_NAME"),
            proxy_url: text(&self.proxy_url, "KUBE_PROXY_URL"),
            exec: self.exec.clone(),
        }
    }
}
