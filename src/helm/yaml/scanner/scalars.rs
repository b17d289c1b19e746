//! Block, quoted and plain scalars.

use super::Scanner;
use super::as_indent;
use super::is_blank;
use super::is_blank_or_end;
use super::is_break;
use super::is_break_or_end;
use super::is_end;
use crate::helm::yaml::error::YamlError;
use crate::helm::yaml::token::Kind;
use crate::helm::yaml::token::Mark;
use crate::helm::yaml::token::Token;

/// Says what happens to the line breaks at the end of a block scalar.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

/// Is the white space between two words of a scalar, which may be folded.
#[derive(Default)]
struct Gap {
    blanks: String,
    leading_break: String,
    trailing_breaks: String,
    broken: bool,
}

impl Gap {
    /// Appends what stands for the white space: itself, a space for a line
    /// break, or the further line breaks.
    fn flush(&mut self, text: &mut String) {
        if !self.broken {
            text.push_str(&self.blanks);
        } else if self.leading_break.starts_with('\n') {
            text.push_str(if self.trailing_breaks.is_empty() {
                " "
            } else {
                &self.trailing_breaks
            });
        } else {
            text.push_str(&self.leading_break);
            text.push_str(&self.trailing_breaks);
        }
        *self = Self::default();
    }
}

impl Scanner {
    /// Scans a scalar that begins with `|` or `>`.
    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Result<Token, YamlError> {
        let start = self.mark;
        self.advance();
        let (chomping, increment) = self.scan_block_header(start)?;
        self.skip_blanks();
        self.skip_comment();
        if !is_break_or_end(self.character(0)) {
            return Err(self.error(start, "did not find expected comment or line break"));
        }
        self.advance_line();

        let mut indent = increment.map(|increment| self.indent.max(0) + as_indent(increment));
        let mut text = String::new();
        let mut leading_break = String::new();
        let mut trailing_breaks = String::new();
        let mut column = self.scan_block_breaks(&mut indent, &mut trailing_breaks, start)?;
        let mut leading_blank = false;
        while as_indent(self.mark.column) == column && !is_end(self.character(0)) {
            let trailing_blank = is_blank(self.character(0));
            let fold =
                !literal && !leading_blank && !trailing_blank && leading_break.starts_with('\n');
            if !fold {
                text.push_str(&leading_break);
            } else if trailing_breaks.is_empty() {
                text.push(' ');
            }
            leading_break.clear();
            text.push_str(&trailing_breaks);
            trailing_breaks.clear();
            leading_blank = trailing_blank;
            while !is_break_or_end(self.character(0)) {
                self.read(&mut text);
            }
            self.read_line_break(&mut leading_break);
            column = self.scan_block_breaks(&mut indent, &mut trailing_breaks, start)?;
        }
        if chomping != Chomping::Strip {
            text.push_str(&leading_break);
        }
        if chomping == Chomping::Keep {
            text.push_str(&trailing_breaks);
        }
        Ok(Token { kind: Kind::Scalar { text, plain: false }, start })
    }

    /// Scans the chomping and the indentation indicator, in either order.
    fn scan_block_header(&mut self, start: Mark) -> Result<(Chomping, Option<usize>), YamlError> {
        let mut chomping = self.scan_chomping();
        let mut increment = None;
        if let Some(digit) = self.character(0).to_digit(10) {
            if digit == 0 {
                return Err(self.error(start, "found an indentation indicator equal to 0"));
            }
            increment = usize::try_from(digit).ok();
            self.advance();
            if chomping.is_none() {
                chomping = self.scan_chomping();
            }
        }
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn scan_chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.character(0) {
            '+' => Chomping::Keep,
            '-' => Chomping::Strip,
            _ => return None,
        };
        self.advance();
        Some(chomping)
    }

    /// Skips indentation and empty lines, and returns the column of the text,
    /// which is found out here unless the header has it.
    fn scan_block_breaks(
        &mut self,
        indent: &mut Option<isize>,
        breaks: &mut String,
        start: Mark,
    ) -> Result<isize, YamlError> {
        let mut deepest = 0;
        loop {
            let within = |column: usize| indent.is_none_or(|indent| as_indent(column) < indent);
            while within(self.mark.column) && self.character(0) == ' ' {
                self.advance();
            }
            deepest = deepest.max(self.mark.column);
            if within(self.mark.column) && self.character(0) == '\t' {
                let problem = "found a tab character where an indentation space is expected";
                return Err(self.error(start, problem));
            }
            if !is_break(self.character(0)) {
                break;
            }
            self.read_line_break(breaks);
        }
        Ok(*indent.get_or_insert(as_indent(deepest).max(self.indent + 1).max(1)))
    }

