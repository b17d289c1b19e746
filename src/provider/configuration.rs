//! The provider block: its schema, and what it comes to.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use tf_provider::schema::AttributeType;
use tf_provider::schema::Schema;
use tf_provider::value::Value;

use crate::kubernetes::client::ClientConfig;
use crate::kubernetes::client::ExecCommand;
use crate::provider::attributes::Named;
use crate::provider::attributes::object;
use crate::provider::attributes::optional;
use crate::provider::attributes::required;
use crate::provider::attributes::schema as describe;
use crate::provider::attributes::sensitive;
use crate::provider::attributes::string_map;
use crate::provider::attributes::strings;

/// Is the provider block as it is written.
#[derive(Serialize, Deserialize)]
pub struct ProviderBlock {
    kubernetes: Value<KubernetesBlock>,
    minio: Value<MinioBlock>,
}

#[derive(Serialize, Deserialize)]
struct KubernetesBlock {
    config_path: Value<String>,
    config_paths: Value<Vec<Value<String>>>,
    config_context: Value<String>,
    config_context_cluster: Value<String>,
    config_context_auth_info: Value<String>,
    host: Value<String>,
    token: Value<String>,
    client_certificate: Value<String>,
    client_key: Value<String>,
    cluster_ca_certificate: Value<String>,
    insecure: Value<bool>,
    tls_server_name: Value<String>,
    proxy_url: Value<String>,
    exec: Value<ExecBlock>,
}

#[derive(Serialize, Deserialize)]
struct ExecBlock {
    api_version: Value<String>,
    command: Value<String>,
    args: Value<Vec<Value<String>>>,
    env: Value<BTreeMap<String, Value<String>>>,
}

#[derive(Serialize, Deserialize)]
struct MinioBlock {
    endpoint: Value<String>,
    access_key: Value<String>,
    secret_key: Value<String>,
    session_token: Value<String>,
    region: Value<String>,
    ca_certificate: Value<String>,
    insecure: Value<bool>,
    use_path_style: Value<bool>,
}

/// Is something that may depend on a value which no plan can know yet.
#[derive(Clone, Debug)]
pub enum Known<T> {
    /// Everything that it depends on is known.
    Now(T),
    /// Something depends on a resource that does not exist yet.
    AfterApply,
}

impl<T> Known<T> {
    /// Returns it, if it is known.
    pub fn now(self) -> Option<T> {
        match self {
            Self::Now(known) => Some(known),
            Self::AfterApply => None,
        }
    }
}

/// Is what the provider block comes to.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Which cluster, and as whom.
    pub kubernetes: Known<ClientConfig>,
    /// The MinIO that no stack made, if the block names one.
    pub minio: Known<Option<MinioConfig>>,
}

/// Is the `minio` part of the provider block, without the environment behind it.
#[derive(Clone, Default)]
pub struct MinioConfig {
    /// The URL.
    pub endpoint: Option<String>,
    /// The access key.
    pub access_key: Option<String>,
    /// The secret key.
    pub secret_key: Option<String>,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
    /// The region to sign for.
    pub region: Option<String>,
    /// The certificates to trust, in PEM.
    pub ca_certificate: Option<String>,
    /// Whether any server certificate is accepted.
    pub insecure: Option<bool>,
    /// Whether the bucket stands in the path of requests, not in the host's name.
    pub use_path_style: Option<bool>,
}

