//! Certificates for MinIO from the real cert-manager.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::chart::release::Release;
use crate::support::cluster::FetchableFile;
use crate::support::cluster::Namespace;
use crate::support::helm::CHART;
use crate::support::text;

const MANIFEST: &str = include_str!("cert-manager.yaml");

/// Returns the certificate with which MinIO answers, in PEM form. Fails the test unless that
/// authority has signed it for the name of MinIO's Service.
#[track_caller]
fn shown(namespace: &Namespace, authority: &str) -> String {
    let host = format!("site-minio.{}.svc", namespace.name);
    let url = namespace.node_url("https", "site-minio");
    let (_, port) = url.rsplit_once(':').unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority).unwrap();
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--fail", "--max-time", "20", "--noproxy", "*"])
        .args(["--resolve", &format!("{host}:{port}:{}", namespace.node_address())])
        .args(["--write-out", "%{certs}", "--cacert"])
        .arg(file.path())
        .arg(format!("https://{host}:{port}/minio/health/live"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Starts cert-manager with its ClusterIssuer `company`; returns the namespace where it is.
pub fn start() -> Namespace {
    let manager = super::start("cert-manager", MANIFEST);
    manager.kubectl(&["rollout", "status", "deployment/cert-manager", "--timeout=120s"]);
    manager.kubectl(&["wait", "--for=condition=Ready", "certificate/company", "--timeout=60s"]);
    manager
}

#[test]
#[ignore = "needs cert-manager, which `make test-operators` builds"]
fn minio_serves_with_a_certificate_that_cert_manager_issues_and_renews() {
    let manager = start();
    let authority =
        manager.kubectl(&["get", "secret", "company", "-o", r"jsonpath={.data.tls\.crt}"]);
    let authority = String::from_utf8(STANDARD.decode(authority).unwrap()).unwrap();

    let namespace = Namespace::new("issued");
    let file = FetchableFile::new(b"through TLS");
    let values = json!({
        "file": { "url": file.url, "key": "file.bin" },
        "minio": {
            "service": { "type": "NodePort" },
            "persistence": { "size": "64Mi" },
            // This machine is to reach it, whether another test has policies enforced or not.
            "networkPolicy": { "allowExternal": true },
            "tls": {
                "enabled": true,
                "certManager": { "issuerRef": { "name": "company", "kind": "ClusterIssuer" } },
            },
        },
    });
    let site = Release::deploy(&namespace, "site", CHART, &values.to_string());
    // The loader put the file there and s3www reads it, both of them through TLS.
    assert_eq!(namespace.served("site-s3www", "file.bin"), b"through TLS");
    namespace.kubectl(&[
        "wait",
        "--for=condition=Ready",
        "certificate/site-minio",
        "--timeout=60s",
    ]);
    let first = shown(&namespace, &authority);

    // Another certificate, as at its renewal: MinIO takes it up, and nothing restarts.
    let pods = r"jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[*].restartCount} {end}";
    let pods = || namespace.kubectl(&["get", "pods", "-o", pods]);
    let before = pods();
    site.forget("site-minio-tls");
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(4);
    while shown(&namespace, &authority) == first {
        assert!(std::time::Instant::now() < deadline, "MinIO still shows its first certificate");
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    assert_eq!(namespace.served("site-s3www", "file.bin"), b"through TLS");
    assert_eq!(pods(), before);
}
