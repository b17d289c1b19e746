//! Values as YAML scalars, so that the text `"1"` and the number `1` look different.

use serde_json::Value;

/// Returns a value as YAML 1.2 writes it plainly, quoted only where the plain form would mean
/// something else; a text of several lines as it is.
pub(super) fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) if needs_quotes(text) => Value::String(text.clone()).to_string(),
        Value::String(text) => text.clone(),
        Value::Object(_) => "{}".to_owned(),
        Value::Array(_) => "[]".to_owned(),
        other => other.to_string(),
    }
}

fn needs_quotes(text: &str) -> bool {
    if text.contains('\n') {
        // A file in a ConfigMap. Other characters that no terminal should get are escaped.
        return text.chars().any(|one| one.is_control() && !matches!(one, '\n' | '\t' | '\r'));
    }
    let lower = text.to_ascii_lowercase();
    text.is_empty()
        || text.trim() != text
        || text.chars().any(char::is_control)
        || matches!(lower.as_str(), "true" | "false" | "null" | "~" | "yes" | "no" | "on" | "off")
        || looks_like_number(&lower)
        || text.starts_with([
            '"', '\'', '&', '*', '!', '|', '>', '%', '@', '`', '{', '}', '[', ']', ',', '#',
        ])
        || text.starts_with("- ")
        || text.starts_with("? ")
        || text == "-"
        || text.contains(": ")
        || text.ends_with(':')
        || text.contains(" #")
        || text.starts_with("(hash) ")
}

/// Says whether a YAML parser, an old one included, might take the text for a number.
fn looks_like_number(lower: &str) -> bool {
    let unsigned = lower.strip_prefix(['-', '+']).unwrap_or(lower);
    if matches!(unsigned, ".inf" | ".nan") {
        return true;
    }
    let digits = |text: &str, radix: u32| {
        !text.is_empty() && text.chars().all(|one| one.is_digit(radix) || one == '_')
    };
    if let Some(hexadecimal) = unsigned.strip_prefix("0x") {
        return digits(hexadecimal, 16);
    }
    if let Some(octal) = unsigned.strip_prefix("0o") {
        return digits(octal, 8);
    }
    // Rust reads "inf" and "nan" as numbers, YAML does not.
    unsigned.starts_with(|one: char| one.is_ascii_digit() || one == '.')
        && (digits(unsigned, 10) || unsigned.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::scalar_text;

    #[test]
    fn types_can_be_told_apart() {
        let cases = [
            (json!(1), "1"),
            (json!("1"), "\"1\""),
            (json!("1e3"), "\"1e3\""),
            (json!("0x1F"), "\"0x1F\""),
            (json!("1_000"), "\"1_000\""),
            (json!(".5"), "\".5\""),
            (json!("1000m"), "1000m"),
            (json!("1.2.3"), "1.2.3"),
            (json!("nan"), "nan"),
            (json!(true), "true"),
            (json!("true"), "\"true\""),
            (json!("No"), "\"No\""),
            (json!(""), "\"\""),
            (json!({}), "{}"),
            (json!("{}"), "\"{}\""),
            (json!([]), "[]"),
            (json!(0.05), "0.05"),
            (json!("a\nb\n"), "a\nb\n"),
            (json!(" a"), "\" a\""),
            (json!("*.example.org"), "\"*.example.org\""),
            (json!("a: b"), "\"a: b\""),
            (json!("--flag=x"), "--flag=x"),
            (json!("http://x:80/"), "http://x:80/"),
            (json!("\u{1b}[31m"), "\"\\u001b[31m\""),
        ];
        for (value, text) in cases {
            assert_eq!(scalar_text(&value), text);
        }
        assert_eq!(scalar_text(&Value::Null), "null");
    }
}
