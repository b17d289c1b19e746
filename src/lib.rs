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

pub mod plugin;
pub mod provider;
