//! The objects of a release: reading them from records, applying them.

use std::collections::HashSet;

use futures::FutureExt as _;
use futures::StreamExt as _;
use serde_json::Map;
use serde_json::Value;
use tokio::time::Instant;

use crate::helm::compatibility::Compatibility;
use crate::helm::manifest::order::Order;
use crate::helm::release::Hook;
use crate::helm::release::objects;
use crate::kubernetes::apply::Applied;
use crate::kubernetes::apply::ApplyOptions;
use crate::kubernetes::apply::Ownership;
use crate::kubernetes::apply::apply_object;
use crate::kubernetes::apply::check_owner;
use crate::kubernetes::autoscaler::Autoscalers;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::lifecycle::OwnedFields;
use crate::kubernetes::lifecycle::persist::patiently;
use crate::kubernetes::lifecycle::unblock::unblock;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::request::IN_FLIGHT;
use crate::kubernetes::request::Propagation;
use crate::kubernetes::resource::Location;
use crate::kubernetes::sensitive::Sensitive;
use crate::kubernetes::status::Readiness;
use crate::kubernetes::status::readiness;
use crate::kubernetes::wait::Bounds;
use crate::kubernetes::wait::Goal;
use crate::kubernetes::wait::Options;
use crate::kubernetes::wait::Target;
use crate::kubernetes::wait::WaitError;
use crate::kubernetes::wait::until_gone;
use crate::kubernetes::wait::until_ready;

/// Names an object without its API version: an object that is written as `v1beta1` in one
/// revision and as `v1` in the next is the same.
pub(super) type Identity = (String, String, String, String);

/// Returns the name of an object of a release.
pub(super) fn identity(object: &ManifestObject, release_namespace: &str) -> Identity {
    let kind = object.kind();
    // The namespace of a cluster-wide object is noise, but the same noise every time.
    let namespace = object.namespace().unwrap_or(release_namespace);
    (kind.group.clone(), kind.kind.clone(), namespace.to_owned(), object.name().to_owned())
}

/// Reads a manifest, lists taken apart.
pub(super) fn read(manifest: &str) -> Result<Vec<ManifestObject>, LifecycleError> {
    let mut found = Vec::new();
    for document in objects::documents(manifest)? {
        found.extend(ManifestObject::read(document)?);
    }
    Ok(found)
}

/// Returns what must not be shown: the caller's texts and the values of the Secrets.
pub(super) fn sensitive(
    known: &Sensitive,
    manifests: &[ManifestObject],
    hooks: &[Hook],
) -> Sensitive {
    let of_hooks: Vec<ManifestObject> =
        hooks.iter().filter_map(|hook| read(&hook.manifest).ok()).flatten().collect();
    let all: Vec<&Map<String, Value>> =
        manifests.iter().chain(&of_hooks).map(ManifestObject::fields).collect();
    let mut sensitive = Sensitive::of_secrets(all);
    sensitive.merge(known);
    sensitive
}

/// Says whether an object is to be kept when the release no longer has it.
pub(super) fn is_kept(policy: Option<&str>) -> bool {
    policy.is_some_and(|policy| policy.trim().eq_ignore_ascii_case("keep"))
}

/// The annotation that keeps an object.
pub(super) const RESOURCE_POLICY: &str = "helm.sh/resource-policy";

/// Returns the objects cut into runs of the same kind, in the order in which they are made
/// or, with an uninstall order, removed.
pub(super) fn in_order(mut objects: Vec<ManifestObject>, order: Order) -> Vec<Vec<ManifestObject>> {
    objects.sort_by(|left, right| order.compare(&left.kind().kind, &right.kind().kind));
    let mut runs: Vec<Vec<ManifestObject>> = Vec::new();
    for object in objects {
        match runs.last_mut() {
            Some(run) if run.first().is_some_and(|first| first.kind() == object.kind()) => {
                run.push(object);
            }
            _ => runs.push(vec![object]),
        }
    }
    runs
}

/// Is what came of applying the objects of one revision.
#[derive(Default)]
pub(super) struct Made {
    /// What to wait for.
    pub(super) targets: Vec<Target>,
    /// The fields that are ours now.
    pub(super) fields: OwnedFields,
    /// What the user should know.
    pub(super) warnings: Vec<String>,
}

/// Applies the objects of one revision.
pub(super) struct Applying<'a> {
    pub(super) lifecycle: &'a Lifecycle<'a>,
    pub(super) bounds: Bounds<'a>,
    pub(super) ownership: Ownership,
    pub(super) autoscalers: Autoscalers,
    /// What the release has already.
    pub(super) recorded: HashSet<Identity>,
}

