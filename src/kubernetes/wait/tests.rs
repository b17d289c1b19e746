use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use super::patience::Patience;
use super::patience::Record;
use super::surroundings::selector_text;
use super::trouble;
use super::trouble::Cause;
use super::trouble::Event;
use super::trouble::Trouble;
use crate::kubernetes::object::LiveObject;

fn pod(status: &Value) -> LiveObject {
    LiveObject::new(json!({ "metadata": { "name": "web-1" }, "status": status })).unwrap()
}

fn waiting(reason: &str, message: &str) -> LiveObject {
    pod(&json!({ "containerStatuses": [{ "name": "main", "restartCount": 4,
        "state": { "waiting": { "reason": reason, "message": message } },
        "lastState": { "terminated": { "exitCode": 137, "reason": "OOMKilled" } } }] }))
}

fn only(pod: &LiveObject) -> Trouble {
    let troubles = trouble::in_pod(pod);
    assert_eq!(troubles.len(), 1, "{troubles:?}");
    troubles.into_iter().next().unwrap()
}

#[test]
fn a_pods_containers_say_what_is_wrong() {
    let found = only(&waiting("CrashLoopBackOff", "back-off 40s restarting failed container"));
    assert_eq!(found.cause, Cause::CrashLoop { restarts: 4 });
    assert_eq!(found.reason, "CrashLoopBackOff (OOMKilled)");
    assert_eq!(found.message, "");
    assert_eq!(found.exit_code, Some(137));
    assert_eq!(found.container.as_deref(), Some("main"));
    assert!(found.is_out_of_memory());
    let found = only(&waiting("CreateContainerConfigError", "secret \"a\" not found"));
    assert_eq!(
        (found.cause, found.message.as_str()),
        (Cause::ContainerConfig, "secret \"a\" not found")
    );
    assert_eq!(only(&waiting("InvalidImageName", "x")).cause, Cause::ImageName);
    assert_eq!(only(&waiting("ErrImageNeverPull", "x")).cause, Cause::ImageMissing);
    assert_eq!(trouble::in_pod(&waiting("ContainerCreating", "")), []);
    assert_eq!(trouble::in_pod(&waiting("PodInitializing", "")), []);
}

#[test]
fn a_missing_image_is_told_from_a_registry_that_is_down() {
    let cause = |message| only(&waiting("ImagePullBackOff", message)).cause;
    assert_eq!(cause("docker.io/a/b:c: not found"), Cause::ImageMissing);
    assert_eq!(cause("pull access denied, repository does not exist"), Cause::ImageMissing);
    assert_eq!(cause("401 Unauthorized"), Cause::ImageMissing);
    assert_eq!(cause("dial tcp: lookup nowhere: no such host"), Cause::ImagePull);
    assert_eq!(cause("Back-off pulling image \"a\""), Cause::ImagePull);
    assert_eq!(cause("dial tcp 192.0.2.1:443: i/o timeout"), Cause::RegistryBusy);
    assert_eq!(cause("429 Too Many Requests - not found"), Cause::RegistryBusy);
}

#[test]
fn a_pod_says_that_no_node_takes_it_and_nothing_when_it_ends() {
    let status = json!({ "conditions": [{ "type": "PodScheduled", "status": "False",
        "reason": "Unschedulable", "message": "0/1 nodes are available" }] });
    let found = only(&pod(&status));
    assert_eq!(found.cause, Cause::Unschedulable);
    assert_eq!(found.pod.as_deref(), Some("web-1"));
    let ending = LiveObject::new(json!({ "status": status,
        "metadata": { "name": "x", "deletionTimestamp": "2026-11-24T08:00:00Z" } }));
    assert_eq!(trouble::in_pod(&ending.unwrap()), []);
    assert_eq!(trouble::in_pod(&pod(&json!({}))), []);
}

