//! Many objects at once: written from files, a bounded number at a time, and removed.
//!
//! What fails does not keep the rest from being done, unless it is something that would fail for
//! every object (no connection, no rights, no bucket). The outcome names every object.

mod remove;
mod write;

use std::collections::BTreeMap;

pub use crate::s3::directory::remove::remove_objects;
pub use crate::s3::directory::write::FileObject;
pub use crate::s3::directory::write::write_objects;
use crate::s3::error::ErrorKind;
use crate::s3::error::Gone;
use crate::s3::error::S3Error;

/// Is what became of many objects.
#[derive(Debug, Default)]
pub struct Outcome<T> {
    /// What was done, by key.
    pub done: BTreeMap<String, T>,
    /// What failed, by key.
    pub failed: BTreeMap<String, S3Error>,
    /// How many were not tried, since they would have failed like another.
    pub untried: usize,
}

impl<T> Outcome<T> {
    fn new() -> Self {
        Self { done: BTreeMap::new(), failed: BTreeMap::new(), untried: 0 }
    }
}

/// Says whether what happened to one object would happen to every other.
fn concerns_all(error: &S3Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Gone(Gone::Bucket)
            | ErrorKind::Denied
            | ErrorKind::Clock
            | ErrorKind::Busy
            | ErrorKind::Unreachable
            | ErrorKind::Unsupported
            | ErrorKind::Cancelled
    )
}
