//! A namespace of one test, and manifests to fill it with.

use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;
use terraform_provider_s3www::helm::release::Chart;
use terraform_provider_s3www::helm::release::Hook;
use terraform_provider_s3www::kubernetes::client::ClientConfig;
use terraform_provider_s3www::kubernetes::client::Cluster;
use terraform_provider_s3www::kubernetes::lifecycle::Draft;
use terraform_provider_s3www::kubernetes::lifecycle::Lifecycle;
use terraform_provider_s3www::kubernetes::lifecycle::LifecycleError;
use terraform_provider_s3www::kubernetes::lifecycle::Outcome;
use terraform_provider_s3www::kubernetes::lifecycle::Settings;
use terraform_provider_s3www::kubernetes::object::LiveObject;
use terraform_provider_s3www::kubernetes::reference::GroupVersionKind;
use terraform_provider_s3www::kubernetes::release_store::ReleaseStore;
use terraform_provider_s3www::kubernetes::request::Mode;
use terraform_provider_s3www::kubernetes::request::Propagation;
use terraform_provider_s3www::kubernetes::resource::Location;
use terraform_provider_s3www::kubernetes::resource::Resource;
use terraform_provider_s3www::kubernetes::sensitive::Sensitive;
use terraform_provider_s3www::kubernetes::wait::Progress;
use tokio_util::sync::CancellationToken;

use crate::support::program;
use crate::support::text;

/// An image with a shell that every test cluster has.
pub const SHELL_IMAGE: &str = "docker.io/curlimages/curl:8.16.0";

/// The release's name in every test.
pub const RELEASE: &str = "site";

/// Is a namespace of one test; deleted at its end, also when it fails.
pub struct Fixture {
    pub cluster: Cluster,
    pub namespace: String,
    pub settings: Settings,
    pub sensitive: Sensitive,
    pub cancel: CancellationToken,
    pub news: News,
}

/// Keeps the progress lines.
#[derive(Default)]
pub struct News(Mutex<Vec<String>>);

impl Progress for News {
    fn report(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

impl News {
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Connects to the cluster that `KUBECONFIG` names.
pub fn connect() -> Cluster {
    // An error means that another test was first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let path = std::env::var("KUBECONFIG")
        .expect("KUBECONFIG names no cluster. `make test` starts one and sets it.");
    Cluster::connect(&ClientConfig { config_path: Some(path), ..ClientConfig::default() }).unwrap()
}

impl Fixture {
    /// Makes a namespace whose name says which test it belongs to.
    pub async fn new(test: &str) -> Self {
        let cluster = connect();
        let id = uuid::Uuid::new_v4().simple().to_string();
        let namespace = format!("lifecycle-{test}-{}", &id[..8]);
        let fixture = Self {
            cluster,
            namespace,
            settings: Settings { timeout: Duration::from_mins(2), ..Settings::default() },
            sensitive: Sensitive::default(),
            cancel: CancellationToken::new(),
            news: News::default(),
        };
        let location = namespace_location(&fixture.namespace);
        let body = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": {
            "name": fixture.namespace,
            "labels": { "pod-security.kubernetes.io/enforce": "restricted" },
        }});
        fixture.cluster.create(&location, &body, Mode::Real).await.unwrap();
        fixture
    }

