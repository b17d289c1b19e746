//! An API server that is slow, busy, away, or whose answers are lost.

use std::time::Duration;
use std::time::Instant;

use super::place::GOOD;
use super::place::Place;
use crate::support::client::Client;
use crate::support::eventually;
use crate::support::proxy::Fault;
use crate::support::proxy::Proxy;

const RECORDS: &str = "/secrets/sh.helm.release.v1.";

fn place(client: Client, purpose: &str) -> (Proxy, Place) {
    let proxy = Proxy::new();
    let place = Place::through(client, purpose, &format!("host = {:?}", proxy.url));
    (proxy, place)
}

fn good(note: &str) -> String {
    GOOD.replace("one", note)
}

#[test]
fn what_passes_is_repeated_and_nothing_is_done_twice() {
    let (proxy, place) = place(Client::OpenTofu, "passing");
    // The answer to the POST that makes the record, which is the lock, is lost: it is ours.
    proxy.fail(1, "POST", "/secrets?", Fault::LoseAnswer);
    // So are answers to applies, to a heartbeat, and to the record's last change.
    proxy.fail(
        1,
        "PATCH",
        "/configmaps/early?fieldManager=helm&force=true&fieldValidation=Strict&dry",
        Fault::Reset,
    );
    proxy.fail(1, "PATCH", "/deployments/web", Fault::LoseAnswer);
    proxy.fail(1, "PUT", RECORDS, Fault::LoseAnswer);
    place.set(&good("one"), "");
    place.converge();
    assert_eq!(place.history(), ["1 deployed"], "the POST was not repeated blindly");
    assert_eq!(proxy.count("POST", "/secrets?"), 2, "sent, and sent again to find out");

    // A busy API server is asked again when it says, whatever the request.
    proxy.forget();
    proxy.heal();
    let began = Instant::now();
    proxy.fail(2, "POST", "/secrets?", Fault::Status(429, Some("2")));
    proxy.fail(2, "PATCH", "/configmaps/early", Fault::Status(429, Some("1")));
    proxy.fail(2, "GET", "/version", Fault::Status(503, None));
    proxy.fail(1, "GET", "/apis", Fault::CutAnswer);
    proxy.fail(2, "GET", "/deployments/web", Fault::Reset);
    place.set(&good("two"), "");
    place.site.apply().ok();
    assert!(
        began.elapsed() > Duration::from_secs(4),
        "`Retry-After` was not kept: {:?}",
        began.elapsed()
    );
    assert_eq!(proxy.count("POST", "/secrets?"), 3);
    assert_eq!(place.history(), ["1 superseded", "2 deployed"]);

    // A lost heartbeat is not somebody else's change.
    proxy.forget();
    proxy.heal();
    let merge = format!("{RECORDS}site.v3?fieldManager=helm");
    proxy.fail(1, "PATCH", &merge, Fault::LoseAnswer);
    place.set("values = { note = \"three\", hooks = { migrate = \"sleep 7\" } }", "");
    place.site.apply().ok();
    assert!(proxy.count("PATCH", &merge) >= 3, "the heart went on beating");
    assert_eq!(place.history().last().unwrap(), "3 deployed");

    // The user's own mistake is not repeated.
    proxy.forget();
    place.set("values = { note = \"four\", replicas = \"many\" }", "");
    place.site.plan().failed().says("Deployment `");
    let tries = proxy.count("PATCH", "/deployments/web");
    assert!((1..=2).contains(&tries), "a manifest that does not fit was sent {tries} times");

    // Answers to deletions are lost.
    proxy.heal();
    for path in ["/deployments/web", "/services/web", RECORDS] {
        proxy.fail(1, "DELETE", path, Fault::LoseAnswer);
    }
    place.set(&good("three"), "");
    place.end();
    assert_eq!(place.history_or_nothing(), [""; 0]);
}

#[test]
fn an_api_server_that_is_away_for_a_while_is_waited_for() {
    let (proxy, place) = place(Client::Terraform, "away");
    // In the middle of a create, of an update and of a destroy, for longer than a request repeats.
    for (note, before) in [("one", 0), ("two", 1)] {
        place.set(
            &format!("values = {{ note = \"{note}\", hooks = {{ migrate = \"sleep 2\" }} }}"),
            "",
        );
        let running = place.site.start(&["apply", "-no-color", "-auto-approve"]);
        eventually("the operation has begun", || place.history_or_nothing().len() > before);
        proxy.close();
        std::thread::sleep(Duration::from_secs(9));
        proxy.reopen();
        running.end(Duration::from_mins(2)).ok();
        place.site.assert_nothing_to_do();
        assert_eq!(place.history().len(), before + 1);
    }
    let running = place.site.start(&["destroy", "-no-color", "-auto-approve"]);
    eventually("the deletion has begun", || {
        place.history_or_nothing().last().is_none_or(|last| last.ends_with("uninstalling"))
    });
    proxy.close();
    std::thread::sleep(Duration::from_secs(9));
    proxy.reopen();
    running.end(Duration::from_mins(2)).ok();
    assert_eq!(place.namespace.leftovers(), [""; 0]);
}

