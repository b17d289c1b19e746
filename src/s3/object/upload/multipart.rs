//! Uploads in parts: four at a time, verified one by one and as a whole, never left behind.

use std::time::Duration;

use aws_sdk_s3::types::ChecksumAlgorithm;
use aws_sdk_s3::types::ChecksumType;
use aws_sdk_s3::types::CompletedMultipartUpload;
use aws_sdk_s3::types::CompletedPart;
use futures::StreamExt;
use futures::TryStreamExt;

use crate::s3::checksum::PartHashes;
use crate::s3::client::transfer_limits;
use crate::s3::client::work_limits;
use crate::s3::error::ErrorKind;
use crate::s3::error::S3Error;
use crate::s3::error::patiently;
use crate::s3::object::upload::Local;
use crate::s3::object::upload::SMALLEST_MULTIPART;
use crate::s3::object::upload::Upload;
use crate::s3::signing::BodySignature;

/// How many parts are in flight. More gains nothing, and each is a connection of its own.
const IN_FLIGHT: usize = 4;

/// The most parts that S3 takes.
const MOST_PARTS: u64 = 10_000;

/// Part sizes are multiples of this.
const PART_GRAIN: u64 = 1024 * 1024;

/// How long the clean-up after a failed or cancelled upload may take: somebody waits for the end.
const ABORT_TIMEOUT: Duration = Duration::from_secs(5);

/// Is one part of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    number: i32,
    offset: u64,
    length: u64,
}

/// Cuts content of `size` bytes into parts: of 16 MiB, or larger if they would be too many.
pub(super) fn parts(size: u64) -> impl Iterator<Item = Part> {
    let part_size = size.div_ceil(MOST_PARTS).next_multiple_of(PART_GRAIN).max(SMALLEST_MULTIPART);
    (1_i32..)
        .zip((0..size).step_by(usize::try_from(part_size).unwrap_or(usize::MAX)))
        .map(move |(number, offset)| Part { number, offset, length: part_size.min(size - offset) })
}

