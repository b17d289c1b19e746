//! `values.schema.json`: whether values are what a chart asks for.
//!
//! Offline on purpose: a reference to another server's schema is an error that
//! says so, where Helm would fetch it. Findings are structured, so that the layer
//! above can point at the attribute, and hide values that are secret.

mod message;
mod validate;

use serde_json::Value as Json;

use crate::helm::dependencies::Node;

/// Is one place where the values are not what a schema asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The place in the values of the rendered chart: `/minio/persistence/size`.
    pub pointer: String,
    /// The same, readable: `minio.persistence.size`, `hosts[0].name`.
    pub path: String,
    /// What the schema asks for: `asks for a string such as "10Gi"`.
    pub wanted: String,
    /// What is there instead, value and all: `it got the number 10`.
    pub got: String,
    /// The same without the value, for what is secret: `it got a number`.
    pub got_masked: String,
    /// What to do, if that can be told: a name that was probably meant.
    pub hint: Option<String>,
    /// The text in which Helm says it, value and all: `at '/size': got number, want string`.
    pub helm: String,
    /// The name of the chart whose schema refuses it.
    pub chart: String,
}

impl Finding {
    /// Returns the finding as sentences, with the value if it may be shown.
    pub fn message(&self, show_value: bool) -> String {
        let got = if show_value { &self.got } else { &self.got_masked };
        let mut text = format!("The chart's schema {}", self.wanted);
        if !got.is_empty() {
            text.push_str("; ");
            text.push_str(got);
        }
        text.push('.');
        if let Some(hint) = &self.hint {
            text.push(' ');
            text.push_str(hint);
        }
        text
    }
}

/// Says that values are not what the charts ask for, or that a schema is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The values do not fit. The text shows no values.
    #[error("{}", listed(.0))]
    Values(Vec<Finding>),
    /// A schema itself cannot be used.
    #[error("The file `values.schema.json` of chart `{chart}` is not usable: {reason}")]
    Schema {
        /// The name of the chart.
        chart: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The values of a dependency are no map.
    #[error("The value `{path}` must be a map: it holds the values of a dependency chart.")]
    NotAMap {
        /// The place in the values of the rendered chart.
        path: String,
    },
}

fn listed(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(|finding| match finding.path.as_str() {
            "" => finding.message(false),
            path => format!("Value `{path}` is not valid. {}", finding.message(false)),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Returns the findings as Helm prints them, values and all.
pub fn helm_text(findings: &[Finding]) -> String {
    let mut text = String::from(
        "values don't meet the specifications of the schema(s) in the following chart(s):\n",
    );
    let mut chart = None;
    for finding in findings {
        if chart != Some(&finding.chart) {
            text.push_str(&finding.chart);
            text.push_str(":\n");
            chart = Some(&finding.chart);
        }
        text.push_str("- ");
        text.push_str(&finding.helm);
        text.push('\n');
    }
    text
}

/// Checks completed values against the schemas of the chart and its dependencies.
pub(in crate::helm) fn check(root: &Node<'_>, values: &Json) -> Result<(), SchemaError> {
    let mut findings = Vec::new();
    check_node(root, values, "", &mut findings)?;
    if findings.is_empty() { Ok(()) } else { Err(SchemaError::Values(findings)) }
}

fn check_node(
    node: &Node<'_>,
    values: &Json,
    prefix: &str,
    findings: &mut Vec<Finding>,
) -> Result<(), SchemaError> {
    if let Some(schema) = node.chart().schema() {
        let defaults = node.chart().default_values();
        let mut found = validate::run(node.name(), schema, values, defaults)
            .map_err(|reason| SchemaError::Schema { chart: node.name().to_owned(), reason })?;
        for finding in &mut found {
            finding.pointer.insert_str(0, prefix);
            finding.path = message::dotted(&finding.pointer);
        }
        findings.append(&mut found);
    }
    for dependency in node.dependencies() {
        let prefix = format!("{prefix}/{}", message::escape(dependency.name()));
        match values.get(dependency.name()) {
            None | Some(Json::Null) => {}
            Some(inner @ Json::Object(_)) => check_node(&dependency, inner, &prefix, findings)?,
            Some(_) => return Err(SchemaError::NotAMap { path: message::dotted(&prefix) }),
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
