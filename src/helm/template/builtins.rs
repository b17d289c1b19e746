//! Go's own functions.

use crate::helm::function::Parameter;
use crate::helm::printf;
use crate::helm::template::comparison;
use crate::helm::template::datum;
use crate::helm::template::datum::Datum;
use crate::helm::template::escape;
use crate::helm::value::FunctionError;
use crate::helm::value::IntKind;
use crate::helm::value::List;
use crate::helm::value::Object;
use crate::helm::value::Value;

type Result<T> = std::result::Result<T, FunctionError>;

/// Is one of Go's own functions.
pub(super) enum Builtin {
    /// `and` or `or`: evaluates its arguments one by one, up to the first whose
    /// truth is this.
    Logic { stops_at: bool },
    /// `call`.
    Call,
    /// A function on `reflect.Value`s: how many it needs, whether it takes more,
    /// and what it does.
    Reflected { fixed: usize, is_variadic: bool, body: fn(&[Datum]) -> Result<Datum> },
    /// A function that makes text of any number of arguments after these.
    Printing { fixed: &'static [Parameter], body: fn(&[Value]) -> Result<Vec<u8>> },
}

/// Says whether Go has a function of that name.
pub(super) fn exists(name: &str) -> bool {
    find(name).is_some()
}

/// Returns Go's function of that name.
pub(super) fn find(name: &str) -> Option<Builtin> {
    let reflected = |fixed, is_variadic, body| Builtin::Reflected { fixed, is_variadic, body };
    let printing = |body| Builtin::Printing { fixed: &[], body };
    Some(match name {
        "and" => Builtin::Logic { stops_at: false },
        "or" => Builtin::Logic { stops_at: true },
        "call" => Builtin::Call,
        "eq" => reflected(1, true, comparison::equal),
        "ge" => reflected(2, false, comparison::greater_or_equal),
        "gt" => reflected(2, false, comparison::greater),
        "le" => reflected(2, false, comparison::less_or_equal),
        "lt" => reflected(2, false, comparison::less),
        "ne" => reflected(2, false, comparison::not_equal),
        "index" => reflected(1, true, index),
        "slice" => reflected(1, true, slice),
        "len" => reflected(1, false, length),
        "not" => reflected(1, false, not),
        "html" => printing(escape::html),
        "js" => printing(escape::javascript),
        "urlquery" => printing(escape::url_query),
        "print" => printing(printf::sprint),
        "println" => printing(printf::sprintln),
        "printf" => Builtin::Printing { fixed: &[Parameter::String], body: format },
        _ => return None,
    })
}

/// Makes an error.
fn fail<T>(message: impl Into<String>) -> Result<T> {
    Err(FunctionError::new(message))
}

/// Returns the name of a type, of what it points to if it is a pointer.
fn element_type(value: &Value) -> String {
    value.type_name().trim_start_matches('*').to_owned()
}

/// Is `printf`.
fn format(arguments: &[Value]) -> Result<Vec<u8>> {
    match arguments.split_first() {
        Some((Value::String(format), arguments)) => printf::sprintf(format.as_bytes(), arguments),
        _ => fail("a format is missing"),
    }
}

/// Is `not`.
// Its siblings can fail.
#[allow(clippy::unnecessary_wraps)]
fn not(arguments: &[Datum]) -> Result<Datum> {
    let truth = arguments.first().is_some_and(|argument| argument.value.is_truthy());
    Ok(Datum::plain(Value::Bool(!truth)))
}

/// Is `len`.
fn length(arguments: &[Datum]) -> Result<Datum> {
    let Some(argument) = arguments.first().filter(|argument| !argument.is_absent()) else {
        // Go does not foresee no value here, and says so.
        return fail("reflect: call of reflect.Value.Type on zero Value");
    };
    let length = match datum::underlying(&argument.value) {
        Value::Nil => return fail("len of nil pointer"),
        Value::String(text) => text.as_bytes().len(),
        Value::List(list) => list.items.borrow().len(),
        Value::Map(map) => map.0.borrow().len(),
        _ => return fail(format!("len of type {}", element_type(&argument.value))),
    };
    Ok(Datum::plain(Value::int(i64::try_from(length).unwrap_or(i64::MAX))))
}

/// Returns an index into something of that length, which is itself allowed.
fn position(index: &Datum, length: usize) -> Result<usize> {
    let index = match datum::underlying(&index.value) {
        Value::Int(_, index) => index,
        Value::Nil => return fail("cannot index slice/array with nil"),
        other => return fail(format!("cannot index slice/array with type {}", other.type_name())),
    };
    match usize::try_from(index) {
        Ok(position) if position <= length => Ok(position),
        _ => fail(format!("index out of range: {index}")),
    }
}

/// Is `index`: `index x 1 2` is Go's `x[1][2]`.
fn index(arguments: &[Datum]) -> Result<Datum> {
    let Some((item, indexes)) = arguments.split_first() else {
        return fail("index of untyped nil");
    };
    if item.value.is_nil() {
        return fail("index of untyped nil");
    }
    let mut item = item.clone().into_plain();
    for index in indexes {
        item = match &item.value {
            Value::Nil => return fail("index of nil pointer"),
            Value::Map(map) => {
                let key = key(index)?;
                Datum::interface(map.0.borrow().get(&key).cloned().unwrap_or_default())
            }
            Value::Object(object) if object.kind() == "map" => entry(&**object, &key(index)?),
            value => match datum::underlying(value) {
                Value::List(list) => element(&list, index)?,
                Value::String(text) => {
                    let position = position(index, text.as_bytes().len())?;
                    match text.as_bytes().get(position) {
                        Some(&byte) => Datum::plain(Value::Int(IntKind::Uint8, byte.into())),
                        None => return fail("reflect: string index out of range"),
                    }
                }
                _ => return fail(format!("can't index item of type {}", element_type(value))),
            },
        };
    }
    Ok(item)
}

/// Returns an element of a slice.
fn element(list: &List, index: &Datum) -> Result<Datum> {
    let position = position(index, list.items.borrow().len())?;
    match datum::element(list, position) {
        Some(element) => Ok(element),
        None => fail("reflect: slice index out of range"),
    }
}

/// Returns a value of a map that is an object.
fn entry(object: &dyn Object, key: &str) -> Datum {
    let entry = || match object.underlying() {
        Some(Value::Map(map)) => map.0.borrow().get(key).cloned(),
        _ => None,
    };
    match object.field(key).or_else(entry) {
        Some(value) => Datum::plain(value),
        None => Datum::interface(Value::Nil),
    }
}

/// Returns an index as the key of a map.
fn key(index: &Datum) -> Result<String> {
    match &index.value {
        Value::String(key) => Ok(key.to_text().into_owned()),
        Value::Nil => fail("value is nil; should be of type string"),
        other => fail(format!("value has type {}; should be string", other.type_name())),
    }
}

/// Is `slice`: `slice x 1 2` is Go's `x[1:2]`.
///
/// The result is a copy; in Go it shares its elements with `x`, which only
/// `sortAlpha` on a part of a list could show.
fn slice(arguments: &[Datum]) -> Result<Datum> {
    let Some((item, indexes)) = arguments.split_first() else {
        return fail("slice of untyped nil");
    };
    let value = datum::underlying(&item.value);
    if value.is_nil() {
        return fail("slice of untyped nil");
    }
    if indexes.len() > 3 {
        return fail(format!("too many slice indexes: {}", indexes.len()));
    }
    let length = match &value {
        Value::String(_) if indexes.len() == 3 => return fail("cannot 3-index slice a string"),
        Value::String(text) => text.as_bytes().len(),
        Value::List(list) => list.items.borrow().len(),
        _ => return fail(format!("can't slice item of type {}", element_type(&item.value))),
    };
    let mut bounds = Vec::new();
    for index in indexes {
        // Go looks into an `interface {}` for `index` but not for `slice`.
        if index.is_interface {
            return fail("cannot index slice/array with type interface {}");
        }
        bounds.push(position(index, length)?);
    }
    let start = bounds.first().copied().unwrap_or_default();
    let end = bounds.get(1).copied().unwrap_or(length);
    let capacity = bounds.get(2).copied().unwrap_or(length);
    for (low, high) in [(start, end), (end, capacity)] {
        if low > high {
            return fail(format!("invalid slice index: {low} > {high}"));
        }
    }
    Ok(Datum::plain(match &value {
        Value::List(list) => {
            let items = list.items.borrow().get(start..end).unwrap_or_default().to_vec();
            Value::typed_list(list.kind, items)
        }
        Value::String(text) => Value::string(text.as_bytes().get(start..end).unwrap_or_default()),
        _ => Value::Nil,
    }))
}

/// Returns what Go calls the function that was piped into `call`.
pub(super) fn callee_name(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_text().into_owned(),
        Value::Nil => "<invalid Value>".to_owned(),
        other => format!("<{} Value>", other.type_name()),
    }
}

/// Makes the error of `call`: nothing that a template can hold is a function.
pub(super) fn refuse_call(callee: &str, value: Option<&Datum>) -> FunctionError {
    match value {
        Some(datum) if !datum.value.is_nil() => {
            let type_name = datum.value.type_name();
            FunctionError::new(format!("non-function {callee} of type {type_name}"))
        }
        _ => FunctionError::new("call of nil"),
    }
}
