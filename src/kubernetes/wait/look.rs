//! One look at one object that is waited for.

use std::time::Duration;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::status::Readiness;
use crate::kubernetes::status::readiness;
use crate::kubernetes::wait::Goal;
use crate::kubernetes::wait::Options;
use crate::kubernetes::wait::Target;
use crate::kubernetes::wait::surroundings::Surroundings;
use crate::kubernetes::wait::trouble::Cause;
use crate::kubernetes::wait::trouble::Trouble;

/// Is what one look at an object showed.
#[derive(Debug)]
pub(super) struct Sight {
    pub(super) target: Target,
    /// The object, unless it could not be read.
    pub(super) live: Option<LiveObject>,
    pub(super) readiness: Readiness,
    /// What stands around it, unless it is ready.
    pub(super) surroundings: Option<Surroundings>,
    /// What the object itself says is wrong, or that it is not there.
    own_trouble: Option<Trouble>,
    /// What the user should know although the object counts as ready.
    pub(super) warning: Option<String>,
}

impl Sight {
    fn new(target: &Target, live: Option<LiveObject>, readiness: Readiness) -> Self {
        let own_trouble = match &readiness {
            Readiness::Failed { reason } => {
                let (word, text) = reason.split_once(": ").unwrap_or((reason, ""));
                Some(Trouble::of_object(Cause::Failed, word, text))
            }
            _ => None,
        };
        Self {
            target: target.clone(),
            live,
            readiness,
            surroundings: None,
            own_trouble,
            warning: None,
        }
    }

    /// Returns everything that was found wrong. The object's own word comes last: what is
    /// wrong with a pod says more.
    pub(super) fn troubles(&self) -> impl Iterator<Item = &Trouble> {
        let around = self.surroundings.iter().flat_map(|around| around.troubles.iter());
        around.chain(self.own_trouble.iter())
    }

    /// Says whether a finding needs no patience: a Job or Pod that failed stays failed. A
    /// Deployment or a custom resource may say so of the time before our change.
    pub(super) fn is_final(&self, trouble: &Trouble) -> bool {
        let kind = &self.target.location.reference.kind;
        trouble.cause == Cause::Failed
            && !kind.is("apps", "Deployment")
            && Resource::builtin(kind).is_some()
    }

    /// Returns what is missing, in few words.
    pub(super) fn line(&self) -> String {
        match &self.readiness {
            Readiness::Ready => String::from("ready"),
            Readiness::InProgress { reason } | Readiness::Failed { reason } => reason.clone(),
        }
    }
}

/// Says whether an object has to be looked at: most built-in kinds are ready as they are.
pub(super) fn is_watched(target: &Target) -> bool {
    let kind = &target.location.reference.kind;
    matches!(
        (kind.group.as_str(), kind.kind.as_str()),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
            | (
                "",
                "Pod"
                    | "ReplicationController"
                    | "PersistentVolumeClaim"
                    | "PersistentVolume"
                    | "Service"
                    | "Namespace"
            )
            | ("batch", "Job")
            | ("apiextensions.k8s.io", "CustomResourceDefinition")
            | ("apiregistration.k8s.io", "APIService")
    ) || Resource::builtin(kind).is_none()
}

/// Looks at one object, and around it if it is not ready. `elapsed` is how long the wait lasts.
pub(super) async fn look_at(
    cluster: &Cluster,
    target: &Target,
    options: &Options,
    elapsed: Duration,
) -> Result<Sight, KubernetesError> {
    let location = &target.location;
    let live = match cluster.find(location).await {
        Ok(Some(live)) => live,
        Ok(None) => return Ok(absent(target)),
        Err(error) => return unreadable(target, error),
    };
    let kind = &location.reference.kind;
    let waits_for_jobs = options.wait_for_jobs || target.goal == Goal::Complete;
    let mut found = readiness(&kind.group, &kind.kind, &live, waits_for_jobs);
    if target.goal == Goal::Complete && kind.is("", "Pod") {
        found = completion(&live, found);
    }
    let mut sight = Sight::new(target, Some(live), found);
    if sight.readiness == Readiness::Ready {
        return Ok(sight);
    }
    if let Some(live) = &sight.live {
        let around = Surroundings::look(cluster, location, live, options.since).await;
        if kind.is("", "PersistentVolumeClaim") && around.waits_for_first_consumer() {
            sight.readiness = Readiness::Ready;
        }
        sight.surroundings = Some(around);
    }
    if kind.is("", "Service")
        && elapsed >= options.patience.load_balancer
        && matches!(sight.readiness, Readiness::InProgress { .. })
    {
        sight.readiness = Readiness::Ready;
        sight.warning = Some(format!(
            "{} has no address from a load balancer yet. The cluster may have none: then use a \
             Service of type `ClusterIP` or `NodePort`.",
            location.reference
        ));
    }
    Ok(sight)
}

/// Says how far a Pod has come that is to end.
fn completion(pod: &LiveObject, readiness: Readiness) -> Readiness {
    match (pod.text(&["status", "phase"]), readiness) {
        (Some("Succeeded"), _) => Readiness::Ready,
        (_, failed @ Readiness::Failed { .. }) => failed,
        (phase, _) => {
            Readiness::InProgress { reason: format!("the pod is {}", phase.unwrap_or("new")) }
        }
    }
}

fn absent(target: &Target) -> Sight {
    if target.goes_by_itself {
        return Sight::new(target, None, Readiness::Ready);
    }
    let reason = String::from("it does not exist any more");
    let mut sight = Sight::new(target, None, Readiness::InProgress { reason });
    sight.own_trouble =
        Some(Trouble::of_object(Cause::Missing, "it was deleted while it was waited for", ""));
    sight
}

/// What cannot be read for lack of rights counts as ready, with a warning; what cannot be
/// read just now is asked for again.
fn unreadable(target: &Target, error: KubernetesError) -> Result<Sight, KubernetesError> {
    let object = &target.location.reference;
    if error.class() == Some(ApiErrorClass::AccessDenied) {
        let mut sight = Sight::new(target, None, Readiness::Ready);
        sight.warning = Some(format!(
            "{object} is not waited for: it may not be read ({}).",
            error.to_string().trim_end_matches('.')
        ));
        return Ok(sight);
    }
    if !is_passing(&error) {
        return Err(error);
    }
    let reason = error.to_string();
    Ok(Sight::new(target, None, Readiness::InProgress { reason }))
}

/// Says whether asking again later may help.
pub(crate) fn is_passing(error: &KubernetesError) -> bool {
    matches!(
        error,
        KubernetesError::Unreachable { .. }
            | KubernetesError::NoAnswer { .. }
            | KubernetesError::UnreadableAnswer { .. }
    ) || matches!(
        error.class(),
        Some(
            ApiErrorClass::ServerFailure
                | ApiErrorClass::TooManyRequests
                | ApiErrorClass::KindNotFound
        )
    )
}
