//! The Helm CLI.

use std::process::Command;
use std::process::Output;

use super::cluster::Namespace;
use super::cluster::kubeconfig;
use super::program;
use super::text;

/// Returns the path of the bundled chart.
pub const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/s3www");

/// Runs a Helm CLI in a namespace and returns what it printed; a failure fails the test.
#[track_caller]
pub fn helm(version: u8, namespace: &Namespace, arguments: &[&str]) -> String {
    let output = try_helm(version, namespace, arguments);
    assert!(output.status.success(), "helm {arguments:?}: {}", text(&output));
    text(&output)
}

/// Runs a Helm CLI in a namespace, whatever comes of it.
pub fn try_helm(version: u8, namespace: &Namespace, arguments: &[&str]) -> Output {
    Command::new(program(&format!("HELM{version}"), "helm"))
        .args(arguments)
        .args(["--namespace", &namespace.name])
        .env("KUBECONFIG", kubeconfig())
        .output()
        .unwrap()
}
