//! The evaluation of pipelines: operands, fields, methods and function calls.

use crate::helm::function::Function;
use crate::helm::function::Parameter;
use crate::helm::template::builtins;
use crate::helm::template::datum::Datum;
use crate::helm::template::datum::Target;
use crate::helm::template::execute::At;
use crate::helm::template::execute::Execution;
use crate::helm::template::execute::Result;
use crate::helm::template::literal::Number;
use crate::helm::template::node::Command;
use crate::helm::template::node::Operand;
use crate::helm::template::node::OperandKind;
use crate::helm::template::node::Pipeline;
use crate::helm::value::FunctionError;
use crate::helm::value::Object;
use crate::helm::value::Value;

/// Is what a call is given: the operands after the function, and what comes
/// through the pipe as the last argument.
#[derive(Clone)]
pub(super) struct Arguments<'t> {
    pub(super) operands: &'t [Operand],
    pub(super) piped: Option<Datum>,
}

impl Arguments<'_> {
    const NONE: Self = Self { operands: &[], piped: None };

    fn is_empty(&self) -> bool {
        self.operands.is_empty() && self.piped.is_none()
    }
}

/// Is the types that a call takes.
#[derive(Clone, Copy)]
struct Signature<'a> {
    fixed: &'a [Target],
    variadic: Option<Target>,
}

