//! What the user should know after a refresh, each thing once.

use crate::kubernetes::drift::refreshed::Outcome;
use crate::kubernetes::drift::refreshed::READ_ONLY;
use crate::kubernetes::drift::refreshed::Refreshed;

/// Returns a sentence for everything that was not compared as it should be, is being deleted, or was
/// added by others. What has one reason for many objects of a kind is said once.
pub(super) fn warnings(objects: &[Refreshed]) -> Vec<String> {
    let mut warnings: Vec<String> = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        if let Some(text) = shortfall(object) {
            let same = |other: &&Refreshed| {
                !object.reason.is_empty()
                    && other.reason == object.reason
                    && other.reference.kind.kind == object.reference.kind.kind
                    && shortfall(other).is_some()
            };
            let before = objects.iter().take(index).filter(same).count();
            let after = objects.iter().skip(index + 1).filter(same).count();
            if before == 0 {
                let more = if after == 0 { String::new() } else { format!(" (and {after} more)") };
                warnings.push(format!("{}{more} {text}", object.reference));
            }
        }
        if let Outcome::BeingDeleted(since) = &object.outcome {
            warnings.push(format!("{} is being deleted since {since}.", object.reference));
        }
        warnings.extend(additions(object));
    }
    warnings
}

/// Returns why an object was not compared, or not as it should be.
fn shortfall(object: &Refreshed) -> Option<String> {
    match &object.outcome {
        Outcome::NotCompared(text) => Some(format!("was not compared: {text}")),
        Outcome::InSync if object.reason == READ_ONLY => Some(
            "was compared by the record of who wrote which field only, for this account may not try to \
             apply it (the right to `patch` is missing)."
                .to_owned(),
        ),
        _ => None,
    }
}

fn additions(object: &Refreshed) -> Vec<String> {
    let mut managers: Vec<&str> =
        object.others.iter().map(|(manager, _)| manager.as_str()).collect();
    managers.sort_unstable();
    managers.dedup();
    managers
        .into_iter()
        .map(|manager| {
            let of_manager = object.others.iter().filter(|(name, _)| name == manager);
            let paths: Vec<String> = of_manager.map(|(_, path)| format!("`{path}`")).collect();
            format!(
                "{}: the field manager `{manager}` has added {}. It is left alone; put `{manager}` into \
                 `drift_detection.ignore_managers` to hear no more of it.",
                object.reference,
                paths.join(", ")
            )
        })
        .collect()
}
