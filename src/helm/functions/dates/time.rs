//! Go's `time.Time`.

use std::rc::Rc;

use jiff::SignedDuration;
use jiff::ToSpan as _;
use jiff::ZonedDateTime;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::format::format;
use crate::helm::function::Parameter;
use crate::helm::functions::durations::Duration;
use crate::helm::value::FunctionError;
use crate::helm::value::Object;
use crate::helm::value::Value;

/// Is a moment in a time zone.
#[derive(Clone, Debug)]
pub(super) struct Time(pub ZonedDateTime);

/// The layout of `%v`.
const DEFAULT_LAYOUT: &str = "2006-01-02 15:04:05.999999999 -0700 MST";

/// The layout in JSON and YAML.
pub(super) const JSON_LAYOUT: &str = "2006-01-02T15:04:05.999999999Z07:00";

fn out_of_range(error: &jiff::Error) -> FunctionError {
    FunctionError::new(format!("the time is out of range: {error}"))
}

impl Time {
    /// Returns the moment that Go's zero value stands for.
    pub fn zero() -> Result<Self, FunctionError> {
        DateTime::constant(1, 1, 1, 0, 0, 0, 0)
            .to_zoned_datetime(TimeZone::UTC)
            .map(Self)
            .map_err(|error| out_of_range(&error))
    }

    /// Returns the seconds since the Unix epoch.
    pub fn unix(&self) -> i64 {
        self.0.timestamp().as_nanosecond().div_euclid(1_000_000_000).try_into().unwrap_or(i64::MAX)
    }

    /// Returns the time that much later.
    pub fn add(&self, duration: Duration) -> Result<Self, FunctionError> {
        self.0
            .checked_add(SignedDuration::from_nanos(duration.0))
            .map(Self)
            .map_err(|error| out_of_range(&error))
    }

    /// Returns how much later this is than the other.
    pub fn since(&self, other: &Self) -> Duration {
        let difference = self.0.timestamp().as_nanosecond() - other.0.timestamp().as_nanosecond();
        let limit = if difference < 0 { i64::MIN } else { i64::MAX };
        Duration(i64::try_from(difference).unwrap_or(limit))
    }

    fn add_date(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let part = |index: usize| match arguments.get(index) {
            Some(Value::Int(_, part)) => Ok(*part),
            _ => Err(FunctionError::new("wrong type for value; expected int")),
        };
        let (years, months, days) = (part(0)?, part(1)?, part(2)?);
        let limit = 100_000_000;
        if [years, months, days].iter().any(|part| part.abs() > limit) {
            return Err(FunctionError::new("the time is out of range"));
        }
        // Go normalises: the 31st of a month of 30 days is the 1st of the next.
        let total = years * 12 + months + i64::from(self.0.month()) - 1;
        let date = self.0.date();
        let first = i16::try_from(i64::from(date.year()) + total.div_euclid(12))
            .ok()
            .zip(i8::try_from(total.rem_euclid(12) + 1).ok())
            .and_then(|(year, month)| jiff::civil::Date::new(year, month, 1).ok())
            .ok_or_else(|| FunctionError::new("the time is out of range"))?;
        let days = i64::from(date.day()) - 1 + days;
        first
            .checked_add(days.days())
            .and_then(|date| {
                date.to_datetime(self.0.time()).to_zoned_datetime(self.0.time_zone().clone())
            })
            .map(|zoned| Value::Object(Rc::new(Self(zoned))))
            .map_err(|error| out_of_range(&error))
    }
}

/// Is a month or a day of the week: a number that prints as a name.
#[derive(Clone, Copy, Debug)]
struct Name {
    kind: &'static str,
    number: i8,
    text: &'static str,
}

impl Object for Name {
    fn type_name(&self) -> String {
        self.kind.into()
    }

