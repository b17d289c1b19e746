use serde_json::Value as Json;
use serde_json::json;

use super::Node;
use super::missing;
use super::process;
use crate::helm::chart::Chart;
use crate::helm::chart::File;
use crate::helm::compatibility::Compatibility;
use crate::helm::value::Map;
use crate::helm::value::Value;
use crate::helm::values;
use crate::helm::values::coalesce;
use crate::helm::values::coalesce::Mode;

fn chart(files: &[(&str, &str)]) -> Chart {
    Chart::from_files(
        files
            .iter()
            .map(|(name, text)| File { name: (*name).to_owned(), data: text.as_bytes().to_vec() }),
    )
    .unwrap()
}

fn map(json: &Json) -> Map {
    match values::from_json(json) {
        Value::Map(map) => map,
        _ => panic!("not a map: {json}"),
    }
}

fn completed(chart: &Chart, user: &Json, compatibility: Compatibility) -> Json {
    let user = map(user);
    let root = process(chart, &user, compatibility).unwrap();
    coalesce::chart_values(&root, &user, Mode::Coalesce, compatibility).unwrap();
    values::to_json(&Value::Map(user)).unwrap()
}

fn paths(node: &Node<'_>) -> Vec<String> {
    let mut found = vec![node.full_path()];
    for child in node.dependencies() {
        found.extend(paths(&child));
    }
    found
}

const PARENT: &str = "
name: top
version: 1.0.0
dependencies:
  - { name: sub, version: 1.x, alias: one, condition: 'one.on,flags.one' }
  - { name: sub, version: '>=1', alias: two, tags: [extra] }
  - { name: other, version: 2.x }
";

fn family() -> Chart {
    chart(&[
        ("Chart.yaml", PARENT),
        ("values.yaml", "one: { text: from-top }\ntags: { extra: true }\n"),
        ("charts/sub/Chart.yaml", "name: sub\nversion: 1.4.0"),
        ("charts/sub/values.yaml", "text: default\nn: 1\n"),
        ("charts/sub/charts/deep/Chart.yaml", "name: deep\nversion: 1.0.0"),
        ("charts/other/Chart.yaml", "name: other\nversion: 1.0.0"),
        ("charts/unlisted/Chart.yaml", "name: unlisted\nversion: 1.0.0"),
    ])
}

#[test]
fn aliases_make_several_charts_of_one() {
    let chart = family();
    let root = process(&chart, &Map::default(), Compatibility::Helm4).unwrap();
    // `other` is there in another version than asked for: it takes part unnamed.
    assert_eq!(
        paths(&root),
        [
            "top",
            "top/charts/other",
            "top/charts/unlisted",
            "top/charts/one",
            "top/charts/one/charts/deep",
            "top/charts/two",
            "top/charts/two/charts/deep",
        ]
    );
    let values = completed(&chart, &json!({}), Compatibility::Helm4);
    assert_eq!(values["one"]["text"], "from-top");
    assert_eq!(values["two"]["text"], "default");
    assert!(root.is_root() && !root.dependencies().iter().any(Node::is_root));
}

#[test]
fn conditions_win_over_tags() {
    let names = |user: Json| -> Vec<String> {
        let chart = family();
        let root = process(&chart, &map(&user), Compatibility::Helm4).unwrap();
        let found = root.dependencies();
        found.iter().map(|child| child.name().to_owned()).filter(|name| name.len() == 3).collect()
    };
    assert_eq!(names(json!({})), ["one", "two"]);
    assert_eq!(names(json!({ "tags": { "extra": false } })), ["one"]);
    assert_eq!(names(json!({ "one": { "on": false } })), ["two"]);
    assert_eq!(names(json!({ "flags": { "one": false } })), ["two"]);
    assert_eq!(names(json!({ "one": { "on": true }, "flags": { "one": false } })), ["one", "two"]);
    // What is no boolean decides nothing.
    assert_eq!(names(json!({ "one": { "on": "false" } })), ["one", "two"]);
}

