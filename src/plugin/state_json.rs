//! Values as a state file spells them.
//!
//! Source: <https://github.com/zclconf/go-cty/blob/main/docs/json.md>

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::plugin::dynamic::Dynamic;
use crate::plugin::dynamic::Number;
use crate::plugin::types::Type;

/// Reads a value of that type from JSON.
///
/// Attributes that the type does not have are passed over: they are left from a
/// version of the schema that had them. Numbers keep all their digits, which is
/// why this reads raw text instead of `serde_json::Value`.
pub fn decode(json: &str, expected: &Type) -> Result<Dynamic, serde_json::Error> {
    if json.trim() == "null" {
        return Ok(Dynamic::Null);
    }
    match expected {
        Type::String => serde_json::from_str(json).map(Dynamic::String),
        Type::Bool => serde_json::from_str(json).map(Dynamic::Bool),
        Type::Number => Number::from_text(json.trim())
            .map(Dynamic::Number)
            .ok_or_else(|| serde::de::Error::custom("a number is expected")),
        Type::List(element) | Type::Set(element) => elements(json)?
            .iter()
            .map(|value| decode(value.get(), element))
            .collect::<Result<_, _>>()
            .map(Dynamic::Sequence),
        Type::Tuple(types) => {
            let values = elements(json)?;
            if values.len() != types.len() {
                return Err(serde::de::Error::custom("a tuple of another length is expected"));
            }
            values
                .iter()
                .zip(types)
                .map(|(value, element)| decode(value.get(), element))
                .collect::<Result<_, _>>()
                .map(Dynamic::Sequence)
        }
        Type::Map(element) => members(json)?
            .into_iter()
            .map(|(key, value)| Ok((key, decode(value.get(), element)?)))
            .collect::<Result<_, _>>()
            .map(Dynamic::Map),
        Type::Object(types) => {
            let values = members(json)?;
            types
                .iter()
                .map(|(name, attribute)| {
                    let value = values.get(name).map_or("null", |value| value.get());
                    Ok((name.clone(), decode(value, attribute)?))
                })
                .collect::<Result<_, _>>()
                .map(Dynamic::Map)
        }
        Type::Dynamic => {
            #[derive(serde::Deserialize)]
            struct Pair<'a> {
                #[serde(borrow)]
                value: &'a RawValue,
                r#type: serde_json::Value,
            }
            let pair: Pair<'_> = serde_json::from_str(json)?;
            let own = Type::from_json(&pair.r#type).map_err(serde::de::Error::custom)?;
            let value = decode(pair.value.get(), &own)?;
            Ok(Dynamic::Typed(own, Box::new(value)))
        }
    }
}

fn elements(json: &str) -> Result<Vec<&RawValue>, serde_json::Error> {
    serde_json::from_str(json)
}

fn members(json: &str) -> Result<BTreeMap<String, &RawValue>, serde_json::Error> {
    serde_json::from_str(json)
}
