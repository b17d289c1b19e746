//! What an expression yields.

use crate::helm::function::Parameter;
use crate::helm::value::FunctionError;
use crate::helm::value::List;
use crate::helm::value::ListKind;
use crate::helm::value::Value;

/// Is a value together with what Go's `reflect.Value` knows beside it: whether
/// its type at that place is `interface {}`, as that of every element of a
/// `map[string]interface {}`, or its own.
///
/// Only error texts, and what nil means, depend on it: an element that is nil is
/// a nil `interface {}`, whose fields cannot be looked up; the result of a
/// pipeline that is nil is no value at all, whose fields are no value either.
#[derive(Clone, Debug, Default)]
pub(super) struct Datum {
    /// The value.
    pub(super) value: Value,
    /// Whether its type at this place is `interface {}`.
    pub(super) is_interface: bool,
}

impl Datum {
    /// Makes a value of its own type; nil is no value at all.
    pub(super) fn plain(value: Value) -> Self {
        Self { value, is_interface: false }
    }

    /// Makes an element of a map or slice of `interface {}`.
    pub(super) fn interface(value: Value) -> Self {
        Self { value, is_interface: true }
    }

    /// Makes an element of that slice.
    pub(super) fn element(value: Value, kind: ListKind) -> Self {
        Self { value, is_interface: kind == ListKind::Any }
    }

    /// Says whether this is no value at all.
    pub(super) fn is_absent(&self) -> bool {
        !self.is_interface && self.value.is_nil()
    }

    /// Returns the value as one of its own type.
    pub(super) fn into_plain(self) -> Self {
        Self::plain(self.value)
    }

    /// Returns Go's name of the type at this place.
    pub(super) fn type_name(&self) -> String {
        if self.is_interface { "interface {}".to_owned() } else { self.value.type_name() }
    }
}

/// Is the type that an argument must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Any; what is no value stays none. The operand of a chain of fields.
    Untyped,
    /// Any; what is no value stays none. `reflect.Value`, as Go's own functions have it.
    Reflected,
    /// That of a function's or method's parameter.
    Parameter(Parameter),
}

impl Target {
    /// Returns Go's name of the type.
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Untyped => "<nil>",
            Self::Reflected => "reflect.Value",
            Self::Parameter(parameter) => parameter.type_name(),
        }
    }

    /// Returns Go's zero value of the type if nil can be assigned to it.
    pub(super) fn nil(self) -> Option<Datum> {
        Some(match self {
            Self::Untyped | Self::Reflected => Datum::default(),
            Self::Parameter(parameter) => match parameter {
                Parameter::Any => Datum::interface(Value::Nil),
                Parameter::List | Parameter::Slice => Datum::plain(Value::list(Vec::new())),
                Parameter::Strings => {
                    Datum::plain(Value::typed_list(ListKind::Strings, Vec::new()))
                }
                Parameter::Map => Datum::plain(Value::map(crate::helm::value::Entries::new())),
                Parameter::String
                | Parameter::Bool
                | Parameter::Int
                | Parameter::Int64
                | Parameter::Uint32
                | Parameter::Float64 => return None,
            },
        })
    }

    /// Checks that a value can be assigned to the type, and returns it as such.
    pub(super) fn accept(self, datum: Datum) -> Result<Datum, FunctionError> {
        if datum.is_absent() {
            return self.nil().ok_or_else(|| {
                FunctionError::new(format!("invalid value; expected {}", self.type_name()))
            });
        }
        let parameter = match self {
            Self::Untyped | Self::Reflected => return Ok(datum),
            Self::Parameter(Parameter::Any) => return Ok(Datum::interface(datum.value)),
            Self::Parameter(parameter) => parameter,
        };
        if parameter.accepts(&datum.value) {
            return Ok(datum.into_plain());
        }
        // A slice type with a name of its own is assignable to one without.
        let plain = underlying(&datum.value);
        if matches!(plain, Value::List(_)) && parameter.accepts(&plain) {
            return Ok(Datum::plain(plain));
        }
        let found = if datum.value.is_nil() { datum.type_name() } else { datum.value.type_name() };
        let wanted = self.type_name();
        Err(FunctionError::new(format!("wrong type for value; expected {wanted}; got {found}")))
    }
}

/// Returns the value that an object stands for, or the value itself.
pub(super) fn underlying(value: &Value) -> Value {
    match value {
        Value::Object(object) => object.underlying().unwrap_or_else(|| value.clone()),
        _ => value.clone(),
    }
}

/// Returns an element of a list.
pub(super) fn element(list: &List, index: usize) -> Option<Datum> {
    list.items.borrow().get(index).map(|value| Datum::element(value.clone(), list.kind))
}
