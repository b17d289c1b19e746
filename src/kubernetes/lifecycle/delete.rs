//! Deleting objects that a release no longer has.

use std::collections::HashSet;
use std::time::Duration;

use futures::FutureExt as _;
use futures::StreamExt as _;
use tokio::time::Instant;

use crate::helm::compatibility::Compatibility;
use crate::helm::manifest::order::Order;
use crate::kubernetes::apply::Owner;
use crate::kubernetes::apply::owner;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::lifecycle::objects::Identity;
use crate::kubernetes::lifecycle::objects::RESOURCE_POLICY;
use crate::kubernetes::lifecycle::objects::identity;
use crate::kubernetes::lifecycle::objects::in_order;
use crate::kubernetes::lifecycle::objects::is_kept;
use crate::kubernetes::lifecycle::persist::patiently;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::managers::Party;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::request::IN_FLIGHT;
use crate::kubernetes::request::Propagation;
use crate::kubernetes::resource::Location;
use crate::kubernetes::wait::Bounds;
use crate::kubernetes::wait::WaitError;
use crate::kubernetes::wait::until_gone;

/// How long objects that a revision no longer has are waited for.
const SETTLING: Duration = Duration::from_secs(30);

/// Says what became of objects that were to be deleted.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    /// Where deletion has begun, each with the object's `uid`.
    pub(super) begun: Vec<(Location, String)>,
    /// What a policy keeps.
    pub(super) kept: Vec<ObjectReference>,
    /// What is not the release's, with a clause that says why.
    pub(super) foreign: Vec<(ObjectReference, String)>,
    /// What is of a kind that the cluster does not know any more.
    pub(super) unknown: Vec<ObjectReference>,
}

/// Says what became of objects whose kind is gone, one sentence each.
pub(super) fn unknown_kinds(objects: &[ObjectReference]) -> impl Iterator<Item = String> {
    objects.iter().map(|object| {
        format!(
            "{object} was not deleted: the cluster does not know its kind any more. If its \
             CustomResourceDefinition was deleted, the object went with it."
        )
    })
}

impl Deleted {
    /// Returns what the user should know about objects that stay, one sentence each.
    pub(super) fn warnings(&self) -> Vec<String> {
        let foreign = self.foreign.iter().map(|(object, clause)| {
            format!("{object} is no longer part of the release and was left alone: it {clause}.")
        });
        foreign.chain(unknown_kinds(&self.unknown)).collect()
    }
}

enum One {
    Begun(Location, String),
    Kept(ObjectReference),
    Foreign(ObjectReference, String),
    UnknownKind(ObjectReference),
    Absent,
}

