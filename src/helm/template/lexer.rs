//! The cutting of a template's text into tokens.
//!
//! Trim markers (`{{-`, `-}}`) and comments are dealt with here; the parser
//! never sees them.

mod token;

use std::borrow::Cow;

use crate::helm::printf::quote;
use crate::helm::printf::unicode;
use crate::helm::printf::utf8;

pub(super) use token::Keyword;
pub(super) use token::Token;
pub(super) use token::TokenKind;

const LEFT_DELIMITER: &[u8] = b"{{";
const RIGHT_DELIMITER: &[u8] = b"}}";
const COMMENT_START: &[u8] = b"/*";
const COMMENT_END: &[u8] = b"*/";
/// A trim marker is a minus and the space next to it.
const TRIM_MARKER_LENGTH: usize = 2;

/// Cuts a text into tokens.
pub(super) struct Lexer<'a> {
    input: &'a [u8],
    position: usize,
    /// Where the token at hand begins, and on which line.
    start: usize,
    start_line: usize,
    line: usize,
    parentheses: usize,
    inside_action: bool,
    /// Whether `break` is a keyword and no function.
    break_is_keyword: bool,
    /// Whether `continue` is a keyword and no function.
    continue_is_keyword: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(input: &'a [u8], break_is_keyword: bool, continue_is_keyword: bool) -> Self {
        Self {
            input,
            position: 0,
            start: 0,
            start_line: 1,
            line: 1,
            parentheses: 0,
            inside_action: false,
            break_is_keyword,
            continue_is_keyword,
        }
    }

    /// Returns the next token; at the end, and after an error, the last one again
    /// and again.
    pub(super) fn next_token(&mut self) -> Token<'a> {
        loop {
            if self.inside_action {
                return self.action();
            }
            if let Some(token) = self.text() {
                return token;
            }
        }
    }

    /// Returns the input that is left.
    fn rest(&self) -> &'a [u8] {
        self.input.get(self.position..).unwrap_or_default()
    }

    /// Returns the input of the token at hand.
    fn pending(&self) -> &'a [u8] {
        self.input.get(self.start..self.position).unwrap_or_default()
    }

    /// Reads a character; `None` at the end.
    fn next(&mut self) -> Option<char> {
        let (character, length) = utf8::decode(self.rest());
        self.position += length;
        if character == '\n' {
            self.line += 1;
        }
        (length > 0).then_some(character)
    }

    /// Returns the next character without reading it.
    fn peek(&self) -> Option<char> {
        let (character, length) = utf8::decode(self.rest());
        (length > 0).then_some(character)
    }

    /// Reads the next character if it is one of these.
    fn accept(&mut self, valid: &str) -> bool {
        let accepted = self.peek().is_some_and(|character| valid.contains(character));
        if accepted {
            self.next();
        }
        accepted
    }

    /// Reads all next characters that are one of these.
    fn accept_run(&mut self, valid: &str) {
        while self.accept(valid) {}
    }

    /// Ends the token at hand.
    fn emit(&mut self, kind: TokenKind) -> Token<'a> {
        let value = Cow::Borrowed(self.pending());
        let token = Token { kind, position: self.start, value, line: self.start_line };
        self.start = self.position;
        self.start_line = self.line;
        token
    }

    /// Leaves out the input of the token at hand, whose lines are not counted yet.
    fn skip(&mut self) {
        self.line += lines(self.pending());
        self.start = self.position;
        self.start_line = self.line;
    }

    /// Ends the input with an error.
    fn error(&mut self, message: impl Into<String>) -> Token<'a> {
        let value = Cow::Owned(message.into().into_bytes());
        let (position, line) = (self.start, self.start_line);
        self.input = &[];
        self.position = 0;
        self.start = 0;
        Token { kind: TokenKind::Error, position, value, line }
    }

    /// Reads text up to an action, and the action's left delimiter.
    fn text(&mut self) -> Option<Token<'a>> {
        let Some(length) = find(self.rest(), LEFT_DELIMITER) else {
            self.position = self.input.len();
            let text = self.pending();
            if text.is_empty() {
                return Some(self.emit(TokenKind::End));
            }
            self.line += lines(text);
            return Some(self.emit(TokenKind::Text));
        };
        if length > 0 {
            self.position += length;
            let after = self.rest().get(LEFT_DELIMITER.len()..).unwrap_or_default();
            let text = self.pending();
            let trimmed = if has_left_trim_marker(after) {
                text.len() - text.trim_ascii_end_like_go().len()
            } else {
                0
            };
            self.position -= trimmed;
            self.line += lines(self.pending());
            let token = self.emit(TokenKind::Text);
            self.position += trimmed;
            self.skip();
            if !token.value.is_empty() {
                return Some(token);
            }
        }
        self.left_delimiter()
    }

    /// Reads the left delimiter and a comment, if it opens one.
    fn left_delimiter(&mut self) -> Option<Token<'a>> {
        self.position += LEFT_DELIMITER.len();
        let marker = if has_left_trim_marker(self.rest()) { TRIM_MARKER_LENGTH } else { 0 };
        if self.rest().get(marker..).is_some_and(|rest| rest.starts_with(COMMENT_START)) {
            self.position += marker;
            self.skip();
            return self.comment();
        }
        let token = self.emit(TokenKind::LeftDelimiter);
        self.inside_action = true;
        self.position += marker;
        self.skip();
        self.parentheses = 0;
        Some(token)
    }

    /// Skips a comment and its right delimiter.
    fn comment(&mut self) -> Option<Token<'a>> {
        self.position += COMMENT_START.len();
        let Some(length) = find(self.rest(), COMMENT_END) else {
            return Some(self.error("unclosed comment"));
        };
        self.position += length + COMMENT_END.len();
        let Some(trim) = self.at_right_delimiter() else {
            return Some(self.error("comment ends before closing delimiter"));
        };
        self.skip();
        self.skip_right_delimiter(trim);
        self.skip();
        None
    }

    /// Says whether the right delimiter is next, and whether it trims.
    fn at_right_delimiter(&self) -> Option<bool> {
        let rest = self.rest();
        if has_right_trim_marker(rest)
            && rest.get(TRIM_MARKER_LENGTH..).is_some_and(|rest| rest.starts_with(RIGHT_DELIMITER))
        {
            return Some(true);
        }
        rest.starts_with(RIGHT_DELIMITER).then_some(false)
    }

    /// Moves behind the right delimiter and the space that it trims.
    fn skip_right_delimiter(&mut self, trim: bool) {
        self.position += RIGHT_DELIMITER.len();
        if trim {
            self.position += TRIM_MARKER_LENGTH;
            let rest = self.rest();
            self.position += rest.len() - rest.trim_ascii_start_like_go().len();
        }
    }

    /// Reads the right delimiter.
    fn right_delimiter(&mut self, trim: bool) -> Token<'a> {
        if trim {
            self.position += TRIM_MARKER_LENGTH;
            self.skip();
        }
        self.position += RIGHT_DELIMITER.len();
        let token = self.emit(TokenKind::RightDelimiter);
        if trim {
            let rest = self.rest();
            self.position += rest.len() - rest.trim_ascii_start_like_go().len();
            self.skip();
        }
        self.inside_action = false;
        token
    }

    /// Reads a token inside an action.
    fn action(&mut self) -> Token<'a> {
        if let Some(trim) = self.at_right_delimiter() {
            return if self.parentheses == 0 {
                self.right_delimiter(trim)
            } else {
                self.error("unclosed left paren")
            };
        }
        let Some(character) = self.peek() else {
            return self.error("unclosed action");
        };
        if is_space(character) {
            return self.space();
        }
        if matches!(character, '+' | '-' | '0'..='9') {
            return self.number();
        }
        if is_alphanumeric(character) {
            return self.identifier();
        }
        self.next();
        match character {
            '=' => self.emit(TokenKind::Assign),
            ':' if self.next() == Some('=') => self.emit(TokenKind::Declare),
            ':' => self.error("expected :="),
            '|' => self.emit(TokenKind::Pipe),
            '"' => self.quoted(TokenKind::String, '"', "unterminated quoted string"),
            '\'' => {
                self.quoted(TokenKind::CharacterConstant, '\'', "unterminated character constant")
            }
            '`' => self.raw_string(),
            '$' if self.at_terminator() => self.emit(TokenKind::Variable),
            '$' => self.name(TokenKind::Variable),
            '.' if self.rest().first().is_none_or(u8::is_ascii_digit) => {
                self.position -= 1;
                self.number()
            }
            '.' if self.at_terminator() => self.emit(TokenKind::Keyword(Keyword::Dot)),
            '.' => self.name(TokenKind::Field),
            '(' => {
                self.parentheses += 1;
                self.emit(TokenKind::LeftParenthesis)
            }
            ')' if self.parentheses == 0 => self.error("unexpected right paren"),
            ')' => {
                self.parentheses -= 1;
                self.emit(TokenKind::RightParenthesis)
            }
            '!'..='~' => self.emit(TokenKind::Character),
            _ => {
                let shown = describe(character);
                self.error(format!("unrecognized character in action: {shown}"))
            }
        }
    }

    /// Reads space; the last of it may belong to a right delimiter that trims.
    fn space(&mut self) -> Token<'a> {
        while self.peek().is_some_and(is_space) {
            self.next();
        }
        let last = self.position - 1;
        let from_last = self.input.get(last..).unwrap_or_default();
        if has_right_trim_marker(from_last)
            && from_last
                .get(TRIM_MARKER_LENGTH..)
                .is_some_and(|rest| rest.starts_with(RIGHT_DELIMITER))
        {
            if from_last.first() == Some(&b'\n') {
                self.line -= 1;
            }
            self.position = last;
            if self.start == last {
                return self.right_delimiter(true);
            }
        }
        self.emit(TokenKind::Space)
    }

    /// Reads a word.
    fn identifier(&mut self) -> Token<'a> {
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
        if !self.at_terminator() {
            return self.bad_character();
        }
        let kind = match (Keyword::of(self.pending()), self.pending()) {
            (Some(Keyword::Break), _) if !self.break_is_keyword => TokenKind::Identifier,
            (Some(Keyword::Continue), _) if !self.continue_is_keyword => TokenKind::Identifier,
            (Some(keyword), _) => TokenKind::Keyword(keyword),
            (None, b"true" | b"false") => TokenKind::Bool,
            _ => TokenKind::Identifier,
        };
        self.emit(kind)
    }

    /// Reads the name of a field or variable, whose first character was read.
    fn name(&mut self, kind: TokenKind) -> Token<'a> {
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
        if self.at_terminator() { self.emit(kind) } else { self.bad_character() }
    }

    /// Complains about the character after a name.
    fn bad_character(&mut self) -> Token<'a> {
        let shown = self.next().map(describe).unwrap_or_default();
        self.error(format!("bad character {shown}"))
    }

    /// Says whether what is next can follow a name.
    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(character) => is_space(character) || self.rest().starts_with(RIGHT_DELIMITER),
        }
    }

    /// Reads a string or a character, whose quote was read.
    fn quoted(&mut self, kind: TokenKind, mark: char, unterminated: &str) -> Token<'a> {
        loop {
            match self.next() {
                Some('\\') => {
                    if matches!(self.next(), None | Some('\n')) {
                        return self.error(unterminated);
                    }
                }
                None | Some('\n') => return self.error(unterminated),
                Some(character) if character == mark => return self.emit(kind),
                Some(_) => {}
            }
        }
    }

    /// Reads a raw string, whose quote was read.
    fn raw_string(&mut self) -> Token<'a> {
        loop {
            match self.next() {
                None => return self.error("unterminated raw quoted string"),
                Some('`') => return self.emit(TokenKind::RawString),
                Some(_) => {}
            }
        }
    }

    /// Reads a number. What it accepts too much, the parser refuses.
    fn number(&mut self) -> Token<'a> {
        let mut well_formed = self.scan_number();
        let mut kind = TokenKind::Number;
        if well_formed && matches!(self.peek(), Some('+' | '-')) {
            kind = TokenKind::Complex;
            well_formed = self.scan_number() && self.pending().ends_with(b"i");
        }
        if well_formed {
            self.emit(kind)
        } else {
            let shown = quote::quote(self.pending());
            self.error(format!("bad number syntax: {shown}"))
        }
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        let mut exponent = "eE";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
                exponent = "pP";
            } else if self.accept("oO") {
                digits = "01234567_";
                exponent = "";
            } else if self.accept("bB") {
                digits = "01_";
                exponent = "";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        if self.accept(exponent) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }
}

