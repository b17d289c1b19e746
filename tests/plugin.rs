//! The wire, against the real clients: what `tests/probe` is told, it keeps and
//! echoes, and each test looks at what came through.

use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use crate::support::client::Client;
use crate::support::workspace::Workspace;

mod calls;
mod tls;

/// Returns the probe, which cargo builds beside the tests as an example.
fn probe() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().unwrap().parent().unwrap();
    let probe = profile.join("examples").join("probe");
    assert!(probe.exists(), "`cargo build --example probe` makes {}", probe.display());
    probe
}

/// Returns the probe for tests that need a provider at another's address.
pub fn stand_in() -> PathBuf {
    probe()
}

fn workspace(client: Client, body: &str) -> Workspace {
    let configuration = format!(
        "terraform {{\n  required_providers {{\n    s3www = {{ source = \"terraform.local/s3www/s3www\" }}\n  }}\n}}\n{body}\n"
    );
    Workspace::new(client, &probe(), &configuration)
}

#[test]
fn values_of_every_kind_survive_the_round_trip() {
    for client in Client::ALL {
        let thirty_digits = "123456789012345678901234567890";
        let configuration = format!(
            r#"
            resource "s3www_thing" "a" {{
              name     = "a"
              count_of = 9007199254740993
              flag     = false
              names    = ["z", "a", ""]
              unique   = toset(["b", "a", "b"])
              labels   = {{ "a.b/c" = "1", d = "é\n\"" }}
              nested   = {{ url = "http://x", size = 3 }}
              rules    = [{{ url = "1" }}, {{ url = "2", size = 0 }}]
              any = {{
                tenth   = 0.1
                third   = 1 / 3
                big     = {thirty_digits}
                whole   = 1e3
                text    = "true"
                nothing = null
                empty   = {{}}
                list    = [1, "two", true, [], {{ x = null }}]
                set     = toset(["b", "a"])
                map     = tomap({{ k = 1.5 }})
              }}
            }}
            output "big" {{ value = s3www_thing.a.any.big }}
            "#
        );
        let workspace = workspace(client, &configuration);
        workspace.init();
        workspace.apply().ok();
        workspace.assert_nothing_to_do();
        let output = workspace.command(&["output", "-raw", "big"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), thirty_digits, "{client:?}");
        let attributes = workspace.attributes("s3www_thing.a");
        let echo: serde_json::Value =
            serde_json::from_str(attributes["echo"].as_str().unwrap()).unwrap();
        assert_eq!(echo["tenth"], serde_json::json!(0.1), "{client:?}");
        assert_eq!(echo["whole"], serde_json::json!(1000), "{client:?}");
        assert_eq!(echo["text"], "true", "{client:?}");
        assert_eq!(echo["list"], serde_json::json!([1, "two", true, [], { "x": null }]));
        assert_eq!(attributes["count_of"].to_string(), "9007199254740993", "{client:?}");
        assert_eq!(attributes["unique"], serde_json::json!(["a", "b"]), "{client:?}");
        assert_eq!(attributes["rules"][1]["size"], 0, "{client:?}");
        assert_eq!(attributes["rules"][0]["size"], serde_json::Value::Null, "{client:?}");
    }
}

#[test]
fn what_is_unknown_at_plan_is_planned_unknown_and_known_after_apply() {
    for client in Client::ALL {
        let workspace = workspace(
            client,
            r#"
            resource "terraform_data" "later" { input = "value" }
            resource "s3www_thing" "a" {
              name   = "a"
              labels = { known = "1", later = terraform_data.later.id }
              any    = { known = 1, later = "pre-${terraform_data.later.id}" }
              nested = { url = terraform_data.later.id }
            }
            resource "s3www_thing" "b" {
              name = "b"
              any  = terraform_data.later.output
            }
            "#,
        );
        workspace.init();
        workspace.plan().ok().says("+ echo = (known after apply)");
        workspace.apply().ok();
        workspace.assert_nothing_to_do();
        let attributes = workspace.attributes("s3www_thing.a");
        let later = attributes["labels"]["later"].as_str().unwrap().to_owned();
        assert!(attributes["echo"].as_str().unwrap().contains(&format!("pre-{later}")));
        assert_eq!(workspace.attributes("s3www_thing.b")["echo"], "\"value\"", "{client:?}");
    }
}

#[test]
fn a_write_only_value_reaches_the_provider_and_nothing_else() {
    for client in Client::ALL {
        let workspace = workspace(
            client,
            "resource \"s3www_thing\" \"a\" {\n  name = \"a\"\n  flag = true\n  \
             secret = { password = \"canary-7361\" }\n}",
        );
        workspace.init();
        workspace.plan().ok().says_nothing_of("canary-7361");
        workspace.apply().ok().says_nothing_of("canary-7361");
        workspace.assert_nothing_to_do();
        let main = std::fs::read_to_string(workspace.path("main.tf")).unwrap();
        workspace.write("main.tf", &main.replace("flag = true", "flag = false"));
        workspace.apply().ok().says("1 changed").says_nothing_of("canary-7361");
        let state = std::fs::read_to_string(workspace.path("terraform.tfstate")).unwrap();
        assert!(!state.contains("canary-7361"), "{client:?}: {state}");
    }
}

