//! What the values files in `ci/` speak of, for real: Secrets, claims, a class, a node with
//! labels, storage elsewhere. What names the world outside gets the address of something here.

use std::path::PathBuf;

use serde_json::Value;
use serde_json::json;

use crate::chart::certificate;
use crate::chart::release::Release;
use crate::support::cluster::FetchableFile;
use crate::support::cluster::Namespace;
use crate::support::helm::CHART;
use crate::support::sha256;

const READER_SECRET: &str = "the-readers-secret";
const WRITER_SECRET: &str = "the-writers-secret";

/// Is all that one release does not have for itself.
pub struct Surroundings {
    plain: Namespace,
    guarded: Namespace,
    /// The authority of the storage in `guarded`.
    authority: String,
    /// Name and password of the administrator of the storage in `plain`.
    root: [String; 2],
    file: FetchableFile,
    folder: PathBuf,
}

impl Surroundings {
    /// Makes them: a node with labels, a priority, and two servers of storage.
    pub fn make() -> Self {
        let manager = super::certificates::start();
        let node = ["label", "node", "--all", "--overwrite", "disk=fast"];
        manager.kubectl(&[&node[..], &["topology.kubernetes.io/zone=here"]].concat());
        let priority = json!({
            "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
            "metadata": { "name": "high" }, "value": 1000,
        });
        manager.apply(&priority.to_string());
        let provisioner = ["get", "storageclass", "standard", "-o", "jsonpath={.provisioner}"];
        let class = json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": "fast" },
            "provisioner": manager.kubectl(&provisioner),
            "volumeBindingMode": "WaitForFirstConsumer",
        });
        manager.apply(&class.to_string());

        let [plain, guarded] = ["storage", "guarded"].map(Namespace::new);
        let authority = certificate::make_for_storage(&guarded);
        let root = provide(&plain, None);
        provide(&guarded, Some(&authority));
        let name = format!("tf-files-{}", std::process::id());
        let folder = PathBuf::from(std::env::var("S3WWW_FILES_DIR").unwrap()).join(name);
        std::fs::create_dir_all(folder.join("a b")).unwrap();
        std::fs::write(folder.join("a b/giphy+1.gif"), "a picture").unwrap();
        Self { plain, guarded, authority, root, file: FetchableFile::new(b"a file"), folder }
    }

    /// Makes what a file speaks of, and returns the values to put over it.
    pub fn prepare(&self, name: &str, namespace: &Namespace) -> Value {
        let secret = |name: &str, data: Value| put(namespace, "Secret", name, "stringData", data);
        let map = |name: &str, data: Value| put(namespace, "ConfigMap", name, "data", data);
        let account = |name: &str| namespace.kubectl(&["create", "serviceaccount", name]);
        let file = json!({ "url": self.file.url });
        let credentials = |keys: [&str; 2], values: [&str; 2]| json!({ (keys[0]): values[0], (keys[1]): values[1] });
        let keys = ["accessKey", "secretKey"];
        let reader = ["reader", READER_SECRET];
        let [plain, guarded] = [("http", &self.plain), ("https", &self.guarded)]
            .map(|(scheme, place)| format!("{scheme}://site-minio.{}.svc:9000", place.name));
        match name {
            "accounts" => {
                account("web");
                json!({})
            }
            "bare" => {
                // Its pods have no security context.
                let label = "pod-security.kubernetes.io/enforce=baseline";
                namespace.kubectl(&["label", "namespace", &namespace.name, label, "--overwrite"]);
                account("storage");
                json!({ "file": file })
            }
            "claim" => {
                claim(namespace, "old-data", "standard");
                json!({})
            }
            // One node has one zone.
            "distributed-tls" => json!({
                "file": file,
                "minio": { "distributed": {
                    "podAntiAffinity": "preferred", "clusterDomain": "cluster.local",
                } },
            }),
            "existing-secrets" => {
                secret("site-reader", credentials(["key", "secret"], ["site", READER_SECRET]));
                secret("minio-root", credentials(["user", "password"], ["root", WRITER_SECRET]));
                json!({})
            }
            "external" => {
                map("company-ca", json!({ "bundle.pem": self.authority }));
                let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
                secret("site-reader", credentials(keys, reader));
                json!({ "externalS3": { "endpoint": guarded } })
            }
            "external-loader" => {
                map("company-ca", json!({ "ca.crt": self.authority }));
                secret("site-reader", credentials(keys, reader));
                secret("site-writer", credentials(keys, ["writer", WRITER_SECRET]));
                json!({ "externalS3": { "endpoint": guarded }, "file": file })
            }
            "external-user" => {
                let [user, password] = &self.root;
                secret("minio-root", credentials(["rootUser", "rootPassword"], [user, password]));
                json!({ "externalS3": { "endpoint": plain } })
            }
            "file" => {
                let folder = self.folder.file_name().unwrap().to_str().unwrap();
                let url = std::env::var("S3WWW_FILES_URL").unwrap();
                let hash = sha256(b"a picture").to_uppercase();
                let url = format!("{url}/{folder}/a%20b/giphy%2B1.gif?token=abc#part");
                json!({ "file": { "url": url, "sha256": hash } })
            }
            "file-key" => {
                secret("file-server-login", json!({ "config": "user = \"me:too\"\n" }));
                json!({ "file": file })
            }
            "files" => {
                for (name, key) in [("media-login", "curlrc"), ("files-login", "config")] {
                    secret(name, json!({ (key): "header = \"X-From: here\"\n" }));
                }
                map("pages", json!({ "about.html": "about", "page-2": "two" }));
                map("company-ca", json!({ "bundle.pem": self.authority }));
                let login = json!({ "existingSecret": "files-login", "key": "config" });
                json!({
                    "file": file,
                    "files": [
                        {
                            "url": self.file.url, "sha256": sha256(b"a file"), "key": "images/logo.svg",
                            "contentType": "image/svg+xml", "curlConfig": login,
                        },
                        { "configMap": { "name": "pages", "key": "about.html" } },
                        {
                            "configMap": { "name": "pages", "key": "page-2" }, "key": "pages/two.html",
                            "contentType": "text/html; charset=utf-8",
                        },
                    ],
                })
            }
            "files-only" => {
                map("pages", json!({ "index.html": "a page" }));
                json!({})
            }
            // This cluster has no IPv6.
            "loadbalancer" => json!({ "service": { "ipFamilies": ["IPv4"] } }),
            "monitoring-external" => {
                secret("site-reader", credentials(keys, reader));
                json!({ "externalS3": { "endpoint": plain } })
            }
            "network" => json!({ "file": file }),
            "scheduling" => {
                // The site is ready when it serves this one.
                map("health", json!({ "health.txt": "well" }));
                json!({
                    "files": [{ "configMap": { "name": "health", "key": "health.txt" } }],
                    // There is no second node, and this one is small.
                    "minio": { "affinity": null, "resources": { "requests": { "cpu": "100m", "memory": "1Gi" } } },
                })
            }
            "storage-none" => {
                let seed = claim(namespace, "seed", "standard-immediate");
                let volume =
                    Namespace::elsewhere("default").kubectl(&["get", "pv", &seed, "-o", "json"]);
                let volume: Value = serde_json::from_str(&volume).unwrap();
                let volume = json!({
                    "apiVersion": "v1", "kind": "PersistentVolume",
                    "metadata": { "name": format!("made-for-{}", namespace.name) },
                    "spec": {
                        "accessModes": ["ReadWriteOnce"], "capacity": { "storage": "100G" },
                        "persistentVolumeReclaimPolicy": "Retain",
                        "hostPath": volume["spec"]["hostPath"],
                        "claimRef": { "namespace": namespace.name, "name": "data-site-minio-0" },
                    },
                });
                namespace.apply(&volume.to_string());
                json!({})
            }
            "tls-private" => {
                let authority = certificate::make_for_storage(namespace);
                let patch = json!({ "stringData": { "authority.pem": authority } });
                namespace.kubectl(&["patch", "secret", "minio-tls", "--patch", &patch.to_string()]);
                json!({ "file": file })
            }
            _ => json!({}),
        }
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Installs storage that other releases use: a bucket with a page in it, a user who reads and one
/// who writes, with the rights that the chart's README asks for. Returns the administrator.
fn provide(namespace: &Namespace, authority: Option<&str>) -> [String; 2] {
    let mut values = json!({
        "replicaCount": 1,
        "minio": {
            "service": { "type": "NodePort" },
            "persistence": { "size": "64Mi" },
            "networkPolicy": { "allowExternal": true },
        },
    });
    if authority.is_some() {
        values["minio"]["tls"] = json!({ "enabled": true, "existingSecret": "minio-tls" });
    }
    let site = Release::deploy(namespace, "site", CHART, &values.to_string());
    let at = match authority {
        Some(authority) => site.administrator_tls(authority),
        None => site.administrator(),
    };
    at.mc(&["mb", "at/public-site"]);
    at.put("public-site/index.html", "a page of somebody else's");
    let read = ["s3:ListBucket", "s3:GetBucketLocation"];
    let write = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
    for (user, secret, on_bucket, on_objects) in [
        ("reader", READER_SECRET, &[][..], &[][..]),
        ("writer", WRITER_SECRET, &["s3:CreateBucket"][..], &write[..]),
    ] {
        let on_bucket = [&read[..], on_bucket].concat();
        let on_objects = [&["s3:GetObject"], on_objects].concat();
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": on_bucket, "Resource": "arn:aws:s3:::*" },
            { "Effect": "Allow", "Action": on_objects, "Resource": "arn:aws:s3:::*/*" },
        ] });
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), policy.to_string()).unwrap();
        let file = file.path().to_str().unwrap();
        at.mc(&["admin", "policy", "create", "at", user, file]);
        at.mc(&["admin", "user", "add", "at", user, secret]);
        at.mc(&["admin", "policy", "attach", "at", user, "--user", user]);
    }
    ["rootUser", "rootPassword"].map(|key| site.secret("site-minio-root", key))
}

fn put(namespace: &Namespace, kind: &str, name: &str, field: &str, data: Value) {
    let mut object = json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": name } });
    object[field] = data;
    namespace.apply(&object.to_string());
}

/// Makes a claim; returns the name of its volume if that is there at once.
fn claim(namespace: &Namespace, name: &str, class: &str) -> String {
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": name },
        "spec": {
            "accessModes": ["ReadWriteOnce"], "storageClassName": class,
            "resources": { "requests": { "storage": "64Mi" } },
        },
    });
    namespace.apply(&claim.to_string());
    let volume = ["get", "pvc", name, "-o", "jsonpath={.spec.volumeName}"];
    if class == "standard" {
        return String::new();
    }
    namespace.wait_until("the claim has a volume", &volume, |volume| !volume.is_empty())
}
