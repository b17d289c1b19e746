//! What the NetworkPolicies let through, evaluated as a network plugin that enforces them would.
//!
//! The cluster of the tests has no such plugin, so this says what the rules mean. What they do
//! where they are enforced, `operators::enforced` shows of the same flows.

use std::path::Path;

use serde_json::Value;
use serde_json::json;

use super::values_files::render;
use crate::support::helm::CHART;

/// Is one end of a connection.
#[derive(Clone, Debug)]
enum Peer {
    /// A pod, by its labels and its namespace. The release is in `web`.
    Pod { labels: Value, namespace: String },
    /// An address outside of the cluster.
    Outside,
}

/// Says whether a label selector selects labels. The chart uses no expressions.
fn selects(selector: &Value, labels: &Value) -> bool {
    assert!(selector.get("matchExpressions").is_none(), "not evaluated: {selector}");
    let wanted = selector["matchLabels"].as_object();
    wanted.into_iter().flatten().all(|(name, value)| labels.get(name) == Some(value))
}

/// Says whether a peer of a rule is a peer of the connection.
fn is_peer(rule: &Value, peer: &Peer) -> bool {
    match peer {
        Peer::Outside => rule.get("ipBlock").is_some(),
        Peer::Pod { labels, namespace } => {
            let own = json!({ "kubernetes.io/metadata.name": namespace });
            let is_in_namespace = match rule.get("namespaceSelector") {
                Some(selector) => selects(selector, &own),
                None => namespace == "web",
            };
            let is_pod = rule.get("podSelector").is_none_or(|selector| selects(selector, labels));
            rule.get("ipBlock").is_none() && is_in_namespace && is_pod
        }
    }
}

/// Says whether the policies let a pod do one half of a connection: send it (`Egress`, `to`) or take it (`Ingress`, `from`).
fn half(
    policies: &[Value],
    pod: &Peer,
    other: &Peer,
    port: u16,
    protocol: &str,
    way: &str,
) -> bool {
    let Peer::Pod { labels, namespace } = pod else { return true };
    let (rules, peers) = if way == "Egress" { ("egress", "to") } else { ("ingress", "from") };
    let mut applying = policies
        .iter()
        .filter(|policy| {
            let types = policy["spec"]["policyTypes"].as_array().unwrap();
            namespace == "web"
                && types.contains(&json!(way))
                && selects(&policy["spec"]["podSelector"], labels)
        })
        .peekable();
    // Whom no policy selects, nothing restricts.
    applying.peek().is_none()
        || applying.any(|policy| {
            policy["spec"][rules].as_array().into_iter().flatten().any(|rule| {
                let is_port = rule.get("ports").is_none_or(|ports| {
                    ports.as_array().unwrap().iter().any(|one| {
                        let first = one["port"].as_u64().unwrap();
                        let last = one["endPort"].as_u64().unwrap_or(first);
                        one["protocol"] == protocol && (first..=last).contains(&u64::from(port))
                    })
                });
                let is_peer = rule.get(peers).is_none_or(|all| {
                    all.as_array().unwrap().iter().any(|one| is_peer(one, other))
                });
                is_port && is_peer
            })
        })
}

/// Is the release as the network sees it.
struct Network {
    policies: Vec<Value>,
    pods: Vec<(String, Peer)>,
}

impl Network {
    /// Renders the release with one of the values files in `ci/`.
    fn of(values: &str) -> Self {
        let objects = render(&Path::new(CHART).join(format!("ci/{values}-values.yaml")), &[]);
        let mut pods = Vec::new();
        for object in &objects {
            let metadata = match object["kind"].as_str().unwrap() {
                "Pod" => &object["metadata"],
                "CronJob" => &object["spec"]["jobTemplate"]["spec"]["template"]["metadata"],
                _ => &object["spec"]["template"]["metadata"],
            };
            let labels = metadata["labels"].clone();
            if let Some(component) = labels["app.kubernetes.io/component"].as_str() {
                let pod = Peer::Pod { labels: labels.clone(), namespace: "web".to_owned() };
                pods.push((component.to_owned(), pod));
            }
        }
        let policies =
            objects.into_iter().filter(|object| object["kind"] == "NetworkPolicy").collect();
        Self { policies, pods }
    }

