//! From nodes to JSON: aliases, merge keys, and keys that are not strings.

use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use super::compose::Content;
use super::compose::Document;
use super::compose::Node;
use super::compose::NodeId;
use super::error::YamlError;
use super::resolve::Scalar;
use super::resolve::resolve;
use crate::helm::strconv;
use crate::helm::unicode;

/// Returns the document as JSON, integers exact; null if there is none.
pub(super) fn decode(document: &Document) -> Result<Value, YamlError> {
    let mut decoder = Decoder { document, active: Vec::new(), decoded: 0, aliased: 0 };
    document.root.map_or(Ok(Value::Null), |root| decoder.value(root))
}

struct Decoder<'a> {
    document: &'a Document,
    /// The aliases that are being followed.
    active: Vec<NodeId>,
    decoded: u32,
    aliased: u32,
}

impl<'a> Decoder<'a> {
    /// Returns the node, and counts it: aliases of aliases grow exponentially.
    fn node(&mut self, id: NodeId) -> Result<&'a Node, YamlError> {
        self.decoded += 1;
        if !self.active.is_empty() {
            self.aliased += 1;
        }
        let allowed = f64::from(self.decoded) * allowed_alias_ratio(self.decoded);
        if self.aliased > 100 && self.decoded > 1000 && f64::from(self.aliased) > allowed {
            return Err(YamlError::plain("document contains excessive aliasing"));
        }
        self.document.node(id).ok_or_else(|| YamlError::plain("internal error: unknown node"))
    }

    fn value(&mut self, id: NodeId) -> Result<Value, YamlError> {
        let node = self.node(id)?;
        match &node.content {
            Content::Alias(name, target) => self.follow(id, name, |this| this.value(*target)),
            Content::Scalar { text, implicit } => self::scalar(&node.tag, text, *implicit),
            Content::Sequence(items) => {
                items.iter().map(|item| self.value(*item)).collect::<Result<_, _>>()
            }
            Content::Mapping(entries) => {
                let mut map = Map::new();
                self.fill(entries, &mut map)?;
                Ok(Value::Object(map))
            }
        }
    }

    /// Does something with the target of an alias.
    fn follow<T>(
        &mut self,
        alias: NodeId,
        name: &str,
        action: impl FnOnce(&mut Self) -> Result<T, YamlError>,
    ) -> Result<T, YamlError> {
        if self.active.contains(&alias) {
            return Err(YamlError::plain(format!("anchor '{name}' value contains itself")));
        }
        self.active.push(alias);
        let result = action(self);
        self.active.pop();
        result
    }

    /// Adds entries to the map, in order, so that the last of a name wins.
    fn fill(
        &mut self,
        entries: &[(NodeId, NodeId)],
        map: &mut Map<String, Value>,
    ) -> Result<(), YamlError> {
        for (key, value) in entries {
            if self.document.node(*key).is_some_and(is_merge) {
                self.merge(*value, map)?;
                continue;
            }
            let key = self.key(*key)?;
            let value = self.value(*value)?;
            map.insert(key.map_err(|key| key.unsupported(&value))?, value);
        }
        Ok(())
    }

    /// Adds what a `<<` refers to. It replaces what stands above it, unlike in
    /// the YAML specification.
    fn merge(&mut self, id: NodeId, map: &mut Map<String, Value>) -> Result<(), YamlError> {
        let want_map =
            || YamlError::plain("map merge requires map or sequence of maps as the value");
        match self.document.node(id).map(|node| &node.content) {
            // Of several, the first has precedence.
            Some(Content::Sequence(items)) => {
                for item in items.iter().rev() {
                    match self.document.node(*item).map(|node| &node.content) {
                        Some(Content::Mapping(_) | Content::Alias(..)) => {
                            self.merge_one(*item, map)?;
                        }
                        _ => return Err(want_map()),
                    }
                }
                Ok(())
            }
            Some(Content::Mapping(_) | Content::Alias(..)) => self.merge_one(id, map),
            _ => Err(want_map()),
        }
    }

    fn merge_one(&mut self, id: NodeId, map: &mut Map<String, Value>) -> Result<(), YamlError> {
        match &self.node(id)?.content {
            Content::Mapping(entries) => self.fill(entries, map),
            Content::Alias(name, target)
                if self
                    .document
                    .node(*target)
                    .is_some_and(|node| matches!(node.content, Content::Mapping(_))) =>
            {
                self.follow(id, name, |this| this.merge_one(*target, map))
            }
            _ => Err(YamlError::plain("map merge requires map or sequence of maps as the value")),
        }
    }

    /// Returns a key as the string that it is in JSON, or what it is instead.
    fn key(&mut self, id: NodeId) -> Result<Result<String, WrongKey>, YamlError> {
        let node = self.node(id)?;
        match &node.content {
            Content::Alias(name, target) => self.follow(id, name, |this| this.key(*target)),
            Content::Scalar { text, implicit } => {
                if node.tag == BINARY_TAG {
                    return decode_binary(text).map(Ok);
                }
                if node.tag.is_empty() && !implicit {
                    return Ok(Ok(text.clone()));
                }
                Ok(match resolve(&node.tag, text)? {
                    Scalar::Text | Scalar::Timestamp => Ok(text.clone()),
                    Scalar::Bool(value) => Ok(value.to_string()),
                    Scalar::Int(value) => Ok(value.to_string()),
                    // sigs.k8s.io/yaml prints these with a single's precision.
                    Scalar::Float(value) => Ok(match strconv::format_float_32(value).as_str() {
                        "+Inf" => ".inf".into(),
                        "-Inf" => "-.inf".into(),
                        "NaN" => ".nan".into(),
                        text => text.to_owned(),
                    }),
                    Scalar::Uint(value) => {
                        Err(WrongKey { kind: "uint64", key: format!("{value:#x}") })
                    }
                    Scalar::Null => Err(WrongKey { kind: "%!s(<nil>)", key: "<nil>".into() }),
                })
            }
            // Mostly a template that was not rendered: `name: {{ .Values.name }}`.
            Content::Sequence(_) | Content::Mapping(_) => {
                let key = go_syntax(&self.value(id)?);
                Err(YamlError::plain(format!("invalid map key: {key}")))
            }
        }
    }
}

