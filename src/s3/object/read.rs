//! Reading an object's description.

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ChecksumMode;
use aws_sdk_s3::types::ChecksumType;

use crate::s3::checksum::OtherChecksum;
use crate::s3::client::Client;
use crate::s3::error::ErrorKind;
use crate::s3::error::Observed;
use crate::s3::error::Operation;
use crate::s3::error::S3Error;
use crate::s3::error::is_unexplained;
use crate::s3::object::spec::Headers;
use crate::s3::object::spec::ObjectState;
use crate::s3::object::spec::SHA256_METADATA;
use crate::s3::tags;
use crate::s3::tags::Tags;

/// Reads what is under a key.
pub(super) async fn observe(
    client: &Client,
    bucket: &str,
    key: &str,
    with_tags: bool,
) -> Result<Observed<ObjectState>, S3Error> {
    let operation = Operation::on_object(client, bucket, key, "read");
    let mut state = match head(client, bucket, key, &operation).await {
        Ok(output) => state_of(&output),
        Err(error) => {
            return match error.kind() {
                ErrorKind::Gone(gone) => Ok(Observed::Gone(gone.clone())),
                _ => Err(error),
            };
        }
    };
    if with_tags {
        state.tags = Some(match tags(client, bucket, key, &operation).await {
            Ok(found) => found,
            // Deleted between the two requests.
            Err(error) => {
                return match error.kind() {
                    ErrorKind::Gone(gone) => Ok(Observed::Gone(gone.clone())),
                    _ => Err(error),
                };
            }
        });
    }
    Ok(Observed::Present(state))
}

/// Reads the tags of an object.
pub(super) async fn tags(
    client: &Client,
    bucket: &str,
    key: &str,
    operation: &Operation,
) -> Result<Tags, S3Error> {
    let request = client.sdk().get_object_tagging().bucket(bucket).key(key);
    let output = request.send().await.map_err(operation.on_part("tags", "read").failed())?;
    Ok(tags::from_sdk(output.tag_set()))
}

/// Sends `HEAD`, and if the answer does not say why it fails, asks again in a way that does.
///
/// An answer to `HEAD` has no body, so no error code but for MinIO's header. A `GET` of one byte
/// has one. It may also succeed: a clock that differs is only corrected by the SDK after an answer
/// with a code, so `HEAD` is then right the second time.
async fn head(
    client: &Client,
    bucket: &str,
    key: &str,
    operation: &Operation,
) -> Result<HeadObjectOutput, S3Error> {
    let request = || {
        let request = client.sdk().head_object().bucket(bucket).key(key);
        request.checksum_mode(ChecksumMode::Enabled).send()
    };
    let error = match request().await {
        Ok(output) => return Ok(output),
        Err(error) => error,
    };
    if !is_unexplained(&error) {
        return Err(operation.failed()(error));
    }
    let probe = client.sdk().get_object().bucket(bucket).key(key).range("bytes=0-0").send().await;
    match probe.map_err(operation.failed()) {
        // An empty object has no first byte, which is an error of its own kind.
        Err(error) if *error.kind() != ErrorKind::Other => Err(error),
        _ => request().await.map_err(operation.failed()),
    }
}

fn state_of(output: &HeadObjectOutput) -> ObjectState {
    let text = |value: Option<&str>| value.map(str::to_owned);
    let mut metadata: std::collections::BTreeMap<String, String> =
        output.metadata().cloned().unwrap_or_default().into_iter().collect();
    // Only of the whole content is a checksum comparable; an older server leaves the type out, and
    // CRC64NVME has no other.
    let whole = output.checksum_type().is_none_or(|kind| *kind == ChecksumType::FullObject);
    let other = |value: Option<&str>| {
        // A hash of hashes ends with the number of parts, and an older server does not say the type.
        text(value).filter(|value| whole && !value.contains('-'))
    };
    ObjectState {
        etag: output.e_tag().unwrap_or_default().trim_matches('"').to_owned(),
        version_id: text(output.version_id()),
        size: output.content_length().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        crc64nvme: text(output.checksum_crc64_nvme()).filter(|_| whole),
        other_checksum: None
            .or_else(|| other(output.checksum_sha256()).map(OtherChecksum::Sha256))
            .or_else(|| other(output.checksum_sha1()).map(OtherChecksum::Sha1))
            .or_else(|| other(output.checksum_crc32_c()).map(OtherChecksum::Crc32c))
            .or_else(|| other(output.checksum_crc32()).map(OtherChecksum::Crc32)),
        sha256: metadata.remove(SHA256_METADATA),
        headers: Headers {
            content_type: text(output.content_type()),
            cache_control: text(output.cache_control()),
            content_disposition: text(output.content_disposition()),
            content_encoding: text(output.content_encoding()),
            content_language: text(output.content_language()),
        },
        metadata,
        storage_class: text(output.storage_class().map(aws_sdk_s3::types::StorageClass::as_str))
            .filter(|class| class != "STANDARD"),
        tags: None,
        has_tags: output.tag_count().is_some_and(|count| count > 0),
    }
}
