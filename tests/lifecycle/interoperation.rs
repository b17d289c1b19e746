//! One release in the hands of ours, Helm 3 and Helm 4.

use serde_json::Value;
use serde_json::json;

use super::fixture::Fixture;
use super::fixture::Helm;
use super::fixture::RELEASE;
use super::fixture::config_map;
use super::fixture::manifest;
use super::fixture::secret;

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn helm_reads_what_we_write() {
    let fixture = Fixture::new("reads").await;
    let first = manifest(&[config_map("a", "1"), secret("b", "hunter2-hunter2")]);
    fixture.install(&first).await.unwrap();
    let second = manifest(&[config_map("a", "2"), secret("b", "hunter2-hunter2")]);
    fixture.upgrade(&second).await.unwrap();
    for helm in [Helm::Three, Helm::Four] {
        let list = parsed(&fixture.helm(helm, &["list", "-o", "json"]));
        let entry = &list.as_array().unwrap()[0];
        assert_eq!(entry["name"], json!(RELEASE));
        assert_eq!(entry["revision"], json!("2"));
        assert_eq!(entry["status"], json!("deployed"));
        assert_eq!(entry["chart"], json!("small-1.2.3"));
        assert_eq!(entry["app_version"], json!("4.5.6"));
        let status = parsed(&fixture.helm(helm, &["status", RELEASE, "-o", "json"]));
        assert_eq!(status["info"]["status"], json!("deployed"));
        assert_eq!(status["info"]["notes"], json!("Look at it."));
        let history = parsed(&fixture.helm(helm, &["history", RELEASE, "-o", "json"]));
        let found: Vec<&str> = history
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["status"].as_str().unwrap())
            .collect();
        assert_eq!(found, ["superseded", "deployed"]);
        let text = fixture.helm(helm, &["get", "manifest", RELEASE]);
        assert_eq!(text.trim(), second.trim());
        let values = parsed(&fixture.helm(helm, &["get", "values", RELEASE, "-o", "json"]));
        assert_eq!(values, json!({ "given": { "by": "the user" } }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn helm_removes_what_we_made() {
    for helm in [Helm::Three, Helm::Four] {
        let fixture = Fixture::new("removes").await;
        fixture.install(&manifest(&[config_map("a", "1")])).await.unwrap();
        fixture.helm(helm, &["uninstall", RELEASE]);
        assert!(!fixture.exists("v1", "ConfigMap", "a").await);
        assert_eq!(fixture.history().await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn helm_rolls_back_to_ours_and_we_go_on() {
    for helm in [Helm::Three, Helm::Four] {
        let fixture = Fixture::new("rollback").await;
        fixture.install(&manifest(&[config_map("a", "1"), config_map("b", "1")])).await.unwrap();
        fixture.upgrade(&manifest(&[config_map("a", "2")])).await.unwrap();
        fixture.helm(helm, &["rollback", RELEASE, "1"]);
        let a = fixture.find("v1", "ConfigMap", "a").await.unwrap();
        assert_eq!(a.text(&["data", "key"]), Some("1"));
        let outcome = fixture.upgrade(&manifest(&[config_map("a", "4")])).await.unwrap();
        assert_eq!(outcome.release.revision, 4);
        assert_eq!(
            fixture.history().await,
            ["1 superseded", "2 superseded", "3 superseded", "4 deployed"]
        );
        // What Helm brought back is known to be the release's, and goes.
        assert!(!fixture.exists("v1", "ConfigMap", "b").await);
        let a = fixture.find("v1", "ConfigMap", "a").await.unwrap();
        assert_eq!(a.text(&["data", "key"]), Some("4"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn we_go_on_with_and_remove_what_helm_made() {
    let chart = tempfile::tempdir().unwrap();
    std::fs::create_dir(chart.path().join("templates")).unwrap();
    std::fs::write(
        chart.path().join("Chart.yaml"),
        "apiVersion: v2\nname: small\nversion: 1.2.3\n",
    )
    .unwrap();
    std::fs::write(
        chart.path().join("templates/a.yaml"),
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  key: \"1\"\n  old: x\n",
    )
    .unwrap();
    for helm in [Helm::Three, Helm::Four] {
        let fixture = Fixture::new("goes-on").await;
        fixture.helm(helm, &["install", RELEASE, chart.path().to_str().unwrap()]);
        let error = fixture.lifecycle().begin_install().await.unwrap_err().to_string();
        assert!(error.contains("terraform import"), "{error}");
        let stored = fixture.store().latest().await.unwrap().unwrap();
        assert_eq!(stored.release.chart.name(), "small");
        assert_eq!(stored.meta.operation(), None);
        fixture.upgrade(&manifest(&[config_map("a", "2")])).await.unwrap();
        let a = fixture.find("v1", "ConfigMap", "a").await.unwrap();
        assert_eq!(a.get(&["data"]), Some(&json!({ "key": "2" })));
        // Helm's first record is as it was, but for its state.
        let first = fixture.store().get(1).await.unwrap().unwrap();
        assert_eq!(first.release.other, stored.release.other);
        assert_eq!(first.release.chart, stored.release.chart);
        fixture.lifecycle().uninstall().await.unwrap();
        assert!(!fixture.exists("v1", "ConfigMap", "a").await);
    }
}
