//! Every case has been run through the real `sigs.k8s.io/yaml` 1.6.0.

use serde_json::Value as Json;

use crate::helm::json;

/// Runs one case and returns what we make of it.
fn run(operation: &str, input: &str) -> String {
    let parsed = || json::parse(input.as_bytes()).unwrap();
    match operation {
        "parse" => match super::parse(input.as_bytes()) {
            Ok(value) => json::write(&value, json::Style::Compact),
            Err(error) => format!("ERROR {error}"),
        },
        // The reference starts from JSON text, so this does as well.
        "emit" => match super::parse(input.as_bytes()) {
            Ok(value) => super::emitter::emit(&value, super::Dialect::V2),
            Err(error) => format!("ERROR {error}"),
        },
        "pretty" => super::write_pretty(&parsed()),
        _ => panic!("unknown operation {operation}"),
    }
}

/// go-yaml allows collections to be nested 10 000 deep, we 500; it shows a
/// wrong key in Go's syntax.
fn differs_on_purpose(expected: &str, actual: &str) -> bool {
    let key = "ERROR yaml: invalid map key: ";
    actual.contains("exceeded max depth of 500")
        || expected.starts_with(key) && actual.starts_with(key)
}

#[test]
fn agrees_with_go_yaml() {
    let mut failures = Vec::new();
    let mut count = 0;
    for line in include_str!("tests/cases.jsonl").lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let (operation, input) = (case["op"].as_str().unwrap(), case["in"].as_str().unwrap());
        let expected = case["out"].as_str().unwrap();
        let actual = run(operation, input);
        count += 1;
        // Go escapes U+FFFD where it stands for a byte that is not UTF-8.
        let expected = &expected.replace("\\ufffd", "\u{fffd}");
        if actual != *expected && !differs_on_purpose(expected, &actual) {
            failures.push(format!("{operation} {input:?}\n  want {expected:?}\n  have {actual:?}"));
        }
    }
    assert!(count > 500, "only {count} cases");
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}