/// Deletes objects in Helm's order, kind after kind. What is gone already is no error;
/// every other doubt is one, and ends the deletion after the kind that it is about.
pub(super) async fn all(
    lifecycle: &Lifecycle<'_>,
    objects: Vec<ManifestObject>,
    bounds: Bounds<'_>,
) -> Result<Deleted, LifecycleError> {
    let mut deleted = Deleted::default();
    for run in in_order(objects, Order::uninstall(Compatibility::default())) {
        let results: Vec<Result<One, KubernetesError>> = futures::stream::iter(&run)
            .map(|object| {
                patiently(lifecycle.cluster, bounds.deadline, move || one(lifecycle, object))
            })
            .buffered(IN_FLIGHT)
            .collect()
            // Boxed: the compiler cannot see by itself that it may cross threads (rust-lang/rust#102211).
            .boxed()
            .await;
        let mut errors = Vec::new();
        for result in results {
            match result {
                Ok(One::Begun(location, uid)) => deleted.begun.push((location, uid)),
                Ok(One::Kept(object)) => deleted.kept.push(object),
                Ok(One::Foreign(object, clause)) => deleted.foreign.push((object, clause)),
                Ok(One::UnknownKind(object)) => deleted.unknown.push(object),
                Ok(One::Absent) => {}
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(LifecycleError::Objects { errors });
        }
    }
    Ok(deleted)
}

/// Waits a while for objects that a revision no longer has. That one of them stays, held
/// by a finalizer, is no reason for the revision to fail; it is told.
pub(super) async fn settle(
    lifecycle: &Lifecycle<'_>,
    deleted: Deleted,
    bounds: Bounds<'_>,
) -> Result<Vec<String>, LifecycleError> {
    if !lifecycle.settings.wait {
        return Ok(Vec::new());
    }
    let deadline = bounds.deadline.min(Instant::now() + SETTLING);
    match until_gone(lifecycle.cluster, &deleted.begun, Bounds { deadline, ..bounds }).await {
        Ok(()) => Ok(Vec::new()),
        Err(still_there @ WaitError::StillThere { .. }) => Ok(vec![still_there.to_string()]),
        Err(error) => Err(error.into()),
    }
}

/// Takes out of objects what holds data, which is deleted only when the revision without it
/// is ready: a revision that fails, and is perhaps rolled back, must not have cost data.
pub(super) fn take_data(objects: &mut Vec<ManifestObject>) -> Vec<ManifestObject> {
    let holds_data = |object: &mut ManifestObject| {
        let kind = object.kind();
        kind.is("", "PersistentVolumeClaim")
            || kind.is("", "PersistentVolume")
            || kind.is("", "Namespace")
            || kind.is("apiextensions.k8s.io", "CustomResourceDefinition")
    };
    objects.extract_if(.., holds_data).collect()
}

/// Returns what an earlier revision had and the objects of a new one do not have.
pub(super) fn vanished(
    previous: &[ManifestObject],
    current: &[ManifestObject],
    release_namespace: &str,
) -> Vec<ManifestObject> {
    let mut known: HashSet<Identity> =
        current.iter().map(|object| identity(object, release_namespace)).collect();
    previous
        .iter()
        .filter(|object| known.insert(identity(object, release_namespace)))
        .cloned()
        .collect()
}

async fn one(lifecycle: &Lifecycle<'_>, object: &ManifestObject) -> Result<One, KubernetesError> {
    let cluster = lifecycle.cluster;
    let location = match cluster.locate_manifest(object, lifecycle.namespace).await {
        Ok(location) => location,
        Err(KubernetesError::UnknownKind { .. }) => {
            let namespace = object.namespace().unwrap_or(lifecycle.namespace).to_owned();
            let (kind, name) = (object.kind().clone(), object.name().to_owned());
            let reference = ObjectReference { kind, namespace: Some(namespace), name };
            return Ok(One::UnknownKind(reference));
        }
        Err(error) => return Err(error),
    };
    let reference = location.reference.clone();
    let policy = object.get(&["metadata", "annotations", RESOURCE_POLICY]);
    if is_kept(policy.and_then(serde_json::Value::as_str)) {
        return Ok(One::Kept(reference));
    }
    loop {
        let live = match cluster.find(&location).await {
            Ok(Some(live)) => live,
            Ok(None) => return Ok(One::Absent),
            Err(error) if error.class() == Some(ApiErrorClass::KindNotFound) => {
                return Ok(One::UnknownKind(reference));
            }
            Err(error) => return Err(error),
        };
        if is_kept(live.annotation(RESOURCE_POLICY)) {
            return Ok(One::Kept(reference));
        }
        if let Some(clause) = foreign(lifecycle, &live) {
            return Ok(One::Foreign(reference, clause));
        }
        let uid = live.uid().to_owned();
        let propagation = propagation(&reference, lifecycle.settings.wait);
        match cluster.delete(&location, propagation, Some(&uid)).await {
            Ok(true) => {
                lifecycle.progress.report(&format!("{reference}: being deleted"));
                return Ok(One::Begun(location, uid));
            }
            Ok(false) => return Ok(One::Absent),
            // Replaced by another one of the same name meanwhile: look at that one.
            Err(error)
                if matches!(
                    error.class(),
                    Some(ApiErrorClass::UidMismatch | ApiErrorClass::Conflict)
                ) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Says why an object is not the release's, if it is not. Marks that somebody removed do
/// not make it somebody else's, as long as the server remembers that we applied it.
fn foreign(lifecycle: &Lifecycle<'_>, live: &LiveObject) -> Option<String> {
    match owner(live, &lifecycle.ownership()) {
        Owner::Us => None,
        Owner::Release(release) => Some(format!("belongs to the Helm release `{release}`")),
        Owner::Unmarked(clause) => {
            let is_applied = ManagedFields::of(live)
                .iter()
                .any(|entry| matches!(Party::of(entry, &[]), Party::Ours | Party::EarlierSelf));
            (!is_applied).then_some(clause)
        }
    }
}

/// Returns how to delete an object. What runs pods stays until they are gone, so that
/// waiting for it is waiting for them: a pod that still ends holds its volume.
fn propagation(object: &ObjectReference, wait: bool) -> Propagation {
    let runs_pods = matches!(
        (object.kind.group.as_str(), object.kind.kind.as_str()),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
            | ("batch", "Job" | "CronJob")
            | ("", "ReplicationController")
    );
    if runs_pods && wait { Propagation::Foreground } else { Propagation::Background }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config_map(name: &str, value: &str) -> ManifestObject {
        let object = json!({ "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": name }, "data": { "key": value } });
        ManifestObject::read(object).unwrap().remove(0)
    }

    #[test]
    fn what_no_revision_has_any_more_vanishes_once() {
        let previous = [config_map("a", "1"), config_map("b", "1"), config_map("b", "2")];
        let found = vanished(&previous, &[config_map("a", "2")], "web");
        assert_eq!(found, [config_map("b", "1")]);
        assert_eq!(vanished(&previous, &previous, "web"), []);
    }

    #[test]
    fn what_holds_data_is_told_from_the_rest() {
        let claim = json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": { "name": "data" } });
        let claim = ManifestObject::read(claim).unwrap().remove(0);
        let mut objects = vec![config_map("a", "1"), claim.clone(), config_map("b", "1")];
        assert_eq!(take_data(&mut objects), [claim]);
        assert_eq!(objects, [config_map("a", "1"), config_map("b", "1")]);
    }

    #[test]
    fn what_runs_pods_stays_until_they_are_gone() {
        let of = |api_version: &str, kind: &str, wait| {
            let kind = crate::kubernetes::reference::GroupVersionKind::new(api_version, kind);
            let object = ObjectReference { kind, namespace: None, name: "a".into() };
            propagation(&object, wait)
        };
        assert_eq!(of("apps/v1", "Deployment", true), Propagation::Foreground);
        assert_eq!(of("apps/v1", "Deployment", false), Propagation::Background);
        assert_eq!(of("v1", "Service", true), Propagation::Background);
    }
}
