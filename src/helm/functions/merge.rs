//! `merge` and `mergeOverwrite`: `mergo` 1.0.1 on maps.
//!
//! Both change the first map and put parts of the others into it without
//! copying them, so that a later change to one shows in the other. Charts rely
//! on the first and stumble over the second; both are reproduced.

use super::argument;
use super::defaults::is_empty;
use crate::helm::function::Host;
use crate::helm::value::FunctionError;
use crate::helm::value::Map;
use crate::helm::value::Value;

/// How deep maps may be nested to be merged; deeper is a map in itself.
const MAX_DEPTH: usize = 500;

pub(super) fn merge(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    merge_all(arguments, false)
}

pub(super) fn merge_overwrite(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    merge_all(arguments, true)
}

fn merge_all(arguments: &[Value], overwrite: bool) -> Result<Value, FunctionError> {
    let target = argument::map(arguments, 0)?;
    for index in 1..arguments.len() {
        merge_map(target, argument::map(arguments, index)?, overwrite, 0)?;
    }
    Ok(Value::Map(target.clone()))
}

fn merge_map(
    target: &Map,
    source: &Map,
    overwrite: bool,
    depth: usize,
) -> Result<(), FunctionError> {
    if depth > MAX_DEPTH {
        return Err(FunctionError::nested_too_deeply());
    }
    // A copy, as the source may be the target or a part of it.
    let entries = source.0.borrow().clone();
    for (key, new) in entries {
        if matches!(new, Value::Nil) {
            if overwrite {
                insert(target, key, Value::Nil);
            }
            continue;
        }
        let old = target.0.borrow().get(&key).cloned();
        if let (Some(Value::Map(old)), Value::Map(new)) = (&old, &new) {
            merge_map(old, new, overwrite, depth + 1)?;
        }
        // Looked at after the merge: an empty map may have been filled.
        let keeps = match &old {
            None => false,
            Some(old) if is_empty(old) => false,
            Some(Value::Map(_)) if matches!(new, Value::Map(_)) => true,
            Some(_) => !overwrite,
        };
        if !keeps {
            insert(target, key, new);
        }
    }
    Ok(())
}

/// Inserts, and drops what was there after the borrow has ended.
fn insert(target: &Map, key: String, value: Value) {
    let replaced = target.0.borrow_mut().insert(key, value);
    drop(replaced);
}
