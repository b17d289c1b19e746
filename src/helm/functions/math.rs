//! Arithmetic.

use super::FunctionTable;
use super::argument;
use super::convert::float_of;
use super::convert::int_of;
use super::decimal::Decimal;
use super::function;
use super::variadic;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Any;
use crate::helm::function::Parameter::Float64;
use crate::helm::function::Parameter::Int;
use crate::helm::value::FunctionError;
use crate::helm::value::ListKind;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("add", variadic(&[], Any, add)),
    ("add1", function(&[Any], add1)),
    ("add1f", function(&[Any], add1f)),
    ("addf", variadic(&[], Any, addf)),
    ("biggest", variadic(&[Any], Any, max)),
    ("ceil", function(&[Any], ceil)),
    ("div", function(&[Any, Any], div)),
    ("divf", variadic(&[Any], Any, divf)),
    ("floor", function(&[Any], floor)),
    ("max", variadic(&[Any], Any, max)),
    ("maxf", variadic(&[Any], Any, maxf)),
    ("min", variadic(&[Any], Any, min)),
    ("minf", variadic(&[Any], Any, minf)),
    ("mod", function(&[Any, Any], modulo)),
    ("mul", variadic(&[Any], Any, mul)),
    ("mulf", variadic(&[Any], Any, mulf)),
    ("round", variadic(&[Any, Int], Float64, round)),
    ("seq", variadic(&[], Int, seq)),
    ("sub", function(&[Any, Any], sub)),
    ("subf", variadic(&[Any], Any, subf)),
    ("until", function(&[Int], until)),
    ("untilStep", function(&[Int, Int, Int], until_step)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// How many numbers `until` and its kin may count. Go would fill the memory.
const MAX_COUNT: usize = 1_000_000;

fn integers(arguments: &[Value]) -> impl Iterator<Item = i64> {
    arguments.iter().map(int_of)
}

fn add(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::int64(integers(arguments).fold(0, i64::wrapping_add)))
}

fn add1(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::int64(int_of(&argument::any(arguments, 0)).wrapping_add(1)))
}

fn sub(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (left, right) = pair(arguments);
    Ok(Value::int64(left.wrapping_sub(right)))
}

fn mul(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::int64(integers(arguments).fold(1, i64::wrapping_mul)))
}

fn div(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (left, right) = pair(arguments);
    if right == 0 {
        return Err(divide_by_zero());
    }
    Ok(Value::int64(left.wrapping_div(right)))
}

fn modulo(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (left, right) = pair(arguments);
    if right == 0 {
        return Err(divide_by_zero());
    }
    Ok(Value::int64(left.wrapping_rem(right)))
}

fn pair(arguments: &[Value]) -> (i64, i64) {
    (int_of(&argument::any(arguments, 0)), int_of(&argument::any(arguments, 1)))
}

fn divide_by_zero() -> FunctionError {
    FunctionError::new("runtime error: integer divide by zero")
}

fn max(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::int64(integers(arguments).max().unwrap_or_default()))
}

fn min(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::int64(integers(arguments).min().unwrap_or_default()))
}

fn maxf(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Float(fold_floats(arguments, |left, right| left > right)))
}

fn minf(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Float(fold_floats(arguments, |left, right| left < right)))
}

/// Returns the number that is better than all others; NaN is better than any.
fn fold_floats(arguments: &[Value], better: fn(f64, f64) -> bool) -> f64 {
    arguments
        .iter()
        .map(float_of)
        .reduce(|best, next| if next.is_nan() || better(next, best) { next } else { best })
        .unwrap_or_default()
}

fn floor(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Float(float_of(&argument::any(arguments, 0)).floor()))
}

fn ceil(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Float(float_of(&argument::any(arguments, 0)).ceil()))
}

/// Rounds to a number of decimal places. A third argument says from which
/// fraction on it rounds up, one half if it is not given.
fn round(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let limit = if arguments.len() > 2 { argument::float(arguments, 2)? } else { 0.5 };
    let power = power_of_ten(argument::int(arguments, 1)?);
    let scaled = power * float_of(&argument::any(arguments, 0));
    let rounded = if scaled.fract() >= limit { scaled.ceil() } else { scaled.floor() };
    Ok(Value::Float(rounded / power))
}

