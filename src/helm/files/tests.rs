use super::Files;
use crate::helm::chart::File;
use crate::helm::value::Object as _;
use crate::helm::value::Value;

fn files() -> Files {
    let file = |name: &str, data: &[u8]| File { name: name.to_owned(), data: data.to_vec() };
    Files::new(&[
        file("config/a.conf", b"key: value\n"),
        file("config/sub/b.conf", b"one\ntwo"),
        file("binary.jks", b"\xff\xfe\x00"),
        file("empty", b""),
    ])
}

fn call(name: &str, argument: &str) -> Value {
    files().call(name, &[Value::string(argument)]).unwrap().unwrap()
}

fn text(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.as_bytes().to_vec(),
        other => panic!("not a string: {other:?}"),
    }
}

#[test]
fn content_comes_as_it_is() {
    assert_eq!(text(&call("Get", "binary.jks")), b"\xff\xfe\x00");
    assert_eq!(text(&call("Get", "missing")), b"");
    let Value::List(bytes) = call("GetBytes", "binary.jks") else { panic!("not a list") };
    assert_eq!(bytes.items.borrow().len(), 3);
}

#[test]
fn lines_are_split_without_the_last_newline() {
    let lines = |name: &str| match call("Lines", name) {
        Value::List(list) => list.items.borrow().iter().map(text).collect::<Vec<_>>(),
        other => panic!("not a list: {other:?}"),
    };
    assert_eq!(lines("config/a.conf"), [b"key: value".to_vec()]);
    assert_eq!(lines("config/sub/b.conf"), [b"one".to_vec(), b"two".to_vec()]);
    assert!(lines("empty").is_empty() && lines("missing").is_empty());
}

#[test]
fn globs_give_files_again() {
    let Value::Object(found) = call("Glob", "config/**") else { panic!("not an object") };
    assert_eq!(
        found.entries().unwrap().keys().cloned().collect::<Vec<_>>(),
        ["config/a.conf", "config/sub/b.conf"]
    );
    let yaml = found.call("AsConfig", &[]).unwrap().unwrap();
    assert_eq!(text(&yaml), b"a.conf: |\n  key: value\nb.conf: |-\n  one\n  two");
    let yaml = found.call("AsSecrets", &[]).unwrap().unwrap();
    assert_eq!(text(&yaml), b"a.conf: a2V5OiB2YWx1ZQo=\nb.conf: b25lCnR3bw==");
    // What is no pattern matches everything.
    let Value::Object(all) = call("Glob", "[") else { panic!("not an object") };
    assert_eq!(all.entries().unwrap().len(), 4);
    let Value::Object(none) = call("Glob", "none") else { panic!("not an object") };
    assert!(!none.is_truthy());
}
