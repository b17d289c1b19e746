//! Which pod and container port a Service's port leads to.

use serde_json::Value;

use super::PortForwardError;
use super::ServicePort;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::wait::surroundings::is_ready;
use crate::kubernetes::wait::surroundings::selector_text;

/// Is where a connection leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) pod: String,
    pub(super) port: u16,
}

/// Finds a pod that serves.
pub(super) async fn find(
    cluster: &Cluster,
    namespace: &str,
    service: &str,
    port: &ServicePort,
) -> Result<Endpoint, PortForwardError> {
    let resource = |kind: &str, plural: &str| Resource {
        kind: GroupVersionKind::new("v1", kind),
        plural: plural.to_owned(),
        namespaced: true,
    };
    let (namespace_text, service_text) = (namespace.to_owned(), service.to_owned());
    let live = cluster.find(&resource("Service", "services").object(namespace, service)).await?;
    let Some(live) = live else {
        return Err(PortForwardError::NoService {
            namespace: namespace_text,
            service: service_text,
        });
    };
    let selector = live.get(&["spec", "selector"]).map(selector_text).unwrap_or_default();
    if selector.is_empty() {
        return Err(PortForwardError::NoSelector {
            namespace: namespace_text,
            service: service_text,
        });
    }
    let Some(target) = target_port(&live, port) else {
        return Err(PortForwardError::NoPort {
            namespace: namespace_text,
            service: service_text,
            port: port.clone(),
            known: known_ports(&live),
        });
    };
    let pods = cluster.list(&resource("Pod", "pods"), Some(namespace), &selector).await?;
    choose(&pods, &target).ok_or_else(|| PortForwardError::NoReadyPod {
        namespace: namespace_text,
        service: service_text,
        state: state_of(&pods),
    })
}

/// Returns the newest pod that is ready and has the port: the oldest one is the likeliest
/// to be replaced during a rollout.
fn choose(pods: &[LiveObject], target: &Value) -> Option<Endpoint> {
    pods.iter()
        .filter(|pod| pod.deletion_timestamp().is_none() && is_ready(pod))
        .filter_map(|pod| {
            let created = pod.text(&["metadata", "creationTimestamp"]).unwrap_or_default();
            let port = container_port(pod, target)?;
            Some((created, Endpoint { pod: pod.name().to_owned(), port }))
        })
        .max_by_key(|(created, endpoint)| (*created, endpoint.pod.clone()))
        .map(|(_, endpoint)| endpoint)
}

/// Returns the `targetPort` (number or name) of a Service's port.
fn target_port(service: &LiveObject, wanted: &ServicePort) -> Option<Value> {
    let ports = service.get(&["spec", "ports"])?.as_array()?;
    let port = ports.iter().find(|port| match wanted {
        ServicePort::Number(number) => {
            port.get("port").and_then(Value::as_u64) == Some(u64::from(*number))
        }
        ServicePort::Name(name) => port.get("name").and_then(Value::as_str) == Some(name),
    })?;
    port.get("targetPort").or_else(|| port.get("port")).cloned()
}

/// Returns the number of a container's port, which a Service may know by its name.
fn container_port(pod: &LiveObject, target: &Value) -> Option<u16> {
    if let Some(number) = target.as_u64() {
        return u16::try_from(number).ok();
    }
    let name = target.as_str()?;
    let containers = pod.get(&["spec", "containers"])?.as_array()?;
    let ports = containers.iter().filter_map(|one| one.get("ports")?.as_array()).flatten();
    ports
        .filter(|port| port.get("name").and_then(Value::as_str) == Some(name))
        .find_map(|port| u16::try_from(port.get("containerPort")?.as_u64()?).ok())
}

fn known_ports(service: &LiveObject) -> String {
    let ports = service.get(&["spec", "ports"]).and_then(Value::as_array);
    let ports: Vec<String> = ports
        .into_iter()
        .flatten()
        .filter_map(|port| {
            let number = port.get("port")?.as_u64()?;
            let name = port.get("name").and_then(Value::as_str);
            Some(name.map_or_else(|| number.to_string(), |name| format!("{number} (`{name}`)")))
        })
        .collect();
    if ports.is_empty() { String::from("no ports") } else { ports.join(", ") }
}

fn state_of(pods: &[LiveObject]) -> String {
    match pods {
        [] => String::from("there is none"),
        pods => {
            let each = pods.iter().map(|pod| {
                let phase = pod.text(&["status", "phase"]).unwrap_or("new");
                let ending =
                    if pod.deletion_timestamp().is_some() { ", being deleted" } else { "" };
                let readiness = if is_ready(pod) { "ready" } else { "not ready" };
                format!("`{}` is {phase}, {readiness}{ending}", pod.name())
            });
            each.collect::<Vec<_>>().join("; ")
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> LiveObject {
        LiveObject::new(value).unwrap()
    }

    fn pod(name: &str, created: &str, ready: &str) -> LiveObject {
        object(json!({
            "metadata": { "name": name, "creationTimestamp": created },
            "spec": { "containers": [
                { "name": "side" },
                { "name": "minio", "ports": [{ "name": "api", "containerPort": 9000 }] },
            ]},
            "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": ready }] },
        }))
    }

    #[test]
    fn ports_are_found_by_number_and_name() {
        let service = object(json!({ "spec": { "ports": [
            { "name": "http", "port": 80, "targetPort": "api" },
            { "name": "plain", "port": 9001 },
        ]}}));
        assert_eq!(target_port(&service, &ServicePort::Number(80)), Some(json!("api")));
        assert_eq!(target_port(&service, &ServicePort::Name("plain".into())), Some(json!(9001)));
        assert_eq!(target_port(&service, &ServicePort::Number(81)), None);
        assert_eq!(known_ports(&service), "80 (`http`), 9001 (`plain`)");
    }

    #[test]
    fn the_newest_ready_pod_is_chosen() {
        let mut ending = pod("d", "2026-11-24T12:00:00Z", "True").into_fields();
        ending["metadata"]["deletionTimestamp"] = json!("2026-11-24T12:00:01Z");
        let pods = [
            pod("a", "2026-11-24T08:00:00Z", "True"),
            pod("b", "2026-11-24T09:00:00Z", "True"),
            pod("c", "2026-11-24T10:00:00Z", "False"),
            object(Value::Object(ending)),
        ];
        let chosen = choose(&pods, &json!("api")).unwrap();
        assert_eq!(chosen, Endpoint { pod: "b".into(), port: 9000 });
        assert_eq!(choose(&pods, &json!("other")), None);
        assert_eq!(choose(&pods[2..], &json!(9000)), None);
        let state = state_of(&pods[2..]);
        assert_eq!(state, "`c` is Running, not ready; `d` is Running, ready, being deleted");
        assert_eq!(state_of(&[]), "there is none");
    }
}
