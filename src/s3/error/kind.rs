//! What was found, and the classes of what was not.

use std::fmt;

/// Is what was found: the thing itself, or the server's word that it does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed<T> {
    /// It exists.
    Present(T),
    /// It does not, and this is what is missing.
    Gone(Gone),
}

/// Is what the server says does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gone {
    /// The whole bucket.
    Bucket,
    /// The key, in a bucket that exists.
    Key,
    /// The key in a bucket with versions: it was deleted, and older versions may be kept.
    DeleteMarker {
        /// The version that says "deleted"; removing it brings the object back.
        version_id: Option<String>,
    },
}

/// Says in a clause what is missing.
impl fmt::Display for Gone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bucket => formatter.write_str("the bucket does not exist"),
            Self::Key => formatter.write_str("the key does not exist in the bucket"),
            Self::DeleteMarker { version_id: None } => formatter
                .write_str("the object was deleted (a delete marker is its latest version)"),
            Self::DeleteMarker { version_id: Some(version) } => write!(
                formatter,
                "the object was deleted (its latest version is the delete marker `{version}`)"
            ),
        }
    }
}

/// Is the class of an [`S3Error`]: what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// What the request needs does not exist.
    Gone(Gone),
    /// The server knows no such access key, the secret is wrong, or a policy says no.
    Denied,
    /// The two clocks differ by more than the server allows.
    Clock,
    /// Somebody else changed it since it was last looked at.
    Precondition,
    /// It exists already and was not to be adopted.
    Exists,
    /// The bucket still holds something.
    NotEmpty,
    /// Object lock protects it.
    Locked,
    /// The server asks to try again later.
    Busy,
    /// No connection, or no answer in time.
    Unreachable,
    /// The content is not what it was at plan.
    SourceChanged,
    /// The source file cannot be read, or the source not downloaded.
    Source,
    /// The server finds the request itself wrong.
    Invalid,
    /// The server cannot do this.
    Unsupported,
    /// Somebody asked to stop.
    Cancelled,
    /// Anything else.
    Other,
}
