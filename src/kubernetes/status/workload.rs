//! Readiness of the kinds that run pods.

use super::Readiness;
use super::condition;
use super::counter;
use super::integer;
use super::truth;
use crate::kubernetes::object::LiveObject;

pub(super) fn deployment(object: &LiveObject) -> Readiness {
    if let Some(progressing) = condition(object, "Progressing")
        && progressing.reason == "ProgressDeadlineExceeded"
    {
        return Readiness::failed(progressing.explanation());
    }
    let wanted = wanted_replicas(object);
    let updated = counter(object, "updatedReplicas");
    let total = counter(object, "replicas");
    let available = counter(object, "availableReplicas");
    // A Deployment that no controller has looked at yet has no `status` and would
    // pass with 0 replicas wanted.
    if integer(object, &["status", "observedGeneration"]).is_none() {
        return Readiness::in_progress("its controller has not seen it yet");
    }
    if updated < wanted {
        return Readiness::in_progress(format!(
            "{updated} of {wanted} pods are of the new version"
        ));
    }
    if available < wanted {
        return Readiness::in_progress(format!("{available} of {wanted} pods ready"));
    }
    if total > updated {
        let old = total - updated;
        return Readiness::in_progress(format!("{old} pods of the old version still end"));
    }
    Readiness::Ready
}

pub(super) fn stateful_set(object: &LiveObject) -> Readiness {
    let wanted = wanted_replicas(object);
    let ready = counter(object, "readyReplicas");
    if integer(object, &["status", "observedGeneration"]).is_none() {
        return Readiness::in_progress("its controller has not seen it yet");
    }
    if object.text(&["spec", "updateStrategy", "type"]) == Some("OnDelete") {
        // New pods come when somebody deletes the old ones: only how many serve counts.
        return pods_ready(ready, wanted);
    }
    let partition =
        integer(object, &["spec", "updateStrategy", "rollingUpdate", "partition"]).unwrap_or(0);
    let to_update = wanted.saturating_sub(partition).max(0);
    let updated = counter(object, "updatedReplicas");
    // With equal revisions the controller leaves `updatedReplicas` as it was.
    let current = object.text(&["status", "currentRevision"]);
    let is_rolled_out = current.is_some() && current == object.text(&["status", "updateRevision"]);
    if !is_rolled_out && updated < to_update {
        return Readiness::in_progress(format!(
            "{updated} of {to_update} pods are of the new version"
        ));
    }
    pods_ready(ready, wanted)
}

pub(super) fn daemon_set(object: &LiveObject) -> Readiness {
    if integer(object, &["status", "observedGeneration"]).is_none() {
        return Readiness::in_progress("its controller has not seen it yet");
    }
    let wanted = counter(object, "desiredNumberScheduled");
    let updated = counter(object, "updatedNumberScheduled");
    let is_on_delete = object.text(&["spec", "updateStrategy", "type"]) == Some("OnDelete");
    if !is_on_delete && updated < wanted {
        return Readiness::in_progress(format!(
            "{updated} of {wanted} pods are of the new version"
        ));
    }
    pods_ready(counter(object, "numberAvailable"), wanted)
}

pub(super) fn replica_set(object: &LiveObject) -> Readiness {
    pods_ready(counter(object, "availableReplicas"), wanted_replicas(object))
}

pub(super) fn replication_controller(object: &LiveObject) -> Readiness {
    pods_ready(counter(object, "readyReplicas"), wanted_replicas(object))
}

pub(super) fn pod(object: &LiveObject) -> Readiness {
    match object.text(&["status", "phase"]) {
        Some("Succeeded") => Readiness::Ready,
        Some("Failed") => {
            let reason = object.text(&["status", "reason"]).unwrap_or("the pod failed");
            let message = object.text(&["status", "message"]).unwrap_or_default();
            Readiness::failed(if message.is_empty() {
                reason.to_owned()
            } else {
                format!("{reason}: {message}")
            })
        }
        phase => match condition(object, "Ready") {
            Some(ready) if ready.is_true() => Readiness::Ready,
            Some(ready) if !ready.message.is_empty() => Readiness::in_progress(ready.explanation()),
            _ => Readiness::in_progress(format!("the pod is {}", phase.unwrap_or("new"))),
        },
    }
}

pub(super) fn job(object: &LiveObject) -> Readiness {
    if let Some(failed) = condition(object, "Failed").filter(super::Condition::is_true) {
        return Readiness::failed(failed.explanation());
    }
    if condition(object, "Complete").is_some_and(|complete| complete.is_true()) {
        return Readiness::Ready;
    }
    if truth(object, &["spec", "suspend"]) {
        // As with a paused Deployment: whoever wrote this does not want it to run now.
        return Readiness::Ready;
    }
    let wanted = integer(object, &["spec", "completions"]).unwrap_or(1);
    let succeeded = counter(object, "succeeded");
    let failed = counter(object, "failed");
    let retried = match failed {
        0 => String::new(),
        1 => String::from(", 1 attempt has failed"),
        _ => format!(", {failed} attempts have failed"),
    };
    Readiness::in_progress(format!("{succeeded} of {wanted} pods completed{retried}"))
}

fn wanted_replicas(object: &LiveObject) -> i64 {
    integer(object, &["spec", "replicas"]).unwrap_or(1)
}

fn pods_ready(ready: i64, wanted: i64) -> Readiness {
    if ready < wanted {
        return Readiness::in_progress(format!("{ready} of {wanted} pods ready"));
    }
    Readiness::Ready
}
