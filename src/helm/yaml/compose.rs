//! From tokens to a tree of nodes: the grammar of YAML.

use std::collections::HashMap;

use super::error::YamlError;
use super::scanner::Scanner;
use super::token::Kind;
use super::token::Mark;
use crate::helm::json::MAX_DEPTH;

/// Is the place of a node in its document.
pub(super) type NodeId = usize;

/// Is a node before its tag is resolved.
#[derive(Debug)]
pub(super) struct Node {
    /// The tag with its prefix (`tag:yaml.org,2002:str`); empty if there is none.
    pub tag: String,
    /// What the node holds.
    pub content: Content,
}

/// Is what a node holds.
#[derive(Debug)]
pub(super) enum Content {
    /// Text, and whether its type is to be found out from it.
    Scalar { text: String, implicit: bool },
    /// Items.
    Sequence(Vec<NodeId>),
    /// Keys and values, in order.
    Mapping(Vec<(NodeId, NodeId)>),
    /// Another node's anchor, and that node.
    Alias(String, NodeId),
}

/// Is the first document of a text.
#[derive(Debug, Default)]
pub(super) struct Document {
    nodes: Vec<Node>,
    /// The root; `None` in a text without a document.
    pub root: Option<NodeId>,
}

impl Document {
    /// Returns the node of that id.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }
}

/// Reads the first document.
pub(super) fn compose(characters: Vec<char>) -> Result<Document, YamlError> {
    let mut composer = Composer {
        scanner: Scanner::new(characters),
        document: Document::default(),
        anchors: HashMap::new(),
        tag_directives: Vec::new(),
        depth: 0,
    };
    composer.document.root = composer.compose_document()?;
    Ok(composer.document)
}

struct Composer {
    scanner: Scanner,
    document: Document,
    anchors: HashMap<String, NodeId>,
    tag_directives: Vec<(String, String)>,
    depth: usize,
}

/// Is a node that has begun.
enum Opening {
    /// It has ended as well.
    Scalar(NodeId),
    /// Its items follow.
    Collection(NodeId, Collection, Mark),
}

/// Names the ways to write a collection.
#[derive(Clone, Copy)]
enum Collection {
    BlockSequence,
    IndentlessSequence,
    BlockMapping,
    FlowSequence,
    FlowMapping,
}

// The methods that call each other for nested nodes hold little on the stack:
// what is large is in methods that have returned before they go deeper.
impl Composer {
    fn compose_document(&mut self) -> Result<Option<NodeId>, YamlError> {
        self.scanner.next()?;
        let root = match self.scanner.peek()?.kind {
            Kind::StreamEnd => return Ok(None),
            Kind::VersionDirective { .. } | Kind::TagDirective { .. } | Kind::DocumentStart => {
                self.process_directives()?;
                if self.scanner.peek()?.kind != Kind::DocumentStart {
                    let problem = "did not find expected <document start>";
                    return Err(self.unexpected(Mark::default(), problem));
                }
                self.scanner.skip();
                match self.scanner.peek()?.kind {
                    Kind::VersionDirective { .. }
                    | Kind::TagDirective { .. }
                    | Kind::DocumentStart
                    | Kind::DocumentEnd
                    | Kind::StreamEnd => self.push_empty(),
                    _ => self.compose_node(true, false)?,
                }
            }
            _ => {
                self.process_directives()?;
                self.compose_node(true, false)?
            }
        };
        // What follows the document is still looked at by go-yaml.
        self.scanner.peek()?;
        Ok(Some(root))
    }

    /// Makes the error for the token that comes next.
    fn unexpected(&mut self, context: Mark, problem: &str) -> YamlError {
        match self.scanner.peek() {
            Ok(token) => YamlError::parser(context, token.start, problem),
            Err(error) => error,
        }
    }

