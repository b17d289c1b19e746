//! A mutating admission webhook that really runs: what it changes is the cluster's will.

use std::net::IpAddr;
use std::net::UdpSocket;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::manifests::config_map;
use super::manifests::with;
use super::place::place;

const CONFIGURATIONS: &str = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

/// Returns the address under which the API server reaches this machine: that of the route to it.
fn own_address(api_server: &str) -> IpAddr {
    let url: http::Uri = api_server.parse().unwrap();
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect((url.host().unwrap(), url.port_u16().unwrap_or(443))).unwrap();
    socket.local_addr().unwrap().ip()
}

/// Answers admission reviews on one port until it is dropped.
struct Webhook {
    url: String,
    authority: String,
    task: tokio::task::JoinHandle<()>,
}

impl Webhook {
    async fn start(address: IpAddr) -> Self {
        let certified = rcgen::generate_simple_self_signed([address.to_string()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key.into())
            .unwrap();
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A connection that breaks is the API server's to notice.
                let _ = answer(&acceptor, stream).await;
            }
        });
        let pem = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            STANDARD.encode(certified.cert.der())
        );
        Self { url, authority: STANDARD.encode(pem), task }
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(acceptor: &TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut request = Vec::new();
    let body = loop {
        let mut part = [0; 8192];
        let read = stream.read(&mut part).await?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&part[..read]);
        let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
        let length: usize = length.trim().parse().unwrap();
        if request.len() >= end + 4 + length {
            break request[end + 4..].to_vec();
        }
    };
    let review: Value = serde_json::from_slice(&body)?;
    let patch = json!([
        {"op": "add", "path": "/data/force", "value": "webhook"},
        {"op": "add", "path": "/data/injected", "value": "x"},
    ]);
    let review =
        json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": {
        "uid": review["request"]["uid"], "allowed": true, "patchType": "JSONPatch",
        "patch": STANDARD.encode(patch.to_string()), "warnings": ["the webhook was here"]}})
        .to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        review.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(review.as_bytes()).await?;
    stream.shutdown().await
}

/// 37: what a webhook sets is no drift while it is there, and drift when it is gone.
#[tokio::test]
async fn what_a_webhook_changes_is_no_drift_while_it_is_there() {
    let place = place!("mutating");
    let webhook = Webhook::start(own_address(place.cluster.address())).await;
    let name = format!("{}.example.org", place.namespace);
    let configuration = json!({"apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration", "metadata": {"name": name}, "webhooks": [{
            "name": name, "failurePolicy": "Ignore", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "timeoutSeconds": 5, "clientConfig": {"url": webhook.url, "caBundle": webhook.authority},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": place.namespace}},
            "objectSelector": {"matchLabels": {"app.kubernetes.io/managed-by": "Helm"}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}]}]});
    place.send("POST", CONFIGURATIONS, "kubectl-create", "application/json", &configuration).await;

    let object = with(&config_map(), "/data/force", json!("ours"));
    place
        .until("the webhook is asked", async || {
            let applied = place.apply(&object).await;
            applied.warnings == ["the webhook was here"]
        })
        .await;
    assert_eq!(place.live("v1/ConfigMap/c").await.get(&["data", "injected"]), Some(&json!("x")));
    place.assert_in_sync(&object).await;
    let findings = place.validate(&[(&object, true)]).await;
    assert!(findings[0].message.contains("the webhook was here"), "{findings:?}");

    let path = format!("{CONFIGURATIONS}/{name}");
    place.send("DELETE", &path, "kubectl", "application/json", &json!({})).await;
    place
        .until("the webhook is not asked any more", async || {
            place.drift(&object).await == ["data.force: ours -> webhook"]
        })
        .await;
    place.assert_repaired(&object).await;
}
