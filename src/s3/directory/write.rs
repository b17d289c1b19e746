//! Files written as objects.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use super::concerns_all;
use crate::s3::checksum::Fingerprint;
use crate::s3::checksum::SourceError;
use crate::s3::client::Client;
use crate::s3::client::transfer_limits;
use crate::s3::error::ErrorKind;
use crate::s3::error::Operation;
use crate::s3::error::S3Error;
use crate::s3::error::unless_cancelled;
use crate::s3::file::open_regular;
use crate::s3::object::Expectation;
use crate::s3::object::Headers;
use crate::s3::object::ObjectSpec;
use crate::s3::object::SHA256_METADATA;
use crate::s3::object::Source;
use crate::s3::object::ensure_object;
use crate::s3::signing::BodySignature;

/// Up to this size a file is read into memory, once: its bytes are hashed, compared with the plan
/// and sent, so nothing can change in between, and one request is enough.
const SMALL: u64 = 1024 * 1024;

/// How many small files are in flight. More gains nothing.
const SMALL_IN_FLIGHT: usize = 16;

/// How many larger files are in flight: each may be sent in parts, several at a time.
const LARGE_IN_FLIGHT: usize = 2;

/// How many objects are written between two lines of the log.
const PROGRESS: usize = 500;

/// Is a file that is to be an object.
#[derive(Debug, Clone)]
pub struct FileObject {
    /// The key.
    pub key: String,
    /// Where the content is.
    pub path: PathBuf,
    /// The planned size in bytes.
    pub size: u64,
    /// The planned CRC64NVME in base64. Other content is an error.
    pub crc64nvme: String,
    /// The standard headers.
    pub headers: Headers,
    /// User metadata, without the SHA-256, which is added.
    pub metadata: BTreeMap<String, String>,
    /// What is believed to be under the key.
    pub expectation: Expectation,
}

/// Makes objects of a bucket exist and be equal to files, as
/// [`ensure_object`](crate::s3::object::ensure_object) does for one, and returns the ETag of each.
///
/// Memory does not grow with the number or the size of the files. Progress is logged.
pub async fn write_objects(
    client: &Client,
    bucket: &str,
    objects: Vec<FileObject>,
    cancel: &CancellationToken,
) -> Outcome<String> {
    let (small, large): (Vec<_>, Vec<_>) =
        objects.into_iter().partition(|object| object.size <= SMALL);
    let run = Run {
        client,
        bucket,
        cancel,
        total: small.len() + large.len(),
        written: AtomicUsize::new(0),
        is_hopeless: AtomicBool::new(false),
    };
    let mut outcome = Outcome::new();
    run.all(small, SMALL_IN_FLIGHT, &mut outcome).await;
    run.all(large, LARGE_IN_FLIGHT, &mut outcome).await;
    outcome
}

struct Run<'a> {
    client: &'a Client,
    bucket: &'a str,
    cancel: &'a CancellationToken,
    total: usize,
    written: AtomicUsize,
    is_hopeless: AtomicBool,
}

