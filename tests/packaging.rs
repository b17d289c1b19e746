//! What `make install` and `make dist` leave, in the hands of both clients: every way that a
//! provider gets to a user. The scripts pack the binary under test instead of building a release.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::support::client::Client;
use crate::support::text;
use crate::support::workspace::Workspace;

mod pages;
mod web;

use web::Web;

const SOURCE: &str = "terraform.local/s3www/s3www";
const NAME: &str = "terraform-provider-s3www";
const PLATFORM: &str = "linux_amd64";
const CONFIGURATION: &str = "terraform {\n  required_providers {\n    s3www = { source = \"terraform.local/s3www/s3www\" }\n  }\n}\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns a folder of this name that is empty, and that cargo's own clean-up removes.
fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Returns the binary under test without its line tables, as a release has none.
fn provider() -> &'static Path {
    static PROVIDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let stripped = empty("stripped").join(NAME);
        let mut strip = Command::new("strip");
        strip.arg("-o").arg(&stripped).arg(env!("CARGO_BIN_EXE_terraform-provider-s3www"));
        assert!(strip.status().unwrap().success());
        stripped
    });
    &PROVIDER
}

/// Returns a command for one of the project's scripts, which takes the binary under test.
fn script(name: &str, umask: &str) -> Command {
    let mut command = Command::new("bash");
    let path = root().join("tests/scripts").join(name);
    command
        .args(["-c", "umask \"$0\"; \"$@\"", umask])
        .arg(path)
        .env("PROVIDER", provider())
        .env_remove("TF_CLI_CONFIG_FILE");
    command
}

/// Runs a command, which has to succeed, and returns what it printed.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}:\n{}", text(&output));
    text(&output)
}

/// Is what `make dist` leaves.
struct Release {
    folder: PathBuf,
    version: String,
}

impl Release {
    fn pack(name: &str, umask: &str) -> Self {
        let folder = empty(name);
        run(script("dist.sh", umask).env("DIST", &folder));
        let sums = files(&folder).into_keys().find(|file| file.ends_with("_SHA256SUMS")).unwrap();
        let version = sums.split('_').nth(1).unwrap().to_owned();
        Self { folder, version }
    }

    /// Returns the one that tests share.
    fn shared() -> &'static Self {
        static RELEASE: LazyLock<Release> = LazyLock::new(|| Release::pack("release", "022"));
        &RELEASE
    }

    fn file(&self, rest: &str) -> PathBuf {
        self.folder.join(format!("{NAME}_{}_{rest}", self.version))
    }

    fn json(&self, rest: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.file(rest)).unwrap()).unwrap()
    }

    /// Returns the folder that is a packed filesystem mirror, and a network mirror if served.
    fn mirror(&self) -> PathBuf {
        self.folder.join("mirror")
    }

    /// Returns the checksums that the mirror names for the archive: of its files, and of itself.
    fn hashes(&self) -> [String; 2] {
        let index = self.mirror().join(SOURCE).join(format!("{}.json", self.version));
        let index: Value = serde_json::from_slice(&std::fs::read(index).unwrap()).unwrap();
        let hashes = &index["archives"][PLATFORM]["hashes"];
        [0, 1].map(|at| hashes[at].as_str().unwrap().to_owned())
    }
}

/// Returns the files below a folder with their contents.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Runs a test with both clients at the same time.
fn for_both(test: impl Fn(Client) + Sync) {
    std::thread::scope(|scope| {
        for client in Client::ALL {
            let test = &test;
            scope.spawn(move || test(client));
        }
    });
}

/// Makes a working directory whose client installs providers as `method` says and in no other way.
fn workspace(client: Client, method: &str) -> Workspace {
    let workspace = Workspace::new(client, provider(), CONFIGURATION);
    workspace.write("cli.tfrc", &format!("provider_installation {{\n{method}\n}}\n"));
    let settings = workspace.path("cli.tfrc").display().to_string();
    workspace.with("TF_CLI_CONFIG_FILE", settings)
}

/// Fails the test unless the client installed this version, and it serves its types.
#[track_caller]
fn assert_works(workspace: &Workspace, version: &str) {
    workspace.init().says(&format!("Installed {SOURCE} v{version}"));
    let schemas = workspace.run(&["providers", "schema", "-json"]).ok();
    assert!(schemas.text.contains("\"s3www_stack\""), "{}", schemas.text);
}

