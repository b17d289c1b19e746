//! Whether an object that somebody else wrote has the planned content.
//!
//! Most other tools leave no CRC64NVME. Then the next best thing counts that says it without moving
//! the content: another checksum of the whole. Only what has none and is small is read.

use tokio_util::sync::CancellationToken;

use crate::s3::checksum::Hasher;
use crate::s3::checksum::OtherChecksum;
use crate::s3::client::Client;
use crate::s3::client::transfer_limits;
use crate::s3::error::ErrorKind;
use crate::s3::error::Operation;
use crate::s3::error::S3Error;
use crate::s3::file::LocalFile;
use crate::s3::file::SourceError;
use crate::s3::object::spec::Content;
use crate::s3::object::spec::ObjectSpec;
use crate::s3::object::spec::ObjectState;
use crate::s3::object::spec::Source;

/// The largest object that is read to be compared.
const LARGEST_READ: u64 = 8 * 1024 * 1024;

/// Compares the stored content with the planned one, by whatever says it at the lowest price.
/// Unknown is what is left for the server itself to find out.
pub(super) async fn content(
    client: &Client,
    spec: &ObjectSpec,
    state: &ObjectState,
    operation: &Operation,
    cancel: &CancellationToken,
) -> Result<Content, S3Error> {
    let known = spec.content_of(state);
    if known != Content::Unknown {
        return Ok(known);
    }
    let as_content = |equal| if equal { Content::Equal } else { Content::Different };
    if let Some(checksum) = &state.other_checksum
        && let Some(equal) = has_checksum(spec, checksum, cancel)
            .await
            .map_err(|error| operation.source_failed(&error))?
    {
        return Ok(as_content(equal));
    }
    if state.size > LARGEST_READ {
        return Ok(Content::Unknown);
    }
    let request = client.sdk().get_object().bucket(&spec.bucket).key(&spec.key);
    let reading = operation.on_part("content", "read");
    let mut output = request
        .if_match(format!("\"{}\"", state.etag))
        .customize()
        .config_override(transfer_limits(state.size))
        .send()
        .await
        .map_err(reading.failed())?;
    let mut hasher = Hasher::new(false);
    while let Some(chunk) = output.body.next().await {
        let chunk = chunk.map_err(|error| {
            let reason = format!("the connection broke while it was read ({error})");
            S3Error::new(ErrorKind::Unreachable, &reading, reason)
        })?;
        hasher.update(&chunk);
    }
    let found = hasher.finish();
    Ok(as_content(
        found.size == spec.fingerprint.size && found.crc64nvme == spec.fingerprint.crc64nvme,
    ))
}

/// Says whether the source has a checksum, if that can be told from what is on this machine.
async fn has_checksum(
    spec: &ObjectSpec,
    checksum: &OtherChecksum,
    cancel: &CancellationToken,
) -> Result<Option<bool>, SourceError> {
    if let Some(fits) = checksum.fits(&spec.fingerprint) {
        return Ok(Some(fits));
    }
    let file = match &spec.source {
        Source::Bytes(bytes) => return Ok(Some(checksum.is_of_bytes(bytes))),
        Source::Remote(_) => return Ok(None),
        Source::Open(file) => file.clone(),
        Source::File(path) => LocalFile::open(path).await?,
    };
    checksum.is_of_file(&file, cancel).await.map(Some)
}
