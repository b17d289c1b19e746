//! A [`Dynamic`] as a field of a serde type, where the schema says `dynamic`.
//!
//! It passes through serde as the bytes that it has on the wire: serde's own data model has
//! neither the type nor "unknown".

use std::fmt;

use crate::plugin::dynamic::Dynamic;
use crate::plugin::msgpack;
use crate::plugin::types::Type;

impl serde::Serialize for Dynamic {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = msgpack::encode(self, &Type::Dynamic).map_err(serde::ser::Error::custom)?;
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> serde::Deserialize<'de> for Dynamic {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = Dynamic;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a dynamic value in its wire form")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Dynamic, E> {
                msgpack::decode(bytes, &Type::Dynamic).map_err(E::custom)
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
