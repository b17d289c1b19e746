use super::Resource;
use crate::kubernetes::reference::GroupVersionKind;

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
