//! Admission webhooks that really run: what they change, and what they deny, is the cluster's will.

use std::net::IpAddr;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;
use terraform_provider_s3www::kubernetes::drift::Outcome;
use terraform_provider_s3www::kubernetes::drift::Severity;
use terraform_provider_s3www::kubernetes::managed_fields::ManagedFields;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::manifests::config_map;
use super::manifests::deployment;
use super::manifests::with;
use super::place::Place;
use super::place::place;

const CONFIGURATIONS: &str = "/apis/admissionregistration.k8s.io/v1";

/// Returns the address under which the API server reaches this machine: that of the route to it.
fn own_address(api_server: &str) -> IpAddr {
    let url: http::Uri = api_server.parse().unwrap();
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect((url.host().unwrap(), url.port_u16().unwrap_or(443))).unwrap();
    socket.local_addr().unwrap().ip()
}

/// Says what a webhook answers to a review.
pub enum Reply {
    /// Lets it pass.
    Allow,
    /// Lets it pass with this JSON patch and a warning.
    Patch(Value),
    /// Denies it, with these words, and this status if any.
    Deny(&'static str, Option<u16>),
    /// Does not answer.
    Never,
}

/// Answers admission reviews on one port until it is dropped.
pub struct Webhook {
    url: String,
    authority: String,
    task: tokio::task::JoinHandle<()>,
}

impl Webhook {
    /// Starts a webhook that answers each review as `reply` says, which is given the review's request.
    pub async fn start(
        place: &Place,
        reply: impl Fn(&Value) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let address = own_address(place.cluster.address());
        let certified = rcgen::generate_simple_self_signed([address.to_string()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key.into())
            .unwrap();
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let reply = Arc::new(reply);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, reply) = (acceptor.clone(), Arc::clone(&reply));
                tokio::spawn(async move {
                    // A connection that breaks is the API server's to notice.
                    drop(answer(&acceptor, stream, reply.as_ref()).await);
                });
            }
        });
        let pem = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            STANDARD.encode(certified.cert.der())
        );
        Self { url, authority: STANDARD.encode(pem), task }
    }

    /// Makes the API server ask it about what the release does with objects of this kind; returns
    /// the path of the configuration.
    pub async fn install(&self, place: &Place, group: &str, resource: &str) -> String {
        self.install_as("Mutating", place, group, resource).await
    }

    /// Does the same, as a `Mutating` or a `Validating` webhook.
    async fn install_as(&self, what: &str, place: &Place, group: &str, resource: &str) -> String {
        let name = format!("{}.example.org", place.namespace);
        let path = format!("{CONFIGURATIONS}/{}webhookconfigurations", what.to_lowercase());
        let configuration = json!({"apiVersion": "admissionregistration.k8s.io/v1",
            "kind": format!("{what}WebhookConfiguration"), "metadata": {"name": name}, "webhooks": [{
                "name": name, "failurePolicy": "Ignore", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "timeoutSeconds": 10, "clientConfig": {"url": self.url, "caBundle": self.authority},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": place.namespace}},
                "objectSelector": {"matchLabels": {"app.kubernetes.io/managed-by": "Helm"}},
                "rules": [{"apiGroups": [group], "apiVersions": ["v1"], "operations": ["*"], "resources": [resource]}]}]});
        place.send("POST", &path, "kubectl-create", "application/json", &configuration).await;
        format!("{path}/{name}")
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    acceptor: &TlsAcceptor,
    stream: TcpStream,
    reply: &(dyn Fn(&Value) -> Reply + Send + Sync),
) -> std::io::Result<()> {
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
    let mut response = json!({"uid": review["request"]["uid"], "allowed": true});
    match reply(&review["request"]) {
        Reply::Allow => {}
        Reply::Patch(patch) => {
            response["patchType"] = json!("JSONPatch");
            response["patch"] = json!(STANDARD.encode(patch.to_string()));
            response["warnings"] = json!(["the webhook was here"]);
        }
        Reply::Deny(message, code) => {
            response["allowed"] = json!(false);
            response["status"] = json!({"message": message, "code": code});
        }
        // Until the API server hangs up.
        Reply::Never => {
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await?;
            return Ok(());
        }
    }
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response})
        .to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        review.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(review.as_bytes()).await?;
    stream.shutdown().await
}

/// Drift case 37: what a webhook sets and injects is no drift while it is there, and drift when it
/// is gone.
#[tokio::test]
async fn what_a_webhook_changes_is_no_drift_while_it_is_there() {
    let place = place!("mutating");
    let container = json!({"name": "injected", "image": "docker.io/curlimages/curl:8.16.0"});
    let webhook = Webhook::start(&place, move |request| {
        let spec = "/spec/template/spec/containers";
        let is_there = request["object"]
            .pointer(spec)
            .and_then(Value::as_array)
            .is_some_and(|all| all.iter().any(|one| one["name"] == "injected"));
        let mut patch =
            vec![json!({"op": "add", "path": format!("{spec}/0/env/0/value"), "value": "webhook"})];
        if !is_there {
            patch.push(json!({"op": "add", "path": format!("{spec}/-"), "value": container}));
        }
        Reply::Patch(json!(patch))
    })
    .await;
    let path = webhook.install(&place, "apps", "deployments").await;
    let object = deployment();
    let warned = ["the webhook was here"];
    place
        .until("the webhook is asked", async || place.apply(&object).await.warnings == warned)
        .await;
    let names = async || -> Vec<Value> {
        let live = place.live("apps/v1/Deployment/d").await;
        let containers = live.get(&["spec", "template", "spec", "containers"]).unwrap();
        containers.as_array().unwrap().iter().map(|one| one["name"].clone()).collect()
    };
    assert_eq!(names().await, ["m", "injected"]);
    place.assert_in_sync(&object).await;
    // Somebody's edit beside it is seen alone, and repairing it takes nothing from the webhook.
    place.scale("kubectl", "apps/v1/Deployment/d", 2).await;
    assert_eq!(place.drift(&object).await, ["spec.replicas: 0 -> 2"]);
    place.assert_repaired(&object).await;
    assert_eq!(names().await, ["m", "injected"]);
    let findings = place.validate(&[(&object, true)]).await;
    assert!(findings[0].message.contains("the webhook was here"), "{findings:?}");

    place.send("DELETE", &path, "kubectl", "application/json", &json!({})).await;
    let changed = "spec.template.spec.containers[m].env[A].value: \"1\" -> webhook";
    let injected = "spec.template.spec.containers[injected].name: (none) -> injected";
    place
        .until("the webhook is not asked any more", async || {
            place.drift(&object).await.contains(&changed.to_owned())
        })
        .await;
    let drift = place.drift(&object).await;
    assert!(drift.contains(&injected.to_owned()), "{drift:?}");
    assert!(
        drift.iter().all(|line| line == changed || line.contains("containers[injected]")),
        "{drift:?}"
    );
    place.assert_repaired(&object).await;
    assert_eq!(names().await, ["m"]);
}

