//! Go's `time.Duration`.

use std::rc::Rc;

use crate::helm::function::Parameter;
use crate::helm::value::FunctionError;
use crate::helm::value::Object;
use crate::helm::value::Value;

/// Is a span of time, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::helm::functions) struct Duration(pub i64);

impl Duration {
    /// Is a second.
    pub const SECOND: i64 = 1_000_000_000;
    /// Is a minute.
    pub const MINUTE: i64 = 60 * Self::SECOND;
    /// Is an hour.
    pub const HOUR: i64 = 60 * Self::MINUTE;

    /// Reads a duration such as `-1h2m3.5s`.
    pub fn parse(text: &str) -> Result<Self, FunctionError> {
        let quoted = || crate::helm::strconv::quote(text.as_bytes());
        let invalid = || FunctionError::new(format!("time: invalid duration {}", quoted()));
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest == "0" {
            return Ok(Self(0));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let (number, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
            if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
                return Err(invalid());
            }
            let end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
            let (name, tail) = tail.split_at_checked(end).unwrap_or((tail, ""));
            if name.is_empty() {
                let text = format!("time: missing unit in duration {}", quoted());
                return Err(FunctionError::new(text));
            }
            let unit = unit(name).ok_or_else(|| {
                FunctionError::new(format!(
                    "time: unknown unit {} in duration {}",
                    crate::helm::strconv::quote(name.as_bytes()),
                    quoted()
                ))
            })?;
            let whole: u64 =
                if whole.is_empty() { Ok(0) } else { whole.parse() }.map_err(|_| invalid())?;
            let nanoseconds = whole
                .checked_mul(unit)
                .and_then(|whole| whole.checked_add(fraction_of(fraction, unit)))
                .ok_or_else(invalid)?;
            total = total
                .checked_add(nanoseconds)
                .filter(|total| *total <= 1 << 63)
                .ok_or_else(invalid)?;
            rest = tail;
        }
        if negative {
            return 0_i64.checked_sub_unsigned(total).map(Self).ok_or_else(invalid);
        }
        i64::try_from(total).map(Self).map_err(|_| invalid())
    }

    /// Returns the duration as a number of units, with a fraction.
    #[allow(clippy::cast_precision_loss)]
    pub fn in_units(self, unit: i64) -> f64 {
        // In two parts, as Go does, so that whole units stay exact.
        (self.0 / unit) as f64 + (self.0 % unit) as f64 / unit as f64
    }

    /// Returns the multiple that is nearest to zero.
    pub fn truncate(self, multiple: Self) -> Self {
        if multiple.0 <= 0 { self } else { Self(self.0 - self.0 % multiple.0) }
    }

    /// Returns the nearest multiple, halves away from zero.
    pub fn round(self, multiple: Self) -> Self {
        if multiple.0 <= 0 {
            return self;
        }
        let remainder = self.0 % multiple.0;
        let below_half = remainder.unsigned_abs() * 2 < multiple.0.unsigned_abs();
        let truncated = self.0 - remainder;
        Self(if below_half {
            truncated
        } else if self.0 < 0 {
            truncated.checked_sub(multiple.0).unwrap_or(i64::MIN)
        } else {
            truncated.checked_add(multiple.0).unwrap_or(i64::MAX)
        })
    }
}

/// Returns the nanoseconds of a unit.
fn unit(name: &str) -> Option<u64> {
    Some(match name {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// Returns the nanoseconds of the digits after the point.
fn fraction_of(digits: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0_u128, 1_u128);
    // More digits than these are below a nanosecond in any unit.
    for digit in digits.bytes().take(18) {
        value = value * 10 + u128::from(digit.saturating_sub(b'0'));
        scale *= 10;
    }
    u64::try_from(value * u128::from(unit) / scale).unwrap_or_default()
}

impl std::fmt::Display for Duration {
    /// Prints as Go does: `1h30m0s`, `1.5s`, `2ms`, `0s`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let magnitude = self.0.unsigned_abs();
        if self.0 < 0 {
            formatter.write_str("-")?;
        }
        let (value, digits, unit) = match magnitude {
            0 => return formatter.write_str("0s"),
            1..1_000 => return write!(formatter, "{magnitude}ns"),
            1_000..1_000_000 => (magnitude, 3, "µs"),
            1_000_000..1_000_000_000 => (magnitude, 6, "ms"),
            _ => {
                let (hours, minutes) = (magnitude / 3_600_000_000_000, magnitude / 60_000_000_000);
                if hours > 0 {
                    write!(formatter, "{hours}h")?;
                }
                if minutes > 0 {
                    write!(formatter, "{}m", minutes % 60)?;
                }
                (magnitude % 60_000_000_000, 9, "s")
            }
        };
        let scale = 10_u64.pow(digits);
        write!(formatter, "{}", value / scale)?;
        let width = usize::try_from(digits).unwrap_or_default();
        let fraction = format!("{:0width$}", value % scale);
        let fraction = fraction.trim_end_matches('0');
        if !fraction.is_empty() {
            write!(formatter, ".{fraction}")?;
        }
        formatter.write_str(unit)
    }
}

impl Object for Duration {
    fn type_name(&self) -> String {
        "time.Duration".into()
    }

    fn kind(&self) -> &'static str {
        "int64"
    }

    fn method(&self, name: &str) -> Option<&'static [Parameter]> {
        match name {
            "Abs" | "Hours" | "Microseconds" | "Milliseconds" | "Minutes" | "Nanoseconds"
            | "Seconds" | "String" => Some(&[]),
            "Round" | "Truncate" => Some(&[Parameter::Any]),
            _ => None,
        }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let with_multiple = |operation: fn(Self, Self) -> Self| {
            let multiple = match arguments.first() {
                Some(Value::Object(object)) => object.as_any().downcast_ref::<Self>(),
                _ => None,
            };
            let multiple = multiple.ok_or_else(|| {
                FunctionError::new("wrong type for value; expected time.Duration")
            })?;
            Ok(Value::Object(Rc::new(operation(*self, *multiple))))
        };
        Some(match name {
            "Abs" => Ok(Value::Object(Rc::new(Self(self.0.saturating_abs())))),
            "Hours" => Ok(Value::Float(self.in_units(Self::HOUR))),
            "Minutes" => Ok(Value::Float(self.in_units(Self::MINUTE))),
            "Seconds" => Ok(Value::Float(self.in_units(Self::SECOND))),
            "Milliseconds" => Ok(Value::int64(self.0 / 1_000_000)),
            "Microseconds" => Ok(Value::int64(self.0 / 1_000)),
            "Nanoseconds" => Ok(Value::int64(self.0)),
            "String" => Ok(Value::string(self.to_string())),
            "Round" => with_multiple(Self::round),
            "Truncate" => with_multiple(Self::truncate),
            _ => return None,
        })
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::int64(self.0))
    }

    fn display(&self) -> String {
        self.to_string()
    }

    fn is_truthy(&self) -> bool {
        self.0 != 0
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