impl<'t> Execution<'t, '_> {
    /// Evaluates a pipeline and sets its variables.
    pub(super) fn pipeline(&mut self, dot: &Datum, pipeline: &'t Pipeline) -> Result<Datum> {
        self.at(At::Pipeline(pipeline));
        let mut piped = None;
        for command in &pipeline.commands {
            piped = Some(self.command(dot, command, piped)?.into_plain());
        }
        let value = piped.unwrap_or_default();
        for name in &pipeline.variables {
            if pipeline.is_assignment {
                self.assign(name, value.clone())?;
            } else {
                self.declare(name, value.clone());
            }
        }
        Ok(value)
    }

    /// Evaluates a command, with what the one before it has yielded.
    fn command(
        &mut self,
        dot: &Datum,
        command: &'t Command,
        piped: Option<Datum>,
    ) -> Result<Datum> {
        let arguments = Arguments { operands: &command.rest, piped };
        let first = &command.first;
        match &first.kind {
            OperandKind::Field(_) | OperandKind::Chain(..) | OperandKind::Variable(..) => {
                self.reference(dot, first, &arguments)
            }
            OperandKind::Function(name) => {
                self.at(At::Operand(first));
                self.function(dot, At::Command(command), name, &command.first, arguments)
            }
            OperandKind::Pipeline(pipeline) => {
                self.refuse_arguments(first, &arguments)?;
                let _level = self.descend()?;
                self.pipeline(dot, pipeline)
            }
            kind => {
                self.at(At::Operand(first));
                self.refuse_arguments(first, &arguments)?;
                match kind {
                    OperandKind::Dot => Ok(dot.clone()),
                    OperandKind::Nil => Err(self.error("nil is not a command")),
                    _ => self.constant(first),
                }
            }
        }
    }

    /// Fails if something that is no function is given arguments.
    fn refuse_arguments(&self, operand: &Operand, arguments: &Arguments<'_>) -> Result<()> {
        if arguments.is_empty() {
            return Ok(());
        }
        Err(self.error(format!("can't give argument to non-function {operand}")))
    }

    /// Evaluates fields, variables with their fields, and chains.
    fn reference(
        &mut self,
        dot: &Datum,
        operand: &'t Operand,
        arguments: &Arguments<'t>,
    ) -> Result<Datum> {
        self.at(At::Operand(operand));
        let (receiver, fields) = match &operand.kind {
            OperandKind::Field(fields) => (dot.clone(), fields),
            OperandKind::Variable(name, fields) => {
                let value = self.variable(name)?;
                if fields.is_empty() {
                    self.refuse_arguments(operand, arguments)?;
                    return Ok(value);
                }
                (value, fields)
            }
            OperandKind::Chain(inner, fields) => {
                (self.argument(dot, Target::Untyped, inner)?, fields)
            }
            _ => return Err(self.error(format!("can't evaluate command {operand}"))),
        };
        self.fields(dot, receiver, operand, fields, arguments)
    }

    /// Evaluates fields one after another; the last one, if it is a method, gets
    /// the arguments.
    fn fields(
        &mut self,
        dot: &Datum,
        mut receiver: Datum,
        operand: &'t Operand,
        fields: &'t [String],
        arguments: &Arguments<'t>,
    ) -> Result<Datum> {
        let Some((last, path)) = fields.split_last() else {
            return Ok(receiver);
        };
        for name in path {
            receiver = self.field(dot, &receiver, operand, name, &Arguments::NONE)?;
        }
        self.field(dot, &receiver, operand, last, arguments)
    }

    /// Evaluates one field or method.
    fn field(
        &mut self,
        dot: &Datum,
        receiver: &Datum,
        operand: &'t Operand,
        name: &'t str,
        arguments: &Arguments<'t>,
    ) -> Result<Datum> {
        match &receiver.value {
            Value::Nil if receiver.is_interface => {
                Err(self.error(format!("nil pointer evaluating interface {{}}.{name}")))
            }
            // A field of no value is no value.
            Value::Nil => Ok(Datum::default()),
            Value::Map(map) => {
                if !arguments.is_empty() {
                    return Err(self.error(format!("{name} is not a method but has arguments")));
                }
                Ok(Datum::interface(map.0.borrow().get(name).cloned().unwrap_or_default()))
            }
            Value::Object(object) => {
                let object = object.clone();
                if let Some(datum) = self.method(dot, &*object, operand, name, arguments.clone())? {
                    return Ok(datum);
                }
                let is_map = object.kind() == "map";
                let field = object.field(name);
                if field.is_none() && !is_map {
                    return Err(self.no_field(receiver, name));
                }
                if !arguments.is_empty() {
                    return Err(self.error(if is_map {
                        format!("{name} is not a method but has arguments")
                    } else {
                        format!("{name} has arguments but cannot be invoked as function")
                    }));
                }
                let entry = || object.entries().and_then(|mut entries| entries.remove(name));
                Ok(match field.or_else(entry) {
                    Some(value) => Datum::plain(value),
                    None => Datum::interface(Value::Nil),
                })
            }
            _ => Err(self.no_field(receiver, name)),
        }
    }

    /// Makes the error for a value that has no such field.
    fn no_field(&self, receiver: &Datum, name: &str) -> crate::helm::template::ExecError {
        let type_name = receiver.type_name();
        self.error(format!("can't evaluate field {name} in type {type_name}"))
    }

    /// Calls a method; `None` if the object has none of that name.
    fn method(
        &mut self,
        dot: &Datum,
        object: &dyn Object,
        operand: &'t Operand,
        name: &'t str,
        arguments: Arguments<'t>,
    ) -> Result<Option<Datum>> {
        let fixed: Vec<Target>;
        let signature = if let Some(parameters) = object.method(name) {
            fixed = parameters.iter().copied().map(Target::Parameter).collect();
            Signature { fixed: &fixed, variadic: None }
        } else if object.field(name).is_some() {
            return Ok(None);
        } else {
            // It may be a method that does not say what it takes.
            Signature { fixed: &[], variadic: Some(Target::Parameter(Parameter::Any)) }
        };
        let values = self.arguments(dot, signature, name, arguments)?;
        let Some(result) = object.call(name, &into_values(values)) else {
            self.at(At::Operand(operand));
            return Ok(None);
        };
        self.returned(At::Operand(operand), name, result.map(Datum::plain)).map(Some)
    }

    /// Passes on what a function or method has returned.
    fn returned(
        &mut self,
        at: At<'t>,
        name: &str,
        result: std::result::Result<Datum, FunctionError>,
    ) -> Result<Datum> {
        result.map_err(|error| {
            self.at(at);
            self.error(format!("error calling {name}: {error}"))
        })
    }

    /// Calls a function.
    fn function(
        &mut self,
        dot: &Datum,
        at: At<'t>,
        name: &'t str,
        operand: &'t Operand,
        arguments: Arguments<'t>,
    ) -> Result<Datum> {
        let set = self.set;
        if let Some(function) = set.functions.get(name) {
            return self.library_function(dot, at, name, function, arguments);
        }
        self.at(At::Operand(operand));
        let signature = |fixed, variadic| Signature { fixed, variadic };
        match builtins::find(name) {
            None => Err(self.error(format!("\"{name}\" is not a defined function"))),
            Some(builtins::Builtin::Logic { stops_at }) => {
                self.logic(dot, name, stops_at, &arguments)
            }
            Some(builtins::Builtin::Call) => {
                let callee = match arguments.operands.first() {
                    Some(operand) => operand.to_string(),
                    None => arguments
                        .piped
                        .as_ref()
                        .map(|piped| builtins::callee_name(&piped.value))
                        .unwrap_or_default(),
                };
                let signature = signature(&[Target::Reflected], Some(Target::Reflected));
                let values = self.arguments(dot, signature, name, arguments)?;
                let result = Err(builtins::refuse_call(&callee, values.first()));
                self.returned(at, name, result)
            }
            Some(builtins::Builtin::Reflected { fixed, is_variadic, body }) => {
                let fixed = vec![Target::Reflected; fixed];
                let variadic = is_variadic.then_some(Target::Reflected);
                let values = self.arguments(dot, signature(&fixed, variadic), name, arguments)?;
                self.returned(at, name, body(&values))
            }
            Some(builtins::Builtin::Printing { fixed, body }) => {
                let fixed: Vec<Target> = fixed.iter().copied().map(Target::Parameter).collect();
                let variadic = Some(Target::Parameter(Parameter::Any));
                let values = self.arguments(dot, signature(&fixed, variadic), name, arguments)?;
                let text = body(&into_values(values));
                self.returned(at, name, text.map(|text| Datum::plain(Value::string(text))))
            }
        }
    }

    /// Calls a function that is not one of Go's own.
    fn library_function(
        &mut self,
        dot: &Datum,
        at: At<'t>,
        name: &'t str,
        function: &Function,
        arguments: Arguments<'t>,
    ) -> Result<Datum> {
        let fixed: Vec<Target> =
            function.parameters.iter().copied().map(Target::Parameter).collect();
        let variadic = function.variadic.map(Target::Parameter);
        let signature = Signature { fixed: &fixed, variadic };
        let values = self.arguments(dot, signature, name, arguments)?;
        let result = (function.body)(self.host, &into_values(values));
        let result = result.map(|value| {
            // Where a function returns nil, its type is `interface {}`.
            if value.is_nil() { Datum::interface(value) } else { Datum::plain(value) }
        });
        self.returned(at, name, result)
    }

    /// Evaluates `and` or `or`, which stop at the first false or true argument.
    fn logic(
        &mut self,
        dot: &Datum,
        name: &str,
        stops_at: bool,
        arguments: &Arguments<'t>,
    ) -> Result<Datum> {
        if arguments.is_empty() {
            return Err(
                self.error(format!("wrong number of args for {name}: want at least 1 got 0"))
            );
        }
        let mut last = Datum::default();
        for operand in arguments.operands {
            last = self.argument(dot, Target::Reflected, operand)?;
            if last.value.is_truthy() == stops_at {
                return Ok(last);
            }
        }
        Ok(arguments.piped.clone().unwrap_or(last))
    }

    /// Evaluates the arguments of a call and checks them against its signature.
    fn arguments(
        &mut self,
        dot: &Datum,
        signature: Signature<'_>,
        name: &str,
        arguments: Arguments<'t>,
    ) -> Result<Vec<Datum>> {
        let given = arguments.operands.len();
        let count = given + usize::from(arguments.piped.is_some());
        let wanted = signature.fixed.len();
        if signature.variadic.is_some() {
            if count < wanted {
                return Err(self.error(format!(
                    "wrong number of args for {name}: want at least {wanted} got {given}"
                )));
            }
        } else if count != wanted {
            return Err(
                self.error(format!("wrong number of args for {name}: want {wanted} got {count}"))
            );
        }
        let target = |index: usize| {
            signature.fixed.get(index).copied().or(signature.variadic).unwrap_or(Target::Reflected)
        };
        let mut values = Vec::with_capacity(count);
        for (index, operand) in arguments.operands.iter().enumerate() {
            values.push(self.argument(dot, target(index), operand)?);
        }
        if let Some(piped) = arguments.piped {
            values.push(self.accept(target(given), piped)?);
        }
        Ok(values)
    }

    /// Checks that a value is of a type.
    fn accept(&self, target: Target, datum: Datum) -> Result<Datum> {
        target.accept(datum).map_err(|error| self.error(error.0))
    }

    /// Evaluates an argument.
    fn argument(&mut self, dot: &Datum, target: Target, operand: &'t Operand) -> Result<Datum> {
        self.at(At::Operand(operand));
        let datum = match &operand.kind {
            OperandKind::Dot => dot.clone(),
            OperandKind::Nil => {
                return target.nil().ok_or_else(|| {
                    self.error(format!("cannot assign nil to {}", target.type_name()))
                });
            }
            OperandKind::Field(_) | OperandKind::Variable(..) | OperandKind::Chain(..) => {
                self.reference(dot, operand, &Arguments::NONE)?
            }
            OperandKind::Pipeline(pipeline) => {
                let _level = self.descend()?;
                self.pipeline(dot, pipeline)?
            }
            OperandKind::Function(name) => {
                self.function(dot, At::Operand(operand), name, operand, Arguments::NONE)?
            }
            OperandKind::Bool(_) | OperandKind::Number(_) | OperandKind::String(..) => {
                return self.typed_constant(target, operand);
            }
        };
        self.accept(target, datum)
    }

    /// Evaluates a constant as an argument of a type.
    fn typed_constant(&mut self, target: Target, operand: &'t Operand) -> Result<Datum> {
        let parameter = match target {
            Target::Untyped | Target::Reflected | Target::Parameter(Parameter::Any) => {
                return self.constant(operand);
            }
            Target::Parameter(parameter) => parameter,
        };
        let number = match &operand.kind {
            OperandKind::Number(number) => Some(number),
            _ => None,
        };
        let expected = match (parameter, &operand.kind) {
            (Parameter::Bool, OperandKind::Bool(_))
            | (Parameter::String, OperandKind::String(..)) => return self.constant(operand),
            (Parameter::Bool, _) => "bool",
            (Parameter::String, _) => "string",
            (Parameter::Int | Parameter::Int64, _) => {
                if let Some(integer) = number.and_then(|number| number.integer) {
                    return Ok(Datum::plain(if parameter == Parameter::Int {
                        Value::int(integer)
                    } else {
                        Value::int64(integer)
                    }));
                }
                "integer"
            }
            (Parameter::Uint32, _) => {
                let integer = number.and_then(|number| number.integer);
                if let Some(integer) = integer.filter(|integer| *integer >= 0) {
                    return Ok(Datum::plain(Value::int(integer)));
                }
                "unsigned integer"
            }
            (Parameter::Float64, _) => {
                if let Some(number) = number {
                    return Ok(Datum::plain(Value::Float(number.float)));
                }
                "float"
            }
            _ => {
                let type_name = parameter.type_name();
                return Err(
                    self.error(format!("can't handle {operand} for arg of type {type_name}"))
                );
            }
        };
        Err(self.error(format!("expected {expected}; found {operand}")))
    }

    /// Evaluates a constant where no type is asked for.
    fn constant(&mut self, operand: &'t Operand) -> Result<Datum> {
        let value = match &operand.kind {
            OperandKind::Bool(value) => Value::Bool(*value),
            OperandKind::String(_, text) => Value::string(&**text),
            OperandKind::Number(number) => self.number(number)?,
            _ => return Err(self.error(format!("can't evaluate command {operand}"))),
        };
        Ok(Datum::plain(value))
    }

    /// Returns a number of the type that its spelling suggests.
    fn number(&self, number: &Number) -> Result<Value> {
        match number.integer {
            _ if number.is_spelled_as_float() => Ok(Value::Float(number.float)),
            Some(integer) => Ok(Value::int(integer)),
            None => Err(self.error(format!("{} overflows int", number.text))),
        }
    }
}

/// Returns the values without what is known of their places.
fn into_values(data: Vec<Datum>) -> Vec<Value> {
    data.into_iter().map(|datum| datum.value).collect()
}
