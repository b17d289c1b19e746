//! From tokens to a tree of nodes: the grammar of YAML.

use std::collections::HashMap;

use super::error::YamlError;
use super::scanner::MAX_DEPTH;
use super::scanner::Scanner;
use super::token::Kind;
use super::token::Mark;
use super::token::Token;

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

impl Composer {
    fn compose_document(&mut self) -> Result<Option<NodeId>, YamlError> {
        self.scanner.peek()?;
        self.scanner.skip();
        let first = self.scanner.peek()?;
        let root = match first.kind {
            Kind::StreamEnd => return Ok(None),
            Kind::VersionDirective { .. } | Kind::TagDirective { .. } | Kind::DocumentStart => {
                self.process_directives()?;
                let token = self.scanner.peek()?;
                if token.kind != Kind::DocumentStart {
                    let problem = "did not find expected <document start>";
                    return Err(YamlError::parser(Mark::default(), token.start, problem));
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

    fn process_directives(&mut self) -> Result<(), YamlError> {
        let mut versioned = false;
        loop {
            let token = self.scanner.peek()?;
            let problem = match token.kind {
                Kind::VersionDirective { .. } if versioned => "found duplicate %YAML directive",
                Kind::VersionDirective { major: 1, minor: 1 } => {
                    versioned = true;
                    self.scanner.skip();
                    continue;
                }
                Kind::VersionDirective { .. } => "found incompatible YAML document",
                Kind::TagDirective { handle, prefix } => {
                    if self.tag_prefix(&handle).is_none() {
                        self.tag_directives.push((handle, prefix));
                        self.scanner.skip();
                        continue;
                    }
                    "found duplicate %TAG directive"
                }
                _ => break,
            };
            return Err(YamlError::parser(Mark::default(), token.start, problem));
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

    /// Adds the scalar that stands for a missing key or value.
    fn push_empty(&mut self) -> NodeId {
        let content = Content::Scalar { text: String::new(), implicit: true };
        self.push(Node { tag: String::new(), content })
    }

    /// Adds a collection that is to be filled later, so that an alias within
    /// can refer to it.
    fn open(&mut self, tag: String, anchor: Option<String>) -> NodeId {
        let id = self.push(Node { tag, content: Content::Sequence(Vec::new()) });
        self.anchor(anchor, id);
        id
    }

    fn close(&mut self, id: NodeId, content: Content) -> NodeId {
        if let Some(node) = self.document.nodes.get_mut(id) {
            node.content = content;
        }
        id
    }

    fn anchor(&mut self, anchor: Option<String>, id: NodeId) {
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
    }

    /// Reads a node. In `block` context it may be a block collection, and
    /// after a key (`indentless`) a sequence that is not indented.
    fn compose_node(&mut self, block: bool, indentless: bool) -> Result<NodeId, YamlError> {
        let first = self.scanner.peek()?;
        if let Kind::Alias(name) = first.kind {
            let target = self.anchors.get(&name).copied().ok_or_else(|| {
                YamlError::plain(format!("unknown anchor '{name}' referenced"))
            })?;
            self.scanner.skip();
            return Ok(self.push(Node { tag: String::new(), content: Content::Alias(name, target) }));
        }
        let start = first.start;
        let (anchor, tag) = self.compose_properties(start)?;
        let token = self.scanner.peek()?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let problem = format!("exceeded max depth of {MAX_DEPTH}");
            return Err(YamlError::parser(start, token.start, &problem));
        }
        let id = match token.kind {
            Kind::BlockEntry if indentless => {
                let id = self.open(tag, anchor);
                let items = self.compose_indentless_sequence()?;
                self.close(id, Content::Sequence(items))
            }
            Kind::Scalar { text, plain } => {
                let implicit = plain && tag.is_empty() || tag == "!";
                let id = self.push(Node { tag, content: Content::Scalar { text, implicit } });
                self.anchor(anchor, id);
                self.scanner.skip();
                id
            }
            Kind::FlowSequenceStart => {
                let id = self.open(tag, anchor);
                let items = self.compose_flow_sequence(token.start)?;
                self.close(id, Content::Sequence(items))
            }
            Kind::FlowMappingStart => {
                let id = self.open(tag, anchor);
                let entries = self.compose_flow_mapping(token.start)?;
                self.close(id, Content::Mapping(entries))
            }
            Kind::BlockSequenceStart if block => {
                let id = self.open(tag, anchor);
                let items = self.compose_block_sequence(token.start)?;
                self.close(id, Content::Sequence(items))
            }
            Kind::BlockMappingStart if block => {
                let id = self.open(tag, anchor);
                let entries = self.compose_block_mapping(token.start)?;
                self.close(id, Content::Mapping(entries))
            }
            _ if anchor.is_some() || !tag.is_empty() => {
                let implicit = tag.is_empty();
                let content = Content::Scalar { text: String::new(), implicit };
                let id = self.push(Node { tag, content });
                self.anchor(anchor, id);
                id
            }
            _ => {
                let problem = "did not find expected node content";
                return Err(YamlError::parser(start, token.start, problem));
            }
        };
        self.depth -= 1;
        Ok(id)
    }

    /// Reads the anchor and the tag before a node, in either order.
    fn compose_properties(&mut self, start: Mark) -> Result<(Option<String>, String), YamlError> {
        let mut anchor = None;
        let mut tag: Option<(String, String, Mark)> = None;
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                Kind::Anchor(name) if anchor.is_none() => anchor = Some(name),
                Kind::Tag { handle, suffix } if tag.is_none() => {
                    tag = Some((handle, suffix, token.start));
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

    fn compose_block_sequence(&mut self, start: Mark) -> Result<Vec<NodeId>, YamlError> {
        self.scanner.skip();
        let mut items = Vec::new();
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                Kind::BlockEntry => {
                    self.scanner.skip();
                    items.push(match self.scanner.peek()?.kind {
                        Kind::BlockEntry | Kind::BlockEnd => self.push_empty(),
                        _ => self.compose_node(true, false)?,
                    });
                }
                Kind::BlockEnd => {
                    self.scanner.skip();
                    return Ok(items);
                }
                _ => {
                    let problem = "did not find expected '-' indicator";
                    return Err(YamlError::parser(start, token.start, problem));
                }
            }
        }
    }

    fn compose_indentless_sequence(&mut self) -> Result<Vec<NodeId>, YamlError> {
        let mut items = Vec::new();
        while self.scanner.peek()?.kind == Kind::BlockEntry {
            self.scanner.skip();
            items.push(match self.scanner.peek()?.kind {
                Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd => self.push_empty(),
                _ => self.compose_node(true, false)?,
            });
        }
        Ok(items)
    }

    fn compose_block_mapping(
        &mut self,
        start: Mark,
    ) -> Result<Vec<(NodeId, NodeId)>, YamlError> {
        self.scanner.skip();
        let mut entries = Vec::new();
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
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
                Kind::BlockEnd => {
                    self.scanner.skip();
                    return Ok(entries);
                }
                _ => {
                    let problem = "did not find expected key";
                    return Err(YamlError::parser(start, token.start, problem));
                }
            }
        }
    }

    /// Reads a key or a value of a block mapping, which may be missing.
    fn compose_block_entry(&mut self) -> Result<NodeId, YamlError> {
        match self.scanner.peek()?.kind {
            Kind::Key | Kind::Value | Kind::BlockEnd => Ok(self.push_empty()),
            _ => self.compose_node(true, true),
        }
    }

    fn compose_flow_sequence(&mut self, start: Mark) -> Result<Vec<NodeId>, YamlError> {
        self.scanner.skip();
        let mut items = Vec::new();
        loop {
            let problem = "did not find expected ',' or ']'";
            let token = self.flow_item(items.is_empty(), start, problem, &Kind::FlowSequenceEnd)?;
            match token.kind {
                Kind::FlowSequenceEnd => {
                    self.scanner.skip();
                    return Ok(items);
                }
                // `[a: b]` is a list of one mapping.
                Kind::Key => {
                    let id = self.open(String::new(), None);
                    let entry = self.compose_flow_pair(&Kind::FlowSequenceEnd)?;
                    items.push(self.close(id, Content::Mapping(vec![entry])));
                }
                _ => items.push(self.compose_node(false, false)?),
            }
        }
    }

    fn compose_flow_mapping(&mut self, start: Mark) -> Result<Vec<(NodeId, NodeId)>, YamlError> {
        self.scanner.skip();
        let mut entries = Vec::new();
        loop {
            let problem = "did not find expected ',' or '}'";
            let token = self.flow_item(entries.is_empty(), start, problem, &Kind::FlowMappingEnd)?;
            match token.kind {
                Kind::FlowMappingEnd => {
                    self.scanner.skip();
                    return Ok(entries);
                }
                Kind::Key => entries.push(self.compose_flow_pair(&Kind::FlowMappingEnd)?),
                _ => {
                    let key = self.compose_node(false, false)?;
                    self.scanner.peek()?;
                    entries.push((key, self.push_empty()));
                }
            }
        }
    }

    /// Returns the token of the next item, past the comma before it.
    fn flow_item(
        &mut self,
        first: bool,
        start: Mark,
        problem: &str,
        end: &Kind,
    ) -> Result<Token, YamlError> {
        let token = self.scanner.peek()?;
        if first || token.kind == *end {
            return Ok(token);
        }
        if token.kind != Kind::FlowEntry {
            return Err(YamlError::parser(start, token.start, problem));
        }
        self.scanner.skip();
        self.scanner.peek()
    }

    /// Reads a key and a value in a flow collection; either may be missing.
    fn compose_flow_pair(&mut self, end: &Kind) -> Result<(NodeId, NodeId), YamlError> {
        self.scanner.skip();
        let token = self.scanner.peek()?;
        let key = if token.kind == Kind::Value
            || token.kind == Kind::FlowEntry
            || token.kind == *end
        {
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
            let token = self.scanner.peek()?;
            if token.kind != Kind::FlowEntry && token.kind != *end {
                return Ok((key, self.compose_node(false, false)?));
            }
        }
        Ok((key, self.push_empty()))
    }
}
