//! The NetworkPolicies on a network that enforces them: kube-router's firewall.
//!
//! It refuses with an answer of its own, so what is refused is told from what is only slow; and
//! every refused connection is made once more without the policies, and works.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::Command;
use std::sync::Once;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use super::probe::join;
use super::probe::stand_in;
use crate::chart::file_server::own_address;
use crate::chart::policies::ALWAYS;
use crate::chart::policies::BY_DEFAULT;
use crate::chart::policies::WITH_STORAGE;
use crate::chart::release::Release;
use crate::support::cluster::FetchableFile;
use crate::support::cluster::Namespace;
use crate::support::helm::CHART;
use crate::support::helm::helm;
use crate::support::text;

const MANIFEST: &str = include_str!("kube-router.yaml");

/// Has the cluster's network enforce all policies from now on.
pub fn enforce() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let network = super::start("network", MANIFEST);
        network.kubectl(&["rollout", "status", "daemonset/kube-router", "--timeout=120s"]);
    });
}

/// Is what a connection comes to; a text if it is neither made nor refused.
type Outcome = Result<bool, String>;

/// Is a pod with a container `probe` to send from.
struct End<'n> {
    namespace: &'n Namespace,
    pod: String,
    address: String,
}

/// Is the release `site` and everybody around it.
struct Network<'a> {
    site: &'a Release<'a>,
    elsewhere: Namespace,
    observers: &'a Namespace,
    /// This machine, as pods see it.
    world: String,
    dns: String,
}

