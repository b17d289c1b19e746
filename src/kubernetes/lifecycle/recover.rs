//! What an operation finds when it begins, and how it recovers from one that never ended.
//!
//! Whether somebody still works on a revision is told from what happens, not from
//! clocks, which differ between machines: a record of ours whose heart does not beat
//! for [`STALE_AFTER`] is abandoned, one that beats twice is worked on. Helm writes no heartbeat; a `pending-*` revision
//! of its is respected for [`FOREIGN_STALE_AFTER`].

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::helm::release::Status;
use crate::helm::release::history;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::lifecycle::Turn;
use crate::kubernetes::lifecycle::lease::HEARTBEAT;
use crate::kubernetes::lifecycle::objects::read;
use crate::kubernetes::lifecycle::persist::patiently;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::release_store::Meta;
use crate::kubernetes::release_store::Stored;
use crate::kubernetes::release_store::entries;

/// How long a heart must stand still: four beats.
const STALE_AFTER: Duration = Duration::from_secs(4 * HEARTBEAT.as_secs());

/// How long a revision that Helm is working on is respected, at the least. Helm's own
/// default for an operation is five minutes.
const FOREIGN_STALE_AFTER: Duration = Duration::from_mins(15);

/// How often a record is looked at while its heart is listened to.
const LISTEN: Duration = Duration::from_millis(500);

