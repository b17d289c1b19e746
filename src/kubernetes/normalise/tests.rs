use serde_json::Value;
use serde_json::json;

use super::ApplyObject;
use super::Ownership;
use super::to_apply;
use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::resource::Resource;

fn apply(value: Value) -> ApplyObject {
    let object = ManifestObject::read(value).unwrap().remove(0);
    let location = object.location(&Resource::builtin(object.kind()).unwrap(), "web");
    let ownership = Ownership {
        release_name: "site".to_owned(),
        release_namespace: "web".to_owned(),
        take_ownership: false,
    };
    to_apply(&object, &location, Some(&ownership))
}

#[test]
fn helm_s_marks_and_the_namespace_are_set() {
    let sent = apply(json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "c", "labels": null, "annotations": {"a": "b"}}}));
    assert_eq!(
        Value::Object(sent.fields().clone()),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
            "name": "c", "namespace": "web",
            "labels": {"app.kubernetes.io/managed-by": "Helm"},
            "annotations": {"a": "b", "meta.helm.sh/release-name": "site",
                "meta.helm.sh/release-namespace": "web"}}})
    );
}

#[test]
fn hooks_are_not_marked_and_cluster_wide_objects_have_no_namespace() {
    let object = ManifestObject::read(
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n", "namespace": "x"}}),
    )
    .unwrap()
    .remove(0);
    let location = object.location(&Resource::builtin(object.kind()).unwrap(), "web");
    let sent = to_apply(&object, &location, None);
    assert_eq!(sent.fields()["metadata"], json!({"name": "n"}));
}

#[test]
fn what_the_server_owns_is_dropped() {
    let sent = apply(json!({"apiVersion": "v1", "kind": "ConfigMap", "status": {"x": 1},
        "metadata": {"name": "c", "creationTimestamp": null, "uid": "u", "resourceVersion": "1",
            "generation": 1, "selfLink": "/x", "managedFields": []}}));
    let metadata = sent.fields()["metadata"].as_object().unwrap();
    assert_eq!(metadata.keys().collect::<Vec<_>>(), ["annotations", "labels", "name", "namespace"]);
    assert!(sent.fields().get("status").is_none());
}

#[test]
fn string_data_is_folded_and_wins() {
    let sent = apply(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
        "data": {"a": "b2xk", "b": "Yg=="}, "stringData": {"a": "new", "c": null, "n": 1}}));
    assert_eq!(sent.fields()["data"], json!({"a": "bmV3", "b": "Yg=="}));
    assert_eq!(sent.fields()["stringData"], json!({"n": 1}));
}

#[test]
fn an_empty_protocol_is_dropped_in_kubernetes_own_kinds() {
    let sent = apply(
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
        "spec": {"template": {"spec": {"containers": [
            {"name": "m", "ports": [{"containerPort": 80, "protocol": ""}, {"containerPort": 81, "protocol": "UDP"}]}]}}}}),
    );
    assert_eq!(
        sent.fields()["spec"]["template"]["spec"]["containers"][0]["ports"],
        json!([{"containerPort": 80}, {"containerPort": 81, "protocol": "UDP"}])
    );
}

#[test]
fn fields_that_are_somebody_else_s_can_be_left_out() {
    let sent =
        apply(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
        "spec": {"replicas": 1, "paused": false}}))
        .without(&[PathElement::fields(&["spec", "replicas"])])
        .with_uid("u1");
    assert_eq!(sent.fields()["spec"], json!({"paused": false}));
    assert_eq!(sent.fields()["metadata"]["uid"], "u1");
}
