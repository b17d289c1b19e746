//! Dates and times.

mod format;
mod layout;
mod parse;
mod time;

use std::rc::Rc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use self::time::Time;
use super::FunctionTable;
use super::argument;
use super::durations::Duration;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Any;
use crate::helm::function::Parameter::String as Text;
use crate::helm::strconv;
use crate::helm::value::FunctionError;
use crate::helm::value::IntKind;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("ago", function(&[Any], ago)),
    ("date", function(&[Text, Any], date)),
    ("dateInZone", function(&[Text, Any, Text], date_in_zone)),
    ("dateModify", function(&[Text, Any], date_modify)),
    ("date_in_zone", function(&[Text, Any, Text], date_in_zone)),
    ("date_modify", function(&[Text, Any], date_modify)),
    ("duration", function(&[Any], duration)),
    ("durationRound", function(&[Any], duration_round)),
    ("htmlDate", function(&[Any], html_date)),
    ("htmlDateInZone", function(&[Any, Text], html_date_in_zone)),
    ("mustDateModify", function(&[Text, Any], must_date_modify)),
    ("mustToDate", function(&[Text, Text], must_to_date)),
    ("must_date_modify", function(&[Text, Any], must_date_modify)),
    ("now", function(&[], now)),
    ("toDate", function(&[Text, Text], to_date)),
    ("unixEpoch", function(&[Any], unix_epoch)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// The layout of a date in HTML.
const HTML_LAYOUT: &str = "2006-01-02";

/// Returns the moment that a text such as `2006-01-02T15:04:05Z` names.
pub(super) fn moment(text: &str) -> Option<Value> {
    let time = parse::parse(time::JSON_LAYOUT, text).ok()?;
    Some(Value::Object(Rc::new(time)))
}

/// Returns the present, in the machine's time zone.
fn present(host: &dyn Host) -> Result<Time, FunctionError> {
    let timestamp = Timestamp::from_nanosecond(host.now())
        .map_err(|error| FunctionError::new(format!("the clock is out of range: {error}")))?;
    Ok(Time(timestamp.to_zoned_datetime(TimeZone::system())))
}

/// Returns the time that the value is: itself, or seconds since the Unix epoch.
fn time_of(value: &Value) -> Option<Time> {
    match value {
        Value::Object(object) => object.as_any().downcast_ref::<Time>().cloned(),
        Value::Int(IntKind::Int | IntKind::Int64 | IntKind::Int32, seconds) => {
            let timestamp = Timestamp::from_second(*seconds).ok()?;
            Some(Time(timestamp.to_zoned_datetime(TimeZone::system())))
        }
        _ => None,
    }
}

/// Returns an argument that must be a time.
fn time_argument(arguments: &[Value], index: usize) -> Result<Time, FunctionError> {
    let value = argument::any(arguments, index);
    match &value {
        Value::Object(object) if let Some(time) = object.as_any().downcast_ref::<Time>() => {
            Ok(time.clone())
        }
        _ => Err(FunctionError::new(format!(
            "wrong type for value; expected time.Time; got {}",
            value.type_name()
        ))),
    }
}

/// Formats a time, or the present if the value is none, in a zone; in UTC if
/// there is no such zone.
fn formatted(
    host: &dyn Host,
    layout: &str,
    value: &Value,
    zone: &str,
) -> Result<Value, FunctionError> {
    let time = match time_of(value) {
        Some(time) => time,
        None => present(host)?,
    };
    let zone = match zone {
        "Local" => TimeZone::system(),
        "" | "UTC" => TimeZone::UTC,
        name => TimeZone::get(name).unwrap_or(TimeZone::UTC),
    };
    let time = Time(time.0.with_time_zone(zone));
    Ok(Value::string(format::format(&time, layout)))
}

fn now(host: &dyn Host, _: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Object(Rc::new(present(host)?)))
}

fn date(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let layout = argument::text(arguments, 0)?;
    formatted(host, &layout, &argument::any(arguments, 1), "Local")
}

fn date_in_zone(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (layout, zone) = (argument::text(arguments, 0)?, argument::text(arguments, 2)?);
    formatted(host, &layout, &argument::any(arguments, 1), &zone)
}

fn html_date(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    formatted(host, HTML_LAYOUT, &argument::any(arguments, 0), "Local")
}

fn html_date_in_zone(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let zone = argument::text(arguments, 1)?;
    formatted(host, HTML_LAYOUT, &argument::any(arguments, 0), &zone)
}

fn date_modify(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let time = time_argument(arguments, 1)?;
    // sprig drops the error of a wrong duration here.
    let duration = Duration::parse(&argument::text(arguments, 0)?).unwrap_or_default();
    time.add(duration).map(|time| Value::Object(Rc::new(time)))
}

fn must_date_modify(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let time = time_argument(arguments, 1)?;
    let duration = Duration::parse(&argument::text(arguments, 0)?)?;
    time.add(duration).map(|time| Value::Object(Rc::new(time)))
}

fn to_date(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    // sprig drops the error here, which leaves Go's zero time.
    let (layout, text) = (argument::text(arguments, 0)?, argument::text(arguments, 1)?);
    let time = match parse::parse(&layout, &text) {
        Ok(time) => time,
        Err(_) => Time::zero()?,
    };
    Ok(Value::Object(Rc::new(time)))
}

fn must_to_date(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (layout, text) = (argument::text(arguments, 0)?, argument::text(arguments, 1)?);
    let time = parse::parse(&layout, &text).map_err(FunctionError::new)?;
    Ok(Value::Object(Rc::new(time)))
}

fn unix_epoch(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let seconds = time_argument(arguments, 0)?.unix();
    Ok(Value::string(seconds.to_string()))
}

fn ago(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let present = present(host)?;
    let duration = match time_of(&argument::any(arguments, 0)) {
        Some(time) => present.since(&time),
        None => Duration::default(),
    };
    Ok(Value::string(duration.round(Duration(Duration::SECOND)).to_string()))
}

fn duration(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let seconds = match argument::any(arguments, 0) {
        Value::String(text) => strconv::parse_int(&text.to_text(), 10).unwrap_or_default(),
        Value::Int(IntKind::Int64, seconds) => seconds,
        // Every other type counts as nothing, an int as well.
        _ => 0,
    };
    Ok(Value::string(Duration(seconds.wrapping_mul(Duration::SECOND)).to_string()))
}

fn duration_round(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    const HOUR: u64 = 3_600_000_000_000;
    let value = argument::any(arguments, 0);
    let duration = match &value {
        Value::String(text) => Duration::parse(&text.to_text()).unwrap_or_default(),
        Value::Int(IntKind::Int64, nanoseconds) => Duration(*nanoseconds),
        _ => match time_of(&value) {
            Some(time) if matches!(value, Value::Object(_)) => present(host)?.since(&time),
            _ => Duration::default(),
        },
    };
    let magnitude = duration.0.unsigned_abs();
    let units = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (HOUR / 60, "m"),
        (HOUR / 3600, "s"),
    ];
    let rounded = units
        .into_iter()
        .find(|(unit, _)| magnitude > *unit)
        .map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", magnitude / unit));
    Ok(Value::string(rounded))
}
