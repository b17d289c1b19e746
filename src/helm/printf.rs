//! Go's `fmt`: `Sprint`, `Sprintln` and `Sprintf` on template values.
//!
//! Everything that a template prints goes through here, and charts show the
//! rules: `1000000.0` is `1e+06`, a float printed with `%d` is
//! `%!d(float64=80)`, a map is `map[a:1 b:2]`. The verbs and flags are those of
//! <https://pkg.go.dev/fmt>.
//!
//! Two things differ from Go. `%p` is a wrong verb for every value (Go prints an
//! address, which no two runs share). A value that contains itself is an error
//! (Go crashes).

mod directive;
mod float;
mod number;
mod printer;
pub mod quote;
mod text;
pub mod unicode;
pub mod utf8;

use crate::helm::value::FunctionError;
use crate::helm::value::Value;

pub use float::format_float;

/// Returns the arguments printed with `%v`, with a space between two neighbours
/// of which neither is a string: Go's `Sprint`.
///
/// Fails on a value that is nested too deeply.
pub fn sprint(arguments: &[Value]) -> Result<Vec<u8>, FunctionError> {
    let mut printer = printer::Printer::default();
    let mut previous_is_string = true;
    for argument in arguments {
        let is_string = matches!(argument, Value::String(_));
        if !is_string && !previous_is_string {
            printer.format.buffer.push(b' ');
        }
        printer.print_argument(argument, 'v');
        // The first argument, too, gets no space before it.
        previous_is_string = is_string;
    }
    printer.finish()
}

/// Returns the arguments printed with `%v`, with spaces between them and a
/// newline at the end: Go's `Sprintln`.
///
/// Fails on a value that is nested too deeply.
pub fn sprintln(arguments: &[Value]) -> Result<Vec<u8>, FunctionError> {
    let mut printer = printer::Printer::default();
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            printer.format.buffer.push(b' ');
        }
        printer.print_argument(argument, 'v');
    }
    printer.format.buffer.push(b'\n');
    printer.finish()
}

/// Returns the arguments printed as the format says: Go's `Sprintf`.
///
/// What is wrong with the format shows in the text, as in Go (`%!d(string=a)`,
/// `%!s(MISSING)`). Fails on a value that is nested too deeply.
pub fn sprintf(format: &[u8], arguments: &[Value]) -> Result<Vec<u8>, FunctionError> {
    let mut printer = printer::Printer::default();
    directive::print(&mut printer, format, arguments);
    printer.finish()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
