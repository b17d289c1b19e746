//! What a template function is: a signature in Go's types and a body.

use std::collections::HashMap;
use std::rc::Rc;

use crate::helm::value::FunctionError;
use crate::helm::value::IntKind;
use crate::helm::value::ListKind;
use crate::helm::value::Value;

/// Names the Go type of a parameter. The executor checks and converts every
/// argument before the body runs, with Go's error texts, so that a body only
/// ever sees what its signature says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// `interface{}`: anything, `Nil` included.
    Any,
    /// `string`.
    String,
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `int64`.
    Int64,
    /// `uint32`: no function returns one, so only a constant can be passed.
    Uint32,
    /// `float64`.
    Float64,
    /// `[]interface{}`.
    List,
    /// `[]string`.
    Strings,
    /// `map[string]interface{}`. A nil map or slice arrives as an empty one.
    Map,
    /// Any slice or array: what Go code takes as `interface{}` and refuses
    /// later is `Any`; this one is `reflect.Value` of kind slice.
    Slice,
}

impl Parameter {
    /// Returns Go's name of the type.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::String => "string",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Uint32 => "uint32",
            Self::Float64 => "float64",
            Self::List | Self::Slice => "[]interface {}",
            Self::Strings => "[]string",
            Self::Map => "map[string]interface {}",
        }
    }

    /// Says whether a value can be passed as it is. Go converts nothing here: an
    /// `int64` is no `int`, and a `[]string` no `[]interface {}`.
    pub fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _)
            | (Self::String, Value::String(_))
            | (Self::Bool, Value::Bool(_))
            | (Self::Int, Value::Int(IntKind::Int, _))
            | (Self::Int64, Value::Int(IntKind::Int64, _))
            | (Self::Float64, Value::Float(_))
            | (Self::Slice, Value::List(_))
            | (Self::Map, Value::Map(_)) => true,
            (Self::List, Value::List(list)) => list.kind == ListKind::Any,
            (Self::Strings, Value::List(list)) => list.kind == ListKind::Strings,
            _ => false,
        }
    }
}

/// Is the body of a function. The arguments have been converted to the signature.
pub type Body = fn(&dyn Host, &[Value]) -> Result<Value, FunctionError>;

/// Is a template function.
#[derive(Clone, Copy)]
pub struct Function {
    /// The types of the parameters that are always given.
    pub parameters: &'static [Parameter],
    /// The type of each further argument, if the function takes any number.
    pub variadic: Option<Parameter>,
    /// What the function does.
    pub body: Body,
}

/// Maps names to functions.
pub type FunctionTable = HashMap<&'static str, Function>;

/// Is what functions may ask of the render that calls them.
///
/// It keeps the functions pure: everything that depends on other templates, on
/// the cluster, on the clock or on chance goes through here.
pub trait Host {
    /// Runs the named template on the data and returns its output.
    fn include(&self, name: &str, data: &Value) -> Result<String, FunctionError>;

    /// Runs the text as a template on the data and returns its output.
    fn tpl(&self, text: &str, data: &Value) -> Result<String, FunctionError>;

    /// Returns an object of the cluster, a list, or an empty map where there is none.
    fn lookup(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Value, FunctionError>;

    /// Returns the time in nanoseconds since the Unix epoch, and notes that the
    /// document being rendered depends on it.
    fn now(&self) -> i128;

    /// Returns that many random bytes, and notes that the document being
    /// rendered depends on them.
    fn random(&self, count: usize) -> Vec<u8>;
}

/// Is a host that several owners share for the time of one render.
pub type SharedHost = Rc<dyn Host>;
