//! Uninstalling a release.

use jiff::Timestamp;

use crate::helm::manifest::hook::Event;
use crate::helm::release::Hook;
use crate::helm::release::Status;
use crate::helm::release::history;
use crate::kubernetes::lifecycle::Failure;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::lifecycle::delete;
use crate::kubernetes::lifecycle::delete::Deleted;
use crate::kubernetes::lifecycle::hooks;
use crate::kubernetes::lifecycle::lease::Lease;
use crate::kubernetes::lifecycle::objects;
use crate::kubernetes::lifecycle::persist::patiently;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::release_store::Meta;
use crate::kubernetes::release_store::Stored;
use crate::kubernetes::release_store::entries;
use crate::kubernetes::wait::Bounds;
use crate::kubernetes::wait::until_gone;

/// Says what an uninstall has left, on purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uninstalled {
    /// The newest revision that was removed; nothing if there was no release.
    pub revision: Option<u32>,
    /// Objects that `helm.sh/resource-policy: keep` keeps.
    pub kept: Vec<ObjectReference>,
    /// Objects that are not the release's (any more), with a clause that says why.
    pub foreign: Vec<(ObjectReference, String)>,
    /// Objects of kinds that the cluster does not know any more.
    pub unknown: Vec<ObjectReference>,
}

/// Is what an uninstall finds.
struct Found {
    latest: Stored,
    /// What any revision since the one that serves has, each object once.
    manifests: Vec<ManifestObject>,
    /// What the hooks of any of them run.
    runs: Vec<ManifestObject>,
    metas: Vec<Meta>,
    serving: Option<u32>,
}

impl Uninstalled {
    /// Returns what the user should know, one sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let kept = self.kept.iter().map(|object| {
            format!("{object} was kept, as its annotation `helm.sh/resource-policy: keep` asks.")
        });
        let foreign = self
            .foreign
            .iter()
            .map(|(object, clause)| format!("{object} was left alone: it {clause}."));
        kept.chain(foreign).chain(delete::unknown_kinds(&self.unknown)).collect()
    }
}

impl Lifecycle<'_> {
    /// Removes the release: its objects in Helm's order, then its records.
    ///
    /// What is gone already is no error, a release that does not exist included; any other
    /// doubt is one, and then the records stay, so that the next attempt knows what to do.
    pub async fn uninstall(&self) -> Result<Uninstalled, LifecycleError> {
        let deadline = self.deadline();
        let looking = patiently(self.cluster, self.beginning(), || self.look());
        let Some(found) = self.unless_interrupted(looking).await? else {
            return Ok(Uninstalled::default());
        };
        let Found { mut latest, manifests, runs, metas, serving } = found;
        let sensitive = objects::sensitive(self.sensitive, &manifests, &latest.release.hooks);
        let bounds = self.bounds(deadline, &sensitive);

        latest.release.info.status = Status::Uninstalling;
        latest.release.info.deleted = Some(Timestamp::now());
        latest.release.info.description = String::from("Deletion in progress (or silently failed)");
        let operation = uuid::Uuid::new_v4().to_string();
        let meta = latest.meta.for_operation(&operation);
        let store = self.store();
        let update = async || Ok(store.update(&latest.release, &meta).await?);
        let beginning = patiently(self.cluster, self.beginning(), update);
        let meta = self.unless_interrupted(beginning).await?;
        let lease = Lease::new(self, meta, deadline);
        let mut hooks = std::mem::take(&mut latest.release.hooks);
        let steps = self.remove(manifests, runs, &mut hooks, &metas, bounds);
        // Boxed: it holds everything that is under way.
        let result = lease.work(Box::pin(steps)).await;
        latest.release.hooks = hooks;
        let error = match result {
            Ok(mut uninstalled) => {
                uninstalled.revision = Some(latest.release.revision);
                self.tell(&format!("Release `{}/{}` is uninstalled", self.namespace, self.name));
                return Ok(uninstalled);
            }
            Err(error) => error,
        };
        latest.release.info.description =
            format!("Uninstall failed: {}", sensitive.mask(&error.summary()));
        let aftermath = lease.leave(&latest.release, &error).await;
        let failure = Failure::new(error, Some(latest.release), serving, aftermath, &sensitive);
        Err(LifecycleError::Failed(Box::new(failure)))
    }

    /// Returns what there is to remove; nothing if there is no release.
    async fn look(&self) -> Result<Option<Found>, LifecycleError> {
        let settled = self.settled().await?;
        let serving = history::deployed(&entries(&settled.metas)).map(|entry| entry.revision);
        let mut stored = self.stored_since(&settled.metas, None).await?;
        let Some(latest) = stored.pop() else { return Ok(None) };
        // The newest first: of an object that several revisions have, its policy counts.
        let mut manifests = objects::read(&latest.release.manifest)?;
        let mut runs = hooks::runs(&latest.release.hooks)?;
        for earlier in stored.iter().rev() {
            // A hook that failed is there until its next run, which may never have come.
            let known = hooks::runs(&earlier.release.hooks)?;
            runs.extend(delete::vanished(&known, &runs, self.namespace));
            if serving.is_none_or(|serving| earlier.release.revision >= serving) {
                let known = objects::read(&earlier.release.manifest)?;
                manifests.extend(delete::vanished(&known, &manifests, self.namespace));
            }
        }
        Ok(Some(Found { latest, manifests, runs, metas: settled.metas, serving }))
    }

    async fn remove(
        &self,
        manifests: Vec<ManifestObject>,
        runs: Vec<ManifestObject>,
        hooks: &mut [Hook],
        metas: &[Meta],
        bounds: Bounds<'_>,
    ) -> Result<Uninstalled, LifecycleError> {
        hooks::run(self, hooks, Event::PreDelete, None, bounds).await?;
        let deleted = delete::all(self, manifests, bounds).await?;
        if self.settings.wait {
            until_gone(self.cluster, &deleted.begun, bounds).await?;
        }
        hooks::run(self, hooks, Event::PostDelete, None, bounds).await?;
        let left = delete::all(self, runs, bounds).await?;
        if self.settings.wait {
            until_gone(self.cluster, &left.begun, bounds).await?;
        }
        // Oldest first: while one record is left, it is the newest, which says what goes on.
        let store = self.store();
        for meta in metas {
            patiently(self.cluster, bounds.deadline, || store.delete(meta)).await?;
        }
        let Deleted { kept, foreign, unknown, .. } = deleted;
        Ok(Uninstalled { revision: None, kept, foreign, unknown })
    }
}
