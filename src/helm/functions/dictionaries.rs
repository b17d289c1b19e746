//! Maps. They are shared: `set` and `unset` change the map itself.

use super::FunctionTable;
use super::argument;
use super::convert::string_list;
use super::convert::string_of;
use super::function;
use super::merge;
use super::variadic;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Any;
use crate::helm::function::Parameter::Map;
use crate::helm::function::Parameter::String as Text;
use crate::helm::value::Entries;
use crate::helm::value::FunctionError;
use crate::helm::value::Str;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("deepCopy", function(&[Any], deep_copy)),
    ("dict", variadic(&[], Any, dict)),
    ("dig", variadic(&[], Any, dig)),
    ("get", function(&[Map, Text], get)),
    ("hasKey", function(&[Map, Text], has_key)),
    ("keys", variadic(&[], Map, keys)),
    ("merge", variadic(&[Map], Map, merge::merge)),
    ("mergeOverwrite", variadic(&[Map], Map, merge::merge_overwrite)),
    ("mustDeepCopy", function(&[Any], deep_copy)),
    ("mustMerge", variadic(&[Map], Map, merge::merge)),
    ("mustMergeOverwrite", variadic(&[Map], Map, merge::merge_overwrite)),
    ("omit", variadic(&[Map], Text, omit)),
    ("pick", variadic(&[Map], Text, pick)),
    ("pluck", variadic(&[Text], Map, pluck)),
    ("set", function(&[Map, Text, Any], set)),
    ("unset", function(&[Map, Text], unset)),
    ("values", function(&[Map], values)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

fn dict(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut entries = Entries::new();
    for pair in arguments.chunks(2) {
        let key = string_of(&argument::any(pair, 0))?.to_text().into_owned();
        entries.insert(key, pair.get(1).cloned().unwrap_or_else(|| Value::string("")));
    }
    Ok(Value::map(entries))
}

fn get(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let map = argument::map(arguments, 0)?.0.borrow();
    let key = argument::text(arguments, 1)?;
    Ok(map.get(&*key).cloned().unwrap_or_else(|| Value::string("")))
}

fn set(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let key = argument::text(arguments, 1)?.into_owned();
    let map = argument::map(arguments, 0)?;
    map.0.borrow_mut().insert(key, argument::any(arguments, 2));
    Ok(Value::Map(map.clone()))
}

fn unset(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let key = argument::text(arguments, 1)?;
    let map = argument::map(arguments, 0)?;
    // What is removed is dropped after the borrow has ended.
    let removed = map.0.borrow_mut().remove(&*key);
    drop(removed);
    Ok(Value::Map(map.clone()))
}

fn has_key(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let key = argument::text(arguments, 1)?;
    Ok(Value::Bool(argument::map(arguments, 0)?.0.borrow().contains_key(&*key)))
}

fn pluck(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let key = argument::text(arguments, 0)?;
    let mut found = Vec::new();
    for index in 1..arguments.len() {
        found.extend(argument::map(arguments, index)?.0.borrow().get(&*key).cloned());
    }
    Ok(Value::list(found))
}

/// Returns the keys in byte order; Helm's order is random.
fn keys(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut keys = Vec::new();
    for index in 0..arguments.len() {
        let map = argument::map(arguments, index)?.0.borrow();
        keys.extend(map.keys().map(|key| Str::from(key.as_str())));
    }
    Ok(string_list(keys))
}

/// Returns the values in the byte order of their keys; Helm's order is random.
fn values(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::list(argument::map(arguments, 0)?.0.borrow().values().cloned().collect()))
}

fn pick(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let map = argument::map(arguments, 0)?.0.borrow();
    let mut picked = Entries::new();
    for index in 1..arguments.len() {
        let key = argument::text(arguments, index)?;
        if let Some(value) = map.get(&*key) {
            picked.insert(key.into_owned(), value.clone());
        }
    }
    Ok(Value::map(picked))
}

fn omit(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut remaining = argument::map(arguments, 0)?.0.borrow().clone();
    for index in 1..arguments.len() {
        remaining.remove(&*argument::text(arguments, index)?);
    }
    Ok(Value::map(remaining))
}

/// Follows keys into nested maps: `dig "a" "b" DEFAULT MAP`.
fn dig(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let [keys @ .., default, map] = arguments else {
        return Err(FunctionError::new("dig needs at least three arguments"));
    };
    if keys.is_empty() {
        return Err(FunctionError::new("dig needs at least three arguments"));
    }
    let mut names = Vec::new();
    let not_a = |expected: &str, value: &Value| {
        let actual = match value {
            Value::Nil => "nil".to_owned(),
            _ => value.type_name(),
        };
        FunctionError::new(format!(
            "interface conversion: interface {{}} is {actual}, not {expected}"
        ))
    };
    let Value::Map(map) = map else {
        return Err(not_a("map[string]interface {}", map));
    };
    for key in keys {
        match key {
            Value::String(key) => names.push(key.to_text().into_owned()),
            _ => return Err(not_a("string", key)),
        }
    }
    let mut current = map.clone();
    for (index, name) in names.iter().enumerate() {
        let Some(step) = current.0.borrow().get(name).cloned() else {
            return Ok(default.clone());
        };
        if index + 1 == names.len() {
            return Ok(step);
        }
        match step {
            Value::Map(next) => current = next,
            other => return Err(not_a("map[string]interface {}", &other)),
        }
    }
    Ok(default.clone())
}

/// How deep a value may be nested to be copied.
const MAX_DEPTH: usize = 500;

fn deep_copy(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    copy(&argument::any(arguments, 0), 0)
}

/// Returns a copy that shares no map and no list with the original.
fn copy(value: &Value, depth: usize) -> Result<Value, FunctionError> {
    if depth > MAX_DEPTH {
        return Err(FunctionError::nested_too_deeply());
    }
    match value {
        Value::List(list) => {
            let items = list
                .items
                .borrow()
                .iter()
                .map(|item| copy(item, depth + 1))
                .collect::<Result<Vec<Value>, FunctionError>>()?;
            Ok(Value::typed_list(list.kind, items))
        }
        Value::Map(map) => {
            let entries = map
                .0
                .borrow()
                .iter()
                .map(|(key, item)| Ok((key.clone(), copy(item, depth + 1)?)))
                .collect::<Result<Entries, FunctionError>>()?;
            Ok(Value::map(entries))
        }
        _ => Ok(value.clone()),
    }
}
