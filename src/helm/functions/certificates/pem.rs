//! The text form of certificates and keys.

use base64::Engine as _;

use crate::helm::functions::encoding::decode_base_64;

/// Returns the bytes as a PEM block, with Go's 64 characters a line.
pub(super) fn encode(label: &str, bytes: &[u8]) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    for (index, character) in encoded.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    format!("{text}\n-----END {label}-----\n")
}

/// Returns the label and the bytes of the first PEM block.
pub(super) fn decode(text: &str) -> Option<(String, Vec<u8>)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    // Headers, which end with an empty line, are not part of the data.
    let body = if body.contains(':') { body.split_once("\n\n")?.1 } else { body };
    let compact: String = body.chars().filter(|character| !character.is_whitespace()).collect();
    Some((label.to_owned(), decode_base_64(compact.as_bytes()).ok()?))
}
