//! Where secret values reach: found by rendering the chart again with other ones.
//!
//! Looking for the secret's text in what is rendered finds it where the chart writes
//! it down. It does not find `trunc 8`, `upper` or a number that was calculated with.
//! Whatever a template does with a value, a field that depends on it comes out
//! differently when the value is another one. A chart that renders with these values
//! only (it checks them, or decodes them) leaves the texts to go by.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use super::inputs::Inputs;
use super::inputs::Secrets;
use super::render::Revision;
use super::render::render_for;
use crate::helm::render::Rendered;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::flatten::Leaves;
use crate::kubernetes::flatten::flatten;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::reference::ObjectReference;

/// How many values are tried one by one where they cannot be other ones together.
const ONE_BY_ONE: usize = 16;

/// The shortest text that is worth hiding wherever it occurs.
const SHORTEST_TEXT: usize = 4;

/// Is what the chart comes to with other secret values.
pub(super) struct Reach {
    sensitive: Vec<Vec<ManifestObject>>,
    write_only: Vec<Vec<ManifestObject>>,
}

/// Names what of one object depends on secret values.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// The paths of fields that do.
    pub(super) paths: BTreeSet<String>,
    /// Those that depend on write-only ones.
    pub(super) by_write_only: BTreeSet<String>,
    /// Their texts; of one with several lines those lines that depend on the secret.
    pub(super) texts: Vec<String>,
}

impl Reach {
    /// Renders with other secrets; with none if there are none.
    pub(super) async fn find(
        cluster: &Cluster,
        inputs: &Inputs,
        revision: Revision,
        stop: &CancellationToken,
    ) -> Self {
        let Secrets { sensitive, write_only } = &inputs.secrets;
        let with_sensitive = |other| Secrets { sensitive: other, write_only: write_only.clone() };
        let with_write_only = |other| Secrets { sensitive: sensitive.clone(), write_only: other };
        Self {
            sensitive: others(cluster, inputs, revision, stop, sensitive, with_sensitive).await,
            write_only: others(cluster, inputs, revision, stop, write_only, with_write_only).await,
        }
    }

    /// Returns what of an object depends on secrets, of the fields that `leaves_of` finds.
    pub(super) fn of(
        &self,
        object: &ManifestObject,
        leaves_of: impl Fn(&ManifestObject) -> Leaves,
    ) -> Reached {
        let mut reached = Reached::default();
        let leaves = leaves_of(object);
        for (others, is_write_only) in [(&self.sensitive, false), (&self.write_only, true)] {
            for other in others {
                let Some(other) = same_object(other, object) else { continue };
                reached.add(&leaves, &leaves_of(other), is_write_only);
            }
        }
        reached
    }
}

impl Reached {
    fn add(&mut self, leaves: &Leaves, others: &Leaves, is_write_only: bool) {
        for (path, leaf) in leaves {
            let other = others.get(path).map(|other| &other.value);
            if other == Some(&leaf.value) {
                continue;
            }
            self.paths.insert(path.clone());
            if is_write_only {
                self.by_write_only.insert(path.clone());
            }
            self.texts.extend(different_texts(&leaf.value, other));
        }
    }
}

/// Renders with all of the values changed, or if that fails with one after the other, and returns
/// the objects of each render.
async fn others(
    cluster: &Cluster,
    inputs: &Inputs,
    revision: Revision,
    stop: &CancellationToken,
    values: &Json,
    secrets: impl Fn(Json) -> Secrets,
) -> Vec<Vec<ManifestObject>> {
    let (changed, count) = another(values, None);
    if count == 0 {
        return Vec::new();
    }
    let render = async |changed| {
        let inputs = inputs.with_secrets(secrets(changed));
        render_for(cluster, &inputs, revision, stop).await.ok().map(|rendered| objects(&rendered))
    };
    if let Some(rendered) = render(changed).await {
        return vec![rendered];
    }
    let mut found = Vec::new();
    for index in 0..count.min(ONE_BY_ONE) {
        found.extend(render(another(values, Some(index)).0).await);
    }
    found
}

