use serde_json::Value as Json;
use serde_json::json;

use super::Finding;
use super::SchemaError;
use super::check;
use super::helm_text;
use crate::helm::chart::Chart;
use crate::helm::chart::File;
use crate::helm::compatibility::Compatibility;
use crate::helm::dependencies;
use crate::helm::value::Map;

fn chart(files: &[(&str, &str)]) -> Chart {
    Chart::from_files(
        files
            .iter()
            .map(|(name, text)| File { name: (*name).to_owned(), data: text.as_bytes().to_vec() }),
    )
    .unwrap()
}

const CHART: (&str, &str) = ("Chart.yaml", "name: web\nversion: 1.0.0");

fn result(schema: &str, values: &Json) -> Result<(), SchemaError> {
    let chart = chart(&[
        CHART,
        ("values.yaml", "size: 10Gi\nimage: { repository: r, tag: t }\n"),
        ("values.schema.json", schema),
    ]);
    let root = dependencies::process(&chart, &Map::default(), Compatibility::Helm4).unwrap();
    check(&root, values)
}

fn findings(schema: &Json, values: &Json) -> Vec<Finding> {
    match result(&schema.to_string(), values) {
        Err(SchemaError::Values(findings)) => findings,
        other => panic!("no findings: {other:?}"),
    }
}

