//! The words of findings.

use serde_json::Value as Json;

/// Texts longer than this are cut in messages, in characters.
const LONGEST: usize = 80;

/// Returns `minio.hosts[0].name` for `/minio/hosts/0/name`.
pub(super) fn dotted(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        if !part.is_empty() && part.chars().all(|digit| digit.is_ascii_digit()) && !path.is_empty()
        {
            path.push('[');
            path.push_str(&part);
            path.push(']');
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&part);
        }
    }
    path
}

/// Returns the name as a part of a JSON pointer.
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Returns JSON Schema's name of the value's type.
pub(super) fn json_type(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// Returns the type as a noun, in the words of Terraform and YAML users.
pub(super) fn with_article(json_type: &str) -> &str {
    match json_type {
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a string",
        "array" => "a list",
        "object" => "a map",
        other => other,
    }
}

/// Returns what a value is without showing it: `a number`.
pub(super) fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "a map",
    }
}

/// Returns what a value is, and the value where it is short: `the number 10`.
pub(super) fn described(value: &Json) -> String {
    match value {
        Json::Bool(_) | Json::Null => shown(value),
        Json::Number(_) => format!("the number {}", shown(value)),
        Json::String(_) => format!("the string {}", shown(value)),
        Json::Array(_) | Json::Object(_) => kind(value).to_owned(),
    }
}

/// Returns the value as JSON, cut when it is long.
pub(super) fn shown(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}...")
}

/// Returns the value as Helm's validator prints it.
pub(super) fn helm_value(value: &Json) -> String {
    match value {
        Json::String(text) => quote(text),
        Json::Array(_) | Json::Object(_) => "value".to_owned(),
        Json::Null => "<nil>".to_owned(),
        other => other.to_string(),
    }
}

/// Returns the text in single quotes, escaped as Helm's validator does.
pub(super) fn quote(text: &str) -> String {
    let escaped = crate::helm::strconv::quote(text.as_bytes());
    let inner = escaped.trim_start_matches('"');
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    format!("'{}'", inner.replace("\\\"", "\"").replace('\'', "\\'"))
}

/// Returns a hint at the known name that was probably meant, or at all of them
/// when they are few.
pub(super) fn meant(name: &str, known: &[String]) -> Option<String> {
    let closest = known
        .iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| {
            let length = candidate.chars().count();
            *distance < length && *distance <= 1 + length / 3
        })
        .min();
    if let Some((_, candidate)) = closest {
        return Some(format!("Did you mean `{candidate}`?"));
    }
    if known.is_empty() || known.len() > 12 {
        return None;
    }
    let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    Some(format!("It knows {}.", listed.join(", ")))
}

/// Returns how many letters must be added, removed or replaced, whatever their case.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut previous: Vec<usize> = (0..=right.len()).collect();
    for (row, letter) in left.to_lowercase().chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let replaced =
                previous.get(column).copied().unwrap_or_default() + usize::from(letter != *other);
            let removed = previous.get(column + 1).copied().unwrap_or_default() + 1;
            let added = current.last().copied().unwrap_or_default() + 1;
            current.push(replaced.min(removed).min(added));
        }
        previous = current;
    }
    previous.last().copied().unwrap_or_default()
}
