//! What a version must satisfy.

use std::sync::LazyLock;

use regex::Regex;

use super::SemverError;
use super::version::Version;
use super::version::compare_prereleases;
use crate::helm::strconv;

/// The longest constraint that is read.
const MAX_LENGTH: usize = 512;

/// How many alternatives a constraint may have.
const MAX_ALTERNATIVES: usize = 32;

/// The operators, in the order in which they are tried.
const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";

/// A version in which numbers may be missing or `x`, `X`, `*`.
const VERSION: &str = concat!(
    r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?",
    r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?",
    r"(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?",
);

/// Is a constraint: alternatives (`||`) of comparisons that must all hold.
#[derive(Clone, Debug)]
pub struct Constraint {
    alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug)]
struct Alternative {
    comparisons: Vec<Comparison>,
    /// One of them names a prerelease, so prereleases are looked at.
    with_prereleases: bool,
}

#[derive(Clone, Debug)]
struct Comparison {
    operator: Operator,
    version: Version,
    /// A number is missing.
    dirty: bool,
    /// The minor number is missing: `1`, `1.x`.
    minor_dirty: bool,
    /// The patch number is missing: `1.2`, `1.2.x`.
    patch_dirty: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    TildeOrEqual,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

/// Makes a pattern out of the grammar's parts.
fn pattern(template: &str) -> Option<Regex> {
    // White space is ASCII in Go.
    let template = template.replace(r"\s", r"[\t\n\f\r ]");
    Regex::new(&template.replace("OPERATORS", OPERATORS).replace("VERSION", VERSION)).ok()
}

impl Constraint {
    /// Reads a constraint.
    pub fn parse(text: &str) -> Result<Self, SemverError> {
        static VALID: LazyLock<Option<Regex>> = LazyLock::new(|| {
            pattern(r"^(\s*(OPERATORS)\s*(VERSION)\s*)((?:\s+|,\s*)(OPERATORS)\s*(VERSION)\s*)*$")
        });
        static FIND: LazyLock<Option<Regex>> =
            LazyLock::new(|| pattern(r"(OPERATORS)\s*(VERSION)"));
        if text.len() > MAX_LENGTH {
            let text = format!("constraint string is too long (max {MAX_LENGTH} bytes)");
            return Err(SemverError(text));
        }
        let text = rewrite_ranges(text);
        let parts: Vec<&str> = text.split("||").collect();
        if parts.len() > MAX_ALTERNATIVES {
            let text = format!("too many constraint groups (max {MAX_ALTERNATIVES})");
            return Err(SemverError(text));
        }
        let mut alternatives = Vec::new();
        for part in parts {
            if !VALID.as_ref().is_some_and(|valid| valid.is_match(part)) {
                return Err(improper(part));
            }
            let comparisons = FIND
                .iter()
                .flat_map(|find| find.find_iter(part))
                .map(|found| Comparison::parse(found.as_str()))
                .collect::<Result<Vec<_>, _>>()?;
            let with_prereleases =
                comparisons.iter().any(|comparison| !comparison.version.prerelease.is_empty());
            alternatives.push(Alternative { comparisons, with_prereleases });
        }
        Ok(Self { alternatives })
    }

    /// Says whether the version satisfies the constraint. A prerelease does
    /// only if the constraint names one.
    pub fn allows(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|alternative| {
            (version.prerelease.is_empty() || alternative.with_prereleases)
                && alternative.comparisons.iter().all(|comparison| comparison.holds(version))
        })
    }
}

fn improper(text: &str) -> SemverError {
    SemverError(format!("improper constraint: {}", strconv::quote(text.as_bytes())))
}

/// Writes ranges such as `1.2 - 2.3` as two comparisons.
fn rewrite_ranges(text: &str) -> String {
    static RANGE: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern(r"\s*(VERSION)\s+-\s+(VERSION)\s*"));
    let mut rewritten = text.to_owned();
    for range in RANGE.iter().flat_map(|pattern| pattern.captures_iter(text)) {
        let (Some(whole), Some(low), Some(high)) = (range.get(0), range.get(1), range.get(11))
        else {
            continue;
        };
        let comparisons = format!(">= {}, <= {} ", low.as_str(), high.as_str());
        rewritten = rewritten.replacen(whole.as_str(), &comparisons, 1);
    }
    rewritten
}

