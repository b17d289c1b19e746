//! What people add is seen and removed; what controllers add is left alone.

use serde_json::Value;
use serde_json::json;
use terraform_provider_s3www::kubernetes::drift::Outcome;

use super::manifests::config_map;
use super::manifests::cron_job;
use super::manifests::deployment;
use super::manifests::network_policy;
use super::manifests::service;
use super::place::Place;
use super::place::place;

const DEPLOYMENT: &str = "apps/v1/Deployment/d";

/// Edits an applied object, asserts the drift (each expected line is the start of one), and that an
/// apply brings back what was before.
async fn check(place: &Place, key: &str, object: &Value, edit: &Value, expected: &[&str]) {
    place.apply(object).await;
    let before = spec(place, key).await;
    place.edit("kubectl-edit", key, edit).await;
    let drift = place.drift(object).await;
    for start in expected {
        assert!(drift.iter().any(|line| line.starts_with(start)), "no `{start}` in {drift:#?}");
    }
    for line in &drift {
        assert!(expected.iter().any(|start| line.starts_with(start)), "unexpected: {line}");
    }
    place.assert_repaired(object).await;
    assert_eq!(spec(place, key).await, before);
}

async fn spec(place: &Place, key: &str) -> Option<Value> {
    place.live(key).await.get(&["spec"]).cloned()
}

/// Drift case 8: an env, and a container in front of ours.
#[tokio::test]
async fn an_added_container_is_shown_by_its_name() {
    let place = place!("container");
    let edit = json!([
        {"op": "add", "path": "/spec/template/spec/containers/0/env/0", "value": {"name": "NEW", "value": "x"}},
        {"op": "add", "path": "/spec/template/spec/containers/0", "value": {"name": "side", "image": "x"}},
    ]);
    check(
        &place,
        DEPLOYMENT,
        &deployment(),
        &edit,
        &[
            "spec.template.spec.containers[m].env[NEW].name: (none) -> NEW",
            "spec.template.spec.containers[m].env[NEW].value: (none) -> x",
            "spec.template.spec.containers[side].",
        ],
    )
    .await;
}

/// Drift case 11: NodePort and external addresses.
#[tokio::test]
async fn an_opened_service_is_closed_again() {
    let place = place!("opened");
    let edit = json!([
        {"op": "replace", "path": "/spec/type", "value": "NodePort"},
        {"op": "add", "path": "/spec/externalIPs", "value": ["203.0.113.1"]},
    ]);
    check(
        &place,
        "v1/Service/s",
        &service(),
        &edit,
        &[
            "spec.type: ClusterIP -> NodePort",
            "spec.externalIPs[0]: (none) -> 203.0.113.1",
            "spec.externalTrafficPolicy: (none) -> Cluster",
            "spec.ports[h].nodePort: (none) -> ",
            "spec.ports[m].nodePort: (none) -> ",
        ],
    )
    .await;
}

/// Drift case 12: the host's root in a container that runs as root.
#[tokio::test]
async fn a_host_path_and_root_are_removed() {
    let place = place!("hostpath");
    let edit = json!([
        {"op": "add", "path": "/spec/template/spec/volumes", "value": [{"name": "host", "hostPath": {"path": "/"}}]},
        {"op": "add", "path": "/spec/template/spec/containers/0/volumeMounts",
            "value": [{"name": "host", "mountPath": "/host"}]},
        {"op": "add", "path": "/spec/template/spec/securityContext", "value": {"runAsUser": 0}},
    ]);
    check(
        &place,
        DEPLOYMENT,
        &deployment(),
        &edit,
        &[
            "spec.template.spec.securityContext",
            "spec.template.spec.volumes[host].",
            "spec.template.spec.containers[m].volumeMounts[/host].",
        ],
    )
    .await;
}

/// Drift case 13: settings that the chart leaves to their defaults.
#[tokio::test]
async fn settings_go_back_to_their_defaults() {
    let place = place!("defaults");
    let edit = json!([
        {"op": "add", "path": "/spec/paused", "value": true},
        {"op": "replace", "path": "/spec/strategy", "value": {"type": "Recreate"}},
        {"op": "replace", "path": "/spec/template/spec/containers/0/imagePullPolicy", "value": "Always"},
    ]);
    check(
        &place,
        DEPLOYMENT,
        &deployment(),
        &edit,
        &[
            "spec.paused: (none) -> true",
            "spec.strategy.type: RollingUpdate -> Recreate",
            "spec.strategy.rollingUpdate.",
            "spec.template.spec.containers[m].imagePullPolicy: IfNotPresent -> Always",
        ],
    )
    .await;
    let edit = json!([
        {"op": "add", "path": "/spec/egress", "value": [{}]},
        {"op": "replace", "path": "/spec/policyTypes", "value": ["Ingress", "Egress"]},
    ]);
    let key = "networking.k8s.io/v1/NetworkPolicy/n";
    check(&place, key, &network_policy(), &edit, &["spec.egress", "spec.policyTypes"]).await;
    let edit = json!([{"op": "replace", "path": "/spec/suspend", "value": true}]);
    check(&place, "batch/v1/CronJob/j", &cron_job(), &edit, &["spec.suspend: false -> true"]).await;
}

