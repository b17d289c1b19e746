//! What the apply would be refused, the plan refuses: with the field, a hint and at once.

use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;
use terraform_provider_s3www::kubernetes::drift::Finding;
use terraform_provider_s3www::kubernetes::drift::Severity;

use super::manifests::config_map;
use super::manifests::deployment;
use super::manifests::service;
use super::manifests::with;
use super::place::Place;
use super::place::place;

async fn refused(place: &Place, object: &Value, recorded: bool, texts: &[&str]) -> Finding {
    let start = Instant::now();
    let findings = place.validate(&[(object, recorded)]).await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(finding.severity, Severity::Error, "{finding:?}");
    for text in texts {
        assert!(finding.message.contains(text), "no `{text}` in {}", finding.message);
    }
    assert!(finding.hint.is_some(), "{finding:?}");
    finding.clone()
}

/// Drift cases 4, 5, 6: duplicate env, wrong type, unknown field.
#[tokio::test]
async fn manifests_that_do_not_fit_their_schema_are_refused_at_once() {
    let place = place!("schema");
    let container = "/spec/template/spec/containers/0";
    let twice = json!([{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]);
    let object = with(&deployment(), &format!("{container}/env"), twice);
    refused(
        &place,
        &object,
        false,
        &["containers[name=\"m\"].env", "duplicate entries", "name=\"A\""],
    )
    .await;
    let object = with(&deployment(), &format!("{container}/env/0/value"), json!(1));
    refused(&place, &object, false, &[".value", "expected string, got"]).await;
    let object = with(&deployment(), &format!("{container}/bogus"), json!("x"));
    refused(
        &place,
        &object,
        false,
        &["containers[name=\"m\"].bogus", "field not declared in schema"],
    )
    .await;
    let object =
        with(&deployment(), &format!("{container}/resources"), json!({"limits": {"cpu": "much"}}));
    refused(&place, &object, false, &["quantities must match"]).await;
    let object = with(&deployment(), &format!("{container}/imagePullPolicy"), json!("Sometimes"));
    let finding = {
        let findings = place.validate(&[(&object, false)]).await;
        findings[0].clone()
    };
    assert_eq!(finding.fields, ["spec.template.spec.containers[0].imagePullPolicy"]);
    // The same in a Secret does not show the value.
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {"a": 12_345_678}});
    let finding = refused(&place, &secret, false, &[".data.a"]).await;
    assert!(!finding.message.contains("12345678"), "{}", finding.message);
}

/// Drift cases 30, 31: immutable fields.
#[tokio::test]
async fn immutable_fields_are_named() {
    let place = place!("frozen");
    let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "ss"},
        "spec": {"replicas": 0, "serviceName": "a", "selector": {"matchLabels": {"app": "ss"}},
            "template": {"metadata": {"labels": {"app": "ss"}}, "spec": {"containers": [{"name": "m", "image": "x"}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "v"},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]}});
    place.apply(&set).await;
    let path = "/spec/volumeClaimTemplates/0/spec/resources/requests/storage";
    let texts =
        ["spec.volumeClaimTemplates[v].spec.resources.requests.storage", "from `1Gi` to `2Gi`"];
    refused(&place, &with(&set, path, json!("2Gi")), true, &texts).await;

    place.apply(&deployment()).await;
    let mut other =
        with(&deployment(), "/spec/selector/matchLabels", json!({"app": "d", "b": "c"}));
    other["spec"]["template"]["metadata"]["labels"]["b"] = json!("c");
    refused(&place, &other, true, &["spec.selector", "field is immutable"]).await;

    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
        "spec": {"suspend": true, "template": {"spec": {"restartPolicy": "Never", "containers": [
            {"name": "m", "image": "x", "env": [{"name": "P", "value": "hunter2"}]}]}}}});
    place.apply(&job).await;
    let changed = with(&job, "/spec/template/spec/containers/0/image", json!("y"));
    let finding = refused(
        &place,
        &changed,
        true,
        &["spec.template", "field is immutable", "from `x` to `y`"],
    )
    .await;
    assert!(!format!("{finding:?}").contains("hunter2"), "{finding:?}");
}

/// Drift case 32: what the release itself brings need not be there yet.
#[tokio::test]
async fn what_the_release_brings_is_not_missed() {
    let place = place!("brings");
    let mut elsewhere = config_map();
    elsewhere["metadata"]["namespace"] = json!(format!("{}-not-there", place.namespace));
    let finding = refused(&place, &elsewhere, false, &["not-there"]).await;
    assert!(finding.hint.unwrap().contains("create_namespace"));
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": elsewhere["metadata"]["namespace"]}});
    let findings = place.validate(&[(&namespace, false), (&elsewhere, false)]).await;
    assert!(findings.iter().all(|finding| finding.severity == Severity::Note), "{findings:?}");

    let group = format!("{}.example.org", place.namespace);
    let thing =
        json!({"apiVersion": format!("{group}/v1"), "kind": "Thing", "metadata": {"name": "t"}});
    let findings = place.validate(&[(&thing, false)]).await;
    assert_eq!(findings[0].severity, Severity::Error);
    assert!(findings[0].message.contains("does not know the kind `Thing`"), "{findings:?}");
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("things.{group}")},
        "spec": {"group": group, "scope": "Namespaced", "names": {"kind": "Thing", "plural": "things"}, "versions": [
            {"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}]}});
    let findings =
        place.try_validate(&[(&thing, false)], std::slice::from_ref(&definition), false).await;
    assert_eq!(findings[0].severity, Severity::Note, "{findings:?}");
}

/// Drift cases 34, 35: Pod Security warns, a quota refuses.
#[tokio::test]
async fn pod_security_and_quotas_are_heard() {
    let place = place!("policy");
    let label =
        json!({"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}});
    let path = format!("/api/v1/namespaces/{}", place.namespace);
    place.send("PATCH", &path, "kubectl-label", "application/merge-patch+json", &label).await;
    let findings = place.validate(&[(&deployment(), false)]).await;
    assert_eq!(findings[0].severity, Severity::Warning, "{findings:?}");
    assert!(findings[0].message.contains("container \"m\""), "{findings:?}");

    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"},
        "spec": {"hard": {"services": "0"}}});
    place.create("kubectl-create", &quota).await;
    place
        .until("the quota counts", async || {
            place.live("v1/ResourceQuota/q").await.get(&["status", "hard", "services"]).is_some()
        })
        .await;
    refused(
        &place,
        &service(),
        false,
        &["exceeded quota: q", "used: services=0", "limited: services=0"],
    )
    .await;
}

/// Drift case 33: a namespace that is on its way out.
#[tokio::test]
async fn a_terminating_namespace_is_refused() {
    let place = place!("ending");
    let mut holder = config_map();
    holder["metadata"]["name"] = json!("holder");
    holder["metadata"]["finalizers"] = json!(["example.org/wait"]);
    place.create("kubectl-create", &holder).await;
    let path = format!("/api/v1/namespaces/{}", place.namespace);
    place.send("DELETE", &path, "kubectl", "application/json", &json!({})).await;
    refused(&place, &config_map(), false, &["because it is being terminated"]).await;
    place
        .edit(
            "kubectl-edit",
            "v1/ConfigMap/holder",
            &json!([{"op": "remove", "path": "/metadata/finalizers"}]),
        )
        .await;
}
