//! Uploads and downloads that are interrupted or killed through the whole provider.

use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use super::bucket;
use super::incomplete;
use super::object;
use super::until;
use super::workspace;
use super::write_noise;
use crate::s3::server;
use crate::support::client::Client;
use crate::support::link::Faults;
use crate::support::link::Link;
use crate::support::workspace::Workspace;

const MIB: u64 = 1024 * 1024;

/// Starts an apply in a process group of its own, as a terminal would.
fn start_apply(site: &Workspace) -> Child {
    let mut command = site.command(&["apply", "-no-color", "-auto-approve"]);
    command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Sends a signal to the client and everything that it started, as Ctrl-C does.
fn signal(apply: &Child, name: &str) {
    let group = format!("-{}", apply.id());
    let sent = Command::new("kill").args(["-s", name, "--", &group]).status().unwrap();
    assert!(sent.success());
}

/// Cases 13 and 14 with both clients.
///
/// Case 13.
/// Case 14.
#[test]
fn an_interrupted_upload_leaves_nothing_and_a_killed_one_nothing_after_the_next() {
    let server = server::shared();
    for client in Client::ALL {
        let bucket = bucket(server, "interrupted", client);
        let proxy = Link::to(server.port());
        let body = object("big", &bucket, "dir/big.bin", "  source = \"big.bin\"");
        let site = workspace(client, &proxy.url, &body);
        write_noise(&site, "big.bin", 100 * 1024 * 1024);
        let parts = || incomplete(server, &bucket, "dir/big.bin");
        let stall = || {
            proxy.set(Faults { after: Some(72 * MIB), ..Faults::default() });
            let apply = start_apply(&site);
            until("a part is there", || parts().iter().sum::<usize>() > 0);
            apply
        };

        let apply = stall();
        let stopped = Instant::now();
        signal(&apply, "INT");
        let output = apply.wait_with_output().unwrap();
        assert!(!output.status.success());
        assert!(stopped.elapsed() < Duration::from_secs(10), "{:?}", stopped.elapsed());
        let text = crate::support::text(&output);
        assert!(text.contains("The operation was cancelled"), "{text}");
        assert_eq!(parts(), [0; 0], "the interrupted upload was aborted");
        assert_eq!(server.mc(&["ls", "--recursive", &format!("local/{bucket}")]), "");

        let mut apply = stall();
        signal(&apply, "KILL");
        apply.wait().unwrap();
        assert_eq!(parts().len(), 1, "nobody was there to abort the killed upload");
        // The client that was killed did not give back its lock.
        drop(std::fs::remove_file(site.path(".terraform.tfstate.lock.info")));
        proxy.set(Faults::default());
        site.apply().ok();
        assert_eq!(parts(), [0; 0], "the next upload removed what the killed one left");
        site.assert_nothing_to_do();
        site.destroy().ok();
    }
}

/// A download that is killed leaves no file behind.
#[test]
fn a_killed_download_leaves_no_temporary_file() {
    let server = server::shared();
    let bucket = bucket(server, "killed-download", Client::Terraform);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/file.bin", listener.local_addr().unwrap());
    let (sent, half_sent) = std::sync::mpsc::channel();
    let web = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // No client expects an answer before it has asked.
        assert_ne!(stream.read(&mut [0; 4096]).unwrap(), 0);
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&vec![b'x'; 16 * 1024 * 1024]).unwrap();
        sent.send(()).unwrap();
        // Until the other end is gone.
        drop(std::io::copy(&mut stream, &mut std::io::sink()));
    });
    let hash = "0".repeat(64);
    let more = format!("  source_url = {url:?}\n  sha256 = {hash:?}");
    let body = object("fetched", &bucket, "file.bin", &more);
    let temporary = tempfile::tempdir().unwrap();
    let site = workspace(Client::Terraform, &server.endpoint().url, &body)
        .with("TMPDIR", temporary.path().to_str().unwrap());
    let mut apply = start_apply(&site);
    half_sent.recv_timeout(Duration::from_mins(1)).unwrap();
    signal(&apply, "KILL");
    apply.wait().unwrap();
    web.join().unwrap();
    let mut left = Vec::new();
    let mut folders = vec![temporary.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.metadata().unwrap().len() > 0 {
                left.push(entry.path());
            }
        }
    }
    assert_eq!(left, Vec::<std::path::PathBuf>::new(), "files of the killed download are left");
}
