//! Upgrading a release, and going back.

use crate::kubernetes::lifecycle::Aftermath;
use crate::kubernetes::lifecycle::Draft;
use crate::kubernetes::lifecycle::Failure;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::lifecycle::Outcome;
use crate::kubernetes::lifecycle::Turn;
use crate::kubernetes::lifecycle::deploy::Kind;
use crate::kubernetes::lifecycle::objects::read;

impl Lifecycle<'_> {
    /// Upgrades the release as [`Lifecycle::begin_upgrade`] has decided.
    ///
    /// If it fails, the revision is kept as `failed` and the one before still counts as
    /// deployed; with [`crate::kubernetes::lifecycle::Settings::rollback_on_failure`] that
    /// one's objects are applied again as a new revision. An interruption is never undone:
    /// it has to end at once.
    pub async fn upgrade(&self, turn: &Turn, draft: &Draft) -> Result<Outcome, LifecycleError> {
        let error = match self.deploy(Kind::Upgrade, turn, draft).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        let LifecycleError::Failed(mut failure) = error else { return Err(error) };
        let Some(to) = turn.serving else { return Err(LifecycleError::Failed(failure)) };
        if self.settings.rollback_on_failure && failure.can_be_undone() {
            Box::pin(self.roll_back(turn, draft, to, &mut failure)).await;
        }
        Err(LifecycleError::Failed(failure))
    }

    /// Applies an earlier revision again, and notes in the failure how that went.
    async fn roll_back(&self, turn: &Turn, draft: &Draft, to: u32, failure: &mut Failure) {
        self.tell(&format!(
            "Release `{}/{}`: revision {} failed; going back to revision {to}",
            self.namespace, self.name, turn.revision
        ));
        match self.apply_again(turn, draft, to).await {
            Ok(outcome) => {
                failure.serving = Some(outcome.release.revision);
                failure.release = Some(outcome.release);
                failure.warnings.extend(outcome.warnings);
                failure.aftermath = Aftermath::RolledBack { to };
            }
            Err(error) => {
                if let LifecycleError::Failed(second) = &error {
                    failure.release.clone_from(&second.release);
                }
                failure.aftermath = Aftermath::NotUndone(error.to_string());
            }
        }
    }

    async fn apply_again(
        &self,
        turn: &Turn,
        failed: &Draft,
        to: u32,
    ) -> Result<Outcome, LifecycleError> {
        let Some(stored) = self.store().get(to).await? else {
            return Err(LifecycleError::NotInstalled {
                namespace: self.namespace.to_owned(),
                name: self.name.to_owned(),
            });
        };
        let turn = turn.after(read(&failed.manifest)?);
        self.deploy(Kind::Rollback { to }, &turn, &Draft::of_release(&stored.release)).await
    }
}
