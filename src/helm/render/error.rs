//! Why a chart cannot be rendered.

use crate::helm::compatibility::Compatibility;
use crate::helm::dependencies::DependencyError;
use crate::helm::manifest::ManifestError;
use crate::helm::schema::SchemaError;
use crate::helm::template::ExecError;
use crate::helm::template::ParseError;

/// Says why a chart cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The user's values are no map.
    #[error("The values must be a map of names to values.")]
    ValuesNotAMap,
    /// The chart only brings templates for other charts.
    #[error(
        "library charts are not installable: `{name}` only brings templates that other charts \
         include. Use a chart of type `application`."
    )]
    Library {
        /// The chart's name.
        name: String,
    },
    /// `Chart.yaml` names charts that are not there.
    #[error(
        "found in Chart.yaml, but missing in charts/ directory: {}. \
         Run `helm dependency build` in the folder of the chart.",
        names.join(", ")
    )]
    MissingDependencies {
        /// The names of the charts.
        names: Vec<String>,
    },
    /// The dependencies cannot be worked out.
    #[error(transparent)]
    Dependency(#[from] DependencyError),
    /// The values do not fit the schema.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The chart is for other versions of Kubernetes.
    #[error(
        "chart requires kubeVersion: {constraint} which is incompatible with Kubernetes {version}"
    )]
    KubeVersion {
        /// What the chart asks for.
        constraint: String,
        /// What the cluster has.
        version: String,
    },
    /// A template has a mistake or refuses the values.
    #[error("{0}")]
    Template(#[from] TemplateError),
    /// A rendered document is no YAML or no object.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The system has no random bytes.
    #[error("The chart needs random bytes, but {0}.")]
    Random(String),
    /// Values contain themselves, which a template can bring about.
    #[error("The values cannot be written as JSON: {0}.")]
    Json(#[from] crate::helm::json::JsonError),
    /// The system refuses the thread that a render runs on.
    #[error("Cannot start the thread that renders the chart: {0}.")]
    Thread(String),
}

/// Says what is wrong in a template, in Helm's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct TemplateError {
    /// The file of the chart, where one is known: `s3www/templates/service.yaml`.
    pub file: String,
    /// The line, from 1; 0 if unknown.
    pub line: usize,
    /// The column in bytes, from 0 as Go counts it; none where Go knows none.
    pub column: Option<usize>,
    /// The whole text as Helm prints it, with file, line and column.
    pub text: String,
}

/// The marks that `required` and `fail` put around their text.
const MARKS: [&str; 2] = ["HELM_ERR_START", "HELM_ERR_END"];

impl TemplateError {
    /// Makes the error for a text that is no template.
    pub(super) fn parse(error: &ParseError) -> Self {
        let last = error.message.rsplit(": ").next().unwrap_or_default();
        Self {
            file: error.file.clone(),
            line: error.line,
            column: None,
            text: format!("parse error at ({}:{}): {last}", error.file, error.line),
        }
    }

    /// Makes the error for a template that failed.
    pub(super) fn execution(file: &str, error: &ExecError, compatibility: Compatibility) -> Self {
        let (file, line, column) = match &error.place {
            Some(place) => (place.file.clone(), place.line, Some(place.column)),
            None => (file.to_owned(), 0, None),
        };
        let full = error.to_string();
        let text = match (marked(&full), column) {
            (Some(text), Some(column)) => {
                format!("execution error at ({file}:{line}:{column}): {text}")
            }
            _ if compatibility == Compatibility::Helm4 => in_lines(&full).unwrap_or(full),
            _ => full,
        };
        Self { file, line, column, text }
    }
}

/// Returns the text that `required` or `fail` was given.
fn marked(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(MARKS[0])?;
    let (inner, _) = rest.rsplit_once(MARKS[1])?;
    Some(inner)
}

/// Lays out a chain of errors as Helm 4 does, a line each for the place, the
/// expression and what happened.
///
/// None if a link of the chain is the error of a function itself; Helm then leaves
/// the text as it is.
fn in_lines(text: &str) -> Option<String> {
    let chain: Vec<&str> = text.split("template: ").skip(1).collect();
    let mut lines = Vec::new();
    for (index, link) in chain.iter().enumerate() {
        let is_last = index + 1 == chain.len();
        let link = link.trim_end();
        if link.starts_with("no template ") {
            lines.push(format!("template: {link}"));
            continue;
        }
        let (location, rest) = link.split_once(": executing ")?;
        let (name, rest) = rest.strip_prefix('"')?.split_once('"')?;
        let (expression, message) = rest.strip_prefix(" at <")?.split_once(">: ")?;
        // A function's own error ends the chain, and what `tpl` adds interrupts it.
        let is_call = message.strip_prefix("error calling ").is_some_and(|rest| {
            is_last || rest.strip_suffix(':').is_none_or(|name| name.contains(": "))
        });
        if is_call {
            return None;
        }
        lines.push(format!("{location}\n  executing \"{name}\" at <{expression}>:\n    {message}"));
    }
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::in_lines;
    use super::marked;

    #[test]
    fn a_chain_is_laid_out_in_lines() {
        let text = "template: c/templates/a.yaml:1:3: executing \"c/templates/a.yaml\" at \
                    <include \"x\" .>: error calling include: template: c/templates/_h.tpl:2:4: \
                    executing \"x\" at <.Values.a.b>: nil pointer evaluating interface {}.b";
        assert_eq!(
            in_lines(text).as_deref(),
            Some(
                "c/templates/a.yaml:1:3\n  executing \"c/templates/a.yaml\" at <include \"x\" .>:\n    \
                 error calling include:\nc/templates/_h.tpl:2:4\n  executing \"x\" at <.Values.a.b>:\n    \
                 nil pointer evaluating interface {}.b"
            )
        );
    }

    #[test]
    fn the_error_of_a_function_stays_as_it_is() {
        let text = "template: a:1:3: executing \"a\" at <until 1>: error calling until: no";
        assert_eq!(in_lines(text), None);
    }

    #[test]
    fn the_text_of_fail_is_found() {
        assert_eq!(marked("x: HELM_ERR_STARTset it\nnowHELM_ERR_END"), Some("set it\nnow"));
        assert_eq!(marked("x"), None);
    }
}
