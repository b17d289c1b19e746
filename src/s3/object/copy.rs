//! Copying an object onto itself: new headers and a checksum without moving the content.

use std::collections::HashMap;

use aws_sdk_s3::types::ChecksumAlgorithm;
use aws_sdk_s3::types::MetadataDirective;

use crate::s3::client::Client;
use crate::s3::client::work_limits;
use crate::s3::error::Operation;
use crate::s3::error::S3Error;
use crate::s3::key::percent_encode;
use crate::s3::object::spec::Headers;
use crate::s3::object::spec::ObjectSpec;
use crate::s3::object::spec::ObjectState;
use crate::s3::object::spec::SHA256_METADATA;

/// Is how an object is described: everything that is written beside its content.
pub(super) struct Description {
    headers: Headers,
    metadata: HashMap<String, String>,
    storage_class: Option<String>,
}

impl Description {
    /// Returns the planned one.
    pub(super) fn planned(spec: &ObjectSpec) -> Self {
        Self {
            headers: spec.headers.clone(),
            metadata: spec.sent_metadata(),
            storage_class: spec.storage_class.clone(),
        }
    }

    /// Returns the one that an object has.
    pub(super) fn present(state: &ObjectState) -> Self {
        let own = state.sha256.clone().map(|hash| (SHA256_METADATA.to_owned(), hash));
        Self {
            headers: state.headers.clone(),
            metadata: state.metadata.clone().into_iter().chain(own).collect(),
            storage_class: state.storage_class.clone(),
        }
    }
}

/// Gives the stored content, if its ETag is still `etag`, a description, and a CRC64NVME that the
/// server computes. Tags stay.
pub(super) async fn onto_itself(
    client: &Client,
    spec: &ObjectSpec,
    etag: &str,
    description: Description,
    operation: &Operation,
) -> Result<(), S3Error> {
    let source = format!("{}/{}", spec.bucket, percent_encode(&spec.key, true));
    let Description { headers, metadata, storage_class } = description;
    client
        .sdk()
        .copy_object()
        .bucket(&spec.bucket)
        .key(&spec.key)
        .copy_source(source)
        .copy_source_if_match(format!("\"{etag}\""))
        .metadata_directive(MetadataDirective::Replace)
        .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
        .set_content_type(headers.content_type)
        .set_cache_control(headers.cache_control)
        .set_content_disposition(headers.content_disposition)
        .set_content_encoding(headers.content_encoding)
        .set_content_language(headers.content_language)
        .set_metadata(Some(metadata))
        .set_storage_class(storage_class.as_deref().map(Into::into))
        .customize()
        .config_override(work_limits(spec.fingerprint.size))
        .send()
        .await
        .map(|_| ())
        .map_err(operation.on_part("description", "changed").failed())
}