/// Trims as the trim markers do. Go's four space characters are not Rust's five:
/// the form feed stays.
trait Trim {
    fn trim_ascii_start_like_go(&self) -> &[u8];
    fn trim_ascii_end_like_go(&self) -> &[u8];
}

impl Trim for [u8] {
    fn trim_ascii_start_like_go(&self) -> &[u8] {
        let blank = self.iter().take_while(|&&byte| is_space(byte.into())).count();
        self.get(blank..).unwrap_or_default()
    }

    fn trim_ascii_end_like_go(&self) -> &[u8] {
        let blank = self.iter().rev().take_while(|&&byte| is_space(byte.into())).count();
        self.get(..self.len() - blank).unwrap_or_default()
    }
}

/// Returns the offset of the first occurrence.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// Returns the number of line ends.
fn lines(text: &[u8]) -> usize {
    text.split(|&byte| byte == b'\n').count() - 1
}

/// Returns the character as Go's `%#U` does: `U+0040 '@'`.
fn describe(character: char) -> String {
    let code = format!("U+{:04X}", u32::from(character));
    if unicode::is_print(character) { format!("{code} '{character}'") } else { code }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(character: char) -> bool {
    character == '_' || unicode::is_letter_or_digit(character)
}

fn has_left_trim_marker(text: &[u8]) -> bool {
    matches!(text, [b'-', b' ' | b'\t' | b'\r' | b'\n', ..])
}

fn has_right_trim_marker(text: &[u8]) -> bool {
    matches!(text, [b' ' | b'\t' | b'\r' | b'\n', b'-', ..])
}
