//! The section `Schema` of a page, as the Terraform Registry's own generator lays it
//! out, from what the provider answers.

use std::fmt::Write as _;

use serde_json::Map;
use serde_json::Value;

const WRITE_ONLY: &str =
    "https://developer.hashicorp.com/terraform/language/resources/ephemeral#write-only-arguments";

/// Is a group of attributes: its title, and which attributes belong to it.
type Group = (&'static str, fn(&Value) -> bool);

const GROUPS: [Group; 3] = [
    ("Required", |attribute| attribute["required"] == true),
    ("Optional", |attribute| attribute["optional"] == true),
    ("Read-Only", |attribute| attribute["required"] != true && attribute["optional"] != true),
];

/// Returns the section, and how many attributes it documents, nested ones included.
pub fn section(block: &Value) -> (String, usize) {
    let mut text = String::from("## Schema\n");
    let mut nested = String::new();
    let count = level("", &block["attributes"], &mut text, &mut nested);
    (text + &nested, count)
}

/// Writes the attributes of one level, and those below them to `nested`.
fn level(path: &str, attributes: &Value, text: &mut String, nested: &mut String) -> usize {
    let attributes = attributes.as_object().unwrap();
    let mut count = attributes.len();
    for (title, belongs) in GROUPS {
        let members: Vec<_> = attributes.iter().filter(|(_, one)| belongs(one)).collect();
        if members.is_empty() {
            continue;
        }
        let title = if path.is_empty() { format!("### {title}") } else { format!("{title}:") };
        writeln!(text, "\n{title}\n").unwrap();
        if members.iter().any(|(_, one)| one["write_only"] == true) {
            writeln!(text, "> **NOTE**: [Write-only arguments]({WRITE_ONLY}) are supported in Terraform 1.11 and later.\n").unwrap();
        }
        for (name, attribute) in members {
            count += entry(path, name, attribute, text, nested);
        }
    }
    count
}

fn entry(
    path: &str,
    name: &str,
    attribute: &Value,
    text: &mut String,
    nested: &mut String,
) -> usize {
    let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let mut words = vec![type_in_words(attribute)];
    if attribute["write_only"] == true {
        words.push(format!("[Write-only]({WRITE_ONLY})"));
    }
    if attribute["sensitive"] == true {
        words.push("Sensitive".to_owned());
    }
    let description = attribute["description"].as_str().unwrap();
    assert!(!description.is_empty(), "`{path}` has no description");
    write!(text, "- `{name}` ({}) {description}", words.join(", ")).unwrap();
    if attribute["nested_type"].is_null() {
        text.push('\n');
        return 0;
    }
    let anchor = format!("nestedatt--{}", path.replace('.', "--"));
    writeln!(text, " (see [below for nested schema](#{anchor}))").unwrap();
    let mut own = format!("\n<a id=\"{anchor}\"></a>\n### Nested Schema for `{path}`\n");
    let mut deeper = String::new();
    let count = level(&path, &attribute["nested_type"]["attributes"], &mut own, &mut deeper);
    nested.push_str(&own);
    nested.push_str(&deeper);
    count
}

fn type_in_words(attribute: &Value) -> String {
    match attribute["nested_type"]["nesting_mode"].as_str() {
        Some("list") => "Attributes List".to_owned(),
        Some("map") => "Attributes Map".to_owned(),
        Some("set") => "Attributes Set".to_owned(),
        Some(_) => "Attributes".to_owned(),
        None => plain_type(&attribute["type"]),
    }
}

fn plain_type(described: &Value) -> String {
    let word = |name: &Value| {
        match name.as_str() {
            Some("string") => "String",
            Some("number") => "Number",
            Some("bool") => "Boolean",
            Some("dynamic") => "Dynamic",
            Some("list") => "List",
            Some("map") => "Map",
            Some("set") => "Set",
            Some("object") => "Object",
            other => panic!("no word for the type `{other:?}`"),
        }
        .to_owned()
    };
    match described {
        // The fields of an object are told by its description.
        Value::Array(parts) if parts[0] == "object" => word(&parts[0]),
        Value::Array(parts) => format!("{} of {}", word(&parts[0]), plain_type(&parts[1])),
        name => word(name),
    }
}

/// Returns the number of attributes that a schema has, nested ones included, counted by
/// another way than [`section`] goes.
pub fn count(block: &Value) -> usize {
    fn below(attributes: &Map<String, Value>) -> usize {
        attributes
            .values()
            .map(|one| 1 + one["nested_type"]["attributes"].as_object().map_or(0, below))
            .sum()
    }
    below(block["attributes"].as_object().unwrap())
}
