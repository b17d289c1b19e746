//! A Terraform provider that deploys s3www and MinIO onto Kubernetes.
//!
//! The modules are layers, and arrows point one way only (`tests/layers.rs`
//! holds them to it):
//!
//! ```text
//! plugin      the wire: go-plugin's handshake, TLS, protocol 6, values, schemas
//! provider    the Terraform types, one file each; the provider block
//! kubernetes  client, server-side apply, drift, readiness, releases, tunnel
//! s3          client, uploads, checksums, bucket settings
//! helm        charts, values, templates, manifests, release records: pure
//! ```
//!
//! `provider` uses all the others. `kubernetes` uses `helm`; `s3`, `plugin` and
//! `helm` use nothing of the crate but themselves. docs/ARCHITECTURE.md tells why.
#![forbid(unsafe_code)]

pub mod helm;
pub mod kubernetes;
pub mod plugin;
pub mod provider;
pub mod s3;

use std::process::ExitCode;

/// Runs the provider's process: what `main` does.
pub fn run() -> ExitCode {
    // Several libraries in this program bring TLS, and rustls wants to be told once
    // which cryptography they all use. It is set already only if a test did it.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    plugin::process::run(provider::ADDRESS, provider::registry)
}
