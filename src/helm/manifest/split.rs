//! Where one document of a rendered file ends and the next begins.
//!
//! Neither Helm uses a YAML parser for it. Helm 4 cuts at every line that begins
//! with `---`, whatever follows on it, and keeps a document's trailing newlines;
//! Helm 3 trims documents, and misses a separator that follows another one.

use crate::helm::compatibility::Compatibility;

/// Returns the documents of a file that are not blank.
pub(super) fn documents(text: &str, compatibility: Compatibility) -> Vec<&str> {
    match compatibility {
        Compatibility::Helm4 => of_helm_4(text.trim_start()),
        Compatibility::Helm3 => of_helm_3(text.trim()),
    }
}

fn of_helm_4(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let mut rest = match text.strip_prefix("---") {
        Some(after) => after.trim_start_matches([' ', '\t']),
        None => text,
    };
    while let Some((before, after)) = rest.split_once("\n---") {
        // The newline before the separator belongs to the document.
        documents.push(rest.get(..=before.len()).unwrap_or(before));
        rest = after.trim_start_matches([' ', '\t']);
    }
    documents.push(rest);
    documents.into_iter().map(str::trim_start).filter(|document| !document.is_empty()).collect()
}

/// The spaces of Go's regular expressions.
const SPACES: [char; 5] = ['\t', '\n', '\x0c', '\r', ' '];

fn of_helm_3(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let mut rest = match text.strip_prefix("---") {
        Some(after) => after.trim_start_matches(SPACES),
        None => text,
    };
    while let Some((document, after)) = rest.split_once("\n---") {
        documents.push(document.trim_end_matches(SPACES));
        rest = after.trim_start_matches(SPACES);
    }
    documents.push(rest);
    documents.into_iter().filter(|document| !document.is_empty()).map(str::trim).collect()
}
