//! Sending content: one request for small objects, parts for large ones.

mod multipart;

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use crate::s3::client::Client;
use crate::s3::client::transfer_limits;
use crate::s3::error::ErrorKind;
use crate::s3::error::Operation;
use crate::s3::error::S3Error;
use crate::s3::error::patiently;
use crate::s3::error::unless_cancelled;
use crate::s3::file::LocalFile;
use crate::s3::object::spec::ObjectSpec;
use crate::s3::signing::BodySignature;
use crate::s3::tags;
use crate::s3::tags::Tags;

/// From this size on, content goes in parts.
pub(super) const SMALLEST_MULTIPART: u64 = 16 * 1024 * 1024;

/// Is what must hold under the key for the write to take place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// Nothing has to.
    Any,
    /// Nothing is there; a delete marker counts as nothing.
    Absent,
    /// The object with this ETag is there.
    Etag(String),
}

impl Condition {
    fn if_none_match(&self) -> Option<String> {
        (*self == Self::Absent).then(|| "*".to_owned())
    }

    fn if_match(&self) -> Option<String> {
        match self {
            Self::Any | Self::Absent => None,
            Self::Etag(etag) => Some(format!("\"{etag}\"")),
        }
    }
}

/// Is content that is at hand.
#[derive(Debug, Clone)]
pub(super) enum Local {
    Bytes(Bytes),
    File(LocalFile),
}

/// Is one upload.
pub(super) struct Upload<'a> {
    pub(super) client: &'a Client,
    pub(super) spec: &'a ObjectSpec,
    /// The content of the spec's source.
    pub(super) content: &'a Local,
    /// The tags to write, the carried-over ones included.
    pub(super) tags: &'a Tags,
    pub(super) condition: &'a Condition,
    pub(super) operation: &'a Operation,
    pub(super) cancel: &'a CancellationToken,
}

impl Upload<'_> {
    /// Sends the content, all or nothing, then removes what earlier, killed uploads left.
    pub(super) async fn send(&self) -> Result<(), S3Error> {
        let before = async { Ok(self.incomplete_uploads().await) };
        let leftovers = unless_cancelled(self.cancel, self.operation, before).await?;
        unless_cancelled(self.cancel, self.operation, self.check_size()).await?;
        if self.spec.fingerprint.size < SMALLEST_MULTIPART {
            let putting = patiently(|| self.put());
            unless_cancelled(self.cancel, self.operation, putting).await?;
        } else {
            self.multipart().await?;
        }
        self.remove(leftovers).await;
        Ok(())
    }

    /// Refuses a source whose size is not the planned one before anything is sent.
    async fn check_size(&self) -> Result<(), S3Error> {
        let size = match self.content {
            Local::Bytes(bytes) => bytes.len() as u64,
            Local::File(file) => {
                file.size().await.map_err(|error| self.operation.source_failed(&error))?
            }
        };
        let planned = self.spec.fingerprint.size;
        if size == planned {
            return Ok(());
        }
        let reason = format!("the source has {size} bytes now, and had {planned} at plan");
        Err(S3Error::new(ErrorKind::SourceChanged, self.operation, reason))
    }

    async fn put(&self) -> Result<(), S3Error> {
        let size = self.spec.fingerprint.size;
        let signed = self.client.signs_payload();
        let headers = self.spec.headers.clone();
        let request = self
            .client
            .sdk()
            .put_object()
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
            .set_if_none_match(self.condition.if_none_match())
            .set_if_match(self.condition.if_match())
            .checksum_crc64_nvme(&self.spec.fingerprint.crc64nvme)
            .content_length(i64::try_from(size).unwrap_or(i64::MAX))
            .body(self.body(0, size)?)
            .customize()
            .config_override(transfer_limits(size))
            .interceptor(BodySignature {
                sha256: signed.then(|| self.spec.fingerprint.sha256.clone()),
            });
        request.send().await.map(|_| ()).map_err(self.operation.failed())
    }

    /// Returns a part of the source as a request's body, which the SDK can send again.
    fn body(&self, offset: u64, length: u64) -> Result<ByteStream, S3Error> {
        match self.content {
            Local::Bytes(bytes) => Ok(self.slice(bytes, offset, length)?.into()),
            Local::File(file) => Ok(file.body(offset, length)),
        }
    }

    fn slice(&self, bytes: &Bytes, offset: u64, length: u64) -> Result<Bytes, S3Error> {
        let range = usize::try_from(offset).ok().zip(usize::try_from(length).ok());
        range
            .and_then(|(start, length)| Some(start..start.checked_add(length)?))
            .and_then(|range| bytes.get(range).map(|part| bytes.slice_ref(part)))
            .ok_or_else(|| {
                let reason = "the content is shorter than it was at plan";
                S3Error::new(ErrorKind::SourceChanged, self.operation, reason)
            })
    }

    fn tagging(&self) -> Option<String> {
        (!self.tags.is_empty()).then(|| tags::header(self.tags))
    }
}
