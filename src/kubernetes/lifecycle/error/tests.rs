use super::*;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::wait::trouble::Cause;
use crate::kubernetes::wait::trouble::Trouble;

fn explanation(name: &str, message: &str) -> Explanation {
    Explanation {
        object: ObjectReference {
            kind: GroupVersionKind::new("apps/v1", "Deployment"),
            namespace: Some("web".into()),
            name: name.into(),
        },
        is_certain: true,
        summary: "0 of 1 pods ready".into(),
        pods: Some((0, 1)),
        trouble: Some(Trouble::of_object(Cause::Unschedulable, "Unschedulable", message)),
        events: Vec::new(),
        log: Vec::new(),
    }
}

fn release(revision: u32, status: Status) -> Release {
    let mut release: Release = serde_json::from_value(serde_json::json!({
        "name": "site", "namespace": "web", "version": revision, "info": {},
        "manifest": "password: hunter2-hunter2",
    }))
    .unwrap();
    release.info.status = status;
    release
}

fn failure(
    source: LifecycleError,
    release: Option<Release>,
    serving: Option<u32>,
    aftermath: Aftermath,
) -> LifecycleError {
    let sensitive = Sensitive::new([String::from("hunter2-hunter2")]);
    LifecycleError::Failed(Box::new(Failure::new(source, release, serving, aftermath, &sensitive)))
}

fn hopeless() -> LifecycleError {
    let explanations =
        vec![explanation("a", "no room for hunter2-hunter2"), explanation("b", "no room")];
    LifecycleError::Wait(WaitError::Hopeless { explanations })
}

#[test]
fn a_failed_upgrade_says_why_and_what_still_serves() {
    let error = failure(hopeless(), Some(release(4, Status::Failed)), Some(3), Aftermath::Kept);
    assert_eq!(error.summary(), "Deployment `web/a` cannot become ready.");
    let expected = "0 of 1 pod is ready. Unschedulable: no room for (sensitive value).\n\
        Deployment `web/b` cannot become ready. 0 of 1 pod is ready. Unschedulable: no room.\n\
        The release is kept as revision 4, status `failed`; revision 3 still serves.\n\
        Hint: No node has room or fits: lower the requests, correct node selector, affinity or \
        tolerations, or add a node. With `rollback_on_failure = true` the release goes back to \
        revision 3 by itself.";
    assert_eq!(error.detail(), expected);
    assert_eq!(error.to_string(), format!("{}\n{expected}", error.summary()));
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[test]
fn what_was_done_about_it_is_told() {
    let text =
        |release, serving, aftermath| failure(hopeless(), release, serving, aftermath).detail();
    let detail = text(None, None, Aftermath::Uninstalled);
    let told = "was uninstalled again, as `rollback_on_failure` asks.\nHint: No node has room";
    assert!(detail.contains(told), "{detail}");
    let rolled_back = Aftermath::RolledBack { to: 3 };
    let detail = text(Some(release(5, Status::Deployed)), Some(5), rolled_back);
    assert!(
        detail.contains("went back to revision 3") && detail.contains("revision 5 now"),
        "{detail}"
    );
    let detail = text(Some(release(1, Status::Failed)), None, Aftermath::Kept);
    assert!(detail.contains("the next apply continues from there"), "{detail}");
    let detail = text(Some(release(1, Status::Uninstalling)), None, Aftermath::Kept);
    assert!(detail.contains("destroying it again continues"), "{detail}");
    let detail =
        text(Some(release(2, Status::Failed)), None, Aftermath::Unrecorded("no answer.".into()));
    assert!(detail.contains("(no answer); the next apply recovers"), "{detail}");
    let detail = text(Some(release(2, Status::Failed)), None, Aftermath::NotUndone("no.".into()));
    assert!(detail.contains("failed too: no."), "{detail}");
}

#[test]
fn an_interruption_has_no_advice() {
    let interrupted = LifecycleError::Interrupted { namespace: "web".into(), name: "site".into() };
    let error = failure(interrupted, Some(release(2, Status::Failed)), Some(1), Aftermath::Kept);
    assert!(error.is_interruption());
    assert_eq!(error.summary(), "Interrupted while working on release `web/site`.");
    assert_eq!(
        error.detail(),
        "The release is kept as revision 2, status `failed`; revision 1 still serves."
    );
}

#[test]
fn a_timeout_lists_the_rest_and_how_long_it_took() {
    let error = LifecycleError::Wait(WaitError::TimedOut {
        explanations: vec![explanation("a", "no room")],
        others: vec!["StatefulSet `web/c`: 1 of 2 pods ready".into()],
        seconds: 300,
    });
    let detail = error.detail();
    assert!(detail.contains("\nStatefulSet `web/c`: 1 of 2 pods ready\n"), "{detail}");
    assert!(
        detail.ends_with("over after 300 s; if it only needs longer, raise `timeout`."),
        "{detail}"
    );
}

#[test]
fn a_hook_shows_what_its_job_says() {
    let hook = Box::new(explanation("x", "").object);
    let error = LifecycleError::Hook { hook, event: "pre-install", source: Box::new(hopeless()) };
    assert_eq!(error.summary(), "The pre-install hook Deployment `web/x` failed.");
    assert!(error.detail().starts_with("0 of 1 pod is ready. Unschedulable"), "{}", error.detail());
}
