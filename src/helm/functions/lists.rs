//! Lists.

use super::FunctionTable;
use super::argument;
use super::convert::int_of;
use super::convert::string_list;
use super::convert::string_of;
use super::convert::strings_of;
use super::defaults::is_empty;
use super::function;
use super::variadic;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Any;
use crate::helm::function::Parameter::Int;
use crate::helm::value::FunctionError;
use crate::helm::value::ListKind;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("append", function(&[Any, Any], append)),
    ("chunk", function(&[Int, Any], chunk)),
    ("compact", function(&[Any], compact)),
    ("concat", variadic(&[], Any, concat)),
    ("first", function(&[Any], first)),
    ("has", function(&[Any, Any], has)),
    ("initial", function(&[Any], initial)),
    ("last", function(&[Any], last)),
    ("list", variadic(&[], Any, list)),
    ("mustAppend", function(&[Any, Any], append)),
    ("mustChunk", function(&[Int, Any], chunk)),
    ("mustCompact", function(&[Any], compact)),
    ("mustFirst", function(&[Any], first)),
    ("mustHas", function(&[Any, Any], has)),
    ("mustInitial", function(&[Any], initial)),
    ("mustLast", function(&[Any], last)),
    ("mustPrepend", function(&[Any, Any], prepend)),
    ("mustPush", function(&[Any, Any], append)),
    ("mustRest", function(&[Any], rest)),
    ("mustReverse", function(&[Any], reverse)),
    ("mustSlice", variadic(&[Any], Any, slice)),
    ("mustUniq", function(&[Any], uniq)),
    ("mustWithout", variadic(&[Any], Any, without)),
    ("prepend", function(&[Any, Any], prepend)),
    ("push", function(&[Any, Any], append)),
    ("rest", function(&[Any], rest)),
    ("reverse", function(&[Any], reverse)),
    ("slice", variadic(&[Any], Any, slice)),
    ("sortAlpha", function(&[Any], sort_alpha)),
    ("tuple", variadic(&[], Any, list)),
    ("uniq", function(&[Any], uniq)),
    ("without", variadic(&[Any], Any, without)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

fn list(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::list(arguments.to_vec()))
}

fn append(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut items = argument::items(&argument::any(arguments, 0), "Cannot push on")?;
    items.push(argument::any(arguments, 1));
    Ok(Value::list(items))
}

fn prepend(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut items = argument::items(&argument::any(arguments, 0), "Cannot prepend on")?;
    items.insert(0, argument::any(arguments, 1));
    Ok(Value::list(items))
}

fn chunk(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let items = argument::items(&argument::any(arguments, 1), "Cannot chunk")?;
    let size = usize::try_from(argument::int(arguments, 0)?).ok().filter(|size| *size > 0);
    let Some(size) = size else {
        return Err(FunctionError::new("reflect: slice index out of range"));
    };
    Ok(Value::list(items.chunks(size).map(|chunk| Value::list(chunk.to_vec())).collect()))
}

fn concat(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut items = Vec::new();
    for value in arguments {
        if matches!(value, Value::Nil) {
            return Err(argument::nil_dereference());
        }
        let Some(list) = argument::as_list(value) else {
            let kind = value.kind();
            return Err(FunctionError::new(format!("Cannot concat type {kind} as list")));
        };
        items.extend_from_slice(&list.items.borrow());
    }
    Ok(Value::list(items))
}

fn first(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let items = argument::items(&argument::any(arguments, 0), "Cannot find first on")?;
    Ok(items.into_iter().next().unwrap_or_default())
}

fn last(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let items = argument::items(&argument::any(arguments, 0), "Cannot find last on")?;
    Ok(items.into_iter().next_back().unwrap_or_default())
}

fn rest(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let items = argument::items(&argument::any(arguments, 0), "Cannot find rest on")?;
    Ok(Value::list(items.into_iter().skip(1).collect()))
}

fn initial(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut items = argument::items(&argument::any(arguments, 0), "Cannot find initial on")?;
    items.pop();
    Ok(Value::list(items))
}

fn reverse(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut items = argument::items(&argument::any(arguments, 0), "Cannot find reverse on")?;
    items.reverse();
    Ok(Value::list(items))
}

fn compact(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut items = argument::items(&argument::any(arguments, 0), "Cannot compact on")?;
    items.retain(|item| !is_empty(item));
    Ok(Value::list(items))
}

/// Says whether an equal value of the same type is among the items.
fn contains(items: &[Value], needle: &Value) -> Result<bool, FunctionError> {
    for item in items {
        if needle.deep_equal(item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn uniq(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let items = argument::items(&argument::any(arguments, 0), "Cannot find uniq on")?;
    let mut unique = Vec::new();
    for item in items {
        if !contains(&unique, &item)? {
            unique.push(item);
        }
    }
    Ok(Value::list(unique))
}

fn without(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let items = argument::items(&argument::any(arguments, 0), "Cannot find without on")?;
    let omitted = argument::rest(arguments, 1);
    let mut remaining = Vec::new();
    for item in items {
        if !contains(omitted, &item)? {
            remaining.push(item);
        }
    }
    Ok(Value::list(remaining))
}

fn has(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let haystack = argument::any(arguments, 1);
    if matches!(haystack, Value::Nil) {
        return Ok(Value::Bool(false));
    }
    let items = argument::items(&haystack, "Cannot find has on")?;
    contains(&items, &argument::any(arguments, 0)).map(Value::Bool)
}

fn slice(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let value = argument::any(arguments, 0);
    if matches!(value, Value::Nil) {
        return Err(argument::nil_dereference());
    }
    let Some(list) = argument::as_list(&value) else {
        let kind = value.kind();
        return Err(FunctionError::new(format!(
            "list should be type of slice or array but {kind}"
        )));
    };
    let items = list.items.borrow();
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    let start = arguments.get(1).map_or(Some(0), |start| usize::try_from(int_of(start)).ok());
    let end = arguments.get(2).map_or(Some(items.len()), |end| usize::try_from(int_of(end)).ok());
    start
        .zip(end)
        .and_then(|(start, end)| items.get(start..end))
        .map(|piece| Value::typed_list(list.kind, piece.to_vec()))
        .ok_or_else(|| FunctionError::new("reflect.Value.Slice: slice index out of bounds"))
}

fn sort_alpha(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let value = argument::any(arguments, 0);
    match argument::as_list(&value) {
        // A []string is sorted in place, and everybody who holds it sees that.
        Some(list) if list.kind == ListKind::Strings => {
            list.items.borrow_mut().sort_by(|left, right| match (left, right) {
                (Value::String(left), Value::String(right)) => left.cmp(right),
                _ => std::cmp::Ordering::Equal,
            });
            Ok(value)
        }
        Some(_) => {
            let mut strings = strings_of(&value)?;
            strings.sort();
            Ok(string_list(strings))
        }
        None => Ok(string_list([string_of(&value)?])),
    }
}
