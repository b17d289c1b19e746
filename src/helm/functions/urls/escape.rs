//! Percent encoding, which differs from part to part.

use crate::helm::strconv;

/// Names the parts of a URL by what they leave unescaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Path,
    Host,
    UserOrPassword,
    Fragment,
}

impl Part {
    /// Says whether the byte may stand in the part as it is.
    fn allows(self, byte: u8) -> bool {
        let punctuation: &[u8] = match self {
            Self::Path => b"$&+,/:;=@",
            Self::Host => b"!\"$&'()*+,:;<=>[]",
            Self::UserOrPassword => b"$&+,;=",
            Self::Fragment => b"!$&()*+,/:;=?@",
        };
        byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || punctuation.contains(&byte)
    }
}

/// Returns the text with every byte escaped that may not stand in the part.
pub(super) fn escape(text: &str, part: Part) -> String {
    text.bytes()
        .map(
            |byte| {
                if part.allows(byte) {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

/// Returns the text without escapes, or Go's error.
pub(super) fn unescape(text: &str, part: Part) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        if *byte != b'%' {
            if part == Part::Host && byte.is_ascii() && !part.allows(*byte) {
                let character = strconv::quote(&[*byte]);
                return Err(format!("invalid character {character} in host name"));
            }
            bytes.push(*byte);
            rest = tail;
            continue;
        }
        let wrong = || {
            let escape = rest.get(..3).unwrap_or(rest);
            format!("invalid URL escape {}", strconv::quote(escape))
        };
        let decoded = tail
            .first_chunk::<2>()
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .ok_or_else(wrong)?;
        // A host may have only bytes escaped that are not ASCII.
        if part == Part::Host && decoded < 0x80 && decoded != b'%' {
            return Err(wrong());
        }
        bytes.push(decoded);
        rest = tail.get(2..).unwrap_or_default();
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
