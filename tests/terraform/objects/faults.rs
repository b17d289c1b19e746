//! A server that restarts, is killed or does not answer, and links that are slow or break.

use std::process::Child;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use super::incomplete;
use super::object;
use super::read;
use super::until;
use super::workspace;
use super::write_noise;
use crate::s3::server;
use crate::s3::server::Server;
use crate::s3::server::Setup;
use crate::support::client::Client;
use crate::support::link::Faults;
use crate::support::link::Link;
use crate::support::link::Then;
use crate::support::workspace::Workspace;

const MIB: u64 = 1024 * 1024;

fn start(site: &Workspace, command: &str) -> Child {
    let mut command = site.command(&[command, "-no-color", "-auto-approve"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn assert_succeeds(child: Child) {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", crate::support::text(&output));
}

/// Fails the test unless the object is exactly the file, and nothing else is left of its uploads.
fn assert_stored(site: &Workspace, server: &Server, name: &str) {
    let stored = server::block_on(server::content(&server.client(), "site", name));
    assert!(stored == std::fs::read(site.path(name)).unwrap(), "{name} is not what was sent");
    assert_eq!(incomplete(server, "site", name), [0; 0]);
}

/// Upload, refresh and delete while the server is killed, away, and stopped.
#[test]
fn a_server_that_comes_back_is_waited_for_and_one_that_does_not_is_an_error() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(&data);
    let again = Setup { port: Some(server.port()), ..Setup::default() };
    server.mc(&["mb", "local/site"]);
    let proxy = Link::to(server.port());
    let client = Client::OpenTofu;
    let body = object("big", "site", "big.bin", "  source = \"big.bin\"")
        + &object("small", "site", "small.txt", "  content = \"small\\n\"");
    let site = workspace(client, &proxy.url, &body);
    write_noise(&site, "big.bin", 100 * 1024 * 1024);
    let uploading = |server: &Server, site: &Workspace| {
        proxy.set(Faults { rate: Some(8 * MIB), ..Faults::default() });
        let apply = start(site, "apply");
        until("a part is there", || {
            incomplete(server, "site", "big.bin").iter().sum::<usize>() > 0
        });
        apply
    };

    // Killed in the middle of an upload, and back after a while: parts that were sent count.
    let apply = uploading(&server, &site);
    server.signal("KILL");
    drop(server);
    std::thread::sleep(Duration::from_secs(5));
    server = Server::start_as(data.path(), again);
    assert_succeeds(apply);
    assert_stored(&site, &server, "big.bin");
    site.assert_nothing_to_do();

    // Stopped in the middle of one: nothing moves, then all goes on.
    write_noise(&site, "big.bin", 101 * 1024 * 1024);
    let apply = uploading(&server, &site);
    server.signal("STOP");
    std::thread::sleep(Duration::from_secs(3));
    server.signal("CONT");
    assert_succeeds(apply);
    assert_stored(&site, &server, "big.bin");
    proxy.set(Faults::default());

    // Away: an error that says so, within seconds, and nothing is taken for gone.
    let state = site.read("terraform.tfstate");
    server.signal("KILL");
    drop(server);
    for command in ["plan", "apply", "destroy"] {
        let began = Instant::now();
        let arguments = ["-no-color", "-auto-approve"];
        let arguments = if command == "plan" { &arguments[..1] } else { &arguments[..] };
        site.run(&[&[command], arguments].concat())
            .failed()
            .says(&format!("in bucket `site` at `{}` could not be read", proxy.url))
            .says("The server cannot be reached")
            .says("Check the endpoint")
            .says_nothing_of("is gone");
        assert!(began.elapsed() < Duration::from_secs(30), "{command}: {:?}", began.elapsed());
        assert_eq!(site.read("terraform.tfstate"), state);
    }
    // Gone between refresh and delete: an error, and the state keeps what is there.
    site.run(&["destroy", "-no-color", "-auto-approve", "-refresh=false"])
        .failed()
        .says("could not be read")
        .says("The server cannot be reached");
    server = Server::start_as(data.path(), again);
    site.assert_nothing_to_do();
    assert_eq!(read(&server, "site", "small.txt"), "small\n");
    site.destroy().ok().says("2 destroyed");
    assert_eq!(server.mc(&["ls", "local/site"]), "");
}

/// A hundred objects, a folder and a bucket, whose server takes connections and says nothing: one
/// wait for all of them, the same error for each.
#[test]
fn a_server_that_hangs_costs_one_wait_however_many_objects_it_has() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data);
    server.mc(&["mb", "local/site"]);
    let body = object("small", "site", "KEY", "  count = 100\n  content = \"small\\n\"")
        .replace("\"KEY\"", "\"small/${count.index}\"")
        + r#"
resource "minio_directory" "folder" {
  provider = s3www
  bucket   = "site"
  source   = "folder"
  prefix   = "folder"
}

resource "minio_bucket" "site" {
  provider       = s3www
  bucket         = "site"
  adopt_existing = true
}
"#;
    let site = workspace(Client::OpenTofu, &server.endpoint().url, &body);
    site.write("folder/a", "a\n");
    site.apply().ok();
    let state = site.read("terraform.tfstate");

    server.signal("STOP");
    let plan = ["plan", "-no-color"];
    let destroy = ["destroy", "-no-color", "-auto-approve", "-refresh=false"];
    for arguments in [&plan[..], &destroy[..]] {
        let began = Instant::now();
        let ran = site.run(arguments).failed().says_nothing_of("is gone");
        let took = began.elapsed();
        assert!(took < Duration::from_mins(1), "{arguments:?}: {took:?} for 102 resources");
        let told = ran.text.matches("(it does not answer: nothing came within 20").count();
        // `destroy` begins with what nothing depends on, which is all of it.
        assert_eq!(told, 102, "{}", ran.text);
        let now: serde_json::Value = serde_json::from_str(&site.read("terraform.tfstate")).unwrap();
        let before: serde_json::Value = serde_json::from_str(&state).unwrap();
        assert_eq!(now["resources"], before["resources"]);
    }
    server.signal("CONT");
    site.assert_nothing_to_do();
}

