//! The reading of pipelines, commands and operands.

use crate::helm::printf::quote;
use crate::helm::template::builtins;
use crate::helm::template::lexer::Keyword;
use crate::helm::template::lexer::TokenKind;
use crate::helm::template::literal::Number;
use crate::helm::template::node::Command;
use crate::helm::template::node::Operand;
use crate::helm::template::node::OperandKind;
use crate::helm::template::node::Pipeline;
use crate::helm::template::parser::Parser;
use crate::helm::template::parser::Result;

impl Parser<'_> {
    /// Reads a pipeline and the token that ends it.
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Result<Pipeline> {
        let position = self.peek_word().position;
        let mut pipeline = Pipeline {
            position,
            is_assignment: false,
            variables: Vec::new(),
            commands: Vec::new(),
        };
        self.declarations(&mut pipeline, context)?;
        loop {
            let token = self.next_word();
            match token.kind {
                kind if kind == end => break,
                TokenKind::Bool
                | TokenKind::CharacterConstant
                | TokenKind::Complex
                | TokenKind::Keyword(Keyword::Dot | Keyword::Nil)
                | TokenKind::Field
                | TokenKind::Identifier
                | TokenKind::Number
                | TokenKind::RawString
                | TokenKind::String
                | TokenKind::Variable
                | TokenKind::LeftParenthesis => {
                    self.put_back(token);
                    let command = self.command()?;
                    pipeline.commands.push(command);
                }
                _ => return Err(self.unexpected(&token, context)),
            }
        }
        if pipeline.commands.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        // Only the first command can be a mere value.
        for (index, command) in pipeline.commands.iter().enumerate().skip(1) {
            if command.first.is_constant() {
                let stage = index + 1;
                return Err(self.error(format!("non executable command in pipeline stage {stage}")));
            }
        }
        Ok(pipeline)
    }

    /// Reads the variables that a pipeline declares or assigns, if any.
    fn declarations(&mut self, pipeline: &mut Pipeline, context: &str) -> Result<()> {
        while self.peek_word().kind == TokenKind::Variable {
            let variable = self.next();
            let name = variable.text().into_owned();
            let after = self.next();
            let spaced = after.kind == TokenKind::Space;
            let next = if spaced { self.next_word() } else { after.clone() };
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    pipeline.is_assignment = next.kind == TokenKind::Assign;
                    pipeline.variables.push(name.clone());
                    self.scope.variables.push(name);
                    return Ok(());
                }
                TokenKind::Character if next.value.as_ref() == b"," => {
                    pipeline.variables.push(name.clone());
                    self.scope.variables.push(name);
                    if context != "range" || pipeline.variables.len() >= 2 {
                        return Err(self.error(format!("too many declarations in {context}")));
                    }
                    match self.peek_word().kind {
                        TokenKind::Variable
                        | TokenKind::RightDelimiter
                        | TokenKind::RightParenthesis => {}
                        _ => return Err(self.error("range can only initialize variables")),
                    }
                }
                _ => {
                    // The variable is used and not declared.
                    self.put_back(next);
                    if spaced {
                        self.put_back(after);
                    }
                    self.put_back(variable);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Reads a command and the `|` after it.
    fn command(&mut self) -> Result<Command> {
        let position = self.peek_word().position;
        let mut operands = Vec::new();
        loop {
            self.peek_word();
            operands.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                TokenKind::Space => {}
                TokenKind::RightDelimiter | TokenKind::RightParenthesis => {
                    self.put_back(token);
                    break;
                }
                TokenKind::Pipe => break,
                _ => return Err(self.unexpected(&token, "operand")),
            }
        }
        let mut operands = operands.into_iter();
        let first = operands.next().ok_or_else(|| self.error("empty command"))?;
        Ok(Command { position, first, rest: operands.collect() })
    }

    /// Reads a term and the fields after it; `None` if what is next is no term.
    fn operand(&mut self) -> Result<Option<Operand>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        let mut fields = Vec::new();
        let mut position = 0;
        while self.peek() == TokenKind::Field {
            let token = self.next();
            if fields.is_empty() {
                position = token.position;
            }
            fields.push(token.text().trim_start_matches('.').to_owned());
        }
        if fields.is_empty() {
            return Ok(Some(term));
        }
        if term.is_constant() {
            let shown = quote::quote(term.to_string().as_bytes());
            return Err(self.error(format!("unexpected . after term {shown}")));
        }
        let kind = match term.kind {
            OperandKind::Field(mut names) => {
                names.append(&mut fields);
                OperandKind::Field(names)
            }
            OperandKind::Variable(name, mut names) => {
                names.append(&mut fields);
                OperandKind::Variable(name, names)
            }
            _ => OperandKind::Chain(Box::new(term), fields),
        };
        Ok(Some(Operand { position, kind }))
    }

    /// Reads a term; `None` if what is next is none.
    fn term(&mut self) -> Result<Option<Operand>> {
        let token = self.next_word();
        let mut position = token.position;
        let kind = match token.kind {
            TokenKind::Identifier => {
                let name = token.text().into_owned();
                if !self.functions.contains_key(name.as_str()) && !builtins::exists(&name) {
                    let name = quote::quote(name.as_bytes());
                    return Err(self.error(format!("function {name} not defined")));
                }
                OperandKind::Function(name)
            }
            TokenKind::Keyword(Keyword::Dot) => OperandKind::Dot,
            TokenKind::Keyword(Keyword::Nil) => OperandKind::Nil,
            TokenKind::Variable => {
                let name = token.text().into_owned();
                if !self.scope.variables.contains(&name) {
                    let name = quote::quote(name.as_bytes());
                    return Err(self.error(format!("undefined variable {name}")));
                }
                OperandKind::Variable(name, Vec::new())
            }
            TokenKind::Field => {
                OperandKind::Field(vec![token.text().trim_start_matches('.').to_owned()])
            }
            TokenKind::Bool => OperandKind::Bool(token.value.as_ref() == b"true"),
            TokenKind::CharacterConstant => {
                OperandKind::Number(Number::character(&token.value).map_err(|e| self.error(e))?)
            }
            TokenKind::Complex | TokenKind::Number => {
                OperandKind::Number(Number::new(&token.text()).map_err(|e| self.error(e))?)
            }
            TokenKind::LeftParenthesis => {
                self.descend()?;
                let pipeline =
                    self.pipeline("parenthesized pipeline", TokenKind::RightParenthesis)?;
                self.nesting -= 1;
                position = pipeline.position;
                OperandKind::Pipeline(pipeline)
            }
            TokenKind::String | TokenKind::RawString => {
                OperandKind::String(token.text().into_owned(), self.unquote(&token)?.into())
            }
            _ => {
                self.put_back(token);
                return Ok(None);
            }
        };
        Ok(Some(Operand { position, kind }))
    }
}

impl Operand {
    /// Says whether the operand is a mere value, which takes no arguments and
    /// has no fields.
    fn is_constant(&self) -> bool {
        matches!(
            self.kind,
            OperandKind::Bool(_)
                | OperandKind::Dot
                | OperandKind::Nil
                | OperandKind::Number(_)
                | OperandKind::String(..)
        )
    }
}
