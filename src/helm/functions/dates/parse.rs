//! Reading a time by a layout.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::tz::TimeZone;

use super::format::MONTHS;
use super::format::WEEKDAYS;
use super::layout::Element;
use super::layout::Piece;
use super::layout::pieces;
use super::time::Time;
use crate::helm::strconv::quote;

/// Is what has been read so far. What a layout leaves out is the beginning of
/// the year 0 in the machine's time zone, as in Go.
#[derive(Default)]
struct Fields {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
    day_of_year: Option<i16>,
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
    afternoon: Option<bool>,
    offset: Option<i32>,
    utc: bool,
}

/// Returns the time that the text is, or Go's error.
pub(super) fn parse(layout: &str, text: &str) -> Result<Time, String> {
    let mut fields = Fields::default();
    let mut rest = text;
    let failure = |rest: &str, expected: &str| {
        format!(
            "parsing time {} as {}: cannot parse {} as {}",
            quote(text.as_bytes()),
            quote(layout.as_bytes()),
            quote(rest.as_bytes()),
            quote(expected.as_bytes())
        )
    };
    let out_of_range =
        |what: &str| format!("parsing time {}: {what} out of range", quote(text.as_bytes()));
    let mut previous_is_second = false;
    for piece in pieces(layout) {
        match piece {
            Piece::Text(fixed) => {
                rest = rest.strip_prefix(fixed).ok_or_else(|| failure(rest, fixed))?;
                previous_is_second = false;
            }
            Piece::Element(element, spelling) => {
                // A fraction may follow the seconds without standing in the layout.
                if previous_is_second && !matches!(element, Element::Fraction { .. }) {
                    rest = skip_fraction(&mut fields, rest);
                }
                let before = rest;
                rest = read(&mut fields, element, rest).ok_or_else(|| failure(before, spelling))?;
                previous_is_second = matches!(element, Element::Second { .. });
            }
        }
        if previous_is_second && rest.starts_with(['.', ',']) {
            rest = skip_fraction(&mut fields, rest);
        }
    }
    if !rest.is_empty() {
        return Err(format!(
            "parsing time {}: extra text: {}",
            quote(text.as_bytes()),
            quote(rest.as_bytes())
        ));
    }
    fields.finish().map_err(out_of_range)
}

/// Reads `.123` after the seconds, if it stands there.
fn skip_fraction<'a>(fields: &mut Fields, text: &'a str) -> &'a str {
    let Some(digits) = text.strip_prefix(['.', ',']) else {
        return text;
    };
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = digits.split_at_checked(length).unwrap_or((digits, ""));
    if digits.is_empty() {
        return text;
    }
    fields.nanosecond = nanoseconds(digits);
    rest
}

fn nanoseconds(digits: &str) -> i32 {
    let padded: String = digits.chars().chain(std::iter::repeat('0')).take(9).collect();
    padded.parse().unwrap_or_default()
}

