//! One object: made to exist and be equal, read back, removed.

mod compare;
mod copy;
mod read;
mod spec;
mod upload;

use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::s3::client::Client;
use crate::s3::error::ErrorKind;
use crate::s3::error::Gone;
use crate::s3::error::Observed;
use crate::s3::error::Operation;
use crate::s3::error::S3Error;
use crate::s3::error::patiently;
use crate::s3::error::unless_cancelled;
use crate::s3::file::LocalFile;
use crate::s3::object::copy::Description;
pub use crate::s3::object::spec::Content;
pub use crate::s3::object::spec::Headers;
pub use crate::s3::object::spec::ObjectSpec;
pub use crate::s3::object::spec::ObjectState;
pub use crate::s3::object::spec::SHA256_METADATA;
pub use crate::s3::object::spec::Source;
pub use crate::s3::object::spec::SpecError;
pub use crate::s3::object::spec::validate_metadata;
use crate::s3::object::upload::Condition;
use crate::s3::object::upload::Local;
use crate::s3::tags;
use crate::s3::tags::Tags;

/// The largest object that S3 copies in one request: 5 GiB.
const LARGEST_COPY: u64 = 5 * 1024 * 1024 * 1024;

/// Is what the caller believes to be under the key: a guard against overwriting what was never
/// planned to be overwritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// Nothing. An object that is equal in content and headers is taken over; another is an error.
    Absent,
    /// The object that was last seen, by its ETag, or nothing. Another object is an error unless it
    /// is equal.
    Etag(String),
    /// Whatever there is may be replaced.
    Any,
}

/// Makes the object exist and be equal to `spec`, with as little traffic as that takes: nothing if
/// it is equal, a copy onto itself inside the server if only headers differ or the stored checksum
/// is missing, an upload otherwise. Tags are set on their own.
///
/// Content without a CRC64NVME is compared by another checksum, or read if it is small, or given
/// one by the server.
///
/// Writes are conditional on what was seen just before, so that of two that run at once one is
/// told. An upload in parts that ends early is aborted; those that a killed run left for this very
/// key are removed after a successful upload. Cancelling ends it at once.
pub async fn ensure_object(
    client: &Client,
    spec: &ObjectSpec,
    expectation: &Expectation,
    cancel: &CancellationToken,
) -> Result<ObjectState, S3Error> {
    let operation = Operation::on_object(client, &spec.bucket, &spec.key, "uploaded");
    spec.validate().map_err(|error| {
        let text = error.to_string();
        S3Error::new(ErrorKind::Invalid, &operation, text.trim_end_matches('.'))
    })?;
    let object = Object { client, spec, operation: &operation, cancel };
    let mut present = object.look().await?;
    loop {
        let content = object.compare(present.as_ref()).await?;
        let step = match next_step(spec, present.as_ref(), content, expectation) {
            Ok(step) => step,
            Err((conflict, found)) => return Err(object.refuse(conflict, found)),
        };
        match step {
            Step::Nothing => break,
            Step::AddChecksum(state) => {
                present = object.add_checksum(state).await?;
                continue;
            }
            Step::Rewrite { etag } => object.rewrite(&etag).await?,
            Step::Upload(condition) => object.upload(&condition, present.as_ref()).await?,
        }
        break;
    }
    object.settle().await
}

/// Reads what is under the key, without its content: one request, and one more for its tags if
/// `with_tags` says so.
pub async fn observe_object(
    client: &Client,
    bucket: &str,
    key: &str,
    with_tags: bool,
    cancel: &CancellationToken,
) -> Result<Observed<ObjectState>, S3Error> {
    let operation = Operation::on_object(client, bucket, key, "read");
    unless_cancelled(cancel, &operation, read::observe(client, bucket, key, with_tags)).await
}

/// Removes the object, if the one that is there has the ETag `expected`; without one, whatever is
/// there. An object, or a whole bucket, that is gone already is fine.
///
/// In a bucket with versions this leaves a delete marker; older versions are kept. The ETag is
/// compared here, since MinIO ignores `If-Match` on a delete.
pub async fn remove_object(
    client: &Client,
    bucket: &str,
    key: &str,
    expected: Option<&str>,
    cancel: &CancellationToken,
) -> Result<(), S3Error> {
    let operation = Operation::on_object(client, bucket, key, "deleted");
    unless_cancelled(cancel, &operation, async {
        let state = match read::observe(client, bucket, key, false).await? {
            Observed::Present(state) => state,
            Observed::Gone(_) => return Ok(()),
        };
        expect(&state, expected, &operation)?;
        delete(client, bucket, key, None, &operation).await
    })
    .await
}

