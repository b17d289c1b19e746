//! A namespace of the test's own, a release in it, and hands to change things with.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use terraform_provider_s3www::kubernetes::apply::Applied;
use terraform_provider_s3www::kubernetes::apply::ApplyOptions;
use terraform_provider_s3www::kubernetes::apply::Ownership;
use terraform_provider_s3www::kubernetes::apply::apply_object;
use terraform_provider_s3www::kubernetes::autoscaler::Autoscalers;
use terraform_provider_s3www::kubernetes::client::ClientConfig;
use terraform_provider_s3www::kubernetes::client::Cluster;
use terraform_provider_s3www::kubernetes::drift::Change;
use terraform_provider_s3www::kubernetes::drift::Expected;
use terraform_provider_s3www::kubernetes::drift::Finding;
use terraform_provider_s3www::kubernetes::drift::Outcome;
use terraform_provider_s3www::kubernetes::drift::Recorded;
use terraform_provider_s3www::kubernetes::drift::Refresh;
use terraform_provider_s3www::kubernetes::drift::RefreshOptions;
use terraform_provider_s3www::kubernetes::drift::ValidateOptions;
use terraform_provider_s3www::kubernetes::drift::refresh;
use terraform_provider_s3www::kubernetes::drift::validate;
use terraform_provider_s3www::kubernetes::error::KubernetesError;
use terraform_provider_s3www::kubernetes::flatten::Masker;
use terraform_provider_s3www::kubernetes::flatten::planned;
use terraform_provider_s3www::kubernetes::ignore::Ignore;
use terraform_provider_s3www::kubernetes::managed_fields::ManagedFields;
use terraform_provider_s3www::kubernetes::manifest::ManifestObject;
use terraform_provider_s3www::kubernetes::normalise::to_apply;
use terraform_provider_s3www::kubernetes::object::LiveObject;
use terraform_provider_s3www::kubernetes::reference::ObjectReference;
use terraform_provider_s3www::kubernetes::request::Mode;
use terraform_provider_s3www::kubernetes::request::Propagation;
use terraform_provider_s3www::kubernetes::resource::Location;
use terraform_provider_s3www::kubernetes::sensitive::Sensitive;
use tokio_util::sync::CancellationToken;

/// Is where a test works. The namespace goes with it.
pub struct Place {
    pub cluster: Cluster,
    pub namespace: String,
    pub ownership: Ownership,
    pub ignore: Ignore,
    pub cancel: CancellationToken,
}

/// Returns the cluster that `KUBECONFIG` names, and nothing if it is not set and this is not CI.
pub fn cluster() -> Option<Cluster> {
    if std::env::var_os("KUBECONFIG").is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "KUBECONFIG is not set: `make test` starts a cluster and sets it."
        );
        println!("not run: KUBECONFIG is not set");
        return None;
    }
    Some(Cluster::connect(&ClientConfig::default()).unwrap())
}

