//! The configurations in `examples`. What is there is found by itself: a folder with a
//! `main.tf` is a configuration that is applied, `modules` are used by others,
//! and what belongs to one type or to the provider block stands in the pages, where
//! `docs` looks at it.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;

use crate::support::client::Client;
use crate::support::cluster::FetchableFile;
use crate::support::cluster::Namespace;
use crate::support::sha256;
use crate::support::workspace::Workspace;

/// Is what an example's variables ask for, as far as it has them.
struct Surroundings {
    namespace: Namespace,
    file: FetchableFile,
    storage: Storage,
}

/// Is an S3 server that is there before the example.
struct Storage {
    endpoint: String,
    access_key: String,
    secret_key: String,
}

const FETCHED: &[u8] = b"fetched by the loader\n";

/// The folders below `examples` that have a file of that name, as paths from there.
fn folders_with(file: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, file: &str, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with(".terraform") {
                walk(&path, file, found);
            } else if path.to_string_lossy().ends_with(file) {
                found.push(path.parent().unwrap().strip_prefix(examples()).unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(&examples(), file, &mut found);
    found.sort();
    found
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// Makes a working directory with all examples, so that modules are where they are
/// looked for.
fn workspace(client: Client) -> Workspace {
    let provider = Path::new(env!("CARGO_BIN_EXE_terraform-provider-s3www"));
    let workspace = Workspace::new(client, provider, "");
    workspace.remove("main.tf");
    copy(&examples(), "", &workspace);
    workspace
}

fn copy(folder: &Path, below: &str, workspace: &Workspace) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let target = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
        if path.is_dir() {
            // What a client has left where somebody has tried the example.
            if name != ".terraform" {
                copy(&path, &target, workspace);
            }
        } else if !name.contains(".tfstate") && name != ".terraform.lock.hcl" {
            let content = std::fs::read(&path).unwrap();
            let target = workspace.path(&target);
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::write(target, content).unwrap();
        }
    }
}

#[test]
fn every_example_is_formatted_and_valid_and_its_module_tests_pass() {
    let whole = folders_with("main.tf");
    let tested = folders_with(".tftest.hcl");
    assert!(whole.len() >= 8, "only {whole:?}");
    assert!(!tested.is_empty(), "no example has tests of its own");
    for client in Client::ALL {
        let workspace = workspace(client);
        workspace.run(&["fmt", "-check", "-diff", "-recursive"]).ok();
        for folder in &whole {
            let chdir = format!("-chdir={}", folder.display());
            workspace.run(&[&chdir, "init", "-no-color", "-backend=false"]).ok();
            workspace
                .run(&[&chdir, "validate", "-no-color"])
                .ok()
                .says("The configuration is valid");
        }
        for folder in tested.iter().map(|tests| tests.parent().unwrap()) {
            let chdir = format!("-chdir={}", folder.display());
            workspace.run(&[&chdir, "test", "-no-color"]).ok().says("Success!").says("0 failed");
        }
    }
}

/// The two clients take turns with the examples, so that each is applied once; four at a
/// time, for they wait for pods most of the time.
#[test]
fn every_example_is_applied_serves_and_is_destroyed() {
    let wholes: Vec<_> = folders_with("main.tf")
        .into_iter()
        .filter(|folder| !folder.components().any(|part| part.as_os_str() == "modules"))
        .collect();
    let storage_namespace = Namespace::new("storage");
    let storage_stack = storage_stack(&storage_namespace);
    let clients = Client::ALL.into_iter().cycle();
    let next = Mutex::new(wholes.iter().zip(clients));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                // The lock is not held while the example is tried.
                let take = || next.lock().unwrap().next();
                while let Some((folder, client)) = take() {
                    let surroundings = Surroundings {
                        namespace: Namespace::new("example"),
                        file: FetchableFile::new(FETCHED),
                        storage: Storage::of(&storage_namespace),
                    };
                    applied_and_destroyed(client, folder, &surroundings);
                }
            });
        }
    });
    storage_stack.destroy().ok();
}

