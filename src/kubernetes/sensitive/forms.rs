//! What a text looks like inside other texts: quoted, in a URL, in base64.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE;

/// The shortest piece of base64 that stands for a text; shorter ones occur by chance.
const SHORTEST_PIECE: usize = 8;

/// Returns the text in all the forms in which templates, the API server and containers
/// write it into longer texts, itself among them.
pub(super) fn forms(text: &str) -> Vec<String> {
    let json = escaped(text);
    let mut forms = vec![
        text.to_owned(),
        // JSON within JSON: a value of a ConfigMap, quoted in an error.
        escaped(&json),
        // Go's encoder writes these three as escapes, for the sake of browsers.
        json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"),
        json,
        percent_encoded(text, '+'),
        percent_encoded(text, ' ').replace(' ', "%20"),
    ];
    forms.sort_unstable();
    forms.dedup();
    let pieces: Vec<_> = forms.iter().flat_map(|form| base64_pieces(form)).collect();
    forms.extend(pieces);
    forms.push(STANDARD.encode(text));
    forms
}

/// Returns the text as it stands between the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text).to_owned()
}

/// Returns the text as a part of a URL, a space as the given character.
fn percent_encoded(text: &str, space: char) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push(space),
            // Writing to a String cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// Returns what the base64 of any longer text has in it: three bytes become four
/// characters, so it depends on the text's place which of its bytes go together.
fn base64_pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for skipped in 0..3 {
        let Some(rest) = text.as_bytes().get(skipped..) else { continue };
        let (whole, _) = rest.split_at(rest.len() - rest.len() % 3);
        for piece in [STANDARD.encode(whole), URL_SAFE.encode(whole)] {
            if piece.len() >= SHORTEST_PIECE && !pieces.contains(&piece) {
                pieces.push(piece);
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_the_base64_of_a_longer_one_wherever_it_stands() {
        let secret = "s3cret/pass+word?";
        for before in ["", "a", "ab", "abc", "user:"] {
            for after in ["", "x", "yz", "\n"] {
                let encoded = STANDARD.encode(format!("{before}{secret}{after}"));
                assert!(
                    forms(secret).iter().any(|form| encoded.contains(form.as_str())),
                    "{encoded}"
                );
            }
        }
    }

    #[test]
    fn quoting_and_urls_are_forms() {
        let forms = forms("a\"b <é>");
        for expected in [
            "a\\\"b <é>",
            "a\\\\\\\"b <é>",
            "a\\\"b \\u003cé\\u003e",
            "a%22b+%3C%C3%A9%3E",
            "a%22b%20%3C%C3%A9%3E",
        ] {
            assert!(forms.iter().any(|form| form == expected), "{expected}: {forms:?}");
        }
    }

    #[test]
    fn a_short_text_has_no_pieces_that_occur_by_chance() {
        assert_eq!(forms("ab"), ["ab", "YWI="]);
        assert_eq!(forms(""), ["", ""]);
    }
}
