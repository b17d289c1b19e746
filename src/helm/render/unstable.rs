//! Which leaves of the manifests come out differently in every render.

use serde_json::Value as Json;

use crate::helm::manifest::Manifest;

/// Marks in the manifests what differs from those of a second render with
/// another clock and other random bytes.
pub(super) fn mark<'a>(manifests: impl Iterator<Item = &'a mut Manifest>, others: &[&Manifest]) {
    for manifest in manifests {
        let other = others
            .iter()
            .find(|other| other.source == manifest.source && other.position == manifest.position);
        match other {
            Some(other) => {
                let mut found = Vec::new();
                compare(&manifest.object, &other.object, "", &mut found);
                found.sort();
                manifest.unstable = found;
            }
            // Even whether the document is there depends on chance.
            None => manifest.unstable = vec![String::new()],
        }
    }
}

/// Adds the pointers of all leaves that differ; of the map or list, where the two
/// have not the same keys or lengths.
fn compare(left: &Json, right: &Json, pointer: &str, found: &mut Vec<String>) {
    match (left, right) {
        (Json::Object(left), Json::Object(right))
            if left.len() == right.len() && left.keys().all(|key| right.contains_key(key)) =>
        {
            for (key, value) in left {
                if let Some(other) = right.get(key) {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    compare(value, other, &format!("{pointer}/{key}"), found);
                }
            }
        }
        (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
            for (index, (value, other)) in left.iter().zip(right).enumerate() {
                compare(value, other, &format!("{pointer}/{index}"), found);
            }
        }
        (left, right) => {
            if left != right {
                found.push(pointer.to_owned());
            }
        }
    }
}
