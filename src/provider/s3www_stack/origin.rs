//! Which of the user's values something comes from.

use serde_json::Value as Json;
use tf_provider::AttributePath;
use tokio_util::sync::CancellationToken;

use super::inputs::Inputs;
use super::render::Revision;
use super::render::render_for;
use super::state::Stack;
use crate::helm::manifest::Manifest;
use crate::helm::render::Rendered;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::drift::Finding;
use crate::kubernetes::drift::Severity;
use crate::kubernetes::error::pointer;
use crate::plugin::dynamic::Dynamic;

/// Is how many values are tried at most: each is a render.
const MOST_TRIED: usize = 64;

/// Is how many values may be the origin of one field before saying so helps nobody.
const MOST_NAMED: usize = 3;

/// Is where a refused field comes from.
#[derive(Debug, Default)]
pub(super) struct Origin {
    /// The template that renders the object.
    pub(super) template: Option<String>,
    /// The values that decide the field, each as its steps.
    pub(super) values: Vec<Vec<String>>,
}

/// Finds where the refused fields of each finding come from.
///
/// Templates do not tell what they make of a value, so it is tried: the chart is rendered once more
/// for each value that the user sets, with that value changed, and those are the origin that change
/// the refused field. What cannot be tried, because the chart refuses the changed value, is not
/// found.
pub(super) async fn of_findings(
    cluster: &Cluster,
    inputs: &Inputs,
    revision: Revision,
    rendered: &Rendered,
    findings: &[Finding],
    stop: &CancellationToken,
) -> Vec<Origin> {
    let mut searches: Vec<Option<Search<'_>>> =
        findings.iter().map(|finding| Search::new(rendered, finding)).collect();
    if searches.iter().flatten().any(|search| !search.places.is_empty()) {
        let mut leaves = Vec::new();
        collect(&inputs.values, &mut Vec::new(), &mut leaves);
        for leaf in leaves.into_iter().take(MOST_TRIED) {
            let other = render_otherwise(cluster, inputs, revision, &leaf, stop).await;
            if let Some(other) = other {
                searches.iter_mut().flatten().for_each(|search| search.compare(&other, &leaf));
            }
        }
    }
    searches.into_iter().map(|search| search.map(Search::origin).unwrap_or_default()).collect()
}

/// Is the search for the values that decide the fields of one finding.
struct Search<'a> {
    finding: &'a Finding,
    manifest: &'a Manifest,
    /// The refused fields, the most exact first, and the values that were found to decide each.
    places: Vec<(String, Vec<Vec<String>>)>,
}

impl<'a> Search<'a> {
    /// Begins it; nothing if the finding is no refusal, or about no rendered object.
    fn new(rendered: &'a Rendered, finding: &'a Finding) -> Option<Self> {
        if finding.severity != Severity::Error {
            return None;
        }
        let manifest = manifest_of(rendered, finding)?;
        let mut fields: Vec<&String> = finding.fields.iter().collect();
        fields.sort_by_key(|field| std::cmp::Reverse(field.len()));
        let places = fields.into_iter().filter_map(|field| pointer(field, &manifest.object));
        let places = places.map(|place| (place, Vec::new())).collect();
        Some(Self { finding, manifest, places })
    }

    /// Notes which fields are others in a render with that value changed.
    fn compare(&mut self, other: &Rendered, leaf: &[String]) {
        let other = manifest_of(other, self.finding).map(|manifest| &manifest.object);
        for (place, deciding) in &mut self.places {
            let now = other.and_then(|object| object.pointer(place));
            if !self.manifest.unstable.contains(place) && now != self.manifest.object.pointer(place)
            {
                deciding.push(leaf.to_vec());
            }
        }
    }

    fn origin(self) -> Origin {
        let mut found = self.places.into_iter().map(|(_, deciding)| deciding);
        let exact = found.find(|found| (1..=MOST_NAMED).contains(&found.len()));
        Origin { template: Some(self.manifest.source.clone()), values: exact.unwrap_or_default() }
    }
}

fn manifest_of<'a>(rendered: &'a Rendered, finding: &Finding) -> Option<&'a Manifest> {
    let object = &finding.object;
    rendered.all().find(|manifest| {
        manifest.kind == object.kind.kind
            && manifest.name == object.name
            && manifest.api_version == object.kind.api_version()
            && (manifest.namespace.is_none() || manifest.namespace == object.namespace)
    })
}

