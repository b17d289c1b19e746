//! From a `stack` attribute, or the provider block, to a client of an S3 server.
//!
//! A stack's own MinIO is reached through the Kubernetes API's port-forward, so
//! nothing needs to be exposed. Where it is and with which credentials is written
//! by the chart itself, in a ConfigMap of the release: see [`StackConnection`].

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use crate::helm::release::Status;
use crate::helm::release::objects;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::port_forward::PortForward;
use crate::kubernetes::port_forward::PortForwardError;
use crate::kubernetes::port_forward::ServicePort;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::release_store::ReleaseStore;
use crate::kubernetes::release_store::StoreError;
use crate::plugin::diagnostics::Report;
use crate::provider::configuration::Known;
use crate::provider::configuration::MinioConfig;
use crate::provider::context::Context;
use crate::provider::context::Route;
use crate::provider::report;
use crate::provider::value::known;
use crate::s3::client::Client;
use crate::s3::client::Endpoint;
use crate::s3::client::EndpointError;

/// Is what a `stack` attribute leads to.
pub enum Connection {
    /// A server that can be talked to.
    Ready(Client),
    /// Nothing yet: the stack, or the provider block, is known after apply.
    Unknown,
    /// The stack is gone, or on its way out with its server, and with it everything that was in it.
    Gone,
    /// The stack is there and lacks what is needed to reach its server, or its server does not
    /// run, which its next apply brings back. The text says what. Nothing is known until then.
    Broken(String),
}

/// Is what a chart says about its S3 server, in the ConfigMap that has the label
/// `app.kubernetes.io/component: connection`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackConnection {
    fields: BTreeMap<String, String>,
}

impl StackConnection {
    /// Finds it among the objects of a release.
    pub fn find<'a>(objects: impl IntoIterator<Item = &'a Json>) -> Option<Self> {
        let marked = objects.into_iter().find(|object| {
            object.get("kind").and_then(Json::as_str) == Some("ConfigMap")
                && object
                    .pointer("/metadata/labels/app.kubernetes.io~1component")
                    .and_then(Json::as_str)
                    == Some("connection")
        })?;
        let data = marked.get("data").and_then(Json::as_object)?;
        let fields = data
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        Some(Self { fields })
    }

    /// Returns a field, unless it is missing or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }
}

/// Says why there is no connection.
#[derive(Debug, thiserror::Error)]
enum ConnectionError {
    #[error("`{0}` is not the id of an `s3www_stack`, which is `namespace/name`.")]
    NotAnId(String),
    #[error(transparent)]
    Kubernetes(#[from] KubernetesError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Manifest(#[from] objects::StoredManifestError),
    #[error(
        "The chart of the stack `{0}` does not say where its S3 server is: no ConfigMap with the \
         label `app.kubernetes.io/component: connection` is among its objects. Use a chart that \
         has one, or leave `stack` out and set the provider's `minio` block."
    )]
    NoConnection(String),
    #[error("The connection of the stack `{stack}` has no `{field}`.")]
    NoField { stack: String, field: &'static str },
    #[error(
        "The Secret `{secret}` with the credentials of the stack `{stack}` has no key `{key}`. \
         Apply the stack again."
    )]
    NoCredential { stack: String, secret: String, key: String },
    #[error(
        "The {kind} `{name}` has no key `{key}`, which the chart of the stack `{stack}` names as \
         the certificate authority of its S3 server. Set `minio.tls.caKey` to the key that it has."
    )]
    NoAuthority { stack: String, kind: &'static str, name: String, key: String },
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    #[error(
        "No S3 server is named. Set `stack` to the id of an `s3www_stack`, or the provider's \
         `minio` block (or the environment behind it): {0} is missing."
    )]
    NoServer(&'static str),
}

