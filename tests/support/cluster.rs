//! A namespace on the cluster, and the hands to look and to interfere with.

use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use super::program;
use super::text;

/// Is a namespace of a test's own that enforces Pod Security `restricted`. It is
/// deleted when the test ends.
pub struct Namespace {
    pub name: String,
    /// Whether it is on the cluster that tests run on, and ours to delete.
    is_ours: bool,
}

/// Returns the path of the kubeconfig of the cluster that tests run on.
pub fn kubeconfig() -> String {
    std::env::var("KUBECONFIG").unwrap_or_else(|_| {
        panic!("KUBECONFIG names no cluster. `make test` starts one and sets it; `make cluster-up` starts one to keep.")
    })
}

impl Namespace {
    /// Makes a namespace; `purpose` becomes part of its name.
    pub fn new(purpose: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tf-{purpose}-{}-{count}", std::process::id());
        let namespace = Self { name, is_ours: true };
        let manifest = format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{{\"name\":\"{}\",\"labels\":{{\"pod-security.kubernetes.io/enforce\":\"restricted\"}}}}}}",
            namespace.name
        );
        namespace.apply(&manifest);
        namespace
    }

    /// Names a namespace of a cluster that a test has for itself.
    pub fn elsewhere(name: &str) -> Self {
        Self { name: name.to_owned(), is_ours: false }
    }

    /// Runs kubectl in the namespace and returns what it printed; a failure fails the test.
    #[track_caller]
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "kubectl {arguments:?}: {}", text(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Returns the bytes that the namespace's Service serves under a path, fetched
    /// through the API server.
    #[track_caller]
    pub fn served(&self, service: &str, path: &str) -> Vec<u8> {
        let url = format!("/api/v1/namespaces/{}/services/{service}:http/proxy/{path}", self.name);
        let output = self.command(&["get", "--raw", &url]).output().unwrap();
        assert!(output.status.success(), "{url}: {}", text(&output));
        output.stdout
    }

    /// Makes objects from a manifest, or changes them.
    #[track_caller]
    pub fn apply(&self, manifest: &str) {
        self.kubectl_with_input(&["apply", "-f", "-"], manifest);
    }

    /// Runs kubectl in the namespace, whatever comes of it.
    pub fn try_kubectl(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Waits until kubectl prints what is expected; for two minutes at most.
    #[track_caller]
    pub fn wait_until(
        &self,
        what: &str,
        arguments: &[&str],
        expected: impl Fn(&str) -> bool,
    ) -> String {
        let deadline = Instant::now() + Duration::from_mins(2);
        loop {
            let output = self.try_kubectl(arguments);
            let printed = text(&output);
            if output.status.success() && expected(&printed) {
                return printed;
            }
            assert!(Instant::now() < deadline, "this did not come true: {what}. Last:\n{printed}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Returns the address of the cluster's node.
    pub fn node_address(&self) -> String {
        let node = r#"jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}"#;
        self.kubectl(&["get", "nodes", "-o", node])
    }

    /// Returns the URL of a port of a Service of type NodePort, as the test's machine reaches it.
    pub fn node_url(&self, scheme: &str, service: &str) -> String {
        let address = self.node_address();
        let port = "jsonpath={.spec.ports[0].nodePort}";
        let port = self.kubectl(&["get", "service", service, "-o", port]);
        format!("{scheme}://{address}:{port}")
    }

    /// Returns the names of everything that a release leaves in the namespace.
    pub fn leftovers(&self) -> Vec<String> {
        let kinds = "all,secrets,configmaps,serviceaccounts,networkpolicies,poddisruptionbudgets,ingresses,persistentvolumeclaims";
        let own = ["configmap/kube-root-ca.crt", "serviceaccount/default"];
        self.kubectl(&["get", kinds, "-o", "name"])
            .lines()
            .filter(|line| !own.contains(line))
            .map(str::to_owned)
            .collect()
    }

    #[track_caller]
    fn kubectl_with_input(&self, arguments: &[&str], input: &str) {
        use std::io::Write;
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "kubectl {arguments:?}: {}", text(&output));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(kubectl());
        // In front, for what follows `--` is not kubectl's.
        command.args(["--namespace", &self.name]).args(arguments);
        command.env("KUBECONFIG", kubeconfig());
        command
    }
}

fn kubectl() -> PathBuf {
    program("KUBECTL", "kubectl")
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if !self.is_ours {
            return;
        }
        // Not waited for: the namespace's name is not used again.
        let deleted = self.command(&["delete", "namespace", &self.name, "--wait=false"]).output();
        drop(deleted);
    }
}

/// Is a file that pods of the cluster can fetch. It is removed when the test ends.
pub struct FetchableFile {
    path: PathBuf,
    pub url: String,
}

impl FetchableFile {
    /// Publishes a file under a name of its own.
    pub fn new(content: &[u8]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let variable = |name: &str| {
            std::env::var(name).unwrap_or_else(|_| {
                panic!("{name} is not set. `make test` sets it; it needs the local cluster.")
            })
        };
        let name = format!("tf-{}-{count}.bin", std::process::id());
        let path = PathBuf::from(variable("S3WWW_FILES_DIR")).join(&name);
        std::fs::write(&path, content).unwrap();
        Self { path, url: format!("{}/{name}", variable("S3WWW_FILES_URL").trim_end_matches('/')) }
    }
}

impl Drop for FetchableFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.path));
    }
}
