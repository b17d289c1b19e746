//! A cluster of several nodes, which are emptied one after the other, as for an update of each.

use std::collections::BTreeSet;

use serde_json::Value;

use super::distributed::Users;
use super::distributed::wait_for_servers;
use super::release::Release;
use crate::support::cluster::Namespace;
use crate::support::helm::CHART;

/// No other test's release has this name: a drain concerns all namespaces.
const NAME: &str = "drained";

const PAGE: &str = "served from several nodes";

const VALUES: &str = r"
index: { content: served from several nodes }
service: { type: NodePort }
minio:
  mode: distributed
  service: { type: NodePort }
  persistence: { size: 64Mi }
  resources: { requests: { cpu: 10m, memory: 64Mi } }
";

/// Is a node that takes no new pods, until this is dropped.
struct Drained<'a> {
    namespace: &'a Namespace,
    node: &'a str,
}

impl<'a> Drained<'a> {
    /// Empties a node of the release's pods, as `kubectl drain` does it for a person: each pod is
    /// evicted, again and again while a budget forbids it. Pods of other tests stay.
    fn new(site: &Release<'a>, node: &'a str) -> Self {
        let namespace = site.namespace;
        let drained = Self { namespace, node };
        let selector = format!("--pod-selector=app.kubernetes.io/instance={}", site.name);
        let options = ["--delete-emptydir-data", "--timeout=300s", &selector];
        println!("{}", namespace.kubectl(&[&["drain", node], &options[..]].concat()));
        drained
    }
}

impl Drop for Drained<'_> {
    fn drop(&mut self) {
        let output = self.namespace.try_kubectl(&["uncordon", self.node]);
        let failed = std::thread::panicking();
        assert!(failed || output.status.success(), "{}: {output:?}", self.node);
    }
}

/// Returns the nodes that pods of a component run on.
fn nodes_of(site: &Release<'_>, component: &str) -> BTreeSet<String> {
    let pods = site.names("pod", component);
    let node = |pod: &String| {
        let pod: Value = site.object("pod", pod.trim_start_matches("pod/"));
        pod["spec"]["nodeName"].as_str().unwrap().to_owned()
    };
    pods.iter().map(node).collect()
}

#[test]
#[ignore = "needs a cluster of several nodes, which `make test-nodes` starts"]
fn no_request_fails_while_nodes_are_drained() {
    let namespace = Namespace::new("drained");
    let names = namespace.kubectl(&["get", "nodes", "-o", "jsonpath={.items[*].metadata.name}"]);
    let nodes: Vec<&str> = names.split(' ').collect();
    assert!(nodes.len() > 2, "these are too few: {nodes:?}");

    let site = Release::deploy(&namespace, NAME, CHART, VALUES);
    assert!(nodes_of(&site, "web").len() > 1, "s3www stands and falls with one node");
    assert_eq!(nodes_of(&site, "storage").len(), nodes.len(), "the servers are not spread");

    let users = Users::start(&site, None, &format!("{PAGE}\n"));
    for node in nodes {
        let drained = Drained::new(&site, node);
        for component in ["web", "storage"] {
            assert!(!nodes_of(&site, component).contains(node), "{component} is on {node}");
        }
        wait_for_servers(&site);
        users.lose_nothing(&format!("the drain of {node}"));
        drop(drained);
    }
}
