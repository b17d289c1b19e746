//! Values as serde's output.

use serde::Serialize;
use serde::ser;

use super::BTreeMap;
use super::BridgeError;
use super::Dynamic;
use super::EXTENSION;
use super::Number;
use super::Type;
use super::msgpack;

/// Is what serde writes a value to.
pub(super) struct Target;

/// Says that a state type uses something that no Terraform value can be.
fn no_such_value(what: &str) -> BridgeError {
    BridgeError(format!("Terraform has no value for {what}"))
}

impl ser::Serializer for Target {
    type Ok = Dynamic;
    type Error = BridgeError;
    type SerializeSeq = Elements;
    type SerializeTuple = Elements;
    type SerializeTupleStruct = Elements;
    type SerializeTupleVariant = ser::Impossible<Dynamic, BridgeError>;
    type SerializeMap = Members;
    type SerializeStruct = Members;
    type SerializeStructVariant = ser::Impossible<Dynamic, BridgeError>;

    fn serialize_bool(self, value: bool) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::Bool(value))
    }
    fn serialize_i8(self, value: i8) -> Result<Dynamic, BridgeError> {
        self.serialize_i64(value.into())
    }
    fn serialize_i16(self, value: i16) -> Result<Dynamic, BridgeError> {
        self.serialize_i64(value.into())
    }
    fn serialize_i32(self, value: i32) -> Result<Dynamic, BridgeError> {
        self.serialize_i64(value.into())
    }
    fn serialize_i64(self, value: i64) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::Number(value.into()))
    }
    fn serialize_u8(self, value: u8) -> Result<Dynamic, BridgeError> {
        self.serialize_i64(value.into())
    }
    fn serialize_u16(self, value: u16) -> Result<Dynamic, BridgeError> {
        self.serialize_i64(value.into())
    }
    fn serialize_u32(self, value: u32) -> Result<Dynamic, BridgeError> {
        self.serialize_i64(value.into())
    }
    fn serialize_u64(self, value: u64) -> Result<Dynamic, BridgeError> {
        Number::from_text(&value.to_string())
            .map(Dynamic::Number)
            .ok_or_else(|| no_such_value("this number"))
    }
    fn serialize_f32(self, value: f32) -> Result<Dynamic, BridgeError> {
        self.serialize_f64(value.into())
    }
    fn serialize_f64(self, value: f64) -> Result<Dynamic, BridgeError> {
        Number::from_text(&value.to_string())
            .map(Dynamic::Number)
            .ok_or_else(|| no_such_value("a number that is infinite or not a number"))
    }
    fn serialize_char(self, value: char) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::String(value.into()))
    }
    fn serialize_str(self, text: &str) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::String(text.to_owned()))
    }
    fn serialize_bytes(self, bytes: &[u8]) -> Result<Dynamic, BridgeError> {
        msgpack::decode(bytes, &Type::Dynamic).map_err(|error| BridgeError(error.to_string()))
    }
    fn serialize_none(self) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::Null)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Dynamic, BridgeError> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::Null)
    }
    fn serialize_unit_struct(self, _name: &'static str) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::Map(BTreeMap::new()))
    }
    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Dynamic, BridgeError> {
        // The null of `tf-provider`'s untagged `Value` is a unit, never a named
        // variant, so a name here is the text that the state type means.
        Ok(Dynamic::String(variant.to_owned()))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Dynamic, BridgeError> {
        if name == EXTENSION { Ok(Dynamic::Unknown) } else { value.serialize(self) }
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<Dynamic, BridgeError> {
        Err(no_such_value("an enum with data"))
    }
    fn serialize_seq(self, _length: Option<usize>) -> Result<Elements, BridgeError> {
        Ok(Elements(Vec::new()))
    }
    fn serialize_tuple(self, length: usize) -> Result<Elements, BridgeError> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        length: usize,
    ) -> Result<Elements, BridgeError> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant, BridgeError> {
        Err(no_such_value("an enum with data"))
    }
    fn serialize_map(self, _length: Option<usize>) -> Result<Members, BridgeError> {
        Ok(Members { members: BTreeMap::new(), key: None })
    }
    fn serialize_struct(self, _name: &'static str, length: usize) -> Result<Members, BridgeError> {
        self.serialize_map(Some(length))
    }
    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant, BridgeError> {
        Err(no_such_value("an enum with data"))
    }
}

/// Collects the elements of a sequence.
pub(super) struct Elements(Vec<Dynamic>);

impl Elements {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BridgeError> {
        self.0.push(value.serialize(Target)?);
        Ok(())
    }
}

impl ser::SerializeSeq for Elements {
    type Ok = Dynamic;
    type Error = BridgeError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BridgeError> {
        self.push(value)
    }
    fn end(self) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::Sequence(self.0))
    }
}

impl ser::SerializeTuple for Elements {
    type Ok = Dynamic;
    type Error = BridgeError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BridgeError> {
        self.push(value)
    }
    fn end(self) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::Sequence(self.0))
    }
}

impl ser::SerializeTupleStruct for Elements {
    type Ok = Dynamic;
    type Error = BridgeError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BridgeError> {
        self.push(value)
    }
    fn end(self) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::Sequence(self.0))
    }
}

/// Collects the members of a map or struct.
pub(super) struct Members {
    members: BTreeMap<String, Dynamic>,
    key: Option<String>,
}

impl ser::SerializeMap for Members {
    type Ok = Dynamic;
    type Error = BridgeError;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), BridgeError> {
        match key.serialize(Target)? {
            Dynamic::String(text) => {
                self.key = Some(text);
                Ok(())
            }
            _ => Err(no_such_value("a map whose keys are not text")),
        }
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BridgeError> {
        let key = self.key.take().ok_or_else(|| no_such_value("a member without a key"))?;
        self.members.insert(key, value.serialize(Target)?);
        Ok(())
    }
    fn end(self) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::Map(self.members))
    }
}

impl ser::SerializeStruct for Members {
    type Ok = Dynamic;
    type Error = BridgeError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), BridgeError> {
        self.members.insert(name.to_owned(), value.serialize(Target)?);
        Ok(())
    }
    fn end(self) -> Result<Dynamic, BridgeError> {
        Ok(Dynamic::Map(self.members))
    }
}
