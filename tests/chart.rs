//! The chart by itself, installed with the Helm CLI on a real cluster.
//!
//! All namespaces enforce Pod Security `restricted`. s3www's pods run the double, see
//! `tests/cluster`. Nothing here enforces NetworkPolicies, so `policies` evaluates them; on the
//! cluster of `operators` something does.

mod api_server;
mod availability;
mod certificate;
mod distributed;
mod download;
mod file_server;
mod load;
mod loader;
mod names;
mod nodes;
mod operators;
mod policies;
mod privileges;
mod release;
mod schema;
mod schemas;
mod storage;
mod values_files;
mod writes;

/// Returns DER in PEM form.
pub fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}
