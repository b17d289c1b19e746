//! Go's `strconv.FormatFloat` for 64 bits.

/// The most digits after the first that any `f64` has; all further ones are zero.
///
/// Rust's own formatting is exact, but refuses a precision beyond 65 535.
const MOST_DIGITS: usize = 1100;

/// Returns the number in one of Go's layouts: `e`, `E`, `f`, `g`, `G` (decimal),
/// `x`, `X` (hexadecimal mantissa) or `b` (mantissa and binary exponent).
///
/// Without a precision it is the shortest text that reads back as the same
/// number. Infinities are `+Inf` and `-Inf`. An unknown layout is taken for `g`.
pub fn format_float(value: f64, layout: char, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let magnitude = value.abs();
    let text = match layout {
        'b' => {
            let (mantissa, exponent) = parts(magnitude);
            format!("{mantissa}p{:+}", exponent - 52)
        }
        'x' | 'X' => hexadecimal(magnitude, layout, precision),
        'e' | 'E' => {
            let digits = Decimal::new(magnitude, precision);
            let count = precision.unwrap_or(digits.text.len().saturating_sub(1));
            scientific(&digits, count, layout)
        }
        'f' => fixed(magnitude, precision),
        _ => general(magnitude, layout, precision),
    };
    format!("{sign}{text}")
}

/// Is a number as decimal digits, without trailing zeros, and the place of the
/// point: 0.DIGITS times ten to the power of `point`. Zero has no digits.
struct Decimal {
    text: String,
    point: i32,
}

impl Decimal {
    /// Returns the shortest digits, or one and `precision` more, rounded.
    fn new(magnitude: f64, precision: Option<usize>) -> Self {
        if magnitude == 0.0 {
            return Self { text: String::new(), point: 0 };
        }
        let text = match precision {
            Some(precision) => format!("{magnitude:.*e}", precision.min(MOST_DIGITS)),
            None => shortest(magnitude),
        };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = mantissa.replace('.', "");
        let exponent: i32 = exponent.parse().unwrap_or_default();
        Self { text: digits.trim_end_matches('0').to_owned(), point: exponent + 1 }
    }
}

/// Returns the shortest digits that read back as the same number.
///
/// Where two of the same length are equally near, Rust takes the upper one and Go
/// the even one.
fn shortest(magnitude: f64) -> String {
    let upper = format!("{magnitude:e}");
    let digits = upper.split('e').next().unwrap_or_default().replace('.', "").len();
    let even = format!("{magnitude:.*e}", digits.saturating_sub(1));
    let same = even.parse::<f64>().is_ok_and(|value| value.to_bits() == magnitude.to_bits());
    if same { even } else { upper }
}

/// Lays out `d.ddde+dd` with that many digits after the point.
fn scientific(digits: &Decimal, count: usize, layout: char) -> String {
    let marker = if matches!(layout, 'E' | 'G') { 'E' } else { 'e' };
    let exponent = if digits.text.is_empty() { 0 } else { digits.point - 1 };
    let mut characters = digits.text.chars().chain(std::iter::repeat('0'));
    let mut text: String = characters.by_ref().take(1).collect();
    if count > 0 {
        text.push('.');
        text.extend(characters.take(count));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{text}{marker}{sign}{:02}", exponent.abs())
}

/// Lays out `ddd.ddd`.
fn fixed(magnitude: f64, precision: Option<usize>) -> String {
    match precision {
        None => fixed_digits(&Decimal::new(magnitude, None)),
        Some(precision) => {
            let exact = precision.min(MOST_DIGITS);
            let mut text = format!("{magnitude:.exact$}");
            text.extend(std::iter::repeat_n('0', precision - exact));
            text
        }
    }
}

/// Lays out with an exponent if it is large, and plain if not.
fn general(magnitude: f64, layout: char, precision: Option<usize>) -> String {
    let precision = precision.map(|precision| precision.max(1));
    let digits = Decimal::new(magnitude, precision.map(|precision| precision - 1));
    let count = digits.text.len();
    let exponent = if count == 0 { -1 } else { digits.point - 1 };
    let limit = match precision {
        // What is left of the point counts as digits even where it is zeros.
        Some(precision) if precision > count && count >= length(digits.point) => count,
        Some(precision) => precision,
        None => 6,
    };
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    if exponent < -4 || exponent >= limit {
        let shown = precision.map_or(count, |precision| precision.min(count));
        return scientific(&digits, shown.saturating_sub(1), layout);
    }
    fixed_digits(&digits)
}

/// Lays out the digits without an exponent and without trailing zeros.
fn fixed_digits(digits: &Decimal) -> String {
    let whole = length(digits.point);
    let mut characters = digits.text.chars();
    let mut text: String = characters.by_ref().chain(std::iter::repeat('0')).take(whole).collect();
    if whole == 0 {
        text.push('0');
    }
    let zeros = length(-digits.point);
    let fraction: String = std::iter::repeat_n('0', zeros).chain(characters).collect();
    if fraction.len() > zeros {
        text.push('.');
        text.push_str(&fraction);
    }
    text
}

/// Returns the number as a length: none if it is negative.
fn length(point: i32) -> usize {
    usize::try_from(point).unwrap_or_default()
}

/// Returns the mantissa of 53 bits and the exponent of its highest bit.
fn parts(magnitude: f64) -> (u64, i32) {
    let bits = magnitude.to_bits();
    let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap_or_default();
    let mantissa = bits & ((1 << 52) - 1);
    if biased == 0 { (mantissa, -1022) } else { (mantissa | (1 << 52), biased - 1023) }
}

/// Lays out `0x1.8p+01`.
fn hexadecimal(magnitude: f64, layout: char, precision: Option<usize>) -> String {
    let (mantissa, mut exponent) = parts(magnitude);
    let mut bits = mantissa << 8;
    if bits == 0 {
        exponent = 0;
    }
    // The leading one goes to bit 60.
    while bits != 0 && bits & (1 << 60) == 0 {
        bits <<= 1;
        exponent -= 1;
    }
    if let Some(precision @ 0..15) = precision {
        let shift = precision * 4;
        let dropped = (bits << shift) & ((1 << 60) - 1);
        bits >>= 60 - shift;
        if dropped | (bits & 1) > 1 << 59 {
            bits += 1;
        }
        bits <<= 60 - shift;
        if bits & (1 << 61) != 0 {
            bits >>= 1;
            exponent += 1;
        }
    }
    let mut text = format!("0{layout}{}", (bits >> 60) & 1);
    let mut fraction = format!("{:015x}", bits & ((1 << 60) - 1));
    match precision {
        None => fraction.truncate(fraction.trim_end_matches('0').len()),
        Some(precision) => {
            fraction.truncate(precision);
            fraction.extend(std::iter::repeat_n('0', precision - fraction.len()));
        }
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(&if layout == 'X' { fraction.to_uppercase() } else { fraction });
    }
    let marker = if layout == 'X' { 'P' } else { 'p' };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{text}{marker}{sign}{:02}", exponent.abs())
}
