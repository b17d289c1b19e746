//! The patterns of `.Files.Glob`.
//!
//! Their language is that of gobwas/glob with `/` as separator: `*` and `?` stop
//! at `/`, `**` does not, `[abc]`, `[a-z]` and `[!a]` are classes, `{a,b}` are
//! alternatives. It is translated to a regular expression; the crate `globset`
//! knows another dialect (`**` only between separators, `[^a]`, ...).

use std::iter::Peekable;
use std::str::Chars;

use regex::Regex;

/// Is a pattern that paths can be held against.
pub(super) struct Glob(Regex);

impl Glob {
    /// Reads a pattern; `None` when it is not well-formed.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let mut expression = String::from("(?s)^");
        translate(&mut pattern.chars().peekable(), &mut expression)?;
        expression.push('$');
        Regex::new(&expression).ok().map(Self)
    }

    /// Says whether the whole path fits.
    pub(super) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

fn translate(pattern: &mut Peekable<Chars<'_>>, expression: &mut String) -> Option<()> {
    let mut depth = 0_usize;
    while let Some(character) = pattern.next() {
        match character {
            '*' if pattern.next_if_eq(&'*').is_some() => expression.push_str(".*"),
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '[' => class(pattern, expression)?,
            '{' => {
                depth += 1;
                expression.push_str("(?:");
            }
            ',' if depth > 0 => expression.push('|'),
            '}' if depth > 0 => {
                depth -= 1;
                expression.push(')');
            }
            '\\' => {
                // A backslash at the end stands for nothing.
                if let Some(escaped) = pattern.next() {
                    literal(escaped, expression);
                }
            }
            character => literal(character, expression),
        }
    }
    // What is left open is closed: gobwas takes the end for it.
    expression.push_str(&")".repeat(depth));
    Some(())
}

/// Translates a class after its `[`: either one range or a list of characters.
fn class(pattern: &mut Peekable<Chars<'_>>, expression: &mut String) -> Option<()> {
    expression.push('[');
    if pattern.next_if_eq(&'!').is_some() {
        expression.push('^');
    }
    let first = pattern.next()?;
    if pattern.next_if_eq(&'-').is_some() {
        let last = pattern.next()?;
        if last < first || pattern.next()? != ']' {
            return None;
        }
        literal(first, expression);
        expression.push('-');
        literal(last, expression);
        expression.push(']');
        return Some(());
    }
    let mut character = first;
    let mut is_empty = true;
    loop {
        match character {
            ']' => break,
            '\\' => literal(pattern.next()?, expression),
            other => literal(other, expression),
        }
        is_empty = false;
        character = pattern.next()?;
    }
    if is_empty {
        return None;
    }
    expression.push(']');
    Some(())
}

fn literal(character: char, expression: &mut String) {
    expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use super::Glob;

    fn fits(pattern: &str, path: &str) -> bool {
        Glob::new(pattern).is_some_and(|glob| glob.matches(path))
    }

    #[test]
    fn stars_stop_at_slashes_unless_doubled() {
        assert!(fits("config/*", "config/a.yaml"));
        assert!(!fits("config/*", "config/sub/a.yaml"));
        assert!(fits("config/**", "config/sub/a.yaml"));
        assert!(fits("**.yaml", "config/sub/a.yaml"));
        assert!(fits("**", "anything/at/all"));
        assert!(!fits("a?c", "a/c"));
        assert!(fits("a?c", "abc"));
        // Doubled stars between slashes need both slashes, unlike in git.
        assert!(!fits("config/**/a", "config/a"));
    }

    #[test]
    fn classes_and_alternatives() {
        assert!(fits("*.{yaml,yml}", "a.yml"));
        assert!(!fits("*.{yaml,yml}", "a.json"));
        assert!(fits("{a,b{c,d}}", "bd"));
        assert!(fits("[a-c]x", "bx"));
        assert!(!fits("[!a-c]x", "bx"));
        assert!(fits("[abc]x", "cx"));
        assert!(fits("[^a]x", "^x"));
        assert!(fits("a,b", "a,b"));
        assert!(fits(r"\*", "*"));
        assert!(!fits(r"\*", "x"));
    }

    #[test]
    fn what_is_malformed_is_no_pattern() {
        for pattern in ["[", "[a", "[]", "[c-a]", "[a-cd]"] {
            assert!(Glob::new(pattern).is_none(), "{pattern}");
        }
    }
}
