//! What nobody changed does not differ, however it is written.

use std::time::Duration;
use std::time::Instant;

use serde_json::json;
use terraform_provider_s3www::kubernetes::drift::Outcome;
use terraform_provider_s3www::kubernetes::drift::Refresh;

use super::manifests::all_kinds;
use super::manifests::deployment;
use super::manifests::service;
use super::manifests::with;
use super::place::line;
use super::place::place;

/// Drift case 1: objects of all kinds, refreshed twice, and applied again.
#[tokio::test]
async fn objects_of_all_kinds_do_not_differ_right_after_they_are_applied() {
    let place = place!("kinds");
    let objects = all_kinds();
    for object in &objects {
        place.apply(object).await;
    }
    // Kinds that no controller writes to.
    let still = ["ServiceAccount", "ConfigMap", "Secret", "Role", "LimitRange", "NetworkPolicy"];
    let still = |kind: &str| still.contains(&kind);
    let first = place.refresh_all(&objects).await;
    let second = place.refresh_all(&objects).await;
    let versions = |refresh: &Refresh| -> Vec<(String, String)> {
        let objects = refresh.objects.iter().filter(|one| still(&one.reference.kind.kind));
        objects
            .map(|one| {
                let live = one.live.as_ref().unwrap();
                (one.reference.key(), live.resource_version().to_owned())
            })
            .collect()
    };
    assert_eq!(versions(&first), versions(&second), "looking changes nothing");
    for refreshed in first.objects.iter().chain(&second.objects) {
        match &refreshed.outcome {
            Outcome::InSync => {}
            Outcome::Drifted(changes) => {
                let lines: Vec<String> = changes.iter().map(line).collect();
                panic!("{}: {lines:?}", refreshed.reference);
            }
            other => panic!("{}: {other:?}", refreshed.reference),
        }
    }
    assert_eq!(second.warnings, Vec::<String>::new());
    // And so does applying again.
    // (`egress: []` is left out: the API server itself counts it as a change each time.)
    for object in objects.iter().filter(|object| object["metadata"]["name"] != "n1") {
        if still(object["kind"].as_str().unwrap()) {
            let before = place.apply(object).await.object.resource_version().to_owned();
            let after = place.apply(object).await;
            assert_eq!(after.object.resource_version(), before, "{}", object["metadata"]["name"]);
            assert!(!after.created);
        }
    }
}

/// Drift case 2: quantities in the ways that YAML allows.
#[tokio::test]
async fn quantities_may_be_written_as_one_likes() {
    let place = place!("quantities");
    for (index, cpu) in [json!("1000m"), json!(1), json!(0.05), json!("1")].into_iter().enumerate()
    {
        for memory in [json!(1_073_741_824), json!("128e6"), json!(128e6), json!("1.5Gi")] {
            let object = with(&deployment(), "/metadata/name", json!(format!("d{index}")));
            let path = "/spec/template/spec/containers/0/resources";
            let object = with(&object, path, json!({"limits": {"cpu": cpu, "memory": memory}}));
            place.apply(&object).await;
            place.assert_in_sync(&object).await;
        }
    }
}

/// Drift case 3: `protocol: ""` means TCP.
#[tokio::test]
async fn an_empty_protocol_is_no_difference() {
    let place = place!("protocol");
    let port = json!([{"containerPort": 80, "protocol": ""}]);
    let deployment = with(&deployment(), "/spec/template/spec/containers/0/ports", port);
    let service = with(&service(), "/spec/ports/0/protocol", json!(""));
    for object in [&deployment, &service] {
        place.apply(object).await;
        place.assert_in_sync(object).await;
        let again = place.apply(object).await;
        assert_eq!(again.warnings, Vec::<String>::new());
    }
    let live = place.live("apps/v1/Deployment/d").await;
    let ports = live.get(&["spec", "template", "spec", "containers"]).unwrap()[0]["ports"].clone();
    assert_eq!(ports.as_array().unwrap().len(), 1);
}

