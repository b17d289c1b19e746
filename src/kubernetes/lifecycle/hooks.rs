//! Running the hooks of an event.

use jiff::Timestamp;

use crate::helm::manifest::hook::Event;
use crate::helm::release::Hook;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::lifecycle::objects::read;
use crate::kubernetes::lifecycle::objects::target;
use crate::kubernetes::lifecycle::persist::patiently;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::normalise::to_apply;
use crate::kubernetes::request::Mode;
use crate::kubernetes::request::Propagation;
use crate::kubernetes::resource::Location;
use crate::kubernetes::wait::Bounds;
use crate::kubernetes::wait::Goal;
use crate::kubernetes::wait::Options;
use crate::kubernetes::wait::until_gone;
use crate::kubernetes::wait::until_ready;

const BEFORE_CREATION: &str = "before-hook-creation";
const SUCCEEDED: &str = "hook-succeeded";
const FAILED: &str = "hook-failed";

/// Runs the hooks of an event one after the other, by weight and name, each until it is
/// complete, and notes in them how it went. The first that fails ends it.
///
/// `since` is when the operation began, by the cluster's clock.
pub(super) async fn run(
    lifecycle: &Lifecycle<'_>,
    hooks: &mut [Hook],
    event: Event,
    since: Option<Timestamp>,
    bounds: Bounds<'_>,
) -> Result<(), LifecycleError> {
    let order = of_event(hooks, event);
    for number in &order {
        let Some(hook) = hooks.get_mut(*number) else { continue };
        hook.last_run.started_at = Some(Timestamp::now());
        hook.last_run.completed_at = None;
        String::from("Running").clone_into(&mut hook.last_run.phase);
        let result = one(lifecycle, hook, event, since, bounds).await;
        hook.last_run.completed_at = Some(Timestamp::now());
        let phase = if result.is_ok() { "Succeeded" } else { "Failed" };
        phase.clone_into(&mut hook.last_run.phase);
        if let Err(error) = result {
            if has_policy(hook, FAILED)
                && let Err(second) = remove(lifecycle, hook, bounds).await
            {
                // Why the hook failed matters more than what is left of it.
                tracing::warn!(error = %second, "the failed hook could not be deleted");
            }
            return Err(error);
        }
    }
    // Only when all of them are done: a later hook may use what an earlier one made.
    for number in order.iter().rev() {
        if let Some(hook) = hooks.get(*number).filter(|hook| has_policy(hook, SUCCEEDED)) {
            let remove = || remove(lifecycle, hook, bounds);
            patiently(lifecycle.cluster, bounds.deadline, remove).await?;
        }
    }
    Ok(())
}

/// Returns the Jobs and Pods of hooks. Those that failed, or were interrupted, or have no
/// policy, are still there when the release goes, and nothing else would ever remove them. Other
/// kinds may be there to outlive the release, as in Helm.
pub(super) fn runs(hooks: &[Hook]) -> Result<Vec<ManifestObject>, LifecycleError> {
    let mut found = Vec::new();
    for hook in hooks {
        let objects = read(&hook.manifest)?;
        found.extend(
            objects
                .into_iter()
                .filter(|object| object.kind().is("batch", "Job") || object.kind().is("", "Pod")),
        );
    }
    Ok(found)
}

/// Returns the positions of an event's hooks in the order in which they run.
fn of_event(hooks: &[Hook], event: Event) -> Vec<usize> {
    let mut found: Vec<(usize, &Hook)> = hooks
        .iter()
        .enumerate()
        .filter(|(_, hook)| hook.events.iter().any(|name| name == event.as_str()))
        .collect();
    found.sort_by(|(_, left), (_, right)| {
        (left.weight, &left.name).cmp(&(right.weight, &right.name))
    });
    found.into_iter().map(|(number, _)| number).collect()
}

/// Says whether a hook's object is deleted at that point. Without any policy it is
/// deleted before it is made again.
fn has_policy(hook: &Hook, policy: &str) -> bool {
    if hook.delete_policies.is_empty() {
        return policy == BEFORE_CREATION;
    }
    hook.delete_policies.iter().any(|name| name == policy)
}

