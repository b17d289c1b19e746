//! The printing of integers, floats and booleans with width, precision and flags.

use crate::helm::printf::float;
use crate::helm::printf::text::Format;
use crate::helm::printf::text::character;
use crate::helm::printf::unicode;

/// Is an integer as `fmt` sees it: its magnitude and sign.
#[derive(Clone, Copy)]
pub(super) struct Integer {
    /// Whether the sign is a minus.
    pub(super) negative: bool,
    /// The value without its sign.
    pub(super) magnitude: u64,
}

impl Integer {
    /// Returns the two's complement bits, which `%c`, `%q` and `%U` look at.
    fn bits(self) -> u64 {
        if self.negative { self.magnitude.wrapping_neg() } else { self.magnitude }
    }
}

impl Format {
    /// Prints a boolean.
    pub(super) fn boolean(&mut self, value: bool) {
        self.pad(if value { b"true" } else { b"false" });
    }

    /// Prints an integer; `false` for a verb that integers do not have.
    pub(super) fn integer(&mut self, value: Integer, verb: char) -> bool {
        match verb {
            'v' | 'd' => self.digits(value, 10, verb),
            'b' => self.digits(value, 2, verb),
            'o' | 'O' => self.digits(value, 8, verb),
            'x' | 'X' => self.digits(value, 16, verb),
            'c' => self.character(value.bits()),
            'q' => self.quoted_character(value.bits()),
            'U' => self.code_point(value.bits()),
            _ => return false,
        }
        true
    }

    /// Prints a byte as `%#v` does, `0x1f`.
    pub(super) fn go_byte(&mut self, value: u64) {
        let sharp = std::mem::replace(&mut self.flags.sharp, true);
        self.digits(Integer { negative: false, magnitude: value }, 16, 'v');
        self.flags.sharp = sharp;
    }

    /// Prints the digits of an integer.
    fn digits(&mut self, value: Integer, base: u32, verb: char) {
        let flags = self.flags;
        let magnitude = value.magnitude;
        // Leading zeros come from a precision or from the flag 0; a precision wins.
        let least = match (flags.precision, flags.width) {
            (Some(0), _) if magnitude == 0 => {
                let zero = std::mem::replace(&mut self.flags.zero, false);
                self.padding(flags.width.unwrap_or_default());
                self.flags.zero = zero;
                return;
            }
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => {
                let sign = value.negative || flags.plus || flags.space;
                width.saturating_sub(usize::from(sign))
            }
            _ => 0,
        };
        let digits = match (base, verb) {
            (2, _) => format!("{magnitude:b}"),
            (8, _) => format!("{magnitude:o}"),
            (16, 'X') => format!("{magnitude:X}"),
            (16, _) => format!("{magnitude:x}"),
            _ => magnitude.to_string(),
        };
        let mut text = String::new();
        if value.negative {
            text.push('-');
        } else if flags.plus {
            text.push('+');
        } else if flags.space {
            text.push(' ');
        }
        if verb == 'O' {
            text.push_str("0o");
        }
        let zeros = least.saturating_sub(digits.len());
        if flags.sharp {
            match (base, verb) {
                (2, _) => text.push_str("0b"),
                (8, _) if zeros == 0 && !digits.starts_with('0') => text.push('0'),
                (16, 'X') => text.push_str("0X"),
                (16, _) => text.push_str("0x"),
                _ => {}
            }
        }
        text.extend(std::iter::repeat_n('0', zeros));
        text.push_str(&digits);
        self.pad_with_spaces(text.as_bytes());
    }

    /// Prints a code point: `U+0078`, or `U+0078 'x'` under the flag `#`.
    pub(super) fn code_point(&mut self, code: u64) {
        let least = self.flags.precision.unwrap_or_default().max(4);
        let mut text = format!("{code:X}");
        if text.len() < least {
            text.insert_str(0, &"0".repeat(least - text.len()));
        }
        text.insert_str(0, "U+");
        let valid = u32::try_from(code).ok().and_then(char::from_u32).is_some();
        if self.flags.sharp && valid && unicode::is_print(character(code)) {
            text.push_str(" '");
            text.push(character(code));
            text.push('\'');
        }
        self.pad_with_spaces(text.as_bytes());
    }

    /// Prints a float; `false` for a verb that floats do not have.
    pub(super) fn float(&mut self, value: f64, verb: char) -> bool {
        let (layout, precision) = match verb {
            'v' => ('g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => (verb, None),
            'f' | 'F' => ('f', Some(6)),
            'e' | 'E' => (verb, Some(6)),
            _ => return false,
        };
        let precision = self.flags.precision.or(precision);
        let text = float::format_float(value, layout, precision);
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ('-', digits),
            None => ('+', text.strip_prefix('+').unwrap_or(&text)),
        };
        let sign = if self.flags.space && sign == '+' && !self.flags.plus { ' ' } else { sign };
        if !value.is_finite() {
            let signed = !(value.is_nan() && !self.flags.space && !self.flags.plus)
                && (sign != '+' || self.flags.plus || value.is_infinite());
            let text = if signed { format!("{sign}{digits}") } else { digits.to_owned() };
            self.pad_with_spaces(text.as_bytes());
            return true;
        }
        let digits = if self.flags.sharp && layout != 'b' {
            with_trailing_zeros(digits, layout, precision)
        } else {
            digits.to_owned()
        };
        if !self.flags.plus && sign == '+' {
            self.pad(digits.as_bytes());
            return true;
        }
        let length = digits.len() + 1;
        match self.flags.width {
            Some(width) if self.flags.zero && !self.flags.minus && width > length => {
                // The sign stands before the zeros.
                self.buffer.extend_from_slice(sign.to_string().as_bytes());
                self.padding(width - length);
                self.buffer.extend_from_slice(digits.as_bytes());
            }
            _ => self.pad(format!("{sign}{digits}").as_bytes()),
        }
        true
    }
}

/// Adds the decimal point and the trailing zeros that the flag `#` asks for.
fn with_trailing_zeros(digits: &str, layout: char, precision: Option<usize>) -> String {
    let mut wanted = match layout {
        // Go leaves `X` out here.
        'g' | 'G' | 'x' => precision.unwrap_or(6),
        _ => 0,
    };
    let exponent = match layout {
        'x' | 'X' => digits.find(['p', 'P']),
        _ => digits.find(['e', 'E']),
    };
    let (mantissa, tail) =
        exponent.and_then(|at| digits.split_at_checked(at)).unwrap_or((digits, ""));
    let mut seen_nonzero = false;
    for digit in mantissa.chars().filter(|&character| character != '.') {
        seen_nonzero |= digit != '0';
        if seen_nonzero {
            wanted = wanted.saturating_sub(1);
        }
    }
    let mut text = mantissa.to_owned();
    if !mantissa.contains('.') {
        if mantissa == "0" {
            wanted = wanted.saturating_sub(1);
        }
        text.push('.');
    }
    text.extend(std::iter::repeat_n('0', wanted));
    text.push_str(tail);
    text
}
