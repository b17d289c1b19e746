use super::GroupVersionKind;
use super::ObjectReference;

#[test]
fn keys_survive_a_round_trip() {
    for key in [
        "apps/v1/Deployment/web/site-s3www",
        "v1/ConfigMap/web/c",
        "v1/Namespace/web",
        "rbac.authorization.k8s.io/v1/ClusterRole/system:node",
        "example.org/v2beta1/Thing/v1/v1",
    ] {
        assert_eq!(key.parse::<ObjectReference>().unwrap().key(), key);
    }
}

#[test]
fn a_key_knows_group_and_namespace() {
    let reference: ObjectReference = "v1/ConfigMap/web/c".parse().unwrap();
    assert_eq!(reference.kind, GroupVersionKind::new("v1", "ConfigMap"));
    assert_eq!(reference.kind.group, "");
    assert_eq!(reference.namespace.as_deref(), Some("web"));
    assert_eq!(reference.to_string(), "ConfigMap `web/c`");
}

#[test]
fn what_is_no_key_is_refused() {
    for text in ["", "v1", "v1/ConfigMap", "apps/v1/Deployment", "a/b/c/d/e/f", "v1//web/c"] {
        assert!(text.parse::<ObjectReference>().is_err(), "{text}");
    }
}