impl Applying<'_> {
    /// Applies everything, kind after kind.
    pub(super) async fn all(&self, objects: Vec<ManifestObject>) -> Result<Made, LifecycleError> {
        self.check_owners(&objects).await?;
        let mut made = Made::default();
        for run in in_order(objects, Order::install(Compatibility::default())) {
            let results: Vec<Result<(Target, Applied), KubernetesError>> =
                futures::stream::iter(run.iter())
                    .map(|object| self.one(object))
                    .buffered(IN_FLIGHT)
                    .collect()
                    // Boxed: the compiler cannot see by itself that it may cross threads (rust-lang/rust#102211).
                    .boxed()
                    .await;
            let mut errors = Vec::new();
            let mut of_run = Vec::new();
            for result in results {
                match result {
                    Ok((target, applied)) => {
                        made.warnings.extend(applied.warnings);
                        made.fields.insert(applied.location.reference.key(), applied.fields);
                        of_run.push(target);
                    }
                    Err(error) => errors.push(error),
                }
            }
            if !errors.is_empty() {
                return Err(LifecycleError::Objects { errors });
            }
            if run
                .iter()
                .any(|object| object.kind().is("apiextensions.k8s.io", "CustomResourceDefinition"))
            {
                // The next kinds may be those that were just defined.
                until_ready(self.lifecycle.cluster, &of_run, &Options::default(), self.bounds)
                    .await?;
            }
            made.targets.extend(of_run);
        }
        Ok(made)
    }

    /// Refuses before anything is applied what exists and is somebody else's.
    async fn check_owners(&self, objects: &[ManifestObject]) -> Result<(), LifecycleError> {
        let errors: Vec<Result<(), KubernetesError>> = futures::stream::iter(objects)
            .map(|object| {
                let check = move || self.check_owner(object);
                patiently(self.lifecycle.cluster, self.bounds.deadline, check)
            })
            .buffered(IN_FLIGHT)
            .collect()
            .boxed()
            .await;
        let errors: Vec<KubernetesError> = errors.into_iter().filter_map(Result::err).collect();
        if errors.is_empty() { Ok(()) } else { Err(LifecycleError::Objects { errors }) }
    }

    async fn check_owner(&self, object: &ManifestObject) -> Result<(), KubernetesError> {
        let cluster = self.lifecycle.cluster;
        let release_namespace = self.lifecycle.namespace;
        let location = match cluster.locate_manifest(object, release_namespace).await {
            Ok(location) => location,
            // A kind that this very release defines.
            Err(KubernetesError::UnknownKind { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        match cluster.find(&location).await {
            Ok(Some(live)) => {
                let recorded = self.recorded.contains(&identity(object, release_namespace));
                check_owner(&live, &location, recorded, Some(&self.ownership))
            }
            Ok(None) => Ok(()),
            // Writing without reading is possible, and decided when it is tried.
            Err(error)
                if matches!(
                    error.class(),
                    Some(
                        ApiErrorClass::AccessDenied
                            | ApiErrorClass::KindNotFound
                            | ApiErrorClass::NamespaceNotFound
                    )
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn one(&self, object: &ManifestObject) -> Result<(Target, Applied), KubernetesError> {
        let options = ApplyOptions {
            release_namespace: self.lifecycle.namespace,
            ownership: Some(&self.ownership),
            ignore: &self.lifecycle.settings.ignore,
            autoscalers: &self.autoscalers,
        };
        let recorded = self.recorded.contains(&identity(object, self.lifecycle.namespace));
        let cluster = self.lifecycle.cluster;
        let locate = || cluster.locate_manifest(object, self.lifecycle.namespace);
        let location = patiently(cluster, self.bounds.deadline, locate).await?;
        let applied = patiently(cluster, self.bounds.deadline, || async {
            self.clear(&location).await?;
            apply_object(cluster, object, recorded, &options, self.bounds.cancel).await
        })
        .await?;
        if applied.created {
            self.bounds.progress.report(&format!("{}: created", applied.location.reference));
        }
        Ok((target(object, applied.location.clone(), Goal::Ready), applied))
    }

    /// Makes room for an object: waits for one that is being deleted, and removes a Job or
    /// Pod of ours that has failed, which nothing would ever start again.
    async fn clear(&self, location: &Location) -> Result<(), KubernetesError> {
        let Some(live) = self.lifecycle.cluster.find(location).await? else { return Ok(()) };
        let uid = live.uid().to_owned();
        if live.deletion_timestamp().is_none() {
            if !has_failed(location, &live)
                || check_owner(&live, location, false, Some(&self.ownership)).is_err()
            {
                return Ok(());
            }
            let object = &location.reference;
            self.bounds.progress.report(&format!("{object}: had failed; making it anew"));
            self.lifecycle.cluster.delete(location, Propagation::Foreground, Some(&uid)).await?;
        }
        match until_gone(self.lifecycle.cluster, &[(location.clone(), uid)], self.bounds).await {
            // Still there: applying says so, with the finalizers.
            Ok(()) | Err(WaitError::StillThere { .. }) => Ok(()),
            Err(WaitError::Kubernetes(error)) => Err(error),
            Err(other) => Err(KubernetesError::Cancelled(
                other.to_string().trim_start_matches("Interrupted while ").to_owned(),
            )),
        }
    }
}

fn has_failed(location: &Location, live: &LiveObject) -> bool {
    let kind = &location.reference.kind;
    (kind.is("batch", "Job") || kind.is("", "Pod"))
        && matches!(readiness(&kind.group, &kind.kind, live, true), Readiness::Failed { .. })
}

/// Returns what to wait for.
pub(super) fn target(object: &ManifestObject, location: Location, goal: Goal) -> Target {
    let goes_by_itself = object.kind().is("batch", "Job")
        && object.get(&["spec", "ttlSecondsAfterFinished"]).is_some_and(Value::is_number);
    Target { location, goal, goes_by_itself }
}

/// Waits for what was applied, if the settings say so.
pub(super) async fn wait(
    lifecycle: &Lifecycle<'_>,
    targets: &[Target],
    since: Option<jiff::Timestamp>,
    bounds: Bounds<'_>,
) -> Result<Vec<String>, LifecycleError> {
    if !lifecycle.settings.wait {
        return Ok(Vec::new());
    }
    let options = Options {
        wait_for_jobs: lifecycle.settings.wait_for_jobs,
        patience: lifecycle.settings.patience.clone(),
        since,
    };
    tokio::select! {
        ready = until_ready(lifecycle.cluster, targets, &options, bounds) => Ok(ready?),
        never = unblock(lifecycle, targets) => match never {},
    }
}

/// Returns the earlier of two times.
pub(super) fn earlier(left: Instant, right: Instant) -> Instant {
    left.min(right)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest(
        api_version: &str,
        kind: &str,
        name: &str,
        namespace: Option<&str>,
    ) -> ManifestObject {
        let mut object =
            json!({ "apiVersion": api_version, "kind": kind, "metadata": { "name": name } });
        if let Some(namespace) = namespace {
            object["metadata"]["namespace"] = json!(namespace);
        }
        ManifestObject::read(object).unwrap().remove(0)
    }

    #[test]
    fn objects_are_made_kind_after_kind_and_removed_the_other_way() {
        let objects = vec![
            manifest("example.org/v1", "Widget", "w", None),
            manifest("apps/v1", "Deployment", "d", None),
            manifest("v1", "Secret", "s2", None),
            manifest("v1", "Service", "e", None),
            manifest("v1", "Secret", "s1", None),
        ];
        let names = |order| -> Vec<Vec<String>> {
            let runs = in_order(objects.clone(), order);
            let names =
                |run: &Vec<ManifestObject>| run.iter().map(|one| one.name().to_owned()).collect();
            runs.iter().map(names).collect()
        };
        let install = names(Order::install(Compatibility::default()));
        assert_eq!(install, [vec!["s2", "s1"], vec!["e"], vec!["d"], vec!["w"]]);
        let uninstall = names(Order::uninstall(Compatibility::default()));
        assert_eq!(uninstall, [vec!["e"], vec!["d"], vec!["s2", "s1"], vec!["w"]]);
    }

    #[test]
    fn an_object_is_the_same_in_another_api_version_and_not_in_another_namespace() {
        let of =
            |api_version, namespace| identity(&manifest(api_version, "Job", "a", namespace), "web");
        assert_eq!(of("batch/v1", None), of("batch/v1beta1", Some("web")));
        assert_ne!(of("batch/v1", None), of("batch/v1", Some("other")));
        assert_ne!(of("batch/v1", None), of("example.org/v1", None));
    }

    #[test]
    fn only_the_policy_keep_keeps() {
        assert!(is_kept(Some("keep")) && is_kept(Some(" Keep ")));
        assert!(!is_kept(Some("delete")) && !is_kept(None));
    }

    #[test]
    fn a_job_that_goes_by_itself_is_known_from_its_manifest() {
        let mut job =
            json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "a" } });
        let goes = |job: &Value| {
            let object = ManifestObject::read(job.clone()).unwrap().remove(0);
            let resource = crate::kubernetes::resource::Resource::builtin(object.kind()).unwrap();
            target(&object, resource.object("web", "a"), Goal::Ready).goes_by_itself
        };
        assert!(!goes(&job));
        job["spec"] = json!({ "ttlSecondsAfterFinished": 0 });
        assert!(goes(&job));
    }
}