/// Drift case 14: restarting is not drift, and repairing something else does not restart again.
#[tokio::test]
async fn a_rollout_restart_is_no_drift() {
    let place = place!("restart");
    let object = deployment();
    place.apply(&object).await;
    let restart = json!({"spec": {"template": {"metadata": {"annotations": {
        "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}}}}});
    place.merge("kubectl-rollout", DEPLOYMENT, &restart).await;
    place.assert_in_sync(&object).await;
    let generation = place.live(DEPLOYMENT).await.get(&["metadata", "generation"]).cloned();
    place
        .merge("kubectl-edit", DEPLOYMENT, &json!({"metadata": {"labels": {"added": "yes"}}}))
        .await;
    assert_eq!(place.drift(&object).await, ["metadata.labels.added: (none) -> \"yes\""]);
    let live = place.apply(&object).await.object;
    place.assert_in_sync(&object).await;
    assert_eq!(live.get(&["metadata", "generation"]).cloned(), generation);
    assert_eq!(
        live.get(&[
            "spec",
            "template",
            "metadata",
            "annotations",
            "kubectl.kubernetes.io/restartedAt"
        ]),
        Some(&json!("2026-01-01T00:00:00Z"))
    );
}

/// Drift case 15: another controller's label is named and stays.
#[tokio::test]
async fn another_controller_s_additions_are_named_and_stay() {
    let place = place!("others");
    let object = config_map();
    place.apply(&object).await;
    place.merge("foo", "v1/ConfigMap/c", &json!({"metadata": {"labels": {"by": "foo"}}})).await;
    let refresh = place.refresh_all(std::slice::from_ref(&object)).await;
    assert_eq!(refresh.objects[0].outcome, Outcome::InSync);
    assert!(
        refresh.warnings[0].contains("`foo` has added `metadata.labels.by`"),
        "{:?}",
        refresh.warnings
    );
    let live = place.apply(&object).await.object;
    assert_eq!(live.label("by"), Some("foo"));
}

/// Drift case 16: a finalizer is somebody's promise.
#[tokio::test]
async fn a_finalizer_is_not_touched() {
    let place = place!("finalizer");
    let object = config_map();
    place.apply(&object).await;
    let edit = json!([
        {"op": "add", "path": "/metadata/finalizers", "value": ["example.org/keep"]},
        {"op": "add", "path": "/data/added", "value": "x"},
    ]);
    place.edit("kubectl-edit", "v1/ConfigMap/c", &edit).await;
    assert_eq!(place.drift(&object).await, ["data.added: (none) -> x"]);
    let live = place.apply(&object).await.object;
    place.assert_in_sync(&object).await;
    assert_eq!(live.get(&["metadata", "finalizers"]), Some(&json!(["example.org/keep"])));
    place
        .edit(
            "kubectl-edit",
            "v1/ConfigMap/c",
            &json!([{"op": "remove", "path": "/metadata/finalizers"}]),
        )
        .await;
}

/// Drift case 18: what was made immutable cannot be undone in place, and is shown.
#[tokio::test]
async fn an_object_made_immutable_is_shown() {
    let place = place!("immutable");
    let object = config_map();
    place.apply(&object).await;
    place
        .edit(
            "kubectl-edit",
            "v1/ConfigMap/c",
            &json!([{"op": "add", "path": "/immutable", "value": true}]),
        )
        .await;
    assert_eq!(place.drift(&object).await, ["immutable: (none) -> true"]);
    let error = place.try_apply(&object, true, &[]).await.unwrap_err();
    assert!(error.to_string().contains("immutable"), "{error}");
    assert!(error.hint().unwrap().contains("delete"), "{error}");
}

/// `kubectl apply` on the same object, client side and server side.
#[tokio::test]
async fn what_kubectl_applies_is_corrected() {
    let place = place!("kubectl-apply");
    let object = config_map();
    place.apply(&object).await;
    place
        .apply_as(
            "kubectl",
            &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"},
        "data": {"a": "2", "new": "x"}}),
        )
        .await;
    assert_eq!(place.drift(&object).await, ["data.a: \"1\" -> \"2\"", "data.new: (none) -> x"]);
    place.assert_repaired(&object).await;
}
