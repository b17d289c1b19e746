//! Deleting an object of a release.

use tokio_util::sync::CancellationToken;

use crate::kubernetes::apply::owner::Owner;
use crate::kubernetes::apply::owner::owner;
use crate::kubernetes::cancel::unless_cancelled;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::normalise::Ownership;
use crate::kubernetes::request::Propagation;
use crate::kubernetes::resource::Location;

/// Says what became of a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deletion {
    /// The server has begun to delete the object with this `uid`; finalizers may take time.
    Begun {
        /// The object's `metadata.uid`.
        uid: String,
    },
    /// There was nothing to delete.
    Absent,
    /// The object belongs to another release now, `namespace/name`, and was left alone.
    NotOurs(String),
}

/// Deletes an object, and only the one that was looked at: by its `uid`.
///
/// With `ownership`, an object that says it belongs to another release is left alone.
pub async fn delete_object(
    cluster: &Cluster,
    location: &Location,
    ownership: Option<&Ownership>,
    propagation: Propagation,
    cancel: &CancellationToken,
) -> Result<Deletion, KubernetesError> {
    let work = async {
        loop {
            let Some(live) = cluster.find(location).await? else { return Ok(Deletion::Absent) };
            if let Some(Owner::Release(release)) =
                ownership.map(|ownership| owner(&live, ownership))
            {
                return Ok(Deletion::NotOurs(release));
            }
            match cluster.delete(location, propagation, Some(live.uid())).await {
                Ok(true) => return Ok(Deletion::Begun { uid: live.uid().to_owned() }),
                Ok(false) => return Ok(Deletion::Absent),
                // Replaced by another of the same name since it was read: look at that one.
                Err(error)
                    if matches!(
                        error.class(),
                        Some(ApiErrorClass::UidMismatch | ApiErrorClass::Conflict)
                    ) => {}
                Err(error) => return Err(error),
            }
        }
    };
    unless_cancelled(cancel, || format!("deleting {}", location.reference), work).await
}
