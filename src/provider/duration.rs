//! Durations as users write them: `90s`, `5m`, `1h30m`.

use std::time::Duration;

/// Says why a text is not a duration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is not a duration: write numbers with units, such as `90s`, `5m` or `1h30m` \
     (h, m, s, ms), more than nothing and up to a year"
)]
pub struct InvalidDuration(String);

/// The longest duration: a sum with the time of day must not overflow, and nobody
/// waits longer.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// Reads a duration in Go's spelling, which Helm and Terraform's own timeouts use.
///
/// Zero and negative durations are refused: nothing can be done in no time.
pub fn parse(text: &str) -> Result<Duration, InvalidDuration> {
    let invalid = || InvalidDuration(text.to_owned());
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits =
            rest.find(|other: char| !other.is_ascii_digit() && other != '.').ok_or_else(invalid)?;
        let (number, after) = rest.split_at_checked(digits).ok_or_else(invalid)?;
        let letters = after.find(|other: char| !other.is_ascii_lowercase()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(letters).ok_or_else(invalid)?;
        let seconds = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return Err(invalid()),
        };
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let part = Duration::try_from_secs_f64(number * seconds).map_err(|_| invalid())?;
        total = total.checked_add(part).ok_or_else(invalid)?;
        rest = after;
    }
    if total.is_zero() || total > LONGEST { Err(invalid()) } else { Ok(total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_durations_are_read() {
        for (text, seconds) in
            [("90s", 90.0), ("5m", 300.0), ("1h30m", 5400.0), ("1.5m", 90.0), ("250ms", 0.25)]
        {
            assert_eq!(parse(text), Ok(Duration::from_secs_f64(seconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "5", "5 m", "m5", "-5m", "0s", "5d", "1e999h", "5m ", "9999999999999h999h"]
        {
            assert_eq!(parse(text), Err(InvalidDuration(text.to_owned())), "{text}");
        }
    }
}
