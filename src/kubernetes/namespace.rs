//! Making a namespace.

use serde_json::json;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::request::Mode;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::wait::Bounds;
use crate::kubernetes::wait::WaitError;
use crate::kubernetes::wait::until_gone;

/// Makes a namespace if it does not exist, as Helm does: with the label `name`, and
/// without an owner, so that nothing ever deletes it with the release. One that is
/// being deleted is waited for first. Says whether it was made.
pub async fn ensure(cluster: &Cluster, name: &str, bounds: Bounds<'_>) -> Result<bool, WaitError> {
    let namespaces = Resource {
        kind: GroupVersionKind::new("v1", "Namespace"),
        plural: String::from("namespaces"),
        namespaced: false,
    };
    let location = namespaces.object("", name);
    match cluster.find(&location).await {
        Ok(Some(live)) if live.deletion_timestamp().is_none() => return Ok(false),
        Ok(Some(live)) => {
            bounds.progress.report(&format!("Namespace `{name}` is being deleted; waiting for it"));
            until_gone(cluster, &[(location.clone(), live.uid().to_owned())], bounds).await?;
        }
        Ok(None) => {}
        // Whoever may work inside a namespace need not be allowed to look at it.
        Err(error) if error.class() == Some(ApiErrorClass::AccessDenied) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    let namespace = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": { "name": name, "labels": { "name": name } },
    });
    match cluster.create(&location, &namespace, Mode::Real).await {
        Ok(_) => {
            bounds.progress.report(&format!("Namespace `{name}`: created"));
            Ok(true)
        }
        Err(error) if error.class() == Some(ApiErrorClass::AlreadyExists) => Ok(false),
        Err(error) => Err(KubernetesError::into(error)),
    }
}
