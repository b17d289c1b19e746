//! Waiting until deleted objects are gone.

use std::fmt::Write as _;

use futures::FutureExt as _;
use futures::StreamExt as _;
use serde_json::Value;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::request::IN_FLIGHT;
use crate::kubernetes::resource::Location;
use crate::kubernetes::wait::Bounds;
use crate::kubernetes::wait::SHORT_PAUSE;
use crate::kubernetes::wait::WaitError;
use crate::kubernetes::wait::look::is_passing;

/// Is an object that was deleted and is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// The object.
    pub object: ObjectReference,
    /// What has to be done by somebody before it may go.
    pub finalizers: Vec<String>,
    /// Why it could not be looked at, if so.
    pub error: Option<String>,
}

/// Waits until none of the objects is there any more. Each has the `uid` that it had
/// when it was deleted: an object of the same name made since is another one.
pub async fn until_gone(
    cluster: &Cluster,
    objects: &[(Location, String)],
    bounds: Bounds<'_>,
) -> Result<(), WaitError> {
    let mut remaining: Vec<&(Location, String)> = objects.iter().collect();
    let mut leftovers: Vec<Leftover> = Vec::new();
    let still_there = |leftovers: Vec<Leftover>, remaining: &[&(Location, String)]| {
        let unseen = || remaining.iter().map(|(location, _)| unseen(location)).collect();
        let leftovers = if leftovers.is_empty() { unseen() } else { leftovers };
        WaitError::StillThere { leftovers }
    };
    loop {
        if remaining.is_empty() {
            return Ok(());
        }
        let looking =
            futures::stream::iter(remaining.iter().copied())
                .map(|(location, uid)| async move {
                    (uid, location, look(cluster, location, uid).await)
                })
                .buffered(IN_FLIGHT)
                .collect::<Vec<_>>()
                // Boxed: the compiler cannot see by itself that it may cross threads (rust-lang/rust#102211).
                .boxed();
        let seen = tokio::select! {
            biased;
            () = bounds.cancel.cancelled() => return Err(cancelled(&remaining)),
            seen = looking => seen,
            () = tokio::time::sleep_until(bounds.deadline) => {
                return Err(still_there(leftovers, &remaining));
            }
        };
        leftovers = Vec::new();
        let mut next = Vec::new();
        for ((_, _, found), entry) in seen.into_iter().zip(&remaining) {
            if let Some(leftover) = found? {
                leftovers.push(leftover);
                next.push(*entry);
            }
        }
        if let (Some(first), true) = (leftovers.first(), next.len() < remaining.len()) {
            let others = leftovers.len() - 1;
            bounds.progress.report(&if others == 0 {
                format!("{} is being deleted", first.object)
            } else {
                format!("{} and {others} more are being deleted", first.object)
            });
        }
        remaining = next;
        if remaining.is_empty() {
            return Ok(());
        }
        tokio::select! {
            biased;
            () = bounds.cancel.cancelled() => return Err(cancelled(&remaining)),
            () = tokio::time::sleep_until(bounds.deadline) => {
                return Err(still_there(leftovers, &remaining));
            }
            () = tokio::time::sleep(SHORT_PAUSE) => {}
        }
    }
}

fn cancelled(remaining: &[&(Location, String)]) -> WaitError {
    WaitError::Cancelled(remaining.first().map_or_else(
        || String::from("the deletion"),
        |(location, _)| format!("the deletion of {}", location.reference),
    ))
}

fn unseen(location: &Location) -> Leftover {
    Leftover { object: location.reference.clone(), finalizers: Vec::new(), error: None }
}

async fn look(
    cluster: &Cluster,
    location: &Location,
    uid: &str,
) -> Result<Option<Leftover>, KubernetesError> {
    match cluster.find(location).await {
        Ok(Some(live)) if live.uid() == uid => {
            let finalizers = live.get(&["metadata", "finalizers"]).and_then(Value::as_array);
            let finalizers = finalizers.into_iter().flatten().filter_map(Value::as_str);
            Ok(Some(Leftover {
                finalizers: finalizers.map(str::to_owned).collect(),
                ..unseen(location)
            }))
        }
        Ok(_) => Ok(None),
        Err(error) if is_passing(&error) => {
            Ok(Some(Leftover { error: Some(error.to_string()), ..unseen(location) }))
        }
        Err(error) => Err(error),
    }
}

/// Writes what is left as a text of several lines.
pub(super) fn text(leftovers: &[Leftover]) -> String {
    let mut text = format!(
        "{} of the deleted objects {} still there when the time was over:",
        leftovers.len(),
        if leftovers.len() == 1 { "was" } else { "were" }
    );
    for leftover in leftovers {
        let _ = write!(text, "\n  {}", leftover.object);
        if !leftover.finalizers.is_empty() {
            let _ = write!(text, ", held by the finalizers {}", leftover.finalizers.join(", "));
        }
        if let Some(error) = &leftover.error {
            let _ = write!(text, " ({})", error.trim_end_matches('.'));
        }
    }
    text
}
