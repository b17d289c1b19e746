//! What can be asked of every value: its type, its truth, whether it equals another.

use std::fmt;
use std::rc::Rc;

use crate::helm::value::FunctionError;
use crate::helm::value::List;
use crate::helm::value::MAX_NESTING;
use crate::helm::value::Map;
use crate::helm::value::Str;
use crate::helm::value::Value;

impl Value {
    /// Says whether this is nil.
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    /// Returns Go's name of the type, as `%T` and `typeOf` print it.
    pub fn type_name(&self) -> String {
        match self {
            Self::Nil => "<nil>".into(),
            Self::Bool(_) => "bool".into(),
            Self::Int(kind, _) => kind.type_name().into(),
            Self::Float(_) => "float64".into(),
            Self::String(_) => "string".into(),
            Self::List(list) => list.kind.type_name().into(),
            Self::Map(_) => "map[string]interface {}".into(),
            Self::Object(object) => object.type_name(),
        }
    }

    /// Returns Go's `reflect.Kind` of the value, as `kindOf` prints it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "invalid",
            Self::Bool(_) => "bool",
            Self::Int(kind, _) => kind.type_name(),
            Self::Float(_) => "float64",
            Self::String(_) => "string",
            Self::List(_) => "slice",
            Self::Map(_) => "map",
            Self::Object(object) => object.kind(),
        }
    }

    /// Is false for the values that `if`, `and` and `or` take for false: nil,
    /// false, zero, and what is empty.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(_, value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::String(text) => !text.as_bytes().is_empty(),
            Self::List(list) => !list.items.borrow().is_empty(),
            Self::Map(map) => !map.0.borrow().is_empty(),
            Self::Object(object) => object.is_truthy(),
        }
    }

    /// Says whether two values are equal as Go's `reflect.DeepEqual` has it: of
    /// the same type (`int` 1 is not `int64` 1 is not `float64` 1) and equal, or
    /// the very same map or slice.
    ///
    /// Fails on values that are nested deeper than [`MAX_NESTING`].
    pub fn deep_equal(&self, other: &Self) -> Result<bool, FunctionError> {
        self.deep_equal_at(other, 0)
    }

    fn deep_equal_at(&self, other: &Self, depth: usize) -> Result<bool, FunctionError> {
        if depth > MAX_NESTING {
            return Err(FunctionError::nested_too_deeply());
        }
        Ok(match (self, other) {
            (Self::Nil, Self::Nil) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Int(left_kind, left), Self::Int(right_kind, right)) => {
                left_kind == right_kind && left == right
            }
            // Bit for bit would take NaN for itself; Go does not.
            #[allow(clippy::float_cmp)]
            (Self::Float(left), Self::Float(right)) => left == right,
            (Self::String(left), Self::String(right)) => left == right,
            (Self::List(left), Self::List(right)) => return lists_are_equal(left, right, depth),
            (Self::Map(left), Self::Map(right)) => return maps_are_equal(left, right, depth),
            (Self::Object(left), Self::Object(right)) => {
                Rc::ptr_eq(left, right)
                    || left.type_name() == right.type_name()
                        && match (left.underlying(), right.underlying()) {
                            (Some(left), Some(right)) => left.deep_equal_at(&right, depth + 1)?,
                            _ => left.display() == right.display(),
                        }
            }
            _ => false,
        })
    }

    /// Writes the value for a failing test, and no deeper than anybody reads.
    fn describe(&self, formatter: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        if depth > 16 {
            return formatter.write_str("...");
        }
        match self {
            Self::Nil => formatter.write_str("nil"),
            Self::Bool(value) => write!(formatter, "{value}"),
            Self::Int(kind, value) => write!(formatter, "{}({value})", kind.type_name()),
            Self::Float(value) => write!(formatter, "float64({value:?})"),
            Self::String(text) => write!(formatter, "{:?}", text.to_text()),
            Self::List(list) => {
                write!(formatter, "{}{{", list.kind.type_name())?;
                for (index, item) in list.items.borrow().iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(", ")?;
                    }
                    item.describe(formatter, depth + 1)?;
                }
                formatter.write_str("}")
            }
            Self::Map(map) => {
                formatter.write_str("map{")?;
                for (index, (key, item)) in map.0.borrow().iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(", ")?;
                    }
                    write!(formatter, "{key:?}: ")?;
                    item.describe(formatter, depth + 1)?;
                }
                formatter.write_str("}")
            }
            Self::Object(object) => {
                write!(formatter, "{}({})", object.type_name(), object.display())
            }
        }
    }
}

// In functions of their own, so that the recursion above takes little stack.

fn lists_are_equal(left: &List, right: &List, depth: usize) -> Result<bool, FunctionError> {
    if left.kind != right.kind {
        return Ok(false);
    }
    if Rc::ptr_eq(&left.items, &right.items) {
        return Ok(true);
    }
    let (left, right) = (left.items.borrow(), right.items.borrow());
    if left.len() != right.len() {
        return Ok(false);
    }
    for (left, right) in left.iter().zip(right.iter()) {
        if !left.deep_equal_at(right, depth + 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn maps_are_equal(left: &Map, right: &Map, depth: usize) -> Result<bool, FunctionError> {
    if Rc::ptr_eq(&left.0, &right.0) {
        return Ok(true);
    }
    let (left, right) = (left.0.borrow(), right.0.borrow());
    if left.len() != right.len() {
        return Ok(false);
    }
    for ((left_key, left), (right_key, right)) in left.iter().zip(right.iter()) {
        if left_key != right_key || !left.deep_equal_at(right, depth + 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe(formatter, 0)
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_text(), formatter)
    }
}