/// The tag of base64 text.
const BINARY_TAG: &str = "tag:yaml.org,2002:binary";

/// Is a key that cannot be one in JSON: null, or a number beyond `int64`.
struct WrongKey {
    kind: &'static str,
    key: String,
}

impl WrongKey {
    fn unsupported(self, value: &Value) -> YamlError {
        let Self { kind, key } = self;
        let value = if value.is_null() { "<nil>".to_owned() } else { go_syntax(value) };
        YamlError::conversion(format!(
            "unsupported map key of type: {kind}, key: {key}, value: {value}"
        ))
    }
}

/// Returns the value as Go's `%#v` prints it, but for the types of map keys.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".into(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => strconv::quote(text.as_bytes()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| {
                    format!("{}:{}", strconv::quote(key.as_bytes()), go_syntax(value))
                })
                .collect();
            format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
        }
    }
}

fn is_merge(node: &Node) -> bool {
    match &node.content {
        Content::Scalar { text, implicit } => {
            text == "<<" && (*implicit || node.tag == "tag:yaml.org,2002:merge")
        }
        _ => false,
    }
}

fn scalar(tag: &str, text: &str, implicit: bool) -> Result<Value, YamlError> {
    if tag.is_empty() && !implicit {
        return Ok(Value::String(text.to_owned()));
    }
    if tag == BINARY_TAG {
        return decode_binary(text).map(Value::String);
    }
    match resolve(tag, text)? {
        Scalar::Null => Ok(Value::Null),
        Scalar::Bool(value) => Ok(Value::Bool(value)),
        Scalar::Int(value) => Ok(Value::from(value)),
        Scalar::Uint(value) => Ok(Value::from(value)),
        Scalar::Float(value) => Number::from_f64(value).map(Value::Number).ok_or_else(|| {
            let value = strconv::format_float(value);
            YamlError::conversion(format!("json: unsupported value: {value}"))
        }),
        Scalar::Text | Scalar::Timestamp => Ok(Value::String(text.to_owned())),
    }
}

/// Decodes base64; what is not UTF-8 becomes U+FFFD on the way through JSON.
fn decode_binary(text: &str) -> Result<String, YamlError> {
    use base64::Engine as _;
    let compact: String = text.chars().filter(|character| !"\r\n".contains(*character)).collect();
    base64::engine::general_purpose::STANDARD
        .decode(compact)
        .map(|bytes| unicode::replace_invalid(&bytes))
        .map_err(|_| YamlError::plain("!!binary value contains invalid base64 data"))
}

/// Returns the part of the nodes that may come from aliases: nearly all in a
/// small document, a tenth in a large one.
fn allowed_alias_ratio(decoded: u32) -> f64 {
    const LOW: u32 = 400_000;
    const HIGH: u32 = 4_000_000;
    match decoded {
        ..=LOW => 0.99,
        HIGH.. => 0.10,
        _ => 0.99 - 0.89 * f64::from(decoded - LOW) / f64::from(HIGH - LOW),
    }
}
