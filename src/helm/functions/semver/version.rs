//! One version.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::Regex;

use super::SemverError;
use crate::helm::value::FunctionError;
use crate::helm::value::Object;
use crate::helm::value::Value;

/// The longest version that is read.
const MAX_LENGTH: usize = 256;

/// Is a version. Two are equal when neither goes before the other, so build
/// metadata does not count.
#[derive(Clone, Debug)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number; 0 if it is not written.
    pub minor: u64,
    /// The third number; 0 if it is not written.
    pub patch: u64,
    /// What follows a `-`: `rc.1`; empty for a release.
    pub prerelease: String,
    /// What follows a `+`; empty if there is none.
    pub metadata: String,
    /// The text as it was read.
    pub original: String,
}

impl Version {
    /// Reads a version. A `v` may stand before it, the minor and patch numbers
    /// may be missing, and numbers may have leading zeros.
    pub fn parse(text: &str) -> Result<Self, SemverError> {
        static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(concat!(
                r"^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?",
                r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?",
                r"(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$",
            ))
            .ok()
        });
        if text.len() > MAX_LENGTH {
            let text = format!("version string is too long (max {MAX_LENGTH} bytes)");
            return Err(SemverError(text));
        }
        let parts = PATTERN
            .as_ref()
            .and_then(|pattern| pattern.captures(text))
            .ok_or_else(|| SemverError("invalid semantic version".into()))?;
        let part = |index: usize| parts.get(index).map_or("", |part| part.as_str());
        let number = |index: usize| match part(index) {
            "" => Ok(0),
            digits => digits.parse().map_err(|_| {
                SemverError(format!(
                    "error parsing version segment: strconv.ParseUint: parsing \"{digits}\": \
                     value out of range"
                ))
            }),
        };
        let prerelease = part(4);
        let leading_zero = |identifier: &str| {
            identifier.len() > 1
                && identifier.starts_with('0')
                && identifier.bytes().all(|byte| byte.is_ascii_digit())
        };
        if prerelease.split('.').any(leading_zero) {
            return Err(SemverError("version segment starts with 0".into()));
        }
        Ok(Self {
            major: number(1)?,
            minor: number(2)?,
            patch: number(3)?,
            prerelease: prerelease.into(),
            metadata: part(5).into(),
            original: text.into(),
        })
    }

    /// Compares by precedence, which build metadata has no part in.
    pub fn compare(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_prereleases(&self.prerelease, &other.prerelease),
            })
    }

    /// Returns the next version of a release, or the release of a prerelease.
    fn increment(&self, name: &str) -> Option<Self> {
        let (major, minor, patch) = match name {
            "IncPatch" if !self.prerelease.is_empty() => (self.major, self.minor, self.patch),
            "IncPatch" => (self.major, self.minor, self.patch.checked_add(1)?),
            "IncMinor" => (self.major, self.minor.checked_add(1)?, 0),
            "IncMajor" => (self.major.checked_add(1)?, 0, 0),
            _ => return None,
        };
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        let original = format!("{prefix}{major}.{minor}.{patch}");
        Some(Self {
            major,
            minor,
            patch,
            prerelease: String::new(),
            metadata: String::new(),
            original,
        })
    }
}

/// Compares prereleases identifier by identifier; an empty one stands for
/// nothing and goes first.
pub(super) fn compare_prereleases(left: &str, right: &str) -> Ordering {
    let mut left = left.split('.');
    let mut right = right.split('.');
    loop {
        let (left, right) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (left, right) => (left.unwrap_or_default(), right.unwrap_or_default()),
        };
        let order = match (left.parse::<u64>(), right.parse::<u64>()) {
            _ if left == right => Ordering::Equal,
            _ if left.is_empty() => Ordering::Less,
            _ if right.is_empty() => Ordering::Greater,
            (Ok(left), Ok(right)) => left.cmp(&right),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => left.cmp(right),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(formatter, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(formatter, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl Object for Version {
    fn type_name(&self) -> String {
        "*semver.Version".into()
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        // Go has uint64; the difference shows only in the type's name.
        let number = |number: u64| Ok(Value::int64(i64::try_from(number).unwrap_or(i64::MAX)));
        let compared = |decide: fn(Ordering) -> Value| match arguments {
            [Value::Object(other)] => match other.as_any().downcast_ref::<Self>() {
                Some(other) => Ok(decide(self.compare(other))),
                None => Err(wrong_operand(&other.type_name())),
            },
            [other] => Err(wrong_operand(&other.type_name())),
            _ => Err(FunctionError::new(format!(
                "wrong number of args for {name}: want 1 got {}",
                arguments.len()
            ))),
        };
        Some(match name {
            "Major" => number(self.major),
            "Minor" => number(self.minor),
            "Patch" => number(self.patch),
            "Prerelease" => Ok(Value::string(self.prerelease.as_str())),
            "Metadata" => Ok(Value::string(self.metadata.as_str())),
            "Original" => Ok(Value::string(self.original.as_str())),
            "String" => Ok(Value::string(self.to_string())),
            "Compare" => compared(|order| Value::int(order as i64)),
            "Equal" => compared(|order| Value::Bool(order.is_eq())),
            "LessThan" => compared(|order| Value::Bool(order.is_lt())),
            "LessThanEqual" => compared(|order| Value::Bool(order.is_le())),
            "GreaterThan" => compared(|order| Value::Bool(order.is_gt())),
            "GreaterThanEqual" => compared(|order| Value::Bool(order.is_ge())),
            _ => Ok(Value::Object(Rc::new(self.increment(name)?))),
        })
    }

    fn display(&self) -> String {
        self.to_string()
    }

    fn is_truthy(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn wrong_operand(actual: &str) -> FunctionError {
    FunctionError::new(format!("wrong type for value; expected *semver.Version; got {actual}"))
}
