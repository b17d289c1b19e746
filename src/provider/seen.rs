//! What was just looked at, for the next step of the same operation.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use tf_provider::value::Value;

/// How long something counts as just looked at. The next step comes within milliseconds; what
/// somebody does in between is as unseen as if it were done right after a look of its own.
const FRESH: Duration = Duration::from_secs(5);

/// Is where something is: stack, endpoint, bucket, and key or prefix.
pub(super) type Place = (Value<String>, Value<String>, Value<String>, Value<String>);

/// Is what the last look at each place has found: a client plans right after it has refreshed, and
/// applies right after it has planned again.
///
/// It halves the requests of a plan, and never decides alone: writes are conditional on it.
#[derive(Debug)]
pub(super) struct Seen<T>(Mutex<HashMap<Place, (Instant, T)>>);

impl<T> Seen<T> {
    /// Makes one that has seen nothing.
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// Keeps what was found, for one step.
    pub(super) fn remember(&self, place: Place, found: T) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(place, (Instant::now(), found));
    }

    /// Returns what was found, if that is fresh, and forgets it.
    pub(super) fn take(&self, place: &Place) -> Option<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (when, found) = all.remove(place)?;
        (when.elapsed() < FRESH).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_there_for_one_step() {
        let place = |key: &str| {
            (Value::Null, Value::Null, Value::Value("b".to_owned()), Value::Value(key.to_owned()))
        };
        let seen = Seen::new();
        seen.remember(place("a"), 1);
        seen.remember(place("a"), 2);
        assert_eq!(seen.take(&place("b")), None);
        assert_eq!(seen.take(&place("a")), Some(2));
        assert_eq!(seen.take(&place("a")), None);
    }
}