impl<'a> Network<'a> {
    /// Puts strangers and stand-ins beside the release: the loader and the test end by themselves.
    fn around(site: &'a Release<'a>, observers: &'a Namespace) -> Self {
        let elsewhere = Namespace::new("elsewhere");
        let job = site.names("job", "loader").remove(0);
        let loader = site.object("job", job.rsplit('/').next().unwrap());
        let mut labels = loader["spec"]["template"]["metadata"]["labels"].clone();
        // By these, the Job would take the stand-in for its own pod.
        labels
            .as_object_mut()
            .unwrap()
            .retain(|name, _| !name.contains("controller-uid") && !name.ends_with("job-name"));
        stand_in(site.namespace, "loader", &labels);
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": "loader" },
            "spec": { "type": "NodePort", "selector": labels, "ports": [{ "port": 8080 }] },
        });
        site.namespace.apply(&service.to_string());
        labels["app.kubernetes.io/component"] = json!("test");
        labels.as_object_mut().unwrap().remove("site-minio-client").unwrap();
        stand_in(site.namespace, "test", &labels);
        let stranger = json!({ "app": "other" });
        let ready = ["wait", "--for=condition=Ready", "pod", "--selector=stand-in"];
        for namespace in [site.namespace, &elsewhere, observers] {
            stand_in(namespace, "stranger", &stranger);
            namespace.kubectl(&[&ready[..], &["--timeout=60s"]].concat());
        }
        let world = own_address(&format!("http://{}", site.namespace.node_address())).to_string();
        let listener = TcpListener::bind((world.as_str(), 443)).unwrap();
        std::thread::spawn(move || while listener.accept().is_ok() {});
        let dns = ["get", "service", "kube-dns", "-o", "jsonpath={.spec.clusterIP}"];
        let dns = Namespace::elsewhere("kube-system").kubectl(&dns);
        Self { site, elsewhere, observers, world, dns }
    }

    /// Finds who is called so in the flows. This machine is no pod.
    fn end(&self, name: &str) -> Option<End<'_>> {
        let (namespace, selector) = match name {
            "internet" | "dns" => return None,
            "loader" | "test" => (self.site.namespace, format!("stand-in={name}")),
            "neighbour" => (self.site.namespace, "stand-in=stranger".to_owned()),
            "prometheus" => (self.observers, "stand-in=stranger".to_owned()),
            "ingress" | "elsewhere" => (&self.elsewhere, "stand-in=stranger".to_owned()),
            part => (self.site.namespace, format!("app.kubernetes.io/component={part}")),
        };
        let living = "--field-selector=status.phase=Running";
        let pods = ["get", "pods", "--selector", &selector, living, "-o", "json"];
        let pods: Value = serde_json::from_str(&namespace.kubectl(&pods)).unwrap();
        let mut pods = pods["items"].as_array().unwrap().iter();
        let stays = |pod: &&Value| pod["metadata"].get("deletionTimestamp").is_none();
        let found = pods.find(stays).unwrap_or_else(|| panic!("there is no {name}"));
        let pod = found["metadata"]["name"].as_str().unwrap().to_owned();
        let has_probe = |containers: &Value| {
            containers.as_array().into_iter().flatten().any(|one| one["name"] == "probe")
        };
        let spec = &found["spec"];
        if !has_probe(&spec["containers"]) && !has_probe(&spec["ephemeralContainers"]) {
            join(namespace, &pod);
        }
        let address = found["status"]["podIP"].as_str().unwrap().to_owned();
        Some(End { namespace, pod, address })
    }

    /// Tries one flow.
    fn attempt(&self, flow: &str, ends: &BTreeMap<&str, Option<End<'_>>>) -> Outcome {
        let [from, to, port] = parts(flow);
        let inside = ends[from].as_ref();
        let inside = |command: &[&str]| match inside {
            Some(End { namespace, pod, .. }) => {
                let exec = ["exec", pod.as_str(), "--container=probe", "--"];
                namespace.try_kubectl(&[&exec[..], command].concat())
            }
            None => Command::new(command[0]).args(&command[1..]).output().unwrap(),
        };
        if port == "53/udp" {
            let name = "kubernetes.default.svc.cluster.local";
            let output = inside(&["nslookup", name, &self.dns]);
            return if output.status.success() { Ok(true) } else { Err(text(&output)) };
        }
        let url = match (from, to) {
            (_, "internet") => format!("http://{}:{port}", self.world),
            (_, "dns") => format!("http://{}:{port}", self.dns),
            ("internet", "web") => self.site.namespace.node_url("http", "site-s3www"),
            ("internet", "storage") => self.site.namespace.node_url("http", "site-minio"),
            ("internet", service) => self.site.namespace.node_url("http", service),
            _ => format!("http://{}:{port}", ends[to].as_ref().unwrap().address),
        };
        let curl = ["curl", "--silent", "--noproxy", "*", "--output", "/dev/null"];
        let limits = ["--connect-timeout", "5", "--max-time", "6"];
        let said = ["--write-out", "%{exitcode} %{time_connect}", &url];
        let output = inside(&[&curl[..], &limits, &said].concat());
        match String::from_utf8_lossy(&output.stdout).split_once(' ') {
            // What is said on the connection is not the network's business.
            Some((_, time)) if time != "0.000000" => Ok(true),
            Some(("7", _)) => Ok(false),
            _ => Err(format!("{url}: neither made nor refused: {}", text(&output))),
        }
    }

    /// Fails the test unless exactly the flows with `true` are let through. A change of policies
    /// or pods may take kube-router a moment; after that, all flows are tried once more.
    #[track_caller]
    fn lets_through(&self, flows: &[(&str, bool)]) {
        let names = flows.iter().flat_map(|(flow, _)| parts(flow).into_iter().take(2));
        let ends = names.collect::<BTreeSet<_>>().into_iter();
        let ends: BTreeMap<&str, Option<End<'_>>> =
            ends.map(|name| (name, self.end(name))).collect();
        for (flow, expected) in flows {
            let deadline = Instant::now() + Duration::from_mins(1);
            loop {
                let outcome = self.attempt(flow, &ends);
                if outcome == Ok(*expected) {
                    break;
                }
                assert!(Instant::now() < deadline, "{flow}: {outcome:?}, not {expected}");
                std::thread::sleep(Duration::from_millis(200));
            }
        }
        for (flow, expected) in flows {
            assert_eq!(self.attempt(flow, &ends), Ok(*expected), "{flow}");
        }
    }
}

