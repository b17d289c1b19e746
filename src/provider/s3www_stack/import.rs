//! Importing a release that exists, ours or one that the Helm CLI made.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value as Json;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::S3wwwStack;
use super::settings;
use super::state::FileBlock;
use super::state::Private;
use super::state::Stack;
use crate::helm::release::Release;
use crate::helm::release::Status;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::release_store::ReleaseStore;
use crate::kubernetes::release_store::StoreError;
use crate::plugin::diagnostics::Report;
use crate::plugin::dynamic::Dynamic;
use crate::plugin::dynamic::Number;
use crate::plugin::types::Type;
use crate::provider::report::kubernetes_detail;
use crate::provider::value::or_null;

impl S3wwwStack {
    /// Reads what an import id (`namespace/name`) names. The refresh that follows
    /// fills in everything that the cluster knows.
    pub(super) async fn import_release(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        id: &str,
    ) -> Option<(Stack, Private)> {
        let parts = id.split_once('/').filter(|(namespace, name)| {
            !namespace.is_empty() && !name.is_empty() && !name.contains('/')
        });
        let Some((namespace, name)) = parts else {
            found.report_error(
                AttributePath::root(),
                "Import id is not valid.",
                format!("`{id}` is not `namespace/name`, the namespace and the name of a release."),
            );
            return None;
        };
        let stored = match ReleaseStore::new(cluster, namespace, name).latest().await {
            Ok(stored) => stored,
            Err(error) => {
                let detail = match &error {
                    StoreError::Kubernetes(error) => kubernetes_detail(error),
                    other => other.to_string(),
                };
                let summary = format!("Release `{id}` cannot be imported.");
                found.report_error(AttributePath::root(), summary, detail);
                return None;
            }
        };
        let release = stored.map(|stored| stored.release);
        let Some(release) = release.filter(|one| one.info.status != Status::Uninstalled) else {
            found.report_error(
                AttributePath::root(),
                format!("Release `{id}` does not exist."),
                format!(
                    "No release of that name is in the namespace `{namespace}`.\n\
                     Hint: `helm list --all-namespaces` shows the releases that there are."
                ),
            );
            return None;
        };
        let mut stack = settings::restore(&release).unwrap_or_else(|| from_record(&release));
        stack.id = Value::Value(id.to_owned());
        stack.name = Value::Value(name.to_owned());
        stack.namespace = Value::Value(namespace.to_owned());
        Some((stack, Private::default().with_key()))
    }
}

/// Returns what can be told of the configuration from a record that Helm wrote:
/// the values, and `file` if they hold one as the attribute would write it.
pub(super) fn from_record(release: &Release) -> Stack {
    let mut config = release.config.clone();
    let file = take_file(&mut config);
    let values = if config.is_empty() {
        Dynamic::Null
    } else {
        let (own, values) = to_dynamic(&Json::Object(config));
        Dynamic::Typed(own, Box::new(values))
    };
    Stack { file: or_null(file), values, ..empty() }
}

/// Returns a stack of which nothing is known.
pub(super) fn empty() -> Stack {
    Stack {
        id: Value::Null,
        name: Value::Null,
        namespace: Value::Null,
        create_namespace: Value::Null,
        file: Value::Null,
        values: Dynamic::Null,
        values_yaml: Value::Null,
        values_sensitive: Dynamic::Null,
        values_wo: Dynamic::Null,
        values_wo_version: Value::Null,
        chart: Value::Null,
        wait: Value::Null,
        wait_for_jobs: Value::Null,
        timeout: Value::Null,
        rollback_on_failure: Value::Null,
        max_history: Value::Null,
        take_ownership: Value::Null,
        drift_detection: Value::Null,
        revision: Value::Null,
        status: Value::Null,
        chart_version: Value::Null,
        app_version: Value::Null,
        objects: Value::Null,
        bucket: Value::Null,
        service_url: Value::Null,
        url: Value::Null,
        minio_endpoint: Value::Null,
        credentials_secret: Value::Null,
    }
}

/// Takes `file` out of values if it has a URL and nothing that the attribute has not.
fn take_file(config: &mut Map<String, Json>) -> Option<FileBlock> {
    let fields = config.get("file")?.as_object()?;
    let known = ["url", "sha256", "key"];
    let is_file = fields.get("url").is_some_and(Json::is_string)
        && fields.iter().all(|(name, field)| known.contains(&name.as_str()) && field.is_string());
    if !is_file {
        return None;
    }
    let text = |name: &str| or_null(fields.get(name).and_then(Json::as_str).map(str::to_owned));
    let file = FileBlock { url: text("url"), sha256: text("sha256"), key: text("key") };
    config.remove("file");
    Some(file)
}

/// Returns JSON as HCL writes it: objects and tuples, with their types.
pub(super) fn to_dynamic(json: &Json) -> (Type, Dynamic) {
    match json {
        Json::Null => (Type::Dynamic, Dynamic::Null),
        Json::Bool(flag) => (Type::Bool, Dynamic::Bool(*flag)),
        Json::Number(number) => (
            Type::Number,
            Number::from_text(&number.to_string()).map_or(Dynamic::Null, Dynamic::Number),
        ),
        Json::String(text) => (Type::String, Dynamic::String(text.clone())),
        Json::Array(elements) => {
            let (types, values) = elements.iter().map(to_dynamic).unzip();
            (Type::Tuple(types), Dynamic::Sequence(values))
        }
        Json::Object(members) => {
            let mut types = BTreeMap::new();
            let mut values = BTreeMap::new();
            for (name, member) in members {
                let (own, value) = to_dynamic(member);
                types.insert(name.clone(), own);
                values.insert(name.clone(), value);
            }
            (Type::Object(types), Dynamic::Map(values))
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_is_told_apart_from_values_that_only_look_like_one() {
        let mut config =
            json!({ "file": { "url": "http://x/y" }, "a": 1 }).as_object().unwrap().clone();
        let file = take_file(&mut config).unwrap();
        assert_eq!(file.url, Value::Value("http://x/y".to_owned()));
        assert_eq!(file.sha256, Value::Null);
        assert_eq!(Json::Object(config), json!({ "a": 1 }));
        for other in
            [json!({ "file": { "url": "x", "more": "y" } }), json!({ "file": { "key": "k" } })]
        {
            let mut config = other.as_object().unwrap().clone();
            assert!(take_file(&mut config).is_none(), "{other}");
            assert_eq!(Json::Object(config), other);
        }
    }

    #[test]
    fn json_becomes_what_hcl_would_write() {
        let (own, _) = to_dynamic(&json!({ "a": [1, "x", null], "b": {} }));
        assert_eq!(
            own.to_json(),
            json!(["object", { "a": ["tuple", ["number", "string", "dynamic"]], "b": ["object", {}] }])
        );
    }
}
