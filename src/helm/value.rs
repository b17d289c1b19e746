//! The values of the template language.
//!
//! Go's `text/template` works on Go values by reflection, and charts depend on
//! what that shows: maps are shared and mutable (`set .Values ...` is seen by
//! every later template), `int`, `int64` and `float64` print and compare
//! differently, strings are bytes, and some values have methods
//! (`.Files.Get`, `.Capabilities.APIVersions.Has`). `serde_json::Value` has none
//! of that, so templates run on this type and the layers above exchange JSON.
//!
//! Values are single-threaded (`Rc`): a render runs on one thread of its own.

mod inspect;
mod string_map;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::helm::function::Parameter;

pub use string_map::StringMap;

/// How deeply values may be nested before printing or comparing them is refused.
///
/// Charts can make a map contain itself (`set $map "self" $map`). Go's own
/// answer to printing such a map is to crash.
pub const MAX_NESTING: usize = 1000;

/// The entries of a map, in the byte order in which Go's `range` visits them.
pub type Entries = BTreeMap<String, Value>;

/// Is one value of a template: a Go value as `text/template` sees it.
///
/// Cloning is cheap and shares maps, lists and objects, as Go does.
#[derive(Clone, Default)]
pub enum Value {
    /// An absent value or an untyped `nil`.
    #[default]
    Nil,
    /// A Go `bool`.
    Bool(bool),
    /// A Go integer, with the type that Go gives it.
    Int(IntKind, i64),
    /// A Go `float64`: every number that comes from YAML or JSON.
    Float(f64),
    /// A Go `string`: bytes that are usually, but not always, UTF-8.
    String(Str),
    /// A Go slice.
    List(List),
    /// A Go `map[string]interface{}`.
    Map(Map),
    /// A Go value with methods or with fields of its own.
    Object(Rc<dyn Object>),
}

/// Names Go's integer types as far as templates can meet them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntKind {
    /// `int`: literals in a template, `len`, `until`, `atoi`, ...
    Int,
    /// `int64`: `--set`, `int64`, `add` and its family, ...
    Int64,
    /// `int32`, also called `rune`: a character constant is an `int`, but
    /// ranging over an integer or a string gives this one where Go does.
    Int32,
    /// `uint8`, also called `byte`: `index "text" 0`.
    Uint8,
}

impl IntKind {
    /// Returns Go's name of the type.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Int32 => "int32",
            Self::Uint8 => "uint8",
        }
    }

    /// Says whether the type has no sign, which comparing and `%#v` show.
    pub fn is_unsigned(self) -> bool {
        self == Self::Uint8
    }
}

/// Is a Go string: immutable bytes, cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Str(Rc<[u8]>);

impl Str {
    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the text, with U+FFFD in the place of what is not UTF-8.
    pub fn to_text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self(text.into_bytes().into())
    }
}

impl From<&[u8]> for Str {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<Vec<u8>> for Str {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

/// Names the element type of a slice where a template can tell the difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// `[]interface{}`: everything from YAML, `list`, `append`, ...
    Any,
    /// `[]string`: `splitList`, `sortAlpha`, `.Files.Lines`, ...
    Strings,
    /// `[]int`: `until`, `untilStep`.
    Ints,
    /// `[]byte`: `.Files.GetBytes`.
    Bytes,
}

impl ListKind {
    /// Returns Go's name of the slice type.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Any => "[]interface {}",
            Self::Strings => "[]string",
            Self::Ints => "[]int",
            Self::Bytes => "[]uint8",
        }
    }
}

/// Is a Go slice. Clones share the elements, as copies of a slice do in Go.
#[derive(Clone)]
pub struct List {
    /// The element type.
    pub kind: ListKind,
    /// The elements.
    pub items: Rc<RefCell<Vec<Value>>>,
}

/// Is a Go `map[string]interface{}`. Clones share the entries, as in Go.
#[derive(Clone, Default)]
pub struct Map(pub Rc<RefCell<Entries>>);

/// Is a Go value that has methods, or fields that are not map entries:
/// `.Files`, `.Capabilities`, a `time.Time`, a parsed version, a certificate.
pub trait Object {
    /// Returns Go's name of the type, for `typeOf`, `%T` and error texts.
    fn type_name(&self) -> String;

