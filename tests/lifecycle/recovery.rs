//! Interrupted, killed, and two at a time.

use std::time::Duration;
use std::time::Instant;

use terraform_provider_s3www::helm::release::Status;
use terraform_provider_s3www::kubernetes::lifecycle::LifecycleError;
use terraform_provider_s3www::kubernetes::request::Mode;

use super::fixture::Fixture;
use super::fixture::Helm;
use super::fixture::SHELL_IMAGE;
use super::fixture::SLEEP;
use super::fixture::config_map;
use super::fixture::deployment;
use super::fixture::manifest;
use super::fixture::pod_spec;

/// A Deployment that never becomes ready, and says nothing that would end the wait.
fn never_ready() -> String {
    let mut spec = pod_spec(SHELL_IMAGE, SLEEP);
    spec["containers"][0]["readinessProbe"] =
        serde_json::json!({ "exec": { "command": ["false"] } });
    manifest(&[deployment("web", 1, &spec), config_map("early", "x")])
}

/// Waits until the release's objects are applied.
async fn applied(fixture: &Fixture) {
    fixture
        .eventually("the Deployment is applied", || async {
            fixture.exists("apps/v1", "Deployment", "web").await
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_ends_the_wait_at_once() {
    let fixture = Fixture::new("interrupt").await;
    let never = never_ready();
    let (error, took) = tokio::join!(fixture.install(&never), async {
        applied(&fixture).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        fixture.cancel.cancel();
        Instant::now()
    });
    let took = took.elapsed();
    let error = error.unwrap_err();
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(error.is_interruption(), "{error}");
    assert!(error.to_string().contains("Interrupted"), "{error}");
    let stored = fixture.store().latest().await.unwrap().unwrap();
    assert_eq!(stored.release.info.status, Status::Failed);
    assert!(stored.release.info.description.contains("interrupted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_install_is_continued() {
    let fixture = Fixture::new("killed").await;
    let never = never_ready();
    // Dropping the work is what a SIGKILL does to it.
    tokio::select! {
        result = fixture.install(&never) => panic!("{result:?}"),
        () = applied(&fixture) => {}
    }
    assert_eq!(fixture.history().await, ["1 pending-install"]);
    let began = Instant::now();
    let good = manifest(&[deployment("web", 1, &pod_spec(SHELL_IMAGE, SLEEP))]);
    let outcome = fixture.install(&good).await.unwrap();
    assert!(began.elapsed() > Duration::from_secs(10), "the heart was not listened to");
    assert_eq!(outcome.release.revision, 2);
    assert_eq!(fixture.history().await, ["1 failed", "2 deployed"]);
    // What the killed run made and the new one does not have is gone.
    assert!(!fixture.exists("v1", "ConfigMap", "early").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_upgrade_is_continued_and_a_killed_uninstall_too() {
    let fixture = Fixture::new("killed-later").await;
    let mut held = config_map("held", "x");
    held["metadata"]["finalizers"] = serde_json::json!(["example.org/hold"]);
    let good = manifest(&[held]);
    fixture.install(&good).await.unwrap();
    let never = format!("{}{good}", never_ready());
    tokio::select! {
        result = fixture.upgrade(&never) => panic!("{result:?}"),
        () = applied(&fixture) => {}
    }
    assert_eq!(fixture.history().await, ["1 deployed", "2 pending-upgrade"]);
    let outcome = fixture.upgrade(&good).await.unwrap();
    assert_eq!(outcome.release.revision, 3);
    assert_eq!(fixture.history().await, ["1 superseded", "2 failed", "3 deployed"]);
    assert!(!fixture.exists("apps/v1", "Deployment", "web").await);

    let lifecycle = fixture.lifecycle();
    tokio::select! {
        result = lifecycle.uninstall() => panic!("{result:?}"),
        () = fixture.eventually("uninstalling has begun", || async {
            fixture.history().await.last().is_some_and(|last| last == "3 uninstalling")
        }) => {}
    }
    let location = fixture.location("v1", "ConfigMap", "held");
    let patch = serde_json::json!({ "metadata": { "finalizers": null } });
    fixture.cluster.merge_patch(&location, &patch, Mode::Real).await.unwrap();
    assert_eq!(fixture.lifecycle().uninstall().await.unwrap().revision, Some(3));
    assert_eq!(fixture.history().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_works_is_respected() {
    let fixture = Fixture::new("busy").await;
    let never = never_ready();
    let second = async {
        applied(&fixture).await;
        let began = Instant::now();
        let install = fixture.lifecycle().begin_install().await.unwrap_err();
        assert!(matches!(install, LifecycleError::Busy { .. }), "{install}");
        assert!(install.to_string().contains("sign of life"), "{install}");
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
        let uninstall = fixture.lifecycle().uninstall().await.unwrap_err();
        assert!(matches!(uninstall, LifecycleError::Busy { .. }), "{uninstall}");
        fixture.cancel.cancel();
    };
    let (first, ()) = tokio::join!(fixture.install(&never), second);
    assert!(first.unwrap_err().is_interruption());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_make_one_revision() {
    let fixture = Fixture::new("race").await;
    let lifecycle = fixture.lifecycle();
    let turn = lifecycle.begin_install().await.unwrap();
    let draft = super::fixture::draft(&manifest(&[config_map("a", "x")]));
    let (one, two) =
        tokio::join!(lifecycle.install(&turn, &draft), lifecycle.install(&turn, &draft));
    let (winner, loser) = if one.is_ok() { (one, two) } else { (two, one) };
    winner.unwrap();
    let text = loser.unwrap_err().to_string();
    assert!(text.contains("created by somebody else just now"), "{text}");
    assert_eq!(fixture.history().await, ["1 deployed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_the_record_stops() {
    let fixture = Fixture::new("lost").await;
    let never = never_ready();
    let thief = async {
        applied(&fixture).await;
        // What `helm uninstall` does to a release that is being installed.
        fixture.helm(Helm::Four, &["uninstall", "site", "--wait=hookOnly"]);
    };
    let (result, ()) = tokio::join!(fixture.install(&never), thief);
    let text = result.unwrap_err().to_string();
    assert!(text.contains("changed by somebody else"), "{text}");
    assert_eq!(fixture.history().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_no_client_knows_of_is_gone_on_with_and_one_in_the_making_is_not() {
    let fixture = Fixture::new("unconfirmed").await;
    let objects = manifest(&[config_map("a", "x")]);
    fixture.install(&objects).await.unwrap();
    // Its run is still there: it shows life until the client has the answer.
    let began = Instant::now();
    let lifecycle = fixture.lifecycle();
    let (second, ()) = tokio::join!(lifecycle.begin_install(), async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            fixture.store().show_life(1).await.unwrap();
        }
    });
    let second = second.unwrap_err();
    assert!(matches!(second, LifecycleError::Busy { .. }), "{second}");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    // It was killed: nobody else would ever go on.
    let outcome = fixture.install(&objects).await.unwrap();
    assert_eq!(outcome.release.revision, 2);
    assert_eq!(fixture.history().await, ["1 superseded", "2 deployed"]);
    // The client has the answer: it is somebody's.
    fixture.store().confirm(2).await.unwrap();
    let error = fixture.lifecycle().begin_install().await.unwrap_err();
    assert!(matches!(error, LifecycleError::InUse { revision: 2, .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_is_not_ours_is_not_installed_over() {
    let fixture = Fixture::new("in-use").await;
    fixture.install(&manifest(&[config_map("a", "x")])).await.unwrap();
    fixture.store().confirm(1).await.unwrap();
    let error = fixture.lifecycle().begin_install().await.unwrap_err();
    assert!(matches!(error, LifecycleError::InUse { revision: 1, .. }), "{error}");
    assert!(error.to_string().contains("terraform import"), "{error}");
    fixture.lifecycle().uninstall().await.unwrap();
    let error = fixture.lifecycle().begin_upgrade().await.unwrap_err();
    assert!(matches!(error, LifecycleError::NotInstalled { .. }), "{error}");
}
