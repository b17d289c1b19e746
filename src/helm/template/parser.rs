//! The building of syntax trees.
//!
//! Functions and variables are checked here already: a template that names an
//! unknown one is refused even where it would never run.

mod expression;

use std::collections::HashMap;
use std::rc::Rc;

use crate::helm::function::FunctionTable;
use crate::helm::printf::quote;
use crate::helm::template::MAX_NESTING;
use crate::helm::template::error::ParseError;
use crate::helm::template::lexer::Keyword;
use crate::helm::template::lexer::Lexer;
use crate::helm::template::lexer::Token;
use crate::helm::template::lexer::TokenKind;
use crate::helm::template::node::Branch;
use crate::helm::template::node::Node;
use crate::helm::template::node::Template;
use crate::helm::template::node::Tree;

/// Is what a text turned out to be.
pub(super) struct Parsed {
    /// The template of the text itself.
    pub(super) main: Rc<Tree>,
    /// The templates that it defines.
    pub(super) defined: Vec<Rc<Tree>>,
}

/// Parses a text.
pub(super) fn parse(
    name: &str,
    text: &[u8],
    functions: &FunctionTable,
) -> Result<Parsed, ParseError> {
    let is_keyword = |word| !functions.contains_key(word);
    let mut parser = Parser {
        functions,
        file: name.into(),
        text: text.into(),
        lexer: Lexer::new(text, is_keyword("break"), is_keyword("continue")),
        tokens: Tokens::default(),
        scope: Scope::default(),
        nesting: 0,
        trees: HashMap::new(),
    };
    let root = parser.top_level()?;
    // The text's own template comes last, as the others of the same name must
    // have been added for a second definition to be noticed.
    parser.add(name, root)?;
    let main = parser.trees.remove(name);
    let main = main.ok_or_else(|| parser.error("the template has no name"))?;
    Ok(Parsed { main, defined: parser.trees.into_values().collect() })
}

/// Is what a `define` or `block` has of its own.
struct Scope {
    /// The variables that are known.
    variables: Vec<String>,
    /// The line of the action at hand, if one is being read.
    action_line: Option<usize>,
    /// How many `range` bodies are open.
    ranges: usize,
}

impl Default for Scope {
    fn default() -> Self {
        Self { variables: vec!["$".to_owned()], action_line: None, ranges: 0 }
    }
}

/// Is the token at hand and up to three that were put back.
#[derive(Default)]
struct Tokens<'a> {
    /// Tokens to be read again, the next one last.
    again: Vec<Token<'a>>,
    /// The line of the token that the lexer gave last, for error texts.
    line: usize,
}

/// How the body of a control structure ended.
enum Ending {
    /// `{{end}}`
    End,
    /// `{{else}}`, or `{{else` before an `if` or `with` that is still to be read.
    Else,
}

impl Ending {
    fn describe(&self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            Self::Else => "{{else}}",
        }
    }
}

/// Is what stands in a list of nodes.
enum Item {
    Node(Node),
    Ending(Ending),
}

/// Names the control structures.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    Range,
    With,
}

impl Control {
    fn name(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::Range => "range",
            Self::With => "with",
        }
    }

    fn node(self, branch: Branch) -> Node {
        match self {
            Self::If => Node::If(branch),
            Self::Range => Node::Range(branch),
            Self::With => Node::With(branch),
        }
    }
}

struct Parser<'a> {
    functions: &'a FunctionTable,
    file: Rc<str>,
    text: Rc<[u8]>,
    lexer: Lexer<'a>,
    tokens: Tokens<'a>,
    scope: Scope,
    /// How many control structures and parentheses are open.
    nesting: usize,
    trees: HashMap<String, Rc<Tree>>,
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

