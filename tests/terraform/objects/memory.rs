//! Large objects, and how little memory they take.

use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use super::incomplete;
use super::object;
use super::workspace;
use super::write_noise;
use crate::s3::server;
use crate::s3::server::Server;
use crate::support::client::Client;
use crate::support::observe;
use crate::support::process::providers;
use crate::support::workspace::Workspace;

/// What the provider may have resident at any size.
const MOST_KIB: u64 = 64 * 1024;

/// Applies, and returns how long that took and how much memory the provider had at most, in KiB.
fn measured(site: &Workspace) -> (Duration, u64) {
    let mut apply = site.command(&["apply", "-no-color", "-auto-approve"]);
    let began = Instant::now();
    let mut child = apply.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(providers(child.id()).first().map_or(0, |id| observe::peak_memory(*id)));
        std::thread::sleep(Duration::from_millis(5));
    }
    let took = began.elapsed();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", crate::support::text(&output));
    assert!(peak > 0, "the provider was not seen");
    (took, peak)
}

/// Case 2, at a size that every run can afford; `soak_` has the large ones.
#[test]
fn an_upload_takes_little_memory_however_large_it_is() {
    let server = server::shared();
    server.mc(&["mb", "local/memory"]);
    let body = object("big", "memory", "big", "  source = \"big\"");
    let site = workspace(Client::Terraform, &server.endpoint().url, &body);
    let mut peaks = Vec::new();
    for size in [1, 256 * 1024 * 1024] {
        write_noise(&site, "big", size);
        peaks.push(measured(&site).1);
    }
    site.assert_nothing_to_do();
    assert!(peaks[1] < MOST_KIB, "{peaks:?} KiB");
    println!("peak memory for 1 byte and 256 MiB: {peaks:?} KiB");
    site.destroy().ok();
}

/// Case 2, and beyond what one request of S3 may copy. Prints the times beside `mc`'s: those of a
/// debug build say little, `make bench` measures a release.
#[test]
#[ignore = "a soak test: it moves 8 GiB, twice; run it by `make soak`"]
fn soak_objects_of_gigabytes() {
    const GIB: u64 = 1024 * 1024 * 1024;
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data);
    server.mc(&["mb", "local/soak"]);
    let body = object("big", "soak", "big", "  source = \"big\"");
    let site = workspace(Client::Terraform, &server.endpoint().url, &body);
    // Sparse: zeros without taking room, ended by a byte that is none.
    for size in [2 * GIB, 6 * GIB] {
        let file = std::fs::File::create(site.path("big")).unwrap();
        file.set_len(size - 1).unwrap();
        drop(file);
        let mut file = std::fs::OpenOptions::new().append(true).open(site.path("big")).unwrap();
        std::io::Write::write_all(&mut file, b"x").unwrap();
        let (took, peak) = measured(&site);
        assert!(peak < MOST_KIB, "{peak} KiB for {size} bytes");
        let began = Instant::now();
        server.mc(&["cp", site.path("big").to_str().unwrap(), "local/soak/by-mc"]);
        let mc = began.elapsed();
        server.mc(&["rm", "local/soak/by-mc"]);
        println!("{size} bytes: apply {took:.1?}, {peak} KiB; mc {mc:.1?}");
        assert_eq!(site.attributes("minio_object.big")["size"], size);
        assert_eq!(incomplete(&server, "soak", "big"), [0; 0]);
        site.assert_nothing_to_do();
    }
    // Larger than a copy may be: other headers send it again.
    site.replace("  source", "  cache_control = \"no-cache\"\n  source");
    let (took, peak) = measured(&site);
    println!("another header: apply {took:.1?}, {peak} KiB");
    site.assert_nothing_to_do();
    site.destroy().ok();
}
