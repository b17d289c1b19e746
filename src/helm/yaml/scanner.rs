//! The scanner: from characters to tokens.
//!
//! It follows the token rules of go-yaml v2 to the letter, because Helm reads
//! every values file and manifest with it, and what it accepts is neither YAML
//! 1.1 nor 1.2: `[a?b]` ends the scalar at `?`, `{a:b}` has the key `a`.
//! A published scanner was tried and rejected: it ends the process on some
//! inputs (`[!a,b]`, a block scalar at the end of the text).

mod directives;
mod fetch;
mod scalars;

use std::collections::HashMap;
use std::collections::VecDeque;

use super::error::YamlError;
use super::token::Kind;
use super::token::Mark;
use super::token::Token;
use crate::helm::json::MAX_DEPTH;

/// How many characters a key without `?` may have.
const MAX_SIMPLE_KEY: usize = 1024;

/// Is a place where a key may have begun, which is certain only at its `:`.
#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token_number: usize,
    mark: Mark,
}

/// Turns characters into tokens, one at a time.
pub(super) struct Scanner {
    characters: Vec<char>,
    mark: Mark,
    started: bool,
    tokens: VecDeque<Token>,
    tokens_parsed: usize,
    token_available: bool,
    flow_level: usize,
    /// The column of the current block collection; -1 outside of any.
    indent: isize,
    indents: Vec<isize>,
    simple_key_allowed: bool,
    simple_keys: Vec<SimpleKey>,
    simple_keys_by_token: HashMap<usize, usize>,
}

impl Scanner {
    /// Makes a scanner of these characters.
    pub fn new(characters: Vec<char>) -> Self {
        Self {
            characters,
            mark: Mark::default(),
            started: false,
            tokens: VecDeque::new(),
            tokens_parsed: 0,
            token_available: false,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            simple_keys_by_token: HashMap::new(),
        }
    }

    /// Returns the next token and leaves it in the queue.
    pub fn peek(&mut self) -> Result<&Token, YamlError> {
        if !self.token_available {
            self.fetch_more()?;
        }
        if self.tokens.is_empty() {
            self.push(Kind::StreamEnd, self.mark);
        }
        self.tokens.front().ok_or_else(|| YamlError::plain("unexpected end of tokens"))
    }

    /// Removes the next token from the queue and returns it.
    pub fn next(&mut self) -> Result<Token, YamlError> {
        self.peek()?;
        self.token_available = false;
        self.tokens_parsed += 1;
        let token = self.tokens.pop_front();
        token.ok_or_else(|| YamlError::plain("unexpected end of tokens"))
    }

    /// Removes the token that [`Scanner::peek`] returned.
    pub fn skip(&mut self) {
        if self.tokens.pop_front().is_some() {
            self.tokens_parsed += 1;
        }
        self.token_available = false;
    }

    /// Fetches tokens until the first one is certain not to become a key.
    fn fetch_more(&mut self) -> Result<(), YamlError> {
        loop {
            if !self.tokens.is_empty() {
                let Some(position) = self.simple_keys_by_token.get(&self.tokens_parsed).copied()
                else {
                    break;
                };
                if !self.is_simple_key_valid(position)? {
                    break;
                }
            } else if self.started && self.mark.index > self.characters.len() {
                break;
            }
            self.fetch_next()?;
        }
        self.token_available = true;
        Ok(())
    }

