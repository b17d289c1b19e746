//! Removing old revisions, and what their hooks left.

use crate::helm::release::history;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::lifecycle::delete;
use crate::kubernetes::lifecycle::hooks;
use crate::kubernetes::lifecycle::objects;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::release_store::Meta;
use crate::kubernetes::release_store::StoreError;
use crate::kubernetes::release_store::Stored;
use crate::kubernetes::release_store::entries;
use crate::kubernetes::sensitive::Sensitive;

impl Lifecycle<'_> {
    /// Removes the oldest records so that `max_history` are left; the newest and the one that
    /// serves always stay.
    ///
    /// A hook that failed, or has no policy, leaves a Job or Pod behind, and only the record of its
    /// revision knows of it. So those that no later revision has go with the record. Helm leaves
    /// them for ever.
    pub(super) async fn prune(&self, sensitive: &Sensitive) -> Result<(), LifecycleError> {
        let store = self.store();
        let metas = store.list().await?;
        let old = history::to_prune(&entries(&metas), self.settings.max_history);
        let (old, kept): (Vec<_>, Vec<_>) =
            metas.iter().partition(|meta| old.contains(&meta.entry.revision));
        if old.is_empty() {
            return Ok(());
        }
        let orphans = self.orphans(&old, &kept).await?;
        delete::all(self, orphans, self.bounds(self.beginning(), sensitive)).await?;
        for meta in old {
            store.delete(meta).await?;
        }
        Ok(())
    }

    /// Returns what the hooks of old revisions ran and no other revision has.
    async fn orphans(
        &self,
        old: &[&Meta],
        kept: &[&Meta],
    ) -> Result<Vec<ManifestObject>, LifecycleError> {
        let mut orphans = Vec::new();
        for meta in old {
            let Some(stored) = self.readable(meta).await? else { continue };
            let runs = hooks::runs(&stored.release.hooks)?;
            orphans.extend(delete::vanished(&runs, &orphans, self.namespace));
        }
        // The newest first: hooks mostly keep their names, and then no other record is read.
        for meta in kept.iter().rev() {
            if orphans.is_empty() {
                break;
            }
            let Some(stored) = self.readable(meta).await? else { continue };
            let mut known = objects::read(&stored.release.manifest)?;
            known.extend(hooks::runs(&stored.release.hooks)?);
            orphans = delete::vanished(&orphans, &known, self.namespace);
        }
        Ok(orphans)
    }

    /// Returns a revision; nothing if it is gone, or if its record cannot be read, which must not
    /// keep it for ever.
    async fn readable(&self, meta: &Meta) -> Result<Option<Stored>, LifecycleError> {
        match self.store().get(meta.entry.revision).await {
            Err(error @ StoreError::Codec { .. }) => {
                tracing::warn!(%error, "what its hooks left is not known");
                Ok(None)
            }
            other => Ok(other?),
        }
    }
}
