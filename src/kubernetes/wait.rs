//! Waiting for objects: until they are ready, or gone, or certain never to be.
//!
//! A wait asks again and again rather than watching: one GET for each object per
//! second costs little, needs only the verb `get`, and survives a restart of the API
//! server without a state of its own. Every wait ends at once when it is cancelled.

pub mod patience;
pub mod surroundings;
pub mod trouble;

mod gone;
mod look;

use std::collections::HashMap;
use std::time::Duration;

use futures::FutureExt as _;
use futures::StreamExt as _;
use jiff::Timestamp;
use thiserror::Error;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::explain::Explanation;
use crate::kubernetes::explain::Finding;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::request::IN_FLIGHT;
use crate::kubernetes::resource::Location;
use crate::kubernetes::sensitive::Sensitive;
use crate::kubernetes::status::Readiness;
use crate::kubernetes::wait::look::Sight;
use crate::kubernetes::wait::patience::Patience;
use crate::kubernetes::wait::patience::Record;
use crate::kubernetes::wait::trouble::Cause;
use crate::kubernetes::wait::trouble::Trouble;

pub use crate::kubernetes::wait::gone::Leftover;
pub use crate::kubernetes::wait::gone::until_gone;

pub(crate) use crate::kubernetes::wait::look::is_passing;

/// Returns how long to pause between two looks.
///
/// Most things are ready within seconds, or take minutes.
fn pause(elapsed: Duration) -> Duration {
    match elapsed.as_secs() {
        0..5 => SHORT_PAUSE,
        5..60 => Duration::from_secs(1),
        _ => Duration::from_secs(2),
    }
}

/// How long to pause at first.
const SHORT_PAUSE: Duration = Duration::from_millis(250);

/// How many objects are explained in full when a wait fails.
const EXPLAINED: usize = 3;

/// Takes the news of an operation: one line each, such as
/// "Deployment `web/site-s3www`: 1 of 2 pods ready".
pub trait Progress: Send + Sync {
    /// Takes one line.
    fn report(&self, line: &str);
}

impl<F: Fn(&str) + Send + Sync> Progress for F {
    fn report(&self, line: &str) {
        self(line);
    }
}

/// Is what bounds an operation and takes its news.
#[derive(Clone, Copy)]
pub struct Bounds<'a> {
    /// When it has to be over.
    pub deadline: Instant,
    /// Ends it at once.
    pub cancel: &'a CancellationToken,
    /// Takes its news.
    pub progress: &'a dyn Progress,
    /// What must not be shown in error texts.
    pub sensitive: &'a Sensitive,
}

/// Names what is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// That the object is ready, see [`crate::kubernetes::status::readiness`].
    Ready,
    /// That the Job or Pod has ended well. Other kinds: that it is ready.
    Complete,
}

/// Is one object to wait for.
#[derive(Clone, Debug)]
pub struct Target {
    /// The object.
    pub location: Location,
    /// What is waited for.
    pub goal: Goal,
    /// Whether it goes away by itself once it is done (`ttlSecondsAfterFinished`): then
    /// its absence means that it is complete.
    pub goes_by_itself: bool,
}

/// Says how a wait for readiness is done.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether Jobs are waited for.
    pub wait_for_jobs: bool,
    /// When to give up on what does not heal.
    pub patience: Patience,
    /// When the operation began, by the cluster's clock: older events are of the past.
    pub since: Option<Timestamp>,
}

/// Says why a wait ended without success.
#[derive(Debug, Error)]
pub enum WaitError {
    /// It was cancelled.
    #[error("Interrupted while waiting for {0}.")]
    Cancelled(String),
    /// At least one object cannot become ready.
    #[error("{}", headlines(.explanations))]
    Hopeless {
        /// Why, for each of them (three at the most).
        explanations: Vec<Explanation>,
    },
    /// The time is over.
    #[error("{} The time for it is over after {seconds} s.", headlines(.explanations))]
    TimedOut {
        /// Why, for the first three objects.
        explanations: Vec<Explanation>,
        /// What is missing of further ones.
        others: Vec<String>,
        /// How long was waited.
        seconds: u64,
    },
    /// The time is over and objects that were deleted are still there.
    #[error("{}", gone::text(.leftovers))]
    StillThere {
        /// What is left.
        leftovers: Vec<Leftover>,
    },
    /// The API server refused.
    #[error(transparent)]
    Kubernetes(#[from] KubernetesError),
}

fn headlines(explanations: &[Explanation]) -> String {
    explanations.iter().map(Explanation::headline).collect::<Vec<_>>().join(" ")
}

/// Waits until every object is ready at one time. Returns warnings about what could not
/// be waited for.
pub async fn until_ready(
    cluster: &Cluster,
    targets: &[Target],
    options: &Options,
    bounds: Bounds<'_>,
) -> Result<Vec<String>, WaitError> {
    let watched: Vec<&Target> = targets.iter().filter(|target| look::is_watched(target)).collect();
    let mut wait = Wait {
        cluster,
        options,
        bounds,
        began: Instant::now(),
        record: Record::default(),
        told: HashMap::new(),
        sights: Vec::new(),
    };
    loop {
        let looking = wait.look_at_all(&watched);
        let sights = tokio::select! {
            biased;
            () = bounds.cancel.cancelled() => return Err(wait.cancelled()),
            sights = looking => sights?,
            () = tokio::time::sleep_until(bounds.deadline) => return Err(wait.timed_out().await),
        };
        wait.sights = sights;
        wait.tell();
        if wait.sights.iter().all(|sight| sight.readiness == Readiness::Ready) {
            return Ok(wait.sights.into_iter().filter_map(|sight| sight.warning).collect());
        }
        if let Some(error) = wait.hopeless().await {
            return Err(error);
        }
        tokio::select! {
            biased;
            () = bounds.cancel.cancelled() => return Err(wait.cancelled()),
            () = tokio::time::sleep_until(bounds.deadline) => return Err(wait.timed_out().await),
            () = tokio::time::sleep(pause(wait.began.elapsed())) => {}
        }
    }
}

struct Wait<'a> {
    cluster: &'a Cluster,
    options: &'a Options,
    bounds: Bounds<'a>,
    began: Instant,
    record: Record,
    /// What was last told about each object.
    told: HashMap<ObjectReference, String>,
    /// What was seen last.
    sights: Vec<Sight>,
}

