//! The JSON reader, with Go's limits and error texts.
//!
//! `serde_json`'s reader is not used because `fromJson` puts the error text
//! into its result, where charts show it and test it.

use serde_json::Map;
use serde_json::Number;
use serde_json::Value as Json;

use super::JsonError;
use super::MAX_DEPTH;
use crate::helm::strconv;
use crate::helm::unicode;

/// Returns the JSON value that the text is; numbers become `float64`.
///
/// # Errors
/// Returns Go's words: `unexpected end of JSON input`,
/// `invalid character 'x' looking for beginning of value`.
pub fn parse(text: &[u8]) -> Result<Json, JsonError> {
    let mut parser = Parser { text, position: 0 };
    parser.skip_space();
    let value = parser.value(0)?;
    parser.skip_space();
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.unexpected("after top-level value")),
    }
}

/// Where a digit is missing after a point.
const AFTER_POINT: &str = "after decimal point in numeric literal";

struct Parser<'a> {
    text: &'a [u8],
    position: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.position += 1;
        }
    }

    /// Makes the error for the byte that stands here.
    fn unexpected(&self, context: &str) -> JsonError {
        let Some(byte) = self.peek() else {
            // At the end Go tries a space, which is no error between tokens
            // and in a string.
            let space_fits = context == "in string literal"
                || context.starts_with("looking for")
                || context.starts_with("after") && context != AFTER_POINT;
            return JsonError::Invalid(if space_fits {
                "unexpected end of JSON input".into()
            } else {
                format!("invalid character ' ' {context}")
            });
        };
        let shown = match byte {
            b'\'' => r"'\''".to_owned(),
            b'"' => "'\"'".to_owned(),
            // Go takes the byte for a character.
            _ => {
                let quoted = strconv::quote(char::from(byte).to_string().as_bytes());
                format!("'{}'", quoted.trim_matches('"'))
            }
        };
        JsonError::Invalid(format!("invalid character {shown} {context}"))
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        if depth > MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Json::Bool(true)),
            Some(b'f') => self.literal("false", Json::Bool(false)),
            Some(b'n') => self.literal("null", Json::Null),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn literal(&mut self, word: &str, value: Json) -> Result<Json, JsonError> {
        for (index, expected) in word.char_indices() {
            if index > 0 && self.peek().map(char::from) != Some(expected) {
                let context = format!("in literal {word} (expecting {expected:?})");
                return Err(self.unexpected(&context));
            }
            self.position += 1;
        }
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.position += 1;
        let mut entries = Map::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.position += 1;
            return Ok(Json::Object(entries));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.position += 1;
            self.skip_space();
            let value = self.value(depth + 1)?;
            entries.insert(key, value);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.position += 1,
                Some(b'}') => {
                    self.position += 1;
                    return Ok(Json::Object(entries));
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.position += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.position += 1;
            return Ok(Json::Array(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.position += 1,
                Some(b']') => {
                    self.position += 1;
                    return Ok(Json::Array(items));
                }
                _ => return Err(self.unexpected("after array element")),
            }
        }
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let begin = self.position;
        if self.peek() == Some(b'-') {
            self.position += 1;
        }
        match self.peek() {
            Some(b'0') => self.position += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.unexpected("in numeric literal")),
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.unexpected(AFTER_POINT));
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.position += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.position += 1;
            }
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.unexpected("in exponent of numeric literal"));
            }
            self.digits();
        }
        let text = self.text.get(begin..self.position).unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        strconv::parse_float(&text).ok().and_then(Number::from_f64).map(Json::Number).ok_or_else(
            || {
                JsonError::Invalid(format!(
                    "json: cannot unmarshal number {text} into Go value of type float64"
                ))
            },
        )
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.position += 1;
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.position += 1;
        let mut bytes = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(unicode::replace_invalid(&bytes));
                }
                Some(b'\\') => {
                    self.position += 1;
                    let character = self.escape()?;
                    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Some(byte @ 0x20..) => {
                    bytes.push(byte);
                    self.position += 1;
                }
                _ => return Err(self.unexpected("in string literal")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let character = match self.peek() {
            Some(same @ (b'"' | b'\\' | b'/')) => char::from(same),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.position += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.unexpected("in string escape code")),
        };
        self.position += 1;
        Ok(character)
    }

    /// Reads the digits after `\u`, and a second escape if it completes a pair.
    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let first = self.hexadecimal()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let after_first = self.position;
        let rest = self.text.get(self.position..).unwrap_or_default();
        if rest.starts_with(b"\\u") {
            self.position += 2;
            let second = self.hexadecimal()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.position = after_first;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hexadecimal(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected("in \\u hexadecimal character escape"));
            };
            code = code << 4 | digit;
            self.position += 1;
        }
        Ok(code)
    }
}
