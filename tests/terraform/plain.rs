//! A chart of plain objects, and what a plan says about them leaf by leaf.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;

use super::workspace;
use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::support::workspace::Workspace;

/// One object of many kinds, none with a pod. Everything that `smaller` lacks is what a chart
/// may drop in an upgrade.
const OBJECTS: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: conf
  labels: { part: config{{ if not .Values.smaller }}, extra: label{{ end }} }
  annotations: { note: first }
data:
  a: {{ .Values.a | quote }}
  {{- if not .Values.smaller }}
  b: two
  {{- end }}
  page: |
    <html>
    </html>
---
apiVersion: v1
kind: ConfigMap
metadata: { name: goes, labels: { part: other } }
data: { a: "1" }
---
apiVersion: v1
kind: Secret
metadata: { name: cred }
stringData:
  password: canary-password
  {{- if not .Values.smaller }}
  user: canary-user
  {{- end }}
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: account }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { part: web } }
spec:
  replicas: 0
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: main
          image: docker.io/curlimages/curl:8.16.0
          env:
            - { name: A, value: "1" }
            {{- if not .Values.smaller }}
            - { name: B, value: "2" }
            {{- end }}
          resources: { requests: { cpu: 1000m } }
        {{- if not .Values.smaller }}
        - { name: side, image: docker.io/curlimages/curl:8.16.0 }
        {{- end }}
---
apiVersion: v1
kind: Service
metadata: { name: svc }
spec:
  selector: { app: web }
  ports:
    - { name: http, port: {{ .Values.port }} }
    - { name: more, port: 9000 }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: policy }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ ports: [{ port: 80 }] }]
"#;

/// Writes the chart into a folder of the working directory.
pub fn write_chart(site: &Workspace) {
    write(site, "values.yaml", "a: one\nport: 80\nsmaller: false\n");
    write(site, "templates/objects.yaml", OBJECTS);
    write(site, "Chart.yaml", "apiVersion: v2\nname: plain\nversion: 1.0.0\n");
}

/// Writes a file of the chart.
pub fn write(site: &Workspace, name: &str, content: &str) {
    site.write(&format!("chart/{name}"), content);
}

/// Returns a stack of the chart in `./chart`, with more attributes.
pub fn stack(namespace: &Namespace, more: &str) -> String {
    format!(
        "resource \"s3www_stack\" \"site\" {{\n  name = \"site\"\n  namespace = \"{}\"\n  chart = \"./chart\"\n  {more}\n}}\n",
        namespace.name
    )
}

/// Makes a working directory with the chart and a stack of it, not applied yet.
pub fn site(client: Client, namespace: &Namespace, more: &str) -> Workspace {
    let site = workspace(client, &stack(namespace, more));
    write_chart(&site);
    site.init();
    site
}

/// Returns the leaves of `objects` that a plan changes, as `ConfigMap/conf data.a: 9 -> one`; a whole
/// object that is gone or new as `ConfigMap/goes: (none) -> object`.
pub fn changes(plan: &Value) -> BTreeSet<String> {
    let resources = plan["resource_changes"].as_array().unwrap();
    let change = resources.iter().find(|one| one["address"] == "s3www_stack.site");
    let change = &change.unwrap()["change"];
    let of = |side: &str| -> BTreeMap<String, Value> {
        let objects = change[side]["objects"].as_object().cloned().unwrap_or_default();
        objects.into_iter().map(|(key, fields)| (short(&key), fields)).collect()
    };
    let (before, after) = (of("before"), of("after"));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut lines = BTreeSet::new();
    for key in keys {
        let (Some(before), Some(after)) = (before.get(key), after.get(key)) else {
            let words = |side: Option<&Value>| if side.is_some() { "object" } else { "(none)" };
            lines.insert(format!("{key}: {} -> {}", words(before.get(key)), words(after.get(key))));
            continue;
        };
        let fields = |side: &Value| side.as_object().cloned().unwrap_or_default();
        let (before, after) = (fields(before), fields(after));
        let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for path in paths {
            let text = |side: &serde_json::Map<String, Value>| {
                let text = side.get(path).and_then(Value::as_str);
                match text {
                    Some(hash) if hash.starts_with("(hash) ") => "(hash)".to_owned(),
                    Some(text) => text.to_owned(),
                    None => "(none)".to_owned(),
                }
            };
            if before.get(path) != after.get(path) {
                lines.insert(format!("{key} {path}: {} -> {}", text(&before), text(&after)));
            }
        }
    }
    lines
}

/// Returns a key without API version and namespace.
fn short(key: &str) -> String {
    let parts: Vec<&str> = key.split('/').collect();
    format!("{}/{}", parts[parts.len() - 3], parts[parts.len() - 1])
}

/// Returns who owns fields of an object, as `helm/Apply`; without Kubernetes' own managers.
pub fn managers(namespace: &Namespace, object: &str) -> Vec<String> {
    let json = namespace.kubectl(&["get", object, "-o", "json", "--show-managed-fields"]);
    let object: Value = serde_json::from_str(&json).unwrap();
    let entries = object["metadata"]["managedFields"].as_array().unwrap();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    entries
        .iter()
        .map(|entry| format!("{}/{}", text(entry, "manager"), text(entry, "operation")))
        .filter(|manager| !manager.starts_with("kube-"))
        .collect()
}
