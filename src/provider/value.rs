//! Between `tf-provider`'s values, which may be unknown or null, and options.

use std::collections::BTreeMap;

use tf_provider::value::Value;

/// Is a map of texts as configurations write it: each element may be unknown.
pub type TextMap = Value<BTreeMap<String, Value<String>>>;

/// Returns the value if it is known and not null.
pub fn known<T: Clone>(value: &Value<T>) -> Option<T> {
    match value {
        Value::Value(value) => Some(value.clone()),
        Value::Null | Value::Unknown => None,
    }
}

/// Returns the value, or null for none.
pub fn or_null<T>(option: Option<T>) -> Value<T> {
    option.map_or(Value::Null, Value::Value)
}

/// Returns the elements of a map that are known and not null; `None` if the map
/// itself is not.
pub fn known_texts(map: &TextMap) -> Option<BTreeMap<String, String>> {
    let map = known(map)?;
    Some(map.into_iter().filter_map(|(name, text)| Some((name, known(&text)?))).collect())
}

/// Says whether nothing in a value has to be waited for: not in it, nor in what `inner`
/// looks at.
pub fn is_known<T>(value: &Value<T>, inner: impl Fn(&T) -> bool) -> bool {
    match value {
        Value::Unknown => false,
        Value::Null => true,
        Value::Value(value) => inner(value),
    }
}
