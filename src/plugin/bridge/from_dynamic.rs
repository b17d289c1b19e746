//! Values as serde's input.

use serde::Deserializer;
use serde::de::Visitor;
use serde::de::value::MapDeserializer;
use serde::de::value::SeqDeserializer;

use super::BridgeError;
use super::Dynamic;
use super::EXTENSION;
use super::IntoDeserializer;
use super::Type;
use super::msgpack;

/// Is a value that serde reads from.
pub(super) struct Source(pub(super) Dynamic);

impl IntoDeserializer<'_, BridgeError> for Source {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Source {
    type Error = BridgeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        match self.0 {
            Dynamic::Null => visitor.visit_unit(),
            Dynamic::Unknown => visitor.visit_newtype_struct(Extension),
            Dynamic::Bool(value) => visitor.visit_bool(value),
            Dynamic::Number(number) => match number.as_i64() {
                Some(integer) => visitor.visit_i64(integer),
                None => visitor.visit_f64(number.as_f64()),
            },
            Dynamic::String(text) => visitor.visit_string(text),
            Dynamic::Sequence(elements) => {
                visitor.visit_seq(SeqDeserializer::new(elements.into_iter().map(Source)))
            }
            Dynamic::Map(elements) => visitor.visit_map(MapDeserializer::new(
                elements.into_iter().map(|(key, value)| (key, Source(value))),
            )),
            value @ Dynamic::Typed(..) => Self(value).deserialize_bytes(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        let bytes = msgpack::encode(&self.0, &Type::Dynamic)
            .map_err(|error| BridgeError(error.to_string()))?;
        visitor.visit_bytes(&bytes)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        match self.0 {
            Dynamic::Null => visitor.visit_none(),
            value => visitor.visit_some(Self(value)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, BridgeError> {
        match self.0 {
            Dynamic::Unknown if name == EXTENSION => visitor.visit_newtype_struct(Extension),
            value => visitor.visit_newtype_struct(Self(value)),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Is the pair of extension 0 and no bytes: an unknown value.
struct Extension;

impl<'de> Deserializer<'de> for Extension {
    type Error = BridgeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        visitor.visit_seq(SeqDeserializer::new([Part::Tag, Part::Bytes].into_iter()))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

enum Part {
    Tag,
    Bytes,
}

impl IntoDeserializer<'_, BridgeError> for Part {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Part {
    type Error = BridgeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        match self {
            Self::Tag => visitor.visit_i8(0),
            Self::Bytes => visitor.visit_bytes(&[]),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
