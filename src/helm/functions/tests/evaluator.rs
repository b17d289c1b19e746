//! Just enough of the template language for tests of functions: a call with
//! literals and calls in parentheses as arguments, and methods without arguments.

use crate::helm::compatibility::Compatibility;
use crate::helm::function::FunctionTable;
use crate::helm::function::Host;
use crate::helm::function::Parameter;
use crate::helm::functions::table;
use crate::helm::printf::quote;
use crate::helm::strconv;
use crate::helm::value::FunctionError;
use crate::helm::value::ListKind;
use crate::helm::value::Value;

/// Is a host with a clock that stands still and bytes that count up.
pub(super) struct FixedHost;

/// 2023-11-14 22:13:20 UTC, in nanoseconds.
pub(super) const NOW: i128 = 1_700_000_000_000_000_000;

impl Host for FixedHost {
    fn include(&self, name: &str, data: &Value) -> Result<String, FunctionError> {
        Ok(format!("include {name} {}", describe(data)))
    }

    fn tpl(&self, text: &str, data: &Value) -> Result<String, FunctionError> {
        Ok(format!("tpl {text} {}", describe(data)))
    }

    fn lookup(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Value, FunctionError> {
        Ok(Value::string(format!("{api_version} {kind} {namespace} {name}")))
    }

    fn now(&self) -> i128 {
        NOW
    }

    fn random(&self, count: usize) -> Vec<u8> {
        (0..=255).cycle().take(count).collect()
    }
}

/// Calls functions of a table.
pub(super) struct Fixture {
    table: FunctionTable,
}

impl Fixture {
    pub(super) fn new(compatibility: Compatibility) -> Self {
        Self { table: table(compatibility) }
    }

    pub(super) fn evaluate(&self, expression: &str) -> Result<Value, FunctionError> {
        let tokens = tokens(expression);
        let mut rest = tokens.as_slice();
        let value = self.call(&mut rest)?;
        assert!(rest.is_empty(), "cannot read all of {expression}");
        Ok(value)
    }

    /// Calls a function with converted arguments.
    pub(super) fn apply(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        let function = self.table.get(name).unwrap_or_else(|| panic!("no function {name}"));
        let parameters = function.parameters.iter().copied();
        let parameters = parameters.chain(function.variadic.into_iter().cycle());
        assert!(arguments.len() >= function.parameters.len(), "too few arguments for {name}");
        let converted: Vec<Value> = arguments
            .iter()
            .zip(parameters)
            .map(|(value, parameter)| convert(value, parameter))
            .collect();
        assert_eq!(converted.len(), arguments.len(), "too many arguments for {name}");
        (function.body)(&FixedHost, &converted)
    }

    /// Reads a name and its arguments, up to a closing parenthesis.
    fn call(&self, tokens: &mut &[String]) -> Result<Value, FunctionError> {
        if tokens[0] == "(" {
            let value = self.operand(tokens)?;
            if let Some(method) = tokens.first().and_then(|token| token.strip_prefix('.')) {
                let method = method.to_owned();
                *tokens = &tokens[1..];
                let arguments = self.operands(tokens)?;
                let Value::Object(object) = &value else { panic!("no object") };
                return object.call(&method, &arguments).expect("a method");
            }
            return Ok(value);
        }
        let name = tokens[0].clone();
        *tokens = &tokens[1..];
        let arguments = self.operands(tokens)?;
        self.apply(&name, &arguments)
    }

    fn operands(&self, tokens: &mut &[String]) -> Result<Vec<Value>, FunctionError> {
        let mut arguments = Vec::new();
        while tokens.first().is_some_and(|token| token != ")") {
            arguments.push(self.operand(tokens)?);
        }
        Ok(arguments)
    }

    fn operand(&self, tokens: &mut &[String]) -> Result<Value, FunctionError> {
        let token = tokens[0].clone();
        *tokens = &tokens[1..];
        if token == "(" {
            let value = self.call(tokens)?;
            assert_eq!(tokens[0], ")");
            *tokens = &tokens[1..];
            return Ok(value);
        }
        Ok(literal(&token))
    }
}

fn literal(token: &str) -> Value {
    match token {
        "nil" => Value::Nil,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if token.starts_with('"') => Value::string(quote::unquote(token.as_bytes()).unwrap()),
        _ => match token.parse() {
            Ok(number) => Value::int(number),
            Err(_) => Value::Float(token.parse().unwrap()),
        },
    }
}

/// Converts as the executor does, as far as the cases need it.
#[allow(clippy::cast_precision_loss)]
fn convert(value: &Value, parameter: Parameter) -> Value {
    match (parameter, value) {
        (Parameter::Float64, Value::Int(_, number)) => Value::Float(*number as f64),
        (Parameter::Int64, Value::Int(_, number)) => Value::int64(*number),
        _ => value.clone(),
    }
}

fn tokens(expression: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut characters = expression.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ' ' => {}
            '(' | ')' => tokens.push(character.to_string()),
            '"' => {
                let mut text = String::from('"');
                loop {
                    let next = characters.next().expect("a closing quote");
                    text.push(next);
                    match next {
                        '\\' => text.push(characters.next().unwrap()),
                        '"' => break,
                        _ => {}
                    }
                }
                tokens.push(text);
            }
            _ => {
                let mut word = String::from(character);
                while let Some(next) = characters.next_if(|next| !" ()".contains(*next)) {
                    word.push(next);
                }
                tokens.push(word);
            }
        }
    }
    tokens
}

/// Shows a value with its types, in the form of the cases.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Nil => "nil".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(kind, number) => format!("{}({number})", kind.type_name()),
        Value::Float(number) => format!("float64({})", strconv::format_float(*number)),
        Value::String(text) => quote::quote(text.as_bytes()),
        Value::List(list) => {
            let name = match list.kind {
                ListKind::Any => "list",
                kind => kind.type_name(),
            };
            let items: Vec<String> = list.items.borrow().iter().map(describe).collect();
            format!("{name}[{}]", items.join(" "))
        }
        Value::Map(map) => {
            let entries: Vec<String> = map
                .0
                .borrow()
                .iter()
                .map(|(key, value)| format!("{}:{}", quote::quote(key.as_bytes()), describe(value)))
                .collect();
            format!("map[{}]", entries.join(" "))
        }
        Value::Object(object) => match object.type_name().as_str() {
            "time.Duration" => format!("duration({})", object.display()),
            "time.Time" => {
                let Some(Ok(Value::Object(utc))) = object.call("UTC", &[]) else { panic!() };
                let layout = Value::string("2006-01-02T15:04:05.999999999Z07:00");
                let Some(Ok(Value::String(text))) = utc.call("Format", &[layout]) else { panic!() };
                format!("time({})", text.to_text())
            }
            name => format!("{name}({})", object.display()),
        },
    }
}
