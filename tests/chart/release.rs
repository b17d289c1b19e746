//! A release of the chart in a namespace of its own, and hands to look into its storage.

use std::process::Command;
use std::process::Output;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use terraform_provider_s3www::s3::Endpoint;

use crate::support::cluster::Namespace;
use crate::support::helm::CHART;
use crate::support::helm::helm;
use crate::support::helm::try_helm;
use crate::support::program;
use crate::support::text;

/// Is a release, installed by Helm 4. It goes with its namespace.
pub struct Release<'a> {
    pub namespace: &'a Namespace,
    pub name: &'a str,
}

impl<'a> Release<'a> {
    /// Installs or upgrades a release and waits until it works.
    #[track_caller]
    pub fn deploy(namespace: &'a Namespace, name: &'a str, chart: &str, values: &str) -> Self {
        let release = Self { namespace, name };
        let output = release.try_deploy(chart, values);
        assert!(output.status.success(), "{}\n{}", text(&output), release.state());
        release
    }

    /// Installs or upgrades the release, whatever comes of it.
    pub fn try_deploy(&self, chart: &str, values: &str) -> Output {
        self.run_helm(chart, values, &["--wait", "--wait-for-jobs", "--timeout", "3m"])
    }

    /// Upgrades the release and waits for nothing.
    #[track_caller]
    pub fn submit(&self, values: &str) {
        let output = self.run_helm(CHART, values, &[]);
        assert!(output.status.success(), "{}", text(&output));
    }

    fn run_helm(&self, chart: &str, values: &str, more: &[&str]) -> Output {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), values).unwrap();
        let file = file.path().to_str().unwrap();
        let arguments = ["upgrade", "--install", self.name, chart, "--values", file];
        try_helm(4, self.namespace, &[&arguments[..], more].concat())
    }

    /// Deletes a Secret of generated credentials, so that the next upgrade makes new ones.
    pub fn forget(&self, secret: &str) {
        self.namespace.kubectl(&["delete", "secret", secret]);
    }

    /// Goes back to a revision and waits until it works.
    #[track_caller]
    pub fn roll_back(&self, revision: &str) {
        helm(4, self.namespace, &["rollback", self.name, revision, "--wait", "--timeout", "3m"]);
    }

    /// Returns what is to be seen of the release's pods, for a person who wonders why.
    pub fn state(&self) -> String {
        let pods = text(&self.namespace.try_kubectl(&["get", "pods", "-o", "wide"]));
        let logs = ["logs", "--all-containers", "--prefix", "--tail=20", "--selector"];
        let selector = format!("app.kubernetes.io/instance={}", self.name);
        let logs = text(&self.namespace.try_kubectl(&[&logs[..], &[selector.as_str()]].concat()));
        format!("{pods}\n{logs}")
    }

    /// Returns the names of the release's objects of a kind and a component.
    pub fn names(&self, kind: &str, component: &str) -> Vec<String> {
        let selector = format!(
            "app.kubernetes.io/instance={},app.kubernetes.io/component={component}",
            self.name
        );
        let names = self.namespace.kubectl(&["get", kind, "-o", "name", "--selector", &selector]);
        names.lines().map(str::to_owned).collect()
    }

    /// Returns an object of the namespace.
    #[track_caller]
    pub fn object(&self, kind: &str, name: &str) -> Value {
        serde_json::from_str(&self.namespace.kubectl(&["get", kind, name, "-o", "json"])).unwrap()
    }

    /// Returns a value of a Secret.
    #[track_caller]
    pub fn secret(&self, name: &str, key: &str) -> String {
        let secret = self.object("secret", name);
        let encoded = secret["data"][key].as_str().unwrap();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    }

    /// Returns the administrator of the release's MinIO, which must have a NodePort.
    pub fn administrator(&self) -> Storage {
        let root = format!("{}-minio-root", self.name);
        self.storage(&self.secret(&root, "rootUser"), &self.secret(&root, "rootPassword"))
    }

    /// Returns s3www's own user, with generated credentials.
    pub fn reader(&self) -> Storage {
        let credentials = format!("{}-s3www-credentials", self.name);
        self.storage(
            &self.secret(&credentials, "accessKey"),
            &self.secret(&credentials, "secretKey"),
        )
    }

    /// Returns somebody at the release's MinIO, which must have a NodePort.
    pub fn storage(&self, user: &str, password: &str) -> Storage {
        let url = self.namespace.node_url("http", &format!("{}-minio", self.name));
        let address = url.trim_start_matches("http://");
        Storage { host: format!("http://{user}:{password}@{address}"), authority: None }
    }

    /// Returns how a client reaches the release's MinIO as its administrator; with TLS if there is an authority.
    pub fn endpoint(&self, authority: Option<&str>) -> Endpoint {
        let root = format!("{}-minio-root", self.name);
        let scheme = if authority.is_some() { "https" } else { "http" };
        Endpoint {
            url: self.namespace.node_url(scheme, &format!("{}-minio", self.name)),
            access_key: self.secret(&root, "rootUser"),
            secret_key: self.secret(&root, "rootPassword"),
            session_token: None,
            region: None,
            ca_certificate: authority.map(str::to_owned),
            insecure: false,
            path_style: true,
        }
    }

    /// Returns the administrator of the release's MinIO, which speaks TLS with a certificate of that authority.
    pub fn administrator_tls(&self, authority: &str) -> Storage {
        let plain = self.administrator();
        let host = plain.host.replacen("http://", "https://", 1);
        Storage { host, authority: Some(authority.to_owned()) }
    }
}

/// Is somebody at a MinIO server: `mc` with one pair of credentials, under the alias `at`.
pub struct Storage {
    host: String,
    authority: Option<String>,
}

impl Storage {
    /// Runs mc, whatever comes of it.
    pub fn try_mc(&self, arguments: &[&str]) -> Output {
        let folder = tempfile::tempdir().unwrap();
        if let Some(authority) = &self.authority {
            let authorities = folder.path().join("certs/CAs");
            std::fs::create_dir_all(&authorities).unwrap();
            std::fs::write(authorities.join("ca.crt"), authority).unwrap();
        }
        Command::new(program("MC", "mc"))
            .args(arguments)
            .env("MC_HOST_at", &self.host)
            .env("MC_CONFIG_DIR", folder.path())
            .output()
            .unwrap()
    }

    /// Runs mc and returns what it printed; a failure fails the test.
    #[track_caller]
    pub fn mc(&self, arguments: &[&str]) -> String {
        let output = self.try_mc(arguments);
        assert!(output.status.success(), "mc {arguments:?}: {}", text(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Writes an object.
    #[track_caller]
    pub fn put(&self, key: &str, content: &str) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        self.mc(&["cp", "--quiet", file.path().to_str().unwrap(), &format!("at/{key}")]);
    }
}