    /// Finds out what the next token is, and fetches it.
    fn fetch_next(&mut self) -> Result<(), YamlError> {
        if !self.started {
            self.started = true;
            self.push(Kind::StreamStart, self.mark);
            return Ok(());
        }
        self.scan_to_next_token();
        self.unroll_indent(Some(self.mark.column));
        let character = self.character(0);
        let next = self.character(1);
        let in_flow = self.flow_level > 0;
        if is_end(character) {
            return self.fetch_stream_end();
        }
        if self.mark.column == 0 {
            if character == '%' {
                return self.fetch_directive();
            }
            if self.is_document_indicator('-') {
                return self.fetch_document_indicator(Kind::DocumentStart);
            }
            if self.is_document_indicator('.') {
                return self.fetch_document_indicator(Kind::DocumentEnd);
            }
        }
        match character {
            '[' => self.fetch_flow_start(Kind::FlowSequenceStart),
            '{' => self.fetch_flow_start(Kind::FlowMappingStart),
            ']' => self.fetch_flow_end(Kind::FlowSequenceEnd),
            '}' => self.fetch_flow_end(Kind::FlowMappingEnd),
            ',' => self.fetch_flow_entry(),
            '-' if is_blank_or_end(next) => self.fetch_block_entry(),
            '?' if in_flow || is_blank_or_end(next) => self.fetch_key(),
            ':' if in_flow || is_blank_or_end(next) => self.fetch_value(),
            '*' => self.fetch_anchor(Kind::Alias),
            '&' => self.fetch_anchor(Kind::Anchor),
            '!' => self.fetch_tag(),
            '|' if !in_flow => self.fetch_block_scalar(true),
            '>' if !in_flow => self.fetch_block_scalar(false),
            '\'' => self.fetch_flow_scalar(true),
            '"' => self.fetch_flow_scalar(false),
            '-' => self.fetch_plain_scalar(),
            '?' | ':' if !in_flow => self.fetch_plain_scalar(),
            '?' | ':' | '#' | '|' | '>' | '%' | '@' | '`' => Err(self.cannot_start_token()),
            _ if is_blank_or_end(character) => Err(self.cannot_start_token()),
            _ => self.fetch_plain_scalar(),
        }
    }

    fn cannot_start_token(&self) -> YamlError {
        self.error(self.mark, "found character that cannot start any token")
    }

    /// Says whether `---` or `...` stands here alone.
    fn is_document_indicator(&self, character: char) -> bool {
        (0..3).all(|offset| self.character(offset) == character)
            && is_blank_or_end(self.character(3))
    }

    /// Says whether the key that began there may still be one, and forgets it
    /// if not: it must end on its line, within 1024 characters.
    fn is_simple_key_valid(&mut self, position: usize) -> Result<bool, YamlError> {
        let here = self.mark;
        let Some(key) = self.simple_keys.get_mut(position) else {
            return Ok(false);
        };
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line < here.line || key.mark.index + MAX_SIMPLE_KEY < here.index {
            if key.required {
                let start = key.mark;
                return Err(self.error(start, "could not find expected ':'"));
            }
            key.possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    /// Notes that a key may begin here.
    fn save_simple_key(&mut self) -> Result<(), YamlError> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let key = SimpleKey {
            possible: true,
            required: self.flow_level == 0 && self.indent == as_indent(self.mark.column),
            token_number: self.tokens_parsed + self.tokens.len(),
            mark: self.mark,
        };
        self.remove_simple_key()?;
        let position = self.simple_keys.len().saturating_sub(1);
        if let Some(last) = self.simple_keys.last_mut() {
            *last = key;
            self.simple_keys_by_token.insert(key.token_number, position);
        }
        Ok(())
    }

    /// Forgets the key that may have begun on this flow level.
    fn remove_simple_key(&mut self) -> Result<(), YamlError> {
        let Some(key) = self.simple_keys.last_mut() else {
            return Ok(());
        };
        if key.possible {
            if key.required {
                let start = key.mark;
                return Err(self.error(start, "could not find expected ':'"));
            }
            key.possible = false;
            let number = key.token_number;
            self.simple_keys_by_token.remove(&number);
        }
        Ok(())
    }

    fn increase_flow_level(&mut self) -> Result<(), YamlError> {
        self.simple_keys.push(SimpleKey {
            token_number: self.tokens_parsed + self.tokens.len(),
            mark: self.mark,
            ..SimpleKey::default()
        });
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return Err(self.too_deep());
        }
        Ok(())
    }

    fn decrease_flow_level(&mut self) {
        if self.flow_level > 0 {
            self.flow_level -= 1;
            if let Some(key) = self.simple_keys.pop() {
                self.simple_keys_by_token.remove(&key.token_number);
            }
        }
    }

