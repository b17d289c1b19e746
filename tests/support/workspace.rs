//! A folder with a configuration, and the commands that a user runs in it.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use super::client::Client;
use super::process::Running;
use super::text;

/// Is a working directory of one client, with a mirror that holds one provider.
pub struct Workspace {
    client: Client,
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

/// Is how a command ended, and what it printed.
pub struct Ran {
    pub status: i32,
    pub text: String,
}

impl Ran {
    /// Fails the test unless the command succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 0, "the command failed:\n{}", self.text);
        self
    }

    /// Fails the test unless the command failed.
    #[track_caller]
    pub fn failed(self) -> Self {
        assert_ne!(self.status, 0, "the command should have failed:\n{}", self.text);
        self
    }

    /// Fails the test unless the command printed that, line ends and the boxes
    /// around diagnostics aside.
    #[track_caller]
    pub fn says(self, expected: &str) -> Self {
        let plain = |text: &str| {
            text.replace(['│', '╷', '╵'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(
            plain(&self.text).contains(&plain(expected)),
            "this is missing:\n  {expected}\nin:\n{}",
            self.text
        );
        self
    }

    /// Fails the test if the command printed that.
    #[track_caller]
    pub fn says_nothing_of(self, unexpected: &str) -> Self {
        assert!(!self.text.contains(unexpected), "`{unexpected}` is in:\n{}", self.text);
        self
    }
}

const SOURCE: &str = "terraform.local/s3www/s3www";

impl Workspace {
    /// Makes a working directory in which `provider` is `terraform.local/s3www/s3www`,
    /// installed from a filesystem mirror as users install it.
    pub fn new(client: Client, provider: &Path, configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let platform = "linux_amd64";
        let installed = folder.path().join("mirror").join(SOURCE).join("0.1.0").join(platform);
        std::fs::create_dir_all(&installed).unwrap();
        std::fs::copy(provider, installed.join("terraform-provider-s3www_v0.1.0")).unwrap();
        let mirror = folder.path().join("mirror");
        let cli = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n    include = [\"{SOURCE}\"]\n  }}\n}}\n",
            mirror.display()
        );
        std::fs::write(folder.path().join("cli.tfrc"), cli).unwrap();
        let workspace = Self { client, folder, environment: Vec::new() };
        workspace.write("main.tf", configuration);
        workspace
    }

    /// Adds another provider to the mirror, such as `registry.terraform.io/hashicorp/helm`.
    pub fn add_provider(&self, source: &str, provider: &Path) {
        let mirror = self.folder.path().join("mirror");
        let name = source.rsplit('/').next().unwrap();
        let installed = mirror.join(source).join("1.0.0").join("linux_amd64");
        std::fs::create_dir_all(&installed).unwrap();
        let program = installed.join(format!("terraform-provider-{name}_v1.0.0"));
        std::fs::copy(provider, program).unwrap();
        let cli = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
            mirror.display()
        );
        std::fs::write(self.folder.path().join("cli.tfrc"), cli).unwrap();
    }

    /// Sets an environment variable for every command.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Returns the path of a file in the working directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    /// Writes a file in the working directory.
    pub fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Reads a file in the working directory.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Removes a file in the working directory.
    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).unwrap();
    }

    /// Changes the configuration, everywhere the text stands.
    #[track_caller]
    pub fn replace(&self, text: &str, with: &str) {
        let main = self.read("main.tf");
        assert!(main.contains(text), "`{text}` is not in the configuration");
        self.write("main.tf", &main.replace(text, with));
    }

    /// Returns a command of the client, ready to run in the working directory.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.client.program());
        command
            .args(arguments)
            .current_dir(self.path(""))
            .env("TF_CLI_CONFIG_FILE", self.folder.path().join("cli.tfrc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command
    }

    /// Runs a command of the client to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Self::end(&mut self.command(arguments))
    }

    /// Runs a command of [`Workspace::command`] to its end.
    pub fn end(command: &mut Command) -> Ran {
        let output = command.output().unwrap();
        Ran { status: output.status.code().unwrap_or(-1), text: text(&output) }
    }

    /// Starts a command of the client.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments))
    }

    pub fn init(&self) -> Ran {
        self.run(&["init", "-no-color"]).ok()
    }

    pub fn plan(&self) -> Ran {
        self.run(&["plan", "-no-color"])
    }

    /// Plans, and returns what is printed and the plan as JSON.
    #[track_caller]
    pub fn plan_json(&self) -> (Ran, serde_json::Value) {
        let ran = self.run(&["plan", "-no-color", "-out=plan.out"]).ok();
        let output = self.command(&["show", "-json", "plan.out"]).output().unwrap();
        assert!(output.status.success(), "{}", text(&output));
        (ran, serde_json::from_slice(&output.stdout).unwrap())
    }

    pub fn apply(&self) -> Ran {
        self.run(&["apply", "-no-color", "-auto-approve"])
    }

    pub fn destroy(&self) -> Ran {
        self.run(&["destroy", "-no-color", "-auto-approve"])
    }

    /// Fails the test unless a plan has nothing to do, with refresh and without.
    #[track_caller]
    pub fn assert_nothing_to_do(&self) {
        for refresh in ["-refresh=true", "-refresh=false"] {
            let ran = self.run(&["plan", "-no-color", "-detailed-exitcode", refresh]);
            assert_eq!(ran.status, 0, "the plan ({refresh}) is not empty:\n{}", ran.text);
        }
    }

    /// Returns the state as JSON.
    pub fn state(&self) -> serde_json::Value {
        let output = self.command(&["show", "-json"]).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Returns the attributes of a resource in the state.
    pub fn attributes(&self, address: &str) -> serde_json::Value {
        let state = self.state();
        let resources = state["values"]["root_module"]["resources"].as_array();
        resources
            .and_then(|all| all.iter().find(|resource| resource["address"] == address))
            .map(|resource| resource["values"].clone())
            .unwrap_or_default()
    }
}
