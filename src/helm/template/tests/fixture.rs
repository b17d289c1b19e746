//! The data, functions and host that the tests run templates with.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use crate::helm::function::Function;
use crate::helm::function::FunctionTable;
use crate::helm::function::Host;
use crate::helm::function::Parameter;
use crate::helm::template::Set;
use crate::helm::value::Entries;
use crate::helm::value::FunctionError;
use crate::helm::value::ListKind;
use crate::helm::value::Object;
use crate::helm::value::StringMap;
use crate::helm::value::Value;

/// Is a struct with fields, and methods that declare their parameters.
struct Thing;

impl Object for Thing {
    fn type_name(&self) -> String {
        "*main.Thing".into()
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Name" => Some(Value::string("box")),
            "Count" => Some(Value::int(3)),
            _ => None,
        }
    }

    fn method(&self, name: &str) -> Option<&'static [Parameter]> {
        Some(match name {
            "Get" | "Fail" => &[Parameter::String],
            "Add" => &[Parameter::Int, Parameter::Int],
            "Echo" => &[Parameter::Any],
            "Plain" | "String" => &[],
            _ => return None,
        })
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let argument = || arguments.first().cloned().unwrap_or_default();
        Some(match (name, arguments) {
            ("Get", _) => Ok(Value::string(format!("got {}", text(&argument())))),
            ("Fail", _) => Err(FunctionError::new(text(&argument()))),
            ("Add", [Value::Int(_, left), Value::Int(_, right)]) => Ok(Value::int(left + right)),
            ("Echo", _) => Ok(argument()),
            ("Plain", _) => Ok(Value::string("plain")),
            ("String", _) => Ok(Value::string("thing!")),
            _ => return None,
        })
    }

    fn display(&self) -> String {
        "thing!".into()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Is a slice with a name of its own and a method.
struct Versions;

impl Object for Versions {
    fn type_name(&self) -> String {
        "main.Versions".into()
    }

    fn kind(&self) -> &'static str {
        "slice"
    }

    fn underlying(&self) -> Option<Value> {
        let items = ["v1", "apps/v1"].map(Value::string).to_vec();
        Some(Value::typed_list(ListKind::Strings, items))
    }

    fn method(&self, name: &str) -> Option<&'static [Parameter]> {
        (name == "Has").then_some(&[Parameter::String])
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let wanted = arguments.first().map(text).unwrap_or_default();
        (name == "Has").then(|| Ok(Value::Bool(wanted == "v1" || wanted == "apps/v1")))
    }

    fn display(&self) -> String {
        "[v1 apps/v1]".into()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Returns a string's text.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_text().into_owned(),
        other => format!("{other:?}"),
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Returns the data of every test.
pub fn data() -> Value {
    let strings = |items: &[&str]| items.iter().copied().map(Value::string).collect::<Vec<_>>();
    let bytes = b"hi".map(|byte| Value::Int(crate::helm::value::IntKind::Uint8, byte.into()));
    let pairs = [("_0", "p"), ("_1", "q")].map(|(key, value)| (key.to_owned(), value.into()));
    map([
        ("s", Value::string("text")),
        ("empty", Value::string("")),
        ("i", Value::int(7)),
        ("i64", Value::int64(8)),
        ("f", Value::Float(1e6)),
        ("half", Value::Float(0.5)),
        ("neg", Value::Float(-12.25)),
        ("big", Value::Float(123_456_789.0)),
        ("tiny", Value::Float(1e-7)),
        ("zero", Value::Float(0.0)),
        ("yes", Value::Bool(true)),
        ("no", Value::Bool(false)),
        ("nil", Value::Nil),
        (
            "list",
            Value::list(vec![Value::string("a"), Value::Float(1.5), Value::Nil, Value::Bool(true)]),
        ),
        ("nums", Value::list([1.0, 2.0, 3.0].map(Value::Float).to_vec())),
        ("strings", Value::typed_list(ListKind::Strings, strings(&["x", "y"]))),
        ("ints", Value::typed_list(ListKind::Ints, [3, 4].map(Value::int).to_vec())),
        ("bytes", Value::typed_list(ListKind::Bytes, bytes.to_vec())),
        (
            "m",
            map([
                ("a", Value::string("A")),
                ("b", map([("c", Value::Float(1.5)), ("n", Value::Nil)])),
                ("z", Value::Nil),
            ]),
        ),
        ("emptyMap", map([])),
        ("emptyList", Value::list(Vec::new())),
        ("html", Value::string("<a href='x'>&\"")),
        ("utf", Value::string("h\u{e9}\u{a0}\u{200b}\u{20ac}\u{1f389}")),
        ("raw", Value::string(&b"a\xffb\x00\x07"[..])),
        ("thing", Value::Object(Rc::new(Thing))),
        ("versions", Value::Object(Rc::new(Versions))),
        ("pairs", Value::Object(Rc::new(StringMap(pairs.into())))),
        ("key", Value::string("a")),
    ])
}

type Result<T, E = FunctionError> = std::result::Result<T, E>;

// Functions can fail.
#[allow(clippy::unnecessary_wraps)]
fn first(arguments: &[Value]) -> Result<Value> {
    Ok(arguments.first().cloned().unwrap_or_default())
}

fn count(arguments: &[Value]) -> Result<Value> {
    let length = match arguments.first() {
        Some(Value::List(list)) => list.items.borrow().len(),
        Some(Value::Map(map)) => map.0.borrow().len(),
        other => return Err(FunctionError::new(format!("unexpected {other:?}"))),
    };
    Ok(Value::int(i64::try_from(length).unwrap()))
}

/// Returns the functions of every test.
pub fn functions() -> FunctionTable {
    use Parameter::Any;
    use Parameter::Bool;
    use Parameter::Float64;
    use Parameter::Int;
    use Parameter::Int64;
    use Parameter::List;
    use Parameter::Map;
    use Parameter::String;
    use Parameter::Strings;
    let function = |parameters, body| Function { parameters, variadic: None, body };
    FunctionTable::from([
        (
            "upper",
            function(&[String], |_, arguments| {
                Ok(Value::string(text(&first(arguments)?).to_uppercase()))
            }),
        ),
        (
            "fail",
            function(&[String], |_, arguments| Err(FunctionError::new(text(&first(arguments)?)))),
        ),
        (
            "list",
            Function {
                parameters: &[],
                variadic: Some(Any),
                body: |_, arguments| Ok(Value::list(arguments.to_vec())),
            },
        ),
        (
            "join",
            Function {
                parameters: &[String],
                variadic: Some(String),
                body: |_, arguments| {
                    let parts: Vec<_> = arguments[1..].iter().map(text).collect();
                    Ok(Value::string(parts.join(&text(&arguments[0]))))
                },
            },
        ),
        (
            "addInt",
            function(&[Int, Int], |_, arguments| match arguments {
                [Value::Int(_, left), Value::Int(_, right)] => Ok(Value::int(left + right)),
                other => Err(FunctionError::new(format!("unexpected {other:?}"))),
            }),
        ),
        ("same64", function(&[Int64], |_, arguments| first(arguments))),
        ("sameFloat", function(&[Float64], |_, arguments| first(arguments))),
        ("sameBool", function(&[Bool], |_, arguments| first(arguments))),
        ("needList", function(&[List], |_, arguments| count(arguments))),
        ("needStrings", function(&[Strings], |_, arguments| count(arguments))),
        ("needMap", function(&[Map], |_, arguments| count(arguments))),
        ("nothing", function(&[], |_, _| Ok(Value::Nil))),
        ("five", function(&[], |_, _| Ok(Value::int(5)))),
        ("echo", function(&[Any], |_, arguments| first(arguments))),
        (
            "pair",
            function(&[String, Any], |_, arguments| {
                Ok(Value::string(crate::helm::printf::sprint(arguments)?))
            }),
        ),
        (
            "dict",
            function(&[String, Any], |_, arguments| {
                let entry = (text(&arguments[0]), arguments[1].clone());
                Ok(Value::map(Entries::from([entry])))
            }),
        ),
        (
            "set",
            function(&[Map, String, Any], |_, arguments| {
                if let Value::Map(map) = &arguments[0] {
                    map.0.borrow_mut().insert(text(&arguments[1]), arguments[2].clone());
                }
                first(arguments)
            }),
        ),
        (
            "include",
            function(&[String, Any], |host, arguments| {
                host.include(&text(&arguments[0]), &arguments[1]).map(Value::string)
            }),
        ),
        (
            "tpl",
            function(&[String, Any], |host, arguments| {
                host.tpl(&text(&arguments[0]), &arguments[1]).map(Value::string)
            }),
        ),
    ])
}

/// Renders `include` and `tpl` as Helm does, without its limits.
pub struct Renderer(pub RefCell<Set>);

impl Renderer {
    /// Parses a text and runs it; returns the output and the error.
    pub fn run(text: &[u8]) -> (Vec<u8>, Option<String>) {
        const NAME: &str = "a.yaml";
        let mut set = Set::new(functions());
        if let Err(error) = set.parse(NAME, text) {
            return (Vec::new(), Some(error.to_string()));
        }
        let host = Self(RefCell::new(set.clone()));
        let mut output = Vec::new();
        let result = set.execute(NAME, &data(), &host, &mut output);
        (output, result.err().map(|error| error.to_string()))
    }
}

impl Host for Renderer {
    fn include(&self, name: &str, data: &Value) -> Result<String> {
        let set = self.0.borrow().clone();
        let mut output = Vec::new();
        set.execute(name, data, self, &mut output)
            .map_err(|error| FunctionError::new(error.to_string()))?;
        Ok(String::from_utf8_lossy(&output).into_owned())
    }

    fn tpl(&self, text: &str, data: &Value) -> Result<String> {
        let quoted = crate::helm::printf::quote::quote(text.as_bytes());
        let mut set = self.0.borrow().clone();
        let tree = set.parse("gotpl", text).map_err(|error| {
            FunctionError::new(format!("cannot parse template {quoted}: {error}"))
        })?;
        let host = Self(RefCell::new(set.clone()));
        let mut output = Vec::new();
        set.execute_tree(&tree, data, &host, &mut output).map_err(|error| {
            FunctionError::new(format!("error during tpl function execution for {quoted}: {error}"))
        })?;
        Ok(String::from_utf8_lossy(&output).into_owned())
    }

    fn lookup(&self, _: &str, _: &str, _: &str, _: &str) -> Result<Value> {
        Err(FunctionError::new("there is no cluster in this test"))
    }

    fn now(&self) -> i128 {
        0
    }

    fn random(&self, count: usize) -> Vec<u8> {
        vec![0; count]
    }
}
