//! Base64 and base32. The texts of decoding errors are part of the result:
//! sprig returns them as if they were what had been decoded.

use base64::Engine as _;

use super::FunctionTable;
use super::argument;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::String as Text;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("b32dec", function(&[Text], base_32_decode)),
    ("b32enc", function(&[Text], base_32_encode)),
    ("b64dec", function(&[Text], base_64_decode)),
    ("b64enc", function(&[Text], base_64_encode)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

fn base_64_encode(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let bytes = argument::bytes(arguments, 0)?;
    Ok(Value::string(base64::engine::general_purpose::STANDARD.encode(bytes)))
}

fn base_64_decode(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(match decode_base_64(argument::bytes(arguments, 0)?) {
        Ok(bytes) => Value::string(bytes),
        Err(offset) => Value::string(format!("illegal base64 data at input byte {offset}")),
    })
}

/// Decodes standard base64 with padding; line breaks are skipped. Fails with
/// the offset that Go names.
pub(super) fn decode_base_64(text: &[u8]) -> Result<Vec<u8>, usize> {
    let is_break = |byte: u8| matches!(byte, b'\r' | b'\n');
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3);
    let mut quantum: Vec<u8> = Vec::with_capacity(4);
    let mut input = text.iter().copied().enumerate().filter(|(_, byte)| !is_break(*byte));
    while let Some((offset, byte)) = input.next() {
        if let Some(digit) = base_64_digit(byte) {
            quantum.push(digit);
            if quantum.len() == 4 {
                push_quantum(&mut decoded, &quantum);
                quantum.clear();
            }
            continue;
        }
        if byte != b'=' || quantum.len() < 2 {
            return Err(offset);
        }
        if quantum.len() == 2 {
            match input.next() {
                Some((_, b'=')) => {}
                Some((second, _)) => return Err(second - 1),
                None => return Err(text.len()),
            }
        }
        if let Some((trailing, _)) = input.next() {
            return Err(trailing);
        }
        push_quantum(&mut decoded, &quantum);
        return Ok(decoded);
    }
    if quantum.is_empty() { Ok(decoded) } else { Err(text.len() - quantum.len()) }
}

fn base_64_digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Appends the bytes of two to four digits.
fn push_quantum(decoded: &mut Vec<u8>, digits: &[u8]) {
    let filled = digits.iter().copied().chain(std::iter::repeat(0)).take(4);
    let bits = filled.fold(0_u32, |bits, digit| bits << 6 | u32::from(digit));
    let [_, bytes @ ..] = bits.to_be_bytes();
    decoded.extend(bytes.iter().take(digits.len().saturating_sub(1)));
}

const BASE_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn base_32_encode(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut encoded = Vec::new();
    for chunk in argument::bytes(arguments, 0)?.chunks(5) {
        let filled = chunk.iter().copied().chain(std::iter::repeat(0)).take(5);
        let bits = filled.fold(0_u64, |bits, byte| bits << 8 | u64::from(byte));
        let digits = (chunk.len() * 8).div_ceil(5);
        for place in 0..8 {
            let digit = usize::try_from(bits >> (35 - 5 * place) & 31).unwrap_or_default();
            let symbol = BASE_32.get(digit).copied().unwrap_or_default();
            encoded.push(if place < digits { symbol } else { b'=' });
        }
    }
    Ok(Value::string(encoded))
}

fn base_32_decode(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(match decode_base_32(argument::bytes(arguments, 0)?) {
        Ok(bytes) => Value::string(bytes),
        Err(offset) => Value::string(format!("illegal base32 data at input byte {offset}")),
    })
}

/// Decodes standard base32 with padding, as [`decode_base_64`] does base64.
/// Offsets do not count line breaks.
fn decode_base_32(text: &[u8]) -> Result<Vec<u8>, usize> {
    let text: Vec<u8> =
        text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let mut decoded = Vec::new();
    for (index, chunk) in text.chunks(8).enumerate() {
        let begin = index * 8;
        let mut digits = Vec::with_capacity(8);
        let mut padded = false;
        for (place, byte) in chunk.iter().copied().enumerate() {
            let last_chunk = text.len() - begin <= 8;
            if byte == b'=' && place >= 2 && last_chunk {
                if chunk.len() < 8 {
                    return Err(text.len());
                }
                let wrong = chunk.iter().skip(place + 1).position(|byte| *byte != b'=');
                if let Some(wrong) = wrong {
                    return Err(begin + place + wrong);
                }
                if matches!(place, 3 | 6) {
                    return Err(begin + place);
                }
                padded = true;
                break;
            }
            let digit = BASE_32.iter().position(|symbol| *symbol == byte);
            digits.push(digit.and_then(|digit| u8::try_from(digit).ok()).ok_or(begin + place)?);
        }
        if !padded && digits.len() < 8 {
            return Err(text.len() - digits.len());
        }
        let filled = digits.iter().copied().chain(std::iter::repeat(0)).take(8);
        let bits = filled.fold(0_u64, |bits, digit| bits << 5 | u64::from(digit));
        let [_, _, _, bytes @ ..] = bits.to_be_bytes();
        decoded.extend(bytes.iter().take(digits.len() * 5 / 8));
    }
    Ok(decoded)
}
