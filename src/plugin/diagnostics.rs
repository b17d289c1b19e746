//! Diagnostics on their way to the client.

use tf_provider::AttributePath;
use tf_provider::AttributePathStep;
use tf_provider::Diagnostic;
use tf_provider::Diagnostics;

use crate::plugin::proto::tfplugin6 as wire;

/// Adds findings to `tf-provider`'s diagnostics.
///
/// `tf-provider`'s own `error` and `warning` write a backtrace into the detail
/// when `RUST_BACKTRACE` is set in the user's environment.
pub trait Report {
    /// Adds an error at that attribute; [`AttributePath::root`] for none.
    fn report_error(
        &mut self,
        attribute: AttributePath,
        summary: impl Into<String>,
        detail: impl Into<String>,
    );

    /// Adds a warning at that attribute; [`AttributePath::root`] for none.
    fn report_warning(
        &mut self,
        attribute: AttributePath,
        summary: impl Into<String>,
        detail: impl Into<String>,
    );
}

impl Report for Diagnostics {
    fn report_error(
        &mut self,
        attribute: AttributePath,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let (summary, detail) = (summary.into().into(), detail.into().into());
        self.errors.push(Diagnostic { summary, detail, attribute });
    }

    fn report_warning(
        &mut self,
        attribute: AttributePath,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let (summary, detail) = (summary.into().into(), detail.into().into());
        self.warnings.push(Diagnostic { summary, detail, attribute });
    }
}

/// Turns what an operation found into the wire's form, errors first.
pub fn to_wire(diagnostics: Diagnostics) -> Vec<wire::Diagnostic> {
    use wire::diagnostic::Severity;
    let errors = diagnostics.errors.into_iter().map(|found| one(Severity::Error, found));
    let warnings = diagnostics.warnings.into_iter().map(|found| one(Severity::Warning, found));
    errors.chain(warnings).collect()
}

fn one(severity: wire::diagnostic::Severity, found: Diagnostic) -> wire::Diagnostic {
    let path = &found.attribute;
    let shown = shown_part(path);
    let mut detail = found.detail.into_owned();
    // Clients show the source of `attribute` and of `attribute[key]`; for any
    // deeper path Terraform 1.11 and OpenTofu show no source and print no path,
    // so what is cut off is said in words.
    if shown.len() < path.steps.len() {
        let gap = if detail.is_empty() { "" } else { "\n\n" };
        detail = format!("At `{}`.{gap}{detail}", display(path));
    }
    wire::Diagnostic {
        severity: severity.into(),
        summary: found.summary.into_owned(),
        detail,
        attribute: (!shown.is_empty())
            .then(|| wire::AttributePath { steps: shown.iter().map(wire_step).collect() }),
    }
}

/// Returns the part of a path that clients can point at.
fn shown_part(path: &AttributePath) -> &[AttributePathStep] {
    let length = match path.steps.as_slice() {
        [
            AttributePathStep::Attribute(_),
            AttributePathStep::Key(_) | AttributePathStep::Index(_),
            ..,
        ] => 2,
        [_, ..] => 1,
        [] => 0,
    };
    path.steps.get(..length).unwrap_or_default()
}

/// Writes a path as a user writes it in a configuration.
fn display(path: &AttributePath) -> String {
    let mut text = String::new();
    for step in &path.steps {
        match step {
            AttributePathStep::Attribute(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            AttributePathStep::Key(key) if is_identifier(key) => {
                text.push('.');
                text.push_str(key);
            }
            AttributePathStep::Key(_) | AttributePathStep::Index(_) => {
                text.push_str(&step.to_string());
            }
        }
    }
    text
}

fn is_identifier(key: &str) -> bool {
    key.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && key.chars().all(|other| other.is_alphanumeric() || other == '_' || other == '-')
}

/// Returns a path in its wire form.
pub fn path_to_wire(path: &AttributePath) -> wire::AttributePath {
    wire::AttributePath { steps: path.steps.iter().map(wire_step).collect() }
}

fn wire_step(step: &AttributePathStep) -> wire::attribute_path::Step {
    use wire::attribute_path::step::Selector;
    let selector = match step {
        AttributePathStep::Attribute(name) => Selector::AttributeName(name.to_string()),
        AttributePathStep::Key(key) => Selector::ElementKeyString(key.to_string()),
        AttributePathStep::Index(index) => Selector::ElementKeyInt(*index),
    };
    wire::attribute_path::Step { selector: Some(selector) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn sent(path: AttributePath) -> (usize, String) {
        let mut diagnostics = Diagnostics::default();
        diagnostics.report_error(path, "Summary.", "Detail.");
        let sent = to_wire(diagnostics).pop().unwrap();
        (sent.attribute.map_or(0, |path| path.steps.len()), sent.detail)
    }

    #[test]
    fn a_path_that_clients_can_show_is_sent_whole() {
        let path = AttributePath::new("values").key("replicaCount");
        assert_eq!(sent(path), (2, "Detail.".to_owned()));
        assert_eq!(sent(AttributePath::new("name")), (1, "Detail.".to_owned()));
        assert_eq!(sent(AttributePath::root()), (0, "Detail.".to_owned()));
    }

    #[test]
    fn a_deeper_path_is_cut_and_said_in_the_detail() {
        let path = AttributePath::new("values").key("minio").key("persistence").key("a b").index(0);
        let expected = "At `values.minio.persistence[\"a b\"][0]`.\n\nDetail.".to_owned();
        assert_eq!(sent(path), (2, expected));
        let path = AttributePath::new("file").attribute("url");
        assert_eq!(sent(path), (1, "At `file.url`.\n\nDetail.".to_owned()));
    }
}
