//! Padding, and the printing of strings, bytes and characters.

use crate::helm::printf::quote;
use crate::helm::printf::utf8;

/// Is what stands between `%` and the verb.
#[derive(Clone, Copy, Default)]
// They are the flags of a directive, each given or not.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Flags {
    /// The least number of characters.
    pub(super) width: Option<usize>,
    /// The number of digits or the greatest number of characters.
    pub(super) precision: Option<usize>,
    /// `-`: pad on the right.
    pub(super) minus: bool,
    /// `+`: always a sign; ASCII only for `%q`.
    pub(super) plus: bool,
    /// `#`: the alternative form.
    pub(super) sharp: bool,
    /// A space: leave room for the sign.
    pub(super) space: bool,
    /// `0`: pad with zeros.
    pub(super) zero: bool,
    /// `%#v`: Go syntax. The flag is taken from `sharp` so that what is inside
    /// a list does not see it.
    pub(super) go_syntax: bool,
}

/// Prints single values into a buffer.
#[derive(Default)]
pub(super) struct Format {
    /// The output so far.
    pub(super) buffer: Vec<u8>,
    /// The flags of the directive at hand.
    pub(super) flags: Flags,
}

impl Format {
    /// Appends text as it is.
    pub(super) fn push(&mut self, text: &str) {
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// Appends padding.
    pub(super) fn padding(&mut self, count: usize) {
        // Zeros are put on the left only.
        let byte = if self.flags.zero && !self.flags.minus { b'0' } else { b' ' };
        self.buffer.resize(self.buffer.len() + count, byte);
    }

    /// Appends bytes, padded to the width.
    pub(super) fn pad(&mut self, bytes: &[u8]) {
        let missing = match self.flags.width {
            None | Some(0) => 0,
            Some(width) => width.saturating_sub(utf8::count(bytes)),
        };
        if self.flags.minus {
            self.buffer.extend_from_slice(bytes);
            self.padding(missing);
        } else {
            self.padding(missing);
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Appends bytes, padded with spaces even under the flag `0`.
    pub(super) fn pad_with_spaces(&mut self, bytes: &[u8]) {
        let zero = std::mem::replace(&mut self.flags.zero, false);
        self.pad(bytes);
        self.flags.zero = zero;
    }

    /// Cuts a string down to the precision.
    fn truncate<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        match self.flags.precision {
            None => bytes,
            Some(limit) => {
                let length =
                    utf8::Characters(bytes).take(limit).map(|(_, length)| length).sum::<usize>();
                bytes.get(..length).unwrap_or(bytes)
            }
        }
    }

    /// Prints a string: `%s`.
    pub(super) fn string(&mut self, bytes: &[u8]) {
        let bytes = self.truncate(bytes);
        self.pad(bytes);
    }

    /// Prints a string as a Go literal: `%q`.
    pub(super) fn quoted(&mut self, bytes: &[u8]) {
        let bytes = self.truncate(bytes);
        if self.flags.sharp && quote::can_backquote(bytes) {
            let mut literal = vec![b'`'];
            literal.extend_from_slice(bytes);
            literal.push(b'`');
            self.pad(&literal);
        } else {
            let literal = quote::quote_with(bytes, '"', self.flags.plus);
            self.pad(literal.as_bytes());
        }
    }

    /// Prints the bytes of a string in hexadecimal: `%x`.
    pub(super) fn hexadecimal(&mut self, bytes: &[u8], upper: bool) {
        let length = self.flags.precision.map_or(bytes.len(), |limit| limit.min(bytes.len()));
        let bytes = bytes.get(..length).unwrap_or(bytes);
        let prefix = if upper { "0X" } else { "0x" };
        let mut text = String::new();
        for (index, byte) in bytes.iter().enumerate() {
            if self.flags.space && index > 0 {
                text.push(' ');
            }
            if self.flags.sharp && (index == 0 || self.flags.space) {
                text.push_str(prefix);
            }
            let digits = if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
            text.push_str(&digits);
        }
        self.pad(text.as_bytes());
    }

    /// Prints an integer as the character of that code: `%c`.
    pub(super) fn character(&mut self, code: u64) {
        let mut encoded = [0; 4];
        let text = character(code).encode_utf8(&mut encoded).to_owned();
        self.pad(text.as_bytes());
    }

    /// Prints an integer as a Go character literal: `%q`.
    pub(super) fn quoted_character(&mut self, code: u64) {
        let mut encoded = [0; 4];
        let text = character(code).encode_utf8(&mut encoded).to_owned();
        let literal = quote::quote_with(text.as_bytes(), '\'', self.flags.plus);
        self.pad(literal.as_bytes());
    }
}

/// Returns the character of that code, or U+FFFD where there is none.
pub(super) fn character(code: u64) -> char {
    u32::try_from(code).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}