#[test]
fn disabled_dependencies_leave_metadata_and_values() {
    let chart = family();
    let user = json!({ "one": { "on": false } });
    let root = process(&chart, &map(&user), Compatibility::Helm4).unwrap();
    let listed: Vec<String> =
        root.metadata().dependencies.unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(listed, ["two", "other"]);
    assert_eq!(
        completed(&chart, &user, Compatibility::Helm4)["one"],
        json!({
            "on": false, "text": "from-top"
        })
    );
}

#[test]
fn a_chart_can_be_processed_again_and_again() {
    let chart = family();
    let first = completed(&chart, &json!({}), Compatibility::Helm4);
    assert_eq!(completed(&chart, &json!({}), Compatibility::Helm4), first);
}

#[test]
fn imported_values_lie_under_those_of_the_parent() {
    let chart = chart(&[
        (
            "Chart.yaml",
            "name: top\nversion: 1.0.0\ndependencies:\n- name: sub\n  version: 1.0.0\n  \
             import-values: [data, { child: inner, parent: mine.here }, { child: no, parent: x }]",
        ),
        ("values.yaml", "kept: top\n"),
        ("charts/sub/Chart.yaml", "name: sub\nversion: 1.0.0"),
        ("charts/sub/values.yaml", "exports: { data: { kept: sub, new: 1 } }\ninner: { a: 2 }\n"),
    ]);
    let values = completed(&chart, &json!({ "new": null }), Compatibility::Helm4);
    assert_eq!(values["kept"], "top");
    assert_eq!(values["mine"], json!({ "here": { "a": 2 } }));
    assert_eq!(values.get("new"), None);
    let root = process(&chart, &Map::default(), Compatibility::Helm4).unwrap();
    let entry = root.metadata().dependencies.unwrap().remove(0);
    assert_eq!(entry.import_values[0], json!({ "child": "exports.data", "parent": "." }));
    assert!(entry.enabled);
}

#[test]
fn null_defaults_are_dropped_by_helm_4_only() {
    let chart = chart(&[
        ("Chart.yaml", "name: top\nversion: 1.0.0"),
        ("values.yaml", "a: null\nb: { c: null, d: 1 }\ne: { f: null }\n"),
    ]);
    let user = json!({ "b": { "x": 1 } });
    assert_eq!(
        completed(&chart, &user, Compatibility::Helm4),
        json!({ "b": { "d": 1, "x": 1 }, "e": {} })
    );
    assert_eq!(
        completed(&chart, &user, Compatibility::Helm3),
        json!({ "a": null, "b": { "c": null, "d": 1, "x": 1 }, "e": { "f": null } })
    );
}

#[test]
fn globals_reach_all_charts_and_deep_ones_come_back() {
    let chart = chart(&[
        ("Chart.yaml", "name: top\nversion: 1.0.0"),
        ("values.yaml", "global: { a: { b: { top: 1 } }, text: top }\n"),
        ("charts/sub/Chart.yaml", "name: sub\nversion: 1.0.0"),
        ("charts/sub/values.yaml", "global: { only: sub }\n"),
    ]);
    let user =
        json!({ "sub": { "global": { "a": { "b": { "sub": 2 }, "c": 3 }, "text": "sub" } } });
    let values = completed(&chart, &user, Compatibility::Helm4);
    assert_eq!(
        values["sub"]["global"],
        json!({ "a": { "b": { "top": 1, "sub": 2 }, "c": 3 }, "text": "top", "only": "sub" })
    );
    // Only the first level of a global table is copied.
    assert_eq!(values["global"]["a"], json!({ "b": { "top": 1, "sub": 2 } }));
}

#[test]
fn values_of_a_dependency_must_be_a_map() {
    let chart = family();
    let error = process(&chart, &map(&json!({ "two": "text" })), Compatibility::Helm4);
    let text = error.err().unwrap().to_string();
    assert!(text.contains("`two` must be a map"), "{text}");
}

#[test]
fn missing_dependencies_are_named() {
    let chart = chart(&[
        ("Chart.yaml", PARENT),
        ("charts/other/Chart.yaml", "name: other\nversion: 1.0.0"),
    ]);
    assert_eq!(missing(&chart), ["sub", "sub"]);
}
