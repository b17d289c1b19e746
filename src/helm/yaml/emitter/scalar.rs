//! How a scalar is written: its spelling and its quotes.

use serde_json::Number;

use crate::helm::strconv;
use crate::helm::yaml::order::Dialect;
use crate::helm::yaml::resolve::is_plain_text;

/// Names the ways to write a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    /// `|`
    Literal,
}

/// Returns how go-yaml writes the number.
pub(super) fn number_text(number: &Number) -> String {
    if let Some(value) = number.as_i64() {
        return value.to_string();
    }
    if let Some(value) = number.as_u64() {
        return value.to_string();
    }
    let value = number.as_f64().unwrap_or_default();
    strconv::format_float(value)
}

/// Returns the way to write the text.
pub(super) fn select_style(text: &str, simple_key: bool, dialect: Dialect) -> Style {
    let analysis = analyze(text, dialect);
    let mut style = if text.contains('\n') {
        Style::Literal
    } else if is_plain_text(text) {
        Style::Plain
    } else {
        Style::DoubleQuoted
    };
    if simple_key && analysis.multiline {
        style = Style::DoubleQuoted;
    }
    if style == Style::Plain && (!analysis.plain || text.is_empty() && simple_key) {
        style = Style::SingleQuoted;
    }
    if style == Style::SingleQuoted && !analysis.single_quoted
        || style == Style::Literal && (!analysis.block || simple_key)
    {
        style = Style::DoubleQuoted;
    }
    style
}

/// Says which ways of writing a text keep it what it is.
#[allow(clippy::struct_excessive_bools, reason = "four independent answers")]
struct Analysis {
    multiline: bool,
    plain: bool,
    single_quoted: bool,
    block: bool,
}

fn analyze(text: &str, dialect: Dialect) -> Analysis {
    if text.is_empty() {
        return Analysis { multiline: false, plain: true, single_quoted: true, block: false };
    }
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let mut special = false;
    let mut tabs = false;
    let mut line_breaks = false;
    let mut break_space = false;
    let mut space_break = false;
    let mut previous = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let before_blank = characters.peek().is_none_or(|next| matches!(next, ' ' | '\t'));
        let first = previous.is_none();
        let after_blank = previous.is_none_or(is_blank);
        indicators |= match character {
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
            | '`' => first,
            '?' | '-' => first && before_blank,
            ':' => before_blank,
            '#' => after_blank,
            _ => false,
        };
        // v3 leaves a tab in a block scalar alone.
        if character == '\t' && dialect == Dialect::V3 {
            tabs = true;
        } else {
            special |= !is_printable(character);
        }
        if character == ' ' {
            break_space |= previous.is_some_and(is_break);
        } else if is_break(character) {
            line_breaks = true;
            space_break |= previous == Some(' ');
        }
        previous = Some(character);
    }
    let is_edge = |character: char| character == ' ' || is_break(character);
    let edges = text.starts_with(is_edge) || text.ends_with(is_edge);
    let trailing_space = text.ends_with(' ');
    Analysis {
        multiline: line_breaks,
        plain: !edges
            && !break_space
            && !space_break
            && !special
            && !tabs
            && !line_breaks
            && !indicators,
        single_quoted: !break_space && !space_break && !special && !tabs,
        block: !trailing_space && !space_break && !special,
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\0') || is_break(character)
}

/// Says whether YAML 1.1 takes the character for a line break.
pub(super) fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Says whether go-yaml writes the character unescaped. It takes no character
/// above U+FFFF for printable, so every emoji is escaped.
pub(super) fn is_printable(character: char) -> bool {
    match character {
        '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' => true,
        _ => false,
    }
}
