//! The functions of Helm's templates: sprig 3.3.0 and Helm's own.
//!
//! A function takes arguments that the executor has converted to its signature
//! and fails with the text that Go's would. Everything that is not a function
//! of its arguments goes through [`Host`](crate::helm::function::Host).

#![allow(clippy::unnecessary_wraps, reason = "all functions are of the type `Body`")]

mod argument;
mod bytes;
mod case;
mod certificates;
mod conversion;
mod convert;
mod crypto;
mod dates;
mod decimal;
mod defaults;
mod dictionaries;
mod durations;
mod encoding;
mod flow;
mod from_toml;
mod lists;
mod math;
mod merge;
mod passwords;
mod paths;
mod random;
mod reflection;
mod regular;
pub mod semver;
mod strings;
mod urls;
mod wrapping;

use std::collections::HashMap;

use crate::helm::compatibility::Compatibility;
use crate::helm::function::Body;
use crate::helm::function::Function;
use crate::helm::function::FunctionTable;
use crate::helm::function::Parameter;

/// Returns all functions that a template of that Helm may call. Those that this
/// engine cannot do are there, too: calling one is an error that names it.
///
/// `env` and `expandenv` are not: Helm removes them from sprig's.
pub fn table(compatibility: Compatibility) -> FunctionTable {
    let mut table = HashMap::new();
    for register in [
        case::register,
        certificates::register,
        conversion::register,
        convert::register,
        crypto::register,
        dates::register,
        defaults::register,
        dictionaries::register,
        encoding::register,
        flow::register,
        from_toml::register,
        lists::register,
        math::register,
        passwords::register,
        paths::register,
        random::register,
        reflection::register,
        regular::register,
        semver::register,
        strings::register,
        urls::register,
        wrapping::register,
    ] {
        register(&mut table);
    }
    if compatibility == Compatibility::Helm4 {
        conversion::register_helm_4(&mut table);
        durations::register(&mut table);
    }
    table
}

/// Makes a function with a fixed number of parameters.
const fn function(parameters: &'static [Parameter], body: Body) -> Function {
    Function { parameters, variadic: None, body }
}

/// Makes a function with any number of further arguments of one type.
const fn variadic(parameters: &'static [Parameter], more: Parameter, body: Body) -> Function {
    Function { parameters, variadic: Some(more), body }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