/// Makes the S3 server for examples that bring none: another stack's.
fn storage_stack(namespace: &Namespace) -> Workspace {
    let configuration = format!(
        "resource \"s3www_stack\" \"storage\" {{\n  name = \"storage\"\n  namespace = \"{}\"\n  values = {{ replicaCount = 1, minio = {{ service = {{ type = \"NodePort\" }}, persistence = {{ size = \"64Mi\" }} }} }}\n}}\n",
        namespace.name
    );
    let stack = super::workspace(Client::OpenTofu, &configuration);
    stack.init();
    stack.apply().ok();
    stack
}

impl Storage {
    fn of(namespace: &Namespace) -> Self {
        let key = |name: &str| {
            let template = format!("go-template={{{{index .data \"{name}\" | base64decode}}}}");
            namespace.kubectl(&["get", "secret", "storage-minio-root", "-o", &template])
        };
        Self {
            endpoint: namespace.node_url("http", "storage-minio"),
            access_key: key("rootUser"),
            secret_key: key("rootPassword"),
        }
    }
}

fn applied_and_destroyed(client: Client, folder: &Path, around: &Surroundings) {
    let name = folder.display().to_string();
    let namespace = &around.namespace;
    let storage = &around.storage;
    let sha256 = sha256(FETCHED);
    let mut workspace = workspace(client).with("TF_CLI_ARGS", "-no-color");
    let text = read_all(&workspace.path(&name));
    for (variable, value) in [
        ("namespace", namespace.name.as_str()),
        ("file_url", around.file.url.as_str()),
        ("file_sha256", sha256.as_str()),
        ("force_destroy", "true"),
        ("bucket", namespace.name.as_str()),
        ("endpoint", storage.endpoint.as_str()),
        ("access_key", storage.access_key.as_str()),
        ("secret_key", storage.secret_key.as_str()),
        ("site_access_key", storage.access_key.as_str()),
        ("site_secret_key", storage.secret_key.as_str()),
    ] {
        if text.contains(&format!("variable \"{variable}\"")) {
            workspace = workspace.with(&format!("TF_VAR_{variable}"), value);
        }
    }
    if !text.contains("variable \"namespace\"") {
        // The smallest ones have no variables; the namespace comes from beside them.
        let stack = "resource \"s3www_stack\" \"site\"";
        assert!(text.contains(stack), "{name} has neither a variable `namespace` nor {stack}");
        let beside = format!("{stack} {{\n  namespace = \"{}\"\n}}\n", namespace.name);
        workspace.write(&format!("{name}/namespace_override.tf"), &beside);
    }
    let chdir = format!("-chdir={name}");
    workspace.run(&[&chdir, "init"]).ok();
    workspace.run(&[&chdir, "plan", "-out=plan.out"]).ok().says_nothing_of(&storage.secret_key);
    workspace.run(&[&chdir, "apply", "plan.out"]).ok();
    for refresh in ["-refresh=true", "-refresh=false"] {
        let ran = workspace.run(&[&chdir, "plan", "-detailed-exitcode", refresh]);
        assert_eq!(ran.status, 0, "{name}: the plan ({refresh}) is not empty:\n{}", ran.text);
    }
    let services = namespace.kubectl(&[
        "get",
        "services",
        "-l",
        "app.kubernetes.io/component=web",
        "-o",
        "name",
    ]);
    let service = services.trim().trim_start_matches("service/");
    let page = String::from_utf8(namespace.served(service, "index.html")).unwrap();
    assert!(page.contains("<h1>"), "{name} serves as index.html:\n{page}");
    if text.contains("variable \"file_key\"") {
        assert_eq!(namespace.served(service, "giphy.gif"), FETCHED, "{name}");
    }
    workspace.run(&[&chdir, "destroy", "-auto-approve"]).ok();
    let left = namespace.leftovers();
    assert!(
        left.iter().all(|object| object.starts_with("persistentvolumeclaim/data-")),
        "{name} leaves {left:?}"
    );
}

/// Returns all `.tf` files of a folder as one text.
fn read_all(folder: &Path) -> String {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tf"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}