/// Removes every version of the object, the newest first, and its delete markers. The newest must
/// have the ETag `expected`, if there is one and it is no marker.
///
/// Retention is not bypassed: a version that object lock protects is an error, and it and the older
/// ones stay.
pub async fn remove_object_versions(
    client: &Client,
    bucket: &str,
    key: &str,
    expected: Option<&str>,
    cancel: &CancellationToken,
) -> Result<(), S3Error> {
    let operation = Operation::on_object(client, bucket, key, "deleted");
    unless_cancelled(cancel, &operation, async {
        let mut removed: Option<Option<String>> = None;
        // Not listed: MinIO lists no version of `a/b` while there is an object `a`.
        loop {
            let version = match read::observe(client, bucket, key, false).await? {
                Observed::Present(state) => {
                    if removed.is_none() {
                        expect(&state, expected, &operation)?;
                    }
                    state.version_id
                }
                Observed::Gone(Gone::DeleteMarker { version_id }) => version_id,
                Observed::Gone(Gone::Key | Gone::Bucket) => return Ok(()),
            };
            if removed.as_ref() == Some(&version) {
                let reason = "the server keeps a version that it said it deleted";
                return Err(S3Error::new(ErrorKind::Other, &operation, reason));
            }
            delete(client, bucket, key, version.clone(), &operation).await?;
            removed = Some(version);
        }
    })
    .await
}

/// Refuses another object than the expected one.
fn expect(
    state: &ObjectState,
    expected: Option<&str>,
    operation: &Operation,
) -> Result<(), S3Error> {
    match expected {
        Some(expected) if expected != state.etag => {
            let reason = format!(
                "it was changed by somebody else in the meantime (its ETag is `{}`, not \
                 `{expected}`)",
                state.etag
            );
            Err(S3Error::new(ErrorKind::Precondition, operation, reason))
        }
        _ => Ok(()),
    }
}

/// Deletes one version, or, without one, the object. One that is gone already is fine.
async fn delete(
    client: &Client,
    bucket: &str,
    key: &str,
    version: Option<String>,
    operation: &Operation,
) -> Result<(), S3Error> {
    let request = client.sdk().delete_object().bucket(bucket).key(key).set_version_id(version);
    match request.send().await.map_err(operation.failed()) {
        Err(error) if matches!(error.kind(), ErrorKind::Gone(_)) => Ok(()),
        other => other.map(|_| ()),
    }
}

/// Is what has to be done, beside tags.
#[derive(Debug, PartialEq, Eq)]
enum Step<'a> {
    Nothing,
    /// Let the server compute the checksum of the object, by a copy onto itself that changes
    /// nothing else: what it is then, decides. Not with the planned headers at once: if the
    /// content is another, they would stand beside it until the upload is through.
    AddChecksum(&'a ObjectState),
    /// Copy the object with this ETag onto itself, with the planned headers and a checksum.
    Rewrite {
        etag: String,
    },
    Upload(Condition),
}

/// Is why nothing may be done to the object that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conflict {
    /// It is there where none was expected.
    Exists,
    /// It is another than was seen before.
    Changed,
}

/// Decides what has to be done; pure.
fn next_step<'a>(
    spec: &ObjectSpec,
    present: Option<&'a ObjectState>,
    content: Content,
    expectation: &Expectation,
) -> Result<Step<'a>, (Conflict, &'a ObjectState)> {
    let Some(state) = present else {
        let any = *expectation == Expectation::Any;
        return Ok(Step::Upload(if any { Condition::Any } else { Condition::Absent }));
    };
    if spec.content_of(state) == Content::Equal && spec.describes(state) {
        return Ok(Step::Nothing);
    }
    // What another tool put there is the planned object but for what we add to it.
    let is_equal = content == Content::Equal && spec.has_headers_of(state);
    match expectation {
        Expectation::Absent if !is_equal => return Err((Conflict::Exists, state)),
        Expectation::Etag(etag) if *etag != state.etag && !is_equal => {
            return Err((Conflict::Changed, state));
        }
        Expectation::Absent | Expectation::Etag(_) | Expectation::Any => {}
    }
    let etag = state.etag.clone();
    match content {
        Content::Equal if state.size <= LARGEST_COPY => Ok(Step::Rewrite { etag }),
        Content::Unknown if state.size <= LARGEST_COPY => Ok(Step::AddChecksum(state)),
        _ if *expectation == Expectation::Any => Ok(Step::Upload(Condition::Any)),
        _ => Ok(Step::Upload(Condition::Etag(etag))),
    }
}