/// Returns the values with other texts and numbers of the same look, or with one other
/// only, and how many there are. Truth values stay: they say which parts of a chart
/// are there, and half of all guesses are right anyway.
fn another(values: &Json, only: Option<usize>) -> (Json, usize) {
    fn walk(value: &Json, only: Option<usize>, count: &mut usize) -> Json {
        let mut is_chosen = || {
            let index = *count;
            *count += 1;
            only.is_none_or(|only| only == index)
        };
        match value {
            Json::String(text) if is_chosen() => Json::String(another_text(text)),
            Json::Number(number) if is_chosen() => match (number.as_i64(), number.as_f64()) {
                (Some(i64::MAX), _) => Json::from(i64::MAX - 1),
                (Some(number), _) => Json::from(number + 1),
                (None, Some(number)) => Json::from(number / 2.0),
                (None, None) => value.clone(),
            },
            Json::Array(elements) => {
                elements.iter().map(|element| walk(element, only, count)).collect()
            }
            Json::Object(members) => members
                .iter()
                .map(|(name, member)| (name.clone(), walk(member, only, count)))
                .collect(),
            other => other.clone(),
        }
    }
    let mut count = 0;
    let changed = walk(values, only, &mut count);
    (changed, count)
}

/// Returns a text of the same length with the next letter for each letter, and the next
/// digit for each digit.
fn another_text(text: &str) -> String {
    text.chars()
        .map(|one| match one {
            'z' => 'a',
            'Z' => 'A',
            '9' => '0',
            'a'..='y' | 'A'..='Y' | '0'..='8' => char::from_u32(u32::from(one) + 1).unwrap_or(one),
            other => other,
        })
        .collect()
}

/// Returns the objects among the rendered manifests and hooks.
fn objects(rendered: &Rendered) -> Vec<ManifestObject> {
    rendered
        .all()
        .filter(|manifest| manifest.is_object())
        .filter_map(|manifest| ManifestObject::read(manifest.object.clone()).ok())
        .flatten()
        .collect()
}

/// Returns the object of the same name.
fn same_object<'a>(
    others: &'a [ManifestObject],
    object: &ManifestObject,
) -> Option<&'a ManifestObject> {
    others.iter().find(|other| {
        other.kind() == object.kind()
            && other.name() == object.name()
            && other.namespace() == object.namespace()
    })
}

/// Returns what of a value is another in the other one, as texts to look for.
fn different_texts(value: &Json, other: Option<&Json>) -> Vec<String> {
    let text = text_of(value);
    let other = other.map(text_of).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let others: Vec<&str> = other.lines().collect();
    let texts: Vec<String> = if lines.len() > 1 && lines.len() == others.len() {
        lines.iter().zip(others).filter(|(line, other)| *line != other).map(first).collect()
    } else {
        vec![text]
    };
    texts.into_iter().filter(|text| text.len() >= SHORTEST_TEXT).collect()
}

fn first((line, _): (&&str, &str)) -> String {
    line.trim().to_owned()
}

fn text_of(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns the texts of those fields of an object that are hidden.
pub(super) fn hidden_texts(
    object: &ManifestObject,
    reference: &ObjectReference,
    is_hidden: impl Fn(&str) -> bool,
) -> Vec<String> {
    flatten(object.fields(), reference)
        .iter()
        .filter(|(path, _)| is_hidden(path))
        .map(|(_, leaf)| text_of(&leaf.value))
        .filter(|text| text.len() >= SHORTEST_TEXT)
        .collect()
}

/// Maps an object's key to what is known of it.
pub(super) type ByObject<T> = BTreeMap<String, T>;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn other_values_look_the_same() {
        let values = json!({ "a": "aZ-9 é", "b": [1, 2.5, true, null], "c": { "d": "" } });
        let (changed, count) = another(&values, None);
        assert_eq!(changed, json!({ "a": "bA-0 é", "b": [2, 1.25, true, null], "c": { "d": "" } }));
        assert_eq!(count, 4);
        let (changed, _) = another(&values, Some(1));
        assert_eq!(changed, json!({ "a": "aZ-9 é", "b": [2, 2.5, true, null], "c": { "d": "" } }));
        assert_eq!(another(&json!(null), None).1, 0);
    }

    #[test]
    fn of_a_file_only_the_lines_that_depend_on_it_are_texts_to_hide() {
        let (value, other) = (json!("listen 80\n  pass abcd\n"), json!("listen 80\n  pass bcde\n"));
        assert_eq!(different_texts(&value, Some(&other)), ["pass abcd"]);
        assert_eq!(different_texts(&json!("abcd"), None), ["abcd"]);
        assert_eq!(different_texts(&json!(3), Some(&json!(4))), [""; 0]);
    }
}
