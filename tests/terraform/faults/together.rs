//! Two at once on one release, and what somebody else has left pending.

use std::time::Duration;

use super::place::GOOD;
use super::place::Place;
use super::place::set;
use crate::support::client::Client;
use crate::support::cluster::kubeconfig;
use crate::support::eventually;
use crate::support::process::Running;
use crate::terraform::helm;

const SLOW: &str = "values = { note = \"slow\", hooks = { migrate = \"sleep 12\" } }";

#[test]
fn of_two_at_once_one_wins_and_the_other_says_why() {
    let place = Place::new(Client::Terraform, "together");
    let kubernetes = format!("config_path = {:?}", kubeconfig());
    let other = Place::another(Client::OpenTofu, &place.namespace, &kubernetes);
    // One is in the middle of it.
    for (command, busy) in [("apply", "pending-install"), ("apply", "pending-upgrade")] {
        place.set(&SLOW.replace("slow", busy), "");
        let first = place.site.start(&[command, "-no-color", "-auto-approve"]);
        eventually("the first one is at work", || {
            place.history_or_nothing().last().is_some_and(|last| last.ends_with(busy))
        });
        set(&other, GOOD, "");
        if busy == "pending-upgrade" {
            // The same stack, from two working directories.
            let state = place.site.read("terraform.tfstate");
            other.write("terraform.tfstate", &state);
        }
        other
            .apply()
            .failed()
            .says("Somebody else is working on release `")
            .says(&format!("is {busy}, and it has just shown a sign of life."))
            .says("Wait until that is over and run again.")
            .says("its record counts as abandoned 12 s after the last one");
        first.end(Duration::from_mins(1)).ok();
        assert_eq!(place.field("configmap/early", ".data.note"), busy);
        place.site.assert_nothing_to_do();
        let pending = place.history().iter().filter(|row| row.contains("pending")).count();
        assert_eq!(pending, 0);
    }
    other.remove("terraform.tfstate");
    // A create of a release that somebody has is refused, and says how to get it.
    other
        .apply()
        .failed()
        .says("exists already (revision 2, deployed)")
        .says(&format!("`terraform import` with the id `{}/site`", place.namespace.name));
    assert_eq!(place.history().last().unwrap(), "2 deployed");
    place.end();

    // Both begin in the same moment.
    place.set(GOOD, "");
    let running =
        [&place.site, &other].map(|site| site.start(&["apply", "-no-color", "-auto-approve"]));
    let mut ran = running.map(|one| one.end(Duration::from_mins(1)));
    ran.sort_by_key(|one| one.status);
    let [winner, loser] = ran;
    winner.ok();
    let loser = loser.failed();
    let reasons = [
        "was created by somebody else just now",
        "Somebody else is working on release",
        "exists already (revision 1, deployed)",
    ];
    assert!(
        reasons.iter().any(|reason| loser.text.replace("\n│ ", " ").contains(reason)),
        "{}",
        loser.text
    );
    assert_eq!(place.history(), ["1 deployed"]);
    place.namespace.kubectl(&["rollout", "status", "deployment/web"]);
    let winners = [&place.site, &other].map(|site| site.attributes("s3www_stack.site").is_null());
    assert_eq!(winners.iter().filter(|is_null| **is_null).count(), 1, "one state has the release");
    if winners[0] {
        place.site.write("terraform.tfstate", &other.read("terraform.tfstate"));
    }
    place.end();
}

/// <https://github.com/helm/helm/issues/4558>
#[test]
fn issue_4558_what_a_killed_helm_left_pending_is_respected_and_then_recovered() {
    let place = Place::new(Client::OpenTofu, "pending");
    place.converge();
    let data = place.data();
    // Helm is killed in the middle of an upgrade.
    let mut upgrade = std::process::Command::new(crate::support::program("HELM4", "helm"));
    let chart = place.site.path("chart");
    upgrade
        .args([
            "upgrade",
            "site",
            chart.to_str().unwrap(),
            "--set",
            "note=helm,hooks.migrate=sleep 60",
        ])
        .args(["--namespace", &place.namespace.name])
        .env("KUBECONFIG", kubeconfig());
    let upgrade = Running::start(upgrade);
    eventually("Helm is at work", || {
        place.history_or_nothing().last().is_some_and(|last| last == "2 pending-upgrade")
    });
    upgrade.signal("KILL");
    drop(upgrade);
    // Nobody can tell that from a Helm that works, so it is respected for a while ...
    place.set(&GOOD.replace("one", "two"), "");
    place
        .site
        .apply()
        .failed()
        .says("revision 2 is pending-upgrade, written at ")
        .says("by another program (the Helm command line, say)")
        .says("15 minutes after it was written it counts as abandoned");
    assert_eq!(place.history().last().unwrap(), "2 pending-upgrade");
    // ... and no longer. The record's age is its label, by the clock of whoever wrote it.
    let then = std::time::SystemTime::now() - Duration::from_mins(16);
    let then = then.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let ages = ["createdAt", "modifiedAt"].map(|label| format!("{label}={then}"));
    let secret = "sh.helm.release.v1.site.v2";
    place.namespace.kubectl(&["label", "secret", secret, "--overwrite", &ages[0], &ages[1]]);
    place.converge();
    assert_eq!(place.history(), ["1 superseded", "2 failed", "3 deployed"]);
    assert_eq!(place.field("configmap/early", ".data.note"), "two");
    assert_eq!(place.data(), data);
    // And Helm goes on from there.
    helm(4, &place.namespace, &["upgrade", "site", chart.to_str().unwrap(), "--set", "note=helm"]);
    place.site.plan().ok().says("Plan: 0 to add, 1 to change, 0 to destroy.");
    place.end();
}