#[test]
fn an_untagged_commit_has_a_higher_version_and_a_tag_has_to_fit() {
    let folder = tempfile::tempdir().unwrap();
    let scripts = folder.path().join("tests/scripts");
    std::fs::create_dir_all(&scripts).unwrap();
    std::fs::copy(root().join("tests/scripts/lib.sh"), scripts.join("lib.sh")).unwrap();
    let manifest =
        "[package]\nname = \"x\"\nversion = \"0.7.2\"\n\n[dependencies.y]\nversion = \"1\"\n";
    std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        run(Command::new("git").current_dir(folder.path()).args(identity).args(arguments));
    };
    let version = || {
        let mut command = Command::new("bash");
        command.current_dir(folder.path());
        command.args(["-euc", ". tests/scripts/lib.sh; told=$(version); echo \"$told\""]);
        let output = command.output().unwrap();
        (output.status.success(), text(&output).trim_end().to_owned())
    };
    git(&["init", "--quiet"]);
    for message in ["first", "second", "third"] {
        git(&["commit", "--quiet", "--allow-empty", "-m", message]);
    }
    assert_eq!(version(), (true, "0.7.3".to_owned()), "the third commit");
    git(&["tag", "v0.7.2"]);
    assert_eq!(version(), (true, "0.7.2".to_owned()), "the tag");
    git(&["tag", "-d", "v0.7.2"]);
    git(&["tag", "v0.8.0"]);
    let (succeeded, told) = version();
    assert!(!succeeded, "{told}");
    assert!(
        told.starts_with("Error: The tag of this commit is v0.8.0, but Cargo.toml says"),
        "{told}"
    );
}

#[test]
fn what_is_installed_is_found_without_configuration_as_printed() {
    let home = tempfile::tempdir().unwrap();
    let installed = run(script("install.sh", "022").env("HOME", home.path()));
    let block = installed.split("\n\n").find(|part| part.starts_with("terraform {")).unwrap();
    let version = block.split("~> ").nth(1).unwrap().split('"').next().unwrap();
    assert!(!installed.contains("Warning"), "{installed}");
    for client in Client::ALL {
        let workspace = Workspace::new(client, provider(), block)
            .with("HOME", home.path().display().to_string())
            .with("TF_CLI_CONFIG_FILE", "");
        assert_works(&workspace, version);
        workspace.run(&["fmt", "-check", "-diff"]).ok();
    }
    // A configuration that names other places would hide it, so that is said.
    let settings = home.path().join(".terraformrc");
    std::fs::write(&settings, "provider_installation {\n  direct {}\n}\n").unwrap();
    let installed = run(script("install.sh", "022").env("HOME", home.path()));
    let advice = installed.split_once("Warning: ").unwrap().1;
    assert!(advice.starts_with(settings.to_str().unwrap()), "{installed}");
    let method = advice.split("\n\n").find(|part| part.contains("filesystem_mirror")).unwrap();
    let uninstall = installed.split_once("To uninstall: ").unwrap().1.lines().next().unwrap();
    for client in Client::ALL {
        assert_works(&workspace(client, method), version);
    }
    run(Command::new("sh").args(["-c", uninstall]));
    assert!(files(&home.path().join(".terraform.d")).is_empty());
}

#[test]
fn a_release_is_what_the_registry_and_an_auditor_expect() {
    let release = Release::shared();
    let files_of_it = files(&release.folder);
    assert_eq!(
        files_of_it,
        files(&Release::pack("again", "077").folder),
        "the same binary, packed again by somebody with another umask"
    );
    let names: BTreeSet<_> =
        files_of_it.keys().filter(|name| !name.contains('/')).cloned().collect();
    let version = &release.version;
    let wanted = [
        format!("{NAME}_{version}_{PLATFORM}.cdx.json"),
        format!("{NAME}_{version}_{PLATFORM}.zip"),
        format!("{NAME}_{version}_SHA256SUMS"),
        format!("{NAME}_{version}_manifest.json"),
    ];
    assert_eq!(names, BTreeSet::from(wanted));
    let mut check = Command::new("sha256sum");
    check.current_dir(&release.folder).arg("--check").arg(release.file("SHA256SUMS"));
    assert_eq!(run(&mut check).matches(": OK").count(), 3);
    let manifest = release.json("manifest.json");
    assert_eq!(manifest["metadata"]["protocol_versions"], serde_json::json!(["6.0"]));
    // The files as a client unpacks them.
    let workspace = workspace(Client::Terraform, &packed(release));
    assert_works(&workspace, version);
    let unpacked = files(&workspace.path(".terraform/providers").join(SOURCE).join(version));
    let inside: Vec<_> = unpacked.keys().map(|name| name.rsplit('/').next().unwrap()).collect();
    let binary = format!("{NAME}_v{version}");
    assert_eq!(inside, ["CHANGELOG.md", "LICENSE", "README.md", "THIRD_PARTY_LICENSES", &binary]);
    let licences = &unpacked[&format!("{PLATFORM}/THIRD_PARTY_LICENSES")];
    let licences = String::from_utf8_lossy(licences);
    let bill = release.json(&format!("{PLATFORM}.cdx.json"));
    assert_eq!(bill["metadata"]["component"]["version"], version.as_str());
    let components = bill["components"].as_array().unwrap();
    let text_of = |component: &Value, key: &str| component[key].as_str().unwrap().to_owned();
    let linked: BTreeSet<_> = components.iter().map(|each| text_of(each, "name")).collect();
    for (name, is_linked) in [
        ("aws-lc-sys", true),
        ("tonic", true),
        ("tf-provider", true),
        ("tempfile", true),
        ("sha2", true),
        // A macro, a build script's helper, and what is for tests only.
        ("async-trait", false),
        ("cmake", false),
        ("tonic-build", false),
    ] {
        assert_eq!(linked.contains(name), is_linked, "{name}");
    }
    let mut references: BTreeSet<_> =
        components.iter().map(|each| text_of(each, "bom-ref")).collect();
    for component in components {
        let (name, number) = (text_of(component, "name"), text_of(component, "version"));
        assert!(
            licences.contains(&format!("  {name} {number} (")),
            "{name} {number} has no licence"
        );
        assert!(component["licenses"][0]["expression"].is_string(), "{component}");
        assert_eq!(component["hashes"][0]["content"].as_str().unwrap().len(), 64, "{component}");
    }
    references.insert(text_of(&bill["metadata"]["component"], "bom-ref"));
    for dependency in bill["dependencies"].as_array().unwrap() {
        for used in dependency["dependsOn"].as_array().unwrap() {
            assert!(references.contains(used.as_str().unwrap()), "{used} is not in the bill");
        }
    }
}