impl Comparison {
    fn parse(text: &str) -> Result<Self, SemverError> {
        static PATTERN: LazyLock<Option<Regex>> =
            LazyLock::new(|| pattern(r"^\s*(OPERATORS)\s*(VERSION)\s*$"));
        let parts = PATTERN
            .as_ref()
            .and_then(|pattern| pattern.captures(text))
            .ok_or_else(|| improper(text))?;
        let part = |index: usize| parts.get(index).map_or("", |part| part.as_str());
        let operator = match part(1) {
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            ">=" | "=>" => Operator::GreaterOrEqual,
            "<=" | "=<" => Operator::LessOrEqual,
            "~" | "~>" => Operator::Tilde,
            "^" => Operator::Caret,
            _ => Operator::TildeOrEqual,
        };
        let missing = |text: &str| matches!(text.trim_start_matches('.'), "" | "x" | "X" | "*");
        let (major, minor, patch, prerelease) = (part(3), part(4), part(5), part(6));
        let (text, minor_dirty, patch_dirty) = if missing(major) {
            (format!("0.0.0{prerelease}"), false, false)
        } else if missing(minor) {
            (format!("{major}.0.0{prerelease}"), true, false)
        } else if missing(patch) {
            (format!("{major}{minor}.0{prerelease}"), false, true)
        } else {
            (part(2).to_owned(), false, false)
        };
        let dirty = minor_dirty || patch_dirty || missing(major);
        let version =
            Version::parse(&text).map_err(|_| SemverError("constraint parser error".into()))?;
        Ok(Self { operator, version, dirty, minor_dirty, patch_dirty })
    }

    /// Says whether the comparison holds for a version that may be looked at.
    fn holds(&self, version: &Version) -> bool {
        let limit = &self.version;
        let order = version.compare(limit);
        match self.operator {
            Operator::TildeOrEqual if self.dirty => self.tilde(version),
            Operator::TildeOrEqual => order.is_eq(),
            Operator::NotEqual => self.not_equal(version),
            Operator::Greater if self.dirty && version.major != limit.major => order.is_gt(),
            Operator::Greater if self.minor_dirty => false,
            Operator::Greater if self.patch_dirty => version.minor > limit.minor,
            Operator::Greater => order.is_gt(),
            Operator::Less => order.is_lt(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::LessOrEqual if self.dirty => {
                version.major < limit.major
                    || version.major == limit.major
                        && (version.minor <= limit.minor || self.minor_dirty)
            }
            Operator::LessOrEqual => order.is_le(),
            Operator::Tilde => self.tilde(version),
            Operator::Caret => self.caret(version),
        }
    }

    fn not_equal(&self, version: &Version) -> bool {
        let limit = &self.version;
        if self.dirty {
            if limit.major != version.major {
                return true;
            }
            if self.minor_dirty {
                return false;
            }
            if limit.minor != version.minor {
                return true;
            }
            if self.patch_dirty {
                return compare_prereleases(&version.prerelease, &limit.prerelease).is_ne();
            }
            if limit.patch != version.patch {
                return true;
            }
        }
        version.compare(limit).is_ne()
    }

    /// `~1.2.3` allows patches, `~1` minor versions, `~0.0.0` and `~*` all.
    fn tilde(&self, version: &Version) -> bool {
        let limit = &self.version;
        if version.compare(limit).is_lt() {
            return false;
        }
        let is_zero = (limit.major, limit.minor, limit.patch) == (0, 0, 0);
        if is_zero && !self.minor_dirty && !self.patch_dirty {
            return true;
        }
        version.major == limit.major && (version.minor == limit.minor || self.minor_dirty)
    }

    /// `^1.2.3` allows what does not change the first number that is not zero.
    fn caret(&self, version: &Version) -> bool {
        let limit = &self.version;
        if version.compare(limit).is_lt() {
            return false;
        }
        if limit.major > 0 || self.minor_dirty {
            return version.major == limit.major;
        }
        if version.major > 0 {
            return false;
        }
        if limit.minor > 0 || self.patch_dirty {
            return version.minor == limit.minor;
        }
        version.minor == 0 && version.patch == limit.patch
    }
}
