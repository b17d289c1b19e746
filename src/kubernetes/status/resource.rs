//! Readiness of the kinds that run no pods, and of custom resources.

use serde_json::Value;

use super::Condition;
use super::Readiness;
use super::condition;
use crate::kubernetes::object::LiveObject;

pub(super) fn persistent_volume_claim(object: &LiveObject) -> Readiness {
    match object.text(&["status", "phase"]) {
        Some("Bound") => Readiness::Ready,
        Some("Lost") => Readiness::failed("the volume that the claim was bound to is gone"),
        _ => Readiness::in_progress("the claim is not bound to a volume yet"),
    }
}

pub(super) fn persistent_volume(object: &LiveObject) -> Readiness {
    match object.text(&["status", "phase"]) {
        Some("Failed") => Readiness::failed(
            object.text(&["status", "message"]).unwrap_or("the volume failed to be recycled"),
        ),
        _ => Readiness::Ready,
    }
}

pub(super) fn service(object: &LiveObject) -> Readiness {
    let is_listed =
        |path: &[&str]| object.get(path).and_then(Value::as_array).is_some_and(|l| !l.is_empty());
    let is_reachable = object.text(&["spec", "type"]) != Some("LoadBalancer")
        || is_listed(&["spec", "externalIPs"])
        || is_listed(&["status", "loadBalancer", "ingress"]);
    if is_reachable {
        Readiness::Ready
    } else {
        Readiness::in_progress("the load balancer has no address yet")
    }
}

pub(super) fn namespace(object: &LiveObject) -> Readiness {
    match object.text(&["status", "phase"]) {
        Some("Terminating") => Readiness::in_progress("it is being deleted"),
        _ => Readiness::Ready,
    }
}

pub(super) fn custom_resource_definition(object: &LiveObject) -> Readiness {
    if let Some(names) = condition(object, "NamesAccepted").filter(Condition::is_false) {
        return Readiness::failed(names.explanation());
    }
    match condition(object, "Established") {
        Some(established) if established.is_true() => Readiness::Ready,
        _ => Readiness::in_progress("the API server does not serve it yet"),
    }
}

pub(super) fn api_service(object: &LiveObject) -> Readiness {
    match condition(object, "Available") {
        Some(available) if available.is_true() => Readiness::Ready,
        Some(available) => Readiness::in_progress(available.explanation()),
        None => Readiness::in_progress("the API server has not asked it yet"),
    }
}

/// Applies the convention for conditions that most operators follow. An object
/// without them is ready as it is.
pub(super) fn by_conditions(object: &LiveObject) -> Readiness {
    if let Some(stalled) = condition(object, "Stalled").filter(Condition::is_true) {
        return Readiness::failed(stalled.explanation());
    }
    if let Some(reconciling) = condition(object, "Reconciling").filter(Condition::is_true) {
        return Readiness::in_progress(reconciling.explanation());
    }
    match condition(object, "Ready") {
        Some(ready) if !ready.is_true() => Readiness::in_progress(ready.explanation()),
        _ => Readiness::Ready,
    }
}
