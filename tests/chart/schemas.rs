//! The schemas of an API server's own OpenAPI document, as kubeconform reads them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use serde_json::Value;
use serde_json::json;

use super::api_server::ApiServer;
use crate::support::eventually;
use crate::support::program;

/// Is a folder with a strict schema for each of some kinds: a field that is not in it is wrong.
pub struct Schemas {
    folder: tempfile::TempDir,
}

impl Schemas {
    /// Reads the schemas of what the objects are.
    pub fn of(server: &ApiServer, objects: &[Value]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = |object: &Value, key: &str| object[key].as_str().unwrap().to_owned();
        let kinds: BTreeSet<(String, String)> = objects
            .iter()
            .map(|object| (text(object, "apiVersion"), text(object, "kind")))
            .collect();
        for (api, kind) in kinds {
            let (group, version) = api.split_once('/').unwrap_or(("", &api));
            let wanted = json!({ "group": group, "version": version, "kind": kind });
            let schema = strict_schema(server, &api, &wanted);
            // kubeconform takes the version for the group, where there is no group.
            let group = if group.is_empty() { version } else { group };
            let file = format!("{}-{group}-{version}.json", kind.to_lowercase());
            std::fs::write(folder.path().join(file), schema.to_string()).unwrap();
        }
        Self { folder }
    }

    /// Runs kubeconform over a file, or over all files of a folder.
    pub fn check(&self, path: &Path) -> Output {
        let folder = self.folder.path().to_str().unwrap();
        let location = "{{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}.json";
        Command::new(program("KUBECONFORM", "kubeconform"))
            .args(["-strict", "-summary", "-schema-location", &format!("{folder}/{location}")])
            .arg(path)
            .output()
            .unwrap()
    }
}

/// Returns the schema of a kind without room for unknown fields, from the OpenAPI document of its
/// API version. A kind that has just been defined comes into the document a moment later.
fn strict_schema(server: &ApiServer, api: &str, wanted: &Value) -> Value {
    let path = if api.contains('/') { "apis" } else { "api" };
    let mut found = None;
    eventually(&format!("{wanted} is in the OpenAPI document"), || {
        let output =
            server.try_kubectl(&["get", "--raw", &format!("/openapi/v3/{path}/{api}")], "");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let schemas = &document["components"]["schemas"];
        let name = schemas.as_object().into_iter().flatten().find_map(|(name, schema)| {
            let kinds = schema["x-kubernetes-group-version-kind"].as_array()?;
            kinds.contains(wanted).then(|| name.clone())
        });
        found = name.map(|name| (name, schemas.clone()));
        found.is_some()
    });
    let (name, mut schemas) = found.unwrap();
    close(&mut schemas);
    json!({ "$ref": format!("#/components/schemas/{name}"), "components": { "schemas": schemas } })
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            let is_open = fields.get("x-kubernetes-preserve-unknown-fields") == Some(&json!(true));
            if fields.get("properties").is_some_and(Value::is_object) && !is_open {
                fields.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
