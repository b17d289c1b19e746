//! From rendered files to objects: documents, hooks, the order of kinds.
//!
//! What is kept in a release record and what `helm template` prints is text, and
//! must be Helm's text; what is applied is the decoded object. A [`Manifest`]
//! has both.

mod head;
pub mod hook;
pub mod order;
mod split;

use serde_json::Value as Json;

use crate::helm::compatibility::Compatibility;
use crate::helm::manifest::head::Head;
use crate::helm::manifest::hook::Hook;
use crate::helm::manifest::order::Order;
use crate::helm::values;

/// Is one rendered document.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The template file it came from: `s3www/charts/minio/templates/service.yaml`.
    pub source: String,
    /// The `apiVersion`; empty for a document that is no object.
    pub api_version: String,
    /// The `kind`; empty for a document that is no object.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`, if the template sets one.
    pub namespace: Option<String>,
    /// The text, as Helm cuts it out of the file.
    pub text: String,
    /// The decoded document, integers exact; null where only comments are left.
    pub object: Json,
    /// JSON pointers of the leaves that come out differently in every render,
    /// because they come from random bytes or the clock. The pointer `""` is the
    /// whole document.
    pub unstable: Vec<String>,
    /// The position among the documents of its file, from 0.
    pub(in crate::helm) position: usize,
}

impl Manifest {
    /// Returns the document as Helm prints it, with its file in a comment.
    pub fn with_source(&self) -> String {
        format!("---\n# Source: {}\n{}\n", self.source, self.text)
    }

    /// Says whether the document is an object that can be applied, and not
    /// just a comment.
    pub fn is_object(&self) -> bool {
        self.object.is_object()
    }
}

/// Says that a rendered document is not what Kubernetes takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "YAML parse error on {file}: {reason}\n\
     It is document {document} of the file, which begins at line {line} of what the template rendered."
)]
pub struct ManifestError {
    /// The template file.
    pub file: String,
    /// The number of the document in the file, from 1.
    pub document: usize,
    /// The line of the rendered file where the document begins, from 1.
    pub line: usize,
    /// What is wrong, with a line counted from the beginning of the document.
    pub reason: String,
}

/// Splits rendered files into manifests and hooks, both in install order.
///
/// The files come in any order as path and text; `NOTES.txt` must not be among them.
pub(in crate::helm) fn sort(
    mut files: Vec<(String, String)>,
    compatibility: Compatibility,
) -> Result<(Vec<Manifest>, Vec<Hook>), ManifestError> {
    files.sort();
    let mut manifests = Vec::new();
    let mut hooks = Vec::new();
    for (source, text) in &files {
        if text.trim().is_empty() {
            continue;
        }
        for (position, document) in split::documents(text, compatibility).into_iter().enumerate() {
            let broken = |reason: String| ManifestError {
                file: source.clone(),
                document: position + 1,
                line: line_of(text, document),
                reason,
            };
            let object = values::parse_document(document.as_bytes())
                .map_err(|error| broken(format!("error converting YAML to JSON: {error}")))?;
            let head = Head::read(&object)
                .map_err(|reason| broken(format!("error unmarshaling JSON: {reason}")))?;
            let manifest = Manifest {
                source: source.clone(),
                api_version: head.api_version.clone(),
                kind: head.kind.clone(),
                name: head.name.clone(),
                namespace: head.namespace.clone(),
                text: document.to_owned(),
                object,
                unstable: Vec::new(),
                position,
            };
            match hook::read(&head, manifest) {
                hook::Read::Manifest(manifest) => manifests.push(manifest),
                hook::Read::Hook(hook) => hooks.push(hook),
                // Helm drops a document with an event that it does not know.
                hook::Read::Unknown => {}
            }
        }
    }
    let order = Order::install(compatibility);
    manifests.sort_by(|left, right| order.compare(&left.kind, &right.kind));
    hooks.sort_by(|left, right| order.compare(&left.manifest.kind, &right.manifest.kind));
    Ok((manifests, hooks))
}

/// Returns the line on which the part begins, which is a slice of the text.
fn line_of(text: &str, part: &str) -> usize {
    // Both are slices of one string, so the distance of their ends is the offset.
    let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