    fn process_directives(&mut self) -> Result<(), YamlError> {
        let mut versioned = false;
        loop {
            let problem = match &self.scanner.peek()?.kind {
                Kind::VersionDirective { .. } if versioned => "found duplicate %YAML directive",
                Kind::VersionDirective { major: 1, minor: 1 } => {
                    versioned = true;
                    self.scanner.skip();
                    continue;
                }
                Kind::VersionDirective { .. } => "found incompatible YAML document",
                Kind::TagDirective { handle, prefix } => {
                    let (handle, prefix) = (handle.clone(), prefix.clone());
                    if self.tag_prefix(&handle).is_none() {
                        self.tag_directives.push((handle, prefix));
                        self.scanner.skip();
                        continue;
                    }
                    "found duplicate %TAG directive"
                }
                _ => break,
            };
            return Err(self.unexpected(Mark::default(), problem));
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if self.tag_prefix(handle).is_none() {
                self.tag_directives.push((handle.into(), prefix.into()));
            }
        }
        Ok(())
    }

    fn tag_prefix(&self, handle: &str) -> Option<&str> {
        self.tag_directives
            .iter()
            .find(|(known, _)| known == handle)
            .map(|(_, prefix)| prefix.as_str())
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.document.nodes.push(node);
        self.document.nodes.len() - 1
    }

    fn push_scalar(&mut self, tag: String, text: String, implicit: bool) -> NodeId {
        self.push(Node { tag, content: Content::Scalar { text, implicit } })
    }

    /// Adds the scalar that stands for a missing key or value.
    fn push_empty(&mut self) -> NodeId {
        self.push_scalar(String::new(), String::new(), true)
    }

    /// Adds a collection that is to be filled later, so that an alias within
    /// can refer to it.
    fn push_collection(&mut self, tag: String) -> NodeId {
        self.push(Node { tag, content: Content::Sequence(Vec::new()) })
    }

    fn fill(&mut self, id: NodeId, content: Content) {
        if let Some(node) = self.document.nodes.get_mut(id) {
            node.content = content;
        }
    }

    /// Reads a node. In `block` context it may be a block collection, and
    /// after a key (`indentless`) a sequence that is not indented.
    fn compose_node(&mut self, block: bool, indentless: bool) -> Result<NodeId, YamlError> {
        match self.open_node(block, indentless)? {
            Opening::Scalar(id) => Ok(id),
            Opening::Collection(id, collection, start) => {
                self.depth += 1;
                match collection {
                    Collection::BlockSequence => self.compose_block_sequence(id, start)?,
                    Collection::IndentlessSequence => self.compose_indentless_sequence(id)?,
                    Collection::BlockMapping => self.compose_block_mapping(id, start)?,
                    Collection::FlowSequence => self.compose_flow_sequence(id, start)?,
                    Collection::FlowMapping => self.compose_flow_mapping(id, start)?,
                }
                self.depth -= 1;
                Ok(id)
            }
        }
    }