/// Renders the chart with one value changed; nothing if the chart takes none of the changes.
async fn render_otherwise(
    cluster: &Cluster,
    inputs: &Inputs,
    revision: Revision,
    leaf: &[String],
    stop: &CancellationToken,
) -> Option<Rendered> {
    for change in [change_lightly, change_in_front] {
        let mut inputs = inputs.clone();
        change(leaf_of(&mut inputs.values, leaf)?);
        if let Ok(rendered) = render_for(cluster, &inputs, revision, stop).await {
            return Some(rendered);
        }
    }
    None
}

/// Makes another value of the same type: a text with a letter behind it.
fn change_lightly(value: &mut Json) {
    *value = match &*value {
        Json::String(text) => Json::String(format!("{text}x")),
        Json::Bool(flag) => Json::Bool(!flag),
        Json::Number(number) => Json::from(number.as_f64().unwrap_or_default() + 1.0),
        _ => Json::from("x"),
    };
}

/// Does the same with a digit in front, which leaves `5Gi` a quantity and `10m` a duration.
fn change_in_front(value: &mut Json) {
    match &*value {
        Json::String(text) => *value = Json::String(format!("1{text}")),
        _ => change_lightly(value),
    }
}

/// Collects the places of all values that are not made of others.
fn collect(value: &Json, path: &mut Vec<String>, leaves: &mut Vec<Vec<String>>) {
    let mut below = |name: String, value: &Json| {
        path.push(name);
        collect(value, path, leaves);
        path.pop();
    };
    match value {
        Json::Object(members) => {
            members.iter().for_each(|(name, value)| below(name.clone(), value));
        }
        Json::Array(elements) => {
            elements.iter().enumerate().for_each(|(at, value)| below(at.to_string(), value));
        }
        _ => leaves.push(path.clone()),
    }
}

fn leaf_of<'a>(values: &'a mut Json, path: &[String]) -> Option<&'a mut Json> {
    path.iter().try_fold(values, |value, step| match value {
        Json::Object(members) => members.get_mut(step),
        Json::Array(elements) => elements.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Returns the path of the attribute that sets the value at that place, and whether its values may
/// be shown.
pub(super) fn attribute(config: &Stack, segments: &[String]) -> (AttributePath, bool) {
    let (attribute, shows_value) = origin(config, segments);
    let mut path = AttributePath::new(attribute);
    let inner = match attribute {
        "values_yaml" => &[],
        // `file` is an object of the schema, and its values stand under `file`.
        "file" => segments.get(1..).unwrap_or_default(),
        _ => segments,
    };
    for segment in inner {
        match segment.parse::<i64>() {
            Ok(index) => path.add_index(index),
            Err(_) if attribute == "file" => path.add_attribute(segment.clone()),
            Err(_) => path.add_key(segment.clone()),
        };
    }
    (path, shows_value)
}

/// Returns the attribute that sets the value at that place, the last one to do so,
/// and whether its values may be shown.
fn origin(config: &Stack, segments: &[String]) -> (&'static str, bool) {
    for (name, value, shown) in [
        ("values_wo", &config.values_wo, false),
        ("values_sensitive", &config.values_sensitive, false),
    ] {
        if sets(&value.to_json(), segments) {
            return (name, shown);
        }
    }
    if segments.first().is_some_and(|first| first == "file") && config.file.is_value() {
        return ("file", true);
    }
    if sets(&config.values.to_json(), segments) || matches!(config.values, Dynamic::Unknown) {
        return ("values", true);
    }
    if config.values_yaml.is_value() { ("values_yaml", true) } else { ("values", true) }
}

/// Says whether the value, or as much of the way to it as a schema may complain
/// about, is set.
fn sets(values: &Json, segments: &[String]) -> bool {
    let mut current = values;
    for segment in segments {
        let inner = match current {
            Json::Object(members) => members.get(segment),
            Json::Array(elements) => {
                segment.parse().ok().and_then(|index: usize| elements.get(index))
            }
            _ => None,
        };
        match inner {
            Some(inner) => current = inner,
            None => return false,
        }
    }
    !segments.is_empty()
}
