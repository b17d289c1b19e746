//! Texts and results have been checked with Go's `encoding/json`.

use serde_json::json;

use super::JsonError;
use super::Style;
use super::from_value;
use super::parse;
use super::to_value;
use super::write;
use crate::helm::value::Entries;
use crate::helm::value::ListKind;
use crate::helm::value::Value;

#[test]
fn numbers_are_written_as_in_go() {
    for (number, expected) in [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (1_000_000.0, "1000000"),
        (0.1, "0.1"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-10, "1.5e-10"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (5e-324, "5e-324"),
        (12_345_678_901_234_567_890.0, "12345678901234567000"),
    ] {
        assert_eq!(write(&json!(number), Style::Compact), expected);
    }
    assert_eq!(write(&json!(i64::MIN), Style::Compact), "-9223372036854775808");
    assert_eq!(write(&json!(u64::MAX), Style::Compact), "18446744073709551615");
}

#[test]
fn only_the_raw_style_leaves_markup_alone() {
    let value = json!({"b": "<a&b>", "a": "\u{2028}\u{1}\u{7f}"});
    let compact = r#"{"a":"\u2028\u0001DEL","b":"\u003ca\u0026b\u003e"}"#.replace("DEL", "\u{7f}");
    assert_eq!(write(&value, Style::Compact), compact);
    let raw = r#"{"a":"\u2028\u0001DEL","b":"<a&b>"}"#.replace("DEL", "\u{7f}");
    assert_eq!(write(&value, Style::Raw), raw);
}

#[test]
fn bytes_become_base64_and_what_is_no_text_becomes_replacement_characters() {
    let bytes = vec![Value::Int(crate::helm::value::IntKind::Uint8, 255)];
    let value = Value::list(vec![
        Value::typed_list(ListKind::Bytes, bytes),
        Value::string(b"a\xff\xfeb".as_slice()),
    ]);
    assert_eq!(from_value(&value).unwrap(), json!(["/w==", "a\u{fffd}\u{fffd}b"]));
}

#[test]
fn a_map_that_contains_itself_is_an_error() {
    let value = Value::map(Entries::new());
    let Value::Map(map) = &value else { panic!("no map") };
    map.0.borrow_mut().insert("self".into(), value.clone());
    assert_eq!(from_value(&value).unwrap_err(), JsonError::TooDeep);
    // Or it would never be freed.
    map.0.borrow_mut().clear();
}

#[test]
fn integers_stay_exact_on_the_way_to_json_and_become_floats_on_the_way_back() {
    let exact = i64::MAX;
    assert_eq!(from_value(&Value::int64(exact)).unwrap(), json!(exact));
    assert!(matches!(to_value(&json!(3)), Value::Float(3.0)));
}

#[test]
fn the_reader_accepts_what_go_accepts() {
    for (text, expected) in [
        (" [1, -0.5e+2, null]\n", json!([1.0, -50.0, null])),
        (r#"{"a":{"a":1},"a":2}"#, json!({"a": 2.0})),
        (r#""\ud83c\udf89\ud800x\u00e9""#, json!("🎉\u{fffd}xé")),
        (r#""\ud800\u0041""#, json!("\u{fffd}A")),
    ] {
        assert_eq!(parse(text.as_bytes()).unwrap(), expected, "{text}");
    }
    assert_eq!(parse(b"\"\xff\"").unwrap(), json!("\u{fffd}"));
}

#[test]
fn no_text_makes_the_reader_fail_other_than_by_an_error() {
    // Every beginning of a text with everything in it.
    let text = r#" {"a": [true, false, null, -1.5e+7, "\u12ab\n\"x"], "b": {}} "#;
    for end in 0..text.len() {
        let beginning = &text.as_bytes()[..end];
        assert_eq!(parse(beginning).is_ok(), end >= text.trim_end().len(), "{end}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(parse(deep.as_bytes()).unwrap_err(), JsonError::TooDeep);
}
