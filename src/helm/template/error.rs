//! What goes wrong in templates, in Go's words.

use crate::helm::printf::quote::quote;
use crate::helm::template::ROOT_NAME;

/// Says why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template: {file}:{line}: {message}")]
pub struct ParseError {
    /// The name under which the text was parsed: the path of the file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in Go's words.
    pub message: String,
}

/// Says why a template could not be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template: {}{message}", .place.as_ref().map(Place::to_string).unwrap_or_default())]
pub struct ExecError {
    /// Where it happened; unknown only when there is no template of that name.
    pub place: Option<Place>,
    /// What happened, in Go's words. An error inside `include` or `tpl` brings
    /// its own place along in here.
    pub message: String,
}

/// Is a place in a template that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name under which the text was parsed: the path of the file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in bytes, as Go counts it: from 0.
    pub column: usize,
    /// The name of the template: the file's own or that of a `define`.
    pub template: String,
    /// The expression.
    pub expression: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, line, column, template, expression } = self;
        let template = quote(template.as_bytes());
        write!(formatter, "{file}:{line}:{column}: executing {template} at <{expression}>: ")
    }
}

impl ExecError {
    /// Makes the error for a template that is not in the set.
    pub(super) fn no_template(name: &str) -> Self {
        let name = quote(name.as_bytes());
        let message = format!("no template {name} associated with template \"{ROOT_NAME}\"");
        Self { place: None, message }
    }
}