/// Connects to what a `stack` attribute means: a stack, or, if it is null, the provider block's
/// `minio`. Nothing is sent to the S3 server yet.
///
/// At the address `endpoint`, if there is one, the stack's server can be reached without the
/// Kubernetes API: a load balancer's, a node's, an Ingress's. If nobody answers there, the way
/// through the API is taken, with a warning: what the bucket holds does not depend on the way.
///
/// Returns `None` if it cannot be told, which is then in the diagnostics.
pub async fn connect(
    context: &Context,
    found: &mut Diagnostics,
    stack: &Value<String>,
    endpoint: &Value<String>,
) -> Option<Connection> {
    if *stack == Value::Unknown || *endpoint == Value::Unknown {
        return Some(Connection::Unknown);
    }
    let route = Route { stack: known(stack), address: known(endpoint) };
    if let Some(client) = context.known_connection(&route) {
        return Some(Connection::Ready(client));
    }
    let connected = match &route.stack {
        Some(id) => through_stack(context, found, id, route.address.as_deref()).await,
        None => match context.minio() {
            Some(config) => direct(config, &|name| std::env::var(name).ok()),
            None => return Some(Connection::Unknown),
        },
    };
    match connected {
        Ok(Connection::Ready(client)) => {
            Some(Connection::Ready(context.keep_connection(route, client)))
        }
        Ok(other) => Some(other),
        Err(error) => {
            refuse(found, &error);
            None
        }
    }
}

/// Checks an `endpoint` attribute, which goes with `stack` only.
pub fn validate_endpoint(found: &mut Diagnostics, stack: &Value<String>, endpoint: &Value<String>) {
    let at = || AttributePath::new("endpoint");
    match (stack, endpoint) {
        (_, Value::Null) => {}
        (Value::Null, _) => found.report_error(
            at(),
            "Endpoint needs a stack.",
            "It says where the MinIO of a `stack` is reached directly.\nHint: without `stack`, set \
             `endpoint` in the provider's `minio` block.",
        ),
        (_, Value::Value(url)) => {
            if let Err(error) = Endpoint::validate_url(url) {
                found.report_error(at(), "Endpoint is not valid.", error.to_string());
            }
        }
        (_, Value::Unknown) => {}
    }
}

fn refuse(found: &mut Diagnostics, error: &ConnectionError) {
    let summary = "The S3 server cannot be found.";
    match error {
        ConnectionError::Kubernetes(error)
        | ConnectionError::Store(StoreError::Kubernetes(error)) => {
            report::kubernetes_error(found, AttributePath::new("stack"), summary, error);
        }
        ConnectionError::NoServer(_) | ConnectionError::Endpoint(_) => {
            found.report_error(AttributePath::root(), summary, error.to_string());
        }
        _ => found.report_error(AttributePath::new("stack"), summary, error.to_string()),
    }
}