fn only(schema: &Json, values: &Json) -> Finding {
    let mut found = findings(schema, values);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a_wrong_type_is_said_in_plain_words_with_an_example() {
    let schema = json!({ "properties": { "size": { "type": "string" } } });
    let finding = only(&schema, &json!({ "size": 10 }));
    assert_eq!(finding.pointer, "/size");
    assert_eq!(finding.path, "size");
    assert_eq!(
        finding.message(true),
        "The chart's schema asks for a string such as \"10Gi\"; it got the number 10."
    );
    assert_eq!(
        finding.message(false),
        "The chart's schema asks for a string such as \"10Gi\"; it got a number."
    );
    assert_eq!(finding.helm, "at '/size': got number, want string");
}

#[test]
fn unknown_values_get_a_suggestion() {
    let schema = json!({ "properties": { "image": {
        "properties": { "repository": {}, "tag": {} }, "additionalProperties": false
    } } });
    let finding = only(&schema, &json!({ "image": { "tga": "v1" } }));
    assert_eq!(finding.path, "image.tga");
    assert_eq!(finding.hint.as_deref(), Some("Did you mean `tag`?"));
    assert_eq!(finding.helm, "at '/image': additional properties 'tga' not allowed");
    let finding = only(&schema, &json!({ "image": { "colour": "red" } }));
    assert_eq!(finding.hint.as_deref(), Some("It knows `repository`, `tag`."));
}

#[test]
fn references_inside_the_schema_are_followed() {
    let schema = json!({
        "$defs": { "port": { "type": "integer", "maximum": 65535, "examples": [8080] } },
        "properties": { "ports": { "items": { "$ref": "#/$defs/port" } } }
    });
    let found = findings(&schema, &json!({ "ports": [70000, "x", 80] }));
    let messages: Vec<(String, String)> =
        found.iter().map(|finding| (finding.path.clone(), finding.message(true))).collect();
    assert_eq!(messages[0].0, "ports[0]");
    assert_eq!(
        messages[0].1,
        "The chart's schema asks for a number of at most 65535; it got the number 70000."
    );
    assert_eq!(
        messages[1].1,
        "The chart's schema asks for a whole number such as 8080; it got the string \"x\"."
    );
}

#[test]
fn secrets_are_not_in_the_text_of_the_error() {
    let schema = json!({ "properties": { "password": { "pattern": "^[a-z]{12,}$" } } });
    let error = result(&schema.to_string(), &json!({ "password": "Hunter2" })).unwrap_err();
    let text = error.to_string();
    assert!(!text.contains("Hunter2"), "{text}");
    assert!(text.contains("Value `password` is not valid."), "{text}");
    assert!(text.contains("matches `^[a-z]{12,}$`"), "{text}");
}

#[test]
fn every_kind_of_finding_has_its_words() {
    let cases = [
        (json!({ "enum": ["a", "b"] }), json!("c"), "asks for one of \"a\", \"b\"; it got"),
        (json!({ "const": 3 }), json!(4), "asks for 3; it got the number 4"),
        (json!({ "minimum": 1 }), json!(0), "a number of at least 1; it got the number 0"),
        (json!({ "exclusiveMaximum": 1 }), json!(1), "a number below 1"),
        (json!({ "multipleOf": 2 }), json!(3), "a multiple of 2"),
        (json!({ "minLength": 1 }), json!(""), "at least 1 character;"),
        (json!({ "maxLength": 2 }), json!("abc"), "at most 2 characters;"),
        (json!({ "minItems": 1 }), json!([]), "at least 1 item;"),
        (json!({ "uniqueItems": true }), json!([1, 1]), "items that all differ"),
        (json!({ "type": ["string", "null"] }), json!(1), "asks for null or a string"),
        (json!({ "not": { "type": "number" } }), json!(1), "does not take this value"),
        (json!(false), json!(1), "takes no value here"),
        (
            json!({ "oneOf": [{ "type": "string" }, { "type": "boolean" }] }),
            json!(1),
            "asks for a string, or asks for true or false; it got the number 1",
        ),
        (
            json!({ "$schema": "http://json-schema.org/draft-07/schema#", "format": "ipv4" }),
            json!("x"),
            "in the format `ipv4`",
        ),
    ];
    for (schema, value, words) in cases {
        let draft = schema.get("$schema").cloned();
        let mut whole = json!({ "properties": { "v": schema } });
        if let Some(draft) = draft {
            whole["$schema"] = draft;
        }
        let message = only(&whole, &json!({ "v": value })).message(true);
        assert!(message.contains(words), "{message} should have {words}");
    }
    let required = only(&json!({ "required": ["v"] }), &json!({}));
    assert_eq!(required.path, "v");
    assert_eq!(required.helm, "at '': missing property 'v'");
}

#[test]
fn subcharts_are_checked_under_their_name() {
    let chart = chart(&[
        CHART,
        ("charts/minio/Chart.yaml", "name: minio\nversion: 1.0.0"),
        ("charts/minio/values.schema.json", r#"{ "properties": { "a/b": { "type": "string" } } }"#),
    ]);
    let root = dependencies::process(&chart, &Map::default(), Compatibility::Helm4).unwrap();
    let Err(SchemaError::Values(found)) = check(&root, &json!({ "minio": { "a/b": true } })) else {
        panic!("it passes");
    };
    assert_eq!(found[0].pointer, "/minio/a~1b");
    assert_eq!(found[0].path, "minio.a/b");
    assert_eq!(found[0].chart, "minio");
    assert_eq!(
        helm_text(&found),
        "values don't meet the specifications of the schema(s) in the following chart(s):\nminio:\n\
         - at '/a~1b': got boolean, want string\n"
    );
    assert!(check(&root, &json!({ "minio": null })).is_ok());
    assert!(matches!(check(&root, &json!({ "minio": 1 })), Err(SchemaError::NotAMap { .. })));
}

#[test]
fn a_broken_schema_is_the_charts_fault() {
    let text = result("{", &json!({})).unwrap_err().to_string();
    assert!(text.contains("values.schema.json") && text.contains("`web`"), "{text}");
    let remote = r#"{ "$ref": "https://example.com/schema.json" }"#;
    let text = result(remote, &json!({})).unwrap_err().to_string();
    assert!(text.contains("not fetched"), "{text}");
    assert!(result(r#"{ "$ref": "urn:example:any" }"#, &json!({})).is_ok());
}
