//! What an object should be, what it is, and whether the two are equal; pure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;

use crate::s3::checksum::Fingerprint;
use crate::s3::checksum::OtherChecksum;
use crate::s3::download::Remote;
use crate::s3::file::LocalFile;
use crate::s3::key;
use crate::s3::tags;
use crate::s3::tags::Tags;

/// The name of the user metadata that keeps the content's SHA-256 for people and for imports.
pub const SHA256_METADATA: &str = "sha256";

/// What the header of a piece of user metadata begins with.
const METADATA_HEADER: &str = "x-amz-meta-";

/// How many bytes of user metadata S3 takes. MinIO counts the headers' whole names.
const MOST_METADATA: usize = 2048;

/// Is where an object's content comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, opened and read when it is uploaded.
    File(PathBuf),
    /// A file that is open already.
    Open(LocalFile),
    /// Bytes in memory.
    Bytes(Bytes),
    /// Content elsewhere, fetched and verified if it has to be uploaded, and not otherwise.
    Remote(Remote),
}

/// Are the standard headers that an object is served with. An absent one is not sent, and drift if
/// it is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers {
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
}

/// Is what an object should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSpec {
    /// The bucket's name.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// Where the content comes from.
    pub source: Source,
    /// What the content is known by, as it was planned. The server refuses anything else.
    pub fingerprint: Fingerprint,
    /// The standard headers.
    pub headers: Headers,
    /// User metadata, without the prefix `x-amz-meta-`, keys in lower case, and without
    /// [`SHA256_METADATA`], which is added.
    pub metadata: BTreeMap<String, String>,
    /// The storage class; `STANDARD` when absent.
    pub storage_class: Option<String>,
    /// The tags; absent, they are nobody's business and stay as they are.
    pub tags: Option<Tags>,
}

/// Is what an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectState {
    /// The ETag without quotes. It says nothing about the content.
    pub etag: String,
    /// The version, in a bucket that keeps them.
    pub version_id: Option<String>,
    /// The length in bytes.
    pub size: u64,
    /// The CRC64NVME of the whole content in base64, as the server verified it; absent if the
    /// object was written by somebody who sent none.
    pub crc64nvme: Option<String>,
    /// Another checksum of the whole content, if there is no CRC64NVME.
    pub other_checksum: Option<OtherChecksum>,
    /// The SHA-256 in hexadecimal that the writer claimed; not verified by anybody.
    pub sha256: Option<String>,
    /// The standard headers.
    pub headers: Headers,
    /// User metadata but [`SHA256_METADATA`].
    pub metadata: BTreeMap<String, String>,
    /// The storage class; absent for `STANDARD`.
    pub storage_class: Option<String>,
    /// The tags, if they were asked for.
    pub tags: Option<Tags>,
    /// Says whether there is any tag.
    pub has_tags: bool,
}

/// Is how stored content compares with planned content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// The server's checksum says that it is the same.
    Equal,
    /// It may be: the size is the same, but the object was written without a CRC64NVME.
    Unknown,
    /// It is not.
    Different,
}

/// Says what in an [`ObjectSpec`] no server would take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The bucket's name.
    #[error(transparent)]
    Bucket(#[from] key::BucketNameError),
    /// The key.
    #[error(transparent)]
    Key(#[from] key::KeyError),
    /// The tags.
    #[error(transparent)]
    Tags(#[from] tags::TagError),
    /// A standard header.
    #[error("The header `{name}` of the object is not valid: {reason}.")]
    Header {
        /// The attribute's name, such as `cache_control`.
        name: &'static str,
        /// What is wrong, as a clause.
        reason: &'static str,
    },
    /// A key or value of the metadata.
    #[error("The metadata `{name}` is not valid: {reason}.")]
    Metadata {
        /// The metadata's key.
        name: String,
        /// What is wrong, as a clause.
        reason: &'static str,
    },
    /// All of the metadata.
    #[error(
        "The metadata of the object is not valid: its headers have {size} bytes with the content's \
         own hash, and S3 takes {MOST_METADATA}. Keep what is longer in an object of its own."
    )]
    MetadataSize {
        /// The bytes of all names, with `x-amz-meta-`, and values.
        size: usize,
    },
}

