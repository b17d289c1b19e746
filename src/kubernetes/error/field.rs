//! The paths by which the API server's refusals name fields.

use serde_json::Value;

use crate::kubernetes::flatten::item_keys;

/// Is one step of a field path as the server's error texts write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Field(String),
    Index(usize),
    /// A key in brackets, of a map or of a list item.
    Key(String),
}

/// Reads a path such as `spec.template.spec.volumes[0].configMap`.
pub(crate) fn read_field(text: &str) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(bracket) = rest.strip_prefix('[') {
            let (inside, after) = bracket.split_once(']')?;
            segments.push(match inside.parse() {
                Ok(index) => Segment::Index(index),
                Err(_) => Segment::Key(inside.to_owned()),
            });
            rest = after;
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let end = name.find(['.', '[']).unwrap_or(name.len());
            let (name, after) = name.split_at_checked(end)?;
            if name.is_empty() {
                return None;
            }
            segments.push(Segment::Field(name.to_owned()));
            rest = after;
        }
    }
    Some(segments)
}

/// Returns where in an object a field is that a refusal names, as a JSON pointer; for one that the
/// object lacks, where the part of its path leads that the object has.
///
/// Nothing if the path cannot be read, or if the object has nothing of it.
pub fn pointer(field: &str, object: &Value) -> Option<String> {
    let mut value = object;
    let mut list = String::new();
    let mut pointer = String::new();
    for segment in read_field(field)? {
        let step = match (&segment, value) {
            (Segment::Field(name) | Segment::Key(name), Value::Object(_)) => name.clone(),
            (Segment::Index(index), Value::Array(_)) => index.to_string(),
            (Segment::Key(key), Value::Array(items)) => match place(key, &list, items) {
                Some(index) => index.to_string(),
                None => break,
            },
            _ => break,
        };
        let escaped = step.replace('~', "~0").replace('/', "~1");
        let Some(below) = value.pointer(&format!("/{escaped}")) else { break };
        pointer.push('/');
        pointer.push_str(&escaped);
        value = below;
        list = step;
    }
    (!pointer.is_empty()).then_some(pointer)
}

/// Returns the paths of fields that stand in a sentence, in the notation of [`read_field`]: as
/// `object.spec.replicas` and `spec.containers[0].image` of policies, and as `/spec/replicas/` of
/// Kyverno. Whether an object has such a field is for [`pointer`] to say.
pub(super) fn paths_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let ends = |character: char| character.is_whitespace() || ",;()<>{}'`\"=!".contains(character);
    for word in text.split(ends) {
        let word = word.trim_matches(['.', ':', '?', '/']);
        let word = word.strip_prefix("object.").unwrap_or(word);
        let path = if word.contains('/') && !word.contains(['.', '[']) {
            format!("[{}]", word.replace('/', "]["))
        } else {
            word.to_owned()
        };
        let is_path = read_field(&path).is_some_and(|steps| steps.len() > 1);
        if is_path && !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

/// Returns the place of a list item by what is in the brackets: `name="m"` as the server writes
/// keys, or `m` as users see the item.
fn place(key: &str, list: &str, items: &[Value]) -> Option<usize> {
    let keys: Option<Vec<(&str, Value)>> = key
        .split(',')
        .map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((name, serde_json::from_str(value).ok()?))
        })
        .collect();
    match keys {
        Some(keys) => items.iter().position(|item| {
            keys.iter().all(|(name, value)| {
                // The one key field that has a default.
                item.get(name).map_or(*name == "protocol" && value == "TCP", |own| own == value)
            })
        }),
        None => item_keys(list, items).iter().position(|name| name == key),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::paths_in;
    use super::pointer;
    use super::read_field;

    #[test]
    fn odd_paths_are_no_paths() {
        for text in ["a..b", "a[", ".", "a[0]x.[", "[x]", ""] {
            let _ = read_field(text);
        }
        assert!(read_field("a..b").is_none());
        assert!(read_field("a[0").is_none());
    }

    #[test]
    fn paths_are_found_in_sentences() {
        for (text, paths) in [
            ("object.spec.replicas must be at most 3.", vec!["spec.replicas"]),
            ("failed expression: object.spec.replicas<=3", vec!["spec.replicas"]),
            ("rule r failed at path /spec/replicas/", vec!["[spec][replicas]"]),
            (
                "`spec.containers[0].image`, spec.containers[0].image: no tag",
                vec!["spec.containers[0].image"],
            ),
            ("no paths here: a b/ ../.. [] ...", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(paths_in(text), paths, "{text}");
        }
        let object = json!({"spec": {"replicas": 4}});
        for path in paths_in("/spec/replicas and spec.replicas, and e.g. example.org") {
            let found = pointer(&path, &object);
            assert!(found.is_none() || found.as_deref() == Some("/spec/replicas"), "{path}");
        }
    }

    #[test]
    fn fields_are_found_in_every_notation() {
        let object = json!({"metadata": {"labels": {"a/b": "c"}}, "spec": {"containers": [
            {"name": "l"}, {"name": "m", "image": "x", "ports": [{"containerPort": 80}]}]}});
        for (field, found) in [
            ("spec.containers[1].image", Some("/spec/containers/1/image")),
            (".spec.containers[name=\"m\"].image", Some("/spec/containers/1/image")),
            ("spec.containers[m].image", Some("/spec/containers/1/image")),
            (
                "spec.containers[m].ports[containerPort=80,protocol=\"TCP\"].containerPort",
                Some("/spec/containers/1/ports/0/containerPort"),
            ),
            ("metadata.labels[a/b]", Some("/metadata/labels/a~1b")),
            ("spec.containers[1].livenessProbe.exec", Some("/spec/containers/1")),
            ("spec.containers[9].image", Some("/spec/containers")),
            ("spec.containers[n].image", Some("/spec/containers")),
            ("data.a", None),
            ("", None),
        ] {
            assert_eq!(pointer(field, &object).as_deref(), found, "{field}");
        }
    }
}
