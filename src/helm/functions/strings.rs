//! Strings: cutting, joining, replacing, quoting.

use super::FunctionTable;
use super::argument;
use super::bytes;
use super::convert::string_list;
use super::convert::string_of;
use super::convert::strings_of;
use super::function;
use super::variadic;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Any;
use crate::helm::function::Parameter::Int;
use crate::helm::function::Parameter::String;
use crate::helm::printf;
use crate::helm::strconv;
use crate::helm::value::FunctionError;
use crate::helm::value::Str;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("cat", variadic(&[], Any, cat)),
    ("contains", function(&[String, String], contains)),
    ("hasPrefix", function(&[String, String], has_prefix)),
    ("hasSuffix", function(&[String, String], has_suffix)),
    ("hello", function(&[], hello)),
    ("indent", function(&[Int, String], indent)),
    ("initials", function(&[String], initials)),
    ("join", function(&[String, Any], join)),
    ("nindent", function(&[Int, String], nindent)),
    ("nospace", function(&[String], nospace)),
    ("plural", function(&[String, String, Int], plural)),
    ("quote", variadic(&[], Any, quote)),
    ("repeat", function(&[Int, String], repeat)),
    ("replace", function(&[String, String, String], replace)),
    ("split", function(&[String, String], split)),
    ("splitList", function(&[String, String], split_list)),
    ("splitn", function(&[String, Int, String], splitn)),
    ("squote", variadic(&[], Any, squote)),
    ("substr", function(&[Int, Int, String], substr)),
    ("trim", function(&[String], trim)),
    ("trimAll", function(&[String, String], trim_all)),
    ("trimall", function(&[String, String], trim_all)),
    ("trimPrefix", function(&[String, String], trim_prefix)),
    ("trimSuffix", function(&[String, String], trim_suffix)),
    ("trunc", function(&[Int, String], trunc)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

fn hello(_: &dyn Host, _: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::string("Hello!"))
}

fn cat(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut words = Vec::new();
    for value in arguments.iter().filter(|value| !matches!(value, Value::Nil)) {
        words.push(printf::sprint(std::slice::from_ref(value))?);
    }
    Ok(Value::string(words.join(&b' ')))
}

fn contains(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (needle, text) = (argument::bytes(arguments, 0)?, argument::bytes(arguments, 1)?);
    Ok(Value::Bool(bytes::find(text, needle).is_some()))
}

fn has_prefix(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (prefix, text) = (argument::bytes(arguments, 0)?, argument::bytes(arguments, 1)?);
    Ok(Value::Bool(text.starts_with(prefix)))
}

fn has_suffix(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (suffix, text) = (argument::bytes(arguments, 0)?, argument::bytes(arguments, 1)?);
    Ok(Value::Bool(text.ends_with(suffix)))
}

/// Returns the text with that many spaces at the beginning of every line.
fn indented(arguments: &[Value]) -> Result<Vec<u8>, FunctionError> {
    let pad = bytes::repeat(b" ", argument::int(arguments, 0)?)?;
    let break_and_pad = [b"\n", pad.as_slice()].concat();
    let text = bytes::replace(argument::bytes(arguments, 1)?, b"\n", &break_and_pad)?;
    Ok([pad, text].concat())
}

fn indent(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    indented(arguments).map(Value::string)
}

fn nindent(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::string([b"\n", indented(arguments)?.as_slice()].concat()))
}

/// Returns the first byte of every word, each taken for a Latin-1 character.
fn initials(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut initials = std::string::String::new();
    let mut after_gap = true;
    for character in argument::bytes(arguments, 0)?.iter().copied().map(char::from) {
        if !character.is_whitespace() && after_gap {
            initials.push(character);
        }
        after_gap = character.is_whitespace();
    }
    Ok(Value::string(initials))
}

fn join(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let separator = argument::bytes(arguments, 0)?;
    let strings = strings_of(&argument::any(arguments, 1))?;
    let pieces: Vec<&[u8]> = strings.iter().map(Str::as_bytes).collect();
    Ok(Value::string(pieces.join(separator)))
}

