//! Install, upgrade and uninstall of one release.
//!
//! The order of things is Helm's, and so are the records: whatever happens here can be
//! looked at and continued with `helm`. What differs is what happens when something goes
//! wrong. A record is written before anything is applied and is the lock; while we work
//! it carries a heartbeat; whatever ends the work (an error, an interruption, the end of
//! the time) ends the record's `pending-*` state too. A run that was killed leaves a
//! record whose heart stands still, and the next run recovers from it.
//!
//! An operation has two halves, because a chart is rendered in between and asks for its
//! revision: [`Lifecycle::begin_install`] or [`Lifecycle::begin_upgrade`] look at what is
//! there and return a [`Turn`]; [`Lifecycle::install`] or [`Lifecycle::upgrade`] do it.

mod crds;
mod delete;
mod deploy;
mod error;
mod hooks;
mod install;
mod lease;
mod objects;
mod persist;
mod prune;
mod recover;
mod unblock;
mod uninstall;
mod upgrade;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::helm::release::Chart;
use crate::helm::release::Hook;
use crate::helm::release::Release;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::ignore::Ignore;
use crate::kubernetes::lifecycle::persist::ABSENCE;
use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::normalise::Ownership;
use crate::kubernetes::release_store::ReleaseStore;
use crate::kubernetes::sensitive::Sensitive;
use crate::kubernetes::wait::Bounds;
use crate::kubernetes::wait::Progress;
use crate::kubernetes::wait::patience::Patience;

pub use crate::kubernetes::lifecycle::error::Aftermath;
pub use crate::kubernetes::lifecycle::error::Failure;
pub use crate::kubernetes::lifecycle::error::LifecycleError;
pub use crate::kubernetes::lifecycle::lease::HEARTBEAT;
pub use crate::kubernetes::lifecycle::uninstall::Uninstalled;

/// How long "no limit" is.
const NO_LIMIT: Duration = Duration::from_hours(365 * 24);

/// Says how a release is deployed.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a setting of its own that users know")]
pub struct Settings {
    /// Whether the release's namespace is made if it does not exist.
    pub create_namespace: bool,
    /// Whether to wait until the objects are ready (deploy) or gone (uninstall).
    pub wait: bool,
    /// Whether Jobs are waited for too.
    pub wait_for_jobs: bool,
    /// Whether objects that exist and are not the release's are adopted.
    pub take_ownership: bool,
    /// Whether a failed install is uninstalled and a failed upgrade rolled back.
    pub rollback_on_failure: bool,
    /// How many revisions are kept (0: all).
    pub max_history: u32,
    /// How long one operation may take; a roll-back after it may take as long again.
    pub timeout: Duration,
    /// When a wait gives up on what does not heal.
    pub patience: Patience,
    /// What is left to others on live objects.
    pub ignore: Ignore,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            create_namespace: false,
            wait: true,
            wait_for_jobs: true,
            take_ownership: false,
            rollback_on_failure: false,
            max_history: 10,
            timeout: Duration::from_mins(5),
            patience: Patience::default(),
            ignore: Ignore::default(),
        }
    }
}

/// Is a release in a cluster, to be worked on.
pub struct Lifecycle<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The release's namespace.
    pub namespace: &'a str,
    /// The release's name, checked by [`crate::helm::release::name::validate`].
    pub name: &'a str,
    /// How it is deployed.
    pub settings: &'a Settings,
    /// What must not be shown in error texts, besides what is in the release's Secrets.
    pub sensitive: &'a Sensitive,
    /// Takes the news.
    pub progress: &'a dyn Progress,
    /// Ends the work.
    pub cancel: &'a CancellationToken,
}

/// Is what is rendered of a chart for one revision.
///
/// What is applied is what `manifest` and `hooks` say, so the record never says anything
/// else than what was done.
#[derive(Clone, Default)]
pub struct Draft {
    /// The chart, for the record.
    pub chart: Chart,
    /// The user's values, for the record.
    pub config: Map<String, Value>,
    /// The objects, as YAML documents with their `# Source:` comments.
    pub manifest: String,
    /// The hooks.
    pub hooks: Vec<Hook>,
    /// The rendered `NOTES.txt`.
    pub notes: String,
    /// The objects of the chart's `crds/`: made on install only, never changed.
    pub custom_resource_definitions: Vec<Value>,
}

impl std::fmt::Debug for Draft {
    /// Writes what holds no values.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Draft({} {})", self.chart.name(), self.chart.version())
    }
}

impl Draft {
    /// Makes the draft of a stored revision again.
    pub fn of_release(release: &Release) -> Self {
        Self {
            chart: release.chart.clone(),
            config: release.config.clone(),
            manifest: release.manifest.clone(),
            hooks: release.hooks.clone(),
            notes: release.info.notes.clone(),
            custom_resource_definitions: Vec::new(),
        }
    }
}

/// Is what an operation found when it began: which revision it makes, out of what.
#[derive(Clone)]
pub struct Turn {
    /// The revision to make; the chart is rendered for it.
    pub revision: u32,
    /// When the release was first deployed.
    pub first_deployed: Option<Timestamp>,
    /// The revision that serves now.
    pub serving: Option<u32>,
    /// What the release has in the cluster, as far as its records know.
    pub(crate) previous: Vec<ManifestObject>,
    /// Revisions that were begun and never ended.
    pub(crate) unfinished: Vec<u32>,
    /// The release's own labels.
    pub(crate) labels: BTreeMap<String, String>,
}

/// Is what an operation has made.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The revision's record.
    pub release: Release,
    /// The fields that are ours of each object, by its key, see [`crate::kubernetes::apply::Applied`].
    pub fields: OwnedFields,
    /// What the user should know, one sentence each.
    pub warnings: Vec<String>,
}

/// Is which fields are ours, by the object's key.
pub type OwnedFields = BTreeMap<String, FieldSet>;

impl std::fmt::Debug for Turn {
    /// Writes what holds no values.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Turn({} after {:?})", self.revision, self.serving)
    }
}

impl<'a> Lifecycle<'a> {
    /// Returns the store of the release's records.
    pub fn store(&self) -> ReleaseStore<'a> {
        ReleaseStore::new(self.cluster, self.namespace, self.name)
    }

    fn ownership(&self) -> Ownership {
        Ownership {
            release_name: self.name.to_owned(),
            release_namespace: self.namespace.to_owned(),
            take_ownership: self.settings.take_ownership,
        }
    }

    fn deadline(&self) -> Instant {
        let now = Instant::now();
        // A timeout of centuries is a way to say "no limit".
        now.checked_add(self.settings.timeout).unwrap_or(now + NO_LIMIT)
    }

    /// Returns until when an API server that is away is waited for before anything has begun.
    fn beginning(&self) -> Instant {
        self.deadline().min(Instant::now() + ABSENCE)
    }

    fn bounds<'b>(&'b self, deadline: Instant, sensitive: &'b Sensitive) -> Bounds<'b> {
        Bounds { deadline, cancel: self.cancel, progress: self.progress, sensitive }
    }

    /// Does what comes before the record is written, unless it is interrupted.
    async fn unless_interrupted<T>(
        &self,
        work: impl Future<Output = Result<T, LifecycleError>>,
    ) -> Result<T, LifecycleError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(LifecycleError::Interrupted {
                namespace: self.namespace.to_owned(),
                name: self.name.to_owned(),
            }),
            result = work => result,
        }
    }

    fn tell(&self, line: &str) {
        tracing::info!(release = self.name, namespace = self.namespace, "{line}");
        self.progress.report(line);
    }
}
