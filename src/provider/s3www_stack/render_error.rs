//! Why a chart cannot be rendered, as diagnostics at the attribute that is at fault.

use tf_provider::AttributePath;
use tf_provider::Diagnostics;

use super::origin;
use super::render::RenderFailure;
use super::state::Stack;
use crate::helm::render::RenderError;
use crate::helm::schema::Finding;
use crate::helm::schema::SchemaError;
use crate::kubernetes::sensitive::Sensitive;
use crate::plugin::diagnostics::Report;
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
    let (path, shows_value) = origin::attribute(config, &segments);
    let summary = match finding.path.as_str() {
        "" => "Values are not valid.".to_owned(),
        place => format!("Value `{place}` is not valid."),
    };
    found.report_error(path, summary, finding.message(shows_value));
}
