//! Errors of the layers below, as diagnostics.

use tf_provider::AttributePath;
use tf_provider::Diagnostics;

use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::release_store::StoreError;
use crate::plugin::diagnostics::Report;
use crate::s3::error::S3Error;

/// Adds what the S3 layer says.
pub fn s3_error(found: &mut Diagnostics, attribute: AttributePath, error: &S3Error) {
    let mut detail = capitalised(error.reason());
    detail.push('.');
    if let Some(hint) = error.hint() {
        detail.push_str("\nHint: ");
        detail.push_str(hint);
    }
    found.report_error(attribute, format!("{}.", error.summary()), detail);
}

/// Adds what the Kubernetes layer says, under a summary of what could not be done.
pub fn kubernetes_error(
    found: &mut Diagnostics,
    attribute: AttributePath,
    summary: impl Into<String>,
    error: &KubernetesError,
) {
    found.report_error(attribute, summary, kubernetes_detail(error));
}

/// Adds why a release's record could not be read or written, under a summary of what could not be
/// done.
pub fn store_error(found: &mut Diagnostics, summary: impl Into<String>, error: &StoreError) {
    match error {
        StoreError::Kubernetes(error) => {
            kubernetes_error(found, AttributePath::root(), summary, error);
        }
        other => found.report_error(AttributePath::root(), summary, other.to_string()),
    }
}

/// Returns what the Kubernetes layer says, with its hint.
pub fn kubernetes_detail(error: &KubernetesError) -> String {
    let mut detail = error.to_string();
    if let Some(hint) = error.hint() {
        detail.push_str("\nHint: ");
        detail.push_str(&hint);
    }
    detail
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
