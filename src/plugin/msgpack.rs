//! The wire form of values: MessagePack, read and written by the schema's type.
//!
//! Source: <https://github.com/zclconf/go-cty/tree/main/cty/msgpack>

use std::collections::BTreeMap;
use std::io::Read;

use rmp::Marker;
use rmp::decode;
use rmp::encode;

use crate::plugin::dynamic::Dynamic;
use crate::plugin::dynamic::Number;
use crate::plugin::types::Type;

/// Says why bytes are not a value of the expected type.
///
/// A client that follows the protocol never causes one; the texts are for
/// whoever debugs a client or a schema.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The bytes end early or are not MessagePack.
    #[error("The value is not valid MessagePack: {0}.")]
    Malformed(String),
    /// The bytes hold something else than the schema's type.
    #[error("The value is not of type {expected}: it holds {found}.")]
    WrongType {
        /// What the schema says.
        expected: String,
        /// What the bytes hold.
        found: String,
    },
    /// The value is nested deeper than any configuration.
    #[error("The value is nested more than {MAX_DEPTH} levels deep.")]
    TooDeep,
}

/// Bounds the nesting, so that no input can exhaust the stack.
const MAX_DEPTH: usize = 200;

impl From<decode::ValueReadError> for WireError {
    fn from(error: decode::ValueReadError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<std::io::Error> for WireError {
    fn from(error: std::io::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<crate::plugin::types::UnknownType> for WireError {
    fn from(error: crate::plugin::types::UnknownType) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// Reads a value of that type.
pub fn decode(bytes: &[u8], expected: &Type) -> Result<Dynamic, WireError> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(expected, 0)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(WireError::Malformed(format!("{} bytes follow the value", reader.rest.len())))
    }
}

/// Writes a value of that type.
pub fn encode(value: &Dynamic, expected: &Type) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::new();
    write_value(&mut bytes, value, expected)?;
    Ok(bytes)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn value(&mut self, expected: &Type, depth: usize) -> Result<Dynamic, WireError> {
        if depth > MAX_DEPTH {
            return Err(WireError::TooDeep);
        }
        let marker = self.rest.first().copied().map(Marker::from_u8);
        match marker {
            None => return Err(WireError::Malformed("it ends early".to_owned())),
            Some(Marker::Null) => {
                decode::read_nil(&mut self.rest)?;
                return Ok(Dynamic::Null);
            }
            // Extension 0 is a plain unknown value, 12 one that the client knows
            // something about (not null, a prefix, ...), which we do not use.
            Some(
                Marker::FixExt1
                | Marker::FixExt2
                | Marker::FixExt4
                | Marker::FixExt8
                | Marker::FixExt16
                | Marker::Ext8
                | Marker::Ext16
                | Marker::Ext32,
            ) => {
                let extension = decode::read_ext_meta(&mut self.rest)?;
                self.take(extension.size)?;
                return Ok(Dynamic::Unknown);
            }
            Some(_) => {}
        }
        match expected {
            Type::Dynamic => self.dynamic(depth),
            Type::Bool => match decode::read_bool(&mut self.rest) {
                Ok(value) => Ok(Dynamic::Bool(value)),
                Err(_) => Err(wrong_type(expected, marker)),
            },
            Type::String => self.text(expected, marker).map(Dynamic::String),
            Type::Number => self.number(marker).map(Dynamic::Number),
            Type::List(element) | Type::Set(element) => {
                let length = self.array_length(expected, marker)?;
                (0..length)
                    .map(|_| self.value(element, depth + 1))
                    .collect::<Result<_, _>>()
                    .map(Dynamic::Sequence)
            }
            Type::Tuple(elements) => {
                let length = self.array_length(expected, marker)?;
                if length as usize != elements.len() {
                    return Err(wrong_type(expected, marker));
                }
                elements
                    .iter()
                    .map(|element| self.value(element, depth + 1))
                    .collect::<Result<_, _>>()
                    .map(Dynamic::Sequence)
            }
            Type::Map(element) => {
                let length = self.map_length(expected, marker)?;
                let mut elements = BTreeMap::new();
                for _ in 0..length {
                    let key = self.text(&Type::String, marker)?;
                    elements.insert(key, self.value(element, depth + 1)?);
                }
                Ok(Dynamic::Map(elements))
            }
            Type::Object(types) => {
                let length = self.map_length(expected, marker)?;
                let mut attributes = BTreeMap::new();
                for _ in 0..length {
                    let name = self.text(&Type::String, marker)?;
                    let attribute = types.get(&name).ok_or_else(|| WireError::WrongType {
                        expected: expected.to_string(),
                        found: format!("the attribute `{name}`"),
                    })?;
                    attributes.insert(name, self.value(attribute, depth + 1)?);
                }
                Ok(Dynamic::Map(attributes))
            }
        }
    }

    /// Reads the pair of a type, in JSON as a byte string, and a value of it.
    fn dynamic(&mut self, depth: usize) -> Result<Dynamic, WireError> {
        let marker = self.rest.first().copied().map(Marker::from_u8);
        if self.array_length(&Type::Dynamic, marker)? != 2 {
            return Err(wrong_type(&Type::Dynamic, marker));
        }
        let length = decode::read_bin_len(&mut self.rest)?;
        let json = self.take(length)?;
        let json = serde_json::from_slice(json)
            .map_err(|error| WireError::Malformed(format!("its type is not JSON: {error}")))?;
        let own = Type::from_json(&json)?;
        let value = self.value(&own, depth + 1)?;
        Ok(Dynamic::Typed(own, Box::new(value)))
    }

    fn take(&mut self, length: u32) -> Result<&[u8], WireError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length as usize)
            .ok_or_else(|| WireError::Malformed("it ends early".to_owned()))?;
        self.rest = rest;
        Ok(taken)
    }

