//! Failed operations: what was tried, on what, of which class it is and what to do about it. What a
//! server's answer, or its silence, means is decided in one place, `answer`.

mod answer;
mod kind;

use std::fmt;
use std::time::Duration;
use std::time::Instant;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::s3::client::Client;
use crate::s3::download::DownloadError;
pub(crate) use crate::s3::error::answer::is_unexplained;
pub use crate::s3::error::kind::ErrorKind;
pub use crate::s3::error::kind::Gone;
pub use crate::s3::error::kind::Observed;
use crate::s3::file::SourceError;

/// Runs `work` until it is done or `cancel` is cancelled, whichever comes first.
///
/// Boxed, since one request of the SDK is a future of some 10 KiB, and they would add up.
pub(crate) fn unless_cancelled<'a, T: 'a>(
    cancel: &'a CancellationToken,
    operation: &'a Operation,
    work: impl Future<Output = Result<T, S3Error>> + Send + 'a,
) -> BoxFuture<'a, Result<T, S3Error>> {
    Box::pin(async move {
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(S3Error::cancelled(operation)),
            result = work => result,
        }
    })
}

/// How long a server that answered before is given to come back.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long is waited between two attempts to reach it.
const PAUSE: Duration = Duration::from_secs(1);

/// Repeats a request as long as the server is away, for a minute from the first failure on.
///
/// For servers only that just answered: they are being restarted, or their pod is replaced, which
/// takes longer than the SDK's own attempts. An address where nobody ever was is an error soon.
pub(crate) async fn patiently<T, W>(attempt: impl Fn() -> W + Send) -> Result<T, S3Error>
where
    W: Future<Output = Result<T, S3Error>> + Send,
{
    let mut given_up = None;
    loop {
        let error = match attempt().await {
            Ok(result) => return Ok(result),
            Err(error) => error,
        };
        let is_away = matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::Busy);
        let until = *given_up.get_or_insert_with(|| Instant::now() + PATIENCE);
        if !is_away || Instant::now() >= until {
            return Err(error);
        }
        tracing::warn!(reason = error.reason(), "the S3 server is away; trying again");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Is a failed S3 operation: `Display` is a full sentence that names the thing, the server and the
/// reason; [`S3Error::hint`] says what to do. Neither ever holds a secret.
#[derive(Debug)]
pub struct S3Error(Box<Details>);

#[derive(Debug)]
struct Details {
    kind: ErrorKind,
    operation: Operation,
    reason: String,
}

impl std::error::Error for S3Error {}

impl fmt::Display for S3Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}.", self.0.operation, self.0.reason)
    }
}

impl S3Error {
    pub(crate) fn new(kind: ErrorKind, operation: &Operation, reason: impl Into<String>) -> Self {
        Self(Box::new(Details { kind, operation: operation.clone(), reason: reason.into() }))
    }

    pub(crate) fn cancelled(operation: &Operation) -> Self {
        Self::new(ErrorKind::Cancelled, operation, "the operation was cancelled")
    }

    /// Returns the class of the error.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Returns the sentence without the reason, such as "Object `a` in bucket `b` at
    /// `http://host:9000` could not be read": the summary beside [`S3Error::reason`].
    pub fn summary(&self) -> String {
        self.0.operation.to_string()
    }

