use serde_json::Value as Json;
use serde_json::json;

use super::from_json;
use super::merge;
use super::parse;
use super::parse_all;
use super::path_value;
use super::table;
use super::to_json;
use crate::helm::compatibility::Compatibility;
use crate::helm::value::Map;
use crate::helm::value::Value;
use crate::helm::values::coalesce;
use crate::helm::values::coalesce::Mode;

fn map(json: &Json) -> Map {
    match from_json(json) {
        Value::Map(map) => map,
        _ => panic!("not a map: {json}"),
    }
}

fn json(map: &Map) -> Json {
    to_json(&Value::Map(map.clone())).unwrap()
}

#[test]
fn merging_replaces_all_but_maps() {
    let mut base = json!({ "a": { "b": 1, "c": [1] }, "d": 1, "e": { "f": 1 } });
    merge(&mut base, json!({ "a": { "c": [2], "g": null }, "d": { "x": 1 }, "e": null }));
    assert_eq!(base, json!({ "a": { "b": 1, "c": [2], "g": null }, "d": { "x": 1 }, "e": null }));
}

#[test]
fn helm_4_merges_all_documents_and_helm_3_takes_the_first() {
    let text = b"a: {b: 1}\n--- # more\na: {c: 2}\n---\n\n---\nd: |\n  text";
    assert_eq!(
        parse(text, Compatibility::Helm4).unwrap(),
        json!({ "a": { "b": 1, "c": 2 }, "d": "text\n" })
    );
    assert_eq!(parse(text, Compatibility::Helm3).unwrap(), json!({ "a": { "b": 1 } }));
    assert_eq!(parse(b"d: |\n  text", Compatibility::Helm3).unwrap(), json!({ "d": "text" }));
    assert_eq!(parse_all(b"").unwrap(), json!({}));
    assert_eq!(parse_all(b"# only a comment").unwrap(), json!({}));
}

#[test]
fn what_is_no_map_is_refused() {
    assert!(parse_all(b"- a").unwrap_err().to_string().contains("a list"));
    assert!(parse_all(b"text").unwrap_err().to_string().contains("a string"));
    assert!(parse_all(b"a: 1\n---x: 2").unwrap_err().to_string().contains("separator"));
    assert!(parse_all(b"a: [").is_err());
}

#[test]
fn paths_lead_to_tables_and_values() {
    let values = map(&json!({ "a": { "b": { "c": true } }, "d": 1 }));
    assert_eq!(json(&table(&values, "a.b").unwrap()), json!({ "c": true }));
    assert!(table(&values, "a.x").is_none());
    assert!(table(&values, "d").is_none());
    assert!(matches!(path_value(&values, "a.b.c"), Some(Value::Bool(true))));
    assert!(path_value(&values, "a.b").is_none());
    assert!(path_value(&values, "d.e").is_none());
    assert!(matches!(path_value(&values, "d"), Some(Value::Float(_))));
}

#[test]
fn numbers_keep_their_form_on_the_way_through() {
    let values = json!({ "int": 1_000_000, "float": 0.5, "huge": 1e300, "list": [1, -2] });
    assert_eq!(to_json(&from_json(&values)).unwrap(), values);
}

#[test]
fn nulls_of_the_winner_remove_what_has_a_value() {
    let winner = map(&json!({ "gone": null, "stays": null, "table": { "x": null, "new": 1 } }));
    let other = map(&json!({ "gone": 1, "stays": null, "table": { "x": 2, "y": 3 }, "more": 4 }));
    coalesce::tables(&winner, &other, Mode::Coalesce);
    assert_eq!(json(&winner), json!({ "stays": null, "table": { "new": 1, "y": 3 }, "more": 4 }));
}

#[test]
fn merging_tables_keeps_nulls() {
    let winner = map(&json!({ "a": null, "b": { "c": null } }));
    let other = map(&json!({ "a": 1, "b": { "c": 2, "d": null }, "e": null }));
    coalesce::tables(&winner, &other, Mode::Merge);
    assert_eq!(json(&winner), json!({ "a": null, "b": { "c": null, "d": null }, "e": null }));
}

#[test]
fn tables_and_other_values_do_not_mix() {
    let winner = map(&json!({ "a": 1, "b": { "c": 1 } }));
    let other = map(&json!({ "a": { "x": 1 }, "b": 2 }));
    coalesce::tables(&winner, &other, Mode::Coalesce);
    assert_eq!(json(&winner), json!({ "a": 1, "b": { "c": 1 } }));
}

#[test]
fn a_deep_copy_shares_nothing() {
    let original = map(&json!({ "a": { "b": [{ "c": 1 }] } }));
    let copy = coalesce::deep_copy_map(&original);
    table(&copy, "a").unwrap().0.borrow_mut().clear();
    assert_eq!(json(&original), json!({ "a": { "b": [{ "c": 1 }] } }));
}
