//! From bytes to characters, with the checks that YAML asks for.

use super::error::YamlError;

/// Returns the characters of the text, without a byte order mark, or why the
/// bytes cannot be YAML. UTF-16 is told by its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<char>, YamlError> {
    let characters: Vec<char> = match bytes {
        [0xff, 0xfe, rest @ ..] => decode_utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => decode_utf16(rest, u16::from_be_bytes)?,
        _ => decode_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))?.chars().collect(),
    };
    if characters.iter().copied().all(is_allowed) {
        Ok(characters)
    } else {
        Err(YamlError::plain("control characters are not allowed"))
    }
}

/// Says whether YAML allows the character to stand in a text unescaped.
pub(super) fn is_allowed(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

fn decode_utf8(bytes: &[u8]) -> Result<&str, YamlError> {
    str::from_utf8(bytes).map_err(|error| {
        let invalid = bytes.get(error.valid_up_to()..).unwrap_or_default();
        YamlError::plain(match invalid.first() {
            Some(0x80..0xc0 | 0xf8..) => "invalid leading UTF-8 octet",
            _ if error.error_len().is_none() => "incomplete UTF-8 octet sequence",
            Some(0xc0 | 0xc1) => "invalid length of a UTF-8 sequence",
            Some(0xed) => "invalid Unicode character",
            _ => "invalid trailing UTF-8 octet",
        })
    })
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Vec<char>, YamlError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(YamlError::plain("incomplete UTF-16 character"));
    }
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<_, _>>()
        .map_err(|_| YamlError::plain("expected low surrogate area"))
}