async fn one(
    lifecycle: &Lifecycle<'_>,
    hook: &Hook,
    event: Event,
    since: Option<Timestamp>,
    bounds: Bounds<'_>,
) -> Result<(), LifecycleError> {
    let patience = bounds.deadline;
    if has_policy(hook, BEFORE_CREATION) {
        patiently(lifecycle.cluster, patience, || remove(lifecycle, hook, bounds)).await?;
    }
    let located = patiently(lifecycle.cluster, patience, || locate(lifecycle, hook)).await?;
    for (object, location) in located {
        let hook_error = |error: LifecycleError| {
            if error.is_interruption() {
                return error;
            }
            let hook = Box::new(location.reference.clone());
            LifecycleError::Hook { hook, event: event.as_str(), source: Box::new(error) }
        };
        bounds.progress.report(&format!("{event} hook {}: started", location.reference));
        let body = to_apply(&object, &location, None);
        let apply = || lifecycle.cluster.apply(&location, &body, Mode::Real);
        patiently(lifecycle.cluster, patience, apply)
            .await
            .map_err(|error| hook_error(error.into()))?;
        let options =
            Options { wait_for_jobs: true, patience: lifecycle.settings.patience.clone(), since };
        let targets = [target(&object, location.clone(), Goal::Complete)];
        // Of other kinds than these Helm only asks that they exist.
        if object.kind().is("batch", "Job") || object.kind().is("", "Pod") {
            until_ready(lifecycle.cluster, &targets, &options, bounds)
                .await
                .map_err(|error| hook_error(error.into()))?;
        }
        bounds.progress.report(&format!("{event} hook {}: done", location.reference));
    }
    Ok(())
}

/// Deletes a hook's object and waits until it is gone. A definition of a kind is never
/// deleted: all objects of the kind would go with it.
async fn remove(
    lifecycle: &Lifecycle<'_>,
    hook: &Hook,
    bounds: Bounds<'_>,
) -> Result<(), LifecycleError> {
    let mut begun = Vec::new();
    for (object, location) in locate(lifecycle, hook).await? {
        if object.kind().is("apiextensions.k8s.io", "CustomResourceDefinition") {
            continue;
        }
        let Some(live) = lifecycle.cluster.find(&location).await? else { continue };
        lifecycle.cluster.delete(&location, Propagation::Foreground, Some(live.uid())).await?;
        begun.push((location, live.uid().to_owned()));
    }
    until_gone(lifecycle.cluster, &begun, bounds).await?;
    Ok(())
}

async fn locate(
    lifecycle: &Lifecycle<'_>,
    hook: &Hook,
) -> Result<Vec<(ManifestObject, Location)>, LifecycleError> {
    let mut located = Vec::new();
    for object in read(&hook.manifest)? {
        let location = lifecycle.cluster.locate_manifest(&object, lifecycle.namespace).await?;
        located.push((object, location));
    }
    Ok(located)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use super::*;

    fn hook(name: &str, event: &str, weight: i64, policies: &[&str]) -> Hook {
        Hook {
            name: name.into(),
            events: vec![event.into()],
            weight,
            delete_policies: policies.iter().map(|policy| (*policy).to_owned()).collect(),
            ..Hook::default()
        }
    }

    #[test]
    fn hooks_run_by_weight_then_name() {
        let hooks = [
            hook("b", "pre-install", 5, &[]),
            hook("c", "pre-install", -1, &[]),
            hook("a", "pre-install", 5, &[]),
            hook("d", "post-install", 0, &[]),
        ];
        assert_eq!(of_event(&hooks, Event::PreInstall), [1, 2, 0]);
        assert_eq!(of_event(&hooks, Event::PreDelete), Vec::<usize>::new());
    }

    #[test]
    fn what_runs_is_told_from_what_may_outlive_the_release() {
        let manifest = "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n---\n\
                        apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: b\n";
        let hook = Hook { manifest: manifest.into(), ..hook("a", "pre-install", 0, &[]) };
        let found = runs(&[hook]).unwrap();
        assert_eq!(found.iter().map(ManifestObject::name).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn without_a_policy_a_hook_is_deleted_before_it_is_made() {
        let default = hook("a", "pre-install", 0, &[]);
        assert!(has_policy(&default, BEFORE_CREATION));
        assert!(!has_policy(&default, SUCCEEDED) && !has_policy(&default, FAILED));
        let other = hook("a", "pre-install", 0, &[SUCCEEDED]);
        assert!(!has_policy(&other, BEFORE_CREATION) && has_policy(&other, SUCCEEDED));
    }
}