fn namespace_object(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

async fn locate(cluster: &Cluster, key: &str) -> Location {
    cluster.locate(&key.parse::<ObjectReference>().unwrap()).await.unwrap()
}

impl Place {
    /// Makes a namespace; nothing if there is no cluster to make it in.
    pub async fn new(name: &str) -> Option<Self> {
        let cluster = cluster()?;
        let namespace = format!("t-{name}-{}", &uuid::Uuid::new_v4().to_string()[..8]);
        let location = locate(&cluster, &format!("v1/Namespace/{namespace}")).await;
        cluster.create(&location, &namespace_object(&namespace), Mode::Real).await.unwrap();
        Some(Self {
            cluster,
            ownership: Ownership {
                release_name: "site".to_owned(),
                release_namespace: namespace.clone(),
                take_ownership: false,
            },
            namespace,
            ignore: Ignore::default(),
            cancel: CancellationToken::new(),
        })
    }

    /// Returns an object's place by its kind and name, such as `apps/v1/Deployment/d`.
    pub async fn at(&self, key: &str) -> Location {
        let (kind, name) = key.rsplit_once('/').unwrap();
        locate(&self.cluster, &format!("{kind}/{}/{name}", self.namespace)).await
    }

    pub async fn live(&self, key: &str) -> LiveObject {
        self.cluster.get(&self.at(key).await).await.unwrap()
    }

    pub async fn find(&self, key: &str) -> Option<LiveObject> {
        self.cluster.find(&self.at(key).await).await.unwrap()
    }

    /// Applies an object as one of the release.
    pub async fn try_apply(
        &self,
        object: &Value,
        recorded: bool,
        all: &[Value],
    ) -> Result<Applied, KubernetesError> {
        let all = read(all);
        let autoscalers = Autoscalers::new(&all, &self.namespace);
        let options = ApplyOptions {
            release_namespace: &self.namespace,
            ownership: Some(&self.ownership),
            ignore: &self.ignore,
            autoscalers: &autoscalers,
        };
        let object = ManifestObject::read(object.clone()).unwrap().remove(0);
        apply_object(&self.cluster, &object, recorded, &options, &self.cancel).await
    }

    pub async fn apply(&self, object: &Value) -> Applied {
        let recorded = true;
        self.try_apply(object, recorded, &[]).await.unwrap_or_else(|error| panic!("{error}"))
    }

    pub async fn refresh_all(&self, objects: &[Value]) -> Refresh {
        self.try_refresh(&self.cluster, objects, None)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    pub async fn try_refresh(
        &self,
        cluster: &Cluster,
        objects: &[Value],
        applied: Option<&Applied>,
    ) -> Result<Refresh, KubernetesError> {
        let objects = read(objects);
        let autoscalers = Autoscalers::new(&objects, &self.namespace);
        let masker = Masker::new(&[1; 32], Sensitive::default());
        let options = RefreshOptions {
            ownership: &self.ownership,
            ignore: &self.ignore,
            autoscalers: &autoscalers,
            masker: &masker,
        };
        let recorded: Vec<Recorded<'_>> = objects
            .iter()
            .map(|object| Recorded { object, fields: applied.map(|applied| &applied.fields) })
            .collect();
        refresh(cluster, &recorded, &options, &self.cancel).await
    }

    /// Returns what became of an object, and asserts that users see exactly that: something else
    /// than planned if it drifted, else the same.
    pub async fn outcome(&self, object: &Value) -> Outcome {
        let refreshed = self.refresh_all(std::slice::from_ref(object)).await.objects.remove(0);
        let manifest = &read(std::slice::from_ref(object))[0];
        if let Ok(location) = self.cluster.locate_manifest(manifest, &self.namespace).await {
            let sent = to_apply(manifest, &location, Some(&self.ownership));
            let masker = Masker::new(&[1; 32], Sensitive::default());
            let planned = planned(&sent, &location.reference, &masker);
            match &refreshed.outcome {
                Outcome::Missing => assert_eq!(refreshed.shown(&planned), None),
                Outcome::Drifted(_) => assert_ne!(refreshed.shown(&planned), Some(planned)),
                _ => assert_eq!(refreshed.shown(&planned), Some(planned)),
            }
        }
        refreshed.outcome
    }

    /// Returns the drift as lines, `path: expected -> live`.
    pub async fn drift(&self, object: &Value) -> Vec<String> {
        match self.outcome(object).await {
            Outcome::InSync => Vec::new(),
            Outcome::Drifted(changes) => changes.iter().map(line).collect(),
            other => vec![format!("{other:?}")],
        }
    }

    /// Waits until controllers have done with an object, then asserts that it does not differ.
    pub async fn assert_in_sync(&self, object: &Value) {
        assert_eq!(self.drift(object).await, Vec::<String>::new());
    }

    /// Applies, and asserts that nothing differs afterwards and that only we and Kubernetes own it.
    pub async fn assert_repaired(&self, object: &Value) {
        let applied = self.apply(object).await;
        self.assert_in_sync(object).await;
        for entry in ManagedFields::of(&applied.object) {
            assert!(
                entry.manager == "helm" || entry.manager.starts_with("kube-"),
                "`{}` still owns {}",
                entry.manager,
                entry.fields.to_value()
            );
        }
    }

    pub async fn validate(&self, objects: &[(&Value, bool)]) -> Vec<Finding> {
        self.try_validate(objects, &[], false).await
    }

    pub async fn try_validate(
        &self,
        objects: &[(&Value, bool)],
        definitions: &[Value],
        creates_namespace: bool,
    ) -> Vec<Finding> {
        let manifests: Vec<(ManifestObject, bool)> = objects
            .iter()
            .map(|(object, recorded)| {
                (ManifestObject::read((*object).clone()).unwrap().remove(0), *recorded)
            })
            .collect();
        let expected: Vec<Expected<'_>> = manifests
            .iter()
            .map(|(object, recorded)| Expected { object, recorded: *recorded, marked: true })
            .collect();
        let definitions = read(definitions);
        let autoscalers = Autoscalers::default();
        let masker = Masker::new(&[1; 32], Sensitive::default());
        let options = ValidateOptions {
            ownership: &self.ownership,
            ignore: &self.ignore,
            autoscalers: &autoscalers,
            masker: &masker,
            definitions: &definitions,
            creates_namespace,
        };
        validate(&self.cluster, &expected, &options, &self.cancel).await.unwrap()
    }

    /// Does what a person or program of this name does to an object: a JSON patch.
    pub async fn edit(&self, manager: &str, key: &str, operations: &Value) {
        let location = self.at(key).await;
        self.send("PATCH", &location.path, manager, "application/json-patch+json", operations)
            .await;
    }

    /// Does what a person or program of this name does to an object: a strategic merge patch.
    pub async fn merge(&self, manager: &str, key: &str, patch: &Value) {
        let location = self.at(key).await;
        let content = "application/strategic-merge-patch+json";
        self.send("PATCH", &location.path, manager, content, patch).await;
    }

    /// Sets `spec.replicas` through the scale subresource.
    pub async fn scale(&self, manager: &str, key: &str, replicas: i64) {
        let scale = format!("{}/scale", self.at(key).await.path);
        let patch = json!({"spec": {"replicas": replicas}});
        self.send("PATCH", &scale, manager, "application/merge-patch+json", &patch).await;
    }

    /// Creates an object as a program of this name.
    pub async fn create(&self, manager: &str, object: &Value) {
        let object = self.with_namespace(object);
        let manifest = ManifestObject::read(object.clone()).unwrap().remove(0);
        let location = self.cluster.locate_manifest(&manifest, &self.namespace).await.unwrap();
        let collection = location.path.rsplit_once('/').unwrap().0.to_owned();
        self.send("POST", &collection, manager, "application/json", &object).await;
    }

    /// Applies an object server-side as a program of this name.
    pub async fn apply_as(&self, manager: &str, object: &Value) {
        let object = self.with_namespace(object);
        let manifest = ManifestObject::read(object.clone()).unwrap().remove(0);
        let location = self.cluster.locate_manifest(&manifest, &self.namespace).await.unwrap();
        self.send(
            "PATCH",
            &location.path,
            &format!("{manager}&force=true"),
            "application/apply-patch+yaml",
            &object,
        )
        .await;
    }

    pub async fn delete(&self, key: &str) {
        let location = self.at(key).await;
        assert!(self.cluster.delete(&location, Propagation::Background, None).await.unwrap());
    }

    fn with_namespace(&self, object: &Value) -> Value {
        let mut object = object.clone();
        object["metadata"]["namespace"] = json!(self.namespace);
        object
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        manager: &str,
        content: &str,
        body: &Value,
    ) -> Value {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{path}?fieldManager={manager}"))
            .header("content-type", content)
            .body(body.to_string().into_bytes())
            .unwrap();
        self.cluster
            .client()
            .await
            .unwrap()
            .request(request)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Waits until something holds, at most 30 s.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, mut holds: impl FnMut() -> F) {
        for _ in 0..300 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("30 s passed without: {what}");
    }
}

impl Drop for Place {
    /// Deletes the namespace, from a thread of its own because dropping cannot wait for a future.
    fn drop(&mut self) {
        let namespace = self.namespace.clone();
        let deleted = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let cluster = cluster().unwrap();
                let location = locate(&cluster, &format!("v1/Namespace/{namespace}")).await;
                cluster.delete(&location, Propagation::Background, None).await
            })
        })
        .join();
        if !std::thread::panicking() {
            deleted.unwrap().unwrap();
        }
    }
}

pub fn read(objects: &[Value]) -> Vec<ManifestObject> {
    objects.iter().flat_map(|object| ManifestObject::read(object.clone()).unwrap()).collect()
}

pub fn line(change: &Change) -> String {
    let text = |value: &Option<_>| match value {
        Some(value) => format!("{value}"),
        None => "(none)".to_owned(),
    };
    format!("{}: {} -> {}", change.path, text(&change.expected), text(&change.live))
}

/// Skips the test's body where there is no cluster.
macro_rules! place {
    ($name:expr) => {
        match crate::kubernetes::place::Place::new($name).await {
            Some(place) => place,
            None => return,
        }
    };
}
pub(crate) use place;