/// Webhooks choose the status that they deny with: Gatekeeper 403, Kyverno none, which is 400. No
/// status may be taken for what it means elsewhere: a conflict, a busy server, a missing kind.
#[tokio::test]
async fn a_webhook_that_denies_is_quoted_whatever_status_it_chooses() {
    const STATUSES: [Option<u16>; 8] =
        [None, Some(401), Some(403), Some(404), Some(409), Some(422), Some(429), Some(503)];
    let place = place!("denying");
    let object = config_map();
    place.apply(&object).await;
    let number = Arc::new(AtomicUsize::new(0));
    let webhook = Webhook::start(&place, {
        let number = Arc::clone(&number);
        move |_| {
            let status = STATUSES[number.load(Ordering::SeqCst) % STATUSES.len()];
            Reply::Deny("data.a is too long:\nask the platform team", status)
        }
    })
    .await;
    let path = webhook.install_as("Validating", &place, "", "configmaps").await;
    let other = with(&object, "/data/a", json!("other"));
    place
        .until("the webhook is asked", async || !place.validate(&[(&other, true)]).await.is_empty())
        .await;
    for (position, status) in STATUSES.into_iter().enumerate() {
        number.store(position, Ordering::SeqCst);
        let began = Instant::now();
        let findings = place.validate(&[(&other, true)]).await;
        let [finding] = findings.as_slice() else { panic!("{status:?}: {findings:?}") };
        assert_eq!(finding.severity, Severity::Error, "{status:?}");
        let expected = format!(
            "ConfigMap `{0}/c`: admission webhook \"{0}.example.org\" denied the request: \
             data.a is too long:\nask the platform team.",
            place.namespace
        );
        assert_eq!(finding.message, expected, "{status:?}");
        assert!(finding.hint.as_ref().unwrap().starts_with("A rule of the cluster"), "{status:?}");
        assert_eq!(finding.fields, ["data.a"], "{status:?}");
        let refused = place.try_apply(&other, true, &[]).await.unwrap_err().to_string();
        assert_eq!(refused, expected, "{status:?}");
        // And it is no reason to try again, or to fail a refresh.
        let outcome = place.outcome(&object).await;
        assert!(matches!(outcome, Outcome::NotCompared(_)), "{status:?}: {outcome:?}");
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    }
    place.send("DELETE", &path, "kubectl", "application/json", &json!({})).await;
}

/// Drift case 40: killed between taking over what somebody added and applying.
#[tokio::test]
async fn an_apply_that_dies_after_taking_over_is_finished_by_the_next_one() {
    let place = place!("interrupted");
    let object = config_map();
    place.apply(&object).await;
    place.merge("kubectl-edit", "v1/ConfigMap/c", &json!({"data": {"added": "x"}})).await;

    // The first request that is no trial is the takeover, the second the apply: it hangs.
    let (trials, real) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let hangs = Arc::new(Notify::new());
    let webhook = Webhook::start(&place, {
        let (trials, real, hangs) = (Arc::clone(&trials), Arc::clone(&real), Arc::clone(&hangs));
        move |request| {
            if request["dryRun"] == true {
                trials.fetch_add(1, Ordering::SeqCst);
            } else if real.fetch_add(1, Ordering::SeqCst) == 1 {
                hangs.notify_one();
                return Reply::Never;
            }
            Reply::Allow
        }
    })
    .await;
    let path = webhook.install(&place, "", "configmaps").await;
    let seen = ["data.added: (none) -> x"];
    place
        .until("the webhook is asked", async || {
            assert_eq!(place.drift(&object).await, seen);
            trials.load(Ordering::SeqCst) > 0
        })
        .await;
    // What is dropped in the middle of its work leaves behind what a killed process leaves.
    tokio::select! {
        applied = place.apply(&object) => panic!("nothing hung: {applied:?}"),
        () = hangs.notified() => {}
    }
    let live = place.live("v1/ConfigMap/c").await;
    let managers: Vec<_> = ManagedFields::of(&live).into_iter().map(|one| one.manager).collect();
    assert_eq!(managers, ["helm"], "it was taken over");
    assert_eq!(live.text(&["data", "added"]), Some("x"), "and nothing was applied");

    assert_eq!(place.drift(&object).await, seen);
    place.assert_repaired(&object).await;
    assert_eq!(place.live("v1/ConfigMap/c").await.get(&["data", "added"]), None);
    place.send("DELETE", &path, "kubectl", "application/json", &json!({})).await;
}