/// Is one run of [`ensure_object`].
struct Object<'a> {
    client: &'a Client,
    spec: &'a ObjectSpec,
    operation: &'a Operation,
    cancel: &'a CancellationToken,
}

impl Object<'_> {
    /// Returns what is there now, or nothing; without the bucket, nothing can be done.
    async fn look(&self) -> Result<Option<ObjectState>, S3Error> {
        let reading = self.read();
        self.found(unless_cancelled(self.cancel, self.operation, reading).await?)
    }

    /// Does the same after the server has answered.
    async fn look_again(&self) -> Result<Option<ObjectState>, S3Error> {
        let reading = patiently(|| self.read());
        self.found(unless_cancelled(self.cancel, self.operation, reading).await?)
    }

    async fn read(&self) -> Result<Observed<ObjectState>, S3Error> {
        let spec = self.spec;
        read::observe(self.client, &spec.bucket, &spec.key, spec.tags.is_some()).await
    }

    fn found(&self, observed: Observed<ObjectState>) -> Result<Option<ObjectState>, S3Error> {
        match observed {
            Observed::Present(state) => Ok(Some(state)),
            Observed::Gone(Gone::Bucket) => {
                let gone = Gone::Bucket;
                let reason = gone.to_string();
                Err(S3Error::new(ErrorKind::Gone(gone), self.operation, reason))
            }
            Observed::Gone(Gone::Key | Gone::DeleteMarker { .. }) => Ok(None),
        }
    }

    /// Compares what is there with what is planned.
    async fn compare(&self, present: Option<&ObjectState>) -> Result<Content, S3Error> {
        let Some(state) = present else { return Ok(Content::Different) };
        let comparing =
            compare::content(self.client, self.spec, state, self.operation, self.cancel);
        unless_cancelled(self.cancel, self.operation, comparing).await
    }

    async fn rewrite(&self, etag: &str) -> Result<(), S3Error> {
        self.copy(etag, Description::planned(self.spec)).await
    }

    /// Lets the server add its checksum, and returns what is there then.
    async fn add_checksum(&self, state: &ObjectState) -> Result<Option<ObjectState>, S3Error> {
        self.copy(&state.etag, Description::present(state)).await?;
        match self.look_again().await? {
            // Asked for the same again, the server would do the same again.
            Some(found) if self.spec.content_of(&found) == Content::Unknown => {
                let reason = "the server added no CRC64NVME to it, so its content cannot be \
                              compared";
                Err(S3Error::new(ErrorKind::Unsupported, self.operation, reason))
            }
            found => Ok(found),
        }
    }

    async fn copy(&self, etag: &str, description: Description) -> Result<(), S3Error> {
        let copying = copy::onto_itself(self.client, self.spec, etag, description, self.operation);
        unless_cancelled(self.cancel, self.operation, copying).await
    }

    async fn upload(
        &self,
        condition: &Condition,
        present: Option<&ObjectState>,
    ) -> Result<(), S3Error> {
        // Writing an object drops its tags. Those that nobody manages here are carried over.
        let tags = match (&self.spec.tags, present) {
            (Some(tags), _) => tags.clone(),
            (None, Some(state)) if state.has_tags => {
                let (bucket, key) = (&self.spec.bucket, &self.spec.key);
                let reading = read::tags(self.client, bucket, key, self.operation);
                unless_cancelled(self.cancel, self.operation, reading).await?
            }
            (None, _) => Tags::new(),
        };
        let content = self.content().await?;
        let run = upload::Upload {
            client: self.client,
            spec: self.spec,
            content: &content,
            tags: &tags,
            condition,
            operation: self.operation,
            cancel: self.cancel,
        };
        let began = Instant::now();
        let Err(error) = run.send().await else {
            let (bucket, key) = (&self.spec.bucket, &self.spec.key);
            let milliseconds = began.elapsed().as_millis();
            let bytes = self.spec.fingerprint.size;
            tracing::info!(bucket, key, bytes, %milliseconds, "object uploaded");
            return Ok(());
        };
        // A request that was sent again may be refused because of its own first success; and
        // somebody else may have written exactly what is wanted.
        let refused = matches!(error.kind(), ErrorKind::Precondition | ErrorKind::Gone(Gone::Key));
        if !refused {
            return Err(error);
        }
        match self.look_again().await? {
            Some(state)
                if self.spec.content_of(&state) == Content::Equal
                    && self.spec.describes(&state) =>
            {
                Ok(())
            }
            Some(found) => Err(self.refuse(Conflict::Changed, &found)),
            None => Err(error),
        }
    }

    /// Returns the content, downloaded if it is elsewhere.
    async fn content(&self) -> Result<Local, S3Error> {
        Ok(match &self.spec.source {
            Source::Bytes(bytes) => Local::Bytes(bytes.clone()),
            Source::Open(file) => Local::File(file.clone()),
            Source::File(path) => {
                let opened = LocalFile::open(path).await;
                Local::File(opened.map_err(|error| self.operation.source_failed(&error))?)
            }
            Source::Remote(remote) => {
                let fetched = remote.fetch(self.cancel).await;
                let fetched = fetched.map_err(|error| self.operation.download_failed(&error))?;
                Local::File(fetched.file().clone())
            }
        })
    }

    /// Sets the tags if they differ, and returns what is there in the end.
    async fn settle(&self) -> Result<ObjectState, S3Error> {
        let lost = |reason: &str| S3Error::new(ErrorKind::Precondition, self.operation, reason);
        let state = self
            .look_again()
            .await?
            .ok_or_else(|| lost("somebody else deleted it right after it was written"))?;
        if self.spec.content_of(&state) != Content::Equal {
            return Err(self.refuse(Conflict::Changed, &state));
        }
        let Some(wanted) = &self.spec.tags else { return Ok(state) };
        if state.tags.as_ref() == Some(wanted) {
            return Ok(state);
        }
        unless_cancelled(self.cancel, self.operation, self.set_tags(wanted)).await?;
        Ok(ObjectState { tags: Some(wanted.clone()), has_tags: !wanted.is_empty(), ..state })
    }

    async fn set_tags(&self, wanted: &Tags) -> Result<(), S3Error> {
        let operation = self.operation.on_part("tags", "set");
        let (bucket, key) = (&self.spec.bucket, &self.spec.key);
        if wanted.is_empty() {
            let request = self.client.sdk().delete_object_tagging().bucket(bucket).key(key);
            return request.send().await.map(|_| ()).map_err(operation.failed());
        }
        let tagging = tags::to_sdk(wanted)
            .map_err(|error| S3Error::new(ErrorKind::Invalid, &operation, error.to_string()))?;
        let request = self.client.sdk().put_object_tagging().bucket(bucket).key(key);
        request.tagging(tagging).send().await.map(|_| ()).map_err(operation.failed())
    }

    fn refuse(&self, conflict: Conflict, found: &ObjectState) -> S3Error {
        let (kind, what) = match conflict {
            Conflict::Exists => (ErrorKind::Exists, "the key exists already, as another object"),
            Conflict::Changed => {
                (ErrorKind::Precondition, "it was changed by somebody else in the meantime")
            }
        };
        let planned = &self.spec.fingerprint;
        let reason = format!(
            "{what} (found: {} bytes, CRC64NVME {}, SHA-256 {}, {}; planned: {} bytes, CRC64NVME \
             {}, SHA-256 {}, {})",
            found.size,
            found.crc64nvme.as_deref().unwrap_or("unknown"),
            found.sha256.as_deref().unwrap_or("unknown"),
            found.headers.content_type.as_deref().unwrap_or("no content type"),
            planned.size,
            planned.crc64nvme,
            planned.sha256,
            self.spec.headers.content_type.as_deref().unwrap_or("no content type"),
        );
        S3Error::new(kind, self.operation, reason)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
