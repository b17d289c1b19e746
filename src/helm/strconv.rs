//! Go's `strconv`: how Go reads and writes numbers, and quotes strings.
//!
//! Rust's own parsers accept and print other spellings (`1_000`, `0x1p-2`,
//! `1e+06`), and rendered manifests show the difference.

pub use crate::helm::printf::quote::quote;

/// Says why Go's `strconv` would not read a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// The text is not a number.
    Syntax,
    /// The number does not fit into 64 bits.
    Range,
}

impl NumberError {
    /// Returns Go's words for it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Syntax => "invalid syntax",
            Self::Range => "value out of range",
        }
    }
}

/// Returns the unsigned integer that Go's `ParseUint(text, base, 64)` reads.
///
/// Base 0 takes the base from the prefix (`0x`, `0o`, `0`, `0b`) and allows
/// underscores between digits.
pub fn parse_uint(text: &str, base: u32) -> Result<u64, NumberError> {
    let (digits, radix) = if base == 0 { split_prefix(text)? } else { (text.to_owned(), base) };
    if digits.is_empty() {
        return Err(NumberError::Syntax);
    }
    let mut value: u64 = 0;
    for character in digits.chars() {
        let digit = character.to_digit(radix).ok_or(NumberError::Syntax)?;
        let next = value
            .checked_mul(u64::from(radix))
            .and_then(|scaled| scaled.checked_add(u64::from(digit)));
        // Go looks no further for a wrong digit once the number overflows.
        value = next.ok_or(NumberError::Range)?;
    }
    Ok(value)
}

/// Returns the integer that Go's `ParseInt(text, base, 64)` reads.
pub fn parse_int(text: &str, base: u32) -> Result<i64, NumberError> {
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = parse_uint(magnitude, base)?;
    if negative {
        0_i64.checked_sub_unsigned(magnitude).ok_or(NumberError::Range)
    } else {
        i64::try_from(magnitude).map_err(|_| NumberError::Range)
    }
}

/// Splits an integer into its digits, without underscores, and their base.
fn split_prefix(text: &str) -> Result<(String, u32), NumberError> {
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = if let Some(rest) = lower.strip_prefix("0x") {
        (16, rest)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        (2, rest)
    } else if let Some(rest) = lower.strip_prefix("0o") {
        (8, rest)
    } else if lower.len() > 1
        && let Some(rest) = lower.strip_prefix('0')
    {
        (8, rest)
    } else {
        (10, lower.as_str())
    };
    if lower.contains('_') {
        // An underscore stands between two digits, or a base prefix and a digit.
        let prefixed = radix != 10;
        let well_placed = !digits.ends_with('_')
            && !digits.contains("__")
            && (prefixed || !digits.starts_with('_'));
        if !well_placed {
            return Err(NumberError::Syntax);
        }
    }
    Ok((digits.replace('_', ""), radix))
}

/// Returns the number that Go's `ParseFloat(text, 64)` reads.
pub fn parse_float(text: &str) -> Result<f64, NumberError> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    if matches!(lower.as_str(), "inf" | "infinity" | "nan") {
        // Rust reads these as Go does, but no sign before "nan".
        if lower == "nan" && unsigned.len() != text.len() {
            return Err(NumberError::Syntax);
        }
        return text.parse().map_err(|_| NumberError::Syntax);
    }
    if let Some(digits) = lower.strip_prefix("0x") {
        let value = parse_hexadecimal_float(digits)?;
        return Ok(if text.starts_with('-') { -value } else { value });
    }
    let well_formed = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned
            .chars()
            .all(|character| character.is_ascii_digit() || "eE.+-_".contains(character));
    if !well_formed || !separates_digits(unsigned) {
        return Err(NumberError::Syntax);
    }
    let value: f64 = text.replace('_', "").parse().map_err(|_| NumberError::Syntax)?;
    if value.is_infinite() { Err(NumberError::Range) } else { Ok(value) }
}

