//! The autoscaler of s3www under load, measured by the real metrics-server.

use std::time::Duration;

use serde_json::json;

use crate::chart::load::Load;
use crate::chart::release::Release;
use crate::support::cluster::FetchableFile;
use crate::support::cluster::Namespace;
use crate::support::helm::CHART;
use crate::support::noise;

const MANIFEST: &str = include_str!("metrics-server.yaml");

/// How many pods the autoscaler may make.
const MOST: &str = "3";

#[test]
#[ignore = "needs metrics-server, which `make test-operators` builds"]
fn load_makes_more_pods_and_an_upgrade_leaves_them() {
    let metrics = super::start("metrics", MANIFEST);
    metrics.kubectl(&["rollout", "status", "deployment/metrics-server", "--timeout=120s"]);
    let available = ["wait", "--for=condition=Available", "apiservice/v1beta1.metrics.k8s.io"];
    metrics.kubectl(&[&available[..], &["--timeout=120s"]].concat());

    let namespace = Namespace::new("scaled");
    let content = noise(256 << 10);
    let file = FetchableFile::new(&content);
    let values = |version: &str| {
        json!({
            "file": { "url": file.url, "key": "file.bin" },
            "service": { "type": "NodePort" },
            "autoscaling": { "enabled": true, "minReplicas": 2, "maxReplicas": 3 },
            // So little that a steady stream of requests is more than enough.
            "resources": { "requests": { "cpu": "10m" } },
            "podAnnotations": { "version": version },
            "minio": { "persistence": { "size": "64Mi" } },
        })
        .to_string()
    };
    let site = Release::deploy(&namespace, "site", CHART, &values("1"));
    let scaler = |path: &str| {
        let path = format!("jsonpath={{{path}}}");
        ["get", "hpa", "site-s3www", "-o", &path].map(str::to_owned)
    };
    let wait = |what: &str, path: &str, expected: &dyn Fn(&str) -> bool| {
        let arguments = scaler(path);
        namespace.wait_until(what, &arguments.each_ref().map(String::as_str), expected)
    };
    wait(
        "the autoscaler has figures and is content with two idle pods",
        r#".status.conditions[?(@.type=="ScalingActive")].status} {.status.desiredReplicas} {.status.currentMetrics[0].resource.current.averageUtilization"#,
        &|seen| seen.starts_with("True 2 ") && seen.len() > "True 2 ".len(),
    );

    let url = format!("{}/file.bin", namespace.node_url("http", "site-s3www"));
    let load = Load::start(url, content.clone(), Duration::from_secs(10));
    let ready = ["get", "deployment", "site-s3www", "-o", "jsonpath={.status.readyReplicas}"];
    namespace.wait_until("load makes as many pods as may be", &ready, |seen| seen == MOST);
    load.settle(40);
    let counts = load.take();
    println!("while pods were added: {counts:?}");
    assert_eq!(counts.failed, 0, "{counts:?}");

    let rescales = || {
        let events = ["get", "events", "--field-selector=reason=SuccessfulRescale", "-o"];
        let counts = "jsonpath={range .items[*]}{.metadata.name} {.count}{.series.count};{end}";
        namespace.kubectl(&[&events[..], &[counts]].concat())
    };
    let before = rescales();
    assert!(!before.is_empty(), "nobody noted that the number changed");
    Release::deploy(&namespace, "site", CHART, &values("2"));
    load.settle(40);
    let counts = load.take();
    println!("during the upgrade: {counts:?}");
    assert_eq!(counts.failed, 0, "{counts:?}");
    let spec = &site.object("deployment", "site-s3www")["spec"];
    assert_eq!(spec["template"]["metadata"]["annotations"]["version"], "2");
    assert_eq!(spec["replicas"], 3, "the upgrade set the number of replicas");
    // Had the upgrade set it, the autoscaler would have had to correct it.
    assert_eq!(rescales(), before);
}
