//! Go's `text/template`: the template language of charts.
//!
//! The reference is Go 1.26 with the option `missingkey=zero`, which is what
//! Helm runs. Syntax, evaluation, printing and the texts and positions of errors
//! are Go's, see <https://pkg.go.dev/text/template>; a chart author who knows
//! Helm's messages meets the same ones here.
//!
//! What differs from Go: complex constants (`1i`) are refused when the template
//! is parsed; functions are no values, so `call` always fails, as it does in
//! every Helm template; depth is limited, see [`MAX_DEPTH`] and [`STACK_SIZE`].

mod builtins;
mod comparison;
mod datum;
mod error;
mod escape;
mod evaluate;
mod execute;
mod lexer;
mod literal;
mod node;
mod parser;

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::helm::function::FunctionTable;
use crate::helm::function::Host;
use crate::helm::value::Value;

pub use error::ExecError;
pub use error::ParseError;
pub use node::Tree;

/// How deeply templates, control structures and parentheses may be nested while
/// they run: templates that call each other through `template`, `include` and
/// `tpl` count together, as they share one stack.
///
/// Go allows 100 000 nested templates on a stack that grows by itself. Helm stops
/// an `include` at 1000 nested calls of one name, which this leaves room for.
pub const MAX_DEPTH: usize = 10_000;

/// How deeply control structures and parentheses may be nested in the text of a
/// template. Go allows 10 000 parentheses.
pub const MAX_NESTING: usize = 500;

/// The stack, in bytes, that running to [`MAX_DEPTH`] needs at most.
///
/// Run templates on a thread with a stack of this size. It is address space, and
/// only what is used becomes memory.
pub const STACK_SIZE: usize = 256 << 20;

/// Is the name of the template that all others belong to, as error texts show it.
const ROOT_NAME: &str = "gotpl";

/// Is a set of templates that can call each other, with the functions they use.
///
/// Clones are cheap, share the trees and count their depth together; parsing into
/// a clone leaves the original as it was, which is what `tpl` needs.
#[derive(Clone)]
pub struct Set {
    functions: Rc<FunctionTable>,
    trees: Rc<HashMap<Rc<str>, Rc<Tree>>>,
    depth: Rc<Cell<usize>>,
}

impl Set {
    /// Makes an empty set whose templates can use these functions beside Go's own
    /// (`and`, `call`, `eq`, `ge`, `gt`, `html`, `index`, `js`, `le`, `len`, `lt`,
    /// `ne`, `not`, `or`, `print`, `printf`, `println`, `slice`, `urlquery`), of
    /// which a function of the same name takes the place.
    pub fn new(functions: FunctionTable) -> Self {
        Self { functions: Rc::new(functions), trees: Rc::default(), depth: Rc::default() }
    }

    /// Parses a text and adds its template and all that it defines to the set.
    ///
    /// A template takes the place of an earlier one of the same name, unless it
    /// is empty of all but space. The template of the text itself is returned, as
    /// that rule can keep it out of the set.
    pub fn parse(&mut self, name: &str, text: impl AsRef<[u8]>) -> Result<Rc<Tree>, ParseError> {
        let parsed = parser::parse(name, text.as_ref(), &self.functions)?;
        let trees = Rc::make_mut(&mut self.trees);
        for tree in parsed.defined.into_iter().chain([parsed.main.clone()]) {
            if !tree.is_empty() || !trees.contains_key(&tree.name) {
                trees.insert(tree.name.clone(), tree);
            }
        }
        Ok(parsed.main)
    }

    /// Says whether the set has a template of that name.
    pub fn contains(&self, name: &str) -> bool {
        self.trees.contains_key(name)
    }

    /// Runs the named template and appends its output.
    ///
    /// On an error, what the template printed up to there stays in the output.
    pub fn execute(
        &self,
        name: &str,
        data: &Value,
        host: &dyn Host,
        output: &mut Vec<u8>,
    ) -> Result<(), ExecError> {
        let Some(tree) = self.trees.get(name) else {
            return Err(ExecError::no_template(name));
        };
        self.execute_tree(tree, data, host, output)
    }

    /// Runs a template that [`Set::parse`] of this set or of a clone returned, as
    /// [`Set::execute`] does.
    pub fn execute_tree(
        &self,
        tree: &Tree,
        data: &Value,
        host: &dyn Host,
        output: &mut Vec<u8>,
    ) -> Result<(), ExecError> {
        execute::execute(self, tree, data, host, output)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
