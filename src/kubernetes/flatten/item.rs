//! What names the items of a list.

use std::collections::HashMap;

use serde_json::Value;

/// Returns a name for each item of the list `list`, all different.
///
/// Each item is named by itself, not the list as a whole: an injected item without a name must not
/// change how the others are called.
pub(crate) fn item_keys(list: &str, items: &[Value]) -> Vec<String> {
    let mut used: HashMap<String, usize> = HashMap::new();
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let key = item_key(list, item).unwrap_or_else(|| index.to_string());
            let count = used.entry(key.clone()).or_insert(0);
            *count += 1;
            if *count == 1 { key } else { format!("{key}#{count}") }
        })
        .collect()
}

/// Returns what names one item, in this order: what the kind's schema says is its key and is not
/// called `name`; `name`; a port's number.
///
/// A port goes by its name if it has one, although its number is its key: so a changed number
/// shows as a changed number and not as one port gone and another come.
fn item_key(list: &str, item: &Value) -> Option<String> {
    let text = |name: &str| match item.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let own = match list {
        "volumeMounts" => text("mountPath"),
        "volumeDevices" => text("devicePath"),
        "hostAliases" => text("ip"),
        "topologySpreadConstraints" => text("topologyKey")
            .zip(text("whenUnsatisfiable"))
            .map(|(key, when)| format!("{key}/{when}")),
        "conditions" => text("type"),
        "ownerReferences" => text("uid"),
        "items" => text("key"),
        "volumeClaimTemplates" => {
            item.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned)
        }
        _ => None,
    };
    own.or_else(|| match item.get("name") {
        Some(Value::String(name)) if !name.is_empty() => Some(name.clone()),
        _ => None,
    })
    .or_else(|| {
        let number =
            (list == "ports").then(|| text("containerPort").or_else(|| text("port")))??;
        match text("protocol").as_deref() {
            None | Some("TCP") => Some(number),
            Some(protocol) => Some(format!("{number}/{protocol}")),
        }
    })
}