/// Says whether every underscore stands between two digits.
fn separates_digits(text: &str) -> bool {
    let parts: Vec<&str> = text.split('_').collect();
    parts.windows(2).all(|pair| match pair {
        [before, after] => {
            before.ends_with(|last: char| last.is_ascii_digit())
                && after.starts_with(|first: char| first.is_ascii_digit())
        }
        _ => true,
    })
}

/// Reads what stands after `0x`: `1.8p-3`. The exponent is mandatory.
fn parse_hexadecimal_float(text: &str) -> Result<f64, NumberError> {
    let (mantissa, exponent) = text.split_once('p').ok_or(NumberError::Syntax)?;
    let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if exponent_digits.is_empty() || !exponent_digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::Syntax);
    }
    // An exponent beyond this is infinite or zero whatever the mantissa.
    let mut exponent: i32 =
        exponent.parse().unwrap_or(if exponent.starts_with('-') { -100_000 } else { 100_000 });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(NumberError::Syntax);
    }
    let mut value: u64 = 0;
    for (position, digit) in whole.chars().chain(fraction.chars()).filter(|c| *c != '_').enumerate()
    {
        let digit = digit.to_digit(16).ok_or(NumberError::Syntax)?;
        if value >> 59 == 0 {
            value = value << 4 | u64::from(digit);
        } else {
            // A digit that no longer fits only matters for rounding.
            value |= u64::from(digit != 0);
            exponent = exponent.saturating_add(4);
        }
        if position >= whole.len() {
            exponent = exponent.saturating_sub(4);
        }
    }
    #[allow(clippy::cast_precision_loss)]
    let mut result = value as f64;
    // In two steps, as 2^-1074 times a large mantissa is still a number.
    for _ in 0..4 {
        let step = exponent.clamp(-1000, 1000);
        result *= 2_f64.powi(step);
        exponent -= step;
    }
    if result.is_infinite() { Err(NumberError::Range) } else { Ok(result) }
}

/// Returns what Go's `FormatFloat(value, 'g', -1, 64)` prints, which is also
/// what `%v` prints: `1e+06`, `0.5`, `+Inf`.
pub fn format_float(value: f64) -> String {
    format_shortest(value, &format!("{:e}", value.abs()), -4, 6)
}

/// Returns what Go's `FormatFloat(value, 'g', -1, 32)` prints for a `float64`.
pub fn format_float_32(value: f64) -> String {
    #[allow(clippy::cast_possible_truncation)]
    let single = value as f32;
    format_shortest(value, &format!("{:e}", single.abs()), -4, 6)
}

/// Returns what Go's `FormatFloat(value, 'f', -1, 64)` prints: never an exponent.
pub fn format_float_plain(value: f64) -> String {
    format_shortest(value, &format!("{:e}", value.abs()), i32::MIN, i32::MAX)
}

/// Returns what Go's JSON encoder prints for a finite number: an exponent only
/// below 1e-6 and from 1e21 on, and without leading zeros.
pub fn format_float_json(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format_shortest(value, &format!("{magnitude:e}"), i32::MAX, i32::MIN);
        return match text.split_once("e-0") {
            Some((digits, exponent)) => format!("{digits}e-{exponent}"),
            None => text,
        };
    }
    format_float_plain(value)
}

/// Lays out the shortest digits (`1.5e6`) with an exponent if it is below
/// `lowest` or at least `limit`.
fn format_shortest(value: f64, scientific: &str, lowest: i32, limit: i32) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits = mantissa.replace('.', "");
    if exponent < lowest || exponent >= limit {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
        let point = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}{point}{rest}e{exponent_sign}{:02}", exponent.abs());
    }
    let count = digits.len();
    match usize::try_from(exponent) {
        Ok(exponent) if exponent + 1 >= count => {
            format!("{sign}{digits}{}", "0".repeat(exponent + 1 - count))
        }
        Ok(exponent) => {
            let (whole, fraction) = digits.split_at_checked(exponent + 1).unwrap_or((&digits, ""));
            format!("{sign}{whole}.{fraction}")
        }
        Err(_) => {
            let zeros = usize::try_from(-1 - exponent).unwrap_or_default();
            format!("{sign}0.{}{digits}", "0".repeat(zeros))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::float_cmp)]
mod tests;