/// Looks at a Deployment while it rolls out, again and again, that many times.
///
/// Every look is a read and a trial; in about one of a hundred the controller writes in between.
async fn watch_rollouts(pairs: usize) {
    let place = place!("rollout");
    let mut object = deployment();
    object["spec"]["replicas"] = json!(1);
    object["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = json!(0);
    object["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({});
    let mut compared = 0;
    for pair in 0..pairs {
        if pair % 15 == 0 {
            let env = "/spec/template/spec/containers/0/env/0/value";
            object = with(&object, env, json!(format!("{pair}")));
            place.apply(&object).await;
        }
        match place.outcome(&object).await {
            Outcome::InSync => compared += 1,
            Outcome::NotCompared(text) => assert!(text.contains("changes all the time"), "{text}"),
            other => panic!("pair {pair}: {other:?}"),
        }
    }
    println!("{pairs} looks during rollouts, {compared} compared, none with a difference");
    assert!(compared * 10 >= pairs * 9, "{compared} of {pairs} were compared");
}

/// Drift case 39: a controller that writes while we look is not taken for a person.
#[tokio::test]
async fn rollouts_are_no_drift() {
    watch_rollouts(100).await;
}

/// The same at the length that the case asks for.
#[tokio::test]
#[ignore = "takes a minute; run it after a change of how objects are looked at"]
async fn a_thousand_looks_during_rollouts_find_no_drift() {
    watch_rollouts(1000).await;
}

/// Drift case 42: a Job that has ended and vanished by itself is not missing.
#[tokio::test]
async fn a_job_with_a_time_to_live_is_not_missed() {
    let place = place!("ttl");
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
        "spec": {"ttlSecondsAfterFinished": 0, "template": {"spec": {"restartPolicy": "Never",
            "terminationGracePeriodSeconds": 0, "containers": [{"name": "m",
                "image": "docker.io/curlimages/curl:8.16.0", "imagePullPolicy": "IfNotPresent",
                "command": ["true"]}]}}}});
    place.apply(&job).await;
    place.until("the Job is gone", async || place.find("batch/v1/Job/j").await.is_none()).await;
    assert_eq!(place.outcome(&job).await, Outcome::Expired);
    let without = with(&job, "/spec/ttlSecondsAfterFinished", json!(null));
    assert_eq!(place.outcome(&without).await, Outcome::Missing);
}

/// Drift case 44: 20 objects of many kinds are looked at within 100 ms, on a machine that has
/// nothing else to do; on a busy one, faster than one after the other.
#[tokio::test]
async fn twenty_objects_are_looked_at_within_100_ms() {
    let place = place!("many");
    let mut objects = all_kinds();
    objects.truncate(20);
    assert_eq!(objects.len(), 20);
    for object in &objects {
        place.apply(object).await;
    }
    let (mut at_once, mut in_turn) = (Vec::new(), Vec::new());
    for _ in 0..30 {
        let start = Instant::now();
        let refresh = place.refresh_all(&objects).await;
        at_once.push(start.elapsed());
        let keys = refresh.objects.iter().map(|one| one.reference.name.as_str());
        let names = objects.iter().map(|object| object["metadata"]["name"].as_str().unwrap());
        assert!(keys.eq(names), "they come in the order in which they were given");
        let start = Instant::now();
        for object in &objects {
            place.refresh_all(std::slice::from_ref(object)).await;
        }
        in_turn.push(start.elapsed());
        at_once.sort_unstable();
        in_turn.sort_unstable();
        let limit = in_turn[0].max(Duration::from_millis(100));
        if at_once.len() >= 5 && at_once[0] < limit {
            let (all, single) = (at_once[at_once.len() / 2], in_turn[in_turn.len() / 2]);
            println!(
                "20 objects at once: {:?} at best, {all:?} as a rule; in turn: {single:?}",
                at_once[0]
            );
            return;
        }
    }
    panic!("20 objects take {:?} at best, in turn {:?}", at_once[0], in_turn[0]);
}
