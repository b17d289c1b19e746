//! The emitter: from JSON to the YAML text that go-yaml would write, byte for
//! byte.
//!
//! The published emitters quote and fold by other rules, and a rendered
//! manifest shows every difference, so this one follows go-yaml's.

mod scalar;

use std::cmp::Ordering;
use std::fmt::Write as _;

use serde_json::Value;

use self::scalar::Style;
use super::order::Dialect;
use super::order::compare;

/// The column after which v2 breaks a line at the next space.
const WIDTH: usize = 80;

/// How many columns a level is indented.
const INDENT: isize = 2;

/// The longest key that is written without `?`, in bytes.
const MAX_SIMPLE_KEY: usize = 128;

/// Returns the value as one YAML document, with the line break at its end.
pub(super) fn emit(value: &Value, dialect: Dialect) -> String {
    let mut emitter = Emitter {
        text: String::new(),
        column: 0,
        indent: -1,
        whitespace: true,
        indention: true,
        dialect,
    };
    emitter.node(value, Context::ITEM);
    emitter.write_indent();
    emitter.text
}

/// Is where a node stands.
#[derive(Clone, Copy)]
struct Context {
    mapping: bool,
    simple_key: bool,
}

impl Context {
    const ITEM: Self = Self { mapping: false, simple_key: false };
    const VALUE: Self = Self { mapping: true, simple_key: false };
    const SIMPLE_KEY: Self = Self { mapping: true, simple_key: true };
}

/// Returns the entries in go-yaml's order. That order is not always
/// transitive, for which Rust's sort may panic, so each is inserted.
fn sorted(entries: &serde_json::Map<String, Value>, dialect: Dialect) -> Vec<(&String, &Value)> {
    let mut sorted: Vec<(&String, &Value)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let place = sorted
            .partition_point(|(other, _)| compare(other, entry.0, dialect) != Ordering::Greater);
        sorted.insert(place, entry);
    }
    sorted
}

/// Says whether the key is written without `?`.
fn is_simple_key(key: &str) -> bool {
    key.len() <= MAX_SIMPLE_KEY && !key.contains(scalar::is_break)
}

struct Emitter {
    text: String,
    /// Characters on the current line.
    column: usize,
    /// The column of the current collection; -1 outside of any.
    indent: isize,
    /// The last character was white space.
    whitespace: bool,
    /// Nothing but indentation and `-`, `?`, `:` is on the line.
    indention: bool,
    dialect: Dialect,
}

impl Emitter {
    fn node(&mut self, value: &Value, context: Context) {
        match value {
            Value::Null => self.plain("null"),
            Value::Bool(value) => self.plain(if *value { "true" } else { "false" }),
            Value::Number(number) => self.plain(&scalar::number_text(number)),
            Value::String(text) => self.string(text, context),
            Value::Array(items) if items.is_empty() => self.write_indicator("[]", true, false),
            Value::Object(entries) if entries.is_empty() => {
                self.write_indicator("{}", true, false);
            }
            Value::Array(items) => self.sequence(items, context),
            Value::Object(entries) => self.mapping(entries),
        }
    }

    fn sequence(&mut self, items: &[Value], context: Context) {
        // v2 does not indent a sequence under its key.
        let indentless = self.dialect == Dialect::V2 && context.mapping && !self.indention;
        let outer = self.increase_indent(false, indentless);
        for item in items {
            self.write_indent();
            self.write_indicator("-", true, true);
            self.node(item, Context::ITEM);
        }
        self.indent = outer;
    }

    fn mapping(&mut self, entries: &serde_json::Map<String, Value>) {
        let outer = self.increase_indent(false, false);
        for (key, value) in sorted(entries, self.dialect) {
            self.write_indent();
            if is_simple_key(key) {
                self.string(key, Context::SIMPLE_KEY);
                self.write_indicator(":", false, false);
            } else {
                self.write_indicator("?", true, true);
                self.string(key, Context::VALUE);
                self.write_indent();
                self.write_indicator(":", true, true);
            }
            self.node(value, Context::VALUE);
        }
        self.indent = outer;
    }

    /// Begins a level and returns the indentation to go back to.
    fn increase_indent(&mut self, flow: bool, indentless: bool) -> isize {
        let outer = self.indent;
        if outer < 0 {
            self.indent = if flow { INDENT } else { 0 };
        } else if !indentless {
            self.indent += INDENT;
        }
        outer
    }

    /// Writes a scalar that needs no quotes.
    fn plain(&mut self, text: &str) {
        let outer = self.increase_indent(true, false);
        self.write_plain(text, true);
        self.indent = outer;
    }

    fn string(&mut self, text: &str, context: Context) {
        let style = scalar::select_style(text, context.simple_key, self.dialect);
        let outer = self.increase_indent(true, false);
        let fold = !context.simple_key;
        match style {
            Style::Plain => self.write_plain(text, fold),
            Style::SingleQuoted => self.write_single_quoted(text, fold),
            Style::DoubleQuoted => self.write_double_quoted(text, fold),
            Style::Literal => self.write_literal(text),
        }
        self.indent = outer;
    }

