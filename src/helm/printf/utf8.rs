//! Go's reading of bytes as UTF-8: what is not valid is one U+FFFD per byte.

/// Returns the first character and its length in bytes.
///
/// A byte that begins no character is U+FFFD of length 1; no bytes at all are
/// U+FFFD of length 0.
pub fn decode(bytes: &[u8]) -> (char, usize) {
    let Some(&first) = bytes.first() else {
        return (char::REPLACEMENT_CHARACTER, 0);
    };
    let length = match first {
        0..0x80 => return (char::from(first), 1),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    bytes
        .get(..length)
        .and_then(|encoded| std::str::from_utf8(encoded).ok())
        .and_then(|text| text.chars().next())
        .map_or((char::REPLACEMENT_CHARACTER, 1), |character| (character, length))
}

/// Returns the last character and its length in bytes, as [`decode`] does the first.
pub fn decode_last(bytes: &[u8]) -> (char, usize) {
    for length in 1..=bytes.len().min(4) {
        let tail = bytes.get(bytes.len() - length..).unwrap_or_default();
        let (character, decoded) = decode(tail);
        if decoded == length && (length > 1 || character != char::REPLACEMENT_CHARACTER) {
            return (character, length);
        }
    }
    (char::REPLACEMENT_CHARACTER, bytes.len().min(1))
}

/// Returns the number of characters.
pub fn count(bytes: &[u8]) -> usize {
    Characters(bytes).count()
}

/// Iterates over the characters of bytes, each with its length in bytes.
pub struct Characters<'a>(pub &'a [u8]);

impl Iterator for Characters<'_> {
    type Item = (char, usize);

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let (character, length) = decode(self.0);
        self.0 = self.0.get(length..).unwrap_or_default();
        Some((character, length))
    }
}
