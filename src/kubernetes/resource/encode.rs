//! Percent-encoding: names as parts of a URL.

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
pub(crate) fn encode_query(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::encode_query;

    #[test]
    fn selectors_are_encoded() {
        assert_eq!(encode_query("a=b,c in (d)"), "a%3Db%2Cc%20in%20%28d%29");
    }
}
