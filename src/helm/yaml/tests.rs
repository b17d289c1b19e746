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

/// go-yaml allows collections to be nested 10 000 deep, we 200.
fn differs_on_purpose(actual: &str) -> bool {
    actual.contains("exceeded max depth of 200")
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
        if actual != *expected && !differs_on_purpose(&actual) {
            failures.push(format!("{operation} {input:?}\n  want {expected:?}\n  have {actual:?}"));
        }
    }
    assert!(count > 500, "only {count} cases");
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}

/// Is a small generator of numbers (xorshift), the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// What YAML gives a meaning to, and what surprises it.
const FRAGMENTS: &[&str] = &[
    "a",
    "b",
    "1",
    "-",
    ":",
    ",",
    "[",
    "]",
    "{",
    "}",
    "&a",
    "*a",
    "!",
    "!!str",
    "|",
    ">",
    "'",
    "\"",
    "%",
    "@",
    "`",
    "#",
    "?",
    " ",
    "  ",
    "\n",
    "\n  ",
    "\n- ",
    "\t",
    ": ",
    "- ",
    "---",
    "...",
    "|\n",
    "é",
    "🎉",
    "\u{2028}",
    "\u{85}",
    "yes",
    "null",
    "0x1",
    "<<",
    "\r\n",
    "\r",
    "\\",
    "\\u00",
    "%YAML 1.1\n",
    "!<",
    "~",
];

#[test]
fn no_text_makes_the_parser_panic() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let cases: Vec<String> = include_str!("tests/cases.jsonl")
        .lines()
        .step_by(3)
        .map(|line| serde_json::from_str::<Json>(line).unwrap()["in"].as_str().unwrap().to_owned())
        .collect();
    let mut parsed = 0;
    for _ in 0..20_000 {
        let mut bytes = if numbers.below(2) == 0 {
            (0..numbers.below(12)).map(|_| FRAGMENTS[numbers.below(FRAGMENTS.len())]).collect()
        } else {
            let case = &cases[numbers.below(cases.len())];
            case.chars().take(400).collect::<String>()
        }
        .into_bytes();
        for _ in 0..numbers.below(4) {
            let place = numbers.below(bytes.len() + 1);
            match numbers.below(4) {
                0 => bytes.truncate(place),
                1 => bytes.insert(place, u8::try_from(numbers.below(256)).unwrap()),
                2 if place < bytes.len() => drop(bytes.remove(place)),
                _ => {
                    let fragment = FRAGMENTS[numbers.below(FRAGMENTS.len())];
                    bytes.splice(place..place, fragment.bytes());
                }
            }
        }
        // What can be read can be written, and is then the same; but for the
        // key `<<`, which go-yaml writes without the quotes that it needs.
        if let Ok(value) = super::parse(&bytes) {
            parsed += 1;
            if let Ok(text) = super::write(&value)
                && !text.contains("<<:")
            {
                let again = super::parse(text.as_bytes());
                let again = again.unwrap_or_else(|error| panic!("{error}: {text:?}"));
                assert_eq!(super::write(&again).unwrap(), text);
            }
            drop(super::write_pretty(&value));
        }
    }
    assert!(parsed > 2_000, "only {parsed} texts were YAML");
}

#[test]
fn a_deeply_nested_text_is_an_error() {
    for unit in ["[", "{a: ", "- ", "? ", "[[a, ", "!!seq [", "&a ["] {
        let text = unit.repeat(20_000);
        assert!(super::parse(text.as_bytes()).is_err(), "{unit}");
    }
    let mut indented = String::new();
    for level in 0..300 {
        indented.push_str(&" ".repeat(level));
        indented.push_str("a:\n");
    }
    assert!(super::parse(indented.as_bytes()).is_err());
}

#[test]
fn aliases_of_aliases_are_an_error() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let references = vec![format!("*a{}", level - 1); 10].join(", ");
        text = format!("{text}a{level}: &a{level} [{references}]\n");
    }
    let error = super::parse(text.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "yaml: document contains excessive aliasing");
}

#[test]
fn wrong_encodings_are_errors_and_utf_16_is_read() {
    for bytes in [&b"a: \xff"[..], b"\xc3", b"\xe2\x28\xa1", b"\xc0\x80", b"\xed\xa0\x80", b"\x80"]
    {
        assert!(super::parse(bytes).is_err(), "{bytes:?}");
    }
    let little: Vec<u8> = "\u{feff}a: é".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = "\u{feff}a: é".encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big] {
        assert_eq!(super::parse(&bytes).unwrap(), serde_json::json!({"a": "é"}));
    }
}
