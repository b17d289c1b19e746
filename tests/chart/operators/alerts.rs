//! The alerts under Prometheus' own tool: syntax, style, and unit tests of every one.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use serde_json::json;
use terraform_provider_s3www::helm::yaml;

use crate::chart::values_files::render;
use crate::support::helm::CHART;
use crate::support::program;
use crate::support::text;

const UNIT_TESTS: &str = include_str!("alerts.yaml");

/// Returns the groups of rules of a release that has every alert.
pub fn groups() -> Value {
    let file = |name: &str| Path::new(CHART).join(format!("ci/{name}-values.yaml"));
    let distributed = file("distributed");
    let objects = render(&file("monitoring"), &["--values", distributed.to_str().unwrap()]);
    let rules = objects.iter().find(|object| object["kind"] == "PrometheusRule").unwrap();
    rules["spec"]["groups"].clone()
}

/// Returns the names of the alerts of this chart, not those that the values file adds.
fn own_alerts(groups: &Value) -> BTreeSet<String> {
    let rules = groups[0]["rules"].as_array().unwrap();
    let names = rules.iter().map(|rule| rule["alert"].as_str().unwrap().to_owned());
    names.filter(|name| name.starts_with("S3www")).collect()
}

#[test]
#[ignore = "needs Prometheus' own tool, which `make test-operators` builds"]
fn every_alert_passes_its_unit_test() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let groups = groups();
    std::fs::write(path("rules.json"), json!({ "groups": groups }).to_string()).unwrap();
    std::fs::write(path("alerts.yaml"), UNIT_TESTS).unwrap();
    for arguments in [
        &["check", "rules", "--lint=all", "--lint-fatal", "rules.json"][..],
        &["test", "rules", "alerts.yaml"],
    ] {
        let mut promtool = Command::new(program("PROMTOOL", "promtool"));
        let output = promtool.current_dir(folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "promtool {arguments:?}: {}", text(&output));
    }
    let tests: Value =
        serde_json::from_str(&yaml::parse(UNIT_TESTS.as_bytes()).unwrap().to_string()).unwrap();
    let mut firing = BTreeSet::new();
    let mut silent = BTreeSet::new();
    for case in tests["tests"].as_array().unwrap() {
        for look in case["alert_rule_test"].as_array().unwrap() {
            let is_silent = look["exp_alerts"].as_array().unwrap().is_empty();
            let seen = if is_silent { &mut silent } else { &mut firing };
            seen.insert(look["alertname"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(firing, own_alerts(&groups), "one test at least in which each alert fires");
    assert_eq!(silent, firing, "one look at least at which each alert is silent");
}