/// Makes the client of the provider block's `minio`, with the environment behind it.
fn direct(
    config: MinioConfig,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Connection, ConnectionError> {
    let or = |own: Option<String>, names: &[&str]| {
        own.or_else(|| names.iter().find_map(|name| environment(name)))
            .filter(|text| !text.is_empty())
    };
    let required = |own, names: &'static [&'static str], what| {
        or(own, names).ok_or(ConnectionError::NoServer(what))
    };
    let url = required(
        config.endpoint,
        &["MINIO_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
        "`endpoint`",
    )?;
    // AWS's own endpoints want the bucket in the host name; everything else is
    // asked the way that MinIO understands without a domain of its own.
    let path_style = config.use_path_style.unwrap_or_else(|| !url.contains(".amazonaws.com"));
    let endpoint = Endpoint {
        access_key: required(
            config.access_key,
            &["MINIO_ACCESS_KEY", "MINIO_ROOT_USER", "AWS_ACCESS_KEY_ID"],
            "`access_key`",
        )?,
        secret_key: required(
            config.secret_key,
            &["MINIO_SECRET_KEY", "MINIO_ROOT_PASSWORD", "AWS_SECRET_ACCESS_KEY"],
            "`secret_key`",
        )?,
        session_token: or(config.session_token, &["AWS_SESSION_TOKEN"]),
        region: or(config.region, &["AWS_REGION", "AWS_DEFAULT_REGION"]),
        ca_certificate: config.ca_certificate,
        insecure: config.insecure.unwrap_or(false),
        path_style,
        url,
    };
    Ok(Connection::Ready(Client::direct(&endpoint)?))
}

/// Makes the client of a stack's S3 server from what its release says.
async fn through_stack(
    context: &Context,
    found: &mut Diagnostics,
    id: &str,
    address: Option<&str>,
) -> Result<Connection, ConnectionError> {
    let (namespace, name) = id
        .split_once('/')
        .filter(|(namespace, name)| {
            !namespace.is_empty() && !name.is_empty() && !name.contains('/')
        })
        .ok_or_else(|| ConnectionError::NotAnId(id.to_owned()))?;
    let Known::Now(cluster) = context.cluster()? else { return Ok(Connection::Unknown) };
    let Some(stored) = ReleaseStore::new(&cluster, namespace, name).latest().await? else {
        return Ok(Connection::Gone);
    };
    // What an uninstall that was cut short has left goes with the stack, when that goes on.
    let is_going = stored.release.info.status == Status::Uninstalling;
    let broken =
        |why: String| Ok(if is_going { Connection::Gone } else { Connection::Broken(why) });
    let documents = objects::documents(&stored.release.manifest)?;
    let connection = StackConnection::find(&documents)
        .ok_or_else(|| ConnectionError::NoConnection(id.to_owned()))?;
    let field = |field: &'static str| {
        connection
            .get(field)
            .ok_or_else(|| ConnectionError::NoField { stack: id.to_owned(), field })
    };
    let secret = field("credentialsSecret")?;
    let Some(data) = texts(&cluster, "Secret", namespace, secret).await? else {
        // An error would keep the very apply from running that brings it back.
        return broken(format!(
            "The Secret `{namespace}/{secret}` with the credentials of the stack `{id}` does not \
             exist; the stack's next apply makes it again."
        ));
    };
    let credential = |key: &str| {
        data.get(key).cloned().ok_or_else(|| ConnectionError::NoCredential {
            stack: id.to_owned(),
            secret: secret.to_owned(),
            key: key.to_owned(),
        })
    };
    let authority = match authority_of(&connection) {
        Some((kind, name, key)) => {
            let Some(mut data) = texts(&cluster, kind, namespace, name).await? else {
                return broken(format!(
                    "The {kind} `{namespace}/{name}` with the certificate authority of the stack \
                     `{id}` does not exist. If cert-manager makes it, look at the Certificate."
                ));
            };
            Some(data.remove(key).ok_or_else(|| ConnectionError::NoAuthority {
                stack: id.to_owned(),
                kind,
                name: format!("{namespace}/{name}"),
                key: key.to_owned(),
            })?)
        }
        None => connection.get("caCertificate").map(str::to_owned),
    };
    let endpoint = Endpoint {
        url: field("minioEndpoint")?.to_owned(),
        access_key: credential(field("credentialsUserKey")?)?,
        secret_key: credential(field("credentialsPasswordKey")?)?,
        session_token: None,
        region: connection.get("region").map(str::to_owned),
        ca_certificate: authority,
        insecure: false,
        path_style: true,
    };
    if let Some(address) = address {
        let config = context.minio().unwrap_or_default();
        let endpoint = Endpoint {
            url: address.to_owned(),
            ca_certificate: config.ca_certificate.or_else(|| endpoint.ca_certificate.clone()),
            insecure: config.insecure.unwrap_or(false),
            path_style: config.use_path_style.unwrap_or(true),
            ..endpoint.clone()
        };
        let client = Client::direct(&endpoint)?;
        match endpoint.reach().await {
            Ok(()) => {
                tracing::debug!(
                    stack = id,
                    address,
                    "the S3 server of the stack is reached directly"
                );
                return Ok(Connection::Ready(client));
            }
            Err(why) => found.report_warning(
                AttributePath::new("endpoint"),
                format!("`{address}` cannot be reached from here."),
                format!(
                    "The S3 server of the stack `{id}` is reached through the Kubernetes API in \
                     its place ({why})."
                ),
            ),
        }
    }
    let Some(service) = connection.get("minioService") else {
        return Ok(Connection::Ready(Client::direct(&endpoint)?));
    };
    let port = field("minioPort")?;
    let port =
        port.parse().map_or_else(|_| ServicePort::Name(port.to_owned()), ServicePort::Number);
    let tunnel = PortForward::new(&cluster, namespace, service, port);
    match tunnel.look().await {
        // The stack's own drift, or an update that failed: again an error would be in the way.
        Err(error @ (PortForwardError::NoReadyPod { .. } | PortForwardError::NoService { .. })) => {
            return broken(error.to_string());
        }
        Err(PortForwardError::Kubernetes(error)) => return Err(error.into()),
        // What else is wrong is said by the first request, with what it was for.
        _ => {}
    }
    Ok(Connection::Ready(Client::through(&endpoint, tunnel)?))
}

