//! The running of templates: text, control structures and calls of templates.

use std::cell::Cell;

use crate::helm::function::Host;
use crate::helm::printf;
use crate::helm::template::MAX_DEPTH;
use crate::helm::template::Set;
use crate::helm::template::datum;
use crate::helm::template::datum::Datum;
use crate::helm::template::error::ExecError;
use crate::helm::template::error::Place;
use crate::helm::template::node::Branch;
use crate::helm::template::node::Command;
use crate::helm::template::node::Node;
use crate::helm::template::node::Operand;
use crate::helm::template::node::Pipeline;
use crate::helm::template::node::Template;
use crate::helm::template::node::Tree;
use crate::helm::value::Value;

pub(super) type Result<T> = std::result::Result<T, ExecError>;

/// Runs a template.
pub(super) fn execute(
    set: &Set,
    tree: &Tree,
    data: &Value,
    host: &dyn Host,
    output: &mut Vec<u8>,
) -> Result<()> {
    let dot = Datum::plain(data.clone());
    let mut execution = Execution::new(set, host, tree, output, dot.clone());
    let _level = execution.descend()?;
    // A `break` outside of a loop was refused when the template was parsed.
    execution.nodes(&dot, &tree.root).map(|_| ())
}

/// Is the part of a template that error texts name: the one looked at last.
#[derive(Clone, Copy)]
pub(super) enum At<'t> {
    /// None yet.
    Start,
    Template(&'t Template),
    Pipeline(&'t Pipeline),
    Command(&'t Command),
    Operand(&'t Operand),
}

/// Says how a list of nodes ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// Is one run of one template.
pub(super) struct Execution<'t, 'o> {
    pub(super) set: &'t Set,
    pub(super) host: &'t dyn Host,
    tree: &'t Tree,
    output: &'o mut Vec<u8>,
    at: At<'t>,
    /// The variables, of which a later one hides an earlier one of the same name.
    variables: Vec<(&'t str, Datum)>,
}

/// Counts one level of depth for as long as it lives.
pub(super) struct Level<'t>(&'t Cell<usize>);

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl<'t, 'o> Execution<'t, 'o> {
    fn new(
        set: &'t Set,
        host: &'t dyn Host,
        tree: &'t Tree,
        output: &'o mut Vec<u8>,
        dot: Datum,
    ) -> Self {
        Self { set, host, tree, output, at: At::Start, variables: vec![("$", dot)] }
    }

    /// Notes what is looked at now, for error texts.
    pub(super) fn at(&mut self, at: At<'t>) {
        self.at = at;
    }

    /// Makes an error at what is looked at now.
    pub(super) fn error(&self, message: impl Into<String>) -> ExecError {
        let (position, expression) = match self.at {
            At::Start => (0, String::new()),
            At::Template(template) => (template.position, template.to_string()),
            At::Pipeline(pipeline) => (pipeline.position, pipeline.to_string()),
            At::Command(command) => (command.position, command.to_string()),
            At::Operand(operand) => (operand.position, operand.to_string()),
        };
        let before = self.tree.text.get(..position).unwrap_or_default();
        let line_start =
            before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let place = Place {
            file: self.tree.file.to_string(),
            line: before.split(|&byte| byte == b'\n').count(),
            column: before.len() - line_start,
            template: self.tree.name.to_string(),
            expression,
        };
        ExecError { place: Some(place), message: message.into() }
    }

    /// Goes one level deeper, until what is returned is dropped.
    pub(super) fn descend(&self) -> Result<Level<'t>> {
        let depth = &self.set.depth;
        if depth.get() >= MAX_DEPTH {
            return Err(self.error(format!("exceeded maximum template depth ({MAX_DEPTH} levels)")));
        }
        depth.set(depth.get() + 1);
        Ok(Level(depth))
    }

    /// Declares a variable.
    pub(super) fn declare(&mut self, name: &'t str, datum: Datum) {
        self.variables.push((name, datum));
    }

    /// Assigns to the variable that was declared last under that name.
    pub(super) fn assign(&mut self, name: &str, datum: Datum) -> Result<()> {
        match self.variables.iter_mut().rev().find(|(known, _)| *known == name) {
            Some((_, value)) => {
                *value = datum;
                Ok(())
            }
            None => Err(self.error(format!("undefined variable: {name}"))),
        }
    }

    /// Returns the value of a variable.
    pub(super) fn variable(&self, name: &str) -> Result<Datum> {
        match self.variables.iter().rev().find(|(known, _)| *known == name) {
            Some((_, value)) => Ok(value.clone()),
            None => Err(self.error(format!("undefined variable: {name}"))),
        }
    }

    /// Runs nodes one after another.
    fn nodes(&mut self, dot: &Datum, nodes: &'t [Node]) -> Result<Flow> {
        for node in nodes {
            let flow = match node {
                Node::Text(text) => {
                    self.output.extend_from_slice(text);
                    Flow::Next
                }
                Node::Action(pipeline) => {
                    let datum = self.pipeline(dot, pipeline)?;
                    // Its variables live on until the next `end`.
                    if pipeline.variables.is_empty() {
                        self.print(&datum)?;
                    }
                    Flow::Next
                }
                Node::If(branch) => self.branch(dot, branch, false)?,
                Node::With(branch) => self.branch(dot, branch, true)?,
                Node::Range(branch) => self.range(dot, branch)?,
                Node::Template(template) => {
                    self.template(dot, template)?;
                    Flow::Next
                }
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    /// Prints the value of an action.
    fn print(&mut self, datum: &Datum) -> Result<()> {
        match &datum.value {
            // Here nil is no value at all.
            Value::Nil => self.output.extend_from_slice(b"<no value>"),
            Value::String(text) => self.output.extend_from_slice(text.as_bytes()),
            value => {
                let text = printf::sprint(std::slice::from_ref(value))
                    .map_err(|error| self.error(error.0))?;
                self.output.extend_from_slice(&text);
            }
        }
        Ok(())
    }

    /// Runs `if` or `with`.
    fn branch(&mut self, dot: &Datum, branch: &'t Branch, is_with: bool) -> Result<Flow> {
        let _level = self.descend()?;
        let mark = self.variables.len();
        let datum = self.pipeline(dot, &branch.pipeline)?;
        let flow = if !datum.value.is_truthy() {
            self.nodes(dot, &branch.otherwise)
        } else if is_with {
            self.nodes(&datum, &branch.body)
        } else {
            self.nodes(dot, &branch.body)
        };
        self.variables.truncate(mark);
        flow
    }

    /// Runs `range`.
    fn range(&mut self, dot: &Datum, branch: &'t Branch) -> Result<Flow> {
        let _level = self.descend()?;
        let mark = self.variables.len();
        let datum = self.pipeline(dot, &branch.pipeline)?;
        let flow = match self.iterate(&datum.value, branch)? {
            // A `break` here ends this `range`, as in Go, not the one around it.
            Iteration::Empty => match self.nodes(dot, &branch.otherwise)? {
                Flow::Break => Flow::Next,
                flow => flow,
            },
            Iteration::Done => Flow::Next,
        };
        self.variables.truncate(mark);
        Ok(flow)
    }

    /// Runs the body of a `range` for each element.
    ///
    /// The body can change what is ranged over, so nothing stays borrowed: a map
    /// is copied first, a list is looked at anew each time, both as in Go.
    fn iterate(&mut self, value: &Value, branch: &'t Branch) -> Result<Iteration> {
        let mut iteration = Iteration::Empty;
        match datum::underlying(value) {
            Value::Nil => {}
            Value::Int(kind, count) => {
                if branch.pipeline.variables.len() > 1 {
                    return Err(self.error(format!(
                        "can't use {count} to iterate over more than one variable"
                    )));
                }
                for number in 0..count {
                    iteration = Iteration::Done;
                    let element = Datum::plain(Value::Int(kind, number));
                    if !self.iteration(branch, Datum::default(), &element)? {
                        break;
                    }
                }
            }
            Value::List(list) => {
                let mut index = 0;
                let length = list.items.borrow().len();
                while index < length
                    && let Some(element) = datum::element(&list, index)
                {
                    iteration = Iteration::Done;
                    let key = Datum::plain(Value::int(i64::try_from(index).unwrap_or(i64::MAX)));
                    if !self.iteration(branch, key, &element)? {
                        break;
                    }
                    index += 1;
                }
            }
            Value::Map(map) => {
                let entries: Vec<(String, Value)> =
                    map.0.borrow().iter().map(|(key, item)| (key.clone(), item.clone())).collect();
                let is_interface = matches!(value, Value::Map(_));
                for (key, item) in entries {
                    iteration = Iteration::Done;
                    let key = Datum::plain(Value::string(key));
                    if !self.iteration(branch, key, &Datum { value: item, is_interface })? {
                        break;
                    }
                }
            }
            Value::Bool(_) | Value::Float(_) | Value::String(_) | Value::Object(_) => {
                let shown = printf::sprint(std::slice::from_ref(value))
                    .map_err(|error| self.error(error.0))?;
                let shown = String::from_utf8_lossy(&shown);
                return Err(self.error(format!("range can't iterate over {shown}")));
            }
        }
        Ok(iteration)
    }

    /// Runs the body of a `range` once; `false` after a `break`.
    fn iteration(&mut self, branch: &'t Branch, key: Datum, element: &Datum) -> Result<bool> {
        let names = &branch.pipeline.variables;
        let mut assignments = match names.as_slice() {
            [] => [None, None],
            [only] => [Some((only, element.clone())), None],
            // There are never more than two.
            [first, second, ..] => [Some((first, key)), Some((second, element.clone()))],
        };
        if branch.pipeline.is_assignment {
            for (name, datum) in assignments.into_iter().flatten() {
                self.assign(name, datum)?;
            }
        } else {
            // The pipeline has just declared them.
            let declared = self.variables.len().saturating_sub(names.len());
            let slots = self.variables.iter_mut().skip(declared);
            for ((_, slot), assignment) in slots.zip(&mut assignments) {
                if let Some((_, datum)) = assignment.take() {
                    *slot = datum;
                }
            }
        }
        let mark = self.variables.len();
        let flow = self.nodes(element, &branch.body)?;
        self.variables.truncate(mark);
        Ok(flow != Flow::Break)
    }

    /// Calls a template.
    fn template(&mut self, dot: &Datum, template: &'t Template) -> Result<()> {
        self.at(At::Template(template));
        let Some(tree) = self.set.trees.get(template.name.as_str()) else {
            let name = printf::quote::quote(template.name.as_bytes());
            return Err(self.error(format!("template {name} not defined")));
        };
        let level = self.descend()?;
        let dot = match &template.pipeline {
            Some(pipeline) => self.pipeline(dot, pipeline)?,
            None => Datum::default(),
        };
        // It sees none of the variables here.
        let mut execution =
            Execution::new(self.set, self.host, tree, &mut *self.output, dot.clone());
        execution.nodes(&dot, &tree.root)?;
        drop(level);
        Ok(())
    }
}

/// Says whether a `range` had an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Iteration {
    Empty,
    Done,
}
