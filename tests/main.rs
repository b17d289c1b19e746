//! The integration tests, one binary so that they link once.
//!
//! Where a new test belongs:
//! - a rule of one module, pure: beside the module, in `src`
//! - our rendering against Helm's: `golden`
//! - the wire, against real Terraform and OpenTofu: `plugin`
//! - one API of the Kubernetes or S3 layer, against the real server:
//!   `kubernetes`, `lifecycle`, `s3`
//! - the chart by itself, as its users meet it with the Helm CLI: `chart`
//! - what a user sees, from HCL to served bytes: `terraform`
//! - the pages, held against schemas, clients and commands: `docs`
//! - how the provider gets to its users: `packaging`
//! - who may use whom among the modules: `layers`
//!
//! What a tier needs it finds in the environment (`make test` sets it all, see
//! `support`). Without it the tier fails, and says what is missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking, and is read rather than documented"
)]

mod chart;
mod docs;
mod golden;
mod kubernetes;
mod layers;
mod lifecycle;
mod packaging;
mod plugin;
mod s3;
mod support;
mod terraform;