impl Wait<'_> {
    async fn look_at_all(&self, targets: &[&Target]) -> Result<Vec<Sight>, KubernetesError> {
        let elapsed = self.began.elapsed();
        let looks =
            targets.iter().map(|target| look::look_at(self.cluster, target, self.options, elapsed));
        let sights: Vec<Result<Sight, KubernetesError>> =
            futures::stream::iter(looks).buffered(IN_FLIGHT).collect().boxed().await;
        sights.into_iter().collect()
    }

    /// Tells what changed.
    fn tell(&mut self) {
        for sight in &self.sights {
            let object = &sight.target.location.reference;
            let line = sight.line();
            if self.told.get(object) != Some(&line) {
                // What is ready at the first look is no news.
                if sight.readiness != Readiness::Ready || self.told.contains_key(object) {
                    self.bounds.progress.report(&format!("{object}: {line}"));
                }
                self.told.insert(object.clone(), line);
            }
        }
    }

    /// Returns the error that ends the wait early, if something is certain not to heal.
    async fn hopeless(&mut self) -> Option<WaitError> {
        // What has no trouble and is not ready may be what a crashing container waits for.
        let is_starting = self.sights.iter().any(|sight| {
            sight.readiness != Readiness::Ready
                && !sight.troubles().any(|found| matches!(found.cause, Cause::CrashLoop { .. }))
        });
        let findings: Vec<(usize, &Trouble)> = self
            .sights
            .iter()
            .enumerate()
            .flat_map(|(number, sight)| sight.troubles().map(move |trouble| (number, trouble)))
            .collect();
        let lasted = self.record.note(&findings, std::time::Instant::now());
        let mut certain: Vec<(usize, &Trouble)> = Vec::new();
        for ((number, trouble), lasted) in findings.into_iter().zip(lasted) {
            let is_known = certain.iter().any(|(known, _)| *known == number);
            let is_final = self.sights.get(number).is_some_and(|sight| sight.is_final(trouble));
            if !is_known
                && (is_final
                    || self.options.patience.is_exhausted(trouble.cause, lasted, is_starting))
            {
                certain.push((number, trouble));
            }
        }
        if certain.is_empty() {
            return None;
        }
        let explanations = certain.iter().take(EXPLAINED).filter_map(|(number, trouble)| {
            let sight = self.sights.get(*number)?;
            Some(self.explain(sight, Some(trouble), true))
        });
        let explanations = futures::future::join_all(explanations).boxed().await;
        Some(WaitError::Hopeless { explanations })
    }

    async fn timed_out(&self) -> WaitError {
        let unready = || self.sights.iter().filter(|sight| sight.readiness != Readiness::Ready);
        let explanations = unready()
            .take(EXPLAINED)
            .map(|sight| self.explain(sight, sight.troubles().next(), false));
        let explanations = futures::future::join_all(explanations).boxed().await;
        let others = unready()
            .skip(EXPLAINED)
            .map(|sight| format!("{}: {}", sight.target.location.reference, sight.line()))
            .collect();
        WaitError::TimedOut { explanations, others, seconds: self.began.elapsed().as_secs() }
    }

    async fn explain(
        &self,
        sight: &Sight,
        trouble: Option<&Trouble>,
        is_certain: bool,
    ) -> Explanation {
        let summary = sight.line();
        let finding = Finding { trouble, is_certain, summary: &summary };
        let surroundings = sight.surroundings.as_ref();
        Explanation::gather(
            self.cluster,
            &sight.target.location.reference,
            surroundings.unwrap_or(&surroundings::Surroundings::default()),
            finding,
            self.bounds.sensitive,
        )
        .await
    }

    fn cancelled(&self) -> WaitError {
        let unready = self.sights.iter().find(|sight| sight.readiness != Readiness::Ready);
        WaitError::Cancelled(unready.map_or_else(
            || String::from("the objects of the release"),
            |sight| sight.target.location.reference.to_string(),
        ))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
