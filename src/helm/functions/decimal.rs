//! Decimal numbers, for the functions whose names end in `f`.
//!
//! sprig calculates these with `shopspring/decimal`, so that `addf 0.1 0.2` is
//! 0.3. This covers 38 digits, more than two `float64` can have between them
//! unless their magnitudes are far apart; beyond that it fails rather than
//! round differently.

use std::cmp::Ordering;

use crate::helm::value::FunctionError;

/// How many digits a division goes on after the point.
const DIVISION_PLACES: i32 = 16;

/// Is a decimal number: digits and the power of ten of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: i128,
    exponent: i32,
}

fn too_large() -> FunctionError {
    FunctionError::new("the result has more than 38 digits, which this provider does not support")
}

impl Decimal {
    /// Is nothing.
    pub const ZERO: Self = Self { digits: 0, exponent: 0 };
    /// Is one.
    pub const ONE: Self = Self { digits: 1, exponent: 0 };

    /// Returns the shortest decimal that is read as this `float64` again.
    pub fn from_float(value: f64) -> Result<Self, FunctionError> {
        if !value.is_finite() {
            let name = crate::helm::strconv::format_float(value);
            return Err(FunctionError::new(format!("Cannot create a Decimal from {name}")));
        }
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let places = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let digits = mantissa.replace('.', "").parse().map_err(|_| too_large())?;
        let exponent: i32 = exponent.parse().map_err(|_| too_large())?;
        Ok(Self { digits, exponent: exponent - i32::try_from(places).unwrap_or_default() })
    }

    /// Returns the nearest `float64`.
    pub fn to_float(self) -> f64 {
        format!("{}e{}", self.digits, self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// Returns the digits of both at the smaller of the two powers of ten.
    fn align(&self, other: &Self) -> Result<(i128, i128, i32), FunctionError> {
        let exponent = self.exponent.min(other.exponent);
        Ok((self.scaled_to(exponent)?, other.scaled_to(exponent)?, exponent))
    }

    fn scaled_to(&self, exponent: i32) -> Result<i128, FunctionError> {
        if self.digits == 0 {
            return Ok(0);
        }
        scale(self.digits, self.exponent - exponent)
    }

    /// Returns the sum.
    pub fn add(&self, other: &Self) -> Result<Self, FunctionError> {
        let (left, right, exponent) = self.align(other)?;
        Ok(Self { digits: left.checked_add(right).ok_or_else(too_large)?, exponent })
    }

    /// Returns the difference.
    pub fn subtract(&self, other: &Self) -> Result<Self, FunctionError> {
        let (left, right, exponent) = self.align(other)?;
        Ok(Self { digits: left.checked_sub(right).ok_or_else(too_large)?, exponent })
    }

    /// Returns the product.
    pub fn multiply(&self, other: &Self) -> Result<Self, FunctionError> {
        Ok(Self {
            digits: self.digits.checked_mul(other.digits).ok_or_else(too_large)?,
            exponent: self.exponent + other.exponent,
        })
    }

    /// Returns the quotient, rounded half away from zero to 16 places.
    pub fn divide(&self, other: &Self) -> Result<Self, FunctionError> {
        if other.digits == 0 {
            return Err(FunctionError::new("decimal division by 0"));
        }
        let shift = self.exponent - other.exponent + DIVISION_PLACES;
        let (numerator, denominator) = if shift >= 0 {
            (scale(self.digits, shift)?, other.digits)
        } else if self.digits == 0 {
            (0, 1)
        } else {
            (self.digits, scale(other.digits, -shift)?)
        };
        let quotient = numerator.checked_div(denominator).ok_or_else(too_large)?;
        let remainder = numerator.checked_rem(denominator).ok_or_else(too_large)?;
        let twice = remainder.unsigned_abs().checked_mul(2).ok_or_else(too_large)?;
        let digits = match twice.cmp(&denominator.unsigned_abs()) {
            Ordering::Less => quotient,
            _ if (numerator < 0) != (denominator < 0) => quotient - 1,
            _ => quotient + 1,
        };
        Ok(Self { digits, exponent: -DIVISION_PLACES })
    }
}

/// Returns the digits times a power of ten.
fn scale(digits: i128, places: i32) -> Result<i128, FunctionError> {
    u32::try_from(places)
        .ok()
        .and_then(|places| 10_i128.checked_pow(places))
        .and_then(|power| digits.checked_mul(power))
        .ok_or_else(too_large)
}
