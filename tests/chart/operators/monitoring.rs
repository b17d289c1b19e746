//! Prometheus, its operator and their exporters, in the namespace `monitoring`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::support::cluster::Namespace;
use crate::support::text;

const MANIFEST: &str = include_str!("monitoring.yaml");

/// Is the Prometheus that the operator made.
pub struct Prometheus {
    namespace: Namespace,
}

impl Prometheus {
    /// Returns the one of this run; the first caller starts it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Prometheus> = OnceLock::new();
        SHARED.get_or_init(|| {
            let namespace = super::start("monitoring", MANIFEST);
            for deployment in ["operator", "prometheus-blackbox-exporter", "kube-state-metrics"] {
                let name = format!("deployment/{deployment}");
                namespace.kubectl(&["rollout", "status", &name, "--timeout=120s"]);
            }
            let ready = ["get", "prometheus", "all", "-o", "jsonpath={.status.availableReplicas}"];
            namespace.wait_until("the operator's Prometheus is available", &ready, |n| n == "1");
            Self { namespace }
        })
    }

    /// Asks its API, and returns `data` of the answer.
    #[track_caller]
    pub fn ask(&self, path: &str) -> Value {
        let url = format!(
            "/api/v1/namespaces/monitoring/services/prometheus-operated:web/proxy/api/v1/{path}"
        );
        let output = self.namespace.try_kubectl(&["get", "--raw", &url]);
        assert!(output.status.success(), "{path}: {}", text(&output));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["status"], "success", "{path}: {answer}");
        answer["data"].clone()
    }

    /// Returns the series that an expression gives now.
    #[track_caller]
    pub fn query(&self, expression: &str) -> Vec<Value> {
        let answer = self.ask(&format!("query?query={}", percent_encoded(expression)));
        answer["result"].as_array().unwrap().clone()
    }

    /// Returns the names of the metrics that an expression reads, from Prometheus' own parser.
    pub fn metrics_of(&self, expression: &str) -> BTreeSet<String> {
        let tree = self.ask(&format!("parse_query?query={}", percent_encoded(expression)));
        let mut names = BTreeSet::new();
        collect_selectors(&tree, &mut names);
        assert!(!names.is_empty(), "{expression}: {tree}");
        names
    }

    /// Returns the scrape targets of a namespace: job, URL, and health with the last error.
    pub fn targets(&self, namespace: &str) -> Vec<[String; 3]> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let targets = self.ask("targets?state=active");
        let mut targets: Vec<[String; 3]> = targets["activeTargets"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|target| target["labels"]["namespace"] == namespace)
            .map(|target| {
                let url = text(&target["scrapeUrl"]);
                let health = format!("{} {}", text(&target["health"]), text(&target["lastError"]));
                [text(&target["labels"]["job"]), url, health.trim_end().to_owned()]
            })
            .collect();
        targets.sort();
        targets
    }

    /// Returns the alerts of a namespace's rules: name, and state.
    pub fn alerts(&self, namespace: &str) -> Vec<(String, String)> {
        let rules = self.ask("rules?type=alert");
        let groups = rules["groups"].as_array().unwrap();
        let own = groups.iter().filter(|group| {
            group["file"].as_str().is_some_and(|file| file.contains(&format!("/{namespace}-")))
        });
        own.flat_map(|group| group["rules"].as_array().unwrap())
            .map(|rule| {
                let error = rule["lastError"].as_str().unwrap_or_default();
                assert_eq!(error, "", "{rule}");
                let text = |key: &str| rule[key].as_str().unwrap().to_owned();
                (text("name"), text("state"))
            })
            .collect()
    }

    /// Waits until what `look` returns is as it should be; for five minutes at most.
    #[track_caller]
    pub fn wait<T: std::fmt::Debug>(
        &self,
        what: &str,
        mut look: impl FnMut(&Self) -> T,
        is_right: impl Fn(&T) -> bool,
    ) -> T {
        // On a busy machine the kubelet alone takes two minutes to bring a changed Secret to a pod.
        let deadline = Instant::now() + Duration::from_mins(5);
        loop {
            let seen = look(self);
            if is_right(&seen) {
                return seen;
            }
            assert!(Instant::now() < deadline, "this did not come true: {what}. Last:\n{seen:#?}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02X}").unwrap();
        encoded
    })
}

fn collect_selectors(node: &Value, names: &mut BTreeSet<String>) {
    if let ("vectorSelector" | "matrixSelector", Some(name)) =
        (node["type"].as_str().unwrap_or_default(), node["name"].as_str())
    {
        names.insert(name.to_owned());
    }
    match node {
        Value::Object(fields) => fields.values().for_each(|below| collect_selectors(below, names)),
        Value::Array(items) => items.iter().for_each(|below| collect_selectors(below, names)),
        _ => {}
    }
}
