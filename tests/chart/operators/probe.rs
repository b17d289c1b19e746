//! Containers to make connections from, by themselves or beside those of a pod that runs.

use serde_json::Value;
use serde_json::json;

use crate::support::cluster::Namespace;

const CURL: &str = "docker.io/curlimages/curl:8.16.0";

/// Starts a pod with those labels that listens on two ports.
pub fn stand_in(namespace: &Namespace, name: &str, labels: &Value) {
    let mut labels = labels.clone();
    labels["stand-in"] = json!(name);
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "labels": labels },
        "spec": {
            "automountServiceAccountToken": false,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsNonRoot": true,
                "seccompProfile": { "type": "RuntimeDefault" },
                "sysctls": [{ "name": "net.ipv4.ip_unprivileged_port_start", "value": "80" }],
            },
            "containers": [{
                "name": "probe", "image": CURL,
                "command": ["sh", "-c", "httpd -p 80 && exec httpd -f -p 8080"],
                "readinessProbe": { "tcpSocket": { "port": 8080 }, "periodSeconds": 1 },
                "securityContext": {
                    "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] },
                },
            }],
        },
    });
    namespace.apply(&pod.to_string());
}

/// Adds a container to a pod that runs: s3www's image has nothing to make a connection with.
pub fn join(namespace: &Namespace, pod: &str) {
    let image = format!("--image={CURL}");
    let head = ["debug", pod, &image, "--container=probe", "--profile=restricted"];
    let tail = ["--image-pull-policy=IfNotPresent", "--", "sleep", "3600"];
    namespace.kubectl(&[&head[..], &tail].concat());
    let started = "jsonpath={.status.ephemeralContainerStatuses[0].state.running.startedAt}";
    let started = ["get", "pod", pod, "-o", started];
    namespace.wait_until("the container beside the others runs", &started, |at| !at.is_empty());
}
