//! Objects that the tests apply.

use serde_json::Value;
use serde_json::json;

/// Returns a Deployment without pods, with one container `m`.
pub fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "labels": {"app": "d"}},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"app": "d"}},
            "template": {
                "metadata": {"labels": {"app": "d"}},
                "spec": {"containers": [{
                    "name": "m", "image": "docker.io/y4m4/s3www:v1.0.0",
                    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                    "ports": [{"name": "http", "containerPort": 8080}],
                    "resources": {"requests": {"cpu": "1000m"}, "limits": {"memory": "64Mi"}},
                }]},
            },
        },
    })
}

pub fn service() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"},
        "spec": {"selector": {"app": "d"}, "ports": [
            {"name": "h", "port": 80, "targetPort": "http"}, {"name": "m", "port": 9000}]},
    })
}

pub fn config_map() -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"},
        "data": {"index.html": "<html>\n</html>\n", "a": "1"}})
}

pub fn secret() -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"},
        "stringData": {"a": "hunter2", "b": "hunter3"}})
}

pub fn network_policy() -> Value {
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "n"},
        "spec": {"podSelector": {"matchLabels": {"app": "d"}}, "ingress": [{"ports": [{"port": 80}]}]}})
}

pub fn cron_job() -> Value {
    json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "j"},
        "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": {"spec": {
            "restartPolicy": "Never", "containers": [{"name": "m", "image": "docker.io/curlimages/curl:8.16.0"}]}}}}}})
}

pub fn autoscaler() -> Value {
    json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "d"},
        "spec": {"minReplicas": 1, "maxReplicas": 5,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}})
}

/// Returns the value with the one at a JSON pointer replaced, or taken out by `null`.
pub fn with(object: &Value, pointer: &str, value: Value) -> Value {
    let mut object = object.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let place = object.pointer_mut(parent).unwrap();
    match (place, value) {
        (Value::Object(fields), Value::Null) => {
            fields.remove(name);
        }
        (Value::Array(items), Value::Null) => {
            items.remove(name.parse().unwrap());
        }
        (Value::Object(fields), value) => {
            fields.insert(name.to_owned(), value);
        }
        (Value::Array(items), value) => items[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer} leads nowhere"),
    }
    object
}

/// Returns objects of many kinds, written in the ways that charts write them.
pub fn all_kinds() -> Vec<Value> {
    vec![
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "sa", "creationTimestamp": null},
            "automountServiceAccountToken": false}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c1", "labels": null, "annotations": {}},
            "data": {"null": null, "empty": "", "a": "1"}, "binaryData": null}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c2"}, "data": {}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s1"},
            "data": {"a": "aHVu\ndGVyMg==\n"}, "stringData": {"b": "x"}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s2"}, "type": "Opaque", "stringData": {"b": ""}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d1"}, "status": {},
            "spec": {"replicas": null, "selector": {"matchLabels": {"app": "d1"}},
                "strategy": {"rollingUpdate": {"maxUnavailable": "0%"}},
                "template": {"metadata": {"labels": {"app": "d1"}, "annotations": {}, "creationTimestamp": null}, "spec": {
                    "serviceAccount": "sa", "nodeSelector": {"none": "none"}, "tolerations": [], "affinity": {}, "securityContext": {},
                    "volumes": [{"name": "e", "emptyDir": {}}, {"name": "n"}, {"name": "l", "emptyDir": {"sizeLimit": 1_048_576}},
                        {"name": "c", "configMap": {"name": "c1", "items": [{"key": "a", "path": "a"}]}}],
                    "initContainers": [],
                    "containers": [{"name": "m", "image": "docker.io/curlimages/curl:8.16.0", "args": [], "livenessProbe": null,
                        "env": [{"name": "E", "value": ""}, {"name": "N"}, {"name": "Z", "value": null},
                            {"name": "F", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                        "ports": [{"containerPort": 9000}, {"containerPort": 9000, "protocol": "UDP"}],
                        "volumeMounts": [{"name": "e", "mountPath": "/a"}, {"name": "e", "mountPath": "/b", "subPath": "b"}],
                        "resources": {"requests": {"memory": 1_073_741_824}, "limits": {"cpu": null, "memory": "1.5Gi"}}}]}}}}),
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "ss"},
            "spec": {"replicas": 0, "serviceName": "headless", "selector": {"matchLabels": {"app": "ss"}},
                "template": {"metadata": {"labels": {"app": "ss"}}, "spec": {"containers": [{"name": "m", "image": "x"}]}},
                "volumeClaimTemplates": [
                    {"metadata": {"name": "v"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": 1_073_741_824}}}},
                    {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "w"},
                        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}}}]}}),
        json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "ds"},
            "spec": {"selector": {"matchLabels": {"app": "ds"}}, "template": {"metadata": {"labels": {"app": "ds"}},
                "spec": {"nodeSelector": {"none": "none"}, "containers": [{"name": "m", "image": "x"}]}}}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "both"}, "spec": {"clusterIP": "", "externalIPs": [],
            "ports": [{"name": "t", "port": 9000}, {"name": "u", "port": 9000, "protocol": "UDP"}]}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "np"}, "spec": {"type": "NodePort",
            "selector": {"app": "x"}, "ports": [{"port": 1, "nodePort": null}]}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "np0"}, "spec": {"type": "NodePort",
            "selector": {"app": "x"}, "ports": [{"port": 1, "nodePort": 0}]}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "headless"}, "spec": {"clusterIP": "None",
            "selector": {"app": "ss"}, "ports": [{"port": 1}]}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "ext"}, "spec": {"type": "ExternalName", "externalName": "example.org"}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "i"}, "spec": {"tls": [], "rules": [
            {"host": "example.org", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "np", "port": {"number": 1}}}}]}}]}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "n1"},
            "spec": {"podSelector": {}, "ingress": [{}], "egress": [], "policyTypes": ["Ingress"]}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "n2"},
            "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]}}),
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "cj"}, "spec": {"schedule": "0 0 1 1 *",
            "jobTemplate": {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "x"}]}}}}}}),
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "job"}, "spec": {"suspend": true,
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "x"}]}}}}),
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "pdb"},
            "spec": {"minAvailable": "50%", "selector": {"matchLabels": {"app": "d1"}}}}),
        json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "pvc"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1.5Gi"}}}}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "rb"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
            "subjects": [{"kind": "ServiceAccount", "name": "sa"}]}),
        json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "lr"},
            "spec": {"limits": [{"type": "Container", "default": {"cpu": 0.05}}]}}),
        json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "hpa"},
            "spec": {"minReplicas": 1, "maxReplicas": 2, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "none"},
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}]}}),
    ]
}
