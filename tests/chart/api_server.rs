//! An API server of a test's own, with nothing behind it.
//!
//! Custom resource definitions go in here and not into the cluster that all tests share: what an
//! API server knows decides what the chart renders, also in the tests that run at the same time.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use crate::support::program;
use crate::support::text;

/// Is the API server and its etcd; both end with it.
pub struct ApiServer {
    folder: tempfile::TempDir,
    kubectl: PathBuf,
    keepers: Vec<Child>,
}

/// Keeps a program running for as long as its own standard input is open, which is as long as the test's process lives at most.
const KEEPER: &str = r#""$@" >"$0" 2>&1 & server=$!
cat >/dev/null
kill "$server" && wait "$server""#;

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl ApiServer {
    /// Starts both and waits until it answers.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let key = rcgen::KeyPair::generate().unwrap();
        let private = super::pem("PRIVATE KEY", &key.serialize_der());
        std::fs::write(path("accounts.key"), private).unwrap();
        let public = super::pem("PUBLIC KEY", &rcgen::PublicKeyData::subject_public_key_info(&key));
        std::fs::write(path("accounts.pub"), public).unwrap();
        std::fs::write(path("tokens"), "test-token,test,1,system:masters\n").unwrap();
        // One program that acts by its name.
        let kubectl = program("KUBECTL", "kubectl");
        let kube = kubectl.canonicalize().unwrap();
        std::os::unix::fs::symlink(kube, path("kube-apiserver")).unwrap();

        let (etcd, peers, secure) = (free_port(), free_port(), free_port());
        let etcd_url = format!("http://127.0.0.1:{etcd}");
        let etcd = keep(
            &path("etcd.log"),
            Path::new("etcd"),
            &[
                format!("--data-dir={}", path("etcd")),
                format!("--listen-client-urls={etcd_url}"),
                format!("--advertise-client-urls={etcd_url}"),
                format!("--listen-peer-urls=http://127.0.0.1:{peers}"),
                "--unsafe-no-fsync".to_owned(),
            ],
        );
        let server = keep(
            &path("api-server.log"),
            Path::new(&path("kube-apiserver")),
            &[
                format!("--etcd-servers={etcd_url}"),
                "--bind-address=127.0.0.1".to_owned(),
                // Never used: nothing runs that would look for it.
                "--advertise-address=192.0.2.1".to_owned(),
                format!("--secure-port={secure}"),
                format!("--cert-dir={}", path("certificates")),
                format!("--token-auth-file={}", path("tokens")),
                "--authorization-mode=RBAC".to_owned(),
                "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
                format!("--service-account-key-file={}", path("accounts.pub")),
                format!("--service-account-signing-key-file={}", path("accounts.key")),
                "--service-cluster-ip-range=10.0.0.0/16,fd00:10::/112".to_owned(),
                // Accounts are made by a controller, and none runs.
                "--disable-admission-plugins=ServiceAccount".to_owned(),
            ],
        );
        let kubeconfig = serde_json::json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{ "name": "test", "cluster": {
                "server": format!("https://127.0.0.1:{secure}"), "insecure-skip-tls-verify": true } }],
            "users": [{ "name": "test", "user": { "token": "test-token" } }],
            "contexts": [{ "name": "test", "context": { "cluster": "test", "user": "test" } }],
        });
        std::fs::write(path("kubeconfig"), kubeconfig.to_string()).unwrap();
        let server = Self { folder, kubectl, keepers: vec![server, etcd] };
        server.wait_until_ready();
        server
    }

    fn wait_until_ready(&self) {
        let deadline = Instant::now() + Duration::from_mins(2);
        while !self.try_kubectl(&["get", "--raw", "/readyz"], "").status.success() {
            let log = std::fs::read_to_string(self.folder.path().join("api-server.log"));
            assert!(Instant::now() < deadline, "the API server did not start: {log:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Returns the path of its kubeconfig.
    pub fn kubeconfig(&self) -> String {
        self.folder.path().join("kubeconfig").to_str().unwrap().to_owned()
    }

    /// Runs kubectl with a manifest on standard input.
    #[track_caller]
    pub fn kubectl(&self, arguments: &[&str], input: &str) -> String {
        let output = self.try_kubectl(arguments, input);
        assert!(output.status.success(), "kubectl {arguments:?}: {}", text(&output));
        text(&output)
    }

    /// Runs kubectl with a manifest on standard input, whatever comes of it.
    pub fn try_kubectl(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = Command::new(&self.kubectl)
            .args(arguments)
            .env("KUBECONFIG", self.kubeconfig())
            .env("KUBECACHEDIR", self.folder.path().join("cache"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // kubectl may have refused its arguments and be gone.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }
}

fn keep(log: &str, program: &Path, arguments: &[String]) -> Child {
    Command::new("sh")
        .args(["-c", KEEPER, log])
        .arg(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap()
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        for keeper in &mut self.keepers {
            drop(keeper.stdin.take());
            // It may have ended already.
            let _ = keeper.wait();
        }
    }
}