/// 64 KiB in a second: an upload takes long, and nothing else is given up because of it.
#[test]
fn a_very_slow_link_is_not_taken_for_silence() {
    let server = server::shared();
    server.mc(&["mb", "local/slow"]);
    let proxy = Link::to(server.port());
    proxy.set(Faults { rate: Some(64 * 1024), ..Faults::default() });
    let body = object("big", "slow", "big.bin", "  source = \"big.bin\"")
        + &object("small", "slow", "small.txt", "  content = \"small\\n\"");
    let site = workspace(Client::Terraform, &proxy.url, &body);
    write_noise(&site, "big.bin", 3 * 512 * 1024);
    site.apply().ok();
    let stored = server::block_on(server::content(&server.client(), "slow", "big.bin"));
    assert!(stored == std::fs::read(site.path("big.bin")).unwrap());
    site.assert_nothing_to_do();
    site.destroy().ok();
}

#[test]
fn slow_links_are_waited_for_and_broken_ones_tried_again() {
    let server = server::shared();
    server.mc(&["mb", "local/links"]);
    let proxy = Link::to(server.port());
    let body = object("big", "links", "big.bin", "  source = \"big.bin\"");
    let site = workspace(Client::Terraform, &proxy.url, &body);
    let stored = || server::block_on(server::content(&server.client(), "links", "big.bin"));
    let file = || std::fs::read(site.path("big.bin")).unwrap();

    // Each connection breaks after some megabytes, seven times in a row.
    write_noise(&site, "big.bin", 40 * 1024 * 1024);
    let then = Then::Breaks { times: 7, every: 3 * MIB };
    proxy.set(Faults { after: Some(MIB), then, ..Faults::default() });
    site.apply().ok();
    assert!(stored() == file());
    assert_eq!(incomplete(server, "links", "big.bin"), [0; 0]);

    // A small one in a single request.
    write_noise(&site, "big.bin", 2 * 1024 * 1024);
    let then = Then::Breaks { times: 2, every: MIB };
    proxy.set(Faults { after: Some(MIB), then, ..Faults::default() });
    site.apply().ok();
    assert!(stored() == file());

    // Slow, but moving.
    write_noise(&site, "big.bin", 18 * 1024 * 1024);
    proxy.set(Faults { rate: Some(3 * MIB), ..Faults::default() });
    site.apply().ok();
    assert!(stored() == file());
    proxy.set(Faults::default());
    site.assert_nothing_to_do();
    site.destroy().ok();
}

