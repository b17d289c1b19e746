//! The syntax tree, and how its parts are written in error texts.

use std::fmt;
use std::rc::Rc;

use crate::helm::printf::quote::quote;
use crate::helm::template::literal::Number;

/// Is a parsed template.
#[derive(Debug)]
pub struct Tree {
    /// The name of the template.
    pub(super) name: Rc<str>,
    /// The name of the text it stands in, for error texts.
    pub(super) file: Rc<str>,
    /// The text it stands in, for positions.
    pub(super) text: Rc<[u8]>,
    /// What it consists of.
    pub(super) root: Vec<Node>,
}

impl Tree {
    /// Returns the name of the template.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Says whether the template is empty of all but space and comments.
    pub(super) fn is_empty(&self) -> bool {
        self.root.iter().all(|node| match node {
            Node::Text(text) => is_blank(text),
            _ => false,
        })
    }
}

/// Says whether the bytes are white space as Go's `bytes.TrimSpace` has it.
fn is_blank(text: &[u8]) -> bool {
    text.utf8_chunks()
        .all(|chunk| chunk.invalid().is_empty() && chunk.valid().chars().all(char::is_whitespace))
}

/// Is a part of a template.
#[derive(Debug)]
pub(super) enum Node {
    /// Text that is copied.
    Text(Box<[u8]>),
    /// `{{pipeline}}`.
    Action(Pipeline),
    /// `{{if}}`.
    If(Branch),
    /// `{{with}}`.
    With(Branch),
    /// `{{range}}`.
    Range(Branch),
    /// `{{template}}`, and what `{{block}}` leaves in its place.
    Template(Template),
    /// `{{break}}`.
    Break,
    /// `{{continue}}`.
    Continue,
}

/// Is a control structure.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) pipeline: Pipeline,
    pub(super) body: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
}

/// Is `{{template "name" pipeline}}`.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) position: usize,
    pub(super) name: String,
    pub(super) pipeline: Option<Pipeline>,
}

/// Is `$a, $b := command | command`.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) position: usize,
    /// Whether the variables are assigned (`=`) and not declared (`:=`).
    pub(super) is_assignment: bool,
    pub(super) variables: Vec<String>,
    pub(super) commands: Vec<Command>,
}

/// Is `operand operand ...`: at least one.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) position: usize,
    pub(super) first: Operand,
    pub(super) rest: Vec<Operand>,
}

/// Is a part of a command.
#[derive(Debug)]
pub(super) struct Operand {
    pub(super) position: usize,
    pub(super) kind: OperandKind,
}

/// Names what an operand is.
#[derive(Debug)]
pub(super) enum OperandKind {
    /// `true` or `false`.
    Bool(bool),
    /// `(pipeline).a.b`.
    Chain(Box<Operand>, Vec<String>),
    /// `.`
    Dot,
    /// `.a.b`
    Field(Vec<String>),
    /// The name of a function.
    Function(String),
    /// `nil`
    Nil,
    /// A number or a character.
    Number(Number),
    /// `(pipeline)`.
    Pipeline(Pipeline),
    /// A string: its spelling and its value.
    String(String, Rc<[u8]>),
    /// `$a.b`: the name with its `$`, and the fields.
    Variable(String, Vec<String>),
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{{{{template {}", quote(self.name.as_bytes()))?;
        if let Some(pipeline) = &self.pipeline {
            write!(formatter, " {pipeline}")?;
        }
        formatter.write_str("}}")
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            let operator = if self.is_assignment { "=" } else { ":=" };
            write!(formatter, "{} {operator} ", self.variables.join(", "))?;
        }
        for (index, command) in self.commands.iter().enumerate() {
            let separator = if index > 0 { " | " } else { "" };
            write!(formatter, "{separator}{command}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.write_enclosed(formatter)?;
        for operand in &self.rest {
            formatter.write_str(" ")?;
            operand.write_enclosed(formatter)?;
        }
        Ok(())
    }
}

impl Operand {
    /// Writes the operand as it stands in a command: a pipeline in parentheses.
    fn write_enclosed(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(self.kind, OperandKind::Pipeline(_)) {
            write!(formatter, "({self})")
        } else {
            write!(formatter, "{self}")
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = match &self.kind {
            OperandKind::Bool(value) => return write!(formatter, "{value}"),
            OperandKind::Dot => return formatter.write_str("."),
            OperandKind::Function(name) => return formatter.write_str(name),
            OperandKind::Nil => return formatter.write_str("nil"),
            OperandKind::Number(number) => return formatter.write_str(&number.text),
            OperandKind::Pipeline(pipeline) => return write!(formatter, "{pipeline}"),
            OperandKind::String(spelling, _) => return formatter.write_str(spelling),
            OperandKind::Chain(operand, fields) => {
                operand.write_enclosed(formatter)?;
                fields
            }
            OperandKind::Field(fields) => fields,
            OperandKind::Variable(name, fields) => {
                formatter.write_str(name)?;
                fields
            }
        };
        for field in fields {
            write!(formatter, ".{field}")?;
        }
        Ok(())
    }
}
