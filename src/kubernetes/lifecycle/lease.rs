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
use crate::kubernetes::lifecycle::persist::patiently;
use crate::kubernetes::release_store::Meta;
use crate::kubernetes::release_store::ReleaseStore;
use crate::kubernetes::release_store::StoreError;

/// How often a sign of life is written.
pub const HEARTBEAT: Duration = Duration::from_secs(3);

/// How long after the deadline work is cut off: a wait that ran out of time still reads
/// events and logs for its error.
const GRACE: Duration = Duration::from_secs(15);

/// How long writing the last record may take after an interruption: Terraform waits, and
/// people press Ctrl-C a second time.
const FAREWELL: Duration = Duration::from_millis(1500);

/// How long writing the last record may take otherwise, when the time is over.
const LAST_WRITE: Duration = Duration::from_secs(15);

/// Is the right to work on one revision.
pub(super) struct Lease<'a> {
    lifecycle: &'a Lifecycle<'a>,
    store: ReleaseStore<'a>,
    meta: Mutex<Meta>,
    deadline: Instant,
}

impl<'a> Lease<'a> {
    /// Takes over the record that was just written, for work until `deadline`.
    pub(super) fn new(lifecycle: &'a Lifecycle<'a>, meta: Meta, deadline: Instant) -> Self {
        Self { lifecycle, store: lifecycle.store(), meta: Mutex::new(meta), deadline }
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
        work: impl Future<Output = Result<T, LifecycleError>>,
    ) -> Result<T, LifecycleError> {
        let Lifecycle { namespace, name, cancel, settings, .. } = self.lifecycle;
        let (namespace, name) = ((*namespace).to_owned(), (*name).to_owned());
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(LifecycleError::Interrupted { namespace, name }),
            result = work => result,
            lost = self.beat() => Err(lost.into()),
            () = tokio::time::sleep_until(self.deadline + GRACE) => Err(LifecycleError::TimedOut {
                namespace,
                name,
                seconds: settings.timeout.as_secs(),
            }),
        }
    }

    /// Writes signs of life; returns when somebody else has changed the record.
    async fn beat(&self) -> StoreError {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let error = match self.store.beat(&self.meta()).await {
                Ok(meta) => {
                    self.set(meta);
                    continue;
                }
                Err(lost @ StoreError::Changed { .. }) => match self.same_work_now().await {
                    // An earlier beat went through and its answer was lost.
                    Ok(Some(meta)) => {
                        self.set(meta);
                        continue;
                    }
                    Ok(None) => return lost,
                    Err(error) => error,
                },
                Err(error) => error,
            };
            // The work itself will fail if this lasts.
            tracing::warn!(%error, "the heartbeat could not be written");
        }
    }

    /// Returns what the record's Secret says now, if nobody else has changed the record.
    async fn same_work_now(&self) -> Result<Option<Meta>, StoreError> {
        let before = self.meta();
        let now = self.store.get(before.entry.revision).await?;
        Ok(now.map(|now| now.meta).filter(|now| is_same_work(now, &before)))
    }

    /// Writes the record of work that failed, and says what came of that.
    pub(super) async fn leave(&self, release: &Release, error: &LifecycleError) -> Aftermath {
        if matches!(error, LifecycleError::Store(StoreError::Changed { .. })) {
            return Aftermath::Unrecorded(String::from("somebody else has changed it"));
        }
        let finishing = self.finish(release);
        let finished = if error.is_interruption() {
            tokio::time::timeout(FAREWELL, finishing).await
        } else {
            Ok(finishing.await)
        };
        match finished {
            Ok(Ok(())) => Aftermath::Kept,
            Ok(Err(error)) => Aftermath::Unrecorded(error.to_string()),
            Err(_) => Aftermath::Unrecorded(String::from("the API server did not answer")),
        }
    }

    /// Writes the record for the last time. An API server that is away is waited for: what
    /// was done must not be lost for that.
    pub(super) async fn finish(&self, release: &Release) -> Result<(), StoreError> {
        let until = self.deadline.max(Instant::now() + LAST_WRITE);
        patiently(self.lifecycle.cluster, until, || self.write(release)).await
    }

    /// Writes the record and ends the heartbeat. A beat that was still under way is no
    /// conflict; somebody else's change is.
    async fn write(&self, release: &Release) -> Result<(), StoreError> {
        let error = match self.store.update(release, &self.meta().without_heartbeat()).await {
            Err(error @ StoreError::Changed { .. }) => error,
            result => return result.map(drop),
        };
        let Some(meta) = self.same_work_now().await? else { return Err(error) };
        self.set(meta);
        self.store.update(release, &self.meta().without_heartbeat()).await.map(drop)
    }
}

/// Says whether only a heartbeat lies between the two.
fn is_same_work(now: &Meta, before: &Meta) -> bool {
    now.uid == before.uid
        && now.entry == before.entry
        && now.operation() == before.operation()
        && now.modified_at == before.modified_at
}