impl<'a> Parser<'a> {
    /// Returns the next token.
    fn next(&mut self) -> Token<'a> {
        self.tokens.again.pop().unwrap_or_else(|| {
            let token = self.lexer.next_token();
            self.tokens.line = token.line;
            token
        })
    }

    /// Puts a token back.
    fn put_back(&mut self, token: Token<'a>) {
        self.tokens.again.push(token);
    }

    /// Returns the kind of the next token without reading it.
    fn peek(&mut self) -> TokenKind {
        let token = self.next();
        let kind = token.kind;
        self.put_back(token);
        kind
    }

    /// Returns the next token that is no space.
    fn next_word(&mut self) -> Token<'a> {
        loop {
            let token = self.next();
            if token.kind != TokenKind::Space {
                return token;
            }
        }
    }

    /// Skips space and returns the next token without reading it.
    fn peek_word(&mut self) -> Token<'a> {
        let token = self.next_word();
        self.put_back(token.clone());
        token
    }

    /// Makes an error at the token that was read last.
    fn error(&self, message: impl Into<String>) -> ParseError {
        let file = self.file.to_string();
        ParseError { file, line: self.tokens.line, message: message.into() }
    }

    /// Makes the error for a token that does not belong there.
    fn unexpected(&self, token: &Token<'_>, context: &str) -> ParseError {
        let shown = token.describe();
        if token.kind != TokenKind::Error {
            return self.error(format!("unexpected {shown} in {context}"));
        }
        match self.scope.action_line {
            Some(line) if line != token.line => {
                // Not "action in action".
                let joint = if shown.ends_with(" action") { "" } else { " in action" };
                self.error(format!("{shown}{joint} started at {}:{line}", self.file))
            }
            _ => self.error(shown),
        }
    }

    /// Reads a token that must be of that kind.
    fn expect(&mut self, kind: TokenKind, context: &str) -> Result<Token<'a>> {
        let token = self.next_word();
        if token.kind == kind { Ok(token) } else { Err(self.unexpected(&token, context)) }
    }

    /// Goes one level deeper into control structures or parentheses.
    fn descend(&mut self) -> Result<()> {
        if self.nesting >= MAX_NESTING {
            return Err(self.error("max expression depth exceeded"));
        }
        self.nesting += 1;
        Ok(())
    }

    /// Adds a template that the text defines.
    fn add(&mut self, name: &str, root: Vec<Node>) -> Result<()> {
        let (file, text) = (self.file.clone(), self.text.clone());
        let tree = Tree { name: name.into(), file, text, root };
        match self.trees.get(name) {
            Some(earlier) if !earlier.is_empty() => {
                if !tree.is_empty() {
                    let name = quote::quote(name.as_bytes());
                    return Err(
                        self.error(format!("template: multiple definition of template {name}"))
                    );
                }
            }
            _ => {
                self.trees.insert(name.to_owned(), Rc::new(tree));
            }
        }
        Ok(())
    }

    /// Reads the whole text, in which alone `define` is allowed.
    fn top_level(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            match self.peek() {
                TokenKind::End => return Ok(nodes),
                TokenKind::LeftDelimiter => {
                    let delimiter = self.next();
                    let word = self.next_word();
                    if word.kind == TokenKind::Keyword(Keyword::Define) {
                        self.definition()?;
                        continue;
                    }
                    self.put_back(word);
                    self.put_back(delimiter);
                }
                _ => {}
            }
            match self.item()? {
                Item::Node(node) => nodes.push(node),
                Item::Ending(ending) => {
                    return Err(self.error(format!("unexpected {}", ending.describe())));
                }
            }
        }
    }

    /// Reads a `define` clause, whose keyword has been read.
    fn definition(&mut self) -> Result<()> {
        const CONTEXT: &str = "define clause";
        let scope = std::mem::take(&mut self.scope);
        let token = self.next_word();
        let name = self.template_name(&token, CONTEXT)?;
        self.expect(TokenKind::RightDelimiter, CONTEXT)?;
        let (root, ending) = self.items()?;
        if let Ending::Else = ending {
            return Err(self.error(format!("unexpected {} in {CONTEXT}", ending.describe())));
        }
        self.add(&name, root)?;
        self.scope = scope;
        Ok(())
    }

    /// Reads nodes up to `{{end}}` or `{{else}}`.
    fn items(&mut self) -> Result<(Vec<Node>, Ending)> {
        let mut nodes = Vec::new();
        while self.peek_word().kind != TokenKind::End {
            match self.item()? {
                Item::Node(node) => nodes.push(node),
                Item::Ending(ending) => return Ok((nodes, ending)),
            }
        }
        Err(self.error("unexpected EOF"))
    }

    /// Reads text or an action.
    fn item(&mut self) -> Result<Item> {
        let token = self.next_word();
        match token.kind {
            TokenKind::Text => Ok(Item::Node(Node::Text(token.value.as_ref().into()))),
            TokenKind::LeftDelimiter => {
                self.scope.action_line = Some(token.line);
                let item = self.action()?;
                self.scope.action_line = None;
                Ok(item)
            }
            _ => Err(self.unexpected(&token, "input")),
        }
    }

    /// Reads an action, whose left delimiter has been read.
    fn action(&mut self) -> Result<Item> {
        let token = self.next_word();
        let TokenKind::Keyword(keyword) = token.kind else {
            self.put_back(token);
            let pipeline = self.pipeline("command", TokenKind::RightDelimiter)?;
            return Ok(Item::Node(Node::Action(pipeline)));
        };
        let node = match keyword {
            Keyword::Block => self.block()?,
            Keyword::Break => {
                self.loop_control("{{break}}")?;
                Node::Break
            }
            Keyword::Continue => {
                self.loop_control("{{continue}}")?;
                Node::Continue
            }
            Keyword::Else => {
                // `{{else if` and `{{else with` are read as `{{else}}{{if`.
                let next = self.peek_word().kind;
                if !matches!(next, TokenKind::Keyword(Keyword::If | Keyword::With)) {
                    self.expect(TokenKind::RightDelimiter, "else")?;
                }
                return Ok(Item::Ending(Ending::Else));
            }
            Keyword::End => {
                self.expect(TokenKind::RightDelimiter, "end")?;
                return Ok(Item::Ending(Ending::End));
            }
            Keyword::If => self.control(Control::If)?,
            Keyword::Range => self.control(Control::Range)?,
            Keyword::With => self.control(Control::With)?,
            Keyword::Template => self.template()?,
            Keyword::Define | Keyword::Dot | Keyword::Nil => {
                self.put_back(token);
                Node::Action(self.pipeline("command", TokenKind::RightDelimiter)?)
            }
        };
        Ok(Item::Node(node))
    }

    /// Reads the rest of `{{break}}` or `{{continue}}`.
    fn loop_control(&mut self, context: &str) -> Result<()> {
        self.expect(TokenKind::RightDelimiter, context)?;
        if self.scope.ranges == 0 {
            return Err(self.error(format!("{context} outside {{{{range}}}}")));
        }
        Ok(())
    }

    /// Reads a control structure, whose keyword has been read.
    fn control(&mut self, control: Control) -> Result<Node> {
        self.descend()?;
        let known = self.scope.variables.len();
        let pipeline = self.pipeline(control.name(), TokenKind::RightDelimiter)?;
        let in_range = usize::from(control == Control::Range);
        self.scope.ranges += in_range;
        let (body, ending) = self.items()?;
        self.scope.ranges -= in_range;
        let otherwise = match ending {
            Ending::End => Vec::new(),
            Ending::Else => self.otherwise(control)?,
        };
        self.scope.variables.truncate(known);
        self.nesting -= 1;
        Ok(control.node(Branch { pipeline, body, otherwise }))
    }

    /// Reads what stands between `{{else}}` and `{{end}}`.
    fn otherwise(&mut self, control: Control) -> Result<Vec<Node>> {
        let chained = matches!(
            (control, self.peek()),
            (Control::If, TokenKind::Keyword(Keyword::If))
                | (Control::With, TokenKind::Keyword(Keyword::With))
        );
        if chained {
            self.next();
            // One `{{end}}` ends them all.
            return Ok(vec![self.control(control)?]);
        }
        let (nodes, ending) = self.items()?;
        match ending {
            Ending::End => Ok(nodes),
            Ending::Else => Err(self.error(format!("expected end; found {}", ending.describe()))),
        }
    }

    /// Reads a `block`, whose keyword has been read: a `define` and a `template`.
    fn block(&mut self) -> Result<Node> {
        const CONTEXT: &str = "block clause";
        self.descend()?;
        let token = self.next_word();
        let name = self.template_name(&token, CONTEXT)?;
        let pipeline = self.pipeline(CONTEXT, TokenKind::RightDelimiter)?;
        let scope = std::mem::take(&mut self.scope);
        let clause_line = self.tokens.line;
        let (root, ending) = self.items()?;
        self.scope = scope;
        if let Ending::Else = ending {
            // Go names the line of the clause here, not that of the `else`.
            self.tokens.line = clause_line;
            return Err(self.error(format!("unexpected {} in {CONTEXT}", ending.describe())));
        }
        self.add(&name, root)?;
        self.nesting -= 1;
        Ok(Node::Template(Template { position: token.position, name, pipeline: Some(pipeline) }))
    }

    /// Reads a `template` action, whose keyword has been read.
    fn template(&mut self) -> Result<Node> {
        const CONTEXT: &str = "template clause";
        let token = self.next_word();
        let name = self.template_name(&token, CONTEXT)?;
        let next = self.next_word();
        let pipeline = if next.kind == TokenKind::RightDelimiter {
            None
        } else {
            self.put_back(next);
            Some(self.pipeline(CONTEXT, TokenKind::RightDelimiter)?)
        };
        Ok(Node::Template(Template { position: token.position, name, pipeline }))
    }

    /// Returns the name that a string token stands for.
    fn template_name(&self, token: &Token<'_>, context: &str) -> Result<String> {
        match token.kind {
            TokenKind::String | TokenKind::RawString => {
                Ok(String::from_utf8_lossy(&self.unquote(token)?).into_owned())
            }
            _ => Err(self.unexpected(token, context)),
        }
    }

    /// Returns the bytes that a string token stands for.
    fn unquote(&self, token: &Token<'_>) -> Result<Vec<u8>> {
        quote::unquote(&token.value).ok_or_else(|| self.error(quote::INVALID_SYNTAX))
    }
}