    /// Says whether a space here is where the line is broken.
    fn folds_here(&self, fold: bool) -> bool {
        fold && self.dialect == Dialect::V2 && self.column > WIDTH
    }

    fn write_plain(&mut self, text: &str, fold: bool) {
        if !self.whitespace {
            self.put(' ');
        }
        let mut spaces = false;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let next_is_space = characters.peek() == Some(&' ');
            if character == ' ' && self.folds_here(fold) && !spaces && !next_is_space {
                self.write_indent();
            } else {
                self.put(character);
            }
            spaces = character == ' ';
            if !spaces {
                self.indention = false;
            }
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn write_single_quoted(&mut self, text: &str, fold: bool) {
        self.write_indicator("'", true, false);
        let mut spaces = false;
        let mut breaks = false;
        let mut first = true;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let next = characters.peek().copied();
            if character == ' ' {
                if self.folds_here(fold)
                    && !spaces
                    && !first
                    && next.is_some_and(|next| next != ' ')
                {
                    self.write_indent();
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else if scalar::is_break(character) {
                if !breaks && character == '\n' {
                    self.put_break('\n');
                }
                self.put_break(character);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if character == '\'' {
                    self.put('\'');
                }
                self.put(character);
                self.indention = false;
                spaces = false;
                breaks = false;
            }
            first = false;
        }
        self.write_indicator("'", false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn write_double_quoted(&mut self, text: &str, fold: bool) {
        self.write_indicator("\"", true, false);
        // A text that begins with a byte order mark is escaped whole: go-yaml
        // looks for the mark at the beginning instead of at the character.
        let all_escaped = text.starts_with('\u{feff}');
        let mut spaces = false;
        let mut first = true;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let next = characters.peek().copied();
            if all_escaped
                || !scalar::is_printable(character)
                || scalar::is_break(character)
                || matches!(character, '"' | '\\')
            {
                self.put_escaped(character);
                spaces = false;
            } else if character == ' ' {
                if self.folds_here(fold) && !spaces && !first && next.is_some() {
                    self.write_indent();
                    // A second space would be lost at the beginning of a line.
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else {
                self.put(character);
                spaces = false;
            }
            first = false;
        }
        self.write_indicator("\"", false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn put_escaped(&mut self, character: char) {
        let code = u32::from(character);
        let mut escape = String::from("\\");
        match character {
            '\0' => escape.push('0'),
            '\u{7}' => escape.push('a'),
            '\u{8}' => escape.push('b'),
            '\t' => escape.push('t'),
            '\n' => escape.push('n'),
            '\u{b}' => escape.push('v'),
            '\u{c}' => escape.push('f'),
            '\r' => escape.push('r'),
            '\u{1b}' => escape.push('e'),
            '"' | '\\' => escape.push(character),
            '\u{85}' => escape.push('N'),
            '\u{a0}' => escape.push('_'),
            '\u{2028}' => escape.push('L'),
            '\u{2029}' => escape.push('P'),
            // Writing to a string cannot fail.
            _ if code <= 0xff => _ = write!(escape, "x{code:02X}"),
            _ if code <= 0xffff => _ = write!(escape, "u{code:04X}"),
            _ => _ = write!(escape, "U{code:08X}"),
        }
        for character in escape.chars() {
            self.put(character);
        }
    }

    fn write_literal(&mut self, text: &str) {
        self.write_indicator("|", true, false);
        if text.starts_with(|first| first == ' ' || scalar::is_break(first)) {
            self.write_indicator(&INDENT.to_string(), false, false);
        }
        let mut backwards = text.chars().rev();
        match (backwards.next().is_some_and(scalar::is_break), backwards.next()) {
            (false, _) => self.write_indicator("-", false, false),
            (true, None) => self.write_indicator("+", false, false),
            (true, Some(before)) if scalar::is_break(before) => {
                self.write_indicator("+", false, false);
            }
            (true, Some(_)) => {}
        }
        self.put_break('\n');
        self.indention = true;
        self.whitespace = true;
        let mut breaks = true;
        for character in text.chars() {
            if scalar::is_break(character) {
                self.put_break(character);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                self.put(character);
                self.indention = false;
                breaks = false;
            }
        }
    }

    fn write_indicator(&mut self, indicator: &str, need_whitespace: bool, is_indention: bool) {
        if need_whitespace && !self.whitespace {
            self.put(' ');
        }
        for character in indicator.chars() {
            self.put(character);
        }
        self.whitespace = false;
        self.indention = self.indention && is_indention;
    }

    /// Goes to the indentation, on a new line if something is on this one.
    fn write_indent(&mut self) {
        let indent = usize::try_from(self.indent).unwrap_or_default();
        if !self.indention || self.column > indent || self.column == indent && !self.whitespace {
            self.put_break('\n');
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn put(&mut self, character: char) {
        self.text.push(character);
        self.column += 1;
    }

    fn put_break(&mut self, character: char) {
        self.text.push(character);
        self.column = 0;
    }
}
