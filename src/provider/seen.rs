//! What was just listed, for the next step of the same operation.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use tf_provider::value::Value;

use super::state::Directory;
use crate::s3::listing::Listing;

/// How long a list counts as just taken. The next step comes within milliseconds; what somebody
/// does in between is as unseen as if it were done right after a list of its own.
const FRESH: Duration = Duration::from_secs(5);

/// Is where objects are: stack, endpoint, bucket, and what keys begin with.
type Place = (Value<String>, Value<String>, Value<String>, Option<String>);

/// Is the last list of each directory. It is a thousand requests less for a folder of a million
/// files, and never decides alone: writes are conditional on what it shows.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<HashMap<Place, (Instant, Arc<Listing>)>>);

impl Seen {
    /// Keeps a list.
    pub(super) fn remember(&self, directory: &Directory, listing: Listing) -> Arc<Listing> {
        let listing = Arc::new(listing);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(place(directory), (Instant::now(), Arc::clone(&listing)));
        listing
    }

    /// Returns the last list, if it is fresh.
    pub(super) fn recall(&self, directory: &Directory) -> Option<Arc<Listing>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (taken, listing) = all.get(&place(directory))?;
        (taken.elapsed() < FRESH).then(|| Arc::clone(listing))
    }

    /// Drops it, since objects are written, or the step is the first of an operation.
    pub(super) fn forget(&self, directory: &Directory) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&place(directory));
    }
}

fn place(directory: &Directory) -> Place {
    let Directory { stack, endpoint, bucket, .. } = directory;
    (stack.clone(), endpoint.clone(), bucket.clone(), directory.key_prefix())
}
