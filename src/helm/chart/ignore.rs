//! The rules of `.helmignore`.
//!
//! They look like git's but are not: evaluation stops at the first rule that
//! hits, `**` is refused, and a negated rule ignores everything that it does
//! *not* match. Charts rely on it, so it is kept as it is.

use std::iter::Peekable;
use std::str::Chars;

/// Is a list of rules, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    /// The pattern without the marks at its ends.
    pattern: String,
    /// `!pattern`.
    negated: bool,
    /// `pattern/`.
    folder_only: bool,
    /// The pattern is held against the whole path, not the last part.
    whole_path: bool,
}

impl Rules {
    /// Reads the lines of the file.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rules = Self::default();
        for line in text.trim_start_matches('\u{feff}').lines() {
            rules.add(line)?;
        }
        Ok(rules)
    }

    /// Adds the rule that Helm always appends: no dotfiles directly in `templates/`.
    pub(super) fn with_defaults(mut self) -> Self {
        self.0.push(Rule {
            pattern: "templates/.?*".to_owned(),
            negated: false,
            folder_only: false,
            whole_path: true,
        });
        self
    }

    /// Says whether the rules exclude the path, which is relative to the chart.
    pub(super) fn ignores(&self, path: &str, is_folder: bool) -> bool {
        for rule in &self.0 {
            let subject = if rule.whole_path {
                path
            } else {
                path.rsplit_once('/').map_or(path, |(_, last)| last)
            };
            let hit = matches(&rule.pattern, subject);
            if rule.negated {
                if (rule.folder_only && !is_folder) || !hit {
                    return true;
                }
            } else if hit && (is_folder || !rule.folder_only) {
                return true;
            }
        }
        false
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if line.contains("**") {
            return Err(format!("double-star (**) syntax is not supported, in the rule `{line}`."));
        }
        if !is_well_formed(line) {
            return Err(format!("the rule `{line}` is not a valid pattern."));
        }
        let (rest, negated) = line.strip_prefix('!').map_or((line, false), |rest| (rest, true));
        let (rest, folder_only) = rest.strip_suffix('/').map_or((rest, false), |rest| (rest, true));
        let whole_path = rest.contains('/');
        let pattern = rest.strip_prefix('/').unwrap_or(rest).to_owned();
        self.0.push(Rule { pattern, negated, folder_only, whole_path });
        Ok(())
    }
}

/// Says whether Go's `filepath.Match` accepts the pattern.
fn is_well_formed(pattern: &str) -> bool {
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        let fine = match character {
            '\\' => rest.next().is_some(),
            '[' => skip_class(&mut rest).is_some(),
            _ => true,
        };
        if !fine {
            return false;
        }
    }
    true
}

fn skip_class(rest: &mut Peekable<Chars<'_>>) -> Option<()> {
    class(rest, '\0').map(|_| ())
}

/// Says whether the pattern matches the whole text, as Go's `filepath.Match`:
/// `*` and `?` stop at `/`, `[...]` is a class, `\` takes the next character as it is.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pattern = pattern.chars().peekable();
    let mut text = text.chars();
    while let Some(expected) = pattern.next() {
        match expected {
            '*' => {
                while pattern.peek() == Some(&'*') {
                    pattern.next();
                }
                let rest: String = pattern.collect();
                loop {
                    if matches(&rest, text.as_str()) {
                        return true;
                    }
                    if matches!(text.next(), None | Some('/')) {
                        return false;
                    }
                }
            }
            '?' => {
                if matches!(text.next(), None | Some('/')) {
                    return false;
                }
            }
            '[' => {
                let Some(actual) = text.next() else { return false };
                if class(&mut pattern, actual) != Some(true) {
                    return false;
                }
            }
            '\\' => {
                if pattern.next() != text.next() {
                    return false;
                }
            }
            expected => {
                if text.next() != Some(expected) {
                    return false;
                }
            }
        }
    }
    text.as_str().is_empty()
}

/// Reads a class after its `[` and says whether it holds the character; `None`
/// when the class is not well-formed.
fn class(pattern: &mut Peekable<Chars<'_>>, actual: char) -> Option<bool> {
    let negated = pattern.next_if_eq(&'^').is_some();
    let mut found = false;
    let mut ranges = 0;
    loop {
        if ranges > 0 && pattern.next_if_eq(&']').is_some() {
            return Some(found != negated);
        }
        let low = class_character(pattern)?;
        let high = if pattern.next_if_eq(&'-').is_some() { class_character(pattern)? } else { low };
        found |= low <= actual && actual <= high;
        ranges += 1;
    }
}

fn class_character(pattern: &mut Peekable<Chars<'_>>) -> Option<char> {
    match pattern.next()? {
        '-' | ']' => None,
        '\\' => pattern.next(),
        character => Some(character),
    }
}