    /// Reads a scalar, an alias, or the beginning of a collection.
    fn open_node(&mut self, block: bool, indentless: bool) -> Result<Opening, YamlError> {
        let start = self.scanner.peek()?.start;
        if let Kind::Alias(name) = &self.scanner.peek()?.kind {
            let name = name.clone();
            let Some(target) = self.anchors.get(&name).copied() else {
                return Err(YamlError::plain(format!("unknown anchor '{name}' referenced")));
            };
            self.scanner.skip();
            let content = Content::Alias(name, target);
            return Ok(Opening::Scalar(self.push(Node { tag: String::new(), content })));
        }
        let (anchor, tag) = self.compose_properties(start)?;
        let token = self.scanner.peek()?;
        let begin = token.start;
        let collection = match token.kind {
            Kind::BlockEntry if indentless => Some(Collection::IndentlessSequence),
            Kind::FlowSequenceStart => Some(Collection::FlowSequence),
            Kind::FlowMappingStart => Some(Collection::FlowMapping),
            Kind::BlockSequenceStart if block => Some(Collection::BlockSequence),
            Kind::BlockMappingStart if block => Some(Collection::BlockMapping),
            _ => None,
        };
        let is_scalar = matches!(token.kind, Kind::Scalar { .. });
        let opening = if let Some(collection) = collection {
            if self.depth >= MAX_DEPTH {
                let problem = format!("exceeded max depth of {MAX_DEPTH}");
                return Err(YamlError::parser(start, begin, &problem));
            }
            Opening::Collection(self.push_collection(tag), collection, begin)
        } else if is_scalar {
            let Kind::Scalar { text, plain } = self.scanner.next()?.kind else {
                return Err(YamlError::plain("unexpected end of tokens"));
            };
            let implicit = plain && tag.is_empty() || tag == "!";
            Opening::Scalar(self.push_scalar(tag, text, implicit))
        } else if anchor.is_some() || !tag.is_empty() {
            let implicit = tag.is_empty();
            Opening::Scalar(self.push_scalar(tag, String::new(), implicit))
        } else {
            return Err(YamlError::parser(start, begin, "did not find expected node content"));
        };
        if let Some(anchor) = anchor {
            let (Opening::Scalar(id) | Opening::Collection(id, ..)) = opening;
            self.anchors.insert(anchor, id);
        }
        Ok(opening)
    }

    /// Reads the anchor and the tag before a node, in either order.
    fn compose_properties(&mut self, start: Mark) -> Result<(Option<String>, String), YamlError> {
        let mut anchor = None;
        let mut tag: Option<(String, String, Mark)> = None;
        loop {
            let token = self.scanner.peek()?;
            match &token.kind {
                Kind::Anchor(name) if anchor.is_none() => anchor = Some(name.clone()),
                Kind::Tag { handle, suffix } if tag.is_none() => {
                    tag = Some((handle.clone(), suffix.clone(), token.start));
                }
                _ => break,
            }
            self.scanner.skip();
        }
        let Some((handle, suffix, mark)) = tag else {
            return Ok((anchor, String::new()));
        };
        let tag = if handle.is_empty() {
            suffix
        } else {
            self.tag_prefix(&handle).map(|prefix| format!("{prefix}{suffix}")).unwrap_or_default()
        };
        if tag.is_empty() && !handle.is_empty() {
            return Err(YamlError::parser(start, mark, "found undefined tag handle"));
        }
        Ok((anchor, tag))
    }

    fn compose_block_sequence(&mut self, id: NodeId, start: Mark) -> Result<(), YamlError> {
        self.scanner.skip();
        let mut items = Vec::new();
        loop {
            match self.scanner.peek()?.kind {
                Kind::BlockEntry => {
                    self.scanner.skip();
                    items.push(match self.scanner.peek()?.kind {
                        Kind::BlockEntry | Kind::BlockEnd => self.push_empty(),
                        _ => self.compose_node(true, false)?,
                    });
                }
                Kind::BlockEnd => break,
                _ => return Err(self.unexpected(start, "did not find expected '-' indicator")),
            }
        }
        self.scanner.skip();
        self.fill(id, Content::Sequence(items));
        Ok(())
    }

    fn compose_indentless_sequence(&mut self, id: NodeId) -> Result<(), YamlError> {
        let mut items = Vec::new();
        while self.scanner.peek()?.kind == Kind::BlockEntry {
            self.scanner.skip();
            items.push(match self.scanner.peek()?.kind {
                Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd => self.push_empty(),
                _ => self.compose_node(true, false)?,
            });
        }
        self.fill(id, Content::Sequence(items));
        Ok(())
    }