/// <https://github.com/hashicorp/terraform-provider-helm/issues/1669>
#[test]
fn issue_1669_an_api_server_that_cannot_be_asked_makes_nobody_forget_the_release() {
    let (proxy, place) = place(Client::Terraform, "blip");
    place.converge();
    let state = place.site.read("terraform.tfstate");
    let faults = [
        (Fault::Status(503, None), "503"),
        (Fault::Status(500, None), "500"),
        (Fault::Status(401, None), "401 Unauthorized"),
        (Fault::Status(403, None), "403"),
        (Fault::Reset, "cannot be reached"),
        (Fault::CutAnswer, "cannot be read"),
    ];
    for (fault, says) in faults {
        proxy.fail(usize::MAX, "GET", "/secrets?labelSelector", fault);
        let began = Instant::now();
        place.site.plan().failed().says("Error: The release cannot be read.").says(says);
        assert!(began.elapsed() < Duration::from_secs(15), "{fault:?}: {:?}", began.elapsed());
        proxy.heal();
    }
    // A 404 for something else is not a 404 for the release.
    proxy.fail(usize::MAX, "GET", "/secrets?labelSelector", Fault::Status(404, None));
    place.site.plan().failed().says("Error: The release cannot be read.");
    proxy.heal();
    // One that is off is reported at once, one that is silent within half a minute.
    proxy.close();
    let began = Instant::now();
    place.site.apply().failed().says("cannot be reached").says(&proxy.url);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    proxy.reopen();
    proxy.fail(usize::MAX, "GET", "/secrets?labelSelector", Fault::Stall);
    let began = Instant::now();
    place.site.apply().failed().says("did not answer GET /api/v1/namespaces/").says("within 30 s");
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    proxy.heal();
    assert_eq!(place.site.read("terraform.tfstate"), state);
    place.converge();
    assert_eq!(place.history(), ["1 deployed"]);
    place.end();
}

/// <https://github.com/hashicorp/terraform-provider-helm/pull/1867>
#[test]
fn issue_1867_a_destroy_that_cannot_ask_forgets_nothing_and_is_no_success() {
    let (proxy, place) = place(Client::OpenTofu, "no-destroy");
    place.converge();
    // The time is in the state, which is what a destroy knows.
    place.site.replace("timeout = \"2m\"", "timeout = \"5s\"");
    place.site.apply().ok();
    for (fault, says) in [(Fault::Status(500, None), "500"), (Fault::Reset, "cannot be reached")] {
        proxy.fail(usize::MAX, "GET", "/secrets?labelSelector", fault);
        let destroy = ["destroy", "-no-color", "-auto-approve", "-refresh=false"];
        place.site.run(&destroy).failed().says(says);
        assert!(!place.site.attributes("s3www_stack.site").is_null());
        proxy.heal();
    }
    assert_eq!(place.history(), ["1 deployed"]);
    place.site.assert_nothing_to_do();
    // Five seconds are too few for the pod to go.
    place.site.replace("timeout = \"5s\"", "timeout = \"1m\"");
    place.site.apply().ok();
    place.end();
}

#[test]
fn an_api_server_that_stays_away_ends_the_operation_and_the_next_one_goes_on() {
    let (proxy, place) = place(Client::OpenTofu, "gone-away");
    place.site.replace("timeout = \"2m\"", "timeout = \"15s\"");
    place.converge();
    let data = place.data();
    for silent in [false, true] {
        let note = format!("silent-{silent}");
        place.set(
            &format!("values = {{ note = \"{note}\", hooks = {{ migrate = \"sleep 3\" }} }}"),
            "",
        );
        let before = place.history().len();
        let running = place.site.start(&["apply", "-no-color", "-auto-approve"]);
        eventually("the operation has begun", || place.history_or_nothing().len() > before);
        let began = Instant::now();
        if silent {
            proxy.fail_all(Fault::Stall);
        } else {
            proxy.close();
        }
        let ran = running.end(Duration::from_mins(2)).failed();
        assert!(began.elapsed() < Duration::from_secs(75), "{:?}", began.elapsed());
        ran.says(if silent { "did not answer" } else { "cannot be reached" })
            .says("still says that it is being worked on")
            .says("the next apply recovers from that by itself.");
        if silent {
            proxy.heal();
        } else {
            proxy.reopen();
        }
        assert!(place.history().last().unwrap().ends_with("pending-upgrade"));
        place.converge();
        assert_eq!(place.field("configmap/early", ".data.note"), note);
        assert_eq!(place.data(), data);
    }
    place.end();
}
