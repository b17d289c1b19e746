//! The one line that says what an object is.
//!
//! Plan and refresh write the same line for the same object, so that a difference is always a real
//! one, and a map of such lines shows in a plan as exactly the keys that differ.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::s3::listing::Listed;
use crate::s3::object::Headers;
use crate::s3::object::ObjectState;

/// Returns the line of an object that is planned.
pub(super) fn planned(
    size: u64,
    crc64nvme: &str,
    headers: &Headers,
    metadata: &BTreeMap<String, String>,
) -> String {
    described(format!("{size} bytes, crc64nvme {crc64nvme}"), headers, metadata)
}

/// Returns the line of an object that is there.
pub(super) fn observed(state: &ObjectState) -> String {
    let content = match &state.crc64nvme {
        Some(crc64nvme) => format!("{} bytes, crc64nvme {crc64nvme}", state.size),
        // Written by somebody who sent no checksum: it may be equal, and is not known to be.
        None => format!("{} bytes, etag {}", state.size, state.etag),
    };
    let mut line = described(content, &state.headers, &state.metadata);
    if let Some(class) = &state.storage_class {
        // Writing to a string cannot fail.
        let _ = write!(line, ", storage-class: {class}");
    }
    line
}

/// Returns the line of an object that is only listed: nobody asks about its headers.
pub(super) fn listed(listed: &Listed) -> String {
    format!("{} bytes, etag {}", listed.size, listed.etag)
}

fn described(mut line: String, headers: &Headers, metadata: &BTreeMap<String, String>) -> String {
    for (name, value) in [
        ("content-type", &headers.content_type),
        ("cache-control", &headers.cache_control),
        ("content-disposition", &headers.content_disposition),
        ("content-encoding", &headers.content_encoding),
        ("content-language", &headers.content_language),
    ] {
        if let Some(value) = value {
            let _ = write!(line, ", {name}: {value}");
        }
    }
    for (name, value) in metadata {
        let _ = write!(line, ", x-amz-meta-{name}: {value}");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equal_object_has_the_line_that_was_planned_and_any_other_another() {
        let headers = Headers {
            content_type: Some("text/css".to_owned()),
            cache_control: Some("no-cache".to_owned()),
            ..Headers::default()
        };
        let metadata = BTreeMap::from([("by".to_owned(), "me".to_owned())]);
        let line = planned(12, "AAAAAAAAAAA=", &headers, &metadata);
        assert_eq!(
            line,
            "12 bytes, crc64nvme AAAAAAAAAAA=, content-type: text/css, cache-control: no-cache, \
             x-amz-meta-by: me"
        );
        let state = ObjectState {
            etag: "e".to_owned(),
            version_id: Some("v".to_owned()),
            size: 12,
            crc64nvme: Some("AAAAAAAAAAA=".to_owned()),
            sha256: None,
            other_checksum: None,
            headers,
            metadata,
            storage_class: None,
            tags: None,
            has_tags: true,
        };
        assert_eq!(observed(&state), line);
        for other in [
            ObjectState { size: 13, ..state.clone() },
            ObjectState { crc64nvme: None, ..state.clone() },
            ObjectState { headers: Headers::default(), ..state.clone() },
            ObjectState { metadata: BTreeMap::new(), ..state.clone() },
            ObjectState { storage_class: Some("REDUCED_REDUNDANCY".to_owned()), ..state },
        ] {
            assert_ne!(observed(&other), line);
        }
    }
}
