//! Directives, anchors and tags.

use super::Scanner;
use super::is_blank;
use super::is_blank_or_end;
use super::is_break_or_end;
use super::is_word;
use crate::helm::yaml::error::YamlError;
use crate::helm::yaml::token::Kind;
use crate::helm::yaml::token::Mark;
use crate::helm::yaml::token::Token;

impl Scanner {
    /// Scans `%YAML 1.1` or `%TAG !handle! prefix`.
    pub(super) fn scan_directive(&mut self) -> Result<Token, YamlError> {
        let start = self.mark;
        self.advance();
        let name = self.scan_word();
        if name.is_empty() {
            return Err(self.error(start, "could not find expected directive name"));
        }
        if !is_blank_or_end(self.character(0)) {
            return Err(self.error(start, "found unexpected non-alphabetical character"));
        }
        let kind = match name.as_str() {
            "YAML" => {
                self.skip_blanks();
                let major = self.scan_version_number(start)?;
                if self.character(0) != '.' {
                    let problem = "did not find expected digit or '.' character";
                    return Err(self.error(start, problem));
                }
                self.advance();
                let minor = self.scan_version_number(start)?;
                Kind::VersionDirective { major, minor }
            }
            "TAG" => {
                self.skip_blanks();
                let handle = self.scan_tag_handle(true, start)?;
                if !is_blank(self.character(0)) {
                    return Err(self.error(start, "did not find expected whitespace"));
                }
                self.skip_blanks();
                let prefix = self.scan_tag_uri("", start)?;
                if !is_blank_or_end(self.character(0)) {
                    let problem = "did not find expected whitespace or line break";
                    return Err(self.error(start, problem));
                }
                Kind::TagDirective { handle, prefix }
            }
            _ => return Err(self.error(start, "found unknown directive name")),
        };
        self.skip_blanks();
        self.skip_comment();
        if !is_break_or_end(self.character(0)) {
            return Err(self.error(start, "did not find expected comment or line break"));
        }
        self.advance_line();
        Ok(Token { kind, start })
    }

    fn scan_version_number(&mut self, start: Mark) -> Result<u32, YamlError> {
        let mut number = 0;
        let mut length = 0;
        while let Some(digit) = self.character(0).to_digit(10) {
            length += 1;
            if length > 2 {
                return Err(self.error(start, "found extremely long version number"));
            }
            number = number * 10 + digit;
            self.advance();
        }
        if length == 0 {
            return Err(self.error(start, "did not find expected version number"));
        }
        Ok(number)
    }

    /// Scans `&name` or `*name`.
    pub(super) fn scan_anchor(&mut self, kind: fn(String) -> Kind) -> Result<Token, YamlError> {
        let start = self.mark;
        self.advance();
        let name = self.scan_word();
        let end = self.character(0);
        let ended =
            is_blank_or_end(end) || matches!(end, '?' | ':' | ',' | ']' | '}' | '%' | '@' | '`');
        if name.is_empty() || !ended {
            let problem = "did not find expected alphabetic or numeric character";
            return Err(self.error(start, problem));
        }
        Ok(Token { kind: kind(name), start })
    }

    /// Scans `!suffix`, `!handle!suffix` or `!<uri>`.
    pub(super) fn scan_tag(&mut self) -> Result<Token, YamlError> {
        let start = self.mark;
        let (handle, suffix) = if self.character(1) == '<' {
            self.advance();
            self.advance();
            let suffix = self.scan_tag_uri("", start)?;
            if self.character(0) != '>' {
                return Err(self.error(start, "did not find the expected '>'"));
            }
            self.advance();
            (String::new(), suffix)
        } else {
            let handle = self.scan_tag_handle(false, start)?;
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.scan_tag_uri("", start)?;
                (handle, suffix)
            } else {
                let suffix = self.scan_tag_uri(&handle, start)?;
                // The tag `!` alone has no handle.
                if suffix.is_empty() { (suffix, "!".to_owned()) } else { ("!".to_owned(), suffix) }
            }
        };
        if !is_blank_or_end(self.character(0)) {
            return Err(self.error(start, "did not find expected whitespace or line break"));
        }
        Ok(Token { kind: Kind::Tag { handle, suffix }, start })
    }

    fn scan_tag_handle(&mut self, directive: bool, start: Mark) -> Result<String, YamlError> {
        if self.character(0) != '!' {
            return Err(self.error(start, "did not find expected '!'"));
        }
        let mut handle = String::new();
        self.read(&mut handle);
        handle.push_str(&self.scan_word());
        if self.character(0) == '!' {
            self.read(&mut handle);
        } else if directive && handle != "!" {
            return Err(self.error(start, "did not find expected '!'"));
        }
        Ok(handle)
    }

    /// Scans the rest of a tag whose beginning, with its `!`, is `head`.
    fn scan_tag_uri(&mut self, head: &str, start: Mark) -> Result<String, YamlError> {
        let mut uri = head.strip_prefix('!').unwrap_or(head).as_bytes().to_vec();
        let mut found = !head.is_empty();
        loop {
            let character = self.character(0);
            if character == '%' {
                self.scan_uri_escapes(&mut uri, start)?;
            } else if is_word(character) || ";/?:@&=+$,.!~*'()[]".contains(character) {
                uri.extend(u8::try_from(character));
                self.advance();
            } else {
                break;
            }
            found = true;
        }
        if !found {
            return Err(self.error(start, "did not find expected tag URI"));
        }
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// Scans the escaped bytes of one character, such as `%C3%A9`.
    fn scan_uri_escapes(&mut self, uri: &mut Vec<u8>, start: Mark) -> Result<(), YamlError> {
        let mut expected: Option<usize> = None;
        loop {
            let (high, low) = (self.character(1).to_digit(16), self.character(2).to_digit(16));
            let ('%', Some(high), Some(low)) = (self.character(0), high, low) else {
                return Err(self.error(start, "did not find URI escaped octet"));
            };
            let octet = u8::try_from(high * 16 + low).unwrap_or_default();
            let remaining = match expected {
                Some(remaining) if octet & 0xc0 == 0x80 => remaining,
                Some(_) => {
                    return Err(self.error(start, "found an incorrect trailing UTF-8 octet"));
                }
                None => match octet {
                    0..0x80 => 1,
                    0xc0..0xe0 => 2,
                    0xe0..0xf0 => 3,
                    0xf0..0xf8 => 4,
                    _ => return Err(self.error(start, "found an incorrect leading UTF-8 octet")),
                },
            };
            uri.push(octet);
            for _ in 0..3 {
                self.advance();
            }
            if remaining == 1 {
                return Ok(());
            }
            expected = Some(remaining - 1);
        }
    }

    fn scan_word(&mut self) -> String {
        let mut word = String::new();
        while is_word(self.character(0)) {
            self.read(&mut word);
        }
        word
    }
}
