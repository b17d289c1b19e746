//! Merging of a chart's default values under the user's, key by key as Helm does.
//!
//! Two modes: coalescing is what templates get, merging keeps nulls for a later
//! coalescing. The order of the steps and the sharing of maps decide what a chart
//! sees, and upstream changed both several times; this follows 4.3.1, with 3.22.0
//! where `Compatibility` says so. Where Helm logs a warning and goes on, so do we,
//! without the log: the values are the same.

use std::collections::BTreeSet;

use crate::helm::compatibility::Compatibility;
use crate::helm::value::Entries;
use crate::helm::value::Map;
use crate::helm::value::Value;

/// The key under which values are passed on to all dependencies.
pub const GLOBAL: &str = "global";

/// Is what coalescing needs to know of a chart.
pub(in crate::helm) trait Chart {
    /// Returns the name, which is the key of its values in the parent.
    fn name(&self) -> String;

    /// Returns a deep copy of the default values.
    fn values(&self) -> Map;

    /// Returns the dependency charts.
    fn dependencies(&self) -> Vec<Self>
    where
        Self: Sized;
}

/// Names what happens to nulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::helm) enum Mode {
    /// They remove keys.
    Coalesce,
    /// They stay.
    Merge,
}

/// Says that a value stands where the values of a dependency must be a map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The value `{name}` must be a map: it holds the values of the dependency chart of that name."
)]
pub struct TypeMismatch {
    /// The name of the dependency chart.
    pub name: String,
}

/// Completes the user's values with the defaults of the chart and of all of its
/// dependencies. The map is changed in place; pass a deep copy.
pub(in crate::helm) fn chart_values<C: Chart>(
    chart: &C,
    values: &Map,
    mode: Mode,
    compatibility: Compatibility,
) -> Result<(), TypeMismatch> {
    defaults(chart, values, mode, compatibility);
    for dependency in chart.dependencies() {
        let name = dependency.name();
        let known = values.0.borrow().get(&name).cloned();
        let inner = match known {
            Some(Value::Map(inner)) => inner,
            Some(_) => return Err(TypeMismatch { name }),
            None => {
                let inner = Map::default();
                values.0.borrow_mut().insert(name, Value::Map(inner.clone()));
                inner
            }
        };
        globals(&inner, values);
        chart_values(&dependency, &inner, mode, compatibility)?;
    }
    Ok(())
}

/// Copies the parent's globals into a dependency's values; the parent's win.
fn globals(target: &Map, source: &Map) {
    let table = |holder: &Map| match holder.0.borrow().get(GLOBAL) {
        None => Some(Map::default()),
        Some(Value::Map(map)) => Some(map.clone()),
        Some(_) => None,
    };
    let (Some(inner), Some(outer)) = (table(target), table(source)) else { return };
    let entries: Vec<(String, Value)> =
        outer.0.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    for (key, value) in entries {
        let known = inner.0.borrow().get(&key).cloned();
        match (value, known) {
            (Value::Map(value), known) => {
                // Only the first level is copied: deeper tables stay shared between the
                // charts, so that a dependency's additions show in the parent.
                let copy = shallow_copy(&value);
                match known {
                    None => {}
                    Some(Value::Map(known)) => tables(&copy, &known, Mode::Merge),
                    Some(_) => continue,
                }
                inner.0.borrow_mut().insert(key, Value::Map(copy));
            }
            (_, Some(Value::Map(_))) => {}
            (value, _) => {
                inner.0.borrow_mut().insert(key, value);
            }
        }
    }
    target.0.borrow_mut().insert(GLOBAL.to_owned(), Value::Map(inner));
}

/// Puts the chart's own defaults under the values.
fn defaults<C: Chart>(chart: &C, values: &Map, mode: Mode, compatibility: Compatibility) {
    let drops_nulls = mode == Mode::Coalesce && compatibility == Compatibility::Helm4;
    let children: BTreeSet<String> = chart.dependencies().iter().map(Chart::name).collect();
    let entries = take(&chart.values());
    for (key, default) in entries {
        let known = values.0.borrow().get(&key).cloned();
        match known {
            Some(Value::Nil) if mode == Mode::Coalesce => {
                values.0.borrow_mut().remove(&key);
            }
            Some(Value::Map(known)) => {
                let Value::Map(default) = default else { continue };
                // Nulls of a dependency's values wait for the dependency's own turn.
                let mode = if children.contains(&key) { Mode::Merge } else { mode };
                if mode == Mode::Coalesce && compatibility == Compatibility::Helm4 {
                    remove_nulls(&default);
                }
                tables(&known, &default, mode);
            }
            Some(_) => {}
            None => {
                if drops_nulls {
                    match &default {
                        Value::Nil => continue,
                        Value::Map(default) => remove_nulls(default),
                        _ => {}
                    }
                }
                values.0.borrow_mut().insert(key, default);
            }
        }
    }
}

/// Puts one table under another, which wins.
///
/// When coalescing, a null of the winner removes a key that the other has a value
/// for; a null that nothing stands against stays.
pub(in crate::helm) fn tables(winner: &Map, other: &Map, mode: Mode) {
    if std::rc::Rc::ptr_eq(&winner.0, &other.0) {
        return;
    }
    let mut had_value = BTreeSet::new();
    for (key, value) in other.0.borrow().iter() {
        if !matches!(value, Value::Nil) {
            had_value.insert(key.clone());
        }
    }
    let nulls: Vec<String> = winner
        .0
        .borrow()
        .iter()
        .filter(|(_, value)| matches!(value, Value::Nil))
        .map(|(key, _)| key.clone())
        .collect();
    for key in nulls {
        other.0.borrow_mut().insert(key, Value::Nil);
    }
    let entries: Vec<(String, Value)> =
        other.0.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    for (key, value) in entries {
        let known = winner.0.borrow().get(&key).cloned();
        match (known, value) {
            (Some(Value::Nil), _) if mode == Mode::Coalesce && had_value.contains(&key) => {
                winner.0.borrow_mut().remove(&key);
            }
            (None, value) => {
                winner.0.borrow_mut().insert(key, value);
            }
            (Some(Value::Map(known)), Value::Map(value)) => tables(&known, &value, mode),
            _ => {}
        }
    }
}

/// Removes nulls at any depth of the maps (not inside lists).
pub(in crate::helm) fn remove_nulls(map: &Map) {
    let mut entries = map.0.borrow_mut();
    entries.retain(|_, value| !matches!(value, Value::Nil));
    for value in entries.values() {
        if let Value::Map(inner) = value {
            remove_nulls(inner);
        }
    }
}

/// Copies maps and lists at any depth.
pub(in crate::helm) fn deep_copy(value: &Value) -> Value {
    match value {
        Value::Map(map) => Value::Map(deep_copy_map(map)),
        Value::List(list) => {
            Value::typed_list(list.kind, list.items.borrow().iter().map(deep_copy).collect())
        }
        other => other.clone(),
    }
}

/// Copies a map, and the maps and lists in it at any depth.
pub(in crate::helm) fn deep_copy_map(map: &Map) -> Map {
    new_map(map.0.borrow().iter().map(|(key, value)| (key.clone(), deep_copy(value))).collect())
}

fn shallow_copy(map: &Map) -> Map {
    new_map(map.0.borrow().clone())
}

fn new_map(entries: Entries) -> Map {
    Map(std::rc::Rc::new(std::cell::RefCell::new(entries)))
}

fn take(map: &Map) -> Entries {
    std::mem::take(&mut *map.0.borrow_mut())
}