/// Returns the text without white space. If there is any, every byte of the
/// rest is taken for a Latin-1 character, as sprig does.
fn nospace(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let text = argument::bytes(arguments, 0)?;
    let is_space = |byte: &u8| char::from(*byte).is_whitespace();
    if !text.iter().any(is_space) {
        return Ok(argument::any(arguments, 0));
    }
    let rest: std::string::String =
        text.iter().filter(|byte| !is_space(byte)).copied().map(char::from).collect();
    Ok(Value::string(rest))
}

fn plural(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let index = usize::from(argument::int(arguments, 2)? != 1);
    Ok(argument::any(arguments, index))
}

fn quote(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut words = Vec::new();
    for value in arguments.iter().filter(|value| !matches!(value, Value::Nil)) {
        words.push(strconv::quote(string_of(value)?.as_bytes()));
    }
    Ok(Value::string(words.join(" ")))
}

fn squote(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut words = Vec::new();
    for value in arguments.iter().filter(|value| !matches!(value, Value::Nil)) {
        words.push(printf::sprintf(b"'%v'", std::slice::from_ref(value))?);
    }
    Ok(Value::string(words.join(&b' ')))
}

fn repeat(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let count = argument::int(arguments, 0)?;
    bytes::repeat(argument::bytes(arguments, 1)?, count).map(Value::string)
}

fn replace(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (old, new) = (argument::bytes(arguments, 0)?, argument::bytes(arguments, 1)?);
    bytes::replace(argument::bytes(arguments, 2)?, old, new).map(Value::string)
}

/// Returns pieces as a map with the keys `_0`, `_1` and so on.
fn numbered(pieces: Vec<&[u8]>) -> Value {
    Value::map(
        pieces
            .into_iter()
            .enumerate()
            .map(|(index, piece)| (format!("_{index}"), Value::string(piece)))
            .collect(),
    )
}

fn split(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (separator, text) = (argument::bytes(arguments, 0)?, argument::bytes(arguments, 1)?);
    Ok(numbered(bytes::split(text, separator, None)))
}

fn splitn(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    // A negative limit is none.
    let limit = usize::try_from(argument::int(arguments, 1)?).ok();
    let (separator, text) = (argument::bytes(arguments, 0)?, argument::bytes(arguments, 2)?);
    Ok(numbered(bytes::split(text, separator, limit)))
}

fn split_list(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (separator, text) = (argument::bytes(arguments, 0)?, argument::bytes(arguments, 1)?);
    Ok(string_list(bytes::split(text, separator, None).into_iter().map(Str::from)))
}

fn substr(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (start, end) = (argument::int(arguments, 0)?, argument::int(arguments, 1)?);
    let text = argument::bytes(arguments, 2)?;
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let piece = if start < 0 {
        bytes::slice(text, 0, end)?
    } else if end < 0 || end > length {
        bytes::slice(text, start, length)?
    } else {
        bytes::slice(text, start, end)?
    };
    Ok(Value::string(piece))
}

fn trim(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::string(bytes::trim_space(argument::bytes(arguments, 0)?)))
}

fn trim_all(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (cutset, text) = (argument::bytes(arguments, 0)?, argument::bytes(arguments, 1)?);
    Ok(Value::string(bytes::trim(text, cutset)))
}

fn trim_prefix(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (prefix, text) = (argument::bytes(arguments, 0)?, argument::bytes(arguments, 1)?);
    Ok(Value::string(text.strip_prefix(prefix).unwrap_or(text)))
}

fn trim_suffix(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (suffix, text) = (argument::bytes(arguments, 0)?, argument::bytes(arguments, 1)?);
    Ok(Value::string(text.strip_suffix(suffix).unwrap_or(text)))
}

/// Cuts to that many bytes, a negative number to the last so many.
fn trunc(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let count = argument::int(arguments, 0)?;
    let text = argument::bytes(arguments, 1)?;
    let magnitude = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let piece = if count < 0 {
        text.get(text.len().saturating_sub(magnitude)..)
    } else {
        text.get(..magnitude)
    };
    Ok(Value::string(piece.unwrap_or(text)))
}
