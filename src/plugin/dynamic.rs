//! Values as they travel between the client and the provider.

use std::collections::BTreeMap;

use crate::plugin::types::Type;

/// Is a value of Terraform's: of a known type, null, or not known yet.
///
/// `tf-provider`'s own value types cannot hold every value: they take a
/// number's kind from its wire form (`0.1` travels as text and would become a
/// string) and drop the type that a dynamic value carries. This one is decoded
/// by the schema's type and keeps both.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Dynamic {
    /// The value is null, or was not given.
    #[default]
    Null,
    /// The value is known after apply.
    Unknown,
    /// A `bool`.
    Bool(bool),
    /// A `number`.
    Number(Number),
    /// A `string`.
    String(String),
    /// The elements of a list, set or tuple.
    Sequence(Vec<Dynamic>),
    /// The elements of a map or the attributes of an object.
    Map(BTreeMap<String, Dynamic>),
    /// A value where the schema says `dynamic`: the type it came with, and the value.
    Typed(Type, Box<Dynamic>),
}

impl Dynamic {
    /// Returns true for null, typed or not.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Typed(_, value) => value.is_null(),
            _ => false,
        }
    }

    /// Returns true if the value is known, and everything in it is.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Sequence(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(elements) => elements.values().all(Self::is_wholly_known),
            Self::Typed(_, value) => value.is_wholly_known(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
        }
    }

    /// Returns the attribute of that name of an object, null where there is none.
    pub fn attribute(&self, name: &str) -> &Self {
        match self {
            Self::Map(attributes) => attributes.get(name).unwrap_or(&Self::Null),
            Self::Typed(_, value) => value.attribute(name),
            _ => &Self::Null,
        }
    }

    /// Returns the value as JSON, as chart values take it: numbers as JSON
    /// numbers, unknown values left out of maps and null elsewhere.
    ///
    /// Helm reads every number of a values file as a float64, so nothing is lost
    /// here that Helm would have kept.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null | Self::Unknown => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Number(number) => number.to_json(),
            Self::String(text) => Json::String(text.clone()),
            Self::Sequence(elements) => elements.iter().map(Self::to_json).collect(),
            Self::Map(elements) => elements
                .iter()
                .filter(|(_, value)| !matches!(value, Self::Unknown))
                .map(|(name, value)| (name.clone(), value.to_json()))
                .collect(),
            Self::Typed(_, value) => value.to_json(),
        }
    }
}

/// Is a number with all its digits: the decimal text that the client sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(String);

impl Number {
    /// Reads a decimal text such as `12`, `0.1` or `1e400`.
    pub fn from_text(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let has_digits = !whole.is_empty() || !fraction.is_empty();
        let valid = has_digits
            && !exponent.is_empty()
            && [whole, fraction, exponent].into_iter().all(all_digits);
        valid.then(|| Self(text.to_owned()))
    }

    /// Returns the decimal text.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// Returns the number if it is an integer of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// Returns the nearest double.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// Returns the number as JSON: an integer of 64 bits as one, anything else as a double.
    pub fn to_json(&self) -> serde_json::Value {
        match self.as_i64() {
            Some(integer) => integer.into(),
            None => serde_json::Number::from_f64(self.as_f64())
                .map_or(serde_json::Value::Null, serde_json::Value::Number),
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self(value.to_string())
    }
}
