//! MinIO's volume: what outlives an uninstall, and how it gets larger.

use serde_json::json;

use super::release::Release;
use crate::support::cluster::Namespace;
use crate::support::eventually;
use crate::support::helm::CHART;
use crate::support::helm::helm;

/// Is a storage class of the test's own, whose claims may be enlarged. It goes when the test ends.
struct Expandable<'a> {
    namespace: &'a Namespace,
}

impl<'a> Expandable<'a> {
    fn new(namespace: &'a Namespace) -> Self {
        let provisioner = r#"jsonpath={.items[?(@.metadata.annotations.storageclass\.kubernetes\.io/is-default-class=="true")].provisioner}"#;
        let class = json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": { "name": namespace.name },
            "provisioner": namespace.kubectl(&["get", "storageclasses", "-o", provisioner]),
            "allowVolumeExpansion": true,
            "volumeBindingMode": "WaitForFirstConsumer",
        });
        namespace.apply(&class.to_string());
        Self { namespace }
    }
}

impl Drop for Expandable<'_> {
    fn drop(&mut self) {
        let name = &self.namespace.name;
        drop(self.namespace.try_kubectl(&["delete", "storageclass", name, "--wait=false"]));
    }
}

const CLAIM: &str = "data-site-minio-0";

#[test]
fn data_outlives_an_uninstall_unless_told_otherwise_and_its_volume_grows() {
    let namespace = Namespace::new("volume");
    let class = Expandable::new(&namespace);
    let values = |size: &str, when_deleted: &str| {
        format!(
            "replicaCount: 1\nindex: {{ content: page }}\n\
             minio: {{ service: {{ type: NodePort }}, persistence: {{ size: {size}, \
             storageClass: {}, retentionPolicy: {{ whenDeleted: {when_deleted} }} }} }}\n",
            class.namespace.name
        )
    };
    let site = Release::deploy(&namespace, "site", CHART, &values("64Mi", "Retain"));
    site.administrator().put("site/kept.txt", "kept");
    let claim = || site.object("pvc", CLAIM);
    let volume = claim()["spec"]["volumeName"].clone();

    // The way that the README describes: the claim, then the StatefulSet without its pod, then the values.
    let larger = r#"{"spec":{"resources":{"requests":{"storage":"96Mi"}}}}"#;
    namespace.kubectl(&["patch", "pvc", CLAIM, "--patch", larger]);
    let pod = site.object("pod", "site-minio-0")["metadata"]["uid"].clone();
    namespace.kubectl(&["delete", "statefulset", "site-minio", "--cascade=orphan"]);
    Release::deploy(&namespace, "site", CHART, &values("96Mi", "Retain"));
    assert_eq!(claim()["spec"]["resources"]["requests"]["storage"], "96Mi");
    assert_eq!(site.object("pod", "site-minio-0")["metadata"]["uid"], pod, "MinIO was restarted");
    assert_eq!(namespace.served("site-s3www", "kept.txt"), b"kept");

    helm(4, &namespace, &["uninstall", "site", "--wait"]);
    eventually("nothing but the claim is left", || {
        namespace.leftovers() == [format!("persistentvolumeclaim/{CLAIM}")]
    });
    // The users on the volume have secrets that nobody knows any more: the loader sets them anew.
    Release::deploy(&namespace, "site", CHART, &values("96Mi", "Retain"));
    assert_eq!(claim()["spec"]["volumeName"], volume);
    assert_eq!(namespace.served("site-s3www", "kept.txt"), b"kept");
    assert_eq!(site.reader().mc(&["cat", "at/site/kept.txt"]), "kept");

    Release::deploy(&namespace, "site", CHART, &values("96Mi", "Delete"));
    helm(4, &namespace, &["uninstall", "site", "--wait"]);
    let left = ["get", "pvc", CLAIM, "--ignore-not-found", "-o", "name"];
    namespace.wait_until("the claim is deleted with its StatefulSet", &left, str::is_empty);
}