impl Lifecycle<'_> {
    /// Decides how to install: as a new release, or by continuing one of our own that
    /// was never finished, or whose client was killed before it heard of it. Any other
    /// release of that name is [`LifecycleError::InUse`].
    ///
    /// Looks only; takes some seconds if it has to find out whether somebody still works
    /// on the release.
    pub async fn begin_install(&self) -> Result<Turn, LifecycleError> {
        let deciding = patiently(self.cluster, self.beginning(), || self.turn_to_install());
        self.unless_interrupted(deciding).await
    }

    async fn turn_to_install(&self) -> Result<Turn, LifecycleError> {
        let settled = loop {
            let settled = self.settled().await?;
            let is_still_there = match settled.metas.last() {
                // Whoever installed it may be about to say so to its client.
                Some(latest)
                    if latest.entry.status == Status::Deployed && latest.is_unconfirmed() =>
                {
                    !self.has_stopped(latest).await?
                }
                _ => false,
            };
            if !is_still_there {
                break settled;
            }
        };
        let Some(latest) = settled.metas.last() else {
            return Ok(Turn::first());
        };
        let entries = entries(&settled.metas);
        let is_gone = latest.entry.status == Status::Uninstalled;
        if !is_gone {
            let is_ours = latest.operation().is_some();
            let is_known = history::last_good(&entries).is_some() && !latest.is_unconfirmed();
            if !is_ours || is_known {
                return Err(LifecycleError::InUse {
                    namespace: self.namespace.to_owned(),
                    name: self.name.to_owned(),
                    revision: latest.entry.revision,
                    status: latest.entry.status.to_string(),
                });
            }
            self.tell(&format!(
                "Release `{}/{}` was begun by a run that never said how it ended (revision {}, \
                 {}); continuing it",
                self.namespace, self.name, latest.entry.revision, latest.entry.status
            ));
        }
        let mut turn = self.turn(settled).await?;
        if is_gone {
            // Of what was uninstalled nothing is left; what has these names now is not ours.
            turn.previous.clear();
        }
        Ok(turn)
    }

    /// Decides how to upgrade: which revision is next, and what the release has now.
    ///
    /// Looks only; takes some seconds if it has to find out whether somebody still works
    /// on the release.
    pub async fn begin_upgrade(&self) -> Result<Turn, LifecycleError> {
        let deciding = patiently(self.cluster, self.beginning(), || self.turn_to_upgrade());
        self.unless_interrupted(deciding).await
    }

    async fn turn_to_upgrade(&self) -> Result<Turn, LifecycleError> {
        let settled = self.settled().await?;
        match settled.metas.last() {
            Some(latest) if latest.entry.status != Status::Uninstalled => self.turn(settled).await,
            _ => Err(LifecycleError::NotInstalled {
                namespace: self.namespace.to_owned(),
                name: self.name.to_owned(),
            }),
        }
    }

    async fn turn(&self, settled: Settled) -> Result<Turn, LifecycleError> {
        let entries = entries(&settled.metas);
        let serving = history::deployed(&entries).map(|entry| entry.revision);
        let mut turn = Turn {
            revision: history::next_revision(&entries),
            serving,
            unfinished: settled.unfinished,
            labels: settled.metas.last().map(Meta::own_labels).unwrap_or_default(),
            ..Turn::first()
        };
        for stored in self.stored_since(&settled.metas, serving).await? {
            turn.first_deployed = stored.release.info.first_deployed.or(turn.first_deployed);
            turn.previous.extend(read(&stored.release.manifest)?);
        }
        Ok(turn)
    }

    /// Returns the revision that serves and all after it: what any of them has made may be
    /// in the cluster. A failed upgrade, say, has made objects that the one before it lacks.
    pub(super) async fn stored_since(
        &self,
        metas: &[Meta],
        serving: Option<u32>,
    ) -> Result<Vec<Stored>, LifecycleError> {
        let store = self.store();
        let mut found = Vec::new();
        for meta in metas {
            if serving.is_none_or(|serving| meta.entry.revision >= serving) {
                found.extend(store.get(meta.entry.revision).await?);
            }
        }
        Ok(found)
    }

    /// Returns what is stored, once nobody works on it any more.
    pub(super) async fn settled(&self) -> Result<Settled, LifecycleError> {
        let store = self.store();
        loop {
            let metas = store.list().await?;
            let Some(latest) = metas.last() else {
                return Ok(Settled { metas, unfinished: Vec::new() });
            };
            let is_underway =
                latest.entry.status.is_pending() || latest.entry.status == Status::Uninstalling;
            if !is_underway {
                return Ok(Settled { metas, unfinished: Vec::new() });
            }
            if latest.operation().is_none() {
                self.check_foreign(latest)?;
            } else if latest.heartbeat().is_some() && !self.has_stopped(latest).await? {
                // It ended while we listened.
                continue;
            }
            let unfinished = vec![latest.entry.revision];
            return Ok(Settled { metas, unfinished });
        }
    }

    /// Listens to the heart of a revision of ours. Says whether it stands still; `false`
    /// means that the work on it has ended. A second beat is [`LifecycleError::Busy`]: the
    /// first may be the last one of a process whose client was killed a moment ago.
    async fn has_stopped(&self, latest: &Meta) -> Result<bool, LifecycleError> {
        let store = self.store();
        self.tell(&format!(
            "Revision {} of release `{}/{}` is {}; listening whether somebody works on it",
            latest.entry.revision, self.namespace, self.name, latest.entry.status
        ));
        let mut heard = latest.clone();
        let mut beats = 0;
        let mut until = Instant::now() + STALE_AFTER;
        while Instant::now() < until {
            tokio::time::sleep(LISTEN).await;
            let Some(now) = store.list().await?.pop() else { return Ok(false) };
            let has_ended = now.entry != latest.entry
                || now.uid != latest.uid
                || now.is_unconfirmed() != latest.is_unconfirmed();
            if has_ended {
                return Ok(false);
            }
            if now.heartbeat() == heard.heartbeat() {
                continue;
            }
            beats += 1;
            if beats == 2 {
                return Err(self.busy(
                    latest,
                    String::from("and it has just shown a sign of life"),
                    format!(
                        "its record counts as abandoned {} s after the last one",
                        STALE_AFTER.as_secs()
                    ),
                ));
            }
            heard = now;
            until = Instant::now() + STALE_AFTER;
        }
        Ok(true)
    }

    /// Refuses to touch what Helm, or another program, may be working on.
    fn check_foreign(&self, latest: &Meta) -> Result<(), LifecycleError> {
        // Uninstalling twice does no harm, and Helm leaves this state when it fails.
        if latest.entry.status == Status::Uninstalling {
            return Ok(());
        }
        let patience = FOREIGN_STALE_AFTER.max(self.settings.timeout.saturating_mul(2));
        let Some(written) = latest.written_at() else { return Ok(()) };
        let age = Timestamp::now().as_second().saturating_sub(written.as_second());
        let is_stale = u64::try_from(age).is_ok_and(|age| age >= patience.as_secs());
        if is_stale {
            return Ok(());
        }
        Err(self.busy(
            latest,
            format!("written at {written} by another program (the Helm command line, say)"),
            format!(
                "`helm rollback {name} -n {namespace}` or deleting the Secret `{secret}` ends it, and \
                 {minutes} minutes after it was written it counts as abandoned",
                name = self.name,
                namespace = self.namespace,
                secret = crate::helm::release::secret_name(self.name, latest.entry.revision),
                minutes = patience.as_secs() / 60,
            ),
        ))
    }

    fn busy(&self, latest: &Meta, evidence: String, remedy: String) -> LifecycleError {
        LifecycleError::Busy {
            namespace: self.namespace.to_owned(),
            name: self.name.to_owned(),
            revision: latest.entry.revision,
            status: latest.entry.status.to_string(),
            evidence,
            remedy,
        }
    }
}

/// Is what is stored of a release that nobody works on.
pub(super) struct Settled {
    /// All revisions, oldest first.
    pub(super) metas: Vec<Meta>,
    /// Those that were begun and never ended.
    pub(super) unfinished: Vec<u32>,
}

impl Turn {
    /// Returns the turn of a release that does not exist.
    pub(super) fn first() -> Self {
        Self {
            revision: 1,
            first_deployed: None,
            serving: None,
            previous: Vec::new(),
            unfinished: Vec::new(),
            labels: std::collections::BTreeMap::new(),
        }
    }

    /// Returns the turn after this one, which has left these objects too.
    pub(super) fn after(&self, applied: Vec<ManifestObject>) -> Self {
        let mut next = self.clone();
        next.revision = self.revision.saturating_add(1);
        next.unfinished.clear();
        next.previous.extend(applied);
        next
    }
}