/// Returns a power of ten as Go's `math.Pow` does: one division for a negative one.
fn power_of_ten(exponent: i64) -> f64 {
    let magnitude = i32::try_from(exponent.unsigned_abs()).unwrap_or(i32::MAX);
    // Parsing is exact, where multiplying repeatedly is not beyond 10^22.
    let power: f64 = format!("1e{magnitude}").parse().unwrap_or(f64::INFINITY);
    if exponent < 0 { 1.0 / power } else { power }
}

fn add1f(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let value = Decimal::from_float(float_of(&argument::any(arguments, 0)))?;
    Ok(Value::Float(value.add(&Decimal::ONE)?.to_float()))
}

fn addf(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    fold_decimals(Decimal::ZERO, arguments, Decimal::add)
}

fn subf(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    fold_after_first(arguments, Decimal::subtract)
}

fn mulf(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    fold_after_first(arguments, Decimal::multiply)
}

fn divf(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    fold_after_first(arguments, Decimal::divide)
}

/// Is an operation on two decimals.
type Operation = fn(&Decimal, &Decimal) -> Result<Decimal, FunctionError>;

fn fold_after_first(arguments: &[Value], operation: Operation) -> Result<Value, FunctionError> {
    let first = Decimal::from_float(float_of(&argument::any(arguments, 0)))?;
    fold_decimals(first, argument::rest(arguments, 1), operation)
}

fn fold_decimals(
    first: Decimal,
    arguments: &[Value],
    operation: Operation,
) -> Result<Value, FunctionError> {
    let mut result = first;
    for value in arguments {
        result = operation(&result, &Decimal::from_float(float_of(value))?)?;
    }
    Ok(Value::Float(result.to_float()))
}

fn until(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let count = argument::int(arguments, 0)?;
    count_up(0, count, if count < 0 { -1 } else { 1 }).map(ints)
}

fn until_step(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (start, stop) = (argument::int(arguments, 0)?, argument::int(arguments, 1)?);
    count_up(start, stop, argument::int(arguments, 2)?).map(ints)
}

fn ints(numbers: Vec<i64>) -> Value {
    Value::typed_list(ListKind::Ints, numbers.into_iter().map(Value::int).collect())
}

/// Returns the numbers from `first` up or down to before `end`; none if the
/// step leads away from it.
fn count_up(first: i64, end: i64, step: i64) -> Result<Vec<i64>, FunctionError> {
    let mut numbers = Vec::new();
    let mut next = first;
    let downwards = end < first;
    if step == 0 || downwards != (step < 0) {
        return Ok(numbers);
    }
    while if downwards { next > end } else { next < end } {
        if numbers.len() == MAX_COUNT {
            return Err(FunctionError::new(format!(
                "counting from {first} to {end} by {step} gives more than {MAX_COUNT} numbers"
            )));
        }
        numbers.push(next);
        let Some(following) = next.checked_add(step) else {
            break;
        };
        next = following;
    }
    Ok(numbers)
}

/// Counts as the command of that name does: `seq LAST`, `seq FIRST LAST`,
/// `seq FIRST STEP LAST`.
fn seq(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut parameters = Vec::new();
    for index in 0..arguments.len() {
        parameters.push(argument::int(arguments, index)?);
    }
    let direction = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let numbers = match parameters.as_slice() {
        [end] => count_up(1, end.saturating_add(direction(1, *end)), direction(1, *end))?,
        [start, end] => {
            let step = direction(*start, *end);
            count_up(*start, end.saturating_add(step), step)?
        }
        [start, step, end] if end >= start || *step <= 0 => {
            count_up(*start, end.saturating_add(direction(*start, *end)), *step)?
        }
        _ => Vec::new(),
    };
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    Ok(Value::string(words.join(" ")))
}