impl ObjectSpec {
    /// Checks everything that can be checked without the server.
    pub fn validate(&self) -> Result<(), SpecError> {
        key::validate_bucket(&self.bucket)?;
        key::validate(&self.key)?;
        self.headers.validate()?;
        validate_metadata(&self.metadata)?;
        self.tags.as_ref().map_or(Ok(()), tags::validate)?;
        Ok(())
    }

    /// Compares stored content with the planned one, by the server's checksum.
    pub fn content_of(&self, state: &ObjectState) -> Content {
        if state.size != self.fingerprint.size {
            return Content::Different;
        }
        match &state.crc64nvme {
            Some(crc) if *crc == self.fingerprint.crc64nvme => Content::Equal,
            Some(_) => Content::Different,
            None => Content::Unknown,
        }
    }

    /// Says whether headers, metadata (the SHA-256 included) and storage class are the planned
    /// ones.
    pub fn describes(&self, state: &ObjectState) -> bool {
        self.has_headers_of(state) && state.sha256.as_ref() == Some(&self.fingerprint.sha256)
    }

    /// Says whether everything that a user sets is the planned one: [`ObjectSpec::describes`] apart
    /// from our own SHA-256, which no other tool writes.
    pub fn has_headers_of(&self, state: &ObjectState) -> bool {
        let standard = |class: &Option<String>| class.clone().filter(|class| class != "STANDARD");
        state.headers == self.headers
            && state.metadata == self.metadata
            && standard(&state.storage_class) == standard(&self.storage_class)
    }

    /// Returns the metadata as it is sent.
    pub(super) fn sent_metadata(&self) -> std::collections::HashMap<String, String> {
        let own = (SHA256_METADATA.to_owned(), self.fingerprint.sha256.clone());
        self.metadata.clone().into_iter().chain([own]).collect()
    }
}

impl Headers {
    /// Checks that every header can be sent and comes back as it was written.
    pub fn validate(&self) -> Result<(), SpecError> {
        for (name, value) in [
            ("content_type", &self.content_type),
            ("cache_control", &self.cache_control),
            ("content_disposition", &self.content_disposition),
            ("content_encoding", &self.content_encoding),
            ("content_language", &self.content_language),
        ] {
            if let Some(reason) = value.as_deref().and_then(broken_value) {
                return Err(SpecError::Header { name, reason });
            }
        }
        Ok(())
    }
}

/// Checks that user metadata can be sent and comes back as it was written.
pub fn validate_metadata(metadata: &BTreeMap<String, String>) -> Result<(), SpecError> {
    for (name, value) in metadata {
        let broken =
            |reason| Err(SpecError::Metadata { name: name.escape_debug().to_string(), reason });
        // A header's name has no case, and S3 gives it back in lower case.
        if name.is_empty()
            || !name.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte)
            })
        {
            return broken("its key must be lower-case letters, digits, `-`, `_` and `.`");
        }
        if name == SHA256_METADATA {
            return broken("this key is kept for the content's own hash");
        }
        if let Some(reason) = broken_value(value) {
            return broken(reason);
        }
    }
    // A SHA-256 has 64 digits.
    let own = (SHA256_METADATA, 64);
    let all = metadata.iter().map(|(name, value)| (name.as_str(), value.len())).chain([own]);
    let size = all.map(|(name, value)| METADATA_HEADER.len() + name.len() + value).sum();
    if size > MOST_METADATA {
        return Err(SpecError::MetadataSize { size });
    }
    Ok(())
}

/// Says why a text does not travel in an HTTP header unchanged.
fn broken_value(value: &str) -> Option<&'static str> {
    if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        Some("only printable ASCII is allowed; encode anything else")
    } else if value.trim() == value {
        None
    } else {
        Some("it begins or ends with a space, which HTTP removes")
    }
}
