//! Install, upgrade and uninstall, when all goes well.

use std::time::Duration;

use serde_json::json;
use terraform_provider_s3www::helm::release::Status;

use super::fixture::Fixture;
use super::fixture::SHELL_IMAGE;
use super::fixture::SLEEP;
use super::fixture::config_map;
use super::fixture::deployment;
use super::fixture::draft;
use super::fixture::manifest;
use super::fixture::pod_spec;
use super::fixture::secret;

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_installed_upgraded_and_removed() {
    let fixture = Fixture::new("whole").await;
    let first = manifest(&[
        config_map("stays", "one"),
        config_map("goes", "x"),
        secret("credentials", "hunter2-hunter2"),
        deployment("web", 1, &pod_spec(SHELL_IMAGE, SLEEP)),
    ]);
    let outcome = fixture.install(&first).await.unwrap();
    assert_eq!(outcome.release.info.status, Status::Deployed);
    assert_eq!(outcome.release.revision, 1);
    assert_eq!(fixture.history().await, ["1 deployed"]);
    let web = fixture.find("apps/v1", "Deployment", "web").await.unwrap();
    assert_eq!(web.get(&["status", "availableReplicas"]), Some(&json!(1)));
    assert_eq!(web.annotation("meta.helm.sh/release-name"), Some("site"));
    let lines = fixture.news.lines().join("\n");
    assert!(lines.contains("Deployment `") && lines.contains("0 of 1 pods"), "{lines}");

    let second = manifest(&[
        config_map("stays", "two"),
        deployment("web", 2, &pod_spec(SHELL_IMAGE, SLEEP)),
    ]);
    let outcome = fixture.upgrade(&second).await.unwrap();
    assert_eq!(outcome.release.revision, 2);
    assert_eq!(fixture.history().await, ["1 superseded", "2 deployed"]);
    assert!(!fixture.exists("v1", "ConfigMap", "goes").await);
    assert!(!fixture.exists("v1", "Secret", "credentials").await);
    let web = fixture.find("apps/v1", "Deployment", "web").await.unwrap();
    assert_eq!(web.get(&["status", "availableReplicas"]), Some(&json!(2)));
    let stored = fixture.store().get(2).await.unwrap().unwrap();
    assert_eq!(stored.release, outcome.release);
    assert_eq!(stored.meta.heartbeat(), None);
    assert_eq!(
        stored.release.info.first_deployed,
        fixture.store().get(1).await.unwrap().unwrap().release.info.first_deployed
    );

    let uninstalled = fixture.lifecycle().uninstall().await.unwrap();
    assert_eq!(uninstalled.revision, Some(2));
    assert_eq!(uninstalled.warnings(), Vec::<String>::new());
    assert_eq!(fixture.history().await, Vec::<String>::new());
    assert!(!fixture.exists("apps/v1", "Deployment", "web").await);
    assert!(!fixture.exists("v1", "ConfigMap", "stays").await);
    assert!(fixture.list("v1", "Pod").await.is_empty(), "pods are left");
    // Once more: there is nothing to do, and that is no error.
    let again = fixture.lifecycle().uninstall().await.unwrap();
    assert_eq!(again.revision, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_revisions_are_removed_but_the_one_that_serves() {
    let mut fixture = Fixture::new("history").await;
    fixture.settings.max_history = 2;
    fixture.install(&manifest(&[config_map("a", "1")])).await.unwrap();
    for value in ["2", "3", "4"] {
        fixture.upgrade(&manifest(&[config_map("a", value)])).await.unwrap();
    }
    assert_eq!(fixture.history().await, ["3 superseded", "4 deployed"]);
    for _ in 0..3 {
        // An object that the API server refuses.
        let broken = json!({ "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": "a" }, "data": { "key": 1 } });
        let error = fixture.upgrade(&manifest(&[broken])).await.unwrap_err();
        assert!(error.to_string().contains("revision 4 still serves"), "{error}");
    }
    assert_eq!(fixture.history().await, ["4 deployed", "7 failed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_or_not_ours_survives_an_uninstall() {
    let fixture = Fixture::new("kept").await;
    let mut kept = config_map("kept", "x");
    kept["metadata"]["annotations"] = json!({ "helm.sh/resource-policy": "keep" });
    fixture.install(&manifest(&[kept, config_map("replaced", "x")])).await.unwrap();
    fixture.delete("v1", "ConfigMap", "replaced").await;
    fixture.create(&config_map("replaced", "by somebody else")).await;
    let uninstalled = fixture.lifecycle().uninstall().await.unwrap();
    let warnings = uninstalled.warnings().join("\n");
    assert!(warnings.contains("kept` was kept"), "{warnings}");
    assert!(warnings.contains("replaced` was left alone"), "{warnings}");
    assert!(fixture.exists("v1", "ConfigMap", "kept").await);
    assert!(fixture.exists("v1", "ConfigMap", "replaced").await);
    // What was kept still bears the release's marks, so the next install takes it back.
    fixture.install(&manifest(&[config_map("kept", "y")])).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_object_is_refused_before_anything_is_applied() {
    let mut fixture = Fixture::new("foreign").await;
    fixture.create(&config_map("theirs", "x")).await;
    let both = manifest(&[config_map("ours", "x"), config_map("theirs", "y")]);
    let error = fixture.install(&both).await.unwrap_err().to_string();
    assert!(error.contains("theirs` exists already"), "{error}");
    assert!(error.contains("take_ownership"), "{error}");
    assert!(!fixture.exists("v1", "ConfigMap", "ours").await);
    fixture.settings.take_ownership = true;
    fixture.install(&both).await.unwrap();
    let theirs = fixture.find("v1", "ConfigMap", "theirs").await.unwrap();
    assert_eq!(theirs.text(&["data", "key"]), Some("y"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_with_a_finalizer_is_reported_when_the_time_is_over() {
    let mut fixture = Fixture::new("leftover").await;
    let mut held = config_map("held", "x");
    held["metadata"]["finalizers"] = json!(["example.org/hold"]);
    fixture.install(&manifest(&[held])).await.unwrap();
    fixture.settings.timeout = Duration::from_secs(3);
    let error = fixture.lifecycle().uninstall().await.unwrap_err().to_string();
    assert!(error.contains("held`, held by the finalizers example.org/hold"), "{error}");
    assert_eq!(fixture.history().await, ["1 uninstalling"]);
    let location = fixture.location("v1", "ConfigMap", "held");
    let patch = json!({ "metadata": { "finalizers": null } });
    let real = terraform_provider_s3www::kubernetes::request::Mode::Real;
    fixture.cluster.merge_patch(&location, &patch, real).await.unwrap();
    assert_eq!(fixture.lifecycle().uninstall().await.unwrap().revision, Some(1));
    assert_eq!(fixture.history().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_of_the_chart_come_first_and_stay() {
    let fixture = Fixture::new("crds").await;
    let group = format!("{}.example.org", fixture.namespace);
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("widgets.{group}") },
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": { "kind": "Widget", "plural": "widgets", "singular": "widget" },
            "versions": [{ "name": "v1", "served": true, "storage": true,
                "schema": { "openAPIV3Schema": { "type": "object",
                    "x-kubernetes-preserve-unknown-fields": true } } }],
        },
    });
    let widget = json!({ "apiVersion": format!("{group}/v1"), "kind": "Widget",
        "metadata": { "name": "one" }, "spec": { "size": 3 } });
    let lifecycle = fixture.lifecycle();
    let turn = lifecycle.begin_install().await.unwrap();
    let mut chart = draft(&manifest(&[widget]));
    chart.custom_resource_definitions = vec![definition.clone()];
    lifecycle.install(&turn, &chart).await.unwrap();
    lifecycle.uninstall().await.unwrap();
    let kind = terraform_provider_s3www::kubernetes::reference::GroupVersionKind::new(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
    );
    let location = terraform_provider_s3www::kubernetes::resource::Resource::builtin(&kind)
        .unwrap()
        .object("", &format!("widgets.{group}"));
    let found = fixture.cluster.find(&location).await.unwrap();
    let background = terraform_provider_s3www::kubernetes::request::Propagation::Background;
    fixture.cluster.delete(&location, background, None).await.unwrap();
    assert!(found.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_in_the_cluster_brings_does_not_hang() {
    let mut fixture = Fixture::new("patient").await;
    fixture.settings.patience.load_balancer = Duration::from_secs(2);
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "lb" },
        "spec": { "type": "LoadBalancer", "ports": [{ "port": 80 }] } });
    // The class binds a claim when a pod uses it, and none does.
    let claim = json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": { "name": "data" },
        "spec": { "storageClassName": "standard", "accessModes": ["ReadWriteOnce"],
            "resources": { "requests": { "storage": "1Mi" } } } });
    let began = std::time::Instant::now();
    let outcome = fixture.install(&manifest(&[service, claim])).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let warnings = outcome.warnings.join("\n");
    assert!(warnings.contains("lb` has no address from a load balancer"), "{warnings}");
    assert!(!warnings.contains("data`"), "{warnings}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_is_made_and_left() {
    let mut fixture = Fixture::new("namespace").await;
    let parent = std::mem::take(&mut fixture.namespace);
    fixture.namespace = format!("{parent}-new");
    let error = fixture.install(&manifest(&[config_map("a", "x")])).await.unwrap_err();
    assert!(error.detail().contains("create_namespace"), "{error}\n{}", error.detail());
    fixture.settings.create_namespace = true;
    fixture.install(&manifest(&[config_map("a", "x")])).await.unwrap();
    fixture.lifecycle().uninstall().await.unwrap();
    let location = super::fixture::namespace_location(&fixture.namespace);
    let namespace = fixture.cluster.find(&location).await.unwrap().unwrap();
    assert_eq!(namespace.label("name"), Some(fixture.namespace.as_str()));
    let background = terraform_provider_s3www::kubernetes::request::Propagation::Background;
    let other = super::fixture::namespace_location(&parent);
    fixture.cluster.delete(&other, background, None).await.unwrap();
    // One that is being deleted is waited for.
    fixture.cluster.delete(&location, background, None).await.unwrap();
    fixture.install(&manifest(&[config_map("a", "x")])).await.unwrap();
}