impl Upload<'_> {
    /// Sends the content in parts. If that fails or is cancelled, the server forgets the parts.
    pub(super) async fn multipart(&self) -> Result<(), S3Error> {
        // Not cancelled: an answer that nobody waits for would leave an upload without a name.
        let upload_id = patiently(|| self.create()).await?;
        let result = tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(S3Error::cancelled(self.operation)),
            result = self.transfer(&upload_id) => result,
        };
        if result.is_err() {
            self.abort(&upload_id).await;
        }
        result
    }

    async fn create(&self) -> Result<String, S3Error> {
        let headers = self.spec.headers.clone();
        let output = self
            .client
            .sdk()
            .create_multipart_upload()
            .bucket(&self.spec.bucket)
            .key(&self.spec.key)
            .set_content_type(headers.content_type)
            .set_cache_control(headers.cache_control)
            .set_content_disposition(headers.content_disposition)
            .set_content_encoding(headers.content_encoding)
            .set_content_language(headers.content_language)
            .set_metadata(Some(self.spec.sent_metadata()))
            .set_storage_class(self.spec.storage_class.as_deref().map(Into::into))
            .set_tagging(self.tagging())
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .checksum_type(ChecksumType::FullObject)
            .send()
            .await
            .map_err(self.operation.failed())?;
        output.upload_id.ok_or_else(|| {
            let reason = "the server began an upload in parts without giving it an id";
            S3Error::new(ErrorKind::Other, self.operation, reason)
        })
    }

    async fn transfer(&self, upload_id: &str) -> Result<(), S3Error> {
        let size = self.spec.fingerprint.size;
        let mut sent: Vec<CompletedPart> = futures::stream::iter(parts(size))
            .map(|part| patiently(move || self.send_part(upload_id, part)))
            .buffer_unordered(IN_FLIGHT)
            .try_collect()
            .await?;
        sent.sort_by_key(CompletedPart::part_number);
        patiently(|| self.complete(upload_id, sent.clone())).await
    }

    async fn complete(&self, upload_id: &str, sent: Vec<CompletedPart>) -> Result<(), S3Error> {
        let size = self.spec.fingerprint.size;
        self.client
            .sdk()
            .complete_multipart_upload()
            .bucket(&self.spec.bucket)
            .key(&self.spec.key)
            .upload_id(upload_id)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(sent)).build())
            // The planned value, not the one of the parts that were sent: content that changed
            // since the plan is refused.
            .checksum_crc64_nvme(&self.spec.fingerprint.crc64nvme)
            .checksum_type(ChecksumType::FullObject)
            .set_if_none_match(self.condition.if_none_match())
            .set_if_match(self.condition.if_match())
            .customize()
            .config_override(work_limits(size))
            .send()
            .await
            .map(|_| ())
            .map_err(self.operation.failed())
    }

    async fn send_part(&self, upload_id: &str, part: Part) -> Result<CompletedPart, S3Error> {
        let signed = self.client.signs_payload();
        let hashes = match self.content {
            Local::Bytes(bytes) => {
                PartHashes::of_bytes(&self.slice(bytes, part.offset, part.length)?, signed)
            }
            // Read twice, to hash and to send: the second time comes from memory, and four parts
            // need not be held at once.
            Local::File(file) => PartHashes::of_range(file, part.offset, part.length, signed)
                .await
                .map_err(|error| self.operation.source_failed(&error))?,
        };
        let request = self
            .client
            .sdk()
            .upload_part()
            .bucket(&self.spec.bucket)
            .key(&self.spec.key)
            .upload_id(upload_id)
            .part_number(part.number)
            .checksum_crc64_nvme(&hashes.crc64nvme)
            .content_length(i64::try_from(part.length).unwrap_or(i64::MAX))
            .body(self.body(part.offset, part.length)?)
            .customize()
            .config_override(transfer_limits(part.length))
            .interceptor(BodySignature { sha256: hashes.sha256 });
        let output = request.send().await.map_err(self.operation.failed())?;
        Ok(CompletedPart::builder()
            .part_number(part.number)
            .set_e_tag(output.e_tag)
            .checksum_crc64_nvme(hashes.crc64nvme)
            .build())
    }

    async fn abort(&self, upload_id: &str) {
        let request = self
            .client
            .sdk()
            .abort_multipart_upload()
            .bucket(&self.spec.bucket)
            .key(&self.spec.key)
            .upload_id(upload_id);
        let failed = match tokio::time::timeout(ABORT_TIMEOUT, request.send()).await {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => self.operation.failed()(error),
            Err(_) => {
                let reason = format!("no answer within {} s", ABORT_TIMEOUT.as_secs());
                S3Error::new(ErrorKind::Unreachable, self.operation, reason)
            }
        };
        // Somebody else ended it, or it was complete already: nothing is left.
        if *failed.kind() != ErrorKind::Precondition {
            tracing::warn!(
                bucket = self.spec.bucket,
                key = self.spec.key,
                reason = failed.reason(),
                "an incomplete upload could not be removed; the next upload of this key does"
            );
        }
    }

    /// Returns the uploads in parts for exactly this key that were begun and never ended.
    ///
    /// MinIO finds them only by the whole key. A user who may not list them can still upload.
    pub(super) async fn incomplete_uploads(&self) -> Vec<String> {
        let request = self
            .client
            .sdk()
            .list_multipart_uploads()
            .bucket(&self.spec.bucket)
            .prefix(&self.spec.key);
        match request.send().await.map_err(self.operation.failed()) {
            Ok(output) => output
                .uploads
                .unwrap_or_default()
                .into_iter()
                .filter(|upload| upload.key.as_deref() == Some(&self.spec.key))
                .filter_map(|upload| upload.upload_id)
                .collect(),
            Err(error) => {
                tracing::warn!(
                    bucket = self.spec.bucket,
                    key = self.spec.key,
                    reason = error.reason(),
                    "incomplete uploads cannot be listed; some may be left"
                );
                Vec::new()
            }
        }
    }

    /// Removes uploads that were begun before ours, now that ours is complete.
    ///
    /// They are dead, or their writer has lost: whoever else writes this key on a condition, as we
    /// do, would be refused from now on anyway. Waiting for them to grow old instead would keep
    /// the parts of a killed run, since nothing looks again once the object is right.
    pub(super) async fn remove(&self, uploads: Vec<String>) {
        for upload_id in uploads {
            self.abort(&upload_id).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn parts_cover_the_content_without_gap() {
        for size in [16 * MIB, 16 * MIB + 1, 80 * MIB, 5 * 1024 * 1024 * MIB, 160_000 * MIB + 1] {
            let (mut end, mut count) = (0, 0);
            for part in parts(size) {
                assert_eq!(part.offset, end);
                assert!(part.length > 0 && part.length <= 5 * 1024 * MIB);
                end += part.length;
                count += 1;
                assert_eq!(part.number, count);
            }
            assert_eq!(end, size);
            assert!(count <= 10_000, "{count} parts of {size} bytes");
        }
        assert_eq!(parts(32 * MIB).count(), 2);
        assert_eq!(parts(32 * MIB + 1).count(), 3);
    }
}
