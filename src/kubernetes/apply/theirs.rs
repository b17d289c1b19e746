//! Which fields of an object are left to others, although the manifest sets them.

use serde_json::Map;
use serde_json::Value;

use crate::kubernetes::apply::own_fields;
use crate::kubernetes::autoscaler;
use crate::kubernetes::autoscaler::Autoscalers;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::flatten::item_keys;
use crate::kubernetes::ignore::Ignore;
use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::managed_fields::find_item;
use crate::kubernetes::managers::Party;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::resource::Location;

/// Returns the fields that are not sent.
///
/// - `replicas` that an autoscaler has set;
/// - what only managers hold that the user told us to ignore;
/// - what the user told us to ignore and somebody else has changed or removed. As long as it is ours, it
///   follows the chart: ignoring a field means letting others have it, not freezing it.
pub(crate) async fn fields_of_others(
    cluster: &Cluster,
    live: &LiveObject,
    entries: &[ManagedFields],
    object: &ManifestObject,
    location: &Location,
    ignore: &Ignore,
    autoscalers: &Autoscalers,
) -> Result<Vec<Vec<PathElement>>, KubernetesError> {
    let ours = own_fields(entries);
    let mut leave = Vec::new();
    if object.get(&["spec", "replicas"]).is_some_and(|value| !value.is_null())
        && autoscaler::has_scaled(entries)
        && autoscalers.scales(cluster, &location.reference).await?
    {
        leave.push(autoscaler::replicas());
    }
    let mut all = FieldSet::default();
    for entry in entries {
        all.add(&entry.fields);
        if Party::of(entry, &ignore.managers) == Party::Ignored {
            leave.extend(leaves(&entry.fields).into_iter().filter(|path| !ours.touches(path)));
        }
    }
    for pointer in ignore.pointers(object, location) {
        let Some(path) = path_of(&pointer, live, &all) else { continue };
        if ours.covers(&path) {
            continue;
        }
        if !ours.touches(&path) {
            leave.push(path);
            continue;
        }
        // Some of it is ours still: what others have changed or removed of it is theirs.
        let theirs = all.at(&path).map(leaves).unwrap_or_default();
        leave.extend(
            theirs
                .into_iter()
                .map(|below| [path.clone(), below].concat())
                .filter(|path| !ours.touches(path) && !ours.covers(path)),
        );
        let (manifest, live) = (object.fields(), live.fields());
        if let (Some(manifest), Some(live)) = (at(manifest, &path), at(live, &path)) {
            missing(manifest, live, &mut path.clone(), &mut leave);
        }
    }
    Ok(leave)
}

/// Returns what is at a path.
fn at<'a>(fields: &'a Map<String, Value>, path: &[PathElement]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let PathElement::Field(name) = first else { return None };
    rest.iter().try_fold(fields.get(name)?, |value, element| match (value, element) {
        (Value::Object(fields), PathElement::Field(name)) => fields.get(name),
        (Value::Array(items), element) => items.get(find_item(items, element)?),
        _ => None,
    })
}

/// Collects the fields of a manifest that the live object lacks: somebody has removed them.
fn missing(
    manifest: &Value,
    live: &Value,
    path: &mut Vec<PathElement>,
    found: &mut Vec<Vec<PathElement>>,
) {
    let (Value::Object(manifest), Value::Object(live)) = (manifest, live) else { return };
    for (name, value) in manifest {
        path.push(PathElement::field(name));
        match live.get(name) {
            Some(live) => missing(value, live, path, found),
            None => found.push(path.clone()),
        }
        path.pop();
    }
}

/// Returns the fields of a set that have no others below them.
fn leaves(set: &FieldSet) -> Vec<Vec<PathElement>> {
    let paths = set.paths();
    paths.iter().filter(|path| set.at(path).is_some_and(FieldSet::is_leaf)).cloned().collect()
}

/// Returns what a JSON pointer means, as a path by list keys; nothing if it leads nowhere, or into
/// a list whose items the server does not tell apart.
fn path_of(pointer: &str, live: &LiveObject, all: &FieldSet) -> Option<Vec<PathElement>> {
    let whole = Value::Object(live.fields().clone());
    let mut value = &whole;
    let mut set = Some(all);
    let mut path = Vec::new();
    let mut list = String::new();
    for segment in pointer.strip_prefix('/')?.split('/') {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        let element = match value {
            Value::Object(fields) => {
                value = fields.get(&segment)?;
                list.clone_from(&segment);
                PathElement::Field(segment)
            }
            Value::Array(items) => {
                let index = match segment.parse::<usize>() {
                    Ok(index) => index,
                    Err(_) => item_keys(&list, items).iter().position(|key| *key == segment)?,
                };
                value = items.get(index)?;
                set?.children().find(|element| find_item(items, element) == Some(index))?.clone()
            }
            _ => return None,
        };
        set = set.and_then(|set| set.at(std::slice::from_ref(&element)));
        path.push(element);
    }
    Some(path)
}