/// Returns where a chart says that its server's certificate authority is: kind, name
/// and key of an object in the release's namespace.
fn authority_of(connection: &StackConnection) -> Option<(&'static str, &str, &str)> {
    let (kind, name) = connection
        .get("authoritySecret")
        .map(|name| ("Secret", name))
        .or_else(|| connection.get("authorityConfigMap").map(|name| ("ConfigMap", name)))?;
    Some((kind, name, connection.get("authorityKey").unwrap_or("ca.crt")))
}

/// Reads the texts of a Secret or a ConfigMap; `None` if it does not exist.
async fn texts(
    cluster: &Cluster,
    kind: &'static str,
    namespace: &str,
    name: &str,
) -> Result<Option<BTreeMap<String, String>>, KubernetesError> {
    use base64::Engine;
    let resource = cluster.resource(&GroupVersionKind::new("v1", kind)).await?;
    let Some(object) = cluster.find(&resource.object(namespace, name)).await? else {
        return Ok(None);
    };
    let data = object.get(&["data"]).and_then(Json::as_object);
    let decode = |value: &Json| {
        let text = value.as_str()?;
        if kind == "ConfigMap" {
            return Some(text.to_owned());
        }
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
        String::from_utf8(bytes).ok()
    };
    Ok(Some(
        data.into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), decode(value)?)))
            .collect(),
    ))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_chart_says_where_its_server_is() {
        let other =
            json!({ "kind": "ConfigMap", "metadata": { "name": "x" }, "data": { "a": "b" } });
        let connection = json!({
            "kind": "ConfigMap",
            "metadata": { "labels": { "app.kubernetes.io/component": "connection" } },
            "data": { "bucket": "site", "url": "" },
        });
        assert_eq!(StackConnection::find([&other]), None);
        let found = StackConnection::find([&other, &connection]).unwrap();
        assert_eq!(found.get("bucket"), Some("site"));
        assert_eq!(found.get("url"), None, "an empty field is none");
    }

    #[test]
    fn a_chart_says_where_its_authority_is() {
        let connection = |data: Json| {
            StackConnection::find([&json!({
                "kind": "ConfigMap",
                "metadata": { "labels": { "app.kubernetes.io/component": "connection" } },
                "data": data,
            })])
            .unwrap()
        };
        assert_eq!(authority_of(&connection(json!({ "bucket": "site" }))), None);
        let both = connection(json!({ "authoritySecret": "tls", "authorityConfigMap": "" }));
        assert_eq!(authority_of(&both), Some(("Secret", "tls", "ca.crt")));
        let map = connection(json!({ "authorityConfigMap": "company", "authorityKey": "ca.pem" }));
        assert_eq!(authority_of(&map), Some(("ConfigMap", "company", "ca.pem")));
    }

    #[test]
    fn what_is_missing_of_the_minio_block_is_named() {
        let environment = |name: &str| (name == "MINIO_ENDPOINT").then(|| "http://h:1".to_owned());
        let error = direct(MinioConfig::default(), &environment).err().unwrap();
        assert!(error.to_string().contains("`access_key` is missing"), "{error}");
        let error = direct(MinioConfig::default(), &|_| None).err().unwrap();
        assert!(error.to_string().contains("`endpoint` is missing"), "{error}");
    }
}
