//! Laying a manifest over a live object, for when the server cannot do it.
//!
//! Where somebody changed the key of a list's item (a Service's port number), the server would add
//! ours beside it and refuse the result. Then the merge is done here, on the live object without
//! the addition, and the server only completes and checks it.

use serde_json::Map;
use serde_json::Value;

/// Returns the object with the manifest's fields in it.
pub(super) fn overlay(
    mut live: Map<String, Value>,
    manifest: &Map<String, Value>,
) -> Map<String, Value> {
    merge_fields(&mut live, manifest);
    live
}

fn merge_fields(live: &mut Map<String, Value>, manifest: &Map<String, Value>) {
    for (name, value) in manifest {
        match (live.get_mut(name), value) {
            (_, Value::Null) => {}
            (Some(Value::Object(below)), Value::Object(ours)) => merge_fields(below, ours),
            (Some(Value::Array(below)), Value::Array(ours)) => merge_items(name, below, ours),
            (Some(place), _) => *place = value.clone(),
            (None, _) => {
                live.insert(name.clone(), value.clone());
            }
        }
    }
}

fn merge_items(list: &str, live: &mut Vec<Value>, manifest: &[Value]) {
    let keys = keys(list, manifest);
    if keys.is_empty() {
        *live = manifest.to_vec();
        return;
    }
    for item in manifest {
        let same = |other: &&mut Value| {
            keys.iter().all(|key| key_value(key, item) == key_value(key, other))
        };
        match (live.iter_mut().find(same), item) {
            (Some(Value::Object(place)), Value::Object(ours)) => merge_fields(place, ours),
            _ => live.push(item.clone()),
        }
    }
}

/// Returns the fields that are an item's key in the built-in kinds; none for a list that is one
/// value as a whole.
fn keys(list: &str, items: &[Value]) -> &'static [&'static str] {
    match list {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets" => &["name"],
        "ports" if items.iter().any(|item| item.get("containerPort").is_some()) => {
            &["containerPort", "protocol"]
        }
        "ports" if items.iter().all(|item| item.get("port").is_some()) => &["port", "protocol"],
        "volumeMounts" => &["mountPath"],
        "volumeDevices" => &["devicePath"],
        "hostAliases" => &["ip"],
        "topologySpreadConstraints" => &["topologyKey", "whenUnsatisfiable"],
        _ => &[],
    }
}

fn key_value(key: &str, item: &Value) -> Value {
    match item.get(key) {
        Some(value) => value.clone(),
        None if key == "protocol" => Value::String("TCP".to_owned()),
        None => Value::Null,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::overlay;

    #[test]
    fn keyed_lists_are_merged_and_others_replaced() {
        let live = json!({"spec": {"clusterIP": "10.0.0.1", "selector": {"a": "b"}, "args": ["x"], "ports": [
            {"port": 80, "protocol": "TCP", "nodePort": 30000}]}});
        let manifest = json!({"spec": {"args": ["y", "z"], "none": null, "ports": [
            {"port": 80, "name": "h"}, {"port": 80, "protocol": "UDP"}]}});
        let merged = overlay(live.as_object().unwrap().clone(), manifest.as_object().unwrap());
        assert_eq!(
            serde_json::Value::Object(merged),
            json!({"spec": {"clusterIP": "10.0.0.1", "selector": {"a": "b"}, "args": ["y", "z"], "ports": [
                {"port": 80, "protocol": "TCP", "nodePort": 30000, "name": "h"},
                {"port": 80, "protocol": "UDP"}]}})
        );
    }
}
