//! Working on a revision: the heartbeat while it lasts, and the record's last change.

use std::future::Future;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use crate::helm::release::Release;
use crate::kubernetes::lifecycle::Aftermath;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::release_store::Meta;
use crate::kubernetes::release_store::ReleaseStore;
use crate::kubernetes::release_store::StoreError;
use crate::kubernetes::wait::is_passing;

/// How often a sign of life is written.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(3);

/// How long after the deadline work is cut off: a wait that ran out of time still reads
/// events and logs for its error.
const GRACE: Duration = Duration::from_secs(15);

/// How long to pause before asking an API server again that is away.
const RETRY: Duration = Duration::from_millis(500);

/// How long writing the last record may take after an interruption: Terraform waits, and
/// people press Ctrl-C a second time.
const FAREWELL: Duration = Duration::from_millis(1500);

/// How long writing the last record may take otherwise.
const LAST_WRITE: Duration = Duration::from_secs(30);

/// Is the right to work on one revision.
pub(super) struct Lease<'a> {
    store: ReleaseStore<'a>,
    meta: Mutex<Meta>,
}

impl<'a> Lease<'a> {
    /// Takes over the record that was just written.
    pub(super) fn new(store: ReleaseStore<'a>, meta: Meta) -> Self {
        Self { store, meta: Mutex::new(meta) }
    }

    fn meta(&self) -> Meta {
        self.meta.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, meta: Meta) {
        *self.meta.lock().unwrap_or_else(PoisonError::into_inner) = meta;
    }

    /// Does the work, with a heartbeat beside it, until it is done, interrupted, out of
    /// time, or somebody else has taken the record.
    pub(super) async fn work<T>(
        &self,
        lifecycle: &Lifecycle<'_>,
        deadline: Instant,
        work: impl Future<Output = Result<T, LifecycleError>>,
    ) -> Result<T, LifecycleError> {
        let (namespace, name) = (lifecycle.namespace.to_owned(), lifecycle.name.to_owned());
        tokio::select! {
            biased;
            () = lifecycle.cancel.cancelled() => Err(LifecycleError::Interrupted { namespace, name }),
            result = work => result,
            lost = self.beat() => Err(lost.into()),
            () = tokio::time::sleep_until(deadline + GRACE) => Err(LifecycleError::TimedOut {
                namespace,
                name,
                seconds: lifecycle.settings.timeout.as_secs(),
            }),
        }
    }

    /// Writes signs of life; returns when somebody else has changed the record.
    async fn beat(&self) -> StoreError {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            match self.store.beat(&self.meta()).await {
                Ok(meta) => self.set(meta),
                Err(lost @ StoreError::Changed { .. }) => return lost,
                // The work itself will fail if this lasts.
                Err(error) => tracing::warn!(%error, "the heartbeat could not be written"),
            }
        }
    }

    /// Writes the record of work that failed, and says what came of that.
    pub(super) async fn leave(&self, release: &Release, error: &LifecycleError) -> Aftermath {
        if matches!(error, LifecycleError::Store(StoreError::Changed { .. })) {
            return Aftermath::Unrecorded(String::from("somebody else has changed it"));
        }
        let limit = if error.is_interruption() { FAREWELL } else { LAST_WRITE };
        match tokio::time::timeout(limit, self.finish(release)).await {
            Ok(Ok(())) => Aftermath::Kept,
            Ok(Err(error)) => Aftermath::Unrecorded(error.to_string()),
            Err(_) => Aftermath::Unrecorded(String::from("the API server did not answer")),
        }
    }

    /// Writes the record for the last time. A heartbeat that was still under way is no
    /// conflict; somebody else's change is. An API server that is away for a moment is
    /// waited for: what was done must not be lost for that.
    pub(super) async fn finish(&self, release: &Release) -> Result<(), StoreError> {
        let until = Instant::now() + LAST_WRITE;
        let mut meta = self.meta().without_heartbeat();
        loop {
            let Err(error) = self.store.update(release, &meta).await else { return Ok(()) };
            let is_over = Instant::now() >= until;
            match &error {
                StoreError::Changed { .. } if !is_over => {
                    match self.store.get(release.revision).await? {
                        // An earlier attempt went through and its answer was lost.
                        Some(now) if now.release == *release => return Ok(()),
                        Some(now) if is_same_work(&now.meta, &meta) => {
                            meta = now.meta.without_heartbeat();
                        }
                        _ => return Err(error),
                    }
                }
                StoreError::Kubernetes(cause) if is_passing(cause) && !is_over => {
                    tokio::time::sleep(RETRY).await;
                }
                _ => return Err(error),
            }
        }
    }
}

/// Says whether only a heartbeat lies between the two.
fn is_same_work(now: &Meta, before: &Meta) -> bool {
    now.uid == before.uid
        && now.entry == before.entry
        && now.operation() == before.operation()
        && now.modified_at == before.modified_at
}