    pub fn lifecycle(&self) -> Lifecycle<'_> {
        Lifecycle {
            cluster: &self.cluster,
            namespace: &self.namespace,
            name: RELEASE,
            settings: &self.settings,
            sensitive: &self.sensitive,
            progress: &self.news,
            cancel: &self.cancel,
        }
    }

    pub fn store(&self) -> ReleaseStore<'_> {
        ReleaseStore::new(&self.cluster, &self.namespace, RELEASE)
    }

    pub async fn install(&self, manifest: &str) -> Result<Outcome, LifecycleError> {
        let lifecycle = self.lifecycle();
        let turn = lifecycle.begin_install().await?;
        lifecycle.install(&turn, &draft(manifest)).await
    }

    pub async fn upgrade(&self, manifest: &str) -> Result<Outcome, LifecycleError> {
        let lifecycle = self.lifecycle();
        let turn = lifecycle.begin_upgrade().await?;
        lifecycle.upgrade(&turn, &draft(manifest)).await
    }

    /// Returns the state of every stored revision, oldest first: `1 superseded`, `2 deployed`.
    pub async fn history(&self) -> Vec<String> {
        let metas = self.store().list().await.unwrap();
        metas.iter().map(|meta| format!("{} {}", meta.entry.revision, meta.entry.status)).collect()
    }

    pub fn location(&self, api_version: &str, kind: &str, name: &str) -> Location {
        let kind = GroupVersionKind::new(api_version, kind);
        Resource::builtin(&kind).unwrap().object(&self.namespace, name)
    }

    pub async fn find(&self, api_version: &str, kind: &str, name: &str) -> Option<LiveObject> {
        self.cluster.find(&self.location(api_version, kind, name)).await.unwrap()
    }

    pub async fn exists(&self, api_version: &str, kind: &str, name: &str) -> bool {
        self.find(api_version, kind, name).await.is_some()
    }

    pub async fn list(&self, api_version: &str, kind: &str) -> Vec<LiveObject> {
        let resource = Resource::builtin(&GroupVersionKind::new(api_version, kind)).unwrap();
        self.cluster.list(&resource, Some(&self.namespace), "").await.unwrap()
    }

    /// Makes an object that no release knows, as a person would: not as `helm`.
    pub async fn create(&self, object: &Value) {
        let text = |path: &str| object.pointer(path).unwrap().as_str().unwrap();
        let location = self.location(text("/apiVersion"), text("/kind"), text("/metadata/name"));
        let path = location.resource.collection(Some(&self.namespace));
        let request = http::Request::post(format!("{path}?fieldManager=kubectl-create"))
            .header("content-type", "application/json")
            .body(object.to_string().into_bytes())
            .unwrap();
        self.cluster.client().await.unwrap().request::<Value>(request).await.unwrap();
    }

    pub async fn delete(&self, api_version: &str, kind: &str, name: &str) {
        let location = self.location(api_version, kind, name);
        self.cluster.delete(&location, Propagation::Background, None).await.unwrap();
    }

    /// Waits until a condition holds, which it has to within 30 s.
    pub async fn eventually<F: Future<Output = bool>>(&self, what: &str, check: impl Fn() -> F) {
        let until = Instant::now() + Duration::from_secs(30);
        while !check().await {
            assert!(Instant::now() < until, "after 30 s still not: {what}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Runs Helm in the namespace; `HELM3` or `HELM4` names the program.
    pub fn helm(&self, helm: Helm, arguments: &[&str]) -> String {
        let program = match helm {
            Helm::Three => program("HELM3", "helm3"),
            Helm::Four => program("HELM4", "helm4"),
        };
        let output =
            Command::new(program).args(arguments).args(["-n", &self.namespace]).output().unwrap();
        assert!(output.status.success(), "{helm:?} {arguments:?}:\n{}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Helm {
    Three,
    Four,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let (cluster, namespace) = (self.cluster.clone(), self.namespace.clone());
        let deleting = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                // A client of its own: the other one's connections belong to the test's runtime.
                drop(cluster);
                let location = namespace_location(&namespace);
                connect().delete(&location, Propagation::Background, None).await.map(|_| ())
            })
        });
        if let Ok(Err(error)) = deleting.join() {
            eprintln!("the test's namespace is left: {error}");
        }
    }
}

pub fn namespace_location(name: &str) -> Location {
    Resource::builtin(&GroupVersionKind::new("v1", "Namespace")).unwrap().object("", name)
}

/// Makes the draft of a small chart that renders this manifest.
pub fn draft(manifest: &str) -> Draft {
    let metadata = json!({ "apiVersion": "v2", "name": "small", "version": "1.2.3",
        "appVersion": "4.5.6" });
    Draft {
        chart: Chart { metadata: metadata.as_object().unwrap().clone(), ..Chart::default() },
        config: json!({ "given": { "by": "the user" } }).as_object().unwrap().clone(),
        manifest: manifest.to_owned(),
        notes: String::from("Look at it."),
        ..Draft::default()
    }
}

/// Makes a hook of one object.
pub fn hook(name: &str, event: &str, weight: i64, policies: &[&str], manifest: &str) -> Hook {
    Hook {
        name: name.to_owned(),
        kind: String::from("Job"),
        path: String::from("small/templates/hook.yaml"),
        manifest: manifest.to_owned(),
        events: vec![event.to_owned()],
        weight,
        delete_policies: policies.iter().map(|policy| (*policy).to_owned()).collect(),
        ..Hook::default()
    }
}

/// Puts objects together as Helm stores them.
pub fn manifest(objects: &[Value]) -> String {
    let mut text = String::new();
    for object in objects {
        text.push_str("---\n# Source: small/templates/all.yaml\n");
        text.push_str(&serde_json::to_string_pretty(object).unwrap());
        text.push('\n');
    }
    text
}

pub fn config_map(name: &str, value: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name },
        "data": { "key": value } })
}

pub fn secret(name: &str, value: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name },
        "stringData": { "password": value } })
}

/// A pod that runs a shell script and fits into a restricted namespace.
pub fn pod_spec(image: &str, script: &str) -> Value {
    json!({
        "terminationGracePeriodSeconds": 1,
        "securityContext": { "runAsNonRoot": true, "runAsUser": 100,
            "seccompProfile": { "type": "RuntimeDefault" } },
        "containers": [{
            "name": "main",
            "image": image,
            "imagePullPolicy": "IfNotPresent",
            "command": ["sh", "-c", script],
            "securityContext": { "allowPrivilegeEscalation": false,
                "capabilities": { "drop": ["ALL"] } },
        }],
    })
}

/// A script that runs until it is asked to end.
pub const SLEEP: &str = "trap 'exit 0' TERM; while :; do sleep 1; done";

pub fn deployment(name: &str, replicas: u32, pod_spec: &Value) -> Value {
    let labels = json!({ "app": name });
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": pod_spec },
        },
    })
}

pub fn job(name: &str, script: &str) -> Value {
    let mut spec = pod_spec(SHELL_IMAGE, script);
    spec["restartPolicy"] = json!("Never");
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name },
        "spec": { "backoffLimit": 0, "template": { "spec": spec } },
    })
}