    fn text(&mut self, expected: &Type, marker: Option<Marker>) -> Result<String, WireError> {
        let length =
            decode::read_str_len(&mut self.rest).map_err(|_| wrong_type(expected, marker))?;
        let mut text = String::new();
        let mut part = std::mem::take(&mut self.rest).take(u64::from(length));
        let read = part.read_to_string(&mut text);
        self.rest = part.into_inner();
        if read? == length as usize {
            Ok(text)
        } else {
            Err(WireError::Malformed("it ends early".to_owned()))
        }
    }

    /// Reads a number: an integer, a float, or decimal text where neither is exact.
    fn number(&mut self, marker: Option<Marker>) -> Result<Number, WireError> {
        match marker {
            Some(Marker::F32) => Ok(f64::from(decode::read_f32(&mut self.rest)?).into()),
            Some(Marker::F64) => Ok(decode::read_f64(&mut self.rest)?.into()),
            Some(Marker::U64) => {
                let value = decode::read_u64(&mut self.rest)?;
                Number::from_text(&value.to_string())
                    .ok_or_else(|| wrong_type(&Type::Number, marker))
            }
            Some(Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32) => {
                let text = self.text(&Type::Number, marker)?;
                Number::from_text(&text).ok_or_else(|| wrong_type(&Type::Number, marker))
            }
            _ => decode::read_int::<i64, _>(&mut self.rest)
                .map(Number::from)
                .map_err(|_| wrong_type(&Type::Number, marker)),
        }
    }

    fn array_length(&mut self, expected: &Type, marker: Option<Marker>) -> Result<u32, WireError> {
        decode::read_array_len(&mut self.rest).map_err(|_| wrong_type(expected, marker))
    }

    fn map_length(&mut self, expected: &Type, marker: Option<Marker>) -> Result<u32, WireError> {
        decode::read_map_len(&mut self.rest).map_err(|_| wrong_type(expected, marker))
    }
}

fn wrong_type(expected: &Type, marker: Option<Marker>) -> WireError {
    WireError::WrongType {
        expected: expected.to_string(),
        found: marker.map_or_else(|| "nothing".to_owned(), |marker| format!("{marker:?}")),
    }
}

fn write_value(bytes: &mut Vec<u8>, value: &Dynamic, expected: &Type) -> Result<(), WireError> {
    let mismatch = || WireError::WrongType {
        expected: expected.to_string(),
        found: match value {
            Dynamic::Null | Dynamic::Unknown => "nothing".to_owned(),
            Dynamic::Bool(_) => "a bool".to_owned(),
            Dynamic::Number(_) => "a number".to_owned(),
            Dynamic::String(_) => "a string".to_owned(),
            Dynamic::Sequence(elements) => format!("{} elements", elements.len()),
            Dynamic::Map(_) => "a map".to_owned(),
            Dynamic::Typed(own, _) => format!("a dynamic value of type {own}"),
        },
    };
    match (value, expected) {
        (Dynamic::Null, _) => encode::write_nil(bytes)?,
        (Dynamic::Unknown, _) => {
            encode::write_ext_meta(bytes, 1, 0).map_err(malformed)?;
            bytes.push(0);
        }
        (Dynamic::Typed(own, value), Type::Dynamic) => {
            encode::write_array_len(bytes, 2).map_err(malformed)?;
            encode::write_bin(bytes, own.to_string().as_bytes()).map_err(malformed)?;
            write_value(bytes, value, own)?;
        }
        (Dynamic::Bool(value), Type::Bool) => encode::write_bool(bytes, *value)?,
        (Dynamic::String(text), Type::String) => {
            encode::write_str(bytes, text).map_err(malformed)?;
        }
        (Dynamic::Number(number), Type::Number) => match number.as_i64() {
            Some(integer) => {
                encode::write_sint(bytes, integer).map_err(malformed)?;
            }
            // A client reads decimal text exactly; a double need not be exact.
            None => encode::write_str(bytes, number.as_text()).map_err(malformed)?,
        },
        (Dynamic::Sequence(elements), Type::List(element) | Type::Set(element)) => {
            encode::write_array_len(bytes, length(elements.len())?).map_err(malformed)?;
            for value in elements {
                write_value(bytes, value, element)?;
            }
        }
        (Dynamic::Sequence(elements), Type::Tuple(types)) if elements.len() == types.len() => {
            encode::write_array_len(bytes, length(elements.len())?).map_err(malformed)?;
            for (value, element) in elements.iter().zip(types) {
                write_value(bytes, value, element)?;
            }
        }
        (Dynamic::Map(elements), Type::Map(element)) => {
            encode::write_map_len(bytes, length(elements.len())?).map_err(malformed)?;
            for (key, value) in elements {
                encode::write_str(bytes, key).map_err(malformed)?;
                write_value(bytes, value, element)?;
            }
        }
        // Every attribute is written, also those that the value lacks: a client
        // takes a missing one for an error.
        (Dynamic::Map(attributes), Type::Object(types)) => {
            if attributes.keys().any(|name| !types.contains_key(name)) {
                return Err(mismatch());
            }
            encode::write_map_len(bytes, length(types.len())?).map_err(malformed)?;
            for (name, attribute) in types {
                encode::write_str(bytes, name).map_err(malformed)?;
                let value = attributes.get(name).unwrap_or(&Dynamic::Null);
                write_value(bytes, value, attribute)?;
            }
        }
        _ => return Err(mismatch()),
    }
    Ok(())
}

fn length(length: usize) -> Result<u32, WireError> {
    u32::try_from(length).map_err(|_| malformed("it has too many elements"))
}

fn malformed(error: impl std::fmt::Display) -> WireError {
    WireError::Malformed(error.to_string())
}
