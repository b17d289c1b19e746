//! What a refresh takes and gives: objects of a release, and what became of them.

use crate::kubernetes::autoscaler::Autoscalers;
use crate::kubernetes::flatten::Masker;
use crate::kubernetes::flatten::Shown;
use crate::kubernetes::flatten::ShownValue;
use crate::kubernetes::ignore::Ignore;
use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::normalise::Ownership;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::reference::ObjectReference;

/// Is the reason of an object that may be read and not be tried to be applied.
pub(super) const READ_ONLY: &str = "patch";

/// Is an object of the release with what is remembered about it.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The object as the release's manifest has it.
    pub object: &'a ManifestObject,
    /// The fields that were ours after the last apply, see `Applied::fields`; used where more than
    /// reading is not allowed.
    pub fields: Option<&'a FieldSet>,
}

/// Says how the objects of a release are compared.
#[derive(Debug, Clone, Copy)]
pub struct RefreshOptions<'a> {
    /// Whose the objects are, and the namespace of those that name none.
    pub ownership: &'a Ownership,
    /// What is left to others.
    pub ignore: &'a Ignore,
    /// The autoscalers of the release and of the cluster.
    pub autoscalers: &'a Autoscalers,
    /// Hides secrets in what is shown.
    pub masker: &'a Masker,
}

/// Is one field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field's path, such as `spec.template.spec.containers[s3www].image`.
    pub path: String,
    /// What it would be after an apply; nothing if somebody added it.
    pub expected: Option<ShownValue>,
    /// What it is; nothing if somebody removed it.
    pub live: Option<ShownValue>,
}

/// Says what became of an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is what its manifest says.
    InSync,
    /// It differs, in these fields.
    Drifted(Vec<Change>),
    /// It does not exist.
    Missing,
    /// It is a Job that was to vanish some time after it ended, and did: nothing to repair.
    Expired,
    /// It is being deleted, since this time.
    BeingDeleted(String),
    /// It could not be compared: what was known before is kept. The text says why.
    NotCompared(String),
}

/// Is one object after it was looked at.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// The object. For a kind that the cluster does not know, the namespace is a guess.
    pub reference: ObjectReference,
    /// What became of it.
    pub outcome: Outcome,
    /// The object, if it exists and may be read.
    pub live: Option<LiveObject>,
    /// What others added, as manager's name and field path; it is left alone.
    pub others: Vec<(String, String)>,
    /// A kind of reason that is the same for many objects, for saying it once; empty if none.
    pub(super) reason: String,
}

/// Is the state of a whole release.
#[derive(Debug, Clone, Default)]
pub struct Refresh {
    /// The objects, in the order in which they were given.
    pub objects: Vec<Refreshed>,
    /// What the user should know, each thing once.
    pub warnings: Vec<String>,
}

impl Refreshed {
    /// Returns what is shown of the object: what was planned, with the live values where they differ.
    ///
    /// Nothing for an object that does not exist. For one that could not be compared it is what was
    /// planned, and the caller should rather keep what it has.
    pub fn shown(&self, planned: &Shown) -> Option<Shown> {
        let changes = match &self.outcome {
            Outcome::Missing => return None,
            Outcome::Drifted(changes) => changes.as_slice(),
            _ => &[],
        };
        let mut shown = planned.clone();
        for change in changes {
            match &change.live {
                Some(live) => shown.0.insert(change.path.clone(), live.clone()),
                None => shown.0.remove(&change.path),
            };
        }
        Some(shown)
    }
}
