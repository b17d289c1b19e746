//! A release under the real Prometheus Operator: found, measured, and missed when it is away.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use super::alerts;
use super::monitoring::Prometheus;
use crate::chart::certificate;
use crate::chart::release::Release;
use crate::support::cluster::FetchableFile;
use crate::support::cluster::Namespace;
use crate::support::helm::CHART;

/// What the file that s3www serves in place of metrics of its own says.
const METRICS: &str = "# TYPE site_visits_total counter\nsite_visits_total 7\n";

/// Returns values that make every monitoring object, at a pace for tests.
fn values(file: &FetchableFile, metrics: &FetchableFile, sha256: &str) -> String {
    let alerts: serde_json::Map<String, Value> = [
        "S3wwwNotAvailable",
        "S3wwwReplicasMissing",
        "S3wwwLoaderFailed",
        "S3wwwProbeFailed",
        "S3wwwStorageDown",
    ]
    .into_iter()
    .map(|alert| (alert.to_owned(), json!({ "for": "0s" })))
    .collect();
    json!({
        "file": { "url": file.url, "key": "file.bin", "sha256": sha256 },
        "files": [{ "url": metrics.url, "key": "metrics.txt" }],
        "probes": { "readiness": { "periodSeconds": 2, "failureThreshold": 1 } },
        "metrics": {
            "serviceMonitor": { "enabled": true, "path": "/metrics.txt", "interval": "3s", "scrapeTimeout": "3s" },
            "probe": { "enabled": true, "interval": "3s" },
            "prometheusRule": { "enabled": true, "runbookUrl": "https://runbooks.example.com/s3www", "alerts": alerts },
            "dashboard": { "enabled": true },
        },
        "minio": {
            "persistence": { "size": "64Mi" },
            "metrics": { "serviceMonitor": { "interval": "3s", "scrapeTimeout": "3s" } },
        },
    })
    .to_string()
}

fn are_up(targets: &[[String; 3]], number: usize) -> bool {
    targets.len() == number && targets.iter().all(|[_, _, health]| health == "up")
}

/// Returns the queries of the dashboard, with a namespace in place of the variable.
fn dashboard_queries(site: &Release<'_>) -> Vec<String> {
    let map = site.object("configmap", "site-s3www-dashboard");
    let dashboard = map["data"]["site-s3www.json"].as_str().unwrap();
    let dashboard: Value = serde_json::from_str(dashboard).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let queries = targets.map(|target| target["expr"].as_str().unwrap().to_owned());
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    // What fills the list of namespaces is `label_values(SELECTOR, LABEL)`, which only Grafana knows.
    let variables = variables.filter_map(|variable| {
        let inner = variable["query"].as_str()?.strip_prefix("label_values(")?;
        Some(inner.rsplit_once(',')?.0.to_owned())
    });
    let all: Vec<String> = queries
        .chain(variables)
        .map(|query| query.replace("$namespace", &site.namespace.name))
        .collect();
    assert!(all.len() > panels.len(), "{all:?}");
    all
}

