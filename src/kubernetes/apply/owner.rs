//! Whose an object is, by Helm's label and annotations.

use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::normalise::MANAGED_BY;
use crate::kubernetes::normalise::Ownership;
use crate::kubernetes::normalise::RELEASE_NAME;
use crate::kubernetes::normalise::RELEASE_NAMESPACE;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::resource::Location;

/// Says whose an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// This release's.
    Us,
    /// Another release's, `namespace/name`.
    Release(String),
    /// Nobody's that says so, or not completely: a clause on what is missing.
    Unmarked(String),
}

/// Returns whose an object is.
pub fn owner(live: &LiveObject, ownership: &Ownership) -> Owner {
    let name = live.annotation(RELEASE_NAME);
    let namespace = live.annotation(RELEASE_NAMESPACE);
    match (name, namespace) {
        (Some(name), Some(namespace)) => {
            if name != ownership.release_name || namespace != ownership.release_namespace {
                Owner::Release(format!("{namespace}/{name}"))
            } else if live.label(MANAGED_BY.0) == Some(MANAGED_BY.1) {
                Owner::Us
            } else {
                Owner::Unmarked(format!("lacks the label `{}: {}`", MANAGED_BY.0, MANAGED_BY.1))
            }
        }
        _ => Owner::Unmarked("was not made by Helm (it lacks Helm's annotations)".to_owned()),
    }
}

/// Refuses an object that is not this release's to change.
///
/// One that the release has already (`recorded`) is only refused if it says that it is another
/// release's: marks that somebody removed by hand are drift, and put back.
pub(crate) fn check_owner(
    live: &LiveObject,
    location: &Location,
    recorded: bool,
    ownership: Option<&Ownership>,
) -> Result<(), KubernetesError> {
    let Some(ownership) = ownership.filter(|ownership| !ownership.take_ownership) else {
        return Ok(());
    };
    let clause = match owner(live, ownership) {
        Owner::Us => return Ok(()),
        Owner::Unmarked(_) if recorded => return Ok(()),
        Owner::Unmarked(clause) => clause,
        Owner::Release(release) => format!("belongs to the Helm release `{release}`"),
    };
    Err(KubernetesError::NotOwned { object: Box::new(location.reference.clone()), owner: clause })
}
