//! The functions that this engine cannot do.

use super::FunctionTable;
use super::variadic;
use crate::helm::function::Function;
use crate::helm::function::Parameter::Any;
use crate::helm::value::FunctionError;

/// Makes a function whose call is an error: better than another result than
/// Helm's, and better than a parse error in a branch that is not taken.
macro_rules! unsupported {
    ($name:literal) => {
        (
            $name,
            variadic(&[], Any, |_, _| {
                Err(FunctionError::new(concat!(
                    "function ",
                    $name,
                    " is not supported by this provider yet"
                )))
            }),
        )
    };
}

const FUNCTIONS: &[(&str, Function)] = &[
    // Both need bcrypt.
    unsupported!("bcrypt"),
    unsupported!("htpasswd"),
    // Needs scrypt.
    unsupported!("derivePassword"),
    // Nobody is known to use it.
    unsupported!("fromToml"),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}
