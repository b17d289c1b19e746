//! What is written in one way and kept by the API server in another.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use terraform_provider_s3www::kubernetes::drift::Outcome;
use terraform_provider_s3www::kubernetes::object::LiveObject;

use super::manifests::with;
use super::place::Place;
use super::place::line;
use super::place::place;

fn pod(more: &Value) -> Value {
    let mut spec = json!({"nodeSelector": {"no": "node"}, "tolerations": [], "affinity": {}, "volumes": [
        {"name": "plain"}, {"name": "limited", "emptyDir": {"sizeLimit": 1_048_576}}]});
    spec["containers"] = json!([more]);
    spec
}

fn objects(group: &str) -> Vec<Value> {
    let container = json!({
        "name": "m", "image": "docker.io/curlimages/curl:8.16.0", "args": [], "livenessProbe": null,
        "readinessProbe": {"httpGet": {"port": "http"}},
        "env": [{"name": "EMPTY", "value": ""}, {"name": "NULL", "value": null}, {"name": "NONE"}],
        "ports": [{"name": "http", "containerPort": 80}, {"name": "other", "containerPort": 81, "protocol": ""}],
        "resources": {
            "requests": {"cpu": "1000m", "memory": 1_073_741_824, "ephemeral-storage": "0.5Gi"},
            "limits": {"cpu": 1.5, "memory": "2048Mi", "ephemeral-storage": 1e9},
        },
    });
    vec![
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "status": {},
            "metadata": {"name": "d", "labels": null, "annotations": {}, "creationTimestamp": null},
            "spec": {"replicas": null, "selector": {"matchLabels": {"app": "d"}},
                "template": {"metadata": {"labels": {"app": "d"}, "creationTimestamp": null}, "spec": pod(&container)}}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {
            "clusterIP": "", "externalIPs": [], "selector": {"app": "d"}, "type": "NodePort",
            "ports": [{"name": "one", "port": 80, "nodePort": null}, {"name": "two", "port": 81, "protocol": "", "nodePort": 0}]}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"},
            "data": {"folded": "aHVu\ndGVyMg==\n"}, "stringData": {"text": "hunter3"}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"},
            "data": {"null": null, "a": "1"}, "binaryData": null}),
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "j"}, "spec": {
            "schedule": "0 0 1 1 *", "timeZone": "Europe/Berlin", "suspend": null,
            "jobTemplate": {"metadata": {}, "spec": {"template": {"spec": {"restartPolicy": "Never",
                "containers": [{"name": "m", "image": "x", "resources": {"requests": {"cpu": 0.05}}}]}}}}}}),
        json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "p"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1.5Gi"}}}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "n"},
            "spec": {"podSelector": {}, "ingress": [{"from": [], "ports": [{"port": 80}]}], "policyTypes": null}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "i"}, "spec": {"tls": [],
            "defaultBackend": {"service": {"name": "s", "port": {"number": 80, "name": ""}}}}}),
        json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h"}, "spec": {
            "maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "none"}}}),
        json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"},
            "spec": {"limits": [{"type": "Pod", "max": {"cpu": "4000m", "memory": "8e9"}}]}}),
        json!({"apiVersion": format!("{group}/v1"), "kind": "Thing", "metadata": {"name": "t"},
            "spec": {"ratio": 1.0, "either": "5", "qty": "1000m", "list": [], "map": {}, "none": null}}),
    ]
}

/// Is where a value is kept in another way than it is written: the object, where it is written,
/// and what is kept there; null stands for nothing.
fn kept(group: &str) -> Vec<(String, &'static str, Value)> {
    let deployment = "apps/v1/Deployment/d";
    let container =
        |path: &str| -> &'static str { format!("/spec/template/spec/containers/0{path}").leak() };
    let mut all = vec![
        (deployment, container("/resources/requests/cpu"), json!("1")),
        (deployment, container("/resources/requests/memory"), json!("1073741824")),
        (deployment, container("/resources/requests/ephemeral-storage"), json!("512Mi")),
        (deployment, container("/resources/limits/cpu"), json!("1500m")),
        (deployment, container("/resources/limits/memory"), json!("2Gi")),
        (deployment, container("/resources/limits/ephemeral-storage"), json!("1G")),
        (deployment, container("/args"), json!(null)),
        (deployment, container("/env/0/value"), json!(null)),
        (deployment, container("/ports/0/protocol"), json!("TCP")),
        (deployment, container("/ports/1/protocol"), json!("TCP")),
        (deployment, container("/imagePullPolicy"), json!("IfNotPresent")),
        (deployment, container("/readinessProbe/httpGet/path"), json!("/")),
        (deployment, "/spec/replicas", json!(1)),
        (deployment, "/spec/template/spec/tolerations", json!(null)),
        (deployment, "/spec/template/spec/volumes/0/emptyDir", json!({})),
        (deployment, "/spec/template/spec/volumes/1/emptyDir/sizeLimit", json!("1048576")),
        (deployment, "/spec/strategy/rollingUpdate/maxSurge", json!("25%")),
        ("v1/Service/s", "/spec/externalIPs", json!(null)),
        ("v1/Service/s", "/spec/ports/0/targetPort", json!(80)),
        ("v1/Service/s", "/spec/ports/1/protocol", json!("TCP")),
        ("v1/Secret/x", "/stringData", json!(null)),
        ("v1/Secret/x", "/data/text", json!("aHVudGVyMw==")),
        ("v1/Secret/x", "/data/folded", json!("aHVudGVyMg==")),
        ("v1/Secret/x", "/type", json!("Opaque")),
        ("batch/v1/CronJob/j", "/spec/suspend", json!(false)),
        (
            "batch/v1/CronJob/j",
            "/spec/jobTemplate/spec/template/spec/containers/0/resources/requests/cpu",
            json!("50m"),
        ),
        ("v1/PersistentVolumeClaim/p", "/spec/resources/requests/storage", json!("1536Mi")),
        ("networking.k8s.io/v1/NetworkPolicy/n", "/spec/ingress/0/ports/0/protocol", json!("TCP")),
        ("networking.k8s.io/v1/NetworkPolicy/n", "/spec/policyTypes", json!(["Ingress"])),
        ("networking.k8s.io/v1/Ingress/i", "/spec/tls", json!(null)),
        ("autoscaling/v2/HorizontalPodAutoscaler/h", "/spec/minReplicas", json!(1)),
        ("v1/LimitRange/l", "/spec/limits/0/max/cpu", json!("4")),
    ];
    let thing: &'static str = format!("{group}/v1/Thing/t").leak();
    all.push((thing, "/spec/ratio", json!(1)));
    all.push((thing, "/spec/mode", json!("default")));
    all.into_iter().map(|(key, pointer, kept)| (key.to_owned(), pointer, kept)).collect()
}

