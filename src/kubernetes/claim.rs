//! Taking over what earlier selves and people own of an object.
//!
//! Server-side apply removes a field only if nobody else owns it. So the fields of those whom we
//! correct are first moved into our own entry of `metadata.managedFields`, by one patch that changes
//! nothing else: no generation, no restart. What the manifest does not have then goes with the next
//! apply. It is the migration that Kubernetes calls "csaupgrade", made general; dying between the
//! two steps is harmless, for then the next plan shows the fields as drift.

use serde_json::Value;
use serde_json::json;

use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::managers::Party;
use crate::kubernetes::managers::correctable;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::request::FIELD_MANAGER;

/// Says what is to change about who owns what, besides taking over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    /// The version that the manifest is written in.
    pub(crate) api_version: String,
    /// Fields that stay with whoever has them.
    pub(crate) leave: Vec<Vec<PathElement>>,
    /// Fields that become nobody's instead of going away when they are not applied any more.
    pub(crate) release: Vec<Vec<PathElement>>,
    /// Nobody's fields (the server's defaults) that become ours, so that they go away.
    pub(crate) take: FieldSet,
}

/// Returns the JSON patch that takes over, or nothing if there is nothing to take over.
pub(crate) fn claim(
    live: &LiveObject,
    entries: &[ManagedFields],
    wishes: &Wishes,
    ignore_managers: &[String],
) -> Option<Value> {
    let mut ours = FieldSet::default();
    let mut rest = Vec::new();
    let mut changed = false;
    for entry in entries {
        let party = Party::of(entry, ignore_managers);
        // Entries may be written in different versions of the API. A field that is called otherwise in
        // the manifest's version does no harm in our entry: it is not there to be removed, and the
        // apply that follows writes the entry anew.
        if party == Party::Ours {
            ours.add(&entry.fields);
        } else if party.is_corrected() {
            let mut claimed = correctable(&entry.fields);
            for path in &wishes.leave {
                claimed.remove(path);
            }
            if claimed.is_empty() {
                rest.push(entry.raw.clone());
                continue;
            }
            let left = entry.fields.difference(&claimed);
            if !left.is_empty() {
                let mut raw = entry.raw.clone();
                if let Some(map) = raw.as_object_mut() {
                    map.insert("fieldsV1".to_owned(), left.to_value());
                }
                rest.push(raw);
            }
            ours.add(&claimed);
            changed = true;
        } else {
            rest.push(entry.raw.clone());
        }
    }
    // `stringData` is not stored, so owning it means nothing; what was meant is `data`.
    let string_data = ours.take(&PathElement::fields(&["stringData"]));
    if !string_data.is_empty() {
        ours.graft(&PathElement::fields(&["data"]), &string_data);
        changed = true;
    }
    for path in &wishes.release {
        changed |= ours.remove(path);
    }
    if !wishes.take.difference(&ours).is_empty() {
        ours.add(&wishes.take);
        changed = true;
    }
    if !changed {
        return None;
    }
    if !ours.is_empty() {
        rest.insert(
            0,
            json!({
                "manager": FIELD_MANAGER,
                "operation": "Apply",
                "apiVersion": wishes.api_version,
                "fieldsType": "FieldsV1",
                "fieldsV1": ours.to_value(),
            }),
        );
    }
    Some(json!([
        {"op": "replace", "path": "/metadata/managedFields", "value": rest},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live.resource_version()},
    ]))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