#[test]
fn events_of_several_forms_are_read_in_order() {
    let list = json!({ "items": [
        { "type": "Warning", "reason": "FailedMount", "message": "second",
            "series": { "lastObservedTime": "2026-11-24T08:00:09.000000Z" },
            "eventTime": "2026-11-24T08:00:01.000000Z" },
        { "type": "Normal", "reason": "Scheduled", "message": "first",
            "lastTimestamp": "2026-11-24T08:00:05Z", "firstTimestamp": "2026-11-24T08:00:00Z" },
        { "type": "Warning", "message": "no time" },
    ]});
    let events = Event::read_all(&list);
    let messages: Vec<&str> = events.iter().map(|event| event.message.as_str()).collect();
    assert_eq!(messages, ["no time", "first", "second"]);
    let found = trouble::in_events(&events, Some("web-1")).unwrap();
    assert_eq!((found.cause, found.message.as_str()), (Cause::Mount, "second"));
    assert_eq!(trouble::in_events(&events[..2], None), None);
    assert_eq!(Event::read_all(&json!({})), []);
}

#[test]
fn a_workload_says_that_its_pods_are_refused() {
    let object = LiveObject::new(json!({ "status": { "conditions": [
        { "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
            "message": "exceeded quota" }] } }));
    let found = trouble::in_workload(&object.unwrap()).unwrap();
    assert_eq!((found.cause, found.message.as_str()), (Cause::PodRefused, "exceeded quota"));
}

#[test]
fn patience_ends_with_time_or_restarts() {
    let patience = Patience::default();
    let second = Duration::from_secs(1);
    assert!(patience.is_exhausted(Cause::ImageName, Duration::ZERO, true));
    assert!(!patience.is_exhausted(Cause::ImageMissing, 4 * second, false));
    assert!(patience.is_exhausted(Cause::ImageMissing, 5 * second, false));
    assert!(!patience.is_exhausted(Cause::RegistryBusy, 60 * second, false));
    let crash = |restarts| Cause::CrashLoop { restarts };
    assert!(!patience.is_exhausted(crash(2), 900 * second, false));
    assert!(patience.is_exhausted(crash(3), Duration::ZERO, false));
    // While something else is starting, the container may be waiting for that.
    assert!(!patience.is_exhausted(crash(4), 900 * second, true));
    assert!(patience.is_exhausted(crash(5), Duration::ZERO, true));
}

#[test]
fn a_finding_counts_from_when_it_was_first_there() {
    let of_pod = |pod: &str, cause| Trouble {
        pod: Some(pod.into()),
        container: Some("main".into()),
        ..Trouble::of_object(cause, "", "")
    };
    let mut record = Record::default();
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let pull = of_pod("a", Cause::ImagePull);
    assert_eq!(record.note(&[(0, &pull)], at(0)), [Duration::ZERO]);
    // Another pod of the same object with the same trouble is the same trouble.
    let other = of_pod("b", Cause::ImagePull);
    let second = of_pod("a", Cause::Mount);
    assert_eq!(
        record.note(&[(0, &other), (0, &second), (1, &pull)], at(7)),
        [Duration::from_secs(7), Duration::ZERO, Duration::ZERO]
    );
    // More restarts are the same crash loop; what was away begins anew.
    let crash = of_pod("a", Cause::CrashLoop { restarts: 1 });
    assert_eq!(record.note(&[(0, &crash)], at(8)), [Duration::ZERO]);
    let crash = of_pod("a", Cause::CrashLoop { restarts: 2 });
    assert_eq!(record.note(&[(0, &crash)], at(9)), [Duration::from_secs(1)]);
    assert_eq!(record.note(&[(0, &pull)], at(10)), [Duration::ZERO]);
}

#[test]
fn selectors_are_written_as_lists_take_them() {
    assert_eq!(selector_text(&json!({ "app": "a", "tier": "b" })), "app=a,tier=b");
    let selector = json!({
        "matchLabels": { "app": "a" },
        "matchExpressions": [
            { "key": "tier", "operator": "In", "values": ["x", "y"] },
            { "key": "old", "operator": "NotIn", "values": ["z"] },
            { "key": "has", "operator": "Exists" },
            { "key": "not", "operator": "DoesNotExist" },
        ],
    });
    assert_eq!(selector_text(&selector), "app=a,tier in (x,y),old notin (z),has,!not");
    assert_eq!(selector_text(&json!({})), "");
    let expressions = json!({ "matchExpressions": [{ "key": "has", "operator": "Exists" }] });
    assert_eq!(selector_text(&expressions), "has");
}
