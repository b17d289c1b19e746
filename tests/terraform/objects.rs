//! Objects and buckets in a MinIO that no stack made, from HCL to stored bytes.

mod buckets;
mod conflicts;
mod faults;
mod foreign;
mod interrupted;
mod keys;
mod memory;
mod network;
mod peers;
mod tunnel;
mod versions;

use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use crate::s3::server;
use crate::s3::server::Server;
use crate::support::client::Client;
use crate::support::noise;
use crate::support::workspace::Workspace;

/// Makes a working directory with the provider and a configuration for the server at `url`.
pub fn workspace(client: Client, url: &str, body: &str) -> Workspace {
    let minio = format!(
        "endpoint = {url:?}, access_key = {:?}, secret_key = {:?}",
        server::ACCESS_KEY,
        server::SECRET_KEY
    );
    workspace_with(client, &minio, body)
}

/// Does the same with another `minio` block.
fn workspace_with(client: Client, minio: &str, body: &str) -> Workspace {
    let head = format!(
        "terraform {{\n  required_providers {{\n    s3www = {{ source = \"terraform.local/s3www/s3www\" }}\n  }}\n}}\n\nprovider \"s3www\" {{\n  minio = {{ {minio} }}\n}}\n"
    );
    let provider = Path::new(env!("CARGO_BIN_EXE_terraform-provider-s3www"));
    let site = Workspace::new(client, provider, &(head + body)).with("NO_PROXY", "127.0.0.1");
    site.init();
    site
}

/// Returns an object of the configuration, `minio_object.NAME`.
fn object(name: &str, bucket: &str, key: &str, more: &str) -> String {
    format!(
        "\nresource \"minio_object\" {name:?} {{\n  provider = s3www\n  bucket = {bucket:?}\n  key = {key:?}\n{more}\n}}\n"
    )
}

/// Makes a bucket and returns its name. Fails if another test has a bucket of that name: the two
/// would see each other's objects, whenever they happen to run at the same time.
pub fn bucket(server: &Server, name: &str, client: Client) -> String {
    let bucket = format!("{name}-{client:?}").to_lowercase();
    server.mc(&["mb", &format!("local/{bucket}")]);
    bucket
}

/// Writes an object as somebody else would.
fn write(server: &Server, bucket: &str, key: &str, content: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, content).unwrap();
    let to = format!("local/{bucket}/{key}");
    server.mc(&["cp", "--attr", "Content-Type=text/plain", file.to_str().unwrap(), &to]);
}

/// Returns the content of an object as text.
fn read(server: &Server, bucket: &str, key: &str) -> String {
    server.mc(&["cat", &format!("local/{bucket}/{key}")])
}

/// Returns how many parts each incomplete upload of a key has.
fn incomplete(server: &Server, bucket: &str, key: &str) -> Vec<usize> {
    server::block_on(server::incomplete(&server.client(), bucket, key))
}

/// Waits until a condition holds, and fails if it does not in time.
#[track_caller]
fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(2);
    while !condition() {
        assert!(Instant::now() < deadline, "{what} did not come true");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Writes a file in the working directory whose bytes repeat nowhere near a part's size.
fn write_noise(workspace: &Workspace, name: &str, size: usize) {
    std::fs::write(workspace.path(name), noise(size)).unwrap();
}
