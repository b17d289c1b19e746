//! Terraform's type system, as a schema and a dynamic value spell it.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

/// Is the type of a value: Terraform's (cty's) types, no more.
///
/// Spelled in JSON on the wire: `"string"`, `["list","string"]`,
/// `["object",{"a":"number"}]`.
/// Source: <https://github.com/zclconf/go-cty/blob/main/docs/json.md#type-conversions>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A text.
    String,
    /// A number of any size and precision.
    Number,
    /// `true` or `false`.
    Bool,
    /// A value that brings its own type.
    Dynamic,
    /// Elements of one type, in order.
    List(Box<Type>),
    /// Elements of one type, each once.
    Set(Box<Type>),
    /// Elements of one type by name.
    Map(Box<Type>),
    /// Attributes, each of its own type.
    Object(BTreeMap<String, Type>),
    /// Elements, each of its own type.
    Tuple(Vec<Type>),
}

/// Says that a type's JSON spelling is not one.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a type of Terraform's.")]
pub struct UnknownType(String);

impl Type {
    /// Reads a type's JSON spelling.
    pub fn from_json(json: &Json) -> Result<Self, UnknownType> {
        let unknown = || UnknownType(json.to_string());
        let nested = |inner: &Json| Self::from_json(inner).map(Box::new);
        match json {
            Json::String(name) => match name.as_str() {
                "string" => Ok(Self::String),
                "number" => Ok(Self::Number),
                "bool" => Ok(Self::Bool),
                "dynamic" => Ok(Self::Dynamic),
                _ => Err(unknown()),
            },
            // An object's third element names its optional attributes; they are
            // of no consequence for a value.
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(kind), inner, ..] => match (kind.as_str(), inner) {
                    ("list", inner) => Ok(Self::List(nested(inner)?)),
                    ("set", inner) => Ok(Self::Set(nested(inner)?)),
                    ("map", inner) => Ok(Self::Map(nested(inner)?)),
                    ("object", Json::Object(attributes)) => attributes
                        .iter()
                        .map(|(name, inner)| Ok((name.clone(), Self::from_json(inner)?)))
                        .collect::<Result<_, _>>()
                        .map(Self::Object),
                    ("tuple", Json::Array(elements)) => elements
                        .iter()
                        .map(Self::from_json)
                        .collect::<Result<_, _>>()
                        .map(Self::Tuple),
                    _ => Err(unknown()),
                },
                _ => Err(unknown()),
            },
            _ => Err(unknown()),
        }
    }

    /// Spells the type in JSON.
    pub fn to_json(&self) -> Json {
        let pair = |kind: &str, inner: Json| Json::Array(vec![kind.into(), inner]);
        match self {
            Self::String => "string".into(),
            Self::Number => "number".into(),
            Self::Bool => "bool".into(),
            Self::Dynamic => "dynamic".into(),
            Self::List(inner) => pair("list", inner.to_json()),
            Self::Set(inner) => pair("set", inner.to_json()),
            Self::Map(inner) => pair("map", inner.to_json()),
            Self::Object(attributes) => pair(
                "object",
                attributes.iter().map(|(name, inner)| (name.clone(), inner.to_json())).collect(),
            ),
            Self::Tuple(elements) => pair("tuple", elements.iter().map(Self::to_json).collect()),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.to_json())
    }
}
