//! The rules over all revisions of one release.

use super::Status;

/// Is what a Secret's labels say about a revision, without its record being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The revision.
    pub revision: u32,
    /// Its state.
    pub status: Status,
}

/// Returns the newest revision, whatever its state.
pub fn latest(entries: &[Entry]) -> Option<Entry> {
    entries.iter().copied().max_by_key(|entry| entry.revision)
}

/// Returns the newest revision that is deployed: the one that serves.
pub fn deployed(entries: &[Entry]) -> Option<Entry> {
    entries
        .iter()
        .copied()
        .filter(|entry| entry.status == Status::Deployed)
        .max_by_key(|entry| entry.revision)
}

/// Returns the newest revision that was once deployed: where a rollback goes.
pub fn last_good(entries: &[Entry]) -> Option<Entry> {
    entries
        .iter()
        .copied()
        .filter(|entry| matches!(entry.status, Status::Deployed | Status::Superseded))
        .max_by_key(|entry| entry.revision)
}

/// Returns the number of the next revision.
pub fn next_revision(entries: &[Entry]) -> u32 {
    latest(entries).map_or(1, |entry| entry.revision.saturating_add(1))
}

/// Returns the revisions to delete so that at most `max_history` are left, oldest
/// first, when `0` means no limit. The newest one and the one that serves stay,
/// even if that makes one too many: a rollback needs them.
pub fn to_prune(entries: &[Entry], max_history: u32) -> Vec<u32> {
    let limit = usize::try_from(max_history).unwrap_or(usize::MAX);
    if limit == 0 {
        return Vec::new();
    }
    let kept = [latest(entries), deployed(entries)].map(|entry| entry.map(|entry| entry.revision));
    let mut candidates: Vec<u32> = entries
        .iter()
        .map(|entry| entry.revision)
        .filter(|revision| !kept.contains(&Some(*revision)))
        .collect();
    candidates.sort_unstable();
    candidates.truncate(entries.len().saturating_sub(limit));
    candidates
}