    fn kind(&self) -> &'static str {
        "int"
    }

    fn call(&self, name: &str, _: &[Value]) -> Option<Result<Value, FunctionError>> {
        (name == "String").then(|| Ok(Value::string(self.text)))
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::int(i64::from(self.number)))
    }

    fn display(&self) -> String {
        self.text.into()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl Object for Time {
    fn type_name(&self) -> String {
        "time.Time".into()
    }

    fn method(&self, name: &str) -> Option<&'static [Parameter]> {
        match name {
            "Format" => Some(&[Parameter::String]),
            "AddDate" => Some(&[Parameter::Int, Parameter::Int, Parameter::Int]),
            "Add" | "Sub" | "After" | "Before" | "Equal" => Some(&[Parameter::Any]),
            "Day" | "Hour" | "IsZero" | "Local" | "Minute" | "Month" | "Nanosecond" | "Second"
            | "String" | "UTC" | "Unix" | "UnixMicro" | "UnixMilli" | "UnixNano" | "Weekday"
            | "Year" | "YearDay" => Some(&[]),
            _ => None,
        }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let zoned = &self.0;
        let in_zone = |zone: TimeZone| Value::Object(Rc::new(Self(zoned.with_time_zone(zone))));
        let since_epoch = |unit: i128| {
            let value = zoned.timestamp().as_nanosecond().div_euclid(unit);
            Value::int64(i64::try_from(value).unwrap_or(i64::MAX))
        };
        let object = match arguments.first() {
            Some(Value::Object(object)) => Some(object.as_any()),
            _ => None,
        };
        let other = object.and_then(|object| object.downcast_ref::<Self>());
        let wrong = |expected: &str| {
            Err(FunctionError::new(format!("wrong type for value; expected {expected}")))
        };
        let compared = |decide: fn(std::cmp::Ordering) -> bool| match other {
            Some(other) => Ok(Value::Bool(decide(zoned.timestamp().cmp(&other.0.timestamp())))),
            None => wrong("time.Time"),
        };
        Some(Ok(match name {
            "Format" => match arguments {
                [Value::String(layout)] => Value::string(format(self, &layout.to_text())),
                _ => return Some(wrong("string")),
            },
            "AddDate" => return Some(self.add_date(arguments)),
            "Add" => match object.and_then(|object| object.downcast_ref::<Duration>()) {
                Some(duration) => {
                    return Some(self.add(*duration).map(|time| Value::Object(Rc::new(time))));
                }
                None => return Some(wrong("time.Duration")),
            },
            "Sub" => match other {
                Some(other) => Value::Object(Rc::new(self.since(other))),
                None => return Some(wrong("time.Time")),
            },
            "After" => return Some(compared(std::cmp::Ordering::is_gt)),
            "Before" => return Some(compared(std::cmp::Ordering::is_lt)),
            "Equal" => return Some(compared(std::cmp::Ordering::is_eq)),
            "Day" => Value::int(i64::from(zoned.day())),
            "Hour" => Value::int(i64::from(zoned.hour())),
            "Minute" => Value::int(i64::from(zoned.minute())),
            "Second" => Value::int(i64::from(zoned.second())),
            "Nanosecond" => Value::int(i64::from(zoned.subsec_nanosecond())),
            "Year" => Value::int(i64::from(zoned.year())),
            "YearDay" => Value::int(i64::from(zoned.day_of_year())),
            "Month" => Value::Object(Rc::new(Name {
                kind: "time.Month",
                number: zoned.month(),
                text: super::format::month_name(zoned.month()),
            })),
            "Weekday" => {
                let number = zoned.weekday().to_sunday_zero_offset();
                let text = super::format::weekday_name(number);
                Value::Object(Rc::new(Name { kind: "time.Weekday", number, text }))
            }
            "IsZero" => Value::Bool(self.unix() == -62_135_596_800),
            "Local" => in_zone(TimeZone::system()),
            "UTC" => in_zone(TimeZone::UTC),
            "Unix" => since_epoch(1_000_000_000),
            "UnixMilli" => since_epoch(1_000_000),
            "UnixMicro" => since_epoch(1_000),
            "UnixNano" => since_epoch(1),
            "String" => Value::string(self.display()),
            _ => return None,
        }))
    }

    fn json(&self) -> Value {
        Value::string(format(self, JSON_LAYOUT))
    }

    fn display(&self) -> String {
        format(self, DEFAULT_LAYOUT)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
