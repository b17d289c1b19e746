//! The tokens of a template.

use std::borrow::Cow;

use crate::helm::printf::quote;
use crate::helm::printf::utf8;

/// Names what a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::helm::template) enum TokenKind {
    /// The text is wrong; the value says how.
    Error,
    Bool,
    /// Another printable ASCII character, such as a comma.
    Character,
    CharacterConstant,
    Complex,
    /// `=`
    Assign,
    /// `:=`
    Declare,
    End,
    /// `.name`
    Field,
    Identifier,
    LeftDelimiter,
    LeftParenthesis,
    Number,
    /// `|`
    Pipe,
    RawString,
    RightDelimiter,
    RightParenthesis,
    Space,
    String,
    Text,
    /// `$` or `$name`
    Variable,
    Keyword(Keyword),
}

/// Names the keywords; the cursor and `nil` count among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::helm::template) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    /// `.`
    Dot,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Keyword {
    /// Returns the keyword that a word is, if it is one.
    pub(super) fn of(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"block" => Self::Block,
            b"break" => Self::Break,
            b"continue" => Self::Continue,
            b"define" => Self::Define,
            b"else" => Self::Else,
            b"end" => Self::End,
            b"if" => Self::If,
            b"nil" => Self::Nil,
            b"range" => Self::Range,
            b"template" => Self::Template,
            b"with" => Self::With,
            _ => return None,
        })
    }
}

/// Is a token.
#[derive(Clone, Debug)]
pub(in crate::helm::template) struct Token<'a> {
    pub(in crate::helm::template) kind: TokenKind,
    /// The offset in bytes.
    pub(in crate::helm::template) position: usize,
    /// The spelling, or the text of an error.
    pub(in crate::helm::template) value: Cow<'a, [u8]>,
    /// The line, from 1.
    pub(in crate::helm::template) line: usize,
}

impl Token<'_> {
    /// Returns the spelling as text.
    pub(in crate::helm::template) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.value)
    }

    /// Returns the token as error texts show it.
    pub(in crate::helm::template) fn describe(&self) -> String {
        match self.kind {
            TokenKind::End => "EOF".to_owned(),
            TokenKind::Error => self.text().into_owned(),
            TokenKind::Keyword(_) => format!("<{}>", self.text()),
            _ if self.value.len() > 10 => {
                let length = utf8::Characters(&self.value).take(10).map(|(_, length)| length).sum();
                format!("{}...", quote::quote(self.value.get(..length).unwrap_or_default()))
            }
            _ => quote::quote(&self.value),
        }
    }
}