    /// Scans a scalar in single or double quotes.
    pub(super) fn scan_flow_scalar(&mut self, single: bool) -> Result<Token, YamlError> {
        let quote = if single { '\'' } else { '"' };
        let start = self.mark;
        self.advance();
        let mut text = String::new();
        let mut gap = Gap::default();
        loop {
            if self.mark.column == 0
                && (self.is_document_indicator('-') || self.is_document_indicator('.'))
            {
                return Err(self.error(start, "found unexpected document indicator"));
            }
            if is_end(self.character(0)) {
                return Err(self.error(start, "found unexpected end of stream"));
            }
            while !is_blank_or_end(self.character(0)) {
                let character = self.character(0);
                if single && character == '\'' && self.character(1) == '\'' {
                    text.push('\'');
                    self.advance();
                    self.advance();
                } else if character == quote {
                    break;
                } else if !single && character == '\\' && is_break(self.character(1)) {
                    self.advance();
                    self.advance_line();
                    gap.broken = true;
                    break;
                } else if !single && character == '\\' {
                    self.scan_escape(&mut text, start)?;
                } else {
                    self.read(&mut text);
                }
            }
            if self.character(0) == quote {
                break;
            }
            self.scan_gap(&mut gap);
            gap.flush(&mut text);
        }
        self.advance();
        Ok(Token { kind: Kind::Scalar { text, plain: false }, start })
    }

    /// Scans an escape of a double-quoted scalar.
    fn scan_escape(&mut self, text: &mut String, start: Mark) -> Result<(), YamlError> {
        let length = match self.character(1) {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if length == 0 {
            text.push(match self.character(1) {
                '0' => '\0',
                'a' => '\u{7}',
                'b' => '\u{8}',
                't' | '\t' => '\t',
                'n' => '\n',
                'v' => '\u{b}',
                'f' => '\u{c}',
                'r' => '\r',
                'e' => '\u{1b}',
                same @ (' ' | '"' | '\'' | '\\') => same,
                'N' => '\u{85}',
                '_' => '\u{a0}',
                'L' => '\u{2028}',
                'P' => '\u{2029}',
                _ => return Err(self.error(start, "found unknown escape character")),
            });
        }
        self.advance();
        self.advance();
        if length > 0 {
            let mut code = 0_u32;
            for offset in 0..length {
                let Some(digit) = self.character(offset).to_digit(16) else {
                    return Err(self.error(start, "did not find expected hexdecimal number"));
                };
                code = code << 4 | digit;
            }
            let Some(character) = char::from_u32(code) else {
                return Err(self.error(start, "found invalid Unicode character escape code"));
            };
            text.push(character);
            for _ in 0..length {
                self.advance();
            }
        }
        Ok(())
    }

    /// Scans the blanks and line breaks between two words.
    fn scan_gap(&mut self, gap: &mut Gap) {
        loop {
            let character = self.character(0);
            if is_blank(character) {
                if gap.broken {
                    self.advance();
                } else {
                    self.read(&mut gap.blanks);
                }
            } else if is_break(character) {
                if gap.broken {
                    self.read_line_break(&mut gap.trailing_breaks);
                } else {
                    self.read_line_break(&mut gap.leading_break);
                    gap.broken = true;
                }
            } else {
                return;
            }
        }
    }

    /// Scans a scalar without quotes.
    pub(super) fn scan_plain_scalar(&mut self) -> Result<Token, YamlError> {
        let start = self.mark;
        let indent = self.indent + 1;
        let mut text = String::new();
        let mut gap = Gap::default();
        loop {
            if self.mark.column == 0
                && (self.is_document_indicator('-') || self.is_document_indicator('.'))
                || self.character(0) == '#'
            {
                break;
            }
            while !is_blank_or_end(self.character(0)) && !self.ends_plain_scalar() {
                gap.flush(&mut text);
                self.read(&mut text);
            }
            if !is_blank(self.character(0)) && !is_break(self.character(0)) {
                break;
            }
            self.scan_plain_gap(&mut gap, indent, start)?;
            if self.flow_level == 0 && as_indent(self.mark.column) < indent {
                break;
            }
        }
        // A key may follow on a line of its own.
        if gap.broken {
            self.simple_key_allowed = true;
        }
        Ok(Token { kind: Kind::Scalar { text, plain: true }, start })
    }

    fn ends_plain_scalar(&self) -> bool {
        match self.character(0) {
            ':' => is_blank_or_end(self.character(1)),
            ',' | '?' | '[' | ']' | '{' | '}' => self.flow_level > 0,
            _ => false,
        }
    }

    /// Scans the blanks and line breaks between two words, where a tab may not
    /// be taken for indentation.
    fn scan_plain_gap(
        &mut self,
        gap: &mut Gap,
        indent: isize,
        start: Mark,
    ) -> Result<(), YamlError> {
        while is_blank(self.character(0)) || is_break(self.character(0)) {
            let tab = self.character(0) == '\t';
            if gap.broken && tab && as_indent(self.mark.column) < indent {
                let problem = "found a tab character that violates indentation";
                return Err(self.error(start, problem));
            }
            match self.character(0) {
                character if is_break(character) && gap.broken => {
                    self.read_line_break(&mut gap.trailing_breaks);
                }
                character if is_break(character) => {
                    self.read_line_break(&mut gap.leading_break);
                    gap.broken = true;
                }
                _ if gap.broken => self.advance(),
                _ => self.read(&mut gap.blanks),
            }
        }
        Ok(())
    }
}
