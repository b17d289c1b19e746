//! Numeric and character constants, which are of no type until they are used.

use crate::helm::printf::quote;
use crate::helm::printf::quote::Unit;

/// Is a constant under each of the types that can hold it. One that is only an
/// unsigned integer is of no use to a template.
#[derive(Debug)]
pub(super) struct Number {
    /// The spelling.
    pub(super) text: String,
    /// The value as a signed integer.
    pub(super) integer: Option<i64>,
    /// The value as a float.
    pub(super) float: f64,
}

impl Number {
    /// Reads a character constant such as `'x'`.
    pub(super) fn character(text: &[u8]) -> Result<Self, String> {
        let spelling = String::from_utf8_lossy(text).into_owned();
        let inside = text.get(1..).unwrap_or_default();
        let (unit, tail) = quote::unquote_character(inside, b'\'')
            .ok_or_else(|| quote::INVALID_SYNTAX.to_owned())?;
        if tail != b"'" {
            return Err(format!("malformed character constant: {spelling}"));
        }
        let code = match unit {
            Unit::Byte(byte) => u32::from(byte),
            Unit::Character(character) => u32::from(character),
        };
        Ok(Self { text: spelling, integer: Some(code.into()), float: code.into() })
    }

    /// Reads a number in Go's syntax.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        if text.ends_with('i') {
            return Err(format!("complex numbers are not supported: {}", quoted(text)));
        }
        let unsigned = parse_unsigned(text);
        let integer = parse_integer(text);
        // As in Go: the nearest float, whether or not it is the very number.
        #[allow(clippy::cast_precision_loss)]
        let promoted = integer.map(|value| value as f64).or(unsigned.map(|value| value as f64));
        let number = |integer, float| Self { text: text.to_owned(), integer, float };
        if let Some(float) = promoted {
            return Ok(number(integer, float));
        }
        let float =
            parse_float(text).ok_or_else(|| format!("illegal number syntax: {}", quoted(text)))?;
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {}", quoted(text)));
        }
        Ok(number(exact_integer(float), float))
    }

    /// Says whether the spelling, used where no type is asked for, means a float.
    pub(super) fn is_spelled_as_float(&self) -> bool {
        let hexadecimal = self.text.starts_with("0x") || self.text.starts_with("0X");
        let hexadecimal = hexadecimal && !self.text.contains(['p', 'P']);
        !hexadecimal
            && !self.text.starts_with('\'')
            && self.text.contains(['.', 'e', 'E', 'p', 'P'])
    }
}

/// Returns the text as a Go literal.
fn quoted(text: &str) -> String {
    quote::quote(text.as_bytes())
}

/// Returns the float as an integer if it is one.
fn exact_integer(float: f64) -> Option<i64> {
    // 2^63 is no `i64`; all floats below it that are whole are.
    let in_range = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
    #[allow(clippy::cast_possible_truncation)]
    let integer = float as i64;
    (in_range && float.fract() == 0.0).then_some(integer)
}

/// Reads an integer as Go's `ParseInt` does with base 0.
fn parse_integer(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(digits) => 0_i64.checked_sub_unsigned(parse_unsigned(digits)?),
        None => i64::try_from(parse_unsigned(text.strip_prefix('+').unwrap_or(text))?).ok(),
    }
}

/// Reads an unsigned integer as Go's `ParseUint` does with base 0.
fn parse_unsigned(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let prefixes = [("0x", 16), ("0o", 8), ("0b", 2)];
    let (digits, radix) = prefixes
        .into_iter()
        .find_map(|(prefix, radix)| Some((lower.strip_prefix(prefix)?, radix)))
        .or_else(|| lower.strip_prefix('0').filter(|rest| !rest.is_empty()).map(|rest| (rest, 8)))
        .unwrap_or((&lower, 10));
    if !underscores_are_well_placed(&lower) {
        return None;
    }
    let digits = digits.replace('_', "");
    // Rust, unlike Go, would accept a sign here.
    let well_formed = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    if well_formed { u64::from_str_radix(&digits, radix).ok() } else { None }
}

/// Says whether every underscore stands between two digits, or between a base
/// prefix and a digit.
fn underscores_are_well_placed(lower: &str) -> bool {
    let text = lower.strip_prefix(['+', '-']).unwrap_or(lower);
    let hexadecimal = text.starts_with("0x");
    let prefixed = hexadecimal || text.starts_with("0b") || text.starts_with("0o");
    let mut previous = if prefixed { '0' } else { '^' };
    for character in text.chars().skip(if prefixed { 2 } else { 0 }) {
        let digit = character.is_ascii_digit() || hexadecimal && character.is_ascii_hexdigit();
        match character {
            _ if digit => previous = '0',
            '_' if previous == '0' => previous = '_',
            _ if character == '_' || previous == '_' => return false,
            _ => previous = '!',
        }
    }
    previous != '_'
}

/// Reads a float as Go's `ParseFloat` does; `None` also if it is out of range.
fn parse_float(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    if !underscores_are_well_placed(&lower) {
        return None;
    }
    let plain = lower.replace('_', "");
    let (sign, unsigned) = match plain.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let float = match unsigned.strip_prefix("0x") {
        Some(digits) => parse_hexadecimal_float(digits)?,
        None if unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') => {
            unsigned.parse().ok()?
        }
        None => return None,
    };
    float.is_finite().then_some(sign * float)
}

/// Reads what stands after `0x` in a float: `1.8p-3`. The exponent is mandatory.
fn parse_hexadecimal_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let limit = if exponent.starts_with('-') { -100_000 } else { 100_000 };
    let mut exponent: i32 = exponent.parse().unwrap_or(limit).clamp(-100_000, 100_000);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut bits: u64 = 0;
    for (index, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = digit.to_digit(16)?;
        if bits >> 59 == 0 {
            bits = (bits << 4) | u64::from(digit);
        } else {
            // A digit that does not fit any more only matters for rounding.
            bits |= u64::from(digit != 0);
            exponent = exponent.saturating_add(4);
        }
        if index >= whole.len() {
            exponent = exponent.saturating_sub(4);
        }
    }
    // In steps, as a large mantissa times 2^-1080 is still a number.
    #[allow(clippy::cast_precision_loss)]
    let mut float = bits as f64;
    while exponent != 0 && float != 0.0 && float.is_finite() {
        let step = exponent.clamp(-1000, 1000);
        float *= 2_f64.powi(step);
        exponent -= step;
    }
    Some(float)
}
