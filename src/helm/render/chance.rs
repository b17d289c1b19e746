//! Where a render gets the time and random bytes from.

use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// Is a clock and a source of random bytes; tests bring their own.
pub trait Chance: Sync {
    /// Returns the time in nanoseconds since the Unix epoch.
    fn now(&self) -> i128;

    /// Fills the bytes with random ones.
    ///
    /// The error says why the system has none.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String>;
}

/// Is the clock of the system and its cryptographically secure random generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Chance for System {
    fn now(&self) -> i128 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_nanos()).unwrap_or(i128::MAX),
            Err(before) => {
                i128::try_from(before.duration().as_nanos()).map_or(i128::MIN, |nanos| -nanos)
            }
        }
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), String> {
        aws_lc_rs::rand::fill(bytes)
            .map_err(|_| "the system's random generator gives no bytes".to_owned())
    }
}
