use serde_json::json;

use super::GroupVersionKind;
use super::read_aggregated;
use super::read_group_versions;
use super::read_resources;

#[test]
fn a_resource_list_is_read_without_subresources() {
    let answer = json!({"resources": [
        {"name": "things", "kind": "Thing", "namespaced": true},
        {"name": "things/status", "kind": "Thing", "namespaced": true},
        {"name": "worlds", "kind": "World", "namespaced": false},
    ]});
    let resources = read_resources("example.org/v1", &answer);
    assert_eq!(resources.len(), 2);
    assert_eq!(resources.first().unwrap().kind, GroupVersionKind::new("example.org/v1", "Thing"));
    assert!(!resources.last().unwrap().namespaced);
}

#[test]
fn both_forms_of_discovery_give_helm_s_names() {
    let mut names = Vec::new();
    read_aggregated(
        &json!({"items": [
            {"metadata": {}, "versions": [{"version": "v1", "resources": [
                {"resource": "pods", "responseKind": {"group": "", "version": "v1", "kind": "Pod"}}]}]},
            {"metadata": {"name": "apps"}, "versions": [{"version": "v1", "resources": [
                {"resource": "deployments", "responseKind": {"kind": "Deployment"},
                    "subresources": [{"subresource": "scale",
                        "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"}}]}]}]},
        ]}),
        &mut names,
    );
    names.sort();
    assert_eq!(names, ["apps/v1", "apps/v1/Deployment", "apps/v1/Scale", "v1", "v1/Pod"]);
    assert_eq!(read_group_versions(&json!({"versions": ["v1"]})), ["v1"]);
    assert_eq!(
        read_group_versions(&json!({"groups": [{"versions": [{"groupVersion": "apps/v1"}]}]})),
        ["apps/v1"]
    );
}
