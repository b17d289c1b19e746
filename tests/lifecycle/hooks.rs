//! Hooks run in order, are waited for, and go as their policies say.

use terraform_provider_s3www::helm::release::Hook;

use super::fixture::Fixture;
use super::fixture::config_map;
use super::fixture::draft;
use super::fixture::hook;
use super::fixture::job;
use super::fixture::manifest;

fn job_hook(name: &str, event: &str, weight: i64, policies: &[&str], script: &str) -> Hook {
    hook(name, event, weight, policies, &job(name, script).to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_run_around_install_and_uninstall() {
    let fixture = Fixture::new("hooks").await;
    let mut chart = draft(&manifest(&[config_map("a", "x")]));
    chart.hooks = vec![
        job_hook("second", "pre-install", 1, &["hook-succeeded"], "exit 0"),
        job_hook("first", "pre-install", -1, &[], "exit 0"),
        job_hook("last", "post-install", 0, &[], "exit 0"),
        job_hook("farewell", "post-delete", 0, &["hook-succeeded"], "exit 0"),
    ];
    let lifecycle = fixture.lifecycle();
    let turn = lifecycle.begin_install().await.unwrap();
    let outcome = lifecycle.install(&turn, &chart).await.unwrap();
    let lines = fixture.news.lines();
    let position = |part: &str| {
        lines
            .iter()
            .position(|line| line.contains(part))
            .unwrap_or_else(|| panic!("{part}: {lines:?}"))
    };
    assert!(position("/first`: done") < position("/second`: started"));
    assert!(position("/second`: done") < position("ConfigMap"));
    assert!(position("ConfigMap") < position("/last`: started"));
    assert!(fixture.exists("batch/v1", "Job", "first").await, "without a policy it stays");
    assert!(!fixture.exists("batch/v1", "Job", "second").await, "hook-succeeded");
    let phases: Vec<&str> =
        outcome.release.hooks.iter().map(|hook| hook.last_run.phase.as_str()).collect();
    assert_eq!(phases, ["Succeeded", "Succeeded", "Succeeded", ""]);
    assert!(outcome.release.hooks[0].last_run.completed_at.is_some());

    lifecycle.uninstall().await.unwrap();
    let lines = fixture.news.lines().join("\n");
    assert!(lines.contains("post-delete hook Job"), "{lines}");
    assert!(!fixture.exists("batch/v1", "Job", "farewell").await);
    // A hook without a policy is deleted before it is made again.
    let turn = lifecycle.begin_install().await.unwrap();
    lifecycle.install(&turn, &chart).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_fails_ends_it_with_its_log() {
    let fixture = Fixture::new("hook-fails").await;
    let mut chart = draft(&manifest(&[config_map("a", "x")]));
    let script = "echo the database is not there; exit 4";
    chart.hooks = vec![job_hook("check", "pre-install", 0, &["hook-failed"], script)];
    let lifecycle = fixture.lifecycle();
    let turn = lifecycle.begin_install().await.unwrap();
    let error = lifecycle.install(&turn, &chart).await.unwrap_err().to_string();
    println!("{error}");
    assert!(error.contains("The pre-install hook Job `"), "{error}");
    assert!(error.contains("the database is not there"), "{error}");
    assert!(!fixture.exists("v1", "ConfigMap", "a").await, "applied after a hook had failed");
    assert!(!fixture.exists("batch/v1", "Job", "check").await, "hook-failed");
    let stored = fixture.store().latest().await.unwrap().unwrap();
    assert_eq!(stored.release.hooks[0].last_run.phase, "Failed");
}

/// Hooks that carry the revision in their name leave something in each; so do those that fail.
#[tokio::test(flavor = "multi_thread")]
async fn what_hooks_left_goes_with_the_record_of_their_revision() {
    let mut fixture = Fixture::new("hooks-left").await;
    fixture.settings.max_history = 2;
    let lifecycle = fixture.lifecycle();
    let mut names = Vec::new();
    for revision in 1..=4 {
        let mut chart = draft(&manifest(&[config_map("a", &revision.to_string())]));
        let own = format!("migrate-{revision}");
        let events = "pre-upgrade";
        chart.hooks = vec![
            job_hook(&own, events, 0, &[], "exit 0"),
            job_hook("always", events, 1, &[], "exit 0"),
            job_hook("check", events, 2, &[], if revision == 3 { "exit 1" } else { "exit 0" }),
        ];
        if revision == 1 {
            lifecycle.install(&lifecycle.begin_install().await.unwrap(), &chart).await.unwrap();
            continue;
        }
        let done = lifecycle.upgrade(&lifecycle.begin_upgrade().await.unwrap(), &chart).await;
        assert_eq!(done.is_err(), revision == 3);
        names.push(own);
    }
    assert_eq!(fixture.history().await, ["3 failed", "4 deployed"]);
    let mut left = Vec::new();
    for name in names.iter().map(String::as_str).chain(["always", "check"]) {
        if fixture.exists("batch/v1", "Job", name).await {
            left.push(name);
        }
    }
    // Deleted in the foreground, so those of revision 2 may need a moment.
    fixture
        .eventually("what revision 2 left is gone", async || {
            !fixture.exists("batch/v1", "Job", "migrate-2").await
        })
        .await;
    left.retain(|name| *name != "migrate-2");
    assert_eq!(left, ["migrate-3", "migrate-4", "always", "check"]);
    fixture.lifecycle().uninstall().await.unwrap();
    assert!(fixture.list("batch/v1", "Job").await.is_empty(), "and with the release, the rest");
}
