//! Go's string and character literals: `strconv.Quote` and `strconv.Unquote`.

use std::fmt::Write;

use crate::helm::printf::unicode;
use crate::helm::printf::utf8;

/// Is what Go says of text that is not the literal it should be.
pub const INVALID_SYNTAX: &str = "invalid syntax";

/// Returns the bytes as a double-quoted Go literal: Go's `strconv.Quote`.
pub fn quote(bytes: &[u8]) -> String {
    quote_with(bytes, '"', false)
}

/// Returns the bytes as a Go literal between the given quotes, with every
/// character beyond ASCII escaped if wanted.
pub fn quote_with(bytes: &[u8], mark: char, ascii_only: bool) -> String {
    let mut literal = String::with_capacity(bytes.len() + 2);
    literal.push(mark);
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let (character, length) = utf8::decode(rest);
        rest = rest.get(length..).unwrap_or_default();
        if length == 1 && character == char::REPLACEMENT_CHARACTER {
            push_escape(&mut literal, format_args!("\\x{first:02x}"));
        } else {
            push_character(&mut literal, character, mark, ascii_only);
        }
    }
    literal.push(mark);
    literal
}

/// Appends one character, escaped if it must be.
fn push_character(literal: &mut String, character: char, mark: char, ascii_only: bool) {
    if character == mark || character == '\\' {
        literal.push('\\');
        literal.push(character);
        return;
    }
    if unicode::is_print(character) && (!ascii_only || character.is_ascii()) {
        literal.push(character);
        return;
    }
    let code = u32::from(character);
    match character {
        '\u{7}' => literal.push_str("\\a"),
        '\u{8}' => literal.push_str("\\b"),
        '\u{c}' => literal.push_str("\\f"),
        '\n' => literal.push_str("\\n"),
        '\r' => literal.push_str("\\r"),
        '\t' => literal.push_str("\\t"),
        '\u{b}' => literal.push_str("\\v"),
        '\0'..' ' | '\u{7f}' => push_escape(literal, format_args!("\\x{code:02x}")),
        '\u{0}'..='\u{ffff}' => push_escape(literal, format_args!("\\u{code:04x}")),
        _ => push_escape(literal, format_args!("\\U{code:08x}")),
    }
}

/// Appends formatted text; writing to a string does not fail.
fn push_escape(literal: &mut String, escape: std::fmt::Arguments<'_>) {
    let _ = literal.write_fmt(escape);
}

/// Says whether the bytes can stand between backquotes unchanged and on one line.
pub fn can_backquote(bytes: &[u8]) -> bool {
    utf8::Characters(bytes).all(|(character, length)| match character {
        '\u{feff}' | '`' | '\u{7f}' => false,
        char::REPLACEMENT_CHARACTER => length > 1,
        '\t' => true,
        _ => character >= ' ',
    })
}

/// Returns the bytes that a Go literal between double quotes or backquotes stands for.
///
/// `None` is Go's [`INVALID_SYNTAX`].
pub fn unquote(literal: &[u8]) -> Option<Vec<u8>> {
    let (&mark, rest) = literal.split_first()?;
    let (&last, body) = rest.split_last()?;
    if mark != last {
        return None;
    }
    match mark {
        b'`' if !body.contains(&b'`') => {
            Some(body.iter().copied().filter(|&byte| byte != b'\r').collect())
        }
        b'"' => {
            let mut bytes = Vec::with_capacity(body.len());
            let mut rest = body;
            while let Some(&first) = rest.first() {
                if first == b'\n' {
                    return None;
                }
                let (unit, tail) = unquote_character(rest, b'"')?;
                match unit {
                    Unit::Byte(byte) => bytes.push(byte),
                    Unit::Character(character) => {
                        let mut encoded = [0; 4];
                        bytes.extend_from_slice(character.encode_utf8(&mut encoded).as_bytes());
                    }
                }
                rest = tail;
            }
            Some(bytes)
        }
        _ => None,
    }
}

/// Is what one character of a literal stands for.
#[derive(Clone, Copy)]
pub enum Unit {
    /// A byte: an ASCII character, or `\xff` and `\377`.
    Byte(u8),
    /// A character beyond ASCII, or `\u00ff`.
    Character(char),
}

/// Reads the first character of the inside of a literal, and returns the rest.
///
/// `None` is Go's [`INVALID_SYNTAX`].
pub fn unquote_character(text: &[u8], mark: u8) -> Option<(Unit, &[u8])> {
    let (&first, rest) = text.split_first()?;
    if first == mark {
        return None;
    }
    if first >= 0x80 {
        let (character, length) = utf8::decode(text);
        return Some((Unit::Character(character), text.get(length..)?));
    }
    if first != b'\\' {
        return Some((Unit::Byte(first), rest));
    }
    let (&kind, rest) = rest.split_first()?;
    let byte = match kind {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' => b'\\',
        b'\'' | b'"' if kind == mark => kind,
        b'x' => {
            let (code, rest) = digits(rest, 2, 16)?;
            return Some((Unit::Byte(u8::try_from(code).ok()?), rest));
        }
        b'u' | b'U' => {
            let (code, rest) = digits(rest, if kind == b'u' { 4 } else { 8 }, 16)?;
            return Some((Unit::Character(char::from_u32(code)?), rest));
        }
        b'0'..=b'7' => {
            let (code, rest) = digits(text.get(1..)?, 3, 8)?;
            return Some((Unit::Byte(u8::try_from(code).ok()?), rest));
        }
        _ => return None,
    };
    Some((Unit::Byte(byte), rest))
}

/// Reads exactly that many digits.
fn digits(text: &[u8], count: usize, radix: u32) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(count)?;
    let mut value: u32 = 0;
    for &digit in digits {
        // Eight hexadecimal digits just fit.
        value = value.checked_mul(radix)?.checked_add(char::from(digit).to_digit(radix)?)?;
    }
    Some((value, rest))
}
