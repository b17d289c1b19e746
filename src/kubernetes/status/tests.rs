use serde_json::Value;
use serde_json::json;

use super::*;

fn look(api: &str, kind: &str, object: Value) -> Readiness {
    let group = api.split_once('/').map_or("", |(group, _)| group);
    readiness(group, kind, &LiveObject::new(object).unwrap(), true)
}

fn waits(api: &str, kind: &str, object: Value, part: &str) {
    match look(api, kind, object) {
        Readiness::InProgress { reason } => assert!(reason.contains(part), "{reason}"),
        other => panic!("{other:?}"),
    }
}

fn fails(api: &str, kind: &str, object: Value, part: &str) {
    match look(api, kind, object) {
        Readiness::Failed { reason } => assert!(reason.contains(part), "{reason}"),
        other => panic!("{other:?}"),
    }
}

fn ready(api: &str, kind: &str, object: Value) {
    assert_eq!(look(api, kind, object), Readiness::Ready, "{kind}");
}

fn deployment(status: &Value) -> Value {
    json!({ "metadata": { "generation": 2 }, "spec": { "replicas": 2 }, "status": status })
}

#[test]
fn deployments() {
    let apps = "apps/v1";
    waits(apps, "Deployment", json!({ "metadata": {}, "spec": {} }), "not seen it");
    waits(apps, "Deployment", json!({ "spec": { "replicas": 0 } }), "not seen it");
    let old = deployment(&json!({ "observedGeneration": 1, "availableReplicas": 2 }));
    waits(apps, "Deployment", old, "generation 1 of 2");
    let status = json!({ "observedGeneration": 2, "replicas": 2, "updatedReplicas": 1 });
    waits(apps, "Deployment", deployment(&status), "1 of 2 pods are of the new version");
    let status = json!({ "observedGeneration": 2, "replicas": 2, "updatedReplicas": 2,
        "availableReplicas": 1 });
    waits(apps, "Deployment", deployment(&status), "1 of 2 pods ready");
    let status = json!({ "observedGeneration": 2, "replicas": 3, "updatedReplicas": 2,
        "availableReplicas": 2 });
    waits(apps, "Deployment", deployment(&status), "1 pods of the old version");
    let status = json!({ "observedGeneration": 2, "replicas": 2, "updatedReplicas": 2,
        "availableReplicas": 2 });
    ready(apps, "Deployment", deployment(&status));
    let status = json!({ "observedGeneration": 2, "conditions": [{ "type": "Progressing",
        "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out" }] });
    fails(apps, "Deployment", deployment(&status), "ProgressDeadlineExceeded: timed out");
    ready(apps, "Deployment", json!({ "spec": { "paused": true, "replicas": 3 } }));
    let none = json!({ "spec": { "replicas": 0 }, "status": { "observedGeneration": 1 } });
    ready(apps, "Deployment", none);
}

#[test]
fn stateful_sets() {
    let set = |strategy: Value, status: Value| {
        json!({ "metadata": { "generation": 1 }, "status": status,
            "spec": { "replicas": 3, "updateStrategy": strategy } })
    };
    let apps = "apps/v1";
    waits(apps, "StatefulSet", json!({ "spec": {} }), "not seen it");
    let status = json!({ "observedGeneration": 1, "readyReplicas": 3, "updatedReplicas": 1,
        "currentRevision": "a", "updateRevision": "b" });
    let rolling = json!({ "type": "RollingUpdate" });
    waits(apps, "StatefulSet", set(rolling.clone(), status.clone()), "1 of 3 pods are of");
    let partition = json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 2 } });
    ready(apps, "StatefulSet", set(partition, status.clone()));
    ready(apps, "StatefulSet", set(json!({ "type": "OnDelete" }), status));
    let status = json!({ "observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 3,
        "currentRevision": "b", "updateRevision": "b" });
    waits(apps, "StatefulSet", set(rolling.clone(), status), "2 of 3 pods ready");
    let status = json!({ "observedGeneration": 1, "readyReplicas": 3,
        "currentRevision": "b", "updateRevision": "b" });
    ready(apps, "StatefulSet", set(rolling, status));
}

#[test]
fn daemon_sets() {
    let apps = "apps/v1";
    waits(apps, "DaemonSet", json!({}), "not seen it");
    let set = |updated: i64, available: i64| {
        json!({ "status": { "observedGeneration": 1, "desiredNumberScheduled": 2,
            "updatedNumberScheduled": updated, "numberAvailable": available } })
    };
    waits(apps, "DaemonSet", set(1, 2), "1 of 2 pods are of");
    waits(apps, "DaemonSet", set(2, 1), "1 of 2 pods ready");
    ready(apps, "DaemonSet", set(2, 2));
    ready(apps, "DaemonSet", json!({ "status": { "observedGeneration": 1 } }));
}

