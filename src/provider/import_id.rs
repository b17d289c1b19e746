//! The ids by which buckets and objects are imported.

use tf_provider::value::Value;

/// Is an import id taken apart: `bucket` or `bucket/key`, with the stack that
/// holds it in front: `namespace/name//bucket/key`.
///
/// `//` cannot be part of a bucket's name, and MinIO refuses it in a key, so the
/// first one always ends the stack's id.
#[derive(Debug, PartialEq, Eq)]
pub struct ImportId<'a> {
    stack: Option<&'a str>,
    /// What follows the stack.
    pub path: &'a str,
}

impl<'a> ImportId<'a> {
    /// Takes an id apart.
    pub fn parse(id: &'a str) -> Self {
        match id.split_once("//") {
            Some((stack, path)) => Self { stack: Some(stack), path },
            None => Self { stack: None, path: id },
        }
    }

    /// Returns the value of the `stack` attribute.
    pub fn stack(&self) -> Value<String> {
        self.stack.map_or(Value::Null, |stack| Value::Value(stack.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_stands_in_front() {
        assert_eq!(ImportId::parse("b/k/x"), ImportId { stack: None, path: "b/k/x" });
        let with_stack = ImportId::parse("web/site//b/k/x");
        assert_eq!(with_stack, ImportId { stack: Some("web/site"), path: "b/k/x" });
    }
}
