//! Lines that are slow, lossy or dead, by the kernel's own doing.

use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use super::object;
use super::until;
use super::workspace;
use super::write_noise;
use crate::s3::server;
use crate::support::client::Client;
use crate::support::link::Link;
use crate::support::network::Network;
use crate::support::workspace::Workspace;

/// How long the line is dead in the middle of an upload.
const DEAD: Duration = Duration::from_secs(6);

#[test]
fn an_upload_outlives_what_a_line_does_and_a_dead_line_is_told_soon() {
    let server = server::shared();
    server.mc(&["mb", "local/network"]);
    let network = Network::new();
    let link = Link::listening_at(network.host(), server.port());
    let small = object("small", "network", "BUCKET", "  count = 60\n  content = \"small\\n\"")
        .replace("\"BUCKET\"", "\"small/${count.index}\"");
    let body = object("big", "network", "big.bin", "  source = \"big.bin\"") + &small;
    let site = workspace(Client::OpenTofu, &link.url, &body).with("NO_PROXY", "*");
    let run = |arguments: &[&str]| Workspace::end(&mut network.inside(&site.command(arguments)));
    let apply = ["apply", "-no-color", "-auto-approve"];
    let assert_stored = || {
        let stored = server::block_on(server::content(&server.client(), "network", "big.bin"));
        assert!(stored == std::fs::read(site.path("big.bin")).unwrap());
    };

    // Slow, and every 33rd packet is lost.
    write_noise(&site, "big.bin", 2 * 1024 * 1024);
    network.limit("2mbit");
    network.lose(3);
    run(&apply).ok();
    assert_stored();

    // Dead for a while, in the middle.
    write_noise(&site, "big.bin", 2 * 1024 * 1024 + 1);
    network.mend();
    let before = network.received();
    let mut command = network.inside(&site.command(&apply));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until("a half is sent", || network.received() > before + 1024 * 1024);
    network.lose(100);
    std::thread::sleep(DEAD);
    network.mend();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", crate::support::text(&output));
    assert_stored();

    // Dead for good: told once it is certain, not once for each object.
    let state = site.read("terraform.tfstate");
    network.lose(100);
    let began = Instant::now();
    run(&["plan", "-no-color"])
        .failed()
        .says("The server cannot be reached (no connection within 5 s).")
        .says("Error: Object `small/59` in bucket `network`")
        .says_nothing_of("is gone");
    let took = began.elapsed();
    assert!(took < Duration::from_secs(40), "{took:?} for 61 objects");
    assert_eq!(site.read("terraform.tfstate"), state);
    network.mend();
    network.limit("1gbit");
    site.assert_nothing_to_do();
    site.destroy().ok();
}
