//! What a user sees: from HCL to served bytes, with both clients, on a real
//! cluster.

mod bad_input;
mod chart_data;
mod client_rules;
mod directory;
mod drift;
mod examples;
mod faults;
mod helm_cli;
mod moved;
mod objects;
mod peers;
mod plain;
mod refusals;
mod secrets;
mod site;
mod source_url;
mod stack;

use std::path::Path;

use crate::support::client::Client;
use crate::support::cluster::kubeconfig;
use crate::support::helm::helm;
use crate::support::workspace::Workspace;

/// The head of every configuration: where the provider comes from and which
/// cluster it works on.
fn head(kubernetes: &str) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    s3www = {{ source = \"terraform.local/s3www/s3www\" }}\n  }}\n}}\n\nprovider \"s3www\" {{\n  kubernetes = {{ {kubernetes} }}\n}}\n\n"
    )
}

/// Makes a working directory with the provider and a configuration for the cluster.
pub fn workspace(client: Client, body: &str) -> Workspace {
    let kubernetes = format!("config_path = {:?}", kubeconfig());
    let provider = Path::new(env!("CARGO_BIN_EXE_terraform-provider-s3www"));
    Workspace::new(client, provider, &(head(&kubernetes) + body))
}