/// Returns from whom, to whom and at which port.
fn parts(flow: &str) -> [&str; 3] {
    flow.split(' ').collect::<Vec<_>>().try_into().unwrap()
}

/// Returns the flows that show whether a policy lets them through.
fn visible(flows: &[(&'static str, bool)]) -> Vec<(&'static str, bool)> {
    let shows = |flow: &str| {
        let [from, to, port] = parts(flow);
        // Nobody listens there, so they are refused anyway; and what a pod says to itself does
        // not leave it.
        let is_heard = match to {
            "web" => port == "8080",
            "storage" => port == "9000",
            _ => true,
        };
        is_heard && from != to
    };
    flows.iter().copied().filter(|(flow, _)| shows(flow)).collect()
}

#[test]
#[ignore = "needs kube-router, which `make test-operators` builds"]
fn a_network_that_enforces_them_lets_through_what_the_policies_say() {
    enforce();
    let namespace = Namespace::new("enforced");
    let observers = Namespace::new("observers");
    let values = |more: &Value| {
        let by_name =
            |name: &str| json!({ "matchLabels": { "kubernetes.io/metadata.name": name } });
        let mut values = json!({
            "replicaCount": 1,
            "service": { "type": "NodePort" },
            "minio": {
                "service": { "type": "NodePort" },
                "persistence": { "size": "64Mi" },
                "networkPolicy": { "metricsNamespaceSelector": by_name(&observers.name) },
            },
        });
        for (name, value) in more.as_object().unwrap() {
            values[name] = value.clone();
        }
        values
    };
    // The loader writes and s3www reads through the policies, from the first moment.
    let page = |text: &str| json!({ "index": { "content": text } });
    let first = values(&page("first"));
    let site = Release::deploy(&namespace, "site", CHART, &first.to_string());
    assert!(helm(4, &namespace, &["test", "site", "--logs"]).contains("OK: "));

    let network = Network::around(&site, &observers);
    let flows = visible(&[ALWAYS, WITH_STORAGE, BY_DEFAULT].concat());
    let refused = flows.iter().filter(|(_, passes)| !passes).count();
    println!("{} connections, {refused} of them to be refused", flows.len());
    network.lets_through(&flows);

    // Without the policies everything works, so they are what refused it.
    namespace.kubectl(&["delete", "networkpolicies", "--all"]);
    let all: Vec<_> = flows.iter().map(|(flow, _)| (*flow, true)).collect();
    network.lets_through(&all);

    // An upgrade brings them back: here with peers for site and storage, and with a download.
    let file = FetchableFile::new(b"downloaded");
    let own = network.elsewhere.name.as_str();
    let from =
        json!({ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": own } } });
    let mut limited = values(&json!({
        "file": { "url": file.url, "key": "file.bin" },
        "networkPolicy": { "ingressFrom": [from] },
    }));
    let machine = json!({ "ipBlock": { "cidr": format!("{}/32", network.world) } });
    limited["minio"]["networkPolicy"]["extraIngress"] = json!([machine]);
    Release::deploy(&namespace, "site", CHART, &limited.to_string());
    assert!(helm(4, &namespace, &["test", "site", "--logs"]).contains("OK: "));
    assert_eq!(namespace.served("site-s3www", "file.bin"), b"downloaded");
    let outside = "internet storage 9000";
    let mut flows = visible(WITH_STORAGE);
    flows.retain(|(flow, _)| *flow != outside);
    network.lets_through(&flows);
    network.lets_through(&[
        (outside, true),
        ("elsewhere web 8080", true),
        ("prometheus web 8080", false),
        ("neighbour web 8080", false),
        ("internet web 8080", false),
        ("test web 8080", true),
        ("loader internet 443", true),
        ("web internet 443", false),
    ]);
}
