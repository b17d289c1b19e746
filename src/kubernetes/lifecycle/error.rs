//! Why an operation on a release failed, and in which state that left the release.

use std::fmt;

use thiserror::Error;

use crate::helm::release::Release;
use crate::helm::release::Status;
use crate::helm::release::objects::StoredManifestError;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::explain::Explanation;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::release_store::StoreError;
use crate::kubernetes::sensitive::Sensitive;
use crate::kubernetes::wait::WaitError;

/// Says why an operation failed. `Display` writes all of it, in several lines;
/// [`LifecycleError::summary`] is its first sentence, [`LifecycleError::detail`] the rest.
#[derive(Debug, Error)]
pub enum LifecycleError {
    /// There is a release of that name, and it is not one that this run may continue.
    #[error(
        "Release `{namespace}/{name}` exists already (revision {revision}, {status}). Import it \
         (`terraform import` with the id `{namespace}/{name}`), uninstall it with \
         `helm uninstall {name} -n {namespace}`, or choose another name. If it is the one that is to \
         be replaced, remove `create_before_destroy` from the `lifecycle` block of the resource (and \
         of what depends on it): two releases cannot have one name at the same time."
    )]
    InUse {
        /// The release's namespace.
        namespace: String,
        /// The release's name.
        name: String,
        /// Its newest revision.
        revision: u32,
        /// That revision's state.
        status: String,
    },
    /// There is no such release to upgrade.
    #[error("Release `{namespace}/{name}` does not exist (any more), so it cannot be upgraded.")]
    NotInstalled {
        /// The release's namespace.
        namespace: String,
        /// The release's name.
        name: String,
    },
    /// Somebody works on the release now.
    #[error(
        "Somebody else is working on release `{namespace}/{name}`: revision {revision} is {status}, \
         {evidence}. Wait until that is over and run again. If it was killed, {remedy}."
    )]
    Busy {
        /// The release's namespace.
        namespace: String,
        /// The release's name.
        name: String,
        /// The revision that is worked on.
        revision: u32,
        /// Its state.
        status: String,
        /// How we know.
        evidence: String,
        /// What to do if it is not so.
        remedy: String,
    },
    /// Records cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The API server refused, or is not there.
    #[error(transparent)]
    Kubernetes(#[from] KubernetesError),
    /// A stored manifest cannot be read.
    #[error(transparent)]
    Manifest(#[from] StoredManifestError),
    /// Some objects could not be applied or deleted.
    #[error("{}", join(.errors))]
    Objects {
        /// Why, for each of them.
        errors: Vec<KubernetesError>,
    },
    /// Something did not become ready, or did not go.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// A hook failed.
    #[error("The {event} hook {hook} failed.")]
    Hook {
        /// The hook.
        hook: Box<ObjectReference>,
        /// When it ran.
        event: &'static str,
        /// Why.
        source: Box<LifecycleError>,
    },
    /// The user interrupted the operation.
    #[error("Interrupted while working on release `{namespace}/{name}`.")]
    Interrupted {
        /// The release's namespace.
        namespace: String,
        /// The release's name.
        name: String,
    },
    /// The time was over, elsewhere than in a wait.
    #[error(
        "Working on release `{namespace}/{name}` took longer than {seconds} s. Look at what is slow \
         in the log (`TF_LOG_PROVIDER=info`), or raise `timeout`."
    )]
    TimedOut {
        /// The release's namespace.
        namespace: String,
        /// The release's name.
        name: String,
        /// How long it may take.
        seconds: u64,
    },
    /// The operation failed after it had begun.
    #[error("{}", lines([.0.summary.clone(), .0.detail()]))]
    Failed(Box<Failure>),
}

/// Is an operation that failed after its record was written.
pub struct Failure {
    /// Why, to decide by; its texts may hold what must not be shown.
    source: LifecycleError,
    /// Why, in one sentence, masked.
    summary: String,
    /// More about it, masked.
    reason: String,
    /// The newest record of the release; nothing if it was removed.
    pub release: Option<Release>,
    /// The revision that serves.
    pub serving: Option<u32>,
    /// What was done about it.
    pub aftermath: Aftermath,
    /// What the user should know besides, one sentence each.
    pub warnings: Vec<String>,
}

/// Says what was done about a failed operation.
#[derive(Debug)]
pub enum Aftermath {
    /// Nothing: the revision was kept for looking at.
    Kept,
    /// The failed revision could not even be marked so.
    Unrecorded(String),
    /// A failed install was uninstalled.
    Uninstalled,
    /// A failed upgrade was rolled back to this revision.
    RolledBack {
        /// The revision whose objects were applied again.
        to: u32,
    },
    /// Undoing it failed too.
    NotUndone(String),
}

impl LifecycleError {
    /// Returns the first sentence.
    pub fn summary(&self) -> String {
        match self {
            Self::Wait(error) => wait_summary(error),
            Self::Failed(failure) => failure.summary.clone(),
            other => other.to_string().lines().next().unwrap_or_default().to_owned(),
        }
    }

    /// Returns everything but the first sentence; empty if there is no more to say.
    pub fn detail(&self) -> String {
        match self {
            Self::Wait(error) => wait_detail(error),
            Self::Failed(failure) => failure.detail(),
            Self::Hook { source, .. } => {
                let detail = source.detail();
                if detail.is_empty() { source.summary() } else { detail }
            }
            Self::Kubernetes(error) | Self::Store(StoreError::Kubernetes(error)) => {
                lines([further_lines(error), hint_line(error.hint())])
            }
            Self::Objects { errors } => {
                let hint = errors.first().and_then(KubernetesError::hint);
                lines([further_lines(join(errors)), hint_line(hint)])
            }
            other => further_lines(other),
        }
    }

