//! What a server's answer, or its silence, means.
//!
//! An answer is read as status, then S3's error code in the body, then MinIO's header
//! `x-minio-error-code`, which alone tells what a body-less answer to `HEAD` is about.

use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use hyper_util::client::legacy;

use super::kind::ErrorKind;
use super::kind::Gone;

/// Returns the class and the reason, as a clause.
pub(super) fn classify<E>(error: &SdkError<E, HttpResponse>) -> (ErrorKind, String)
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(service) => {
            let answer = Answer::of(service.raw(), service.err());
            (answer.kind(), answer.reason())
        }
        SdkError::TimeoutError(_) => {
            (ErrorKind::Unreachable, "the server did not answer in time".to_owned())
        }
        SdkError::DispatchFailure(failure) if failure.is_user() => (
            ErrorKind::SourceChanged,
            format!("the source could not be sent as planned ({})", cause_of(error)),
        ),
        SdkError::DispatchFailure(_) => {
            (ErrorKind::Unreachable, format!("the server cannot be reached ({})", cause_of(error)))
        }
        SdkError::ResponseError(response) => {
            let status = response.raw().status().as_u16();
            (
                ErrorKind::Other,
                format!(
                    "the server's answer ({status}) is not one that S3 gives ({}); is this the \
                     address of an S3 server?",
                    cause_of(error)
                ),
            )
        }
        _ => (ErrorKind::Invalid, format!("the request cannot be made ({})", cause_of(error))),
    }
}

/// Says whether an answer gives no S3 error code at all, in neither body nor header, so that only
/// another kind of request can tell what it means.
pub(crate) fn is_unexplained<E>(error: &SdkError<E, HttpResponse>) -> bool
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(service) => {
            let answer = Answer::of(service.raw(), service.err());
            answer.code.is_none() && answer.status < 500 && !answer.marker
        }
        _ => false,
    }
}

/// Is what a server's error says.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    code: Option<String>,
    message: Option<String>,
    marker: bool,
    version_id: Option<String>,
}

impl Answer {
    fn of(raw: &HttpResponse, error: &impl ProvideErrorMetadata) -> Self {
        let header = |name| raw.headers().get(name).map(str::to_owned);
        // Of a 404 without a body the SDK itself makes the code `NotFound`, which is no word of
        // the server's.
        let code = error.code().filter(|code| *code != "NotFound").map(str::to_owned);
        Self {
            status: raw.status().as_u16(),
            code: code.or_else(|| header("x-minio-error-code")),
            message: error.message().map(str::to_owned),
            marker: header("x-amz-delete-marker").as_deref() == Some("true"),
            version_id: header("x-amz-version-id"),
        }
    }

    fn kind(&self) -> ErrorKind {
        if self.status == 404 && self.marker {
            return ErrorKind::Gone(Gone::DeleteMarker { version_id: self.version_id.clone() });
        }
        // MinIO says 400 with a general code where AWS says 403 `AccessDenied`.
        if self.message.as_deref().is_some_and(|message| message.contains("WORM protected")) {
            return ErrorKind::Locked;
        }
        match (self.code.as_deref(), self.status) {
            (Some("NoSuchBucket"), 404) => ErrorKind::Gone(Gone::Bucket),
            (Some("NoSuchKey"), 404) => ErrorKind::Gone(Gone::Key),
            (Some("RequestTimeTooSkewed"), _) => ErrorKind::Clock,
            (Some("PreconditionFailed" | "ConditionalRequestConflict" | "NoSuchUpload"), _)
            | (_, 412) => ErrorKind::Precondition,
            (Some("BucketAlreadyOwnedByYou" | "BucketAlreadyExists"), _) => ErrorKind::Exists,
            (Some("BucketNotEmpty"), _) => ErrorKind::NotEmpty,
            (Some("ObjectLocked"), _) => ErrorKind::Locked,
            (
                Some(
                    "XAmzContentChecksumMismatch"
                    | "XAmzContentSHA256Mismatch"
                    | "BadDigest"
                    | "IncompleteBody",
                ),
                _,
            ) => ErrorKind::SourceChanged,
            (Some("OperationAborted" | "SlowDown"), _) | (_, 429 | 500 | 502..=599) => {
                ErrorKind::Busy
            }
            (_, 401 | 403) => ErrorKind::Denied,
            (_, 501) => ErrorKind::Unsupported,
            (Some(_), 400) => ErrorKind::Invalid,
            _ => ErrorKind::Other,
        }
    }

    fn reason(&self) -> String {
        let known = match (self.code.as_deref(), self.kind()) {
            (_, ErrorKind::Gone(gone)) => return gone.to_string(),
            (Some("InvalidAccessKeyId"), _) => "the server knows no such access key",
            (Some("SignatureDoesNotMatch"), _) => "the secret key is wrong",
            (Some("ExpiredToken" | "InvalidToken" | "InvalidTokenId"), _) => {
                "the session token is wrong or has expired"
            }
            (Some("NoSuchUpload"), _) => "somebody else ended this upload",
            (_, ErrorKind::Denied) => "the server denies access",
            (_, ErrorKind::Clock) => "this machine's clock and the server's differ by too much",
            (_, ErrorKind::Precondition) => "it was changed by somebody else in the meantime",
            (_, ErrorKind::Exists) => "it exists already",
            (_, ErrorKind::NotEmpty) => "the bucket is not empty",
            (_, ErrorKind::Locked) => "object lock protects it",
            (_, ErrorKind::Busy) => "the server cannot answer now",
            (_, ErrorKind::SourceChanged) => {
                "the bytes that were sent do not have the planned checksum"
            }
            (_, ErrorKind::Unsupported) => "the server does not support this",
            (None, _) => {
                "the server gave an answer without an S3 error code; is this the address of an S3 \
                 server?"
            }
            _ => "the server refused the request",
        };
        let mut said = self.status.to_string();
        if let Some(code) = &self.code {
            said = format!("{said} {code}");
        }
        // For what has a sentence of its own, the server's adds nothing but length.
        if let Some(message) = self.message.as_deref().filter(|message| !message.is_empty()) {
            said = format!("{said}: {}", message.trim().trim_end_matches('.'));
        }
        format!("{known} ({said})")
    }
}

/// Returns the text of the cause that says the most: what the connector said if there is no
/// connection, else the one that all others are because of.
///
/// The ones above it only repeat that something failed; the whole chain goes to the log.
fn cause_of<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: std::error::Error + 'static,
{
    tracing::debug!(error = %DisplayErrorContext(error), "S3 request failed");
    let mut cause: &(dyn std::error::Error + 'static) = error;
    while let Some(next) = cause.source() {
        let refused = cause.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect);
        cause = next;
        // A tunnel's error is a sentence of its own, with a cause that means little without it.
        if refused {
            break;
        }
    }
    cause.to_string().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
