//! Reads what stands around an object: its pods and events.
//!
//! All of it is help for people: what cannot be read (RBAC often hides events) is left
//! out and never an error.

use jiff::Timestamp;
use serde_json::Value;

use super::trouble;
use super::trouble::Cause;
use super::trouble::Event;
use super::trouble::Trouble;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::resource::Location;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::resource::encode_segment;
use crate::kubernetes::status::condition;

/// How many pods of one object have their events read.
const PODS_WITH_EVENTS: usize = 3;

/// Is what stands around an object that is not ready.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// Its pods; of a Deployment only those of the newest version.
    pub pods: Vec<LiveObject>,
    /// What keeps it from being ready.
    pub troubles: Vec<Trouble>,
    /// Its own events, oldest first.
    pub events: Vec<Event>,
}

impl Surroundings {
    /// Looks around. Events from before `since` belong to an earlier attempt and are left out.
    pub async fn look(
        cluster: &Cluster,
        location: &Location,
        object: &LiveObject,
        since: Option<Timestamp>,
    ) -> Self {
        let pods = pods_of(cluster, location, object).await;
        let mut troubles: Vec<Trouble> = trouble::in_workload(object).into_iter().collect();
        for pod in &pods {
            troubles.extend(trouble::in_pod(pod));
        }
        let events = events_of(cluster, object, since).await;
        troubles.extend(trouble::in_events(&events, None));
        for pod in pods.iter().filter(|pod| !is_ready(pod)).take(PODS_WITH_EVENTS) {
            let events = events_of(cluster, pod, since).await;
            if events.iter().any(|event| event.reason == "TriggeredScaleUp") {
                troubles.retain(|found| {
                    found.cause != Cause::Unschedulable || found.pod.as_deref() != Some(pod.name())
                });
            }
            // A volume matters only while the containers wait for it.
            let is_waiting = condition(pod, "PodReadyToStartContainers")
                .or_else(|| condition(pod, "Initialized"))
                .is_none_or(|found| !found.is_true());
            if is_waiting {
                troubles.extend(trouble::in_events(&events, Some(pod.name())));
            }
        }
        Self { pods, troubles, events }
    }

    /// Says whether a claim is only waiting for its first pod, which is as it should be.
    pub fn waits_for_first_consumer(&self) -> bool {
        self.events.last().is_some_and(|event| event.reason == "WaitForFirstConsumer")
    }
}

/// Says whether a pod serves.
pub fn is_ready(pod: &LiveObject) -> bool {
    condition(pod, "Ready").is_some_and(|ready| ready.is_true())
}

/// Returns the events about an object since a time, oldest first; none if they may not be read.
pub async fn events_of(
    cluster: &Cluster,
    object: &LiveObject,
    since: Option<Timestamp>,
) -> Vec<Event> {
    // The events of cluster-wide objects are in the namespace `default`.
    let namespace = encode_segment(object.namespace().unwrap_or("default"));
    let uid = encode_segment(object.uid());
    let path =
        format!("/api/v1/namespaces/{namespace}/events?fieldSelector=involvedObject.uid%3D{uid}");
    let list = match cluster.get_path(&path).await {
        Ok(list) => list,
        Err(error) => {
            tracing::debug!(%error, "events cannot be read");
            return Vec::new();
        }
    };
    let mut events = Event::read_all(&list);
    events.retain(|event| since.is_none_or(|since| event.time.is_none_or(|time| time >= since)));
    events
}

/// Returns the pods that an object runs.
async fn pods_of(cluster: &Cluster, location: &Location, object: &LiveObject) -> Vec<LiveObject> {
    let kind = &location.reference.kind;
    match (kind.group.as_str(), kind.kind.as_str()) {
        ("", "Pod") => vec![object.clone()],
        ("apps", "Deployment") => {
            let sets = list_selected(cluster, "apps/v1", "ReplicaSet", object).await;
            let Some(newest) = newest_replica_set(object, sets) else { return Vec::new() };
            owned_pods(cluster, object, newest.uid()).await
        }
        ("apps", "StatefulSet") => {
            let mut pods = owned_pods(cluster, object, object.uid()).await;
            let revision = object.text(&["status", "updateRevision"]).map(str::to_owned);
            keep_version(&mut pods, "controller-revision-hash", revision.as_deref());
            pods
        }
        ("apps", "DaemonSet") => {
            let mut pods = owned_pods(cluster, object, object.uid()).await;
            let generation = object.annotation("deprecated.daemonset.template.generation");
            keep_version(&mut pods, "pod-template-generation", generation);
            pods
        }
        ("apps", "ReplicaSet") | ("batch", "Job") | ("", "ReplicationController") => {
            owned_pods(cluster, object, object.uid()).await
        }
        _ => Vec::new(),
    }
}

