//! Looking at all objects of a release.

use futures::FutureExt as _;
use futures::StreamExt as _;
use futures::TryStreamExt as _;
use futures::stream;
use tokio_util::sync::CancellationToken;

use crate::kubernetes::cancel::unless_cancelled;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::drift::look::look;
use crate::kubernetes::drift::refreshed::Outcome;
use crate::kubernetes::drift::refreshed::Recorded;
use crate::kubernetes::drift::refreshed::Refresh;
use crate::kubernetes::drift::refreshed::RefreshOptions;
use crate::kubernetes::drift::refreshed::Refreshed;
use crate::kubernetes::drift::warnings::warnings;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::request::IN_FLIGHT;

/// Looks at every object of a release.
///
/// An API server that fails, is busy or cannot be reached is an error: nothing is known then. What
/// concerns one object only (a missing right, a missing kind, a webhook that is down) is a warning,
/// and that object [`Outcome::NotCompared`].
pub async fn refresh(
    cluster: &Cluster,
    objects: &[Recorded<'_>],
    options: &RefreshOptions<'_>,
    cancel: &CancellationToken,
) -> Result<Refresh, KubernetesError> {
    let work = stream::iter(objects)
        .map(|recorded| look(cluster, recorded, options))
        .buffered(IN_FLIGHT)
        .try_collect()
        // Boxed: the compiler cannot see by itself that it may cross threads (rust-lang/rust#102211).
        .boxed();
    let doing = || "comparing the release with the cluster".to_owned();
    let mut objects: Vec<Refreshed> = unless_cancelled(cancel, doing, work).await?;
    for object in &mut objects {
        if let Outcome::NotCompared(text) = &mut object.outcome {
            *text = options.masker.sensitive().mask(text);
        }
    }
    let warnings = warnings(&objects);
    Ok(Refresh { objects, warnings })
}
