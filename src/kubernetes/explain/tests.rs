use jiff::Timestamp;

use super::*;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::wait::trouble::Event;

fn reference(api_version: &str, kind: &str, name: &str) -> ObjectReference {
    ObjectReference {
        kind: GroupVersionKind::new(api_version, kind),
        namespace: Some("web".into()),
        name: name.into(),
    }
}

fn of_container(cause: Cause, reason: &str, message: &str) -> Trouble {
    Trouble {
        pod: Some("site-s3www-7f9c6d-x2x9k".into()),
        container: Some("s3www".into()),
        ..Trouble::of_object(cause, reason, message)
    }
}

fn explanation() -> Explanation {
    Explanation {
        object: reference("apps/v1", "Deployment", "site-s3www"),
        is_certain: true,
        summary: "0 of 2 pods ready".into(),
        pods: Some((0, 2)),
        trouble: None,
        events: Vec::new(),
        log: Vec::new(),
    }
}

fn event(reason: &str, message: &str, second: i64) -> Event {
    Event {
        is_warning: true,
        reason: reason.into(),
        message: message.into(),
        time: Some(Timestamp::from_second(second).unwrap()),
    }
}

const NOW: i64 = 1_700_000_100;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

#[test]
fn an_image_that_cannot_be_pulled_reads_as_designed() {
    let failed = "Failed to pull image \"docker.io/y4m4/s3www:v9.9.9\": rpc error: code = NotFound \
                  desc = failed to pull and unpack image \"docker.io/y4m4/s3www:v9.9.9\": failed to \
                  resolve reference \"docker.io/y4m4/s3www:v9.9.9\": docker.io/y4m4/s3www:v9.9.9: not \
                  found";
    let events = [
        event("Failed", failed, NOW - 4),
        event("Failed", "Error: ErrImagePull", NOW - 4),
        event("BackOff", "Back-off pulling image \"docker.io/y4m4/s3www:v9.9.9\"", NOW - 1),
    ];
    let message = "Back-off pulling image \"docker.io/y4m4/s3www:v9.9.9\": ErrImagePull: ...";
    let trouble = of_container(Cause::ImageMissing, "ImagePullBackOff", message);
    let explanation = Explanation {
        events: events::shown(&events, Some(&trouble), false, now()),
        trouble: Some(trouble),
        ..explanation()
    };
    assert_eq!(explanation.headline(), "Deployment `web/site-s3www` cannot become ready.");
    assert_eq!(
        explanation.to_string(),
        "0 of 2 pods are ready. Pod `site-s3www-7f9c6d-x2x9k`, container `s3www`: \
         ImagePullBackOff.\n  Last event (4 s ago): Failed to pull image \
         \"docker.io/y4m4/s3www:v9.9.9\": docker.io/y4m4/s3www:v9.9.9: not found."
    );
    assert!(explanation.hint().unwrap().contains("tag that exist"));
}

#[test]
fn a_crash_loop_shows_exit_code_and_log() {
    let mut explanation = Explanation {
        trouble: Some(Trouble {
            exit_code: Some(137),
            ..of_container(Cause::CrashLoop { restarts: 3 }, "CrashLoopBackOff (OOMKilled)", "")
        }),
        log: vec!["starting".into(), "password is hunter2-hunter2".into(), "x".repeat(400)],
        events: vec![(7200, "Unhealthy: hunter2-hunter2".into())],
        ..explanation()
    };
    explanation.mask(&Sensitive::new([String::from("hunter2-hunter2")]));
    let text = explanation.to_string();
    assert!(
        text.starts_with(
            "0 of 2 pods are ready. Pod `site-s3www-7f9c6d-x2x9k`, container `s3www`: \
             CrashLoopBackOff (OOMKilled), started again 3 times, exit code 137 (killed, often for \
             lack of memory).\n  Last event (2 h ago): Unhealthy: (sensitive value).\n  Last lines \
             of its log:\n    starting\n    password is (sensitive value)\n    xxx"
        ),
        "{text}"
    );
    assert!(text.ends_with("x ..."), "{text}");
    assert!(explanation.hint().unwrap().contains("resources.limits.memory"));
}

#[test]
fn a_job_names_the_container_that_ended() {
    let own = Trouble::of_object(Cause::Failed, "BackoffLimitExceeded", "too often");
    let end = Trouble { exit_code: Some(3), ..of_container(Cause::Failed, "Error", "") };
    let explanation = Explanation {
        object: reference("batch/v1", "Job", "load"),
        summary: "BackoffLimitExceeded: too often".into(),
        pods: None,
        trouble: with_end(Some(own), Some(end)),
        ..explanation()
    };
    assert_eq!(
        explanation.to_string(),
        "BackoffLimitExceeded: too often. Pod `site-s3www-7f9c6d-x2x9k`, container `s3www`: \
         exit code 3."
    );
}

#[test]
fn without_a_finding_the_summary_is_told_once() {
    let late = Explanation { is_certain: false, ..explanation() };
    assert_eq!(late.headline(), "Deployment `web/site-s3www` is not ready.");
    assert_eq!(late.to_string(), "0 of 2 pods are ready.");
    assert_eq!(late.hint(), None);
    let updating = Explanation {
        summary: "1 of 2 pods are of the new version".into(),
        pods: Some((1, 1)),
        ..explanation()
    };
    assert_eq!(updating.to_string(), "1 of 1 pod is ready. 1 of 2 pods are of the new version.");
    let service = Explanation {
        summary: "the load balancer has no address yet".into(),
        pods: None,
        ..explanation()
    };
    assert_eq!(service.to_string(), "The load balancer has no address yet.");
}

#[test]
fn events_that_say_nothing_new_are_left_out() {
    let events = [
        event("FailedMount", "one", NOW - 300),
        event("FailedMount", "two\nlines", NOW - 200),
        event("FailedMount", "two lines", NOW - 100),
        event("Unhealthy", "Readiness probe failed: ", NOW + 50),
        event("FailedScheduling", "known already", NOW - 1),
    ];
    let trouble = Trouble::of_object(Cause::Unschedulable, "Unschedulable", "known already");
    let shown = events::shown(&events, Some(&trouble), false, now());
    let expected = [
        (0, "Unhealthy: Readiness probe failed"),
        (100, "FailedMount: two lines"),
        (300, "FailedMount: one"),
    ];
    let found: Vec<(u64, &str)> = shown.iter().map(|(age, text)| (*age, text.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn without_warnings_the_newest_event_tells_how_far_it_came() {
    let mut started = event("Started", "Started container main", NOW - 2);
    started.is_warning = false;
    let events = [started];
    assert_eq!(events::shown(&events, None, false, now()).len(), 1);
    assert_eq!(events::shown(&events, None, true, now()).len(), 0);
}
