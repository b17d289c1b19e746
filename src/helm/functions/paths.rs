//! Paths, by their text alone. Those with `os` in the name are the same, as
//! this provider follows Helm on Unix.

use super::FunctionTable;
use super::argument;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::String as Text;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("base", function(&[Text], base)),
    ("clean", function(&[Text], clean)),
    ("dir", function(&[Text], dir)),
    ("ext", function(&[Text], ext)),
    ("isAbs", function(&[Text], is_abs)),
    ("osBase", function(&[Text], base)),
    ("osClean", function(&[Text], clean)),
    ("osDir", function(&[Text], dir)),
    ("osExt", function(&[Text], ext)),
    ("osIsAbs", function(&[Text], is_abs)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

fn base(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let path = argument::bytes(arguments, 0)?;
    let trimmed = trim_end_slashes(path);
    let name = trimmed.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    Ok(Value::string(match (path.is_empty(), name.is_empty()) {
        (true, _) => b".".as_slice(),
        (false, true) => b"/",
        (false, false) => name,
    }))
}

fn trim_end_slashes(path: &[u8]) -> &[u8] {
    let length = path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
    path.get(..length).unwrap_or_default()
}

fn dir(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let path = argument::bytes(arguments, 0)?;
    let length = path.iter().rposition(|byte| *byte == b'/').map_or(0, |last| last + 1);
    Ok(Value::string(cleaned(path.get(..length).unwrap_or_default())))
}

fn ext(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let path = argument::bytes(arguments, 0)?;
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let dot = name.iter().rposition(|byte| *byte == b'.');
    Ok(Value::string(dot.and_then(|dot| name.get(dot..)).unwrap_or_default()))
}

fn is_abs(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Bool(argument::bytes(arguments, 0)?.starts_with(b"/")))
}

fn clean(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::string(cleaned(argument::bytes(arguments, 0)?)))
}

/// Returns the path without `.`, without empty elements, and with every `..`
/// taken out together with the element before it.
fn cleaned(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut elements: Vec<&[u8]> = Vec::new();
    for element in path.split(|byte| *byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." if elements.last().is_some_and(|last| *last != b"..") => {
                elements.pop();
            }
            b".." if rooted => {}
            _ => elements.push(element),
        }
    }
    let joined = elements.join(b"/".as_slice());
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}