    /// Returns everybody of that name: pods of the release by component, strangers, and the world.
    fn peers(&self, name: &str) -> Vec<Peer> {
        let pod = |namespace: &str| Peer::Pod {
            labels: json!({ "app": "other" }),
            namespace: namespace.to_owned(),
        };
        match name {
            "internet" => vec![Peer::Outside],
            "neighbour" => vec![pod("web")],
            "prometheus" => vec![pod("monitoring")],
            "dns" => vec![pod("kube-system")],
            "ingress" => vec![pod("ingress-nginx")],
            "elsewhere" => vec![pod("elsewhere")],
            component => {
                let all = self.pods.iter().filter(|(own, _)| own == component);
                let all: Vec<Peer> = all.map(|(_, peer)| peer.clone()).collect();
                assert!(!all.is_empty(), "there is no {component}");
                all
            }
        }
    }

    /// Fails the test unless exactly the flows with `yes` are let through; each is `from to port`.
    #[track_caller]
    fn lets_through(&self, flows: &[(&str, bool)]) {
        for (flow, expected) in flows {
            let [from, to, port] = flow.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{flow}")
            };
            let (port, protocol) = if let Some(port) = port.strip_suffix("/udp") {
                (port, "UDP")
            } else {
                (port, "TCP")
            };
            let port = port.parse().unwrap();
            for from in self.peers(from) {
                for to in self.peers(to) {
                    let sent = half(&self.policies, &from, &to, port, protocol, "Egress");
                    let taken = half(&self.policies, &to, &from, port, protocol, "Ingress");
                    assert_eq!(sent && taken, *expected, "{flow} (sent: {sent}, taken: {taken})");
                }
            }
        }
    }
}

/// Flows that are the same whatever the values: `true` if it is let through.
pub const ALWAYS: &[(&str, bool)] = &[
    ("web dns 53/udp", true),
    ("web dns 53", true),
    ("web internet 443", false),
    ("web neighbour 8080", false),
    ("web loader 8080", false),
    ("loader dns 53/udp", true),
    ("loader web 8080", false),
    ("loader neighbour 80", false),
    ("neighbour loader 8080", false),
    ("internet loader 8080", false),
    ("test web 8080", true),
    ("test dns 53/udp", true),
];

pub const WITH_STORAGE: &[(&str, bool)] = &[
    ("web storage 9000", true),
    ("loader storage 9000", true),
    ("test storage 9000", false),
    ("prometheus storage 9000", true),
    ("neighbour storage 9000", false),
    ("elsewhere storage 9000", false),
    ("internet storage 9000", false),
    ("storage dns 53/udp", true),
    ("storage internet 443", false),
    ("storage web 8080", false),
    ("web storage 22", false),
];

/// Flows of a release with the chart's defaults.
pub const BY_DEFAULT: &[(&str, bool)] = &[
    ("ingress web 8080", true),
    ("internet web 8080", true),
    ("internet web 22", false),
    // Nothing is downloaded.
    ("loader internet 443", false),
    ("storage storage 9000", false),
];

#[test]
fn the_policies_pass_what_is_needed_and_nothing_else() {
    let default = Network::of("default");
    default.lets_through(ALWAYS);
    default.lets_through(WITH_STORAGE);
    default.lets_through(BY_DEFAULT);

    // Two Jobs: the loader and its refresh.
    let files = Network::of("files");
    assert_eq!(files.peers("loader").len(), 2);
    files.lets_through(WITH_STORAGE);
    files.lets_through(&[
        ("loader internet 443", true),
        ("loader internet 80", true),
        ("loader internet 8443", true),
        ("loader internet 25", false),
        ("web internet 8443", false),
        ("test internet 8443", true),
    ]);

    let distributed = Network::of("distributed");
    distributed.lets_through(ALWAYS);
    distributed.lets_through(WITH_STORAGE);
    distributed.lets_through(&[("storage storage 9000", true), ("storage storage 22", false)]);

    let limited = Network::of("network");
    limited.lets_through(&[
        ("ingress web 8080", true),
        ("elsewhere web 8080", false),
        ("internet web 8080", false),
        ("test web 8080", true),
        ("web internet 443", true),
        ("loader internet 3128", true),
        ("storage internet 443", true),
    ]);

    let external = Network::of("external-loader");
    external.lets_through(&[
        ("web internet 9443", true),
        ("web internet 443", false),
        ("loader internet 9443", true),
    ]);

    let open = Network::of("network-open");
    open.lets_through(&[("neighbour storage 9000", true), ("internet storage 9000", true)]);
}
