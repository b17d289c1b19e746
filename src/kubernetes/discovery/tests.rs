use serde_json::json;

use super::GroupVersionKind;
use super::Resource;
use super::read_aggregated;
use super::read_group_versions;
use super::read_resources;

#[test]
fn paths_of_built_in_kinds() {
    let deployment = Resource::builtin(&GroupVersionKind::new("apps/v1", "Deployment")).unwrap();
    assert_eq!(
        deployment.object("web", "site").path,
        "/apis/apps/v1/namespaces/web/deployments/site"
    );
    let namespace = Resource::builtin(&GroupVersionKind::new("v1", "Namespace")).unwrap();
    let location = namespace.object("web", "web");
    assert_eq!(location.path, "/api/v1/namespaces/web");
    assert_eq!(location.reference.key(), "v1/Namespace/web");
    assert_eq!(namespace.collection(None), "/api/v1/namespaces");
}

#[test]
fn names_cannot_leave_their_place_in_the_path() {
    let secret = Resource::builtin(&GroupVersionKind::new("v1", "Secret")).unwrap();
    assert_eq!(
        secret.object("a/b", "x?y#z/..").path,
        "/api/v1/namespaces/a%2Fb/secrets/x%3Fy%23z%2F.."
    );
    assert_eq!(secret.object("web", "..").path, "/api/v1/namespaces/web/secrets/%2E%2E");
}

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