    /// Returns the reason as a clause without a full stop.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Returns what to do about it, as a full sentence, where there is something general to say.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self.0.kind {
            ErrorKind::Gone(Gone::Bucket) => {
                "Create the bucket first: refer to the `minio_bucket` that makes it, so that the \
                 order is right."
            }
            ErrorKind::Denied => {
                "Check the access key, its secret, and that the user's policy allows this on the \
                 bucket."
            }
            ErrorKind::Clock => {
                "Set the clock of this machine (or of the server) right, for example with NTP."
            }
            ErrorKind::Precondition if self.0.operation.participle == "uploaded" => {
                "Plan again, so that what is there now is taken into account, or set \
                 `force_overwrite = true` to replace whatever is there."
            }
            ErrorKind::Precondition => {
                "Plan again, so that what is there now is taken into account."
            }
            ErrorKind::Exists if self.0.operation.key.is_none() => {
                "Import it, choose another name, or set `adopt_existing = true` to take it over as \
                 it is."
            }
            ErrorKind::Exists => {
                "Import it to take it over, choose another key, or set `force_overwrite = true` to \
                 replace it."
            }
            ErrorKind::NotEmpty => {
                "Set `force_destroy = true` and apply it first, to delete everything in the bucket \
                 with it."
            }
            ErrorKind::Locked => {
                "Wait until the retention ends, or lift the legal hold or the governance retention \
                 by hand."
            }
            ErrorKind::Busy => "Try again in a moment; if it stays, look at the server's log.",
            ErrorKind::Unreachable => {
                "Check the endpoint, its scheme (`http` or `https`), and that the server is running \
                 and may be reached from here."
            }
            ErrorKind::SourceChanged => {
                "Do not change the source between plan and apply; plan again to upload what it is \
                 now."
            }
            ErrorKind::Cancelled => "Apply again; what is left to do is found by itself.",
            ErrorKind::Gone(_)
            | ErrorKind::Source
            | ErrorKind::Invalid
            | ErrorKind::Unsupported
            | ErrorKind::Other => return None,
        })
    }
}

/// Is what was tried, on what, and where.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// A part of the thing, such as "policy".
    part: Option<&'static str>,
    bucket: String,
    key: Option<String>,
    /// What could not be done, as a participle: "read", "uploaded".
    participle: &'static str,
    endpoint: String,
}

impl Operation {
    pub(crate) fn on_bucket(client: &Client, bucket: &str, participle: &'static str) -> Self {
        let endpoint = client.endpoint().to_owned();
        Self { part: None, bucket: bucket.to_owned(), key: None, participle, endpoint }
    }

    pub(crate) fn on_object(
        client: &Client,
        bucket: &str,
        key: &str,
        participle: &'static str,
    ) -> Self {
        Self { key: Some(key.to_owned()), ..Self::on_bucket(client, bucket, participle) }
    }

    /// Returns the same operation on a part of its object or bucket.
    pub(crate) fn on_part(&self, part: &'static str, participle: &'static str) -> Self {
        Self { part: Some(part), participle, ..self.clone() }
    }

    /// Returns a function for `map_err` that makes an [`S3Error`] of the SDK's.
    pub(crate) fn failed<E>(&self) -> impl FnOnce(SdkError<E, HttpResponse>) -> S3Error
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        |error| {
            let (kind, reason) = answer::classify(&error);
            S3Error::new(kind, self, reason)
        }
    }

    /// Returns the error for a source that could not be read.
    pub(crate) fn source_failed(&self, error: &SourceError) -> S3Error {
        let kind = match error {
            SourceError::Unreadable { .. } => ErrorKind::Source,
            SourceError::Shorter { .. } | SourceError::Changed { .. } => ErrorKind::SourceChanged,
            SourceError::Cancelled { .. } => ErrorKind::Cancelled,
        };
        let text = error.to_string();
        S3Error::new(kind, self, lower_first(text.trim_end_matches('.')))
    }

    /// Returns the error for content that could not be downloaded.
    pub(crate) fn download_failed(&self, error: &DownloadError) -> S3Error {
        let kind = match error {
            DownloadError::Cancelled { .. } => ErrorKind::Cancelled,
            _ => ErrorKind::Source,
        };
        let text = error.to_string();
        S3Error::new(kind, self, lower_first(text.trim_end_matches('.')))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(part) = self.part {
            write!(formatter, "The {part} of ")?;
        }
        match (&self.key, self.part.is_some()) {
            (Some(key), capital) => {
                let object = if capital { "object" } else { "Object" };
                write!(formatter, "{object} `{}` in bucket `{}`", key.escape_debug(), self.bucket)?;
            }
            (None, true) => write!(formatter, "bucket `{}`", self.bucket)?,
            (None, false) => write!(formatter, "Bucket `{}`", self.bucket)?,
        }
        write!(formatter, " at `{}` could not be {}", self.endpoint, self.participle)
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