#[test]
#[ignore = "needs the Prometheus Operator, which `make test-operators` builds"]
fn a_release_is_found_and_measured_and_its_alerts_fire() {
    let prometheus = Prometheus::shared();
    let namespace = Namespace::new("watched");
    let (file, metrics) = (FetchableFile::new(b"watched"), FetchableFile::new(METRICS.as_bytes()));
    let site = Release::deploy(&namespace, "site", CHART, &values(&file, &metrics, ""));

    // MinIO by two paths, the probe, two pods of s3www.
    let own = |prometheus: &Prometheus| prometheus.targets(&namespace.name);
    let targets = prometheus.wait("five targets are up", own, |seen| are_up(seen, 5));
    let jobs: Vec<&str> = targets.iter().map(|[job, ..]| job.as_str()).collect();
    assert_eq!(jobs, ["site-minio", "site-minio", "site-s3www", "site-s3www", "site-s3www"]);
    let visits = format!("sum(site_visits_total{{namespace={:?}}})", namespace.name);
    prometheus.wait(
        "s3www's own metrics come",
        |prometheus| prometheus.query(&visits),
        |seen| seen.first().is_some_and(|sum| sum["value"][1] == "14"),
    );

    // Every panel shows something, errors too: these are some.
    for _ in 0..3 {
        let url =
            format!("/api/v1/namespaces/{}/services/site-s3www:http/proxy/missing", namespace.name);
        assert!(!namespace.try_kubectl(&["get", "--raw", &url]).status.success());
    }
    for query in dashboard_queries(&site) {
        prometheus.wait(&query, |prometheus| prometheus.query(&query), |seen| !seen.is_empty());
    }
    // So do the alerts of every mode; a rule over a metric that does not exist never fires.
    for rule in alerts::groups()[0]["rules"].as_array().unwrap() {
        for metric in prometheus.metrics_of(rule["expr"].as_str().unwrap()) {
            let series = prometheus.query(&metric);
            assert!(!series.is_empty(), "{} reads {metric}, which nothing exposes", rule["alert"]);
        }
    }

    // How full the disk of this machine is, nobody knows.
    let firing = |prometheus: &Prometheus| -> BTreeSet<String> {
        let alerts = prometheus.alerts(&namespace.name);
        assert!(alerts.is_empty() || alerts.len() == 6, "{alerts:?}");
        let firing = alerts.into_iter().filter(|(_, state)| state == "firing");
        firing.map(|(name, _)| name).filter(|name| name != "S3wwwStorageFull").collect()
    };
    let names = |names: &[&str]| -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    };
    let silence = BTreeSet::new();
    prometheus.wait("the rules are loaded", |p| p.alerts(&namespace.name).len(), |seen| *seen == 6);
    prometheus.wait("no alert fires", firing, |seen| *seen == silence);

    namespace.kubectl(&["scale", "statefulset", "site-minio", "--replicas=0"]);
    let lost: BTreeSet<String> = names(&[
        "S3wwwNotAvailable",
        "S3wwwProbeFailed",
        "S3wwwReplicasMissing",
        "S3wwwStorageDown",
    ]);
    prometheus.wait("the alerts of a lost MinIO fire", firing, |seen| *seen == lost);
    let all = prometheus.ask("alerts");
    let own = all["alerts"].as_array().unwrap().iter();
    let down = own
        .filter(|alert| alert["labels"]["namespace"] == namespace.name.as_str())
        .find(|alert| alert["labels"]["alertname"] == "S3wwwStorageDown")
        .unwrap();
    assert_eq!(down["labels"]["severity"], "critical");
    let runbook = "https://runbooks.example.com/s3www#s3wwwstoragedown";
    assert_eq!(down["annotations"]["runbook_url"], runbook);
    namespace.kubectl(&["scale", "statefulset", "site-minio", "--replicas=1"]);
    prometheus.wait("no alert fires any more", firing, |seen| *seen == silence);

    // A download that has another hash than it should have.
    site.submit(&values(&file, &metrics, &"0".repeat(64)));
    let failed = names(&["S3wwwLoaderFailed"]);
    prometheus.wait("the alert of a failed loader fires", firing, |seen| *seen == failed);
    Release::deploy(&namespace, "site", CHART, &values(&file, &metrics, ""));
    prometheus.wait("the loader's alert ends", firing, |seen| *seen == silence);
}

#[test]
#[ignore = "needs the Prometheus Operator, which `make test-operators` builds"]
fn minio_is_measured_through_tls_with_a_token() {
    let prometheus = Prometheus::shared();
    let namespace = Namespace::new("guarded");
    let authority = certificate::make_for_storage(&namespace);
    let values = |metrics: &Value| {
        json!({
            "metrics": { "prometheusRule": { "enabled": true } },
            "minio": {
                "service": { "type": "NodePort" },
                "persistence": { "size": "64Mi" },
                "tls": { "enabled": true, "existingSecret": "minio-tls" },
                "metrics": metrics,
            },
        })
        .to_string()
    };
    let monitor = json!({ "interval": "3s", "scrapeTimeout": "3s" });
    // A token that MinIO did not give.
    let guarded = values(&json!({
        "authentication": "bearer",
        "bearerTokenSecret": { "name": "minio-metrics" },
        "serviceMonitor": monitor,
    }));
    let put_token = |token: &str| {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "minio-metrics" },
            "stringData": { "token": token },
        });
        namespace.apply(&secret.to_string());
    };
    put_token("nonsense");
    let site = Release::deploy(&namespace, "site", CHART, &guarded);
    let own = |prometheus: &Prometheus| prometheus.targets(&namespace.name);
    prometheus.wait("a wrong token is refused", own, |seen| {
        seen.len() == 2 && seen.iter().all(|[_, _, health]| health.contains("403"))
    });

    let administrator = site.administrator_tls(&authority);
    let printed = administrator.mc(&["admin", "prometheus", "generate", "at", "--json"]);
    let printed: Value = serde_json::from_str(&printed).unwrap();
    put_token(printed["bearerToken"].as_str().unwrap());
    let targets = prometheus.wait("MinIO's targets are up", own, |seen| are_up(seen, 2));
    assert!(targets.iter().all(|[_, url, _]| url.starts_with("https://")), "{targets:?}");
}
