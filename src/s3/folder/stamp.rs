//! What a file looks like from outside, so that it need not be read again.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;
use std::time::SystemTime;

use crc_fast::CrcAlgorithm;

/// How long a write may go unnoticed in the times of a file: the kernel takes them from a clock
/// that ticks every few milliseconds.
const TICK: Duration = Duration::from_millis(100);

/// The same where a file system keeps no fractions of a second.
const COARSE_TICK: Duration = Duration::from_secs(2);

/// Is what a file looks like from outside: two equal stamps of a name are the same content, if the
/// first was taken [long enough](Stamp::is_settled) after the last change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    mark: u64,
    /// The later one of the times of content and inode, since 1970.
    changed: Duration,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        // The device is left out: a volume that is mounted anew has another one.
        let fields = [
            i64::from_ne_bytes(metadata.len().to_ne_bytes()),
            metadata.mtime(),
            metadata.mtime_nsec(),
            metadata.ctime(),
            metadata.ctime_nsec(),
            i64::from_ne_bytes(metadata.ino().to_ne_bytes()),
        ];
        let bytes: Vec<u8> = fields.iter().flat_map(|field| field.to_le_bytes()).collect();
        let time = |seconds: i64, nanoseconds: i64| {
            let seconds = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
            seconds + Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0))
        };
        let content = time(metadata.mtime(), metadata.mtime_nsec());
        let inode = time(metadata.ctime(), metadata.ctime_nsec());
        Self {
            mark: crc_fast::checksum(CrcAlgorithm::Crc64Nvme, &bytes),
            changed: content.max(inode),
        }
    }

    /// Returns a number that is another one after every change that the stamp shows.
    pub fn mark(&self) -> u64 {
        self.mark
    }

    /// Says whether a change after `now` would certainly show: one within the same tick of the
    /// clock would leave the times as they are, and the same length is easily had.
    pub fn is_settled(&self, now: SystemTime) -> bool {
        let tick = if self.changed.subsec_nanos() == 0 { COARSE_TICK } else { TICK };
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.changed + tick < now
    }
}
