//! Go's comparisons, which refuse to compare an integer with a float.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::helm::printf;
use crate::helm::template::datum;
use crate::helm::template::datum::Datum;
use crate::helm::value::FunctionError;
use crate::helm::value::Str;
use crate::helm::value::Value;

type Result<T> = std::result::Result<T, FunctionError>;

/// Is a value of a type that can be compared by order, or by equality at least.
enum Basic {
    Bool(bool),
    Int(i64),
    /// An unsigned integer; all there are fit.
    Uint(i64),
    Float(f64),
    String(Str),
    /// Of no such type.
    Other,
}

impl Basic {
    fn of(value: &Value) -> Self {
        match datum::underlying(value) {
            Value::Bool(value) => Self::Bool(value),
            Value::Int(kind, value) if kind.is_unsigned() => Self::Uint(value),
            Value::Int(_, value) => Self::Int(value),
            Value::Float(value) => Self::Float(value),
            Value::String(text) => Self::String(text),
            Value::Nil | Value::List(_) | Value::Map(_) | Value::Object(_) => Self::Other,
        }
    }
}

fn fail<T>(message: impl Into<String>) -> Result<T> {
    Err(FunctionError::new(message))
}

fn boolean(value: bool) -> Datum {
    Datum::plain(Value::Bool(value))
}

/// Makes the error for two types that have nothing to do with each other.
fn incompatible<T>(left: &Value, right: &Value) -> Result<T> {
    let (left, right) = (left.type_name(), right.type_name());
    fail(format!("incompatible types for comparison: {left} and {right}"))
}

/// Returns the two arguments.
fn pair(arguments: &[Datum]) -> Result<(&Value, &Value)> {
    match arguments {
        [left, right] => Ok((&left.value, &right.value)),
        _ => fail("missing argument for comparison"),
    }
}

/// Is `eq`: says whether the first argument equals any of the others.
pub(super) fn equal(arguments: &[Datum]) -> Result<Datum> {
    let Some((first, others)) = arguments.split_first().filter(|(_, others)| !others.is_empty())
    else {
        return fail("missing argument for comparison");
    };
    for other in others {
        if are_equal(&first.value, &other.value)? {
            return Ok(boolean(true));
        }
    }
    Ok(boolean(false))
}

// Go compares floats so.
#[allow(clippy::float_cmp)]
fn are_equal(left: &Value, right: &Value) -> Result<bool> {
    match (Basic::of(left), Basic::of(right)) {
        (Basic::Bool(left), Basic::Bool(right)) => Ok(left == right),
        (Basic::Int(left) | Basic::Uint(left), Basic::Int(right) | Basic::Uint(right)) => {
            Ok(left == right)
        }
        (Basic::Float(left), Basic::Float(right)) => Ok(left == right),
        (Basic::String(left), Basic::String(right)) => Ok(left == right),
        (Basic::Other, Basic::Other) => are_same(left, right),
        _ if left.is_nil() || right.is_nil() => Ok(false),
        _ => incompatible(left, right),
    }
}

/// Compares two values of which neither is of a basic type.
fn are_same(left: &Value, right: &Value) -> Result<bool> {
    if left.is_nil() || right.is_nil() {
        return Ok(left.is_nil() && right.is_nil());
    }
    let shown = |value: &Value| {
        let text = printf::sprintf(b"%s", std::slice::from_ref(value))?;
        Ok::<_, FunctionError>(String::from_utf8_lossy(&text).into_owned())
    };
    let (left_type, right_type) = (left.type_name(), right.type_name());
    if left.kind() != right.kind() {
        // Go's own text has its arguments in this order.
        let (left, right) = (shown(left)?, printf::sprint(std::slice::from_ref(right))?);
        let right = String::from_utf8_lossy(&right);
        return fail(format!("non-comparable types {left}: {left_type}, {right_type}: {right}"));
    }
    match (left, right) {
        (Value::Object(left), Value::Object(right)) if left.underlying().is_none() => {
            Ok(Rc::ptr_eq(left, right)
                || left_type == right_type && left.display() == right.display())
        }
        _ => fail(format!("non-comparable type {}: {right_type}", shown(right)?)),
    }
}

/// Is `ne`.
pub(super) fn not_equal(arguments: &[Datum]) -> Result<Datum> {
    let (left, right) = pair(arguments)?;
    Ok(boolean(!are_equal(left, right)?))
}

/// Says whether the first value comes before the second.
fn comes_before(left: &Value, right: &Value) -> Result<bool> {
    let order = match (Basic::of(left), Basic::of(right)) {
        (Basic::Other, _) | (_, Basic::Other) | (Basic::Bool(_), Basic::Bool(_)) => {
            return fail("invalid type for comparison");
        }
        (Basic::Int(left) | Basic::Uint(left), Basic::Int(right) | Basic::Uint(right)) => {
            Some(left.cmp(&right))
        }
        // NaN is neither before nor after anything.
        (Basic::Float(left), Basic::Float(right)) => left.partial_cmp(&right),
        (Basic::String(left), Basic::String(right)) => Some(left.cmp(&right)),
        _ => return incompatible(left, right),
    };
    Ok(order == Some(Ordering::Less))
}

/// Is `lt`.
pub(super) fn less(arguments: &[Datum]) -> Result<Datum> {
    let (left, right) = pair(arguments)?;
    Ok(boolean(comes_before(left, right)?))
}

/// Is `le`.
pub(super) fn less_or_equal(arguments: &[Datum]) -> Result<Datum> {
    let (left, right) = pair(arguments)?;
    Ok(boolean(comes_before(left, right)? || are_equal(left, right)?))
}

/// Is `gt`: not `le`, which for NaN is not the same as greater.
pub(super) fn greater(arguments: &[Datum]) -> Result<Datum> {
    let (left, right) = pair(arguments)?;
    Ok(boolean(!(comes_before(left, right)? || are_equal(left, right)?)))
}

/// Is `ge`: not `lt`.
pub(super) fn greater_or_equal(arguments: &[Datum]) -> Result<Datum> {
    let (left, right) = pair(arguments)?;
    Ok(boolean(!comes_before(left, right)?))
}
