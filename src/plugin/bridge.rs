//! The bridge between wire values and the serde types that `tf-provider`'s
//! traits work with.
//!
//! `tf-provider`'s `Value` spells "unknown" as MessagePack's extension 0, in the
//! way of the crate `rmp-serde`: a newtype named `_ExtStruct` around a tag and
//! bytes. Both directions here speak that spelling, so that state types can be
//! plain `derive`s with `Value<String>` in them. A field of type [`Dynamic`]
//! passes as bytes in its wire form.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use serde::de::IntoDeserializer;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;

use crate::plugin::diagnostics::Report;
use crate::plugin::dynamic::Dynamic;
use crate::plugin::dynamic::Number;
use crate::plugin::msgpack;
use crate::plugin::types::Type;

mod field;
mod from_dynamic;
mod to_dynamic;

/// Says why a value does not fit a Rust type, which only a schema that
/// disagrees with its state type can cause.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BridgeError(String);

impl serde::de::Error for BridgeError {
    fn custom<T: std::fmt::Display>(text: T) -> Self {
        Self(text.to_string())
    }
}

impl serde::ser::Error for BridgeError {
    fn custom<T: std::fmt::Display>(text: T) -> Self {
        Self(text.to_string())
    }
}

/// The name under which `rmp-serde`, and with it `tf-provider`, passes an
/// extension value through serde.
const EXTENSION: &str = "_ExtStruct";

/// Reads a serde type from a value.
pub fn from_dynamic<T: for<'de> Deserialize<'de>>(value: Dynamic) -> Result<T, BridgeError> {
    T::deserialize(from_dynamic::Source(value))
}

/// Writes a serde type as a value. Fields of type [`Dynamic`] come out as
/// [`Dynamic::Typed`], null or unknown.
pub fn to_dynamic<T: Serialize>(value: &T) -> Result<Dynamic, BridgeError> {
    value.serialize(to_dynamic::Target)
}

/// Reads a serde type from a value; `None` if it does not fit, which is then in the
/// diagnostics.
pub(crate) fn read_typed<T>(found: &mut Diagnostics, value: Dynamic) -> Option<T>
where
    T: for<'de> Deserialize<'de>,
{
    from_dynamic(value).map_err(|error| report_disagreement(found, &error)).ok()
}

/// Writes a serde type as a value; `None` if there is none for it, which is then in
/// the diagnostics.
pub(crate) fn write_typed<T: Serialize>(found: &mut Diagnostics, value: &T) -> Option<Dynamic> {
    to_dynamic(value).map_err(|error| report_disagreement(found, &error)).ok()
}

/// Says that a schema and the Rust type of its values do not fit together.
pub(crate) fn report_disagreement(found: &mut Diagnostics, error: &BridgeError) {
    found.report_error(
        AttributePath::root(),
        "The provider's schema and its state type disagree.",
        format!("{error}. This is a bug in the provider; please report it."),
    );
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
