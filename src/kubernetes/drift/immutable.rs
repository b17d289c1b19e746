//! Which field it is that may not change.

use serde_json::Value;

use crate::kubernetes::error::ApiError;
use crate::kubernetes::flatten::Masker;
use crate::kubernetes::flatten::flatten;
use crate::kubernetes::flatten::show;
use crate::kubernetes::normalise::ApplyObject;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::reference::ObjectReference;

/// Is how many differences are named at most.
const MOST: usize = 5;

/// Are the fields of a StatefulSet's `spec` that may change.
const CHANGEABLE: [&str; 7] = [
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];

/// Returns the differences at the refused fields: their paths, and in words, such as
/// "`spec.serviceName` from `a` to `b`".
///
/// Values that only look different (`1000m` and `1`) may be among them; without the server's help
/// that cannot be told.
pub(super) fn immutable_fields(
    refusal: &ApiError,
    live: &LiveObject,
    sent: &ApplyObject,
    reference: &ObjectReference,
    masker: &Masker,
) -> Vec<(String, String)> {
    let below = refusal.fields();
    let stateful_set = reference.kind.is("apps", "StatefulSet");
    let live_leaves = flatten(live.fields(), reference);
    flatten(sent.fields(), reference)
        .iter()
        .filter(|(path, leaf)| {
            let concerned = below.iter().any(|field| {
                path.strip_prefix(field.as_str())
                    .is_some_and(|rest| rest.starts_with(['.', '[']) || rest.is_empty())
            });
            let changeable = stateful_set
                && path
                    .strip_prefix("spec.")
                    .and_then(|rest| rest.split(['.', '[']).next())
                    .is_some_and(|name| CHANGEABLE.contains(&name));
            concerned
                && !changeable
                && live_leaves.get(*path).map(|live| &live.value) != Some(&leaf.value)
                && !is_default(&leaf.value)
        })
        .take(MOST)
        .map(|(path, leaf)| {
            let to = show(leaf, path, reference, masker);
            let path_shown = masker.path(path);
            let words = match live_leaves.get(path) {
                Some(from) => {
                    format!(
                        "`{path_shown}` from `{}` to `{to}`",
                        show(from, path, reference, masker)
                    )
                }
                None => format!("`{path_shown}`, which is to be `{to}`"),
            };
            (path.clone(), words)
        })
        .collect()
}

/// Says whether a value is one that the server leaves out.
fn is_default(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}
