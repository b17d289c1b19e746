//! State types of every shape go to a value and back unchanged.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use tf_provider::value::Value;

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct State {
    name: Value<String>,
    count: Value<i64>,
    wait: Value<bool>,
    tags: Value<BTreeMap<String, Value<String>>>,
    file: Value<File>,
    values: Dynamic,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct File {
    url: Value<String>,
}

fn number(text: &str) -> Dynamic {
    Dynamic::Number(Number::from_text(text).unwrap())
}

fn typed(own: Type, value: Dynamic) -> Dynamic {
    Dynamic::Typed(own, Box::new(value))
}

#[test]
fn a_state_goes_to_a_value_and_back_unchanged() {
    let states = [
        State {
            name: Value::Value("site".to_owned()),
            count: Value::Value(-3),
            wait: Value::Value(true),
            tags: Value::Value(BTreeMap::from([
                ("a".to_owned(), Value::Value("1".to_owned())),
                ("b".to_owned(), Value::Unknown),
                ("c".to_owned(), Value::Null),
            ])),
            file: Value::Value(File { url: Value::Unknown }),
            values: typed(Type::Number, number("0.1")),
        },
        State {
            name: Value::Unknown,
            count: Value::Unknown,
            wait: Value::Unknown,
            tags: Value::Unknown,
            file: Value::Unknown,
            values: Dynamic::Unknown,
        },
        State {
            name: Value::Null,
            count: Value::Null,
            wait: Value::Null,
            tags: Value::Null,
            file: Value::Null,
            values: Dynamic::Null,
        },
    ];
    for state in states {
        let value = to_dynamic(&state).unwrap();
        assert_eq!(from_dynamic::<State>(value).unwrap(), state);
    }
}

#[test]
fn unknown_and_null_are_told_apart_in_a_value() {
    let value = to_dynamic(&BTreeMap::from([
        ("null".to_owned(), Value::<String>::Null),
        ("unknown".to_owned(), Value::Unknown),
    ]))
    .unwrap();
    assert_eq!(value.attribute("null"), &Dynamic::Null);
    assert_eq!(value.attribute("unknown"), &Dynamic::Unknown);
}

#[test]
fn a_dynamic_value_keeps_type_and_digits() {
    let thirty_digits = "123456789012345678901234567890";
    let value = typed(
        Type::Object(BTreeMap::from([
            ("a".to_owned(), Type::Number),
            ("b".to_owned(), Type::Set(Box::new(Type::String))),
            ("c".to_owned(), Type::Dynamic),
        ])),
        Dynamic::Map(BTreeMap::from([
            ("a".to_owned(), number(thirty_digits)),
            ("b".to_owned(), Dynamic::Sequence(vec![Dynamic::String("x".to_owned())])),
            ("c".to_owned(), Dynamic::Null),
        ])),
    );
    let through: BTreeMap<String, Dynamic> =
        from_dynamic(to_dynamic(&BTreeMap::from([("v".to_owned(), value.clone())])).unwrap())
            .unwrap();
    assert_eq!(through.get("v"), Some(&value));
}
