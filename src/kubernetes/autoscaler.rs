//! Which objects a HorizontalPodAutoscaler scales: their `replicas` are not ours to set.

use std::collections::HashMap;

use serde_json::Value;
use tokio::sync::Mutex;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::resource::Resource;

/// Knows the autoscalers of a release and, asked for once per namespace, of the cluster.
#[derive(Debug, Default)]
pub struct Autoscalers {
    declared: Vec<Target>,
    /// Nothing for a namespace whose autoscalers may not be read.
    live: Mutex<HashMap<String, Option<Vec<Target>>>>,
}

/// Is what an autoscaler scales.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    namespace: String,
    group: String,
    kind: String,
    name: String,
}

impl Target {
    fn of(namespace: &str, reference: Option<&Value>) -> Option<Self> {
        let text = |name: &str| reference?.get(name)?.as_str();
        let kind = GroupVersionKind::new(text("apiVersion").unwrap_or("apps/v1"), text("kind")?);
        Some(Self {
            namespace: namespace.to_owned(),
            group: kind.group,
            kind: kind.kind,
            name: text("name")?.to_owned(),
        })
    }

    fn is(&self, reference: &ObjectReference) -> bool {
        reference.kind.is(&self.group, &self.kind)
            && reference.name == self.name
            && reference.namespace.as_deref() == Some(self.namespace.as_str())
    }
}

impl Autoscalers {
    /// Begins with those that a release itself brings; they may not be in the cluster yet.
    pub fn new<'a>(
        manifests: impl IntoIterator<Item = &'a ManifestObject>,
        release_namespace: &str,
    ) -> Self {
        let declared = manifests
            .into_iter()
            .filter(|object| object.kind().is("autoscaling", "HorizontalPodAutoscaler"))
            .filter_map(|object| {
                let namespace = object.namespace().unwrap_or(release_namespace);
                Target::of(namespace, object.get(&["spec", "scaleTargetRef"]))
            })
            .collect();
        Self { declared, live: Mutex::default() }
    }

    /// Says whether an autoscaler scales the object.
    ///
    /// If autoscalers may not be read, the answer is yes: it is only asked about objects whose
    /// `replicas` the autoscaler's controller has set before.
    pub async fn scales(
        &self,
        cluster: &Cluster,
        reference: &ObjectReference,
    ) -> Result<bool, KubernetesError> {
        if self.declared.iter().any(|target| target.is(reference)) {
            return Ok(true);
        }
        let Some(namespace) = &reference.namespace else { return Ok(false) };
        let mut live = self.live.lock().await;
        if !live.contains_key(namespace) {
            live.insert(namespace.clone(), list(cluster, namespace).await?);
        }
        Ok(match live.get(namespace) {
            Some(Some(targets)) => targets.iter().any(|target| target.is(reference)),
            _ => true,
        })
    }
}

async fn list(cluster: &Cluster, namespace: &str) -> Result<Option<Vec<Target>>, KubernetesError> {
    let kind = GroupVersionKind::new("autoscaling/v2", "HorizontalPodAutoscaler");
    let Some(resource) = Resource::builtin(&kind) else { return Ok(None) };
    match cluster.list(&resource, Some(namespace), "").await {
        Ok(found) => Ok(Some(
            found
                .iter()
                .filter_map(|one| Target::of(namespace, one.get(&["spec", "scaleTargetRef"])))
                .collect(),
        )),
        Err(error)
            if matches!(
                error.class(),
                Some(ApiErrorClass::AccessDenied | ApiErrorClass::KindNotFound)
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Returns the path of `spec.replicas`.
pub(crate) fn replicas() -> Vec<PathElement> {
    PathElement::fields(&["spec", "replicas"])
}

/// Says whether an autoscaler has set the object's `replicas`.
pub(crate) fn has_scaled(entries: &[ManagedFields]) -> bool {
    entries.iter().any(|entry| {
        entry.manager == "kube-controller-manager"
            && entry.subresource == "scale"
            && entry.fields.contains(&replicas())
    })
}
