//! The type of a plain scalar: YAML 1.1 as go-yaml v2 understands it.

use std::sync::LazyLock;

use regex::Regex;

use super::error::YamlError;
use crate::helm::strconv;

/// The prefix of YAML's own tags.
const TAG_PREFIX: &str = "tag:yaml.org,2002:";

/// Is a scalar with its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    /// Looks like a date; go-yaml makes it a string all the same.
    Timestamp,
    Text,
}

impl Scalar {
    /// Returns the tag without its prefix.
    fn tag(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Uint(_) => "int",
            Self::Float(_) => "float",
            Self::Timestamp => "timestamp",
            Self::Text => "str",
        }
    }
}

/// Returns what the text is under that tag (empty for none).
pub(super) fn resolve(tag: &str, text: &str) -> Result<Scalar, YamlError> {
    let name = match tag.strip_prefix(TAG_PREFIX) {
        Some(name @ ("str" | "bool" | "int" | "float" | "null" | "timestamp")) => Some(name),
        _ if tag.is_empty() => None,
        // Any other tag leaves the text as it is.
        _ => return Ok(Scalar::Text),
    };
    if name == Some("str") {
        return Ok(Scalar::Text);
    }
    let scalar = resolve_plain(text, name.is_none() || name == Some("timestamp"));
    match (name, &scalar) {
        (None, _) => Ok(scalar),
        (Some(name), scalar) if scalar.tag() == name => Ok(scalar.clone()),
        #[allow(clippy::cast_precision_loss)]
        (Some("float"), Scalar::Int(value)) => Ok(Scalar::Float(*value as f64)),
        (Some(name), scalar) => Err(YamlError::plain(format!(
            "cannot decode !!{} `{text}` as a !!{name}",
            scalar.tag()
        ))),
    }
}

/// Says whether a string can be written without quotes: it would be read as a
/// string again, and is not a number in base 60, which other parsers know.
pub(super) fn is_plain_text(text: &str) -> bool {
    static BASE_60: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$").ok());
    resolve_plain(text, true) == Scalar::Text
        && !BASE_60.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

fn resolve_plain(text: &str, dates: bool) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Scalar::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Scalar::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match text.bytes().next() {
        Some(b'.') => match strconv::parse_float(text) {
            Ok(value) => Scalar::Float(value),
            Err(_) => Scalar::Text,
        },
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if dates && is_timestamp(text) {
                return Scalar::Timestamp;
            }
            resolve_number(&text.replace('_', "")).unwrap_or(Scalar::Text)
        }
        _ => Scalar::Text,
    }
}

/// Returns the number that the text, without underscores, is.
fn resolve_number(text: &str) -> Option<Scalar> {
    static FLOAT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$").ok());
    if let Ok(value) = strconv::parse_int(text, 0) {
        return Some(Scalar::Int(value));
    }
    if let Ok(value) = strconv::parse_uint(text, 0) {
        return Some(Scalar::Uint(value));
    }
    if FLOAT.as_ref().is_some_and(|pattern| pattern.is_match(text))
        && let Ok(value) = strconv::parse_float(text)
    {
        return Some(Scalar::Float(value));
    }
    // `0b+1` and `-0b-1` get through to here in go-yaml.
    if let Some(digits) = text.strip_prefix("0b") {
        if let Ok(value) = strconv::parse_int(digits, 2) {
            return Some(Scalar::Int(value));
        }
        return strconv::parse_uint(digits, 2).ok().map(Scalar::Uint);
    }
    let digits = text.strip_prefix("-0b")?;
    strconv::parse_int(&format!("-{digits}"), 2).ok().map(Scalar::Int)
}

/// Says whether the text is a date, or a date and a time, as go-yaml knows
/// them: `2001-1-2`, `2001-01-02T3:04:05Z`, `2001-01-02 03:04:05.6`.
fn is_timestamp(text: &str) -> bool {
    static TIMESTAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r"^(?<year>[0-9]{4})-(?<month>[0-9]{1,2})-(?<day>[0-9]{1,2})",
            r"(?:[Tt](?<h1>[0-9]{1,2}):(?<m1>[0-9]{1,2}):(?<s1>[0-9]{1,2})(?:[.,][0-9]+)?",
            r"(?:Z|[+-](?<zh>[0-9]{2}):(?<zm>[0-9]{2}))",
            r"| (?<h2>[0-9]{1,2}):(?<m2>[0-9]{1,2}):(?<s2>[0-9]{1,2})(?:[.,][0-9]+)?)?$",
        ))
        .ok()
    });
    let Some(parts) = TIMESTAMP.as_ref().and_then(|pattern| pattern.captures(text)) else {
        return false;
    };
    let number = |name: &str| -> Option<i32> { parts.name(name)?.as_str().parse().ok() };
    let within = |names: [&str; 2], limit: i32| {
        names.into_iter().filter_map(number).all(|value| value < limit)
    };
    let (Some(year), Some(month), Some(day)) = (number("year"), number("month"), number("day"))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last_day = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last_day).contains(&day)
        && within(["h1", "h2"], 24)
        && within(["m1", "m2"], 60)
        && within(["s1", "s2"], 60)
        && within(["zh", "zh"], 25)
        && within(["zm", "zm"], 60)
}
