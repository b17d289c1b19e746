//! `.Files`: the files of a chart that are no templates, as templates see them.

mod glob;

use std::any::Any;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::helm::chart::File;
use crate::helm::function::Parameter;
use crate::helm::unicode;
use crate::helm::value::Entries;
use crate::helm::value::FunctionError;
use crate::helm::value::IntKind;
use crate::helm::value::ListKind;
use crate::helm::value::Object;
use crate::helm::value::Str;
use crate::helm::value::Value;
use crate::helm::yaml;

/// Is Helm's `files` type: a map from paths to bytes, with methods.
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<String, Str>);

impl Files {
    /// Makes the object of the files of one chart.
    pub fn new(files: &[File]) -> Self {
        Self(
            files.iter().map(|file| (file.name.clone(), Str::from(file.data.as_slice()))).collect(),
        )
    }

    fn get(&self, name: &str) -> Str {
        self.0.get(name).cloned().unwrap_or_else(|| Str::from(""))
    }

    fn glob(&self, pattern: &str) -> Self {
        // Helm takes a pattern that it cannot read for one that matches everything.
        let pattern = glob::Glob::new(pattern);
        let fits = |name: &str| pattern.as_ref().is_none_or(|pattern| pattern.matches(name));
        Self(
            self.0
                .iter()
                .filter(|(name, _)| fits(name))
                .map(|(name, data)| (name.clone(), data.clone()))
                .collect(),
        )
    }

    /// Returns YAML of the base names with what `value` makes of each content.
    fn as_yaml(&self, value: impl Fn(&[u8]) -> String) -> Value {
        let entries = self
            .0
            .iter()
            .map(|(name, data)| {
                let base = name.rsplit_once('/').map_or(name.as_str(), |(_, base)| base);
                (base.to_owned(), Json::String(value(data.as_bytes())))
            })
            .collect();
        // What YAML cannot hold gives no text at all, as in `toYaml`.
        let text = yaml::write(&Json::Object(entries)).unwrap_or_default();
        Value::string(text.strip_suffix('\n').unwrap_or(&text))
    }

    fn lines(&self, name: &str) -> Value {
        let data = self.get(name);
        let bytes = data.as_bytes();
        let lines = if bytes.is_empty() {
            Vec::new()
        } else {
            bytes
                .strip_suffix(b"\n")
                .unwrap_or(bytes)
                .split(|byte| *byte == b'\n')
                .map(Value::string)
                .collect()
        };
        Value::typed_list(ListKind::Strings, lines)
    }
}

/// Returns a Go `[]byte`.
fn bytes(data: &Str) -> Value {
    Value::typed_list(
        ListKind::Bytes,
        data.as_bytes().iter().map(|byte| Value::Int(IntKind::Uint8, i64::from(*byte))).collect(),
    )
}

impl Object for Files {
    fn type_name(&self) -> String {
        "engine.files".to_owned()
    }

    fn kind(&self) -> &'static str {
        "map"
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(bytes(&self.get(name)))
    }

    fn method(&self, name: &str) -> Option<&'static [Parameter]> {
        match name {
            "Get" | "GetBytes" | "Glob" | "Lines" => Some(&[Parameter::String]),
            "AsConfig" | "AsSecrets" => Some(&[]),
            _ => None,
        }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let argument = match arguments.first() {
            Some(Value::String(text)) => text.to_text().into_owned(),
            _ => String::new(),
        };
        Some(Ok(match name {
            "Get" => Value::String(self.get(&argument)),
            "GetBytes" => bytes(&self.get(&argument)),
            "Glob" => Value::Object(Rc::new(self.glob(&argument))),
            "Lines" => self.lines(&argument),
            "AsConfig" => self.as_yaml(unicode::replace_invalid),
            "AsSecrets" => self.as_yaml(|data| STANDARD.encode(data)),
            _ => return None,
        }))
    }

    fn entries(&self) -> Option<Entries> {
        Some(self.0.iter().map(|(name, data)| (name.clone(), bytes(data))).collect())
    }

    fn display(&self) -> String {
        let entries: Vec<String> = self
            .0
            .iter()
            .map(|(name, data)| {
                let numbers: Vec<String> = data.as_bytes().iter().map(u8::to_string).collect();
                format!("{name}:[{}]", numbers.join(" "))
            })
            .collect();
        format!("map[{}]", entries.join(" "))
    }

    fn is_truthy(&self) -> bool {
        !self.0.is_empty()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
