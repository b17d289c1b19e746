//! The printing of one argument under one verb.

use crate::helm::printf::number::Integer;
use crate::helm::printf::text::Format;
use crate::helm::value::FunctionError;
use crate::helm::value::List;
use crate::helm::value::ListKind;
use crate::helm::value::MAX_NESTING;
use crate::helm::value::Map;
use crate::helm::value::Value;

/// Prints values into a buffer.
#[derive(Default)]
pub(super) struct Printer {
    /// The buffer and the flags.
    pub(super) format: Format,
    /// Whether a value was nested too deeply to be printed.
    nested_too_deeply: bool,
}

impl Printer {
    /// Returns what was printed.
    pub(super) fn finish(self) -> Result<Vec<u8>, FunctionError> {
        if self.nested_too_deeply {
            return Err(FunctionError::nested_too_deeply());
        }
        Ok(self.format.buffer)
    }

    /// Prints an argument of a `print` function.
    pub(super) fn print_argument(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.format.pad(b"<nil>"),
            (Value::Nil, _) => self.wrong_verb(value, verb),
            (_, 'T') => self.format.string(value.type_name().as_bytes()),
            (Value::List(list), 'v' | 'd') if list.kind == ListKind::Bytes => {
                self.byte_list(list, verb);
            }
            // `%w` belongs to errors, which templates do not have, and `%p` prints
            // addresses, which are nobody's business.
            (Value::List(list), 'w') if list.kind == ListKind::Bytes => {
                self.print_list(list, list.kind.type_name(), verb, 0);
            }
            (_, 'w' | 'p') => self.wrong_verb(value, verb),
            _ => self.print_value(value, verb, 0),
        }
    }

    /// Prints a value that may be inside another one.
    fn print_value(&mut self, value: &Value, verb: char, depth: usize) {
        if depth > MAX_NESTING {
            self.nested_too_deeply = true;
            return;
        }
        let known = match value {
            Value::Nil => {
                let text = if self.format.flags.go_syntax { "interface {}(nil)" } else { "<nil>" };
                self.format.push(text);
                true
            }
            Value::Bool(value) if matches!(verb, 'v' | 't') => {
                self.format.boolean(*value);
                true
            }
            Value::Bool(_) => false,
            Value::Int(kind, value) => {
                let unsigned = kind.is_unsigned();
                if unsigned && verb == 'v' && self.format.flags.go_syntax {
                    self.format.go_byte(value.unsigned_abs());
                    true
                } else {
                    let negative = *value < 0;
                    self.format.integer(Integer { negative, magnitude: value.unsigned_abs() }, verb)
                }
            }
            Value::Float(value) => self.format.float(*value, verb),
            Value::String(text) => self.print_string(text.as_bytes(), verb),
            Value::List(list) => {
                self.print_list(list, list.kind.type_name(), verb, depth);
                true
            }
            Value::Map(map) => {
                self.print_map(map, &value.type_name(), verb, depth);
                true
            }
            Value::Object(object) => match (object.underlying(), verb) {
                (Some(Value::List(list)), _) => {
                    self.print_list(&list, &object.type_name(), verb, depth);
                    true
                }
                (Some(Value::Map(map)), _) => {
                    self.print_map(&map, &object.type_name(), verb, depth);
                    true
                }
                // Other objects print themselves, as Go values with a `String` method.
                (_, 'v' | 's') => self.print_string(object.display().as_bytes(), 's'),
                (Some(plain), _) => {
                    self.print_value(&plain, verb, depth + 1);
                    true
                }
                (None, 'x' | 'X' | 'q') => self.print_string(object.display().as_bytes(), verb),
                (None, _) => false,
            },
        };
        if !known {
            self.wrong_verb(value, verb);
        }
    }

    /// Prints a string; `false` for a verb that strings do not have.
    fn print_string(&mut self, bytes: &[u8], verb: char) -> bool {
        match verb {
            'v' if self.format.flags.go_syntax => self.format.quoted(bytes),
            'v' | 's' => self.format.string(bytes),
            'x' | 'X' => self.format.hexadecimal(bytes, verb == 'X'),
            'q' => self.format.quoted(bytes),
            _ => return false,
        }
        true
    }

    /// Prints `[a b]` or `[]interface {}{"a", "b"}`.
    fn print_list(&mut self, list: &List, type_name: &str, verb: char, depth: usize) {
        let items = list.items.borrow();
        if list.kind == ListKind::Bytes && matches!(verb, 's' | 'q' | 'x' | 'X') {
            let bytes = bytes_of(&items);
            self.print_string(&bytes, verb);
            return;
        }
        let go_syntax = self.format.flags.go_syntax;
        if go_syntax {
            self.format.push(type_name);
        }
        self.format.push(if go_syntax { "{" } else { "[" });
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.format.push(if go_syntax { ", " } else { " " });
            }
            self.print_value(item, verb, depth + 1);
        }
        self.format.push(if go_syntax { "}" } else { "]" });
    }

    /// Prints a byte slice that is itself the argument, which Go treats apart.
    fn byte_list(&mut self, list: &List, verb: char) {
        if !self.format.flags.go_syntax {
            self.print_list(list, list.kind.type_name(), verb, 0);
            return;
        }
        self.format.push("[]byte{");
        for (index, byte) in bytes_of(&list.items.borrow()).into_iter().enumerate() {
            if index > 0 {
                self.format.push(", ");
            }
            self.format.go_byte(byte.into());
        }
        self.format.push("}");
    }

    /// Prints `map[a:1 b:2]` or `map[string]interface {}{"a":1, "b":2}`.
    fn print_map(&mut self, map: &Map, type_name: &str, verb: char, depth: usize) {
        let go_syntax = self.format.flags.go_syntax;
        if go_syntax {
            self.format.push(type_name);
        }
        self.format.push(if go_syntax { "{" } else { "map[" });
        for (index, (key, value)) in map.0.borrow().iter().enumerate() {
            if index > 0 {
                self.format.push(if go_syntax { ", " } else { " " });
            }
            if !self.print_string(key.as_bytes(), verb) {
                self.wrong_verb(&Value::string(key.as_str()), verb);
            }
            self.format.push(":");
            self.print_value(value, verb, depth + 1);
        }
        self.format.push(if go_syntax { "}" } else { "]" });
    }

    /// Prints what Go prints for a verb that does not suit the value:
    /// `%!d(string=a)`.
    fn wrong_verb(&mut self, value: &Value, verb: char) {
        self.format.push("%!");
        self.format.push(&verb.to_string());
        self.format.push("(");
        if matches!(value, Value::Nil) {
            self.format.push("<nil>");
        } else {
            self.format.push(&value.type_name());
            self.format.push("=");
            self.print_argument(value, 'v');
        }
        self.format.push(")");
    }

    /// Prints the arguments that the format did not use.
    pub(super) fn extra_arguments(&mut self, arguments: &[Value]) {
        self.format.flags = super::text::Flags::default();
        self.format.push("%!(EXTRA ");
        for (index, argument) in arguments.iter().enumerate() {
            if index > 0 {
                self.format.push(", ");
            }
            if matches!(argument, Value::Nil) {
                self.format.push("<nil>");
            } else {
                self.format.push(&argument.type_name());
                self.format.push("=");
                self.print_argument(argument, 'v');
            }
        }
        self.format.push(")");
    }
}

/// Returns the elements of a byte slice. Whatever is no byte is left out.
fn bytes_of(items: &[Value]) -> Vec<u8> {
    items
        .iter()
        .filter_map(|item| match item {
            Value::Int(_, value) => u8::try_from(*value).ok(),
            _ => None,
        })
        .collect()
}