async fn assert_nothing_differs(place: &Place, objects: &[Value], when: &str) {
    for refreshed in place.refresh_all(objects).await.objects {
        match &refreshed.outcome {
            Outcome::InSync => {}
            Outcome::Drifted(changes) => {
                let lines: Vec<String> = changes.iter().map(line).collect();
                panic!("{when}, {}: {lines:#?}", refreshed.reference);
            }
            other => panic!("{when}, {}: {other:?}", refreshed.reference),
        }
    }
}

/// More than 20 values that the API server keeps otherwise than they are written, none of which is
/// ever a difference: not right after the apply, not when the controllers have done their work, and
/// not after another apply.
#[tokio::test]
async fn what_is_kept_otherwise_than_it_is_written_is_no_difference() {
    let place = place!("normalised");
    let group = format!("{}.example.org", place.namespace);
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("things.{group}")},
        "spec": {"group": group, "scope": "Namespaced", "names": {"kind": "Thing", "plural": "things"}, "versions": [
            {"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object",
                "properties": {"spec": {"type": "object", "properties": {
                    "ratio": {"type": "number"}, "either": {"x-kubernetes-int-or-string": true},
                    "qty": {"x-kubernetes-int-or-string": true}, "list": {"type": "array", "items": {"type": "string"}},
                    "map": {"type": "object"}, "none": {"type": "string", "nullable": true},
                    "mode": {"type": "string", "default": "default"}}}}}}}]}});
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    place.send("POST", path, "kubectl-create", "application/json", &definition).await;
    let objects = objects(&group);
    let (thing, others) = objects.split_last().unwrap();
    for object in others {
        place.apply(object).await;
    }
    place
        .until("the kind is served", async || place.try_apply(thing, true, &[]).await.is_ok())
        .await;
    assert_nothing_differs(&place, &objects, "right after the apply").await;

    let kept = kept(&group);
    assert!(kept.len() > 20);
    let mut wrong = Vec::new();
    for (key, pointer, kept) in &kept {
        let name = key.rsplit('/').next().unwrap();
        let object = objects.iter().find(|one| one["metadata"]["name"] == name).unwrap();
        let written = object.pointer(pointer).cloned().unwrap_or_default();
        let live = Value::Object(place.live(key).await.into_fields());
        let found = live.pointer(pointer).cloned().unwrap_or_default();
        if found != *kept || written == *kept {
            wrong.push(format!("{key} {pointer}: written {written}, kept {found}, not {kept}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    // The controllers have done their work when nobody has written to anything for a second.
    let versions = async || {
        let refresh = place.refresh_all(&objects).await;
        let version = |one: &LiveObject| one.resource_version().to_owned();
        refresh.objects.iter().map(|one| one.live.as_ref().map(version)).collect::<Vec<_>>()
    };
    place
        .until("the controllers are done", async || {
            let before = versions().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            versions().await == before
        })
        .await;
    assert_nothing_differs(&place, &objects, "when the controllers were done").await;
    for object in &objects {
        let applied = place.apply(object).await;
        assert_eq!(applied.warnings, Vec::<String>::new(), "{}", applied.location.reference);
    }
    assert_nothing_differs(&place, &objects, "after another apply").await;

    // And what is written in a third way is the same still.
    let third =
        with(&objects[0], "/spec/template/spec/containers/0/resources/requests/cpu", json!(1));
    let generation =
        place.live("apps/v1/Deployment/d").await.get(&["metadata", "generation"]).cloned();
    assert_nothing_differs(&place, std::slice::from_ref(&third), "written in a third way").await;
    let applied = place.apply(&third).await;
    assert_eq!(applied.object.get(&["metadata", "generation"]).cloned(), generation);
    let definition = format!("{path}/things.{group}");
    place.send("DELETE", &definition, "kubectl", "application/json", &json!({})).await;
}
