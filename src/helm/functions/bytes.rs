//! Go's `strings` package on bytes, as Go's strings need not be UTF-8.

use crate::helm::printf::utf8;
use crate::helm::value::FunctionError;

/// The longest text that one call may make. Go would go on until the memory is
/// used up; this process must not.
const MAX_LENGTH: usize = 64 << 20;

/// Returns where `needle` first stands in `haystack`.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Returns the text cut at the separator, into at most `limit` pieces if there
/// is a limit. An empty separator cuts after every character.
pub(super) fn split<'a>(text: &'a [u8], separator: &[u8], limit: Option<usize>) -> Vec<&'a [u8]> {
    let limit = limit.unwrap_or(usize::MAX);
    let mut pieces = Vec::new();
    if limit == 0 {
        return pieces;
    }
    let mut rest = text;
    if separator.is_empty() {
        while !rest.is_empty() && pieces.len() + 1 < limit {
            let (_, length) = utf8::decode(rest);
            let (piece, tail) = rest.split_at_checked(length).unwrap_or((rest, b""));
            pieces.push(piece);
            rest = tail;
        }
        if !rest.is_empty() {
            pieces.push(rest);
        }
        return pieces;
    }
    while pieces.len() + 1 < limit {
        let Some(place) = find(rest, separator) else {
            break;
        };
        pieces.push(rest.get(..place).unwrap_or_default());
        rest = rest.get(place + separator.len()..).unwrap_or_default();
    }
    pieces.push(rest);
    pieces
}

/// Returns the text with every `old` replaced. An empty `old` stands before
/// every character and at the end.
pub(super) fn replace(text: &[u8], old: &[u8], new: &[u8]) -> Result<Vec<u8>, FunctionError> {
    if old == new {
        return Ok(text.to_vec());
    }
    let pieces = split(text, old, None);
    let mut replaced = Vec::with_capacity(text.len());
    if old.is_empty() {
        for piece in pieces {
            replaced.extend_from_slice(new);
            replaced.extend_from_slice(piece);
            check_length(replaced.len())?;
        }
        replaced.extend_from_slice(new);
        return Ok(replaced);
    }
    for (index, piece) in pieces.into_iter().enumerate() {
        if index > 0 {
            replaced.extend_from_slice(new);
        }
        replaced.extend_from_slice(piece);
        check_length(replaced.len())?;
    }
    Ok(replaced)
}

/// Returns the text that many times.
pub(super) fn repeat(text: &[u8], count: i64) -> Result<Vec<u8>, FunctionError> {
    let Ok(count) = usize::try_from(count) else {
        return Err(FunctionError::new("strings: negative Repeat count"));
    };
    check_length(text.len().saturating_mul(count))?;
    Ok(text.repeat(count))
}

/// Fails for a text that is longer than any template needs.
pub(super) fn check_length(length: usize) -> Result<(), FunctionError> {
    if length > MAX_LENGTH {
        return Err(FunctionError::new(format!(
            "the result has more than {MAX_LENGTH} bytes, which is the limit for one call"
        )));
    }
    Ok(())
}

/// Returns the text without the characters of `cutset` at the beginning and
/// at the end.
pub(super) fn trim<'a>(text: &'a [u8], cutset: &[u8]) -> &'a [u8] {
    let cut: Vec<char> = String::from_utf8_lossy(cutset).chars().collect();
    trim_matches(text, |character| cut.contains(&character))
}

/// Returns the text without white space at the beginning and at the end.
pub(super) fn trim_space(text: &[u8]) -> &[u8] {
    trim_matches(text, char::is_whitespace)
}

fn trim_matches(text: &[u8], matches: impl Fn(char) -> bool) -> &[u8] {
    let mut rest = text;
    while !rest.is_empty() {
        let (character, length) = utf8::decode(rest);
        if !matches(character) {
            break;
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    while !rest.is_empty() {
        let (character, length) = utf8::decode_last(rest);
        if !matches(character) {
            break;
        }
        rest = rest.get(..rest.len() - length).unwrap_or_default();
    }
    rest
}

/// Returns a slice of a Go string, or Go's error for bounds out of range.
pub(super) fn slice(text: &[u8], start: i64, end: i64) -> Result<&[u8], FunctionError> {
    let length = text.len();
    let out_of_range = |bounds: String| {
        FunctionError::new(format!("runtime error: slice bounds out of range {bounds}"))
    };
    let Some(end_index) = usize::try_from(end).ok().filter(|end| *end <= length) else {
        return Err(out_of_range(if end < 0 {
            format!("[:{end}]")
        } else {
            format!("[:{end}] with length {length}")
        }));
    };
    if start < 0 {
        return Err(out_of_range(format!("[{start}:]")));
    }
    usize::try_from(start)
        .ok()
        .and_then(|start| text.get(start..end_index))
        .ok_or_else(|| out_of_range(format!("[{start}:{end}]")))
}
