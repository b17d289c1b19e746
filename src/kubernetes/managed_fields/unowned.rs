//! Items of lists, and keys of `data`, that nobody owns.
//!
//! Whoever writes to an object owns what he writes, with three exceptions: the server's defaults,
//! which are fields of items and never items; admission webhooks, of which what they have injected
//! (a sidecar) stays when the webhook is gone; and `stringData`, which the server counts under that
//! name, so that a key which Helm 4 drops stays in `data`.

use serde_json::Map;
use serde_json::Value;

use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::managed_fields::element_like;
use crate::kubernetes::managed_fields::find_item;

/// Returns the items of keyed lists, and the keys of `data` in ConfigMaps and Secrets, that are in no
/// entry. Lists of which nobody owns any item are not looked into: which fields are their keys is
/// not known.
pub(crate) fn unowned_items(
    object: &Map<String, Value>,
    entries: &[ManagedFields],
) -> Vec<Vec<PathElement>> {
    let mut owned = FieldSet::default();
    for entry in entries {
        owned.add(&entry.fields);
    }
    // Not ours to look into, as everywhere.
    owned.remove(&PathElement::fields(&["metadata"]));
    owned.remove(&PathElement::fields(&["status"]));
    let string_data = owned.take(&PathElement::fields(&["stringData"]));
    owned.graft(&PathElement::fields(&["data"]), &string_data);
    let mut found = Vec::new();
    if matches!(object.get("kind").and_then(Value::as_str), Some("ConfigMap" | "Secret"))
        && object.get("apiVersion").and_then(Value::as_str) == Some("v1")
    {
        for map in ["data", "binaryData"] {
            let keys = object.get(map).and_then(Value::as_object).into_iter().flat_map(Map::keys);
            let paths = keys.map(|key| PathElement::fields(&[map, key]));
            let is_ours = owned.touches(&PathElement::fields(&[map]));
            found.extend(
                paths.filter(|path| is_ours && !owned.touches(path) && !owned.covers(path)),
            );
        }
    }
    let object = Value::Object(object.clone());
    collect(&object, &owned, &mut Vec::new(), &mut found);
    found
}

fn collect(
    value: &Value,
    owned: &FieldSet,
    path: &mut Vec<PathElement>,
    found: &mut Vec<Vec<PathElement>>,
) {
    let mut below = |element: &PathElement, value: &Value, found: &mut Vec<_>| {
        let Some(owned) = owned.at(std::slice::from_ref(element)) else { return };
        path.push(element.clone());
        collect(value, owned, path, found);
        path.pop();
    };
    match value {
        Value::Object(fields) => {
            for element in owned.children() {
                if let PathElement::Field(name) = element
                    && let Some(value) = fields.get(name)
                {
                    below(element, value, found);
                }
            }
        }
        Value::Array(items) => {
            let mut nobodys = vec![true; items.len()];
            for element in owned.children() {
                let Some(at) = find_item(items, element) else { continue };
                let (Some(item), Some(flag)) = (items.get(at), nobodys.get_mut(at)) else {
                    continue;
                };
                *flag = false;
                below(element, item, found);
            }
            let Some(sibling) = owned.children().next() else { return };
            for (item, _) in items.iter().zip(nobodys).filter(|(_, nobodys)| *nobodys) {
                if let Some(element) = element_like(sibling, item) {
                    let mut path = path.clone();
                    path.push(element);
                    found.push(path);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::unowned_items;
    use crate::kubernetes::managed_fields::ManagedFields;
    use crate::kubernetes::managed_fields::path_text;
    use crate::kubernetes::object::LiveObject;

    #[test]
    fn an_injected_item_is_found_and_defaults_are_not() {
        let live = LiveObject::new(json!({
            "metadata": {"managedFields": [{"manager": "helm", "operation": "Apply", "fieldsV1":
                {"f:spec": {"f:atomic": {}, "f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}},
                    "f:containers": {"k:{\"name\":\"m\"}": {".": {}, "f:name": {}}}}}}]},
            "spec": {"defaulted": "x", "none": [{"name": "n"}], "atomic": [{"name": "a"}],
                "ports": [{"port": 80}, {"port": 81}],
                "containers": [{"name": "side", "image": "x"}, {"name": "m", "defaulted": [{"name": "y"}]}]},
        }))
        .unwrap();
        let found = unowned_items(live.fields(), &ManagedFields::of(&live));
        let texts: Vec<_> = found.iter().map(|path| path_text(path)).collect();
        assert_eq!(texts, ["spec.containers[side]", "spec.ports[81/TCP]"]);
    }

    #[test]
    fn a_key_that_was_string_data_is_owned_and_one_that_was_left_behind_is_not() {
        let live = LiveObject::new(json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"managedFields": [{"manager": "helm", "operation": "Apply",
                "fieldsV1": {"f:stringData": {"f:a": {}}}}]},
            "data": {"a": "eA==", "b": "eA=="}}))
        .unwrap();
        let found = unowned_items(live.fields(), &ManagedFields::of(&live));
        let texts: Vec<_> = found.iter().map(|path| path_text(path)).collect();
        assert_eq!(texts, ["data.b"]);
    }
}
