//! `import-values`: what a dependency hands up to its parent.

use std::rc::Rc;

use serde_json::Value as Json;
use serde_json::json;

use crate::helm::compatibility::Compatibility;
use crate::helm::dependencies::Entry;
use crate::helm::dependencies::Node;
use crate::helm::value::Map;
use crate::helm::value::Value;
use crate::helm::values;
use crate::helm::values::coalesce;
use crate::helm::values::coalesce::Mode;
use crate::helm::values::coalesce::TypeMismatch;

/// Imports from the leaves of the tree upwards, nulls kept.
///
/// An entry that two aliases share, as in Helm 3, imports only for the first: Go's
/// code does not know its own normalized form again. `done` holds those entries.
pub(super) fn run(
    node: &Node<'_>,
    compatibility: Compatibility,
    done: &mut Vec<Entry>,
) -> Result<(), TypeMismatch> {
    for child in node.dependencies() {
        run(&child, compatibility, done)?;
    }
    let Some(entries) = node.entries() else { return Ok(()) };
    let complete = Map::default();
    coalesce::chart_values(node, &complete, Mode::Merge, compatibility)?;
    let imported = Map::default();
    for entry in entries {
        if done.iter().any(|known| Rc::ptr_eq(known, &entry)) {
            entry.borrow_mut().import_values.clear();
            continue;
        }
        done.push(entry.clone());
        let mut entry = entry.borrow_mut();
        let mut normalized = Vec::new();
        for import in &entry.import_values {
            let (child, parent) = match import {
                Json::Object(import) => {
                    (printed(import.get("child")), printed(import.get("parent")))
                }
                Json::String(export) => (format!("exports.{export}"), ".".to_owned()),
                _ => continue,
            };
            normalized.push(json!({ "child": child, "parent": parent }));
            // A table that is not there is no error in Helm either.
            let Some(table) = values::table(&complete, &format!("{}.{child}", entry.name)) else {
                continue;
            };
            coalesce::tables(&imported, &nested(&parent, table), Mode::Merge);
        }
        entry.import_values = normalized;
    }
    let own = coalesce::deep_copy_map(&complete);
    coalesce::tables(&own, &imported, Mode::Merge);
    *node.0.values.borrow_mut() = own;
    Ok(())
}

/// Wraps the table in maps for the dotted path; `.` is the table itself.
fn nested(path: &str, table: Map) -> Map {
    if path == "." {
        return table;
    }
    path.split('.').rev().fold(table, |inner, key| {
        let outer = Map::default();
        outer.0.borrow_mut().insert(key.to_owned(), Value::Map(inner));
        outer
    })
}

/// Returns what Go's `%v` prints for a key of an import, which is a string but
/// for mistakes.
fn printed(value: Option<&Json>) -> String {
    match value {
        None | Some(Json::Null) => "<nil>".to_owned(),
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
