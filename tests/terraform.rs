//! What a user sees: from HCL to served bytes, with both clients, on a real
//! cluster.

mod bad_input;
mod chart_data;
mod examples;
mod faults;
mod helm_cli;
mod site;
mod source_url;
mod stack;

use std::path::Path;
use std::process::Command;

use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::support::cluster::kubeconfig;
use crate::support::program;
use crate::support::text;
use crate::support::workspace::Workspace;

/// The head of every configuration: where the provider comes from and which
/// cluster it works on.
fn head(kubernetes: &str) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    s3www = {{ source = \"terraform.local/s3www/s3www\" }}\n  }}\n}}\n\nprovider \"s3www\" {{\n  kubernetes = {{ {kubernetes} }}\n}}\n\n"
    )
}

/// Makes a working directory with the provider and a configuration for the cluster.
fn workspace(client: Client, body: &str) -> Workspace {
    let kubernetes = format!("config_path = {:?}", kubeconfig());
    let provider = Path::new(env!("CARGO_BIN_EXE_terraform-provider-s3www"));
    Workspace::new(client, provider, &(head(&kubernetes) + body))
}

/// Runs a Helm CLI in a namespace and returns what it printed.
#[track_caller]
fn helm(version: u8, namespace: &Namespace, arguments: &[&str]) -> String {
    let path = program(&format!("HELM{version}"), "helm");
    let output = Command::new(path)
        .args(arguments)
        .args(["--namespace", &namespace.name])
        .env("KUBECONFIG", kubeconfig())
        .output()
        .unwrap();
    assert!(output.status.success(), "helm {arguments:?}: {}", text(&output));
    text(&output)
}
