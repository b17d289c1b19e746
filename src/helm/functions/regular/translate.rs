//! From Go's syntax of regular expressions to that of the `regex` crate.
//!
//! Both come from RE2, but the crate's classes are Unicode's (`\d` matches `٣`),
//! it has set operations within brackets (`[a&&b]`), takes `\<` for the begin
//! of a word, and knows neither `\Q...\E` nor octal numbers.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// Returns the expression in the crate's syntax, or what Go says is wrong.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let mut translator =
        Translator { input: pattern.chars().peekable(), output: String::new(), pattern };
    translator.run()?;
    Ok(translator.output)
}

/// The most often that a part may be repeated by number.
const MAX_REPEAT: u32 = 1000;

struct Translator<'a> {
    input: Peekable<Chars<'a>>,
    output: String,
    pattern: &'a str,
}

/// Is one thing within brackets.
enum Element {
    Character(char),
    /// A class, in the crate's syntax.
    Class(String),
}

impl Translator<'_> {
    fn run(&mut self) -> Result<(), String> {
        // Whether the last thing was a repetition, which may not be repeated.
        let mut repetition: Option<String> = None;
        while let Some(character) = self.input.next() {
            let operator = match character {
                '*' | '+' | '?' => Some(character.to_string()),
                '{' => self.repeat()?,
                _ => None,
            };
            if let Some(mut operator) = operator {
                if self.input.next_if_eq(&'?').is_some() {
                    operator.push('?');
                }
                if let Some(previous) = repetition {
                    return Err(format!(
                        "invalid nested repetition operator: `{previous}{operator}`"
                    ));
                }
                self.output.push_str(&operator);
                repetition = Some(operator);
                continue;
            }
            repetition = None;
            match character {
                '\\' => self.escape()?,
                '[' => self.brackets()?,
                '(' => self.group()?,
                '{' | '}' | ']' => {
                    self.output.push('\\');
                    self.output.push(character);
                }
                _ => self.output.push(character),
            }
        }
        Ok(())
    }

    /// Reads a repetition by number after its brace; `None` if the brace is
    /// only itself.
    fn repeat(&mut self) -> Result<Option<String>, String> {
        let mut ahead = self.input.clone();
        let mut text = String::new();
        loop {
            match ahead.next() {
                Some('}') => break,
                Some(character @ ('0'..='9' | ',')) => text.push(character),
                _ => return Ok(None),
            }
        }
        let (low, high) = text.split_once(',').unwrap_or((&text, &text));
        if low.is_empty() || high.contains(',') {
            return Ok(None);
        }
        let number = |text: &str| text.parse::<u32>().ok().filter(|count| *count <= MAX_REPEAT);
        let valid = match (number(low), high) {
            (Some(_), "") => true,
            (Some(low), high) => number(high).is_some_and(|high| low <= high),
            (None, _) => false,
        };
        if !valid {
            return Err(format!("invalid repeat count: `{{{text}}}`"));
        }
        self.input = ahead;
        Ok(Some(format!("{{{text}}}")))
    }

    /// Copies the beginning of a group; refuses flags that Go does not know.
    fn group(&mut self) -> Result<(), String> {
        self.output.push('(');
        if self.input.next_if_eq(&'?').is_none() {
            return Ok(());
        }
        self.output.push('?');
        let mut flags = String::from("(?");
        for character in self.input.by_ref() {
            self.output.push(character);
            flags.push(character);
            match character {
                'i' | 'm' | 's' | 'U' | '-' => {}
                // A name or an end: the crate's own checks are the same.
                'P' | '<' | ':' | ')' => return Ok(()),
                _ => return Err(format!("invalid or unsupported Perl syntax: `{flags}`")),
            }
        }
        Err(format!("missing argument to repetition operator: `{}`", self.pattern))
    }

    /// Translates an escape outside of brackets.
    fn escape(&mut self) -> Result<(), String> {
        match self.input.peek().copied() {
            Some('Q') => {
                self.input.next();
                self.quoted();
                return Ok(());
            }
            Some(anchor @ ('A' | 'z')) => {
                self.input.next();
                self.output.push('\\');
                self.output.push(anchor);
                return Ok(());
            }
            Some(boundary @ ('b' | 'B')) => {
                self.input.next();
                _ = write!(self.output, "(?-u:\\{boundary})");
                return Ok(());
            }
            _ => {}
        }
        match self.escaped_element()? {
            Element::Character(character) => self.push_character(character),
            Element::Class(class) => _ = write!(self.output, "[{class}]"),
        }
        Ok(())
    }

    /// Translates what stands between `\Q` and `\E`.
    fn quoted(&mut self) {
        while let Some(character) = self.input.next() {
            if character == '\\' && self.input.next_if_eq(&'E').is_some() {
                return;
            }
            self.push_character(character);
        }
    }

    fn push_character(&mut self, character: char) {
        self.output.push_str(&regex::escape(&character.to_string()));
    }

    /// Reads what follows a backslash, inside or outside of brackets.
    fn escaped_element(&mut self) -> Result<Element, String> {
        let Some(character) = self.input.next() else {
            return Err("trailing backslash at end of expression: ``".into());
        };
        let class = match character {
            'd' => "0-9",
            'D' => "[^0-9]",
            'w' => "0-9A-Za-z_",
            'W' => "[^0-9A-Za-z_]",
            's' => r"\t\n\x0C\r ",
            'S' => r"[^\t\n\x0C\r ]",
            _ => "",
        };
        if !class.is_empty() {
            return Ok(Element::Class(class.into()));
        }
        Ok(Element::Character(match character {
            'p' | 'P' => return self.unicode_class(character),
            'a' => '\u{7}',
            'f' => '\u{c}',
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'v' => '\u{b}',
            'x' => self.hexadecimal()?,
            '0' => self.octal(0),
            '1'..='7' if self.input.peek().is_some_and(|next| ('0'..='7').contains(next)) => {
                self.octal(character.to_digit(8).unwrap_or_default())
            }
            _ if character.is_ascii_punctuation() || character == ' ' => character,
            _ => return Err(format!("invalid escape sequence: `\\{character}`")),
        }))
    }

    fn octal(&mut self, first: u32) -> char {
        let mut code = first;
        for _ in 0..2 {
            let Some(digit) = self.input.peek().and_then(|next| next.to_digit(8)) else {
                break;
            };
            code = code * 8 + digit;
            self.input.next();
        }
        char::from_u32(code).unwrap_or_default()
    }

    fn hexadecimal(&mut self) -> Result<char, String> {
        let mut digits = String::new();
        if self.input.next_if_eq(&'{').is_some() {
            for character in self.input.by_ref() {
                if character == '}' {
                    break;
                }
                digits.push(character);
            }
        } else {
            digits.extend(self.input.by_ref().take(2));
            if digits.chars().count() < 2 {
                digits.clear();
            }
        }
        u32::from_str_radix(&digits, 16)
            .ok()
            .and_then(char::from_u32)
            .ok_or_else(|| format!("invalid escape sequence: `\\x{digits}`"))
    }

    /// Reads the name of a class such as `\pL` or `\p{Greek}`.
    fn unicode_class(&mut self, letter: char) -> Result<Element, String> {
        let mut name = String::new();
        if self.input.next_if_eq(&'{').is_some() {
            for character in self.input.by_ref() {
                if character == '}' {
                    break;
                }
                name.push(character);
            }
        } else {
            name.extend(self.input.next());
        }
        let valid = !name.is_empty()
            && name
                .chars()
                .all(|character| character.is_ascii_alphabetic() || "^_".contains(character));
        if !valid {
            return Err(format!("invalid character class range: `\\{letter}{{{name}}}`"));
        }
        let (letter, name) = match name.strip_prefix('^') {
            Some(name) => (if letter == 'p' { 'P' } else { 'p' }, name),
            None => (letter, name.as_str()),
        };
        Ok(Element::Class(format!("\\{letter}{{{name}}}")))
    }

    /// Translates a class in brackets.
    fn brackets(&mut self) -> Result<(), String> {
        let missing = || format!("missing closing ]: `{}`", self.pattern);
        let missing_text = missing();
        self.output.push('[');
        if self.input.next_if_eq(&'^').is_some() {
            self.output.push('^');
        }
        let mut first = true;
        loop {
            let Some(character) = self.input.next() else {
                return Err(missing_text);
            };
            if character == ']' && !first {
                break;
            }
            first = false;
            if character == '[' && self.input.peek() == Some(&':') {
                let mut ahead = self.input.clone();
                let name: String = ahead.by_ref().skip(1).take_while(|next| *next != ':').collect();
                if ahead.next() == Some(']') {
                    _ = write!(self.output, "[:{name}:]");
                    self.input = ahead;
                    continue;
                }
            }
            let low = match self.element(character)? {
                Element::Class(class) => {
                    self.output.push_str(&class);
                    continue;
                }
                Element::Character(low) => low,
            };
            let mut ahead = self.input.clone();
            let is_range =
                ahead.next() == Some('-') && ahead.peek().is_some_and(|next| *next != ']');
            if !is_range {
                self.push_code(low);
                continue;
            }
            self.input = ahead;
            let Some(character) = self.input.next() else {
                return Err(missing_text);
            };
            match self.element(character)? {
                Element::Character(high) if low <= high => {
                    self.push_code(low);
                    self.output.push('-');
                    self.push_code(high);
                }
                Element::Character(high) => {
                    return Err(format!("invalid character class range: `{low}-{high}`"));
                }
                Element::Class(_) => {
                    return Err(format!("invalid character class range: `{low}-\\{character}`"));
                }
            }
        }
        self.output.push(']');
        Ok(())
    }

    fn element(&mut self, character: char) -> Result<Element, String> {
        if character == '\\' { self.escaped_element() } else { Ok(Element::Character(character)) }
    }

    /// Appends a character by its number, which never has another meaning.
    fn push_code(&mut self, character: char) {
        _ = write!(self.output, "\\x{{{:X}}}", u32::from(character));
    }
}
