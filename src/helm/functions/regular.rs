//! Regular expressions, in Go's dialect (RE2).

mod translate;

use regex::bytes::Regex;
use regex::bytes::RegexBuilder;

use super::FunctionTable;
use super::argument;
use super::bytes;
use super::convert::string_list;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Int;
use crate::helm::function::Parameter::String as Text;
use crate::helm::printf::quote;
use crate::helm::printf::utf8;
use crate::helm::value::FunctionError;
use crate::helm::value::Str;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("mustRegexFind", function(&[Text, Text], must_find)),
    ("mustRegexFindAll", function(&[Text, Text, Int], must_find_all)),
    ("mustRegexMatch", function(&[Text, Text], must_match)),
    ("mustRegexReplaceAll", function(&[Text, Text, Text], must_replace_all)),
    ("mustRegexReplaceAllLiteral", function(&[Text, Text, Text], must_replace_all_literal)),
    ("mustRegexSplit", function(&[Text, Text, Int], must_split)),
    ("regexFind", function(&[Text, Text], find)),
    ("regexFindAll", function(&[Text, Text, Int], find_all)),
    ("regexMatch", function(&[Text, Text], is_match)),
    ("regexQuoteMeta", function(&[Text], quote_meta)),
    ("regexReplaceAll", function(&[Text, Text, Text], replace_all)),
    ("regexReplaceAllLiteral", function(&[Text, Text, Text], replace_all_literal)),
    ("regexSplit", function(&[Text, Text, Int], split)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// The memory that a compiled expression may take, in bytes.
const SIZE_LIMIT: usize = 16 << 20;

/// Compiles the expression that is the first argument.
fn compile(arguments: &[Value]) -> Result<Regex, FunctionError> {
    let pattern = argument::text(arguments, 0)?;
    translate::translate(&pattern)
        .and_then(|translated| {
            RegexBuilder::new(&translated).size_limit(SIZE_LIMIT).build().map_err(|error| {
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default().trim();
                format!("{}: `{pattern}`", reason.trim_start_matches("error: "))
            })
        })
        .map_err(|reason| FunctionError::new(format!("error parsing regexp: {reason}")))
}

/// Compiles as Go's `MustCompile`, which says more when it fails.
fn compile_or_panic(arguments: &[Value]) -> Result<Regex, FunctionError> {
    compile(arguments).map_err(|error| {
        let pattern = argument::bytes(arguments, 0).unwrap_or_default();
        let quoted = if quote::can_backquote(pattern) {
            format!("`{}`", String::from_utf8_lossy(pattern))
        } else {
            quote::quote(pattern)
        };
        FunctionError::new(format!("regexp: Compile({quoted}): {error}"))
    })
}

/// Says whether no character of the text is cut in two there. The crate finds
/// empty matches between the bytes of one, Go does not.
fn is_boundary(text: &[u8], place: usize) -> bool {
    // A character has at most four bytes: it begins at one of the three before.
    let begins = place.saturating_sub(3)..place;
    !begins.into_iter().any(|begin| {
        let (_, length) = utf8::decode(text.get(begin..).unwrap_or_default());
        length > place - begin
    })
}

fn is_match(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    // sprig drops the error of a wrong expression here.
    let text = argument::bytes(arguments, 1)?;
    Ok(Value::Bool(compile(arguments).is_ok_and(|regex| regex.is_match(text))))
}

fn must_match(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Bool(compile(arguments)?.is_match(argument::bytes(arguments, 1)?)))
}

fn find(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    first_match(&compile_or_panic(arguments)?, arguments)
}

fn must_find(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    first_match(&compile(arguments)?, arguments)
}

fn first_match(regex: &Regex, arguments: &[Value]) -> Result<Value, FunctionError> {
    let found = regex.find(argument::bytes(arguments, 1)?);
    Ok(Value::string(found.map(|found| found.as_bytes()).unwrap_or_default()))
}

fn find_all(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    all_matches(&compile_or_panic(arguments)?, arguments)
}

fn must_find_all(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    all_matches(&compile(arguments)?, arguments)
}

fn all_matches(regex: &Regex, arguments: &[Value]) -> Result<Value, FunctionError> {
    // A negative limit is none.
    let limit = usize::try_from(argument::int(arguments, 2)?).unwrap_or(usize::MAX);
    let text = argument::bytes(arguments, 1)?;
    let found = regex.find_iter(text).filter(|found| is_boundary(text, found.start())).take(limit);
    Ok(string_list(found.map(|found| Str::from(found.as_bytes()))))
}

fn replace_all(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    replaced(&compile_or_panic(arguments)?, arguments, false)
}

fn must_replace_all(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    replaced(&compile(arguments)?, arguments, false)
}

fn replace_all_literal(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    replaced(&compile_or_panic(arguments)?, arguments, true)
}

fn must_replace_all_literal(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    replaced(&compile(arguments)?, arguments, true)
}

/// Returns the text with every match replaced; `$1` and `${name}` stand for
/// groups unless the replacement is literal.
fn replaced(regex: &Regex, arguments: &[Value], literal: bool) -> Result<Value, FunctionError> {
    let (text, replacement) = (argument::bytes(arguments, 1)?, argument::bytes(arguments, 2)?);
    let mut result = Vec::with_capacity(text.len());
    let mut end = 0;
    for captures in regex.captures_iter(text) {
        let Some(found) = captures.get(0).filter(|found| is_boundary(text, found.start())) else {
            continue;
        };
        result.extend_from_slice(text.get(end..found.start()).unwrap_or_default());
        end = found.end();
        if literal {
            result.extend_from_slice(replacement);
        } else {
            captures.expand(replacement, &mut result);
        }
        bytes::check_length(result.len())?;
    }
    result.extend_from_slice(text.get(end..).unwrap_or_default());
    Ok(Value::string(result))
}

fn split(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    pieces(&compile_or_panic(arguments)?, arguments)
}

fn must_split(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    pieces(&compile(arguments)?, arguments)
}

/// Cuts the text at the matches, into at most as many pieces as the third
/// argument says.
fn pieces(regex: &Regex, arguments: &[Value]) -> Result<Value, FunctionError> {
    let text = argument::bytes(arguments, 1)?;
    let limit = argument::int(arguments, 2)?;
    if limit == 0 {
        return Ok(string_list([]));
    }
    if text.is_empty() && !argument::bytes(arguments, 0)?.is_empty() {
        return Ok(string_list([Str::from("")]));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut pieces = Vec::new();
    let (mut begin, mut end) = (0, 0);
    let found = regex.find_iter(text).filter(|found| is_boundary(text, found.start()));
    for found in found.take(limit) {
        if pieces.len() == limit - 1 {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            pieces.push(Str::from(text.get(begin..end).unwrap_or_default()));
        }
        begin = found.end();
    }
    if end != text.len() {
        pieces.push(Str::from(text.get(begin..).unwrap_or_default()));
    }
    Ok(string_list(pieces))
}

fn quote_meta(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut quoted = Vec::new();
    for byte in argument::bytes(arguments, 0)? {
        if br"\.+*?()|[]{}^$".contains(byte) {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    Ok(Value::string(quoted))
}
