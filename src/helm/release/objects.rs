//! From the text that a record keeps back to objects.

use serde_json::Value;
use thiserror::Error;

use crate::helm::values;

/// Says that a stored manifest cannot be read. Only its place is told: values of
/// Secrets are in the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("Document {document} of the stored manifest ({source_file}) is not valid YAML.")]
pub struct StoredManifestError {
    /// The number of the document, counted from 1.
    pub document: usize,
    /// The template that it came from, as its comment says.
    pub source_file: String,
}

/// Returns the documents of a stored manifest, or of a hook's, in their order.
/// Documents of comments only are left out.
pub fn documents(manifest: &str) -> Result<Vec<Value>, StoredManifestError> {
    let mut documents = Vec::new();
    for (number, text) in split(manifest).into_iter().enumerate() {
        let value = values::parse_document(text.as_bytes()).map_err(|_| StoredManifestError {
            document: number + 1,
            source_file: source_of(&text).unwrap_or("of unknown source").to_owned(),
        })?;
        if !value.is_null() {
            documents.push(value);
        }
    }
    Ok(documents)
}

/// Cuts at every line that begins with `---`, as Helm does. Inside a document no such
/// line can occur: texts of several lines are indented.
fn split(manifest: &str) -> Vec<String> {
    let mut documents = Vec::new();
    let mut current = String::new();
    for line in manifest.split_inclusive('\n') {
        let Some(rest) = line.strip_prefix("---") else {
            current.push_str(line);
            continue;
        };
        documents.push(std::mem::take(&mut current));
        current.push_str(rest.trim_start_matches([' ', '\t']));
    }
    documents.push(current);
    documents.retain(|document| !document.trim().is_empty());
    documents
}

fn source_of(document: &str) -> Option<&str> {
    document.lines().find_map(|line| line.strip_prefix("# Source: "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use serde_json::json;

    use super::documents;

    #[test]
    fn a_stored_manifest_is_taken_apart() {
        let text = "---\n# Source: a/b.yaml\nkind: A\ntext: |\n  ---\n  x\n--- \n# only this\n---\nkind: B";
        assert_eq!(
            documents(text).unwrap(),
            [json!({ "kind": "A", "text": "---\nx\n" }), json!({ "kind": "B" })]
        );
        assert_eq!(documents("").unwrap(), Vec::<serde_json::Value>::new());
    }

    #[test]
    fn a_broken_document_is_named_without_its_text() {
        let error = documents("---\nkind: A\n---\n# Source: c/d.yaml\npassword: [").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("Document 2") && text.contains("c/d.yaml"), "{text}");
        assert!(!text.contains("password"), "{text}");
    }
}
