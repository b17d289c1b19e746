//! The chart under the programs that other people run: Prometheus and its operator,
//! Traefik, cert-manager, metrics-server, and a network that enforces NetworkPolicies.
//!
//! `make test-operators` runs these tests, on a cluster of their own: building the programs takes
//! longer than all other tests together, and what their definitions bring into the cluster
//! decides what the chart renders.

mod alerts;
mod autoscaler;
mod certificates;
mod enforced;
mod every_file;
mod exposure;
mod monitoring;
mod probe;
mod prometheus;
mod surroundings;

use std::sync::Once;

use super::values_files::definitions;
use crate::support::cluster::Namespace;

/// Starts a program in a namespace of its own, which its manifest makes; returns that namespace.
#[track_caller]
fn start(name: &str, manifest: &str) -> Namespace {
    static DEFINED: Once = Once::new();
    assert!(
        std::env::var("S3WWW_CLUSTER_OPERATORS").is_ok(),
        "these tests change a cluster for all who use it; `make test-operators` starts one for them"
    );
    let namespace = Namespace::elsewhere(name);
    DEFINED.call_once(|| {
        for file in definitions("S3WWW_OPERATOR_CRDS") {
            // What a client-side apply notes of itself would not fit into an annotation.
            namespace.kubectl(&["apply", "--server-side", "-f", file.to_str().unwrap()]);
        }
        namespace.kubectl(&[
            "wait",
            "--for=condition=Established",
            "crd",
            "--all",
            "--timeout=60s",
        ]);
    });
    namespace.apply(manifest);
    namespace
}
