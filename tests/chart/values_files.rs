//! Every values file in `ci/`, tried at a real API server: strict field validation, the schemas
//! of all custom resources, and Pod Security; and by its schemas alone, with kubeconform.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use serde_json::json;
use terraform_provider_s3www::helm::yaml;

use super::api_server::ApiServer;
use super::schemas::Schemas;
use crate::support::helm::CHART;
use crate::support::program;
use crate::support::text;

/// Returns the values files, by name.
pub fn values_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(Path::new(CHART).join("ci"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// Renders the chart, hooks included, and returns the objects.
pub fn render(values: &Path, more: &[&str]) -> Vec<Value> {
    let output = Command::new(program("HELM4", "helm"))
        .args(["template", "site", CHART, "--namespace", "web", "--values"])
        .arg(values)
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}: {}", values.display(), text(&output));
    documents(&String::from_utf8_lossy(&output.stdout))
}

fn documents(manifest: &str) -> Vec<Value> {
    format!("\n{manifest}")
        .split("\n---\n")
        .map(|document| yaml::parse(document.as_bytes()).unwrap())
        .map(|document| serde_json::from_str(&document.to_string()).unwrap())
        .filter(Value::is_object)
        .collect()
}

/// Returns the pods that the objects would make.
fn pods(objects: &[Value]) -> Vec<Value> {
    let mut pods = Vec::new();
    for object in objects {
        let template = match object["kind"].as_str().unwrap() {
            "Pod" => object,
            "Deployment" | "StatefulSet" | "Job" => &object["spec"]["template"],
            "CronJob" => &object["spec"]["jobTemplate"]["spec"]["template"],
            _ => continue,
        };
        let mut spec = template["spec"].clone();
        for claim in object["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten() {
            let volume = json!({ "name": claim["metadata"]["name"], "emptyDir": {} });
            spec["volumes"].as_array_mut().unwrap().push(volume);
        }
        let name = format!("try-{}", object["metadata"]["name"].as_str().unwrap());
        let mut metadata = template["metadata"].clone();
        metadata["name"] = json!(name.chars().take(60).collect::<String>());
        metadata["namespace"] = json!("web");
        pods.push(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec }));
    }
    pods
}

/// Returns the custom resource definitions, from their projects' Go modules, that are in the folder of a variable.
pub fn definitions(variable: &str) -> Vec<PathBuf> {
    let folder = std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set. `make test` sets it."));
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_values_file_passes_a_strict_trial_at_the_api_server() {
    let server = ApiServer::start();
    let labels = json!({ "pod-security.kubernetes.io/enforce": "restricted" });
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "web", "labels": labels } });
    server.kubectl(&["create", "-f", "-"], &namespace.to_string());
    let class = json!({ "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": { "name": "high" }, "value": 1000 });
    server.kubectl(&["create", "-f", "-"], &class.to_string());

    let asks = Path::new(CHART).join("ci/monitoring-asks-values.yaml");
    assert_eq!(monitoring_kinds(&server, &asks), Vec::<String>::new(), "nobody knows these kinds");
    for file in definitions("S3WWW_CRDS") {
        server.kubectl(&["create", "-f", file.to_str().unwrap()], "");
    }
    server.kubectl(&["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"], "");
    let known = ["Probe", "PrometheusRule", "ServiceMonitor", "ServiceMonitor"];
    assert_eq!(monitoring_kinds(&server, &asks), known, "the cluster knows these kinds");

    let rendered = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for file in values_files() {
        let objects = render(&file, &["--api-versions", "monitoring.coreos.com/v1"]);
        let name = file.file_name().unwrap().to_str().unwrap();
        for (index, object) in objects.iter().enumerate() {
            let file = rendered.path().join(format!("{name}-{index}.json"));
            std::fs::write(file, object.to_string()).unwrap();
        }
        all.extend_from_slice(&objects);
        // In a trial nothing is made, so nothing is there already.
        let list = |items: &[Value]| json!({ "apiVersion": "v1", "kind": "List", "items": items });
        let create = ["create", "--dry-run=server", "--validate=strict", "-f", "-"];
        let pods = pods(&objects);
        assert!(pods.len() >= 2, "{name}: s3www and the test at least");
        let others: Vec<Value> =
            objects.into_iter().filter(|object| object["kind"] != "Pod").collect();
        let output = server.try_kubectl(&create, &list(&others).to_string());
        assert!(output.status.success(), "{name}: {}", text(&output));
        let output = server.try_kubectl(&create, &list(&pods).to_string());
        let printed = text(&output);
        let is_restricted = name != "bare-values.yaml";
        assert_eq!(output.status.success(), is_restricted, "{name}: {printed}");
        assert!(is_restricted || printed.contains("violates PodSecurity"), "{name}: {printed}");
    }

    // People without a cluster at hand judge what is rendered by the schemas alone.
    let schemas = Schemas::of(&server, &all);
    let output = schemas.check(rendered.path());
    let printed = text(&output);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains(&format!("Valid: {}, Invalid: 0", all.len())), "{printed}");
    let mut wrong = all.into_iter().find(|object| object["kind"] == "Deployment").unwrap();
    wrong["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = json!({});
    let file = rendered.path().join("wrong.json");
    std::fs::write(&file, wrong.to_string()).unwrap();
    let output = schemas.check(&file);
    assert!(
        !output.status.success() && text(&output).contains("livenesProbe"),
        "{}",
        text(&output)
    );
}

/// Returns the kinds of the monitoring objects that Helm would install on that cluster.
fn monitoring_kinds(server: &ApiServer, values: &Path) -> Vec<String> {
    let output = Command::new(program("HELM4", "helm"))
        .args(["install", "site", CHART, "--namespace", "web", "--dry-run=server", "--values"])
        .arg(values)
        .env("KUBECONFIG", server.kubeconfig())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let manifest =
        printed.split("\nMANIFEST:\n").nth(1).unwrap().split("\nNOTES:\n").next().unwrap();
    let objects = documents(manifest);
    let monitoring =
        objects.iter().filter(|object| object["apiVersion"] == "monitoring.coreos.com/v1");
    let mut kinds: Vec<String> =
        monitoring.map(|object| object["kind"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    kinds
}