#[test]
fn a_diagnostic_points_at_its_attribute() {
    for client in Client::ALL {
        let workspace = workspace(
            client,
            "resource \"s3www_thing\" \"a\" {\n  name = \"a\"\n  nested = { url = \"x\", size = -1 }\n  any = {\n    refused = 1\n  }\n}",
        );
        workspace.init();
        workspace
            .run(&["validate", "-no-color"])
            .failed()
            .says("Error: Size is negative.")
            .says("At `nested.size`.")
            .says("nested = { url = \"x\", size = -1 }")
            .says("Error: This key is refused.")
            .says("refused = 1");
    }
}

#[test]
fn a_replace_a_map_of_maps_and_a_destroy_work() {
    for client in Client::ALL {
        let workspace = workspace(client, "resource \"s3www_thing\" \"a\" { name = \"one\" }");
        workspace.init();
        workspace.apply().ok();
        workspace.write(
            "main.tf",
            &std::fs::read_to_string(workspace.path("main.tf")).unwrap().replace("one", "two"),
        );
        workspace.plan().ok().says("must be replaced").says("~ \"leaf\" = \"one\" -> \"two\"");
        workspace.apply().ok().says("1 added, 0 changed, 1 destroyed");
        workspace.destroy().ok().says("1 destroyed");
    }
}

#[test]
fn a_state_of_an_earlier_schema_version_is_brought_to_todays() {
    for client in Client::ALL {
        let workspace = workspace(
            client,
            "resource \"s3www_thing\" \"a\" {\n  name = \"a\"\n  label = \"x\"\n}\n\
             resource \"s3www_thing\" \"b\" { name = \"b\" }",
        );
        let earlier = ["apply", "-no-color", "-auto-approve"];
        workspace.init();
        Workspace::end(workspace.command(&earlier).env("PROBE_EARLIER", "1")).ok().says("2 added");
        assert!(workspace.read("terraform.tfstate").contains("\"schema_version\": 0"));
        // The configuration is today's too; the plan shows what the probe computes since.
        workspace.replace("label = \"x\"", "labels = { label = \"x\" }");
        let plan = workspace.plan().ok().says("0 to add, 2 to change, 0 to destroy");
        plan.says_nothing_of("labels").says("+ echo");
        workspace.apply().ok();
        workspace.assert_nothing_to_do();
        let state = workspace.read("terraform.tfstate");
        assert!(
            state.contains("\"schema_version\": 1") && !state.contains("\"schema_version\": 0")
        );
        assert_eq!(workspace.attributes("s3www_thing.a")["labels"]["label"], "x", "{client:?}");
        // A state of a later version is not misread.
        let later = state.replace("\"schema_version\": 1", "\"schema_version\": 2");
        workspace.write("terraform.tfstate", &later);
        workspace.plan().failed();
    }
}

#[test]
fn an_interrupt_reaches_the_operation_and_its_state_is_kept() {
    for client in Client::ALL {
        let workspace = workspace(
            client,
            "resource \"s3www_thing\" \"a\" {\n  name = \"a\"\n  wait = \"60\"\n}",
        );
        workspace.init();
        let mut running = workspace
            .command(&["apply", "-no-color", "-auto-approve"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("Creating...")));
        let asked = Instant::now();
        let pid = running.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        lines.for_each(drop);
        assert!(!running.wait().unwrap().success());
        assert!(asked.elapsed() < Duration::from_secs(10), "{client:?}: {:?}", asked.elapsed());
        assert_eq!(workspace.attributes("s3www_thing.a")["name"], "a", "{client:?}");
    }
}

#[test]
fn by_hand_it_explains_itself() {
    let by_hand = Command::new(probe()).env_remove("TF_PLUGIN_MAGIC_COOKIE").output().unwrap();
    assert_eq!(by_hand.status.code(), Some(1));
    assert!(by_hand.stdout.is_empty());
    assert!(String::from_utf8_lossy(&by_hand.stderr).contains("It is not run by hand"));
    let version = Command::new(probe()).arg("--version").output().unwrap();
    assert!(version.status.success());
    assert!(String::from_utf8_lossy(&version.stdout).starts_with("terraform-provider-s3www v"));
    let help = Command::new(probe()).arg("--help").output().unwrap();
    assert!(help.status.success());
    assert!(String::from_utf8_lossy(&help.stdout).contains("required_providers"));
}

