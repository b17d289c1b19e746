use serde_json::Value;
use serde_json::json;

use super::Masker;
use super::flatten;
use super::planned;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::normalise::to_apply;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::sensitive::Sensitive;

fn shown(value: Value, sensitive: &[&str]) -> Vec<(String, String)> {
    let object = ManifestObject::read(value).unwrap().remove(0);
    let location = object.location(&Resource::builtin(object.kind()).unwrap(), "web");
    let masker =
        Masker::new(&[7; 32], Sensitive::new(sensitive.iter().map(|text| (*text).to_owned())));
    let shown = planned(&to_apply(&object, &location, None), &location.reference, &masker);
    shown.0.into_iter().map(|(path, value)| (path, value.into_string())).collect()
}

fn paths(key: &str, value: &Value) -> Vec<String> {
    let reference: ObjectReference = key.parse().unwrap();
    flatten(value.as_object().unwrap(), &reference).into_keys().collect()
}

#[test]
fn lists_go_by_name() {
    let value = json!({"spec": {"template": {"spec": {"containers": [
        {"name": "m", "image": "i", "args": ["a", "b"],
         "env": [{"name": "E", "value": "1"}],
         "ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}, {"containerPort": 9, "name": "p"}],
         "volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/b"}]},
        {"image": "unnamed"}, {"name": "m"}]}}}});
    assert_eq!(
        paths("apps/v1/Deployment/web/d", &value),
        [
            "spec.template.spec.containers[1].image",
            "spec.template.spec.containers[m#2].name",
            "spec.template.spec.containers[m].args[0]",
            "spec.template.spec.containers[m].args[1]",
            "spec.template.spec.containers[m].env[E].name",
            "spec.template.spec.containers[m].env[E].value",
            "spec.template.spec.containers[m].image",
            "spec.template.spec.containers[m].name",
            "spec.template.spec.containers[m].ports[80/UDP].containerPort",
            "spec.template.spec.containers[m].ports[80/UDP].protocol",
            "spec.template.spec.containers[m].ports[80].containerPort",
            "spec.template.spec.containers[m].ports[p].containerPort",
            "spec.template.spec.containers[m].ports[p].name",
            "spec.template.spec.containers[m].volumeMounts[/a].mountPath",
            "spec.template.spec.containers[m].volumeMounts[/a].name",
            "spec.template.spec.containers[m].volumeMounts[/b].mountPath",
            "spec.template.spec.containers[m].volumeMounts[/b].name",
        ]
    );
}

#[test]
fn what_says_nothing_is_left_out() {
    let value = json!({"apiVersion": "v1", "kind": "ConfigMap", "status": {"a": 1}, "data": {"index.html": "x"},
        "metadata": {"name": "c", "namespace": "web", "uid": "u", "resourceVersion": "1",
            "managedFields": [{}], "labels": {"app.kubernetes.io/name": "x", "plain": "y"},
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}});
    assert_eq!(
        paths("v1/ConfigMap/web/c", &value),
        ["data[index.html]", "metadata.labels.plain", "metadata.labels[app.kubernetes.io/name]"]
    );
}

#[test]
fn secret_values_are_hashes_of_what_they_mean() {
    let secret = |data: Value| {
        shown(
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": data}),
            &[],
        )
    };
    let one = secret(json!({"a": "aHVudGVyMg=="}));
    let broken_lines = secret(json!({"a": "aHVudG\nVyMg==\n"}));
    let other = secret(json!({"a": "aHVudGVyMw=="}));
    let (path, text) = &one[0];
    assert_eq!(path, "data.a");
    assert!(text.starts_with("(hash) ") && text.len() == 15, "{text}");
    assert_eq!(one, broken_lines);
    assert_ne!(one, other);
    let two = secret(json!({"a": "aHVudGVyMg==", "b": "aHVudGVyMg=="}));
    assert_ne!(two[0].1, two[1].1);
}

#[test]
fn a_leaf_with_a_sensitive_text_is_hashed_wherever_it_is() {
    let value = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"},
        "data": {"url": "s3://user:hunter2@host", "plain": "x", "hunter2": "y"}});
    let shown = shown(value, &["hunter2"]);
    assert!(!format!("{shown:?}").contains("hunter2"), "{shown:?}");
    assert!(shown.iter().any(|(path, text)| path == "data.plain" && text == "x"));
}

#[test]
fn a_field_can_be_hidden_by_its_path() {
    let object = ManifestObject::read(json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "c"}, "data": {"a": "hunter2", "b": "hunter2"}}))
    .unwrap()
    .remove(0);
    let location = object.location(&Resource::builtin(object.kind()).unwrap(), "web");
    let sent = to_apply(&object, &location, None);
    let knowing = Masker::new(&[7; 32], Sensitive::new(["hunter2".to_owned()]));
    let hiding = Masker::new(&[7; 32], Sensitive::default())
        .hiding([("v1/ConfigMap/web/c".to_owned(), ["data.a".to_owned()].into())].into());
    let known = planned(&sent, &location.reference, &knowing);
    let hidden = planned(&sent, &location.reference, &hiding);
    assert_eq!(hidden.0["data.a"], known.0["data.a"]);
    assert_eq!(hidden.0["data.b"].as_str(), "hunter2");
}

#[test]
fn a_place_does_not_depend_on_the_number_of_an_item() {
    assert_eq!(super::place("spec.containers[main].args[12]"), "spec.containers[main].args[*]");
    assert_eq!(super::place("a[1][2].b[8080/UDP]"), "a[*][*].b[8080/UDP]");
    assert_eq!(super::place("a[0#2]"), "a[*]");
    assert_eq!(super::place("metadata.labels[a.b/c]"), "metadata.labels[a.b/c]");
    assert_eq!(super::place("open[1"), "open[*]");
}
