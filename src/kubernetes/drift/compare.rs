//! The difference between two forms of one object.

use crate::kubernetes::drift::refreshed::Change;
use crate::kubernetes::flatten::Leaves;
use crate::kubernetes::flatten::Masker;
use crate::kubernetes::flatten::flatten;
use crate::kubernetes::flatten::show;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::reference::ObjectReference;

use serde_json::Value;

/// Returns the fields in which a live object differs from what it should be.
///
/// `pointers` are JSON pointers to what is not compared; a step into a list is an index, or the
/// name by which the item is shown. A map or list that is empty on one side is no difference of its
/// own: what is in it on the other side is.
pub(super) fn compare(
    live: &LiveObject,
    expected: &LiveObject,
    reference: &ObjectReference,
    pointers: &[String],
    masker: &Masker,
) -> Vec<Change> {
    let live = leaves(live, reference, pointers);
    let expected = leaves(expected, reference, pointers);
    let mut paths: Vec<&String> = live.keys().chain(expected.keys()).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
        .into_iter()
        .filter(|path| {
            live.get(*path).map(|leaf| &leaf.value) != expected.get(*path).map(|leaf| &leaf.value)
        })
        .filter(|path| !has_below(&live, path) && !has_below(&expected, path))
        .map(|path| {
            let shown =
                |leaves: &Leaves| leaves.get(path).map(|leaf| show(leaf, path, reference, masker));
            Change { path: masker.path(path), expected: shown(&expected), live: shown(&live) }
        })
        .collect()
}

/// Says whether there are fields below a path.
fn has_below(leaves: &Leaves, path: &str) -> bool {
    ['.', '['].iter().any(|step| {
        let below = format!("{path}{step}");
        leaves.range(below.clone()..).next().is_some_and(|(next, _)| next.starts_with(&below))
    })
}

pub(super) fn leaves(
    object: &LiveObject,
    reference: &ObjectReference,
    pointers: &[String],
) -> Leaves {
    if pointers.is_empty() {
        return flatten(object.fields(), reference);
    }
    let mut whole = Value::Object(object.fields().clone());
    // Items of a list are taken out from its end, so that the indexes of the others stay right.
    let mut pointers: Vec<&String> = pointers.iter().collect();
    pointers.sort_by(|left, right| natural(right).cmp(&natural(left)));
    for pointer in pointers {
        crate::kubernetes::ignore::remove(&mut whole, pointer);
    }
    match whole {
        Value::Object(fields) => flatten(&fields, reference),
        _ => Leaves::new(),
    }
}

/// Returns what a pointer is sorted by: its steps, numbers as numbers.
fn natural(pointer: &str) -> Vec<(usize, &str)> {
    pointer.split('/').map(|step| (step.parse().unwrap_or(0), step)).collect()
}
