//! Why a text is not YAML, in go-yaml's words.

use super::token::Mark;

/// Says why a text could not be read as YAML. The text is go-yaml's, which
/// users of Helm know and search for: `yaml: line 3: did not find expected key`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct YamlError(String);

impl YamlError {
    /// Makes an error without a place.
    pub(super) fn plain(problem: impl AsRef<str>) -> Self {
        Self(format!("yaml: {}", problem.as_ref()))
    }

    /// Makes an error of the conversion to JSON, which go-yaml has no part in.
    pub(super) fn conversion(problem: String) -> Self {
        Self(problem)
    }

    /// Makes an error of the scanner, whose lines count from one.
    pub(super) fn scanner(context: Mark, problem_mark: Mark, problem: &str) -> Self {
        let line = if problem_mark.line == 0 { context.line } else { problem_mark.line + 1 };
        Self::at(line, problem)
    }

    /// Makes an error of the parser, whose lines count from zero, as in go-yaml.
    pub(super) fn parser(context: Mark, problem_mark: Mark, problem: &str) -> Self {
        let line = if problem_mark.line == 0 { context.line } else { problem_mark.line };
        Self::at(line, problem)
    }

    fn at(line: usize, problem: &str) -> Self {
        // go-yaml names no line when it is the first.
        if line == 0 {
            Self::plain(problem)
        } else {
            Self::plain(format!("line {line}: {problem}"))
        }
    }
}
