use serde_json::Value;
use serde_json::json;

use super::Wishes;
use super::claim;
use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::object::LiveObject;

fn entry(manager: &str, operation: &str, fields: &Value) -> Value {
    json!({"manager": manager, "operation": operation, "apiVersion": "v1", "time": "t",
        "fieldsType": "FieldsV1", "fieldsV1": fields})
}

fn run(entries: &[Value], wishes: Wishes) -> Option<Value> {
    let live =
        LiveObject::new(json!({"metadata": {"resourceVersion": "7", "managedFields": entries}}))
            .unwrap();
    let wishes = Wishes { api_version: "v1".to_owned(), ..wishes };
    claim(&live, &ManagedFields::of(&live), &wishes, &[])
}

#[test]
fn nothing_to_take_over_is_no_patch() {
    let ours = entry("helm", "Apply", &json!({"f:data": {"f:a": {}}}));
    let other = entry("foo", "Update", &json!({"f:data": {"f:b": {}}}));
    assert_eq!(run(&[ours, other], Wishes::default()), None);
    assert_eq!(run(&[], Wishes::default()), None);
}

#[test]
fn earlier_selves_and_people_become_us_and_others_stay() {
    let other = entry("foo", "Update", &json!({"f:data": {"f:z": {}}}));
    let patch = run(
        &[
            entry("helm", "Update", &json!({"f:data": {".": {}, "f:a": {}}})),
            entry(
                "kubectl-edit",
                "Update",
                &json!({"f:data": {"f:b": {}},
                "f:metadata": {"f:finalizers": {"v:\"x\"": {}}}}),
            ),
            other.clone(),
        ],
        Wishes::default(),
    )
    .unwrap();
    let entries = patch[0]["value"].as_array().unwrap();
    assert_eq!(entries[0]["fieldsV1"], json!({"f:data": {".": {}, "f:a": {}, "f:b": {}}}));
    assert_eq!(entries[0]["operation"], "Apply");
    assert_eq!(entries[1]["manager"], "kubectl-edit");
    assert_eq!(entries[1]["fieldsV1"], json!({"f:metadata": {"f:finalizers": {"v:\"x\"": {}}}}));
    assert_eq!(entries[2], other);
    assert_eq!(patch[1]["value"], "7");
}

#[test]
fn string_data_becomes_data() {
    let ours = entry("helm", "Apply", &json!({"f:stringData": {".": {}, "f:a": {}}}));
    let patch = run(&[ours], Wishes::default()).unwrap();
    assert_eq!(patch[0]["value"][0]["fieldsV1"], json!({"f:data": {".": {}, "f:a": {}}}));
}

#[test]
fn replicas_can_be_let_go_and_defaults_be_taken() {
    let ours = entry("helm", "Apply", &json!({"f:spec": {"f:replicas": {}, "f:paused": {}}}));
    let replicas = PathElement::fields(&["spec", "replicas"]);
    let patch = run(
        std::slice::from_ref(&ours),
        Wishes { release: vec![replicas.clone()], ..Wishes::default() },
    )
    .unwrap();
    assert_eq!(patch[0]["value"][0]["fieldsV1"], json!({"f:spec": {"f:paused": {}}}));
    let take = FieldSet::read(&json!({"f:spec": {"f:strategy": {"f:rollingUpdate": {}}}}));
    let patch = run(&[ours], Wishes { take, ..Wishes::default() }).unwrap();
    assert_eq!(
        patch[0]["value"][0]["fieldsV1"]["f:spec"]["f:strategy"],
        json!({"f:rollingUpdate": {}})
    );
}

#[test]
fn what_is_to_be_left_stays_with_whoever_has_it() {
    let person = entry("kubectl", "Update", &json!({"f:spec": {"f:replicas": {}}}));
    let replicas = PathElement::fields(&["spec", "replicas"]);
    assert_eq!(run(&[person], Wishes { leave: vec![replicas], ..Wishes::default() }), None);
}

#[test]
fn entries_of_another_version_are_taken_over_as_well() {
    let mut old = entry("helm", "Update", &json!({"f:data": {"f:a": {}}}));
    old["apiVersion"] = json!("v1beta1");
    let patch = run(&[old], Wishes::default()).unwrap();
    assert_eq!(patch[0]["value"].as_array().unwrap().len(), 1);
    assert_eq!(patch[0]["value"][0]["apiVersion"], "v1");
}
