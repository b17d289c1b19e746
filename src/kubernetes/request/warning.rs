//! Text on the wire: percent-encoding, and the `Warning` header.

use std::fmt::Write as _;

/// Returns a text as one segment of a path, so that no name can lead elsewhere.
pub(crate) fn encode_segment(text: &str) -> String {
    // A client or proxy between would resolve these two.
    match text {
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        _ => encode(text, b"-._~:@!$'()*,;="),
    }
}

/// Returns a text as a value in a query.
pub(super) fn encode_query(text: &str) -> String {
    encode(text, b"-._~")
}

fn encode(text: &str, allowed: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || allowed.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Returns the text of a `Warning` header such as `299 - "deprecated"`, see RFC 7234, section 5.5.
pub(super) fn read_warning(header: &str) -> String {
    let Some((_, quoted)) = header.split_once('"') else { return header.trim().to_owned() };
    let mut text = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::encode_query;
    use super::read_warning;

    #[test]
    fn a_warning_loses_its_frame() {
        assert_eq!(
            read_warning(r#"299 - "would violate PodSecurity \"restricted:latest\": x""#),
            r#"would violate PodSecurity "restricted:latest": x"#
        );
        assert_eq!(read_warning("odd"), "odd");
    }

    #[test]
    fn selectors_are_encoded() {
        assert_eq!(encode_query("a=b,c in (d)"), "a%3Db%2Cc%20in%20%28d%29");
    }
}
