//! What nobody changed does not differ, however it is written.

use serde_json::json;
use terraform_provider_s3www::kubernetes::drift::Outcome;

use super::manifests::all_kinds;
use super::manifests::deployment;
use super::manifests::service;
use super::manifests::with;
use super::place::line;
use super::place::place;

/// 1: objects of all kinds, refreshed twice, and applied again.
#[tokio::test]
async fn objects_of_all_kinds_do_not_differ_right_after_they_are_applied() {
    let place = place!("kinds");
    let objects = all_kinds();
    for object in &objects {
        place.apply(object).await;
    }
    let first = place.refresh_all(&objects).await;
    let second = place.refresh_all(&objects).await;
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
    // Kinds that no controller writes to: looking and applying again changes nothing.
    // (`egress: []` is left out: the API server itself counts it as a change each time.)
    for object in objects.iter().filter(|object| object["metadata"]["name"] != "n1") {
        if ["ServiceAccount", "ConfigMap", "Secret", "Role", "LimitRange", "NetworkPolicy"]
            .contains(&object["kind"].as_str().unwrap())
        {
            let before = place.apply(object).await.object.resource_version().to_owned();
            let after = place.apply(object).await;
            assert_eq!(after.object.resource_version(), before, "{}", object["metadata"]["name"]);
            assert!(!after.created);
        }
    }
}

/// 2: quantities in the ways that YAML allows.
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

/// 3: `protocol: ""` means TCP.
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

/// 39: a controller that writes while we look is not taken for a person.
#[tokio::test]
async fn rollouts_are_no_drift() {
    let place = place!("rollout");
    let mut object = deployment();
    object["spec"]["replicas"] = json!(1);
    object["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = json!(0);
    object["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({});
    for round in 0..6 {
        object["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] =
            json!(format!("{round}"));
        place.apply(&object).await;
        for _ in 0..15 {
            match place.outcome(&object).await {
                Outcome::InSync | Outcome::NotCompared(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

/// 42: a Job that vanishes by itself is not missing.
#[tokio::test]
async fn a_job_with_a_time_to_live_is_not_missed() {
    let place = place!("ttl");
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
        "spec": {"suspend": true, "ttlSecondsAfterFinished": 0, "template": {"spec": {"restartPolicy": "Never",
            "containers": [{"name": "m", "image": "x"}]}}}});
    place.apply(&job).await;
    place.assert_in_sync(&job).await;
    place.delete("batch/v1/Job/j").await;
    place.until("the Job is gone", async || place.find("batch/v1/Job/j").await.is_none()).await;
    assert_eq!(place.outcome(&job).await, Outcome::Expired);
    let without = with(&job, "/spec/ttlSecondsAfterFinished", json!(null));
    assert_eq!(place.outcome(&without).await, Outcome::Missing);
}

/// 20 objects are looked at in about the time that the API server needs.
#[tokio::test]
async fn many_objects_are_looked_at_at_the_same_time() {
    let place = place!("many");
    let objects: Vec<_> = (0..20)
        .map(|index| {
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("c{index}")},
                "data": {"a": format!("{index}")}})
        })
        .collect();
    for object in &objects {
        place.apply(object).await;
    }
    let start = std::time::Instant::now();
    let refresh = place.refresh_all(&objects).await;
    println!("20 objects refreshed in {:?}", start.elapsed());
    let order: Vec<_> = refresh.objects.iter().map(|one| one.reference.name.clone()).collect();
    assert_eq!(order, (0..20).map(|index| format!("c{index}")).collect::<Vec<_>>());
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}
