//! The real API server, stopped and killed, on a cluster of this test's own.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use super::place::GOOD;
use super::place::Place;
use super::place::set;
use crate::support::client::Client;
use crate::support::eventually;
use crate::support::text;
use crate::support::workspace::Workspace;

/// Is a cluster beside the one that other tests use. It is taken down when the test ends.
struct OwnCluster {
    program: PathBuf,
    name: String,
    subnet: String,
}

impl OwnCluster {
    fn up() -> Self {
        let program = std::env::var_os("S3WWW_CLUSTER_COMMAND")
            .map(PathBuf::from)
            .expect("`make test` sets S3WWW_CLUSTER_COMMAND; it needs the local cluster");
        let name = std::env::var("S3WWW_CLUSTER").unwrap_or_else(|_| String::from("local"));
        let subnet = std::env::var("S3WWW_CLUSTER_SUBNET");
        let subnet = subnet.unwrap_or_else(|_| String::from("10.99.0.0/24"));
        // Beside the other cluster's network, which is 10.X.0.0/24.
        let third = subnet.split('.').nth(2).unwrap().parse::<u8>().unwrap().wrapping_add(1);
        let mut parts: Vec<&str> = subnet.split('.').collect();
        let third = third.to_string();
        parts[2] = &third;
        let cluster = Self { program, name: format!("{name:.9}-r"), subnet: parts.join(".") };
        cluster.run(&["up"]);
        cluster
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env("S3WWW_CLUSTER", &self.name)
            .env("S3WWW_CLUSTER_SUBNET", &self.subnet);
        command
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "cluster {arguments:?}: {}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn signal(&self, name: &str) {
        self.run(&["signal", "kube-apiserver", name]);
    }

    fn kubeconfig(&self) -> String {
        self.run(&["kubeconfig"]).trim().to_owned()
    }

    /// Runs kubectl and returns what it printed, also when the API server is away.
    fn kubectl(&self, arguments: &[&str]) -> String {
        let output = Command::new(crate::support::program("KUBECTL", "kubectl"))
            .args(arguments)
            .env("KUBECONFIG", self.kubeconfig())
            .output()
            .unwrap();
        text(&output)
    }
}

impl Drop for OwnCluster {
    fn drop(&mut self) {
        // A stopped process cannot be asked to end. An error would hide the test's own.
        drop(self.command(&["signal", "kube-apiserver", "CONT"]).output());
        drop(self.command(&["down"]).output());
    }
}

/// Returns the states of the release's revisions.
fn history(cluster: &OwnCluster) -> String {
    let states = "jsonpath={.items[*].metadata.labels.status}";
    cluster.kubectl(&["get", "secrets", "-n", "web", "-l", "owner=helm", "-o", states])
}

fn converge(site: &Workspace) {
    site.apply().ok();
    site.assert_nothing_to_do();
}

#[test]
fn an_api_server_that_stops_or_dies_costs_nothing() {
    let cluster = OwnCluster::up();
    let kubernetes = format!("config_path = {:?}", cluster.kubeconfig());
    cluster.kubectl(&["create", "namespace", "web"]);
    let namespace = crate::support::cluster::Namespace::elsewhere("web");
    let site = Place::another(Client::Terraform, &namespace, &kubernetes);
    assert!(Path::new(&cluster.kubeconfig()).exists());

    // Killed in the middle of a create, of an update and of a destroy: it comes back after a
    // moment, and the very same run goes on.
    for note in ["one", "two"] {
        set(
            &site,
            &format!("values = {{ note = \"{note}\", hooks = {{ migrate = \"sleep 2\" }} }}"),
            "",
        );
        let running = site.start(&["apply", "-no-color", "-auto-approve"]);
        eventually("the operation has begun", || history(&cluster).contains("pending"));
        cluster.signal("KILL");
        running.end(Duration::from_mins(3)).ok();
        site.assert_nothing_to_do();
    }
    let uid = ["get", "pvc", "data", "-n", "web", "-o", "jsonpath={.metadata.uid}"];
    let claim = cluster.kubectl(&uid);

    // Stopped, so that it takes connections and says nothing: a refresh ends within its time.
    cluster.signal("STOP");
    let state = site.read("terraform.tfstate");
    let began = Instant::now();
    site.plan().failed().says("The Kubernetes API server at https://");
    assert!(began.elapsed() < Duration::from_secs(45), "{:?}", began.elapsed());
    assert_eq!(site.read("terraform.tfstate"), state);
    cluster.signal("CONT");
    site.assert_nothing_to_do();

    // Stopped in the middle of an update for longer than the update may take.
    site.replace("timeout = \"2m\"", "timeout = \"15s\"");
    set(&site, "values = { note = \"three\", hooks = { migrate = \"sleep 3\" } }", "");
    let running = site.start(&["apply", "-no-color", "-auto-approve"]);
    eventually("the update has begun", || history(&cluster).contains("pending-upgrade"));
    cluster.signal("STOP");
    let ran = running.end(Duration::from_mins(2)).failed();
    ran.says("did not answer").says("the next apply recovers from that by itself.");
    assert_eq!(site.attributes("s3www_stack.site")["revision"], 2);
    cluster.signal("CONT");
    converge(&site);
    assert_eq!(cluster.kubectl(&uid), claim);

    // And in the middle of a destroy.
    site.replace("timeout = \"15s\"", "timeout = \"2m\"");
    set(&site, GOOD, "");
    converge(&site);
    let running = site.start(&["destroy", "-no-color", "-auto-approve"]);
    eventually("the destroy has begun", || !history(&cluster).contains("deployed"));
    cluster.signal("KILL");
    running.end(Duration::from_mins(3)).ok();
    assert_eq!(history(&cluster), "");
    let left = cluster.kubectl(&["get", "all,pvc,secrets,configmaps", "-n", "web", "-o", "name"]);
    assert_eq!(left.trim(), "configmap/kube-root-ca.crt");
}