impl std::fmt::Debug for MinioConfig {
    /// Writes what is no credential.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("MinioConfig")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// Returns the provider block's schema.
pub fn schema() -> Schema {
    use AttributeType::Bool;
    use AttributeType::String;
    let kubernetes = object([
        (
            "config_path",
            optional(
                String,
                "Path of a kubeconfig file (`KUBE_CONFIG_PATH`). `~` is the home folder.",
            ),
        ),
        (
            "config_paths",
            optional(strings(), "Paths of kubeconfig files, merged (`KUBE_CONFIG_PATHS`)."),
        ),
        ("config_context", optional(String, "Context of the kubeconfig to use (`KUBE_CTX`).")),
        (
            "config_context_cluster",
            optional(String, "Cluster to use instead of the context's (`KUBE_CTX_CLUSTER`)."),
        ),
        (
            "config_context_auth_info",
            optional(String, "User to use instead of the context's (`KUBE_CTX_AUTH_INFO`)."),
        ),
        ("host", optional(String, "URL of the API server (`KUBE_HOST`).")),
        ("token", sensitive(optional(String, "Bearer token (`KUBE_TOKEN`)."))),
        (
            "client_certificate",
            optional(String, "Client certificate in PEM (`KUBE_CLIENT_CERT_DATA`)."),
        ),
        (
            "client_key",
            sensitive(optional(
                String,
                "Key of the client certificate in PEM (`KUBE_CLIENT_KEY_DATA`).",
            )),
        ),
        (
            "cluster_ca_certificate",
            optional(String, "Certificates to trust, in PEM (`KUBE_CLUSTER_CA_CERT_DATA`)."),
        ),
        (
            "insecure",
            optional(
                Bool,
                "Whether to accept any certificate of the API server (`KUBE_INSECURE`).",
            ),
        ),
        (
            "tls_server_name",
            optional(
                String,
                "Name that the API server's certificate must bear (`KUBE_TLS_SERVER_NAME`).",
            ),
        ),
        (
            "proxy_url",
            optional(
                String,
                "Proxy for all requests to the API server (`KUBE_PROXY_URL`). Without it, `HTTPS_PROXY` and `NO_PROXY` count, as for kubectl.",
            ),
        ),
        ("exec", optional(exec(), "Command that prints credentials, as in a kubeconfig's `exec`.")),
    ]);
    let minio = object([
        (
            "endpoint",
            optional(
                String,
                "URL of the server (`MINIO_ENDPOINT`, `AWS_ENDPOINT_URL_S3`). `AWS_ENDPOINT_URL` is read too.",
            ),
        ),
        (
            "access_key",
            optional(
                String,
                "Access key (`MINIO_ACCESS_KEY`, `AWS_ACCESS_KEY_ID`). `MINIO_ROOT_USER` is read too.",
            ),
        ),
        (
            "secret_key",
            sensitive(optional(
                String,
                "Secret key (`MINIO_SECRET_KEY`, `AWS_SECRET_ACCESS_KEY`). `MINIO_ROOT_PASSWORD` is read too.",
            )),
        ),
        (
            "session_token",
            sensitive(optional(
                String,
                "Session token of temporary credentials (`AWS_SESSION_TOKEN`).",
            )),
        ),
        ("region", optional(String, "Region to sign for (`AWS_REGION`); `us-east-1` if not set.")),
        (
            "ca_certificate",
            optional(
                String,
                "Certificates to trust, in PEM. They are trusted instead of the system's.",
            ),
        ),
        ("insecure", optional(Bool, "Whether to accept any certificate of the server.")),
        (
            "use_path_style",
            optional(
                Bool,
                "Whether the bucket stands in the path, not in the host's name; `true` if not \
                 set, except for `amazonaws.com`.",
            ),
        ),
    ]);
    let attributes: [Named; 2] = [
        (
            "kubernetes",
            optional(
                kubernetes,
                "The cluster. What is not set comes from the environment, the usual kubeconfig, \
                 or the pod's own service account, in this order.",
            ),
        ),
        (
            "minio",
            optional(
                minio,
                "A MinIO or other S3 server that no `s3www_stack` made, for resources that do \
                 not set `stack`.",
            ),
        ),
    ];
    describe(0, "Deploys s3www and MinIO onto Kubernetes and serves files from it.", attributes)
}

fn exec() -> AttributeType {
    use AttributeType::String;
    object([
        ("api_version", required(String, "Such as `client.authentication.k8s.io/v1`.")),
        ("command", required(String, "The command.")),
        ("args", optional(strings(), "Its arguments.")),
        ("env", optional(string_map(), "Further environment variables.")),
    ])
}

impl ProviderBlock {
    /// Returns what the block comes to.
    pub fn resolve(self) -> Configuration {
        Configuration {
            kubernetes: match self.kubernetes {
                Value::Null => Known::Now(ClientConfig::default()),
                Value::Unknown => Known::AfterApply,
                Value::Value(block) => block.resolve().map_or(Known::AfterApply, Known::Now),
            },
            minio: match self.minio {
                Value::Null => Known::Now(None),
                Value::Unknown => Known::AfterApply,
                Value::Value(block) => {
                    block.resolve().map_or(Known::AfterApply, |config| Known::Now(Some(config)))
                }
            },
        }
    }
}

/// Says that a value is not known yet; `?` on it gives up on the whole block.
struct NotYet;

fn known<T>(value: Value<T>) -> Result<Option<T>, NotYet> {
    match value {
        Value::Value(value) => Ok(Some(value)),
        Value::Null => Ok(None),
        Value::Unknown => Err(NotYet),
    }
}

fn known_list(value: Value<Vec<Value<String>>>) -> Result<Vec<String>, NotYet> {
    known(value)?
        .unwrap_or_default()
        .into_iter()
        .filter_map(|text| known(text).transpose())
        .collect()
}

impl KubernetesBlock {
    fn resolve(self) -> Result<ClientConfig, NotYet> {
        Ok(ClientConfig {
            config_path: known(self.config_path)?,
            config_paths: known_list(self.config_paths)?,
            config_context: known(self.config_context)?,
            config_context_cluster: known(self.config_context_cluster)?,
            config_context_auth_info: known(self.config_context_auth_info)?,
            host: known(self.host)?,
            token: known(self.token)?,
            client_certificate: known(self.client_certificate)?,
            client_key: known(self.client_key)?,
            cluster_ca_certificate: known(self.cluster_ca_certificate)?,
            insecure: known(self.insecure)?,
            tls_server_name: known(self.tls_server_name)?,
            proxy_url: known(self.proxy_url)?,
            exec: known(self.exec)?.map(ExecBlock::resolve).transpose()?,
        })
    }
}

impl ExecBlock {
    fn resolve(self) -> Result<ExecCommand, NotYet> {
        let env = known(self.env)?.unwrap_or_default();
        Ok(ExecCommand {
            api_version: known(self.api_version)?.unwrap_or_default(),
            command: known(self.command)?.unwrap_or_default(),
            args: known_list(self.args)?,
            env: env
                .into_iter()
                .map(|(name, value)| Ok((name, known(value)?.unwrap_or_default())))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl MinioBlock {
    fn resolve(self) -> Result<MinioConfig, NotYet> {
        Ok(MinioConfig {
            endpoint: known(self.endpoint)?,
            access_key: known(self.access_key)?,
            secret_key: known(self.secret_key)?,
            session_token: known(self.session_token)?,
            region: known(self.region)?,
            ca_certificate: known(self.ca_certificate)?,
            insecure: known(self.insecure)?,
            use_path_style: known(self.use_path_style)?,
        })
    }
}
