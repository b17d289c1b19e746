//! Writing a time by a layout.

use std::fmt::Write as _;

use super::layout::Element;
use super::layout::Piece;
use super::layout::pieces;
use super::time::Time;

/// The months' English names.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The days' English names, from Sunday on.
pub(super) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Returns the English name of a month from 1 to 12.
pub(super) fn month_name(month: i8) -> &'static str {
    let index = usize::try_from(month - 1).unwrap_or(usize::MAX);
    MONTHS.get(index).copied().unwrap_or_default()
}

/// Returns the English name of a day from 0 to 6, Sunday first.
pub(super) fn weekday_name(day: i8) -> &'static str {
    let index = usize::try_from(day).unwrap_or(usize::MAX);
    WEEKDAYS.get(index).copied().unwrap_or_default()
}

/// Returns the first three letters of a name.
fn short(name: &str) -> &str {
    name.get(..3).unwrap_or(name)
}

/// Returns the time as the layout has it.
pub(super) fn format(time: &Time, layout: &str) -> String {
    let mut text = String::new();
    for piece in pieces(layout) {
        match piece {
            Piece::Text(fixed) => text.push_str(fixed),
            Piece::Element(element, _) => push(&mut text, time, element),
        }
    }
    text
}

/// Appends a number, padded to two digits if wanted.
fn push_number(text: &mut String, number: i8, padded: bool) {
    // Writing to a string cannot fail.
    _ = if padded { write!(text, "{number:02}") } else { write!(text, "{number}") };
}

fn push(text: &mut String, time: &Time, element: Element) {
    let zoned = &time.0;
    match element {
        Element::LongMonth => text.push_str(month_name(zoned.month())),
        Element::ShortMonth => text.push_str(short(month_name(zoned.month()))),
        Element::Month { padded } => push_number(text, zoned.month(), padded),
        Element::LongWeekday => {
            text.push_str(weekday_name(zoned.weekday().to_sunday_zero_offset()));
        }
        Element::ShortWeekday => {
            text.push_str(short(weekday_name(zoned.weekday().to_sunday_zero_offset())));
        }
        Element::Day { padding } => {
            if zoned.day() < 10 {
                text.extend(padding);
            }
            push_number(text, zoned.day(), false);
        }
        Element::DayOfYear { padding } => {
            let day = zoned.day_of_year().to_string();
            text.extend(std::iter::repeat_n(padding, 3_usize.saturating_sub(day.len())));
            text.push_str(&day);
        }
        Element::Hour => push_number(text, zoned.hour(), true),
        Element::Hour12 { padded } => {
            let hour = zoned.hour() % 12;
            push_number(text, if hour == 0 { 12 } else { hour }, padded);
        }
        Element::Minute { padded } => push_number(text, zoned.minute(), padded),
        Element::Second { padded } => push_number(text, zoned.second(), padded),
        Element::LongYear => _ = write!(text, "{:04}", zoned.year()),
        Element::ShortYear => _ = write!(text, "{:02}", zoned.year().rem_euclid(100)),
        Element::HalfOfDay { upper } => {
            let half = if zoned.hour() < 12 { "AM" } else { "PM" };
            text.push_str(&if upper { half.to_owned() } else { half.to_ascii_lowercase() });
        }
        Element::ZoneName => text.push_str(&zone_name(time)),
        Element::Offset { z, colon, parts } => {
            push_offset(text, zoned.offset().seconds(), z, colon, parts);
        }
        Element::Fraction { separator, digits, trimmed } => {
            let fraction = format!("{:09}", zoned.subsec_nanosecond());
            let fraction = fraction.get(..digits.min(9)).unwrap_or(&fraction);
            let fraction = if trimmed { fraction.trim_end_matches('0') } else { fraction };
            if !fraction.is_empty() {
                text.push(separator);
                text.push_str(fraction);
            }
        }
    }
}

/// Returns the zone's abbreviation (which may be a number: `+03` in Istanbul), or the offset of a
/// time that has no zone, only an offset.
fn zone_name(time: &Time) -> String {
    let zoned = &time.0;
    let zone = zoned.time_zone();
    if zone.to_fixed_offset().is_ok_and(|offset| !offset.is_zero()) {
        let mut text = String::new();
        push_offset(&mut text, zoned.offset().seconds(), false, false, 2);
        return text;
    }
    zone.to_offset_info(zoned.timestamp()).abbreviation().to_owned()
}

fn push_offset(text: &mut String, offset: i32, z: bool, colon: bool, parts: usize) {
    if z && offset == 0 {
        text.push('Z');
        return;
    }
    let magnitude = offset.unsigned_abs();
    let fields = [magnitude / 3600, magnitude / 60 % 60, magnitude % 60];
    let fields: Vec<String> =
        fields.iter().take(parts).map(|field| format!("{field:02}")).collect();
    text.push(if offset < 0 { '-' } else { '+' });
    text.push_str(&fields.join(if colon { ":" } else { "" }));
}
