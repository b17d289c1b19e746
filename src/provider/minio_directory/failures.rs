//! What failed of many objects, in one message.

use tf_provider::AttributePath;
use tf_provider::Diagnostics;

use crate::plugin::diagnostics::Report;
use crate::s3::directory::Outcome;
use crate::s3::error::ErrorKind;
use crate::s3::error::S3Error;

/// How many keys a message names; the rest is counted.
const SHOWN: usize = 5;

/// Says which objects could not be uploaded or deleted, and why. What is left to do is found by
/// the next plan by itself.
pub(super) fn report<T>(
    found: &mut Diagnostics,
    directory: &str,
    participle: &str,
    outcome: &Outcome<T>,
) {
    let Some(first) = outcome.failed.values().next() else { return };
    let failed = outcome.failed.len();
    let total = outcome.done.len() + failed + outcome.untried;
    let is_interrupted = outcome.failed.values().any(|error| *error.kind() == ErrorKind::Cancelled);
    let summary = if is_interrupted {
        format!("The operation on directory {directory} was interrupted.")
    } else {
        format!("{failed} of {total} objects of directory {directory} could not be {participle}.")
    };
    let mut lines = Vec::new();
    if is_interrupted {
        lines.push(format!("{} of {total} objects were {participle}.", outcome.done.len()));
    } else {
        lines.extend(
            outcome
                .failed
                .iter()
                .take(SHOWN)
                .map(|(key, error)| format!("  {}: {}.", key.escape_debug(), error.reason())),
        );
        if failed > SHOWN {
            lines.push(format!("  And {} more.", failed - SHOWN));
        }
        if outcome.untried > 0 {
            lines.push(format!("{} more were not tried after that.", outcome.untried));
        }
    }
    if let Some(hint) = hint(first) {
        lines.push(format!("Hint: {hint}"));
    }
    found.report_error(AttributePath::root(), summary, lines.join("\n"));
}

fn hint(error: &S3Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::Exists => Some(
            "Import the directory to take over what is there, set `force_overwrite = true`, or \
             choose another `prefix`.",
        ),
        ErrorKind::Precondition => Some(
            "Plan again, so that what is there now is taken into account, or set \
             `force_overwrite = true`.",
        ),
        _ => error.hint(),
    }
}
