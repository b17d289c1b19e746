//! The reading of a format: flags, widths, argument numbers and verbs.

use crate::helm::printf::printer::Printer;
use crate::helm::printf::text::Flags;
use crate::helm::printf::utf8;
use crate::helm::value::Value;

/// Widths and precisions beyond this are taken for a mistake, as in Go.
const LARGEST_NUMBER: i64 = 1_000_000;

/// Prints the arguments as the format says.
pub(super) fn print(printer: &mut Printer, format: &[u8], arguments: &[Value]) {
    Directives { format, position: 0, arguments, next: 0, reordered: false, good_number: true }
        .print(printer);
}

/// Walks through a format.
struct Directives<'a> {
    format: &'a [u8],
    position: usize,
    arguments: &'a [Value],
    /// The argument of the next directive.
    next: usize,
    /// Whether an argument was named by its number, `%[2]d`.
    reordered: bool,
    /// Whether the number named in this directive was valid.
    good_number: bool,
}

impl Directives<'_> {
    fn print(mut self, printer: &mut Printer) {
        while self.position < self.format.len() {
            let rest = self.format.get(self.position..).unwrap_or_default();
            let length = rest.iter().position(|&byte| byte == b'%').unwrap_or(rest.len());
            printer.format.buffer.extend_from_slice(rest.get(..length).unwrap_or_default());
            self.position += length;
            if self.position >= self.format.len() {
                break;
            }
            self.position += 1;
            if !self.directive(printer) {
                break;
            }
        }
        if !self.reordered
            && let Some(extra) = self.arguments.get(self.next..)
            && !extra.is_empty()
        {
            printer.extra_arguments(extra);
        }
    }

    /// Returns the byte at hand.
    fn peek(&self) -> Option<u8> {
        self.format.get(self.position).copied()
    }

    /// Prints one directive, whose `%` has been read; `false` if it has no verb.
    fn directive(&mut self, printer: &mut Printer) -> bool {
        self.good_number = true;
        printer.format.flags = Flags::default();
        let flags = &mut printer.format.flags;
        loop {
            match self.peek() {
                Some(b'#') => flags.sharp = true,
                Some(b'0') => flags.zero = true,
                Some(b'+') => flags.plus = true,
                Some(b'-') => flags.minus = true,
                Some(b' ') => flags.space = true,
                _ => break,
            }
            self.position += 1;
        }
        let mut after_number = self.argument_number();

        if self.peek() == Some(b'*') {
            self.position += 1;
            match self.number_argument() {
                Some(width) => {
                    if width < 0 {
                        flags.minus = true;
                        flags.zero = false;
                    }
                    flags.width = usize::try_from(width.unsigned_abs()).ok();
                }
                None => printer.format.push("%!(BADWIDTH)"),
            }
            after_number = false;
        } else {
            printer.format.flags.width = self.number();
            if after_number && printer.format.flags.width.is_some() {
                self.good_number = false;
            }
        }

        if self.peek() == Some(b'.') && self.position + 1 < self.format.len() {
            self.position += 1;
            if after_number {
                self.good_number = false;
            }
            after_number = self.argument_number();
            if self.peek() == Some(b'*') {
                self.position += 1;
                let precision =
                    self.number_argument().and_then(|value| usize::try_from(value).ok());
                printer.format.flags.precision = precision;
                if precision.is_none() {
                    printer.format.push("%!(BADPREC)");
                }
                after_number = false;
            } else {
                printer.format.flags.precision = Some(self.number().unwrap_or_default());
            }
        }
        if !after_number {
            self.argument_number();
        }

        let rest = self.format.get(self.position..).unwrap_or_default();
        let (verb, length) = utf8::decode(rest);
        if length == 0 {
            printer.format.push("%!(NOVERB)");
            return false;
        }
        self.position += length;
        self.print_verb(printer, verb);
        true
    }

    /// Prints the argument at hand under the verb.
    fn print_verb(&mut self, printer: &mut Printer, verb: char) {
        if verb == '%' {
            printer.format.push("%");
        } else if !self.good_number {
            printer.format.push(&format!("%!{verb}(BADINDEX)"));
        } else if let Some(argument) = self.arguments.get(self.next) {
            if matches!(verb, 'v' | 'w') {
                let flags = &mut printer.format.flags;
                flags.go_syntax = std::mem::take(&mut flags.sharp);
                // `%+v` only names the fields of structs.
                flags.plus = false;
            }
            printer.print_argument(argument, verb);
            self.next += 1;
        } else {
            printer.format.push(&format!("%!{verb}(MISSING)"));
        }
    }

    /// Reads `[2]` and makes the second argument the next; says whether there
    /// was one to read that is well-formed.
    fn argument_number(&mut self) -> bool {
        let rest = self.format.get(self.position..).unwrap_or_default();
        if rest.first() != Some(&b'[') {
            return false;
        }
        self.reordered = true;
        let close = rest.iter().position(|&byte| byte == b']').filter(|_| rest.len() >= 3);
        let Some(close) = close else {
            self.good_number = false;
            self.position += 1;
            return false;
        };
        let inside = self.position + 1;
        let end = self.position + close;
        self.position = inside;
        let number = self.number_before(end).filter(|_| self.position == end);
        self.position = end + 1;
        let index = number.and_then(|number| number.checked_sub(1));
        if let Some(index) = index.filter(|&index| index < self.arguments.len()) {
            self.next = index;
            return true;
        }
        self.good_number = false;
        number.is_some()
    }

    /// Reads an unsigned number, if there is one.
    fn number(&mut self) -> Option<usize> {
        self.number_before(self.format.len())
    }

    /// Reads an unsigned number that ends before that position, if there is one.
    ///
    /// One that is far too large swallows everything up to there, as in Go.
    fn number_before(&mut self, end: usize) -> Option<usize> {
        let mut number: Option<i64> = None;
        while self.position < end
            && let Some(digit @ b'0'..=b'9') = self.peek()
        {
            let value = number.unwrap_or_default();
            if value > LARGEST_NUMBER {
                self.position = end;
                return None;
            }
            number = Some(value * 10 + i64::from(digit - b'0'));
            self.position += 1;
        }
        number.and_then(|number| usize::try_from(number).ok())
    }

    /// Takes the next argument as a width or precision.
    fn number_argument(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next += 1;
        let plain = match argument {
            Value::Object(object) => object.underlying(),
            _ => None,
        };
        match plain.as_ref().unwrap_or(argument) {
            Value::Int(_, number) if (-LARGEST_NUMBER..=LARGEST_NUMBER).contains(number) => {
                Some(*number)
            }
            _ => None,
        }
    }
}
