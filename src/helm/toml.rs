//! TOML as `BurntSushi/toml` 1.6 writes it, which `toToml` uses: keys in byte
//! order, plain values before tables, nested tables indented by two spaces.

use std::fmt::Write as _;

use crate::helm::strconv;
use crate::helm::value::Entries;
use crate::helm::value::Value;

/// Says why a value cannot be written as TOML, in the library's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TomlError(String);

/// How deep a value may be nested; deeper is a map in itself.
const MAX_DEPTH: usize = 500;

/// Returns the value as TOML; a map is a document, another value stands alone.
pub fn write(value: &Value) -> Result<String, TomlError> {
    let mut writer = Writer { text: String::new() };
    writer.value(&mut Vec::new(), value)?;
    Ok(writer.text)
}

/// Names how a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing: nil has no TOML.
    Nil,
    Simple,
    Table,
    ArrayOfTables,
}

/// Returns the entries of what is written as a table.
fn entries(value: &Value) -> Option<Entries> {
    match value {
        Value::Map(map) => Some(map.0.borrow().clone()),
        Value::Object(object) => object.entries(),
        _ => None,
    }
}

/// Returns the elements of a list.
fn items(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::List(list) => Some(list.items.borrow().clone()),
        _ => None,
    }
}

fn kind(value: &Value, depth: usize) -> Result<Kind, TomlError> {
    if depth > MAX_DEPTH {
        return Err(TomlError("toml: the value is nested too deeply".into()));
    }
    if matches!(value, Value::Nil) {
        return Ok(Kind::Nil);
    }
    if entries(value).is_some() {
        return Ok(Kind::Table);
    }
    let Some(items) = items(value) else {
        return Ok(Kind::Simple);
    };
    let mut all_tables = !items.is_empty();
    for item in &items {
        match kind(item, depth + 1)? {
            Kind::Nil => {
                return Err(TomlError("toml: cannot encode array with nil element".into()));
            }
            item => all_tables &= item == Kind::Table,
        }
    }
    Ok(if all_tables { Kind::ArrayOfTables } else { Kind::Simple })
}

struct Writer {
    text: String,
}

impl Writer {
    /// Ends a line, unless nothing has been written yet.
    fn new_line(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn indent(&mut self, key: &[String]) {
        self.text.extend(std::iter::repeat_n("  ", key.len().saturating_sub(1)));
    }

    /// Writes a value under its key, the path from the document's root.
    fn value(&mut self, key: &mut Vec<String>, value: &Value) -> Result<(), TomlError> {
        match kind(value, key.len())? {
            Kind::Nil => Ok(()),
            Kind::Simple => {
                if let Some(name) = key.last() {
                    let name = quoted_key(name);
                    self.indent(key);
                    _ = write!(self.text, "{name} = ");
                    self.element(value, 0)?;
                    self.new_line();
                    return Ok(());
                }
                self.element(value, 0)
            }
            Kind::Table => {
                if key.len() == 1 {
                    self.new_line();
                }
                if !key.is_empty() {
                    self.header(key, "[", "]");
                }
                self.table(key, &entries(value).unwrap_or_default())
            }
            Kind::ArrayOfTables if key.is_empty() => {
                Err(TomlError("toml: top-level values must be Go maps or structs".into()))
            }
            Kind::ArrayOfTables => {
                for item in items(value).unwrap_or_default() {
                    self.new_line();
                    self.header(key, "[[", "]]");
                    self.table(key, &entries(&item).unwrap_or_default())?;
                }
                Ok(())
            }
        }
    }

    fn header(&mut self, key: &[String], open: &str, close: &str) {
        self.indent(key);
        let path: Vec<String> = key.iter().map(|name| quoted_key(name)).collect();
        _ = write!(self.text, "{open}{}{close}", path.join("."));
        self.new_line();
    }

    /// Writes the entries of a table, those that begin tables of their own last.
    fn table(&mut self, key: &mut Vec<String>, entries: &Entries) -> Result<(), TomlError> {
        for nested in [false, true] {
            for (name, value) in entries {
                let kind = kind(value, key.len())?;
                if matches!(kind, Kind::Table | Kind::ArrayOfTables) == nested {
                    key.push(name.clone());
                    self.value(key, value)?;
                    key.pop();
                }
            }
        }
        Ok(())
    }

    /// Writes a value on one line.
    fn element(&mut self, value: &Value, depth: usize) -> Result<(), TomlError> {
        let kind_of = kind(value, depth)?;
        match value {
            Value::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            // Writing to a string cannot fail.
            Value::Int(_, value) => _ = write!(self.text, "{value}"),
            Value::Float(value) => self.text.push_str(&float_text(*value)),
            Value::String(text) => self.text.push_str(&quoted(&text.to_text())),
            Value::List(list) => {
                self.text.push('[');
                for (index, item) in list.items.borrow().iter().enumerate() {
                    if index > 0 {
                        self.text.push_str(", ");
                    }
                    self.element(item, depth + 1)?;
                }
                self.text.push(']');
            }
            Value::Map(_) | Value::Object(_) if kind_of == Kind::Table => {
                self.inline_table(&entries(value).unwrap_or_default(), depth)?;
            }
            Value::Nil | Value::Map(_) => {}
            Value::Object(object) if object.type_name() == "time.Time" => {
                let layout = Value::string("2006-01-02T15:04:05.999999999Z07:00");
                if let Some(Ok(Value::String(text))) = object.call("Format", &[layout]) {
                    self.text.push_str(&text.to_text());
                }
            }
            Value::Object(object) => self.text.push_str(&quoted(&object.display())),
        }
        Ok(())
    }

    fn inline_table(&mut self, entries: &Entries, depth: usize) -> Result<(), TomlError> {
        let mut parts: [Vec<(&String, &Value)>; 2] = [Vec::new(), Vec::new()];
        for entry in entries {
            let nested = matches!(kind(entry.1, depth + 1)?, Kind::Table | Kind::ArrayOfTables);
            let [plain, tables] = &mut parts;
            if nested { tables.push(entry) } else { plain.push(entry) }
        }
        let [plain, tables] = parts;
        self.text.push('{');
        for (entries, more_follow) in [(&plain, !tables.is_empty()), (&tables, false)] {
            for (index, (name, value)) in entries.iter().enumerate() {
                if matches!(value, Value::Nil) {
                    continue;
                }
                _ = write!(self.text, "{} = ", quoted_key(name));
                self.element(value, depth + 1)?;
                if more_follow || index + 1 != entries.len() {
                    self.text.push_str(", ");
                }
            }
        }
        self.text.push('}');
        Ok(())
    }
}

/// Returns a number with a point, as TOML asks for one in every float.
fn float_text(value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_nan() {
        return format!("{sign}nan");
    }
    if value.is_infinite() {
        return format!("{sign}inf");
    }
    let text = strconv::format_float(value);
    if text.contains(['e', '.']) { text } else { format!("{text}.0") }
}

/// Returns a key, in quotes if it must be.
fn quoted_key(name: &str) -> String {
    let bare = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{8}' => quoted.push_str("\\b"),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\u{c}' => quoted.push_str("\\f"),
            '\r' => quoted.push_str("\\r"),
            '\0'..' ' | '\u{7f}' => _ = write!(quoted, "\\u{:04x}", u32::from(character)),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
