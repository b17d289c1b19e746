//! `html`, `js` and `urlquery`.

use crate::helm::printf;
use crate::helm::printf::unicode;
use crate::helm::printf::utf8;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

type Result<T> = std::result::Result<T, FunctionError>;

/// Prints the arguments as an action would.
fn print(arguments: &[Value]) -> Result<Vec<u8>> {
    let shown = |value: &Value| match value {
        Value::Nil => Value::string("<no value>"),
        other => other.clone(),
    };
    printf::sprint(&arguments.iter().map(shown).collect::<Vec<_>>())
}

/// Is `html`.
pub(super) fn html(arguments: &[Value]) -> Result<Vec<u8>> {
    let mut escaped = Vec::new();
    for byte in print(arguments)? {
        match byte {
            0 => escaped.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => escaped.extend_from_slice(b"&#34;"),
            b'\'' => escaped.extend_from_slice(b"&#39;"),
            b'&' => escaped.extend_from_slice(b"&amp;"),
            b'<' => escaped.extend_from_slice(b"&lt;"),
            b'>' => escaped.extend_from_slice(b"&gt;"),
            other => escaped.push(other),
        }
    }
    Ok(escaped)
}

/// Is `js`.
pub(super) fn javascript(arguments: &[Value]) -> Result<Vec<u8>> {
    let text = print(arguments)?;
    let mut escaped = Vec::new();
    let mut rest = text.as_slice();
    while !rest.is_empty() {
        let (character, length) = utf8::decode(rest);
        let (bytes, tail) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        rest = tail;
        match character {
            '\\' | '\'' | '"' => {
                escaped.push(b'\\');
                escaped.extend_from_slice(bytes);
            }
            '<' | '>' | '&' | '=' | '\0'..' ' => push_code(&mut escaped, character),
            _ if character.is_ascii() || unicode::is_print(character) => {
                escaped.extend_from_slice(bytes);
            }
            _ => push_code(&mut escaped, character),
        }
    }
    Ok(escaped)
}

/// Appends the code of a character.
fn push_code(escaped: &mut Vec<u8>, character: char) {
    escaped.extend_from_slice(format!("\\u{:04X}", u32::from(character)).as_bytes());
}

/// Is `urlquery`.
pub(super) fn url_query(arguments: &[Value]) -> Result<Vec<u8>> {
    let mut escaped = Vec::new();
    for byte in print(arguments)? {
        match byte {
            b' ' => escaped.push(b'+'),
            b'-' | b'_' | b'.' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                escaped.push(byte);
            }
            other => escaped.extend_from_slice(format!("%{other:02X}").as_bytes()),
        }
    }
    Ok(escaped)
}
