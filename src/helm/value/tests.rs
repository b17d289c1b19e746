use std::cell::Cell;

use super::*;

fn map(entries: &[(&str, Value)]) -> Value {
    Value::map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

fn equal(left: &Value, right: &Value) -> bool {
    left.deep_equal(right).unwrap()
}

#[test]
fn numbers_of_different_types_are_different() {
    let ones = [Value::int(1), Value::int64(1), Value::Float(1.0), Value::Bool(true)];
    for (row, left) in ones.iter().enumerate() {
        for (column, right) in ones.iter().enumerate() {
            assert_eq!(equal(left, right), row == column, "{left:?} {right:?}");
        }
    }
}

#[test]
fn maps_and_lists_are_equal_by_content() {
    let make = |last: Value| map(&[("a", Value::list(vec![Value::Nil, last])), ("b", map(&[]))]);
    assert!(equal(&make(Value::int(1)), &make(Value::int(1))));
    assert!(!equal(&make(Value::int(1)), &make(Value::int(2))));
    assert!(!equal(&map(&[("a", Value::Nil)]), &map(&[])));
    assert!(!equal(&map(&[("a", Value::Nil)]), &map(&[("b", Value::Nil)])));
    assert!(!equal(&Value::list(Vec::new()), &Value::typed_list(ListKind::Strings, Vec::new())));
}

#[test]
fn not_a_number_is_equal_to_itself_only_inside_the_same_list() {
    let list = Value::list(vec![Value::Float(f64::NAN)]);
    assert!(!equal(&Value::Float(f64::NAN), &Value::Float(f64::NAN)));
    assert!(equal(&list, &list.clone()));
    assert!(!equal(&list, &Value::list(vec![Value::Float(f64::NAN)])));
}

#[test]
fn values_that_contain_themselves_cannot_be_compared() {
    let endless = || {
        let value = map(&[]);
        if let Value::Map(inner) = &value {
            inner.0.borrow_mut().insert("self".to_owned(), value.clone());
        }
        value
    };
    let (left, right) = (endless(), endless());
    assert_eq!(left.deep_equal(&right), Err(FunctionError::nested_too_deeply()));
    assert!(equal(&left, &left));
    assert!(format!("{left:?}").ends_with(&"}".repeat(16)));
}

#[test]
fn empty_values_are_false() {
    let falsy = [
        Value::Nil,
        Value::Bool(false),
        Value::int(0),
        Value::Float(-0.0),
        Value::string(""),
        Value::list(Vec::new()),
        map(&[]),
        Value::Object(Rc::new(StringMap::default())),
    ];
    assert!(falsy.iter().all(|value| !value.is_truthy()));
    let truthy = [
        Value::Bool(true),
        Value::int64(-1),
        Value::Float(f64::NAN),
        Value::string("false"),
        Value::list(vec![Value::Nil]),
        map(&[("", Value::Nil)]),
    ];
    assert!(truthy.iter().all(Value::is_truthy));
}

#[test]
fn types_and_kinds_have_gos_names() {
    let named = |value: &Value| (value.type_name(), value.kind());
    let expect = |value: Value, type_name: &str, kind| {
        assert_eq!(named(&value), (type_name.to_owned(), kind));
    };
    expect(Value::Nil, "<nil>", "invalid");
    expect(Value::int(1), "int", "int");
    expect(Value::int64(1), "int64", "int64");
    expect(Value::Float(1.0), "float64", "float64");
    expect(Value::list(Vec::new()), "[]interface {}", "slice");
    expect(Value::typed_list(ListKind::Bytes, Vec::new()), "[]uint8", "slice");
    expect(map(&[]), "map[string]interface {}", "map");
    expect(Value::Object(Rc::new(StringMap::default())), "map[string]string", "map");
}

#[test]
fn dropping_one_of_two_owners_leaves_the_elements() {
    let inner = Value::list(vec![Value::int(1)]);
    let outer = Value::list(vec![inner.clone(), map(&[("k", inner.clone())])]);
    let copy = outer.clone();
    drop(outer);
    assert_eq!(
        format!("{copy:?}"),
        "[]interface {}{[]interface {}{int(1)}, map{\"k\": []interface {}{int(1)}}}"
    );
    drop(copy);
    assert_eq!(format!("{inner:?}"), "[]interface {}{int(1)}");
}

/// Counts how often it is dropped.
struct Counted(Rc<Cell<usize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

impl Object for Counted {
    fn type_name(&self) -> String {
        "counted".into()
    }

    fn display(&self) -> String {
        String::new()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[test]
fn everything_inside_is_dropped_once() {
    let count = Rc::new(Cell::new(0));
    let object = || Value::Object(Rc::new(Counted(count.clone())));
    let shared = object();
    drop(map(&[
        ("a", Value::list(vec![object(), map(&[("b", object())])])),
        ("c", shared.clone()),
    ]));
    assert_eq!(count.get(), 2);
    drop(shared);
    assert_eq!(count.get(), 3);
}