#[test]
fn other_workloads() {
    let set = json!({ "spec": { "replicas": 2 }, "status": { "availableReplicas": 1,
        "readyReplicas": 2 } });
    waits("apps/v1", "ReplicaSet", set.clone(), "1 of 2");
    ready("v1", "ReplicationController", set);
    let condition = json!([{ "type": "Ready", "status": "False",
        "reason": "ContainersNotReady", "message": "containers with unready status: [a]" }]);
    let pod = json!({ "status": { "phase": "Running", "conditions": condition } });
    waits("v1", "Pod", pod, "unready status: [a]");
    waits("v1", "Pod", json!({ "status": { "phase": "Pending" } }), "the pod is Pending");
    ready("v1", "Pod", json!({ "status": { "phase": "Succeeded" } }));
    let pod = json!({ "status": { "phase": "Running",
        "conditions": [{ "type": "Ready", "status": "True" }] } });
    ready("v1", "Pod", pod);
    let evicted = json!({ "status": { "phase": "Failed", "reason": "Evicted", "message": "m" } });
    fails("v1", "Pod", evicted, "Evicted: m");
}

#[test]
fn jobs() {
    let job = |condition: &str| {
        json!({ "status": { "conditions": [{ "type": condition, "status": "True",
            "reason": "BackoffLimitExceeded", "message": "too often" }] } })
    };
    ready("batch/v1", "Job", job("Complete"));
    fails("batch/v1", "Job", job("Failed"), "BackoffLimitExceeded: too often");
    ready("batch/v1", "Job", json!({ "spec": { "suspend": true } }));
    waits("batch/v1", "Job", json!({ "status": { "failed": 2 } }), "2 attempts have failed");
    waits("batch/v1", "Job", job("SuccessCriteriaMet"), "0 of 1 pods completed");
    let failed = LiveObject::new(job("Failed")).unwrap();
    assert_eq!(readiness("batch", "Job", &failed, false), Readiness::Ready);
    ready("batch/v1", "CronJob", json!({ "spec": { "suspend": false } }));
}

#[test]
fn storage_and_network() {
    waits("v1", "PersistentVolumeClaim", json!({ "status": { "phase": "Pending" } }), "not bound");
    ready("v1", "PersistentVolumeClaim", json!({ "status": { "phase": "Bound" } }));
    fails("v1", "PersistentVolumeClaim", json!({ "status": { "phase": "Lost" } }), "gone");
    ready("v1", "PersistentVolume", json!({ "status": { "phase": "Available" } }));
    ready("v1", "Service", json!({ "spec": { "type": "ClusterIP" } }));
    ready("v1", "Service", json!({ "spec": { "type": "ExternalName" } }));
    waits("v1", "Service", json!({ "spec": { "type": "LoadBalancer" } }), "no address");
    let status = json!({ "loadBalancer": { "ingress": [{ "ip": "192.0.2.1" }] } });
    ready("v1", "Service", json!({ "spec": { "type": "LoadBalancer" }, "status": status }));
    let spec = json!({ "type": "LoadBalancer", "externalIPs": ["192.0.2.1"] });
    ready("v1", "Service", json!({ "spec": spec }));
    ready("networking.k8s.io/v1", "Ingress", json!({ "status": { "loadBalancer": {} } }));
    ready(
        "policy/v1",
        "PodDisruptionBudget",
        json!({ "status": { "currentHealthy": 0,
        "desiredHealthy": 2, "observedGeneration": 1 }, "metadata": { "generation": 1 } }),
    );
}

#[test]
fn definitions_and_namespaces() {
    let crd = |kind: &str, status: &str| {
        json!({ "status": { "conditions": [{ "type": kind, "status": status,
            "reason": "ListKindConflict", "message": "taken" }] } })
    };
    let api = "apiextensions.k8s.io/v1";
    waits(api, "CustomResourceDefinition", json!({}), "does not serve");
    waits(api, "CustomResourceDefinition", crd("Established", "False"), "does not serve");
    ready(api, "CustomResourceDefinition", crd("Established", "True"));
    fails(api, "CustomResourceDefinition", crd("NamesAccepted", "False"), "taken");
    let api = "apiregistration.k8s.io/v1";
    waits(api, "APIService", crd("Available", "False"), "taken");
    ready(api, "APIService", crd("Available", "True"));
    ready("v1", "Namespace", json!({ "status": { "phase": "Active" } }));
    waits("v1", "Namespace", json!({ "status": { "phase": "Terminating" } }), "being deleted");
}

#[test]
fn custom_resources_follow_the_conditions() {
    let custom = |kind: &str, status: &str| {
        json!({ "metadata": { "generation": 1 }, "status": { "observedGeneration": 1,
            "conditions": [{ "type": kind, "status": status, "reason": "R", "message": "m" }] } })
    };
    let api = "example.org/v1";
    ready(api, "Widget", json!({}));
    ready(api, "Widget", custom("Ready", "True"));
    ready(api, "Widget", custom("Stalled", "False"));
    waits(api, "Widget", custom("Ready", "False"), "R: m");
    waits(api, "Widget", custom("Ready", "Unknown"), "R: m");
    waits(api, "Widget", custom("Reconciling", "True"), "R: m");
    fails(api, "Widget", custom("Stalled", "True"), "R: m");
    let unseen = json!({ "metadata": { "generation": 2 }, "status": { "observedGeneration": 1 } });
    waits(api, "Widget", unseen, "generation 1 of 2");
    let deleting = json!({ "metadata": { "deletionTimestamp": "2026-11-24T08:00:00Z" } });
    waits(api, "Widget", deleting, "being deleted");
}