#[test]
fn a_debugged_provider_serves_a_client_that_attaches() {
    for client in Client::ALL {
        let mut debugged =
            Command::new(probe()).arg("--debug").stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(debugged.stdout.take().unwrap()).lines();
        let reattach = lines
            .map(Result::unwrap)
            .find_map(|line| {
                let value = line.strip_prefix("export TF_REATTACH_PROVIDERS='")?;
                Some(value.strip_suffix('\'')?.to_owned())
            })
            .unwrap();
        let workspace = workspace(client, "resource \"s3www_thing\" \"a\" { name = \"a\" }")
            .with("TF_REATTACH_PROVIDERS", reattach);
        workspace.init();
        workspace.apply().ok().says("1 added");
        assert!(debugged.try_wait().unwrap().is_none(), "it outlives the client");
        let pid = debugged.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        assert!(debugged.wait().unwrap().success(), "{client:?}");
    }
}

#[test]
fn logs_reach_the_client_at_the_level_that_is_asked_for() {
    let workspace = workspace(
        Client::Terraform,
        "resource \"s3www_thing\" \"a\" {\n  name = \"a\"\n  wait = \"60\"\n}",
    )
    .with("TF_LOG_PROVIDER", "INFO");
    workspace.init();
    let mut running = workspace
        .command(&["apply", "-no-color", "-auto-approve"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("Creating...")));
    let pid = running.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let mut log = String::new();
    std::io::Read::read_to_string(&mut running.stderr.take().unwrap(), &mut log).unwrap();
    running.wait().unwrap();
    let ours = log.lines().find(|line| line.contains("The client asked to stop."));
    assert!(ours.is_some_and(|line| line.contains("[INFO]  provider.")), "{log}");
}

/// Starts the probe as a client does and returns the process and its handshake line.
fn started(variables: &[(&str, &str)]) -> (std::process::Child, String) {
    started_as(&probe(), variables)
}

fn started_as(program: &Path, variables: &[(&str, &str)]) -> (std::process::Child, String) {
    let mut child = Command::new(program)
        .env("TF_PLUGIN_MAGIC_COOKIE", tls::COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim_end().to_owned())
}

#[test]
fn sigterm_ends_it_and_removes_its_socket_and_sigint_does_not() {
    let (mut child, line) = started(&[]);
    let socket = PathBuf::from(line.split('|').nth(3).unwrap());
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &socket.parent().unwrap().metadata().unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o700, "only its user may enter the socket's folder");
    let pid = child.id().to_string();
    let kill = |signal: &str| Command::new("kill").args([signal, &pid]).status().unwrap();
    assert!(kill("-INT").success());
    // A second signal is handled after the first, so its end shows that SIGINT was ignored.
    assert!(socket.exists());
    assert!(kill("-TERM").success());
    assert!(child.wait().unwrap().success());
    assert!(!socket.parent().unwrap().exists());
}

#[test]
fn it_serves_on_loopback_where_no_socket_can_be_made() {
    for client in Client::ALL {
        // OpenTofu and Terraform themselves need no temporary folder for this.
        let workspace = workspace(client, "resource \"s3www_thing\" \"a\" { name = \"a\" }")
            .with("TMPDIR", "/proc/none")
            .with("TF_LOG_PROVIDER", "DEBUG");
        workspace.init();
        workspace.apply().ok().says("1 added").says("the provider listens on loopback");
    }
    // Without TLS everybody on the machine could call it there.
    let refused = Command::new(probe())
        .env("TF_PLUGIN_MAGIC_COOKIE", tls::COOKIE)
        .env("TMPDIR", "/proc/none")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let text = String::from_utf8_lossy(&refused.stderr);
    assert!(text.contains("The provider could not be served: "), "{text}");
}

#[test]
fn it_ends_when_its_client_is_killed() {
    // A shell plays the client: it starts the probe and tells its process id.
    let mut client = Command::new("sh")
        .args(["-c", "\"$0\" & echo \"pid $!\"; wait"])
        .arg(probe())
        .env("TF_PLUGIN_MAGIC_COOKIE", tls::COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(client.stdout.take().unwrap());
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        output.lines().try_for_each(|line| sender.send(line.unwrap()).map_err(drop))
    });
    let limit = Duration::from_secs(10);
    let (mut pid, mut serves) = (None, false);
    while pid.is_none() || !serves {
        let line = lines.recv_timeout(limit).unwrap();
        serves |= line.starts_with("1|6|");
        pid = pid.or(line.strip_prefix("pid ").map(str::to_owned));
    }
    client.kill().unwrap();
    client.wait().unwrap();
    // The probe holds the other end of the pipe until it ends.
    let after = lines.recv_timeout(limit);
    assert_eq!(after, Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
    assert!(!PathBuf::from(format!("/proc/{}/exe", pid.unwrap())).exists());
}

#[test]
fn a_client_of_another_protocol_is_told_so() {
    let refused = Command::new(probe())
        .env("TF_PLUGIN_MAGIC_COOKIE", tls::COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "4,5")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("speaks the plugin protocols 4,5"));
}
