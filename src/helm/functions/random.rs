//! Chance.

use super::FunctionTable;
use super::argument;
use super::bytes;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Int;
use crate::helm::function::Parameter::String as Text;
use crate::helm::unicode;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("randAlpha", function(&[Int], alpha)),
    ("randAlphaNum", function(&[Int], alphanumeric)),
    ("randAscii", function(&[Int], ascii)),
    ("randBytes", function(&[Int], random_bytes)),
    ("randInt", function(&[Int, Int], int)),
    ("randNumeric", function(&[Int], numeric)),
    ("shuffle", function(&[Text], shuffle)),
    ("uuidv4", function(&[], uuid)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// Returns a number below the limit, each with the same chance.
fn below(host: &dyn Host, limit: u64) -> Result<u64, FunctionError> {
    if limit == 0 {
        return Err(FunctionError::new("invalid argument to Intn"));
    }
    // The numbers of the last, incomplete round would come up too often.
    let last = u64::MAX - (u64::MAX % limit + 1) % limit;
    for _ in 0..1000 {
        let drawn = host.random(8);
        let Some(drawn) = drawn.first_chunk::<8>().copied().map(u64::from_le_bytes) else {
            break;
        };
        if drawn <= last {
            return Ok(drawn % limit);
        }
    }
    Err(FunctionError::new("the source of random numbers does not give any"))
}

/// Returns that many characters out of the alphabet.
fn characters(
    host: &dyn Host,
    arguments: &[Value],
    alphabet: &[u8],
) -> Result<Value, FunctionError> {
    // sprig drops the error of a negative count, which leaves nothing.
    let count = usize::try_from(argument::int(arguments, 0)?).unwrap_or_default();
    bytes::check_length(count)?;
    let mut text = Vec::with_capacity(count);
    let size = u64::try_from(alphabet.len()).unwrap_or_default();
    for _ in 0..count {
        let index = usize::try_from(below(host, size)?).unwrap_or_default();
        text.extend(alphabet.get(index));
    }
    Ok(Value::string(text))
}

fn alpha(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').collect();
    characters(host, arguments, &alphabet)
}

fn alphanumeric(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let alphabet: Vec<u8> = (b'0'..=b'9').chain(b'A'..=b'Z').chain(b'a'..=b'z').collect();
    characters(host, arguments, &alphabet)
}

fn ascii(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    characters(host, arguments, &(b' '..=b'~').collect::<Vec<u8>>())
}

fn numeric(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    characters(host, arguments, b"0123456789")
}

fn random_bytes(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    use base64::Engine as _;
    let count = argument::int(arguments, 0)?;
    let Ok(count) = usize::try_from(count) else {
        return Err(FunctionError::new("runtime error: makeslice: len out of range"));
    };
    bytes::check_length(count)?;
    let drawn = host.random(count);
    Ok(Value::string(base64::engine::general_purpose::STANDARD.encode(drawn)))
}

fn int(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (low, high) = (argument::int(arguments, 0)?, argument::int(arguments, 1)?);
    let range = high.checked_sub(low).and_then(|range| u64::try_from(range).ok());
    let drawn = below(host, range.unwrap_or_default())?;
    Ok(Value::int(low.wrapping_add_unsigned(drawn)))
}

fn shuffle(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let text = unicode::replace_invalid(argument::bytes(arguments, 0)?);
    let mut characters: Vec<char> = text.chars().collect();
    for index in (1..characters.len()).rev() {
        let limit = u64::try_from(index).unwrap_or_default() + 1;
        characters.swap(index, usize::try_from(below(host, limit)?).unwrap_or_default());
    }
    Ok(Value::string(characters.into_iter().collect::<String>()))
}

fn uuid(host: &dyn Host, _: &[Value]) -> Result<Value, FunctionError> {
    let drawn = host.random(16);
    let Some(drawn) = drawn.first_chunk::<16>().copied() else {
        return Err(FunctionError::new("the source of random numbers does not give any"));
    };
    Ok(Value::string(uuid::Builder::from_random_bytes(drawn).into_uuid().to_string()))
}
