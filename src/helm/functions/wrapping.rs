//! Long texts: wrapping and abbreviating. All of it counts bytes.

use super::FunctionTable;
use super::argument;
use super::bytes;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Int;
use crate::helm::function::Parameter::String as Text;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("abbrev", function(&[Int, Text], abbreviate)),
    ("abbrevboth", function(&[Int, Int, Text], abbreviate_both)),
    ("wrap", function(&[Int, Text], wrap)),
    ("wrapWith", function(&[Int, Text, Text], wrap_with)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

fn wrap(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let width = argument::int(arguments, 0)?;
    wrapped(argument::bytes(arguments, 1)?, width, b"\n", false).map(Value::string)
}

fn wrap_with(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let width = argument::int(arguments, 0)?;
    let separator = match argument::bytes(arguments, 1)? {
        b"" => b"\n",
        separator => separator,
    };
    wrapped(argument::bytes(arguments, 2)?, width, separator, true).map(Value::string)
}

/// Puts the separator in the place of spaces so that no line is longer than
/// the width; a longer word is left alone, or cut.
fn wrapped(
    text: &[u8],
    width: i64,
    separator: &[u8],
    cut_words: bool,
) -> Result<Vec<u8>, FunctionError> {
    let width = usize::try_from(width).unwrap_or_default().max(1);
    let mut lines = Vec::new();
    let mut rest = text;
    while rest.len() > width {
        if let Some(after_space) = rest.strip_prefix(b" ") {
            rest = after_space;
            continue;
        }
        let window = rest.get(..=width).unwrap_or(rest);
        let place = window.iter().rposition(|byte| *byte == b' ').or_else(|| {
            let tail = rest.get(width..).unwrap_or_default();
            if cut_words { None } else { tail.iter().position(|byte| *byte == b' ') }
                .map(|place| place + width)
        });
        let (end, next) = match place {
            Some(place) => (place, place + 1),
            None if cut_words => (width, width),
            None => break,
        };
        lines.extend_from_slice(rest.get(..end).unwrap_or_default());
        lines.extend_from_slice(separator);
        bytes::check_length(lines.len())?;
        rest = rest.get(next..).unwrap_or_default();
    }
    lines.extend_from_slice(rest);
    Ok(lines)
}

fn abbreviate(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let width = argument::int(arguments, 0)?;
    let text = argument::bytes(arguments, 1)?;
    let width = usize::try_from(width).unwrap_or_default();
    Ok(Value::string(if width < 4 { text.to_vec() } else { abbreviated(text, 0, width) }))
}

fn abbreviate_both(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (left, right) = (argument::int(arguments, 0)?, argument::int(arguments, 1)?);
    let text = argument::bytes(arguments, 2)?;
    if right < 4 || left > 0 && right < 7 {
        return Ok(argument::any(arguments, 2));
    }
    let left = usize::try_from(left).unwrap_or_default();
    let right = usize::try_from(right).unwrap_or_default();
    Ok(Value::string(abbreviated(text, left, right)))
}

/// Returns at most `width` (at least 4) bytes of the text, with an ellipsis for
/// what is cut off after them and, from an offset beyond 4 on, before them.
fn abbreviated(text: &[u8], offset: usize, width: usize) -> Vec<u8> {
    const ELLIPSIS: &[u8] = b"...";
    if text.len() <= width {
        return text.to_vec();
    }
    let kept = width - ELLIPSIS.len();
    let mut offset = offset.min(text.len());
    if text.len() - offset < kept {
        offset = text.len() - kept;
    }
    if offset <= 4 {
        return [text.get(..kept).unwrap_or_default(), ELLIPSIS].concat();
    }
    if width < 7 {
        return Vec::new();
    }
    if offset + kept < text.len() {
        let tail = text.get(offset..).unwrap_or_default();
        return [ELLIPSIS, &abbreviated(tail, 0, kept)].concat();
    }
    [ELLIPSIS, text.get(text.len() - kept..).unwrap_or_default()].concat()
}
