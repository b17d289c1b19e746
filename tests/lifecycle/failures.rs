//! What cannot succeed fails early, and the error says why.

use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use super::fixture::Fixture;
use super::fixture::SHELL_IMAGE;
use super::fixture::SLEEP;
use super::fixture::config_map;
use super::fixture::deployment;
use super::fixture::job;
use super::fixture::manifest;
use super::fixture::pod_spec;
use super::fixture::secret;

/// Installs what cannot become ready, and returns the error's text and how long it took.
async fn fail(fixture: &Fixture, objects: &[Value]) -> (String, Duration) {
    let began = Instant::now();
    let error = fixture.install(&manifest(objects)).await.unwrap_err();
    println!("{error}\n");
    (error.to_string(), began.elapsed())
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_cannot_be_pulled() {
    let fixture = Fixture::new("image").await;
    let image = "registry.invalid/no/such:image";
    let broken = deployment("web", 2, &pod_spec(image, SLEEP));
    let (text, took) = fail(&fixture, &[broken]).await;
    assert!(took < Duration::from_mins(1), "{took:?}");
    says(
        &text,
        &[
            "/web` cannot become ready.",
            "0 of 2 pods are ready. Pod `web-",
            "container `main`: ",
            "Last event (",
            "s ago): Failed to pull image \"registry.invalid/no/such:image\": failed to do request: ",
            "kept as revision 1, status `failed`; the next apply continues from there.",
            "Hint: ",
        ],
    );
    assert!(text.contains("ErrImagePull") || text.contains("ImagePullBackOff"), "{text}");
    assert_eq!(fixture.history().await, ["1 failed"]);
    // The next apply repairs it, without `take_ownership`.
    let repaired = deployment("web", 2, &pod_spec(SHELL_IMAGE, SLEEP));
    let outcome = fixture.install(&manifest(&[repaired])).await.unwrap();
    assert_eq!(outcome.release.revision, 2);
    assert_eq!(fixture.history().await, ["1 failed", "2 deployed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_whose_name_is_none() {
    let fixture = Fixture::new("name").await;
    let broken = deployment("web", 1, &pod_spec("UPPER:case:image", SLEEP));
    let (text, took) = fail(&fixture, &[broken]).await;
    assert!(took < Duration::from_secs(20), "{took:?}");
    says(&text, &["InvalidImageName", "in lower case"]);
}

/// <https://github.com/helm/helm/issues/9285>
#[tokio::test(flavor = "multi_thread")]
async fn issue_9285_a_job_that_fails_ends_the_wait_and_shows_its_log_without_secrets() {
    let fixture = Fixture::new("job").await;
    let mut load = job("load", "echo the bucket is missing; echo token=$TOKEN; exit 3");
    load["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{ "name": "TOKEN",
        "valueFrom": { "secretKeyRef": { "name": "credentials", "key": "password" } } }]);
    let objects = [secret("credentials", "hunter2-hunter2"), load];
    let (text, took) = fail(&fixture, &objects).await;
    assert!(took < Duration::from_secs(40), "{took:?}");
    says(
        &text,
        &[
            "Job `",
            "/load` cannot become ready.",
            "BackoffLimitExceeded: Job has reached the specified backoff limit. Pod `load-",
            "container `main`: exit code 3.\n  Last",
            "Last lines of its log:\n    the bucket is missing\n    token=(sensitive value)",
        ],
    );
    assert!(!text.contains("hunter2"), "{text}");
    let stored = fixture.store().latest().await.unwrap().unwrap();
    assert!(!stored.release.info.description.contains("hunter2"));
    // A Job that has failed never runs again by itself: the next apply makes it anew.
    let repaired = [secret("credentials", "hunter2-hunter2"), job("load", "exit 0")];
    fixture.install(&manifest(&repaired)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_crashes() {
    let fixture = Fixture::new("crash").await;
    let script = "echo cannot read /etc/config; exit 7";
    let mut web = deployment("web", 1, &pod_spec(SHELL_IMAGE, script));
    // Without this the pod is ready while it runs, and on a busy machine that may be seen.
    web["spec"]["minReadySeconds"] = json!(5);
    let (text, took) = fail(&fixture, &[web]).await;
    assert!(took < Duration::from_secs(100), "{took:?}");
    says(
        &text,
        &[
            "CrashLoopBackOff, started again 3 times, exit code 7.",
            "Last lines of its log:\n    cannot read /etc/config",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_lacks_its_secret() {
    let fixture = Fixture::new("config").await;
    let mut spec = pod_spec(SHELL_IMAGE, SLEEP);
    spec["containers"][0]["envFrom"] = json!([{ "secretRef": { "name": "absent" } }]);
    let (text, took) = fail(&fixture, &[deployment("web", 1, &spec)]).await;
    assert!(took < Duration::from_secs(50), "{took:?}");
    says(&text, &["CreateContainerConfigError", "secret \"absent\" not found"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_refers_to_nothing() {
    let mut fixture = Fixture::new("mount").await;
    fixture.settings.patience.mount = Duration::from_secs(5);
    let mut spec = pod_spec(SHELL_IMAGE, SLEEP);
    spec["volumes"] = json!([{ "name": "config", "configMap": { "name": "absent" } }]);
    spec["containers"][0]["volumeMounts"] = json!([{ "name": "config", "mountPath": "/config" }]);
    let (text, took) = fail(&fixture, &[deployment("web", 1, &spec)]).await;
    assert!(took < Duration::from_secs(50), "{took:?}");
    says(&text, &["FailedMount", "configmap \"absent\" not found"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_that_are_not_admitted() {
    let mut fixture = Fixture::new("refused").await;
    fixture.settings.patience.pod_refused = Duration::from_secs(5);
    let mut spec = pod_spec(SHELL_IMAGE, SLEEP);
    spec["securityContext"] = json!({});
    let (text, _) = fail(&fixture, &[deployment("web", 1, &spec)]).await;
    says(&text, &["FailedCreate", "violates PodSecurity"]);

    let fixture = Fixture::new("quota").await;
    fixture
        .create(&json!({ "apiVersion": "v1", "kind": "ResourceQuota",
            "metadata": { "name": "none" }, "spec": { "hard": { "pods": "0" } } }))
        .await;
    let mut set = deployment("web", 1, &pod_spec(SHELL_IMAGE, SLEEP));
    set["kind"] = json!("StatefulSet");
    set["spec"]["serviceName"] = json!("web");
    let (text, took) = fail(&fixture, &[set]).await;
    assert!(took < Duration::from_mins(1), "{took:?}");
    says(&text, &["StatefulSet", "FailedCreate", "exceeded quota: none"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_fits_nowhere() {
    let mut fixture = Fixture::new("schedule").await;
    fixture.settings.patience.unschedulable = Duration::from_secs(5);
    let mut spec = pod_spec(SHELL_IMAGE, SLEEP);
    spec["containers"][0]["resources"] = json!({ "requests": { "memory": "900Ti" } });
    let (text, took) = fail(&fixture, &[deployment("web", 1, &spec)]).await;
    assert!(took < Duration::from_secs(30), "{took:?}");
    says(&text, &["Unschedulable", "Insufficient memory"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_nobody_provisions() {
    let mut fixture = Fixture::new("claim").await;
    fixture.settings.patience.storage = Duration::from_secs(5);
    let claim = json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": { "name": "data" },
        "spec": { "storageClassName": "no-such-class", "accessModes": ["ReadWriteOnce"],
            "resources": { "requests": { "storage": "1Mi" } } } });
    let (text, took) = fail(&fixture, &[claim]).await;
    assert!(took < Duration::from_secs(30), "{took:?}");
    says(&text, &["ProvisioningFailed", "no-such-class"]);
}

/// <https://github.com/hashicorp/terraform-provider-helm/issues/672>
#[tokio::test(flavor = "multi_thread")]
async fn issue_672_what_only_takes_too_long_says_what_is_missing() {
    let mut fixture = Fixture::new("slow").await;
    fixture.settings.timeout = Duration::from_secs(6);
    let mut spec = pod_spec(SHELL_IMAGE, SLEEP);
    spec["containers"][0]["readinessProbe"] = json!({ "exec": { "command": ["false"] } });
    let (text, took) = fail(&fixture, &[deployment("web", 1, &spec)]).await;
    assert!(took < Duration::from_secs(12), "{took:?}");
    says(&text, &["/web` is not ready.", "0 of 1 pod is ready.", "raise `timeout`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_upgrade_leaves_the_old_revision_serving() {
    let mut fixture = Fixture::new("upgrade").await;
    let good = deployment("web", 1, &pod_spec(SHELL_IMAGE, SLEEP));
    fixture.install(&manifest(std::slice::from_ref(&good))).await.unwrap();
    let bad = deployment("web", 1, &pod_spec("registry.invalid/a:b", SLEEP));
    let with_more = manifest(&[bad, config_map("new", "x")]);
    let error = fixture.upgrade(&with_more).await.unwrap_err().to_string();
    says(
        &error,
        &[
            "kept as revision 2, status `failed`; revision 1 still serves.",
            "`rollback_on_failure = true`",
        ],
    );
    assert_eq!(fixture.history().await, ["1 deployed", "2 failed"]);

    fixture.settings.rollback_on_failure = true;
    let error = fixture.upgrade(&with_more).await.unwrap_err().to_string();
    says(&error, &["went back to revision 1", "revision 4 now"]);
    assert_eq!(fixture.history().await, ["1 superseded", "2 failed", "3 failed", "4 deployed"]);
    // What only the failed revisions had is gone.
    assert!(!fixture.exists("v1", "ConfigMap", "new").await);
    let web = fixture.find("apps/v1", "Deployment", "web").await.unwrap();
    assert_eq!(
        web.get(&["spec", "template", "spec", "containers"]).unwrap()[0]["image"],
        json!(SHELL_IMAGE)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_install_is_removed_if_asked_for() {
    let mut fixture = Fixture::new("atomic").await;
    fixture.settings.rollback_on_failure = true;
    let bad = deployment("web", 1, &pod_spec("registry.invalid/a:b", SLEEP));
    let (text, _) = fail(&fixture, &[bad, config_map("new", "x")]).await;
    says(&text, &["was uninstalled again"]);
    assert_eq!(fixture.history().await, Vec::<String>::new());
    assert!(!fixture.exists("apps/v1", "Deployment", "web").await);
    assert!(!fixture.exists("v1", "ConfigMap", "new").await);
}
