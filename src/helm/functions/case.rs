//! Upper and lower case, and the ways to write a name of several words.

mod words;

use super::FunctionTable;
use super::argument;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::String as Text;
use crate::helm::unicode;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("camelcase", function(&[Text], camel_case)),
    ("kebabcase", function(&[Text], kebab_case)),
    ("lower", function(&[Text], lower)),
    ("snakecase", function(&[Text], snake_case)),
    ("swapcase", function(&[Text], swap_case)),
    ("title", function(&[Text], title)),
    ("untitle", function(&[Text], untitle)),
    ("upper", function(&[Text], upper)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// Returns the characters of the argument, one U+FFFD for every wrong byte.
fn text(arguments: &[Value]) -> Result<String, FunctionError> {
    argument::bytes(arguments, 0).map(unicode::replace_invalid)
}

fn upper(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let upper: String = text(arguments)?.chars().map(unicode::to_upper).collect();
    Ok(Value::string(upper))
}

fn lower(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let lower: String = text(arguments)?.chars().map(unicode::to_lower).collect();
    Ok(Value::string(lower))
}

/// Gives every word a capital. Everything but letters, digits, `_` and, beyond
/// ASCII, all that is no space is a word's end.
fn title(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut previous = ' ';
    let mut title = String::new();
    for character in text(arguments)?.chars() {
        let separator = if previous.is_ascii() {
            !previous.is_ascii_alphanumeric() && previous != '_'
        } else {
            previous.is_whitespace()
        };
        title.push(if separator { unicode::to_title(character) } else { character });
        previous = character;
    }
    Ok(Value::string(title))
}

fn untitle(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut word_begins = true;
    let mut plain = String::new();
    for character in text(arguments)?.chars() {
        if character.is_whitespace() {
            word_begins = true;
            plain.push(character);
        } else {
            plain.push(if word_begins { unicode::to_lower(character) } else { character });
            word_begins = false;
        }
    }
    Ok(Value::string(plain))
}

/// Swaps upper and lower case; a lower case letter that begins a word becomes
/// a title case letter.
fn swap_case(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut after_space = true;
    let mut swapped = String::new();
    for character in text(arguments)?.chars() {
        if unicode::is_upper(character) || matches!(character, 'ǅ' | 'ǈ' | 'ǋ' | 'ǲ') {
            swapped.push(unicode::to_lower(character));
            after_space = false;
        } else if unicode::is_lower(character) {
            swapped.push(if after_space {
                unicode::to_title(character)
            } else {
                unicode::to_upper(character)
            });
            after_space = false;
        } else {
            swapped.push(character);
            after_space = character.is_whitespace();
        }
    }
    Ok(Value::string(swapped))
}

fn camel_case(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::string(words::to_pascal_case(&text(arguments)?)))
}

fn snake_case(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::string(words::to_connected_case(&text(arguments)?, '_')))
}

fn kebab_case(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::string(words::to_connected_case(&text(arguments)?, '-')))
}