    /// Returns why objects are not ready, if that is why it failed.
    fn explanations(&self) -> &[Explanation] {
        match self {
            Self::Wait(
                WaitError::Hopeless { explanations } | WaitError::TimedOut { explanations, .. },
            ) => explanations,
            Self::Hook { source, .. } => source.explanations(),
            _ => &[],
        }
    }

    /// Says whether the user interrupted it.
    pub fn is_interruption(&self) -> bool {
        match self {
            Self::Interrupted { .. }
            | Self::Wait(WaitError::Cancelled(_))
            | Self::Kubernetes(KubernetesError::Cancelled(_)) => true,
            Self::Objects { errors } => {
                errors.iter().any(|error| matches!(error, KubernetesError::Cancelled(_)))
            }
            Self::Hook { source, .. } => source.is_interruption(),
            Self::Failed(failure) => failure.source.is_interruption(),
            _ => false,
        }
    }
}

impl fmt::Debug for Failure {
    /// Writes the masked text.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Failure({})", self.summary)
    }
}

impl Failure {
    pub(super) fn new(
        source: LifecycleError,
        release: Option<Release>,
        serving: Option<u32>,
        aftermath: Aftermath,
        sensitive: &Sensitive,
    ) -> Self {
        let summary = sensitive.mask(&source.summary());
        let reason = sensitive.mask(&source.detail());
        Self { source, summary, reason, release, serving, aftermath, warnings: Vec::new() }
    }

    /// Returns why the operation failed, to decide by: its texts are not masked.
    pub fn source(&self) -> &LifecycleError {
        &self.source
    }

    /// Says whether there is anything to undo, and time for it.
    pub(super) fn can_be_undone(&self) -> bool {
        matches!(self.aftermath, Aftermath::Kept) && !self.source.is_interruption()
    }

    fn detail(&self) -> String {
        let mut parts = vec![self.reason.clone(), self.state()];
        if !self.source.is_interruption() {
            parts.push(self.advice());
        }
        lines(parts)
    }

    /// Says in which state the release is.
    fn state(&self) -> String {
        let Some(release) = &self.release else {
            return match &self.aftermath {
                Aftermath::Uninstalled => String::from(
                    "The release was uninstalled again, as `rollback_on_failure` asks.",
                ),
                _ => String::from("Nothing of the release is recorded."),
            };
        };
        let revision = release.revision;
        let kept =
            format!("The release is kept as revision {revision}, status `{}`", release.info.status);
        let serving = self.serving.filter(|serving| *serving != revision);
        match &self.aftermath {
            Aftermath::RolledBack { to } => format!(
                "The release went back to revision {to}, as `rollback_on_failure` asks; that is \
                 revision {revision} now."
            ),
            Aftermath::NotUndone(error) => {
                format!("{kept}. Undoing it (`rollback_on_failure`) failed too: {error}")
            }
            Aftermath::Unrecorded(error) => format!(
                "The record of revision {revision} still says that it is being worked on, because \
                 it could not be changed ({}); the next apply recovers from that by itself.",
                error.trim_end_matches('.')
            ),
            Aftermath::Kept if release.info.status == Status::Uninstalling => {
                format!("{kept}; destroying it again continues from there.")
            }
            Aftermath::Kept | Aftermath::Uninstalled => match serving {
                Some(serving) => format!("{kept}; revision {serving} still serves."),
                None => format!("{kept}; the next apply continues from there."),
            },
        }
    }

    fn advice(&self) -> String {
        let hint = self.source.explanations().iter().find_map(Explanation::hint);
        let rollback = match (self.serving, &self.aftermath) {
            (Some(serving), Aftermath::Kept) => format!(
                "With `rollback_on_failure = true` the release goes back to revision {serving} by \
                 itself."
            ),
            _ => String::new(),
        };
        match (hint, rollback.is_empty()) {
            (Some(hint), true) => format!("Hint: {hint}"),
            (Some(hint), false) => format!("Hint: {hint} {rollback}"),
            (None, true) => String::new(),
            (None, false) => format!("Hint: {rollback}"),
        }
    }
}

fn wait_summary(error: &WaitError) -> String {
    match error {
        WaitError::Hopeless { explanations } | WaitError::TimedOut { explanations, .. } => {
            explanations.first().map_or_else(
                || String::from("The objects of the release were not ready in time."),
                Explanation::headline,
            )
        }
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

fn wait_detail(error: &WaitError) -> String {
    let described = |explanations: &[Explanation]| {
        let each = explanations.iter().enumerate().map(|(position, explanation)| {
            if position == 0 {
                explanation.to_string()
            } else {
                format!("{} {explanation}", explanation.headline())
            }
        });
        each.collect::<Vec<_>>().join("\n")
    };
    match error {
        WaitError::Hopeless { explanations } => described(explanations),
        WaitError::TimedOut { explanations, others, seconds } => lines([
            described(explanations),
            others.join("\n"),
            format!(
                "The time for it was over after {seconds} s; if it only needs longer, raise `timeout`."
            ),
        ]),
        other => further_lines(other),
    }
}

/// Returns a text without its first line.
fn further_lines(text: impl fmt::Display) -> String {
    text.to_string().split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default()
}

fn hint_line(hint: Option<String>) -> String {
    hint.map(|hint| format!("Hint: {hint}")).unwrap_or_default()
}

fn lines(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn join(errors: &[KubernetesError]) -> impl fmt::Display {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