/// Drops pods of an earlier version: they end by themselves, whatever is wrong with them.
fn keep_version(pods: &mut Vec<LiveObject>, label: &str, version: Option<&str>) {
    if let Some(version) = version {
        pods.retain(|pod| pod.label(label) == Some(version));
    }
}

/// Returns the ReplicaSet of a Deployment's newest version.
fn newest_replica_set(deployment: &LiveObject, sets: Vec<LiveObject>) -> Option<LiveObject> {
    let revision = |set: &LiveObject| {
        set.annotation("deployment.kubernetes.io/revision")
            .and_then(|text| text.parse::<u64>().ok())
            .unwrap_or(0)
    };
    sets.into_iter().filter(|set| is_owned_by(set, deployment.uid())).max_by_key(revision)
}

/// Returns the pods that an object selects and owns, the oldest first; none if they may not be read.
pub(crate) async fn owned_pods(
    cluster: &Cluster,
    object: &LiveObject,
    owner: &str,
) -> Vec<LiveObject> {
    let mut pods = list_selected(cluster, "v1", "Pod", object).await;
    pods.retain(|pod| is_owned_by(pod, owner));
    // Newest last, so that the pod which is shown first is the one that is there longest.
    pods.sort_by(|left, right| created(left).cmp(&created(right)));
    pods
}

fn created(object: &LiveObject) -> (&str, &str) {
    (object.text(&["metadata", "creationTimestamp"]).unwrap_or_default(), object.name())
}

fn is_owned_by(object: &LiveObject, uid: &str) -> bool {
    let owners = object.get(&["metadata", "ownerReferences"]).and_then(Value::as_array);
    owners.into_iter().flatten().any(|owner| owner.get("uid").and_then(Value::as_str) == Some(uid))
}

/// Lists the objects of a kind that an object's `spec.selector` selects.
async fn list_selected(
    cluster: &Cluster,
    api_version: &str,
    kind: &str,
    object: &LiveObject,
) -> Vec<LiveObject> {
    let selector = object.get(&["spec", "selector"]).map(selector_text).unwrap_or_default();
    // An empty selector would select every pod of the namespace.
    let Some(resource) = Resource::builtin(&GroupVersionKind::new(api_version, kind)) else {
        return Vec::new();
    };
    if selector.is_empty() {
        return Vec::new();
    }
    cluster.list(&resource, object.namespace(), &selector).await.unwrap_or_else(|error| {
        tracing::debug!(%error, "{kind}s cannot be listed");
        Vec::new()
    })
}

/// Writes a selector as the API's list calls take it. Services and
/// ReplicationControllers have plain labels, the others `matchLabels` and `matchExpressions`.
pub fn selector_text(selector: &Value) -> String {
    let is_plain =
        selector.get("matchLabels").is_none() && selector.get("matchExpressions").is_none();
    let labels = if is_plain { Some(selector) } else { selector.get("matchLabels") };
    let equal = labels
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| value.as_str().map(|value| format!("{key}={value}")));
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    let expressions = expressions.into_iter().flatten().filter_map(|expression| {
        let key = expression.get("key")?.as_str()?;
        let values = expression.get("values").and_then(Value::as_array);
        let values: Vec<&str> = values.into_iter().flatten().filter_map(Value::as_str).collect();
        match expression.get("operator")?.as_str()? {
            "In" => Some(format!("{key} in ({})", values.join(","))),
            "NotIn" => Some(format!("{key} notin ({})", values.join(","))),
            "Exists" => Some(key.to_owned()),
            "DoesNotExist" => Some(format!("!{key}")),
            _ => None,
        }
    });
    equal.chain(expressions).collect::<Vec<_>>().join(",")
}
