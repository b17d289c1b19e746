//! Maps of strings.

use std::collections::BTreeMap;

use crate::helm::value::Entries;
use crate::helm::value::Object;
use crate::helm::value::Str;
use crate::helm::value::Value;

/// Is a Go `map[string]string`: what `split` and `splitn` return.
///
/// It differs from `map[string]interface{}` in that a missing key is the empty
/// string, and that functions asking for a `map[string]interface{}` refuse it.
#[derive(Clone, Debug, Default)]
pub struct StringMap(pub BTreeMap<String, Str>);

impl Object for StringMap {
    fn type_name(&self) -> String {
        "map[string]string".into()
    }

    fn kind(&self) -> &'static str {
        "map"
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(Value::String(self.0.get(name).cloned().unwrap_or_else(|| "".into())))
    }

    fn entries(&self) -> Option<Entries> {
        let entry = |(key, value): (&String, &Str)| (key.clone(), Value::String(value.clone()));
        Some(self.0.iter().map(entry).collect())
    }

    fn display(&self) -> String {
        let entries: Vec<String> =
            self.0.iter().map(|(key, value)| format!("{key}:{}", value.to_text())).collect();
        format!("map[{}]", entries.join(" "))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
