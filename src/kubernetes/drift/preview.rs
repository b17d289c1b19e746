//! What somebody added, and the object without it.

use serde_json::Map;
use serde_json::Value;

use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::managed_fields::contains;
use crate::kubernetes::managed_fields::path_text;
use crate::kubernetes::managed_fields::remove;
use crate::kubernetes::managers::Party;
use crate::kubernetes::managers::correctable;
use crate::kubernetes::object::LiveObject;

/// Is what stands in an object and is not ours.
#[derive(Debug, Default)]
pub(super) struct Additions {
    /// What goes with the next apply: the highest fields that only those hold whom we correct.
    pub(super) corrected: Vec<Vec<PathElement>>,
    /// What others have added, as manager's name and path.
    pub(super) others: Vec<(String, String)>,
}

impl Additions {
    /// Finds them in an object's managedFields.
    ///
    /// `leave` are fields that stay with whoever has them.
    pub(super) fn find(
        entries: &[ManagedFields],
        ignore_managers: &[String],
        leave: &[Vec<PathElement>],
    ) -> Self {
        let mut corrected = FieldSet::default();
        let mut kept = FieldSet::default();
        let mut ours = FieldSet::default();
        for entry in entries {
            match Party::of(entry, ignore_managers) {
                Party::Ours => ours.add(&entry.fields),
                party if party.is_corrected() => {
                    let fields = correctable(&entry.fields);
                    // What is not correctable keeps the maps around it from being removed.
                    kept.add(&entry.fields.difference(&fields));
                    corrected.add(&fields);
                }
                _ => kept.add(&entry.fields),
            }
        }
        for path in leave {
            let left = corrected.take(path);
            kept.graft(path, &left);
        }
        kept.add(&ours);
        let others = entries
            .iter()
            .filter(|entry| Party::of(entry, ignore_managers) == Party::Other)
            .flat_map(|entry| {
                correctable(&entry.fields)
                    .beyond(&ours)
                    .into_iter()
                    .map(|path| (entry.manager.clone(), path_text(&path)))
            })
            .collect();
        Self { corrected: corrected.beyond(&kept), others }
    }
}

/// Returns an object without the additions.
pub(super) fn strip(object: &LiveObject, additions: &[Vec<PathElement>]) -> Map<String, Value> {
    let mut fields = object.fields().clone();
    for path in additions {
        remove(&mut fields, path);
    }
    fields
}

/// Returns what of ours the manifest does not have any more.
pub(super) fn dropped(ours: &FieldSet, manifest: &Map<String, Value>) -> Vec<Vec<PathElement>> {
    let paths = ours.paths();
    paths.into_iter().filter(|path| !contains(manifest, path)).collect()
}