    /// Begins a block collection at the column, if it is further right. Its
    /// token goes before token `number`, or to the end of the queue.
    fn roll_indent(
        &mut self,
        column: usize,
        number: Option<usize>,
        kind: Kind,
        start: Mark,
    ) -> Result<(), YamlError> {
        if self.flow_level > 0 || self.indent >= as_indent(column) {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = as_indent(column);
        if self.indents.len() > MAX_DEPTH {
            return Err(self.too_deep());
        }
        match number {
            Some(number) => self.insert(number, kind, start),
            None => self.push(kind, start),
        }
        Ok(())
    }

    /// Ends the block collections that are further right than the column, or
    /// all of them.
    fn unroll_indent(&mut self, column: Option<usize>) {
        if self.flow_level > 0 {
            return;
        }
        let column = column.map_or(-1, as_indent);
        while self.indent > column {
            self.push(Kind::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn too_deep(&self) -> YamlError {
        let problem = format!("exceeded max depth of {MAX_DEPTH}");
        self.error(self.mark, &problem)
    }

    /// Skips blanks, comments and line breaks.
    fn scan_to_next_token(&mut self) {
        loop {
            // A tab may stand where it cannot be taken for indentation.
            while self.character(0) == ' '
                || self.character(0) == '\t' && (self.flow_level > 0 || !self.simple_key_allowed)
            {
                self.advance();
            }
            self.skip_comment();
            if !is_break(self.character(0)) {
                return;
            }
            self.advance_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// Skips a comment, up to the end of its line.
    fn skip_comment(&mut self) {
        if self.character(0) == '#' {
            while !is_break_or_end(self.character(0)) {
                self.advance();
            }
        }
    }

    /// Skips spaces and tabs.
    fn skip_blanks(&mut self) {
        while is_blank(self.character(0)) {
            self.advance();
        }
    }

    /// Returns the character that many places ahead; NUL, which no text may
    /// have, stands for its end.
    fn character(&self, offset: usize) -> char {
        self.characters.get(self.mark.index + offset).copied().unwrap_or('\0')
    }

    fn advance(&mut self) {
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Skips a line break.
    fn advance_line(&mut self) {
        let width = if self.character(0) == '\r' && self.character(1) == '\n' { 2 } else { 1 };
        if is_break(self.character(0)) {
            self.mark.index += width;
            self.mark.column = 0;
            self.mark.line += 1;
        }
    }

    /// Copies a character.
    fn read(&mut self, text: &mut String) {
        text.push(self.character(0));
        self.advance();
    }

    /// Copies a line break, in its normal form.
    fn read_line_break(&mut self, text: &mut String) {
        match self.character(0) {
            separator @ ('\u{2028}' | '\u{2029}') => text.push(separator),
            character if is_break(character) => text.push('\n'),
            _ => return,
        }
        self.advance_line();
    }

    fn push(&mut self, kind: Kind, start: Mark) {
        self.tokens.push_back(Token { kind, start });
    }

    fn push_indicator(&mut self, kind: Kind) {
        let start = self.mark;
        self.advance();
        self.push(kind, start);
    }

    /// Puts a token before the one of that number.
    fn insert(&mut self, number: usize, kind: Kind, start: Mark) {
        let position = number.saturating_sub(self.tokens_parsed).min(self.tokens.len());
        self.tokens.insert(position, Token { kind, start });
    }

    fn error(&self, context: Mark, problem: &str) -> YamlError {
        YamlError::scanner(context, self.mark, problem)
    }
}

/// Returns a column as an indentation.
fn as_indent(column: usize) -> isize {
    isize::try_from(column).unwrap_or(isize::MAX)
}

fn is_end(character: char) -> bool {
    character == '\0'
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_break_or_end(character: char) -> bool {
    is_break(character) || is_end(character)
}

fn is_blank_or_end(character: char) -> bool {
    is_blank(character) || is_break_or_end(character)
}

/// Says whether the character may stand in an anchor or a tag handle.
fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}
