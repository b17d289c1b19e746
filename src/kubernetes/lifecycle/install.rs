//! Installing a release.

use crate::kubernetes::lifecycle::Aftermath;
use crate::kubernetes::lifecycle::Draft;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::lifecycle::Outcome;
use crate::kubernetes::lifecycle::Turn;
use crate::kubernetes::lifecycle::deploy::Kind;

impl Lifecycle<'_> {
    /// Installs the release as [`Lifecycle::begin_install`] has decided.
    ///
    /// If it fails, the revision is kept as `failed` for looking at, or uninstalled
    /// again with [`crate::kubernetes::lifecycle::Settings::rollback_on_failure`].
    /// An interruption is never undone: it has to end at once.
    pub async fn install(&self, turn: &Turn, draft: &Draft) -> Result<Outcome, LifecycleError> {
        let error = match self.deploy(Kind::Install, turn, draft).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        let LifecycleError::Failed(mut failure) = error else { return Err(error) };
        if !self.settings.rollback_on_failure || !failure.can_be_undone() {
            return Err(LifecycleError::Failed(failure));
        }
        self.tell(&format!(
            "Release `{}/{}` failed; uninstalling it again",
            self.namespace, self.name
        ));
        match self.uninstall().await {
            Ok(uninstalled) => {
                failure.release = None;
                failure.aftermath = Aftermath::Uninstalled;
                failure.warnings.extend(uninstalled.warnings());
            }
            Err(error) => {
                if let LifecycleError::Failed(second) = &error {
                    failure.release.clone_from(&second.release);
                }
                failure.aftermath = Aftermath::NotUndone(error.to_string());
            }
        }
        Err(LifecycleError::Failed(failure))
    }
}