/// Returns the installation method of a release's own mirror.
fn packed(release: &Release) -> String {
    format!("filesystem_mirror {{\n  path = \"{}\"\n}}", release.mirror().display())
}

#[test]
fn every_mirror_of_a_release_gives_the_same_checksum() {
    let release = Release::shared();
    let web = Web::serve(&release.mirror());
    for_both(|client| {
        let [of_files, _] = release.hashes();
        let first = workspace(client, &packed(release));
        assert_works(&first, &release.version);
        let lock = first.read(".terraform.lock.hcl");
        assert!(lock.contains(&of_files), "{client:?}:\n{lock}");
        // What the client unpacked is an unpacked mirror.
        let unpacked = format!(
            "filesystem_mirror {{\n  path = \"{}\"\n}}",
            first.path(".terraform/providers").display()
        );
        let served = format!("network_mirror {{\n  url = \"{}/\"\n}}", web.url);
        first.write("authority.pem", &web.authority);
        let trusted = first.path("authority.pem").display().to_string();
        for method in [unpacked, served.clone()] {
            let workspace = workspace(client, &method).with("SSL_CERT_FILE", &trusted);
            workspace.write(".terraform.lock.hcl", &lock);
            workspace.run(&["init", "-no-color", "-lockfile=readonly"]).ok();
        }
        // Locked for a team, whose members install in different ways.
        let platform = format!("-platform={PLATFORM}");
        for option in [
            format!("-fs-mirror={}", release.mirror().display()),
            format!("-net-mirror={}/", web.url),
        ] {
            let workspace = workspace(client, &served).with("SSL_CERT_FILE", &trusted);
            workspace.run(&["providers", "lock", "-no-color", &option, &platform]).ok();
            let lock = workspace.read(".terraform.lock.hcl");
            assert!(lock.contains(&of_files), "{client:?} {option}:\n{lock}");
        }
        // Who serves it has to be known to the client.
        let stranger = workspace(client, &served).with("SSL_CERT_FILE", "/dev/null");
        let refused = stranger.run(&["init", "-no-color"]).failed();
        refused.says("certificate signed by unknown authority");
    });
}