    fn compose_block_mapping(&mut self, id: NodeId, start: Mark) -> Result<(), YamlError> {
        self.scanner.skip();
        let mut entries = Vec::new();
        loop {
            match self.scanner.peek()?.kind {
                Kind::Key => {
                    self.scanner.skip();
                    let key = self.compose_block_entry()?;
                    let value = if self.scanner.peek()?.kind == Kind::Value {
                        self.scanner.skip();
                        self.compose_block_entry()?
                    } else {
                        self.push_empty()
                    };
                    entries.push((key, value));
                }
                Kind::BlockEnd => break,
                _ => return Err(self.unexpected(start, "did not find expected key")),
            }
        }
        self.scanner.skip();
        self.fill(id, Content::Mapping(entries));
        Ok(())
    }

    /// Reads a key or a value of a block mapping, which may be missing.
    fn compose_block_entry(&mut self) -> Result<NodeId, YamlError> {
        match self.scanner.peek()?.kind {
            Kind::Key | Kind::Value | Kind::BlockEnd => Ok(self.push_empty()),
            _ => self.compose_node(true, true),
        }
    }

    fn compose_flow_sequence(&mut self, id: NodeId, start: Mark) -> Result<(), YamlError> {
        self.scanner.skip();
        let mut items = Vec::new();
        loop {
            let problem = "did not find expected ',' or ']'";
            self.skip_comma(items.is_empty(), start, problem, &Kind::FlowSequenceEnd)?;
            match self.scanner.peek()?.kind {
                Kind::FlowSequenceEnd => break,
                // `[a: b]` is a list of one mapping.
                Kind::Key => {
                    let id = self.push_collection(String::new());
                    let entry = self.compose_flow_pair(&Kind::FlowSequenceEnd)?;
                    self.fill(id, Content::Mapping(vec![entry]));
                    items.push(id);
                }
                _ => items.push(self.compose_node(false, false)?),
            }
        }
        self.scanner.skip();
        self.fill(id, Content::Sequence(items));
        Ok(())
    }

    fn compose_flow_mapping(&mut self, id: NodeId, start: Mark) -> Result<(), YamlError> {
        self.scanner.skip();
        let mut entries = Vec::new();
        loop {
            let problem = "did not find expected ',' or '}'";
            self.skip_comma(entries.is_empty(), start, problem, &Kind::FlowMappingEnd)?;
            match self.scanner.peek()?.kind {
                Kind::FlowMappingEnd => break,
                Kind::Key => entries.push(self.compose_flow_pair(&Kind::FlowMappingEnd)?),
                _ => {
                    let key = self.compose_node(false, false)?;
                    self.scanner.peek()?;
                    entries.push((key, self.push_empty()));
                }
            }
        }
        self.scanner.skip();
        self.fill(id, Content::Mapping(entries));
        Ok(())
    }

    /// Goes past the comma before the next item of a flow collection.
    fn skip_comma(
        &mut self,
        first: bool,
        start: Mark,
        problem: &str,
        end: &Kind,
    ) -> Result<(), YamlError> {
        let kind = &self.scanner.peek()?.kind;
        if first || kind == end {
            return Ok(());
        }
        if *kind != Kind::FlowEntry {
            return Err(self.unexpected(start, problem));
        }
        self.scanner.skip();
        Ok(())
    }

    /// Reads a key and a value in a flow collection; either may be missing.
    fn compose_flow_pair(&mut self, end: &Kind) -> Result<(NodeId, NodeId), YamlError> {
        self.scanner.skip();
        let kind = &self.scanner.peek()?.kind;
        let key = if matches!(kind, Kind::Value | Kind::FlowEntry) || kind == end {
            // go-yaml loses the token here in a sequence: `[? : b]`.
            if *end == Kind::FlowSequenceEnd {
                self.scanner.skip();
            }
            self.push_empty()
        } else {
            self.compose_node(false, false)?
        };
        if self.scanner.peek()?.kind == Kind::Value {
            self.scanner.skip();
            let kind = &self.scanner.peek()?.kind;
            if *kind != Kind::FlowEntry && kind != end {
                return Ok((key, self.compose_node(false, false)?));
            }
        }
        Ok((key, self.push_empty()))
    }
}
