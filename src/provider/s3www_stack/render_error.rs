//! Why a chart cannot be rendered, as diagnostics at the attribute that is at fault.

use serde_json::Value as Json;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;

use super::render::RenderFailure;
use super::state::Stack;
use crate::helm::render::RenderError;
use crate::helm::schema::Finding;
use crate::helm::schema::SchemaError;
use crate::kubernetes::sensitive::Sensitive;
use crate::plugin::diagnostics::Report;
use crate::plugin::dynamic::Dynamic;
use crate::provider::report::kubernetes_error;

/// Adds the reason to the diagnostics, without a sensitive text in it.
pub(super) fn report(
    found: &mut Diagnostics,
    config: &Stack,
    sensitive: &Sensitive,
    failure: &RenderFailure,
) {
    match failure {
        RenderFailure::Cluster(error) => {
            let summary = "The cluster cannot be asked what the chart needs to know.";
            kubernetes_error(found, AttributePath::root(), summary, error);
        }
        RenderFailure::Chart(RenderError::Schema(SchemaError::Values(findings))) => {
            for finding in findings {
                schema_finding(found, config, finding);
            }
        }
        RenderFailure::Chart(error) => {
            let at = match error {
                RenderError::Schema(_) | RenderError::ValuesNotAMap => "values",
                _ => "chart",
            };
            // A path only where the attribute is set: the source of one that is not
            // cannot be shown.
            let at = if at == "chart" && config.chart.is_null() {
                AttributePath::root()
            } else {
                AttributePath::new(at)
            };
            let text = sensitive.mask(&error.to_string());
            // Clients keep the layout of lines that begin with a space.
            let lines: Vec<_> = text.lines().map(|line| format!("  {line}")).collect();
            found.report_error(at, "The chart cannot be rendered.", lines.join("\n"));
        }
    }
}

/// Adds a value that the chart's schema refuses, at the attribute that sets it.
fn schema_finding(found: &mut Diagnostics, config: &Stack, finding: &Finding) {
    let segments: Vec<String> = finding
        .pointer
        .split('/')
        .skip(1)
        .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
        .collect();
    let (attribute, shows_value) = origin(config, &segments);
    let mut path = AttributePath::new(attribute);
    let inner = match attribute {
        "values_yaml" => &[],
        // `file` is an object of the schema, and its values stand under `file`.
        "file" => segments.get(1..).unwrap_or_default(),
        _ => segments.as_slice(),
    };
    for segment in inner {
        match segment.parse::<i64>() {
            Ok(index) => path.add_index(index),
            Err(_) if attribute == "file" => path.add_attribute(segment.clone()),
            Err(_) => path.add_key(segment.clone()),
        };
    }
    let summary = match finding.path.as_str() {
        "" => "Values are not valid.".to_owned(),
        place => format!("Value `{place}` is not valid."),
    };
    found.report_error(path, summary, finding.message(shows_value));
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