/// Case 10: none of it is taken for gone, and nothing is planned anew.
#[test]
fn whoever_is_not_let_in_gets_an_error_and_keeps_the_state() {
    let server = server::shared();
    server.mc(&["mb", "local/denied"]);
    let url = server.endpoint().url;
    let body = "\nresource \"minio_bucket\" \"b\" {\n  provider = s3www\n  bucket = \"denied\"\n  adopt_existing = true\n}\n".to_owned()
        + &object("page", "denied", "page", "  content = \"text\\n\"");
    let site = workspace(Client::Terraform, &url, &body);
    site.apply().ok();
    let state = site.read("terraform.tfstate");
    server.mc(&["admin", "user", "add", "local", "stranger", "no-secret-at-all"]);
    for (old, new, reason) in [
        (server::SECRET_KEY, "wrong-secret", "the secret key is wrong"),
        (server::ACCESS_KEY, "nobody-known", "the server knows no such access key"),
        ("nobody-known", "stranger", "the server knows no such access key"),
    ] {
        site.replace(&format!("{old:?}"), &format!("{new:?}"));
        if new == "stranger" {
            site.replace("\"wrong-secret\"", "\"no-secret-at-all\"");
        }
        let reason = if new == "stranger" { "the server denies access" } else { reason };
        // The key is looked at first by the server, so a wrong one is told before a wrong secret.
        site.plan()
            .failed()
            .says("Error: Bucket `denied`")
            .says("Error: Object `page` in bucket `denied`")
            .says(&format!("{}{}", reason[..1].to_uppercase(), &reason[1..]))
            .says("Check the access key, its secret")
            .says_nothing_of("will be created")
            .says_nothing_of("is gone")
            .says_nothing_of("wrong-secret")
            .says_nothing_of("no-secret-at-all");
        assert_eq!(site.read("terraform.tfstate"), state);
    }
}

/// Case 9.
#[test]
fn a_key_a_bucket_and_a_version_that_somebody_deleted_are_told_apart() {
    let server = server::shared();
    for client in Client::ALL {
        let bucket = format!("gone-{client:?}").to_lowercase();
        let body = format!(
            "\nresource \"minio_bucket\" \"b\" {{\n  provider = s3www\n  bucket = {bucket:?}\n  versioning = true\n  force_destroy = true\n}}\n"
        ) + &object("page", "BUCKET", "page", "  content = \"text\\n\"")
            .replace("\"BUCKET\"", "minio_bucket.b.bucket");
        let site = workspace(client, &server.endpoint().url, &body);
        site.apply().ok();

        let page = format!("local/{bucket}/page");
        server.mc(&["rm", &page]);
        site.plan()
            .ok()
            .says(&format!("Object `{bucket}/page` is gone."))
            .says("its latest version is the delete marker")
            .says("Plan: 1 to add, 0 to change, 0 to destroy.");
        site.apply().ok();
        site.assert_nothing_to_do();

        server.mc(&["rm", "--versions", "--force", &page]);
        site.plan()
            .ok()
            .says("the key does not exist in the bucket")
            .says("Plan: 1 to add, 0 to change, 0 to destroy.");
        site.apply().ok();
        site.assert_nothing_to_do();

        server.mc(&["rb", "--force", &format!("local/{bucket}")]);
        site.plan()
            .ok()
            .says(&format!("Bucket `{bucket}` is gone."))
            .says("the bucket does not exist")
            .says("Plan: 2 to add, 0 to change, 0 to destroy.");
        site.apply().ok();
        site.assert_nothing_to_do();
        site.destroy().ok();
    }
}
