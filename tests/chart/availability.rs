//! A site that is read all the time while things happen to it.

use std::time::Duration;

use serde_json::Value;

use super::load::Load;
use super::release::Release;
use crate::support::cluster::FetchableFile;
use crate::support::cluster::Namespace;
use crate::support::helm::CHART;
use crate::support::text;

/// The chart's previous version, as it was packed.
const PREVIOUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/chart/s3www-0.1.0.tgz");

const WEB: &str = "app.kubernetes.io/component=web";

/// Waits until every pod of s3www that should be there is ready and no other one is left.
fn wait_for_pods(namespace: &Namespace) {
    let pods = ["get", "pods", "--selector", WEB, "-o", "json"];
    namespace.wait_until("two s3www pods are ready, and only they", &pods, |printed| {
        let Ok(list) = serde_json::from_str::<Value>(printed) else { return false };
        let pods = list["items"].as_array().unwrap();
        pods.len() == 2
            && pods.iter().all(|pod| {
                let conditions = pod["status"]["conditions"].as_array();
                conditions.is_some_and(|conditions| {
                    conditions.iter().any(|one| one["type"] == "Ready" && one["status"] == "True")
                })
            })
    });
}

#[test]
fn no_request_fails_whatever_happens_to_the_pods() {
    let namespace = Namespace::new("available");
    let content = b"what is served all the time".to_vec();
    let file = FetchableFile::new(&content);
    // The budget of the pull is that of the machine, which other tests keep busy.
    let values = |more: &str| {
        format!(
            "file: {{ url: {:?}, key: file.bin }}\nservice: {{ type: NodePort }}\n\
             minio: {{ service: {{ type: NodePort }}, persistence: {{ size: 64Mi }} }}\n{more}\n",
            file.url
        )
    };
    let site = Release::deploy(&namespace, "site", PREVIOUS, &values(""));
    site.administrator().put("site/other.txt", "put there by hand");
    let storage = "jsonpath={.metadata.uid} {.status.containerStatuses[0].restartCount}";
    let minio = || namespace.kubectl(&["get", "pod", "site-minio-0", "-o", storage]);
    let before = minio();

    let url = namespace.node_url("http", "site-s3www");
    let load = Load::start(format!("{url}/file.bin"), content.clone(), Duration::from_secs(10));
    load.settle(20);
    let mut report = Vec::new();
    let mut during = |what: &str, disturbance: &dyn Fn()| {
        load.take();
        disturbance();
        wait_for_pods(&namespace);
        load.settle(20);
        let counts = load.take();
        println!("{what}: {counts:?}");
        report.push((what.to_owned(), counts));
    };

    during("an upgrade from the previous version of the chart", &|| {
        Release::deploy(&namespace, "site", CHART, &values(""));
    });
    assert_eq!(minio(), before, "the upgrade restarted MinIO");
    assert_eq!(namespace.served("site-s3www", "other.txt"), b"put there by hand");
    during("a rollback to the previous version of the chart", &|| site.roll_back("1"));
    assert_eq!(namespace.served("site-s3www", "other.txt"), b"put there by hand");

    // A new access key, not only a new secret: the old user works until all pods have the new one.
    let old = site.reader();
    let old_key = site.secret("site-s3www-credentials", "accessKey");
    namespace.kubectl(&[
        "create",
        "secret",
        "generic",
        "reader-2",
        "--from-literal=accessKey=reader-two",
        "--from-literal=secretKey=not-so-secret-2",
    ]);
    during("an upgrade that gives s3www another access key", &|| {
        Release::deploy(&namespace, "site", CHART, &values("auth: { existingSecret: reader-2 }"));
    });
    old.mc(&["cat", "at/site/other.txt"]);
    during("an upgrade that retires the old access key", &|| {
        let auth = format!("existingSecret: reader-2, retiredAccessKeys: [{old_key}]");
        Release::deploy(&namespace, "site", CHART, &values(&format!("auth: {{ {auth} }}")));
    });
    let refusal = text(&old.try_mc(&["cat", "at/site/other.txt"]));
    assert!(refusal.contains("Access Key Id you provided does not exist"), "{refusal}");

    during("the deletion of a pod", &|| {
        namespace.kubectl(&["delete", &site.names("pod", "web")[0], "--wait=false"]);
    });
    during("the eviction of every pod, as by the drain of nodes", &|| {
        let pods = site.names("pod", "web");
        evict(&namespace, &pods[0]).unwrap();
        // The disruption controller counts the evicted pod as away: the budget lets no second one go.
        let refusal = evict(&namespace, &pods[1]).unwrap_err();
        assert!(refusal.contains("disruption budget"), "{refusal}");
        wait_for_pods(&namespace);
        evict(&namespace, &pods[1]).unwrap();
    });
    drop(load);

    for (what, counts) in &report {
        assert!(counts.sent >= 20, "{what}: {counts:?}");
        assert_eq!(counts.failed, 0, "{what}: {counts:?}");
    }
    assert_eq!(minio(), before, "MinIO was not to be disturbed");
}

/// Asks the API server to evict a pod; its refusal is an error.
fn evict(namespace: &Namespace, pod: &str) -> Result<(), String> {
    let pod = pod.trim_start_matches("pod/");
    let file = tempfile::NamedTempFile::new().unwrap();
    let eviction = serde_json::json!({
        "apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": { "name": pod, "namespace": namespace.name },
    });
    std::fs::write(file.path(), eviction.to_string()).unwrap();
    let url = format!("/api/v1/namespaces/{}/pods/{pod}/eviction", namespace.name);
    let file = file.path().to_str().unwrap();
    let output = namespace.try_kubectl(&["create", "--raw", &url, "-f", file]);
    if output.status.success() { Ok(()) } else { Err(text(&output)) }
}
