//! Versions and constraints as `Masterminds/semver` 3.5 has them, which is a
//! superset of <https://semver.org>: `v1.2` is a version, `~1.2 || >=2 <3` a
//! constraint.

mod constraint;
mod version;

use std::rc::Rc;

pub use self::constraint::Constraint;
pub use self::version::Version;
use super::FunctionTable;
use super::argument;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::String as Text;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

/// Says why a text is no version or no constraint, in the library's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SemverError(String);

const FUNCTIONS: &[(&str, Function)] =
    &[("semver", function(&[Text], parse)), ("semverCompare", function(&[Text, Text], compare))];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// Says whether the text is a version, in the lenient sense in which Helm
/// accepts a chart's: `1`, `v1.2` and `1.2.3-rc.1+build` are.
pub fn is_valid(version: &str) -> bool {
    Version::parse(version).is_ok()
}

/// Says whether the version satisfies the constraint; false if either is wrong.
pub fn is_compatible(constraint: &str, version: &str) -> bool {
    Constraint::parse(constraint)
        .and_then(|constraint| Ok(constraint.allows(&Version::parse(version)?)))
        .unwrap_or(false)
}

fn parse(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let version = Version::parse(&argument::text(arguments, 0)?).map_err(into_function_error)?;
    Ok(Value::Object(Rc::new(version)))
}

fn compare(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let constraint = argument::text(arguments, 0)?;
    let constraint = Constraint::parse(&constraint).map_err(into_function_error)?;
    let version = Version::parse(&argument::text(arguments, 1)?).map_err(into_function_error)?;
    Ok(Value::Bool(constraint.allows(&version)))
}

fn into_function_error(error: SemverError) -> FunctionError {
    FunctionError::new(error.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
