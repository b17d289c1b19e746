//! The real Helm.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;

use terraform_provider_s3www::helm::capabilities::HelmVersion;
use terraform_provider_s3www::helm::compatibility::Compatibility;

/// Is one version of Helm.
pub struct Oracle {
    /// 3 or 4.
    pub version: u8,
    binary: PathBuf,
    /// What the binary says of itself, which templates can print: how it was built
    /// and with which Go is not ours to know.
    pub says: HelmVersion,
}

impl Oracle {
    /// Returns both versions; none, with a message, where one is missing and this
    /// is not CI.
    pub fn all() -> Option<[Self; 2]> {
        if let (Some(four), Some(three)) = (Self::find(4), Self::find(3)) {
            return Some([four, three]);
        }
        let message = "HELM4 and HELM3 must name Helm's binaries. Get them with\n  \
             GOBIN=... go install helm.sh/helm/v4/cmd/helm@v4.3.1\n  \
             GOBIN=... go install helm.sh/helm/v3/cmd/helm@v3.22.0\n\
             or run the tests with `make test`, which does so.";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{message}");
        eprintln!("NOT COMPARED WITH HELM: {message}");
        None
    }

    fn find(version: u8) -> Option<Self> {
        let binary = PathBuf::from(std::env::var_os(format!("HELM{version}"))?);
        if !binary.is_file() {
            return None;
        }
        let template = "{{.Version}}|{{.GitCommit}}|{{.GitTreeState}}|{{.GoVersion}}";
        let output = Command::new(&binary).args(["version", "--template", template]).output();
        let text = String::from_utf8(output.expect("helm can be started").stdout)
            .expect("helm's version is a text");
        let mut parts = text.trim().split('|').map(str::to_owned);
        let mut part = || parts.next().expect("helm's version has four parts");
        let compatibility = if version == 3 { Compatibility::Helm3 } else { Compatibility::Helm4 };
        let says = HelmVersion {
            version: part(),
            git_commit: part(),
            git_tree_state: part(),
            go_version: part(),
            ..HelmVersion::of(compatibility)
        };
        Some(Self { version, binary, says })
    }

    /// Runs Helm with these arguments, away from the configuration of the machine.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let home = std::env::temp_dir().join("golden-helm-home");
        Command::new(&self.binary)
            .args(arguments)
            .env("HELM_CACHE_HOME", home.join("cache"))
            .env("HELM_CONFIG_HOME", home.join("config"))
            .env("HELM_DATA_HOME", home.join("data"))
            .env("KUBECONFIG", "/dev/null")
            .output()
            .expect("helm can be started")
    }

    /// Makes a chart with `helm create`.
    pub fn create(&self, folder: &Path, name: &str) {
        let output = self.run(&["create", &folder.join(name).to_string_lossy()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Returns the folder of this version's source, which holds its test data.
    pub fn source(&self) -> Option<PathBuf> {
        let module = match self.version {
            3 => "helm.sh/helm/v3@v3.22.0",
            _ => "helm.sh/helm/v4@v4.3.1",
        };
        let output = Command::new("go").args(["mod", "download", "-json", module]).output();
        let folder = output.ok().and_then(|output| {
            let answer: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
            Some(PathBuf::from(answer.get("Dir")?.as_str()?))
        });
        if folder.is_none() {
            let message = format!("Helm's source cannot be had: install Go, and allow {module}.");
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{message}");
            eprintln!("NOT COMPARED WITH HELM: {message}");
        }
        folder
    }
}
