//! Stopping early when Terraform asks for it.

use tokio_util::sync::CancellationToken;

use crate::kubernetes::error::KubernetesError;

/// Does the work unless, or until, it is cancelled; `doing` says in the progressive form what was
/// interrupted.
pub(crate) async fn unless_cancelled<T>(
    cancel: &CancellationToken,
    doing: impl FnOnce() -> String,
    work: impl Future<Output = Result<T, KubernetesError>>,
) -> Result<T, KubernetesError> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(KubernetesError::Cancelled(doing())),
        result = work => result,
    }
}
