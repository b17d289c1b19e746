//! Helping StatefulSets that wait for a pod which can never be ready.
//!
//! A StatefulSet that makes its pods in order does not replace a pod of an earlier version before
//! that one is ready. If the earlier version was broken, the repaired one is waited for for ever
//! (<https://github.com/kubernetes/kubernetes/issues/67250>), and Kubernetes tells people to delete
//! the pod by hand. It serves nobody, its successor gets its name, and its claim stays.

use std::convert::Infallible;
use std::time::Duration;

use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::request::Propagation;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::status::integer;
use crate::kubernetes::wait::Target;
use crate::kubernetes::wait::surroundings::is_ready;
use crate::kubernetes::wait::surroundings::owned_pods;
use crate::kubernetes::wait::trouble::in_pod;

/// How often is looked.
const PAUSE: Duration = Duration::from_secs(3);

/// Deletes such pods again and again, until it is dropped.
pub(super) async fn unblock(lifecycle: &Lifecycle<'_>, targets: &[Target]) -> Infallible {
    let sets: Vec<&Target> = targets
        .iter()
        .filter(|target| target.location.reference.kind.is("apps", "StatefulSet"))
        .collect();
    if sets.is_empty() {
        return std::future::pending().await;
    }
    loop {
        tokio::time::sleep(PAUSE).await;
        for target in &sets {
            if let Err(error) = one(lifecycle, target).await {
                // Whoever waits says what is not ready, and why.
                tracing::debug!(%error, "a pod of an earlier version could not be deleted");
            }
        }
    }
}

async fn one(lifecycle: &Lifecycle<'_>, target: &Target) -> Result<(), KubernetesError> {
    let cluster = lifecycle.cluster;
    let Some(set) = cluster.find(&target.location).await? else { return Ok(()) };
    let Some(version) = version_to_come(&set) else { return Ok(()) };
    let pods = Resource::builtin(&GroupVersionKind::new("v1", "Pod"));
    let (Some(pods), Some(namespace)) = (pods, set.namespace()) else { return Ok(()) };
    for pod in owned_pods(cluster, &set, set.uid()).await {
        if !is_in_the_way(&pod, version) {
            continue;
        }
        lifecycle.tell(&format!(
            "Pod `{namespace}/{}`: it is of an earlier version and cannot start; deleting it, so \
             that {} goes on",
            pod.name(),
            target.location.reference
        ));
        let location = pods.object(namespace, pod.name());
        cluster.delete(&location, Propagation::Background, Some(pod.uid())).await?;
    }
    Ok(())
}

/// Returns the version that a StatefulSet's pods are to have, if it makes them one after the other
/// and all of them are to have it.
fn version_to_come(set: &LiveObject) -> Option<&str> {
    let is = |path: &[&str], text: &str| set.text(path) == Some(text);
    let partition = integer(set, &["spec", "updateStrategy", "rollingUpdate", "partition"]);
    let is_seen = integer(set, &["status", "observedGeneration"])
        >= integer(set, &["metadata", "generation"]);
    let waits = !is(&["spec", "podManagementPolicy"], "Parallel")
        && !is(&["spec", "updateStrategy", "type"], "OnDelete")
        && partition.unwrap_or(0) == 0;
    set.text(&["status", "updateRevision"]).filter(|_| is_seen && waits)
}

/// Says whether a pod is of another version, serves nobody, and has a reason for it that does not
/// heal by itself.
fn is_in_the_way(pod: &LiveObject, version: &str) -> bool {
    let is_other = pod.label("controller-revision-hash").is_some_and(|own| own != version);
    is_other && !is_ready(pod) && !in_pod(pod).is_empty()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> LiveObject {
        LiveObject::new(value.clone()).unwrap()
    }

    #[test]
    fn only_what_is_made_in_order_waits_for_its_pods() {
        let set = json!({"metadata": {"generation": 3}, "spec": {"updateStrategy": {"type": "RollingUpdate"}},
            "status": {"observedGeneration": 3, "updateRevision": "b"}});
        assert_eq!(version_to_come(&object(&set)), Some("b"));
        for (path, value) in [
            ("/spec/podManagementPolicy", json!("Parallel")),
            ("/spec/updateStrategy/type", json!("OnDelete")),
            ("/spec/updateStrategy/rollingUpdate", json!({"partition": 1})),
            ("/status/observedGeneration", json!(2)),
        ] {
            let mut other = set.clone();
            let (parent, name) = path.rsplit_once('/').unwrap();
            other.pointer_mut(parent).unwrap()[name] = value;
            assert_eq!(version_to_come(&object(&other)), None, "{path}");
        }
    }

    #[test]
    fn only_a_broken_pod_of_another_version_is_in_the_way() {
        let waiting =
            |reason: &str| json!([{"name": "m", "state": {"waiting": {"reason": reason}}}]);
        let pod = json!({"metadata": {"name": "db-0", "labels": {"controller-revision-hash": "a"}},
            "status": {"conditions": [{"type": "Ready", "status": "False"}],
                "containerStatuses": waiting("ImagePullBackOff")}});
        assert!(is_in_the_way(&object(&pod), "b"));
        assert!(!is_in_the_way(&object(&pod), "a"), "it is of the version to come");
        let mut other = pod.clone();
        other["status"]["containerStatuses"] = waiting("ContainerCreating");
        assert!(!is_in_the_way(&object(&other), "b"), "it only starts");
        let mut other = pod.clone();
        other["status"]["conditions"][0]["status"] = json!("True");
        assert!(!is_in_the_way(&object(&other), "b"), "it serves");
        let mut other = pod;
        other["metadata"]["deletionTimestamp"] = json!("2026-11-24T12:00:00Z");
        assert!(!is_in_the_way(&object(&other), "b"), "it goes already");
    }
}
