//! The contents of a chart's `crds/`.

use serde_json::Value;
use tokio::time::Instant;

use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::lifecycle::objects::earlier;
use crate::kubernetes::lifecycle::objects::target;
use crate::kubernetes::lifecycle::persist::patiently;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::request::Mode;
use crate::kubernetes::wait::Bounds;
use crate::kubernetes::wait::Goal;
use crate::kubernetes::wait::Options;
use crate::kubernetes::wait::until_ready;

/// How long the API server may take to serve a new kind.
const ESTABLISHED: std::time::Duration = std::time::Duration::from_mins(1);

/// Makes the definitions that do not exist yet and waits until the API server serves
/// them. As in Helm, one that exists is left as it is: deleting or downgrading it would
/// take every object of its kind along.
pub(super) async fn create(
    lifecycle: &Lifecycle<'_>,
    definitions: &[Value],
    bounds: Bounds<'_>,
) -> Result<(), LifecycleError> {
    let mut targets = Vec::new();
    for definition in definitions {
        for object in ManifestObject::read(definition.clone())? {
            let location = lifecycle.cluster.locate_manifest(&object, lifecycle.namespace).await?;
            let body = Value::Object(object.fields().clone());
            let create = async || match lifecycle.cluster.create(&location, &body, Mode::Real).await
            {
                Ok(_) => {
                    bounds.progress.report(&format!("{}: created", location.reference));
                    Ok(())
                }
                Err(error) if error.class() == Some(ApiErrorClass::AlreadyExists) => Ok(()),
                Err(error) => Err(error),
            };
            patiently(lifecycle.cluster, bounds.deadline, create).await?;
            targets.push(target(&object, location, Goal::Ready));
        }
    }
    let deadline = earlier(bounds.deadline, Instant::now() + ESTABLISHED);
    let bounds = Bounds { deadline, ..bounds };
    until_ready(lifecycle.cluster, &targets, &Options::default(), bounds).await?;
    Ok(())
}
