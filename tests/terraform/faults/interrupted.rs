//! Ctrl-C, twice, and SIGTERM.

use std::time::Duration;
use std::time::Instant;

use super::place::GOOD;
use super::place::Place;
use crate::support::client::Client;
use crate::support::eventually;
use crate::support::proxy::Fault;
use crate::support::proxy::Proxy;

const NEVER_READY: &str = "values = { note = \"two\", unready = true }";

/// Starts an apply that waits for a pod that is never ready, and returns once it waits.
fn waiting(place: &Place) -> crate::support::process::Running {
    let running = place.site.start(&["apply", "-no-color", "-auto-approve"]);
    eventually("the new pod runs", || {
        let phase = [
            "get",
            "pods",
            "-l",
            "app=web",
            "-o",
            "jsonpath={.items[*].status.conditions[?(@.type==\"Ready\")].reason}",
        ];
        place.namespace.kubectl(&phase).contains("ContainersNotReady")
    });
    running
}

/// <https://github.com/hashicorp/terraform-provider-helm/issues/776>
#[test]
fn issue_776_an_interruption_ends_the_wait_and_the_next_apply_goes_on() {
    for (client, signal) in [(Client::Terraform, "INT"), (Client::OpenTofu, "TERM")] {
        let place = Place::new(client, "interrupted");
        place.set(NEVER_READY, "");
        let interrupt = |expected: &str| {
            let running = waiting(&place);
            let began = Instant::now();
            match signal {
                "INT" => running.signal_group(signal),
                _ => running.signal(signal),
            }
            let ran = running.end(Duration::from_secs(10));
            assert!(
                began.elapsed() < Duration::from_secs(2),
                "{:?}\n{}",
                began.elapsed(),
                ran.text
            );
            println!("{client:?}: {signal} ended the wait in {:?}", began.elapsed());
            ran.failed().says("Interrupted while ");
            assert_eq!(place.history().last().unwrap(), expected);
            assert!(place.description().ends_with(" failed: interrupted"));
        };
        // A create is in the state, and replaced.
        interrupt("1 failed");
        assert!(place.site.read("terraform.tfstate").contains("\"status\": \"tainted\""));
        place.set(GOOD, "");
        place.converge();
        assert_eq!(place.history(), ["1 deployed"]);
        let data = place.data();
        // An update leaves the old state, and is done again.
        place.set(NEVER_READY, "");
        interrupt("2 failed");
        assert_eq!(place.site.attributes("s3www_stack.site")["revision"], 1);
        place.site.plan().ok().says("Plan: 0 to add, 1 to change, 0 to destroy.");
        place.set(&GOOD.replace("one", "three"), "");
        place.converge();
        assert_eq!(place.data(), data);
        // A destroy that is held up leaves the release, and goes on.
        place.namespace.kubectl(&["patch", "configmap", "early", "--patch", HOLD]);
        let running = place.site.start(&["destroy", "-no-color", "-auto-approve"]);
        eventually("the deletion has begun", || {
            !place.field("configmap/early", ".metadata.deletionTimestamp").is_empty()
        });
        let began = Instant::now();
        running.signal_group("INT");
        running.end(Duration::from_secs(10)).failed().says("Interrupted while ");
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        assert_eq!(place.history().last().unwrap(), "3 uninstalling");
        place.namespace.kubectl(&["patch", "configmap", "early", "--patch", RELEASE]);
        place.end();
    }
}

const HOLD: &str = r#"{"metadata":{"finalizers":["example.org/hold"]}}"#;
const RELEASE: &str = r#"{"metadata":{"finalizers":null}}"#;

#[test]
fn a_second_interruption_and_a_silent_api_server_cost_nothing_either() {
    for client in Client::ALL {
        let proxy = Proxy::new();
        let place = Place::through(client, "twice", &format!("host = {:?}", proxy.url));
        // Twice while the API server says nothing, so that not even the record can be written: the
        // client is gone at once, and nothing of the create is in its state.
        let running = place.site.start(&["apply", "-no-color", "-auto-approve"]);
        proxy.wait_for(
            "PATCH",
            "/deployments/web?fieldManager=helm&force=true&fieldValidation=Strict",
        );
        eventually("the release is being installed", || {
            place.history_or_nothing() == ["1 pending-install"]
        });
        proxy.fail_all(Fault::Stall);
        running.signal_group("INT");
        std::thread::sleep(Duration::from_millis(300));
        let began = Instant::now();
        running.signal_group("INT");
        running.end(Duration::from_secs(10)).failed().says("Two interrupts received.");
        let took = began.elapsed();
        assert!(took < Duration::from_secs(4), "{client:?}: {took:?}");
        println!("{client:?}: the second Ctrl-C ended it in {took:?}");
        proxy.heal();
        assert!(place.site.attributes("s3www_stack.site").is_null(), "the create is in the state");
        place.converge();

        // Refresh and plan end at once too.
        for path in ["/secrets", "/version"] {
            proxy.forget();
            proxy.fail(usize::MAX, "GET", path, Fault::Stall);
            let running = place.site.start(&["plan", "-no-color"]);
            proxy.wait_for("GET", path);
            let began = Instant::now();
            running.signal_group("INT");
            running.end(Duration::from_secs(10)).failed().says("Error: Interrupted.");
            let took = began.elapsed();
            assert!(took < Duration::from_secs(2), "{client:?}, {path}: {took:?}");
            println!("{client:?}: Ctrl-C ended GET {path} in {took:?}");
            proxy.heal();
        }
        place.end();
    }
}
