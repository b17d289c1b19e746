//! Paths into an object as managedFields write them, and following them.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Map;
use serde_json::Value;

/// Is one step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathElement {
    /// A field or key of a map.
    Field(String),
    /// The item of a list that has these key fields, as the server's canonical JSON.
    Key(String),
    /// The item of a list of scalars that has this value, as JSON.
    Value(String),
    /// The item of a list at this place.
    Index(usize),
}

impl PathElement {
    /// Returns a step to a field.
    pub fn field(name: &str) -> Self {
        Self::Field(name.to_owned())
    }

    /// Returns the path of fields, such as `["spec", "replicas"]`.
    pub fn fields(names: &[&str]) -> Vec<Self> {
        names.iter().map(|name| Self::field(name)).collect()
    }

    /// Reads an edge of a `fieldsV1` tree, `f:name`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "f" => Some(Self::Field(rest.to_owned())),
            "k" => Some(Self::Key(rest.to_owned())),
            "v" => Some(Self::Value(rest.to_owned())),
            "i" => rest.parse().ok().map(Self::Index),
            _ => None,
        }
    }
}

impl fmt::Display for PathElement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(formatter, "f:{name}"),
            Self::Key(keys) => write!(formatter, "k:{keys}"),
            Self::Value(value) => write!(formatter, "v:{value}"),
            Self::Index(index) => write!(formatter, "i:{index}"),
        }
    }
}

/// Returns where in a list the item is that an element means.
pub(crate) fn find_item(items: &[Value], element: &PathElement) -> Option<usize> {
    match element {
        PathElement::Field(_) => None,
        PathElement::Key(keys) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).ok()?;
            items.iter().position(|item| {
                keys.iter().all(|(name, value)| match item.get(name) {
                    Some(own) => own == value,
                    // The one key field that has a default; a manifest may leave it out.
                    None => name == "protocol" && value == "TCP",
                })
            })
        }
        PathElement::Value(value) => {
            let value: Value = serde_json::from_str(value).ok()?;
            items.iter().position(|item| *item == value)
        }
        PathElement::Index(index) => (*index < items.len()).then_some(*index),
    }
}

/// Returns the element that means this item in a list where `sibling` means another one.
pub(crate) fn element_like(sibling: &PathElement, item: &Value) -> Option<PathElement> {
    let PathElement::Key(keys) = sibling else { return None };
    let keys: BTreeMap<String, Value> = serde_json::from_str(keys).ok()?;
    let own: Option<BTreeMap<String, Value>> = keys
        .into_keys()
        .map(|name| {
            let value = match item.get(&name) {
                Some(value) => value.clone(),
                None if name == "protocol" => Value::String("TCP".to_owned()),
                None => return None,
            };
            Some((name, value))
        })
        .collect();
    Some(PathElement::Key(serde_json::to_string(&own?).ok()?))
}

/// Says whether there is something at a path in an object.
pub(crate) fn contains(fields: &Map<String, Value>, path: &[PathElement]) -> bool {
    let Some((PathElement::Field(name), rest)) = path.split_first() else { return path.is_empty() };
    fields.get(name).is_some_and(|value| contains_below(value, rest))
}

fn contains_below(value: &Value, path: &[PathElement]) -> bool {
    let Some((first, rest)) = path.split_first() else { return !value.is_null() };
    match value {
        Value::Object(fields) => contains(fields, path),
        Value::Array(items) => find_item(items, first)
            .and_then(|at| items.get(at))
            .is_some_and(|item| contains_below(item, rest)),
        _ => false,
    }
}

/// Takes what is at a path out of an object, and answers it.
pub(crate) fn remove(fields: &mut Map<String, Value>, path: &[PathElement]) -> Option<Value> {
    let (PathElement::Field(name), rest) = path.split_first()? else { return None };
    if rest.is_empty() {
        return fields.remove(name);
    }
    remove_below(fields.get_mut(name)?, rest)
}

fn remove_below(value: &mut Value, path: &[PathElement]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    match value {
        Value::Object(fields) => remove(fields, path),
        Value::Array(items) => {
            let at = find_item(items, first)?;
            if rest.is_empty() {
                return Some(items.remove(at));
            }
            remove_below(items.get_mut(at)?, rest)
        }
        _ => None,
    }
}

/// Returns a path as users read it: `spec.ports[80/TCP].nodePort`.
pub(crate) fn path_text(path: &[PathElement]) -> String {
    let mut text = String::new();
    for element in path {
        match element {
            PathElement::Field(name) if !name.contains(['.', '/', '[']) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            inside => {
                text.push('[');
                text.push_str(&match inside {
                    PathElement::Field(name) => name.clone(),
                    PathElement::Key(keys) => key_values(keys),
                    PathElement::Value(value) => value.clone(),
                    PathElement::Index(index) => index.to_string(),
                });
                text.push(']');
            }
        }
    }
    text
}

/// Returns the values of a list item's key fields, such as `80/TCP`.
fn key_values(keys: &str) -> String {
    let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
    let values: Vec<String> = keys
        .values()
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        .collect();
    values.join("/")
}
