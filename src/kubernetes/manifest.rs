//! Objects as a chart renders them: what is stored in the release, and where everything begins.

use serde_json::Map;
use serde_json::Value;

use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::object::get;
use crate::kubernetes::object::type_name;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::resource::Location;
use crate::kubernetes::resource::Resource;

/// Is one object of a manifest, unchanged.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestObject {
    fields: Map<String, Value>,
    kind: GroupVersionKind,
    name: String,
    namespace: Option<String>,
}

impl ManifestObject {
    /// Reads one document of a manifest. A `List` gives all the objects in it, an empty document none.
    pub fn read(document: Value) -> Result<Vec<Self>, KubernetesError> {
        let fields = match document {
            Value::Null => return Ok(Vec::new()),
            Value::Object(fields) => fields,
            other => {
                return Err(KubernetesError::InvalidObject(format!(
                    "A document of the manifest is {} instead of a Kubernetes object.",
                    type_name(&other)
                )));
            }
        };
        let is_list =
            fields.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
        match fields.get("items") {
            Some(Value::Array(items)) if is_list => {
                let mut objects = Vec::new();
                for item in items {
                    objects.extend(Self::read(item.clone())?);
                }
                Ok(objects)
            }
            _ => Self::one(fields).map(|object| vec![object]),
        }
    }

    fn one(fields: Map<String, Value>) -> Result<Self, KubernetesError> {
        let text = |path: &[&str]| {
            get(&fields, path)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let (api_version, kind) = (text(&["apiVersion"]), text(&["kind"]));
        let name = text(&["metadata", "name"]);
        let missing = |what: &str| {
            let kind = kind.as_deref().unwrap_or("of unknown kind");
            let name = name.as_deref().unwrap_or("without a name");
            KubernetesError::InvalidObject(format!(
                "An object of the manifest ({kind}, {name}) has no {what}. Every object needs `apiVersion`, \
                 `kind` and `metadata.name` as texts."
            ))
        };
        let Some(api_version) = &api_version else { return Err(missing("`apiVersion`")) };
        let Some(kind_name) = &kind else { return Err(missing("`kind`")) };
        let Some(name) = name.clone() else { return Err(missing("`metadata.name`")) };
        let kind = GroupVersionKind::new(api_version, kind_name);
        let namespace = text(&["metadata", "namespace"]);
        Ok(Self { fields, kind, name, namespace })
    }

    /// Returns the object's type.
    pub fn kind(&self) -> &GroupVersionKind {
        &self.kind
    }

    /// Returns the object's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the namespace that the manifest itself names.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Returns the object as written.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// Returns the value at a path of field names.
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        get(&self.fields, path)
    }

    /// Returns where the object belongs: its own namespace, else the release's.
    pub fn location(&self, resource: &Resource, release_namespace: &str) -> Location {
        resource.object(self.namespace().unwrap_or(release_namespace), &self.name)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use serde_json::json;

    use super::ManifestObject;

    #[test]
    fn a_list_is_taken_apart() {
        let objects = ManifestObject::read(json!({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}},
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "b", "namespace": "n"}},
        ]}))
        .unwrap();
        assert_eq!(objects.len(), 2);
        assert_eq!(objects[1].namespace(), Some("n"));
        assert!(ManifestObject::read(json!(null)).unwrap().is_empty());
    }

    #[test]
    fn what_is_missing_is_named() {
        for (value, text) in [
            (
                json!({"kind": "ConfigMap", "metadata": {"name": "a"}}),
                "(ConfigMap, a) has no `apiVersion`",
            ),
            (json!({"apiVersion": "v1", "metadata": {"name": "a"}}), "has no `kind`"),
            (
                json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "a"}}),
                "`metadata.name`",
            ),
            (
                json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": 1}}),
                "`metadata.name`",
            ),
            (json!(["x"]), "a list"),
        ] {
            let error = ManifestObject::read(value).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}