    /// Returns Go's `reflect.Kind` of the type, for `kindOf` and `kindIs`.
    fn kind(&self) -> &'static str {
        "struct"
    }

    /// Returns the field of that name.
    fn field(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }

    /// Returns the parameters of the method of that name; `None` when there is none.
    ///
    /// The executor checks the number of arguments and converts them to these
    /// types before it calls the method. A method whose parameters cannot be
    /// written so can be left out here; then its arguments reach
    /// [`Object::call`] unchecked.
    fn method(&self, name: &str) -> Option<&'static [Parameter]> {
        let _ = name;
        None
    }

    /// Calls the method of that name; `None` when there is none.
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let _ = (name, arguments);
        None
    }

    /// Returns the entries, for an object that is a Go map (`.Files`) or struct
    /// and is ranged over, indexed, or written as JSON.
    fn entries(&self) -> Option<Entries> {
        None
    }

    /// Returns the plain value of an object whose Go type is a map, a slice or a
    /// basic type with a name of its own (`time.Duration`, `VersionSet`), which
    /// can be ranged over, indexed, measured and compared as that plain value.
    ///
    /// What is no struct and has entries is a map without saying so here.
    fn underlying(&self) -> Option<Value> {
        if self.kind() == "map" { self.entries().map(Value::map) } else { None }
    }

    /// Returns the plain value that JSON and YAML have in the place of this one.
    fn json(&self) -> Value {
        self.underlying()
            .or_else(|| self.entries().map(Value::map))
            .unwrap_or_else(|| Value::string(self.display()))
    }

    /// Returns what `%v` prints.
    fn display(&self) -> String;

    /// Returns false for Go's zero value, which `if` and `default` take for empty.
    fn is_truthy(&self) -> bool {
        self.underlying().is_none_or(|value| value.is_truthy())
    }

    /// Returns self, for a function that needs the concrete type back.
    fn as_any(&self) -> &dyn std::any::Any;
}

/// Says why a template function or a method failed, in Go's words and without
/// the position, which the executor adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError(pub String);

impl fmt::Display for FunctionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for FunctionError {}

impl FunctionError {
    /// Makes an error of that text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Value {
    /// Makes a string.
    pub fn string(text: impl Into<Str>) -> Self {
        Self::String(text.into())
    }

    /// Makes a Go `int`.
    pub fn int(value: i64) -> Self {
        Self::Int(IntKind::Int, value)
    }

    /// Makes a Go `int64`.
    pub fn int64(value: i64) -> Self {
        Self::Int(IntKind::Int64, value)
    }

    /// Makes an `[]interface{}`.
    pub fn list(items: Vec<Self>) -> Self {
        Self::typed_list(ListKind::Any, items)
    }

    /// Makes a slice of that element type.
    pub fn typed_list(kind: ListKind, items: Vec<Self>) -> Self {
        Self::List(List { kind, items: Rc::new(RefCell::new(items)) })
    }

    /// Makes a map.
    pub fn map(entries: Entries) -> Self {
        Self::Map(Map(Rc::new(RefCell::new(entries))))
    }
}

impl FunctionError {
    /// Makes the error for a value that is nested deeper than [`MAX_NESTING`].
    pub fn nested_too_deeply() -> Self {
        Self(format!(
            "the value is nested more than {MAX_NESTING} levels deep; does it contain itself?"
        ))
    }
}

// A template can nest lists a million deep (`$list = list $list` in a loop). The
// drop that the compiler writes would follow them by recursion and overflow the
// stack, so the last owner takes its elements apart in a loop.

impl Drop for List {
    fn drop(&mut self) {
        if Rc::strong_count(&self.items) == 1 {
            dismantle(std::mem::take(&mut *self.items.borrow_mut()));
        }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        if Rc::strong_count(&self.0) == 1 {
            let entries = std::mem::take(&mut *self.0.borrow_mut());
            dismantle(entries.into_values().collect());
        }
    }
}

/// Drops values without recursion: what only they own is emptied before they go.
fn dismantle(mut pending: Vec<Value>) {
    while let Some(value) = pending.pop() {
        match &value {
            Value::List(list) if Rc::strong_count(&list.items) == 1 => {
                pending.append(&mut list.items.borrow_mut());
            }
            Value::Map(map) if Rc::strong_count(&map.0) == 1 => {
                pending.extend(std::mem::take(&mut *map.0.borrow_mut()).into_values());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