/// Reads an element and returns the text after it.
fn read<'a>(fields: &mut Fields, element: Element, text: &'a str) -> Option<&'a str> {
    let (value, rest) = match element {
        Element::LongMonth => {
            let (index, rest) = name(&MONTHS, text, false)?;
            fields.month = i8::try_from(index + 1).ok();
            return Some(rest);
        }
        Element::ShortMonth => {
            let (index, rest) = name(&MONTHS, text, true)?;
            fields.month = i8::try_from(index + 1).ok();
            return Some(rest);
        }
        Element::LongWeekday => return name(&WEEKDAYS, text, false).map(|(_, rest)| rest),
        Element::ShortWeekday => return name(&WEEKDAYS, text, true).map(|(_, rest)| rest),
        Element::HalfOfDay { upper } => {
            let (half, rest) = text.split_at_checked(2)?;
            let half = if upper { half.to_owned() } else { half.to_ascii_uppercase() };
            fields.afternoon = match half.as_str() {
                "AM" => Some(false),
                "PM" => Some(true),
                _ => return None,
            };
            return Some(rest);
        }
        Element::ZoneName => {
            let length = text.bytes().take_while(u8::is_ascii_uppercase).count();
            let (name, rest) = text.split_at_checked(length).filter(|(name, _)| name.len() > 2)?;
            fields.utc |= matches!(name, "UTC" | "GMT");
            return Some(rest);
        }
        Element::Offset { z, colon, parts } => return offset(fields, text, z, colon, parts),
        Element::Fraction { separator: _, digits, trimmed } => {
            if trimmed {
                return Some(skip_fraction(fields, text));
            }
            let (fraction, rest) = text.strip_prefix(['.', ','])?.split_at_checked(digits)?;
            fraction.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
            fields.nanosecond = nanoseconds(fraction);
            return Some(rest);
        }
        Element::LongYear => number(text, 4, 4)?,
        Element::DayOfYear { .. } => number(text.trim_start_matches(' '), 3, 3)?,
        Element::ShortYear | Element::Hour => number(text, 2, 2)?,
        Element::Month { padded }
        | Element::Hour12 { padded }
        | Element::Minute { padded }
        | Element::Second { padded } => number(text, if padded { 2 } else { 1 }, 2)?,
        Element::Day { padding } => {
            let text = if padding == Some(' ') { text.trim_start_matches(' ') } else { text };
            number(text, 1, 2)?
        }
    };
    let small = i8::try_from(value).unwrap_or(i8::MAX);
    match element {
        Element::LongYear => fields.year = value,
        // Two digits from 69 on are in the last century.
        Element::ShortYear => fields.year = value + if value >= 69 { 1900 } else { 2000 },
        Element::DayOfYear { .. } => fields.day_of_year = Some(value),
        Element::Month { .. } => fields.month = Some(small),
        Element::Day { .. } => fields.day = Some(small),
        Element::Hour | Element::Hour12 { .. } => fields.hour = small,
        Element::Minute { .. } => fields.minute = small,
        _ => fields.second = small,
    }
    Some(rest)
}

/// Reads a number of at least and at most so many digits.
fn number(text: &str, least: usize, most: usize) -> Option<(i16, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    if length < least {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

/// Reads one of the names, in any case.
fn name<'a>(names: &[&str], text: &'a str, short: bool) -> Option<(usize, &'a str)> {
    names.iter().enumerate().find_map(|(index, name)| {
        let length = if short { 3 } else { name.len() };
        let (head, rest) = text.split_at_checked(length)?;
        head.eq_ignore_ascii_case(name.get(..length)?).then_some((index, rest))
    })
}

fn offset<'a>(
    fields: &mut Fields,
    text: &'a str,
    z: bool,
    colon: bool,
    parts: usize,
) -> Option<&'a str> {
    if z && let Some(rest) = text.strip_prefix('Z') {
        fields.utc = true;
        return Some(rest);
    }
    let mut rest = text.strip_prefix(['+', '-'])?;
    let mut total: i32 = 0;
    for unit in [3600, 60, 1].into_iter().take(parts) {
        if colon && unit != 3600 {
            rest = rest.strip_prefix(':')?;
        }
        let (value, tail) = number(rest, 2, 2)?;
        total += i32::from(value) * unit;
        rest = tail;
    }
    fields.offset = Some(if text.starts_with('-') { -total } else { total });
    Some(rest)
}

impl Fields {
    /// Puts the parts together; fails with the name of the part that is wrong.
    fn finish(self) -> Result<Time, &'static str> {
        let month = self.month.unwrap_or(1);
        if !(1..=12).contains(&month) {
            return Err("month");
        }
        let date = match self.day_of_year {
            Some(day) => Date::new(self.year, 1, 1)
                .ok()
                .and_then(|first| first.with().day_of_year(day).build().ok())
                .ok_or("day-of-year")?,
            None => Date::new(self.year, month, self.day.unwrap_or(1)).map_err(|_| "day")?,
        };
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        if hour > 23 {
            return Err("hour");
        }
        if self.minute > 59 {
            return Err("minute");
        }
        if self.second > 59 {
            return Err("second");
        }
        let zone = match self.offset {
            Some(offset) if offset != 0 => {
                TimeZone::fixed(Offset::from_seconds(offset).map_err(|_| "time zone offset")?)
            }
            Some(_) => TimeZone::UTC,
            None if self.utc => TimeZone::UTC,
            None => TimeZone::system(),
        };
        date.at(hour, self.minute, self.second, self.nanosecond)
            .to_zoned_datetime(zone)
            .map(Time)
            .map_err(|_| "year")
    }
}