#[test]
fn a_registry_can_serve_a_release_and_clients_mirror_it_from_there() {
    let release = Release::shared();
    let version = &release.version;
    let folder = tempfile::tempdir().unwrap();
    let key = Key::new();
    key.sign(&release.file("SHA256SUMS"), folder.path());
    for file in std::fs::read_dir(&release.folder).unwrap().map(Result::unwrap) {
        if file.path().is_file() {
            std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
    }
    let web = Web::serve(folder.path());
    let archive = format!("{NAME}_{version}_{PLATFORM}.zip");
    let sums = format!("{NAME}_{version}_SHA256SUMS");
    let own = folder.path().join("v1/s3www/s3www");
    let package = own.join(version).join("download/linux");
    std::fs::create_dir_all(&package).unwrap();
    let manifest = release.json("manifest.json");
    let protocols = &manifest["metadata"]["protocol_versions"];
    let platform = serde_json::json!({ "os": "linux", "arch": "amd64" });
    let versions = serde_json::json!({
        "versions": [{ "version": version, "protocols": protocols, "platforms": [platform] }]
    });
    std::fs::write(own.join("versions"), versions.to_string()).unwrap();
    let (_, of_archive) =
        release.hashes().map(|hash| hash.split_once(':').unwrap().1.to_owned()).into();
    let described = serde_json::json!({
        "protocols": protocols, "os": "linux", "arch": "amd64", "filename": archive,
        "download_url": format!("{}/{archive}", web.url),
        "shasums_url": format!("{}/{sums}", web.url),
        "shasums_signature_url": format!("{}/{sums}.sig", web.url),
        "shasum": of_archive,
        "signing_keys": { "gpg_public_keys": [{ "key_id": key.id, "ascii_armor": key.public }] },
    });
    std::fs::write(package.join("amd64"), described.to_string()).unwrap();
    for_both(|client| {
        let workspace = Workspace::new(client, provider(), CONFIGURATION);
        workspace.write("authority.pem", &web.authority);
        let host = format!(
            "host \"terraform.local\" {{\n  services = {{ \"providers.v1\" = \"{}/v1/\" }}\n}}\n",
            web.url
        );
        workspace.write("cli.tfrc", &host);
        let (trusted, settings) = (workspace.path("authority.pem"), workspace.path("cli.tfrc"));
        let workspace = workspace
            .with("HOME", folder.path().display().to_string())
            .with("SSL_CERT_FILE", trusted.display().to_string())
            .with("TF_CLI_CONFIG_FILE", settings.display().to_string());
        // Installed says who signed it.
        workspace.init().says(&key.id);
        workspace.run(&["providers", "lock", "-no-color", &format!("-platform={PLATFORM}")]).ok();
        let lock = workspace.read(".terraform.lock.hcl");
        for hash in release.hashes() {
            assert!(lock.contains(&hash), "{client:?}: {hash} is not in\n{lock}");
        }
        let platform = format!("-platform={PLATFORM}");
        workspace.run(&["providers", "mirror", "-no-color", &platform, "mirrored"]).ok();
        let mirrored = files(&workspace.path("mirrored"));
        assert_eq!(
            mirrored.keys().collect::<Vec<_>>(),
            files(&release.mirror()).keys().collect::<Vec<_>>(),
            "{client:?} makes a mirror of the same files as `make dist`"
        );
    });
}

/// Is a key that signs releases, in a key ring of its own.
struct Key {
    ring: tempfile::TempDir,
    id: String,
    public: String,
}

impl Key {
    fn new() -> Self {
        let ring = tempfile::tempdir().unwrap();
        let gpg = |arguments: &[&str]| {
            let output = Command::new("gpg")
                .args(["--batch", "--quiet", "--homedir"])
                .arg(ring.path())
                .args(arguments)
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", text(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        gpg(&[
            "--passphrase",
            "",
            "--quick-generate-key",
            "releases@example.org",
            "rsa3072",
            "sign",
            "1d",
        ]);
        let listed = gpg(&["--with-colons", "--list-keys"]);
        let fields = listed.lines().find(|line| line.starts_with("pub:")).unwrap();
        let id = fields.split(':').nth(4).unwrap().to_owned();
        let public = gpg(&["--armor", "--export"]);
        Self { ring, id, public }
    }

    /// Signs a file as the registry asks for it, into a folder.
    fn sign(&self, file: &Path, folder: &Path) {
        let name = format!("{}.sig", file.file_name().unwrap().to_str().unwrap());
        let mut gpg = Command::new("gpg");
        gpg.args(["--batch", "--quiet", "--homedir"]).arg(self.ring.path());
        gpg.arg("--output").arg(folder.join(name)).arg("--detach-sign").arg(file);
        run(&mut gpg);
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // Its agent would go on for a while.
        let mut end = Command::new("gpgconf");
        end.arg("--homedir").arg(self.ring.path()).args(["--kill", "gpg-agent"]);
        drop(end.status());
    }
}

#[test]
fn a_build_is_used_from_its_folder_without_init() {
    let build = Path::new(env!("CARGO_BIN_EXE_terraform-provider-s3www")).parent().unwrap();
    let method =
        format!("dev_overrides {{\n  \"{SOURCE}\" = \"{}\"\n}}\ndirect {{}}", build.display());
    for client in Client::ALL {
        let workspace = workspace(client, &method);
        workspace.run(&["validate", "-no-color"]).ok().says("development overrides are in effect");
        let schemas = workspace.run(&["providers", "schema", "-json"]).ok();
        assert!(schemas.text.contains("\"s3www_stack\""), "{}", schemas.text);
    }
}