impl Run<'_> {
    async fn all(&self, objects: Vec<FileObject>, in_flight: usize, outcome: &mut Outcome<String>) {
        let mut results = futures::stream::iter(objects)
            .map(|object| async move {
                if self.is_hopeless.load(Ordering::Relaxed) {
                    return None;
                }
                // Boxed, since one request of the SDK is a future of some 10 KiB.
                let result = Box::pin(self.one(&object)).await;
                Some((object.key, result))
            })
            .buffer_unordered(in_flight);
        while let Some(result) = results.next().await {
            match result {
                None => outcome.untried += 1,
                Some((key, Ok(etag))) => {
                    outcome.done.insert(key, etag);
                    let written = self.written.fetch_add(1, Ordering::Relaxed) + 1;
                    if written.is_multiple_of(PROGRESS) || written == self.total {
                        let bucket = self.bucket;
                        tracing::info!(bucket, written, of = self.total, "objects written");
                    }
                }
                Some((key, Err(error))) => {
                    if concerns_all(&error) {
                        self.is_hopeless.store(true, Ordering::Relaxed);
                    }
                    outcome.failed.insert(key, error);
                }
            }
        }
    }

    async fn one(&self, object: &FileObject) -> Result<String, S3Error> {
        let operation = Operation::on_object(self.client, self.bucket, &object.key, "uploaded");
        if self.cancel.is_cancelled() {
            return Err(S3Error::cancelled(&operation));
        }
        let (source, fingerprint) = if object.size <= SMALL {
            let content = read(&object.path, object.size).await;
            let content = content.map_err(|error| operation.source_failed(&error))?;
            let fingerprint = Fingerprint::of_bytes(&content);
            (Source::Bytes(content), fingerprint)
        } else {
            let hashed = Fingerprint::of_file(&object.path, self.cancel).await;
            let fingerprint = hashed.map_err(|error| operation.source_failed(&error))?;
            (Source::File(object.path.clone()), fingerprint)
        };
        if fingerprint.size != object.size || fingerprint.crc64nvme != object.crc64nvme {
            let reason = format!("the file `{}` was changed since the plan", object.path.display());
            return Err(S3Error::new(ErrorKind::SourceChanged, &operation, reason));
        }
        let spec = ObjectSpec {
            bucket: self.bucket.to_owned(),
            key: object.key.clone(),
            source,
            fingerprint,
            headers: object.headers.clone(),
            metadata: object.metadata.clone(),
            storage_class: None,
            tags: None,
        };
        if let (Expectation::Absent, Source::Bytes(content)) = (&object.expectation, &spec.source) {
            let put = self.put_new(&spec, content.clone(), &operation);
            match unless_cancelled(self.cancel, &operation, put).await {
                Ok(Some(etag)) => return Ok(etag),
                Ok(None) => {}
                // There is something: perhaps what a request that was sent again wrote itself.
                Err(error) if *error.kind() == ErrorKind::Precondition => {}
                Err(error) => return Err(error),
            }
        }
        let state = ensure_object(self.client, &spec, &object.expectation, self.cancel).await?;
        Ok(state.etag)
    }

    /// Writes an object where there is none, in one request.
    async fn put_new(
        &self,
        spec: &ObjectSpec,
        content: Bytes,
        operation: &Operation,
    ) -> Result<Option<String>, S3Error> {
        let Fingerprint { size, crc64nvme, sha256 } = spec.fingerprint.clone();
        let headers = spec.headers.clone();
        let metadata = spec.metadata.clone().into_iter();
        let metadata = metadata.chain([(SHA256_METADATA.to_owned(), sha256.clone())]).collect();
        let signed = self.client.signs_payload();
        let request = self
            .client
            .sdk()
            .put_object()
            .bucket(&spec.bucket)
            .key(&spec.key)
            .set_content_type(headers.content_type)
            .set_cache_control(headers.cache_control)
            .set_content_disposition(headers.content_disposition)
            .set_content_encoding(headers.content_encoding)
            .set_content_language(headers.content_language)
            .set_metadata(Some(metadata))
            .if_none_match("*")
            .checksum_crc64_nvme(crc64nvme)
            .body(content.into())
            .customize()
            .config_override(transfer_limits(size))
            .interceptor(BodySignature { sha256: signed.then_some(sha256) });
        let output = request.send().await.map_err(operation.failed())?;
        Ok(output.e_tag().map(|etag| etag.trim_matches('"').to_owned()))
    }
}

/// Reads a file of a planned size; one of another size is not read further than that shows.
async fn read(path: &Path, size: u64) -> Result<Bytes, SourceError> {
    let path = path.to_owned();
    let unreadable = |path: PathBuf, error| SourceError::Unreadable { path, error };
    let name = path.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
        open_regular(&path)?.take(size + 1).read_to_end(&mut content)?;
        Ok(content.into())
    });
    match reading.await {
        Ok(result) => result.map_err(|error| unreadable(name, error)),
        Err(error) => Err(unreadable(name, std::io::Error::other(error))),
    }
}
