//! Whether an object is ready, told from the object alone.
//!
//! The rules are those of Helm 4, which are kstatus'
//! (<https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus>), with
//! Helm's exceptions: a paused Deployment is not waited for, Jobs only on request,
//! and a PodDisruptionBudget never (kstatus waits until enough pods are healthy,
//! which for `minAvailable: 2` over one replica is for ever).
//!
//! Nothing here looks at other objects or at the clock: whether what is in progress
//! can still succeed is the business of [`crate::kubernetes::wait`].

mod resource;
mod workload;

use serde_json::Value;

use crate::kubernetes::object::LiveObject;

/// Says how far an object has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It does what it is there for.
    Ready,
    /// It may become ready by itself.
    InProgress {
        /// What is missing, such as `1 of 2 pods ready`.
        reason: String,
    },
    /// It cannot become ready by itself.
    Failed {
        /// Why, in the API's words where it has some.
        reason: String,
    },
}

impl Readiness {
    fn in_progress(reason: impl Into<String>) -> Self {
        Self::InProgress { reason: reason.into() }
    }

    fn failed(reason: impl Into<String>) -> Self {
        Self::Failed { reason: reason.into() }
    }
}

/// Returns how far an object has come. `group` and `kind` are its type's, since an
/// object in a list does not carry them. Jobs that are not waited for are ready.
pub fn readiness(group: &str, kind: &str, object: &LiveObject, wait_for_jobs: bool) -> Readiness {
    if object.deletion_timestamp().is_some() {
        return Readiness::in_progress("it is being deleted");
    }
    match (group, kind) {
        // Helm skips it before anything else: a paused one is not even observed.
        ("apps", "Deployment") if truth(object, &["spec", "paused"]) => return Readiness::Ready,
        ("batch", "Job") if !wait_for_jobs => return Readiness::Ready,
        _ => {}
    }
    if let Some(reason) = unobserved(object) {
        return Readiness::in_progress(reason);
    }
    match (group, kind) {
        ("apps", "Deployment") => workload::deployment(object),
        ("apps", "StatefulSet") => workload::stateful_set(object),
        ("apps", "DaemonSet") => workload::daemon_set(object),
        ("apps", "ReplicaSet") => workload::replica_set(object),
        ("", "ReplicationController") => workload::replication_controller(object),
        ("", "Pod") => workload::pod(object),
        ("batch", "Job") => workload::job(object),
        ("", "PersistentVolumeClaim") => resource::persistent_volume_claim(object),
        ("", "PersistentVolume") => resource::persistent_volume(object),
        ("", "Service") => resource::service(object),
        ("", "Namespace") => resource::namespace(object),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            resource::custom_resource_definition(object)
        }
        ("apiregistration.k8s.io", "APIService") => resource::api_service(object),
        _ => resource::by_conditions(object),
    }
}

/// Says why the object's status is of an earlier specification, if it is.
fn unobserved(object: &LiveObject) -> Option<String> {
    let observed = integer(object, &["status", "observedGeneration"])?;
    let generation = integer(object, &["metadata", "generation"])?;
    (observed < generation)
        .then(|| format!("its controller has seen generation {observed} of {generation}"))
}

/// Is one entry of `status.conditions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition<'a> {
    /// Its type, such as `Ready`.
    pub kind: &'a str,
    /// `True`, `False` or `Unknown`.
    pub status: &'a str,
    /// One word; may be empty.
    pub reason: &'a str,
    /// A sentence; may be empty.
    pub message: &'a str,
}

impl Condition<'_> {
    /// Says whether the condition holds.
    pub fn is_true(&self) -> bool {
        self.status == "True"
    }

    /// Says whether the condition is known not to hold.
    pub fn is_false(&self) -> bool {
        self.status == "False"
    }

    /// Returns reason and message as one text.
    pub fn explanation(&self) -> String {
        match (self.reason, self.message) {
            ("", "") => format!("condition {} is {}", self.kind, self.status),
            (reason, "") => reason.to_owned(),
            ("", message) => message.to_owned(),
            (reason, message) => format!("{reason}: {message}"),
        }
    }
}

/// Returns the object's condition of that type.
pub fn condition<'a>(object: &'a LiveObject, kind: &str) -> Option<Condition<'a>> {
    let text = |value: &'a Value, name: &str| value.get(name).and_then(Value::as_str);
    object
        .get(&["status", "conditions"])?
        .as_array()?
        .iter()
        .find(|entry| text(entry, "type") == Some(kind))
        .map(|entry| Condition {
            kind: text(entry, "type").unwrap_or_default(),
            status: text(entry, "status").unwrap_or_default(),
            reason: text(entry, "reason").unwrap_or_default(),
            message: text(entry, "message").unwrap_or_default(),
        })
}

/// Returns the whole number at a path, if there is one.
pub(crate) fn integer(object: &LiveObject, path: &[&str]) -> Option<i64> {
    object.get(path).and_then(Value::as_i64)
}

/// Returns a counter of the status, which the API leaves out when it is 0.
fn counter(object: &LiveObject, name: &str) -> i64 {
    integer(object, &["status", name]).unwrap_or(0)
}

fn truth(object: &LiveObject, path: &[&str]) -> bool {
    object.get(path).and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
