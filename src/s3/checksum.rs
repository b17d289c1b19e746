//! What an object's content is known by: its size, CRC64NVME and SHA-256, computed in one pass.
//!
//! CRC64NVME is what is compared: S3 servers verify it on upload, store it, and return it for the
//! whole object at every size and part size
//! ([full object checksums](https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html)).
//! SHA-256 is for people: for objects uploaded in parts a server only has a hash of hashes.

mod other;

use std::path::Path;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use serde::Deserialize;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

pub use crate::s3::checksum::other::OtherChecksum;
use crate::s3::file::LocalFile;
pub use crate::s3::file::SourceError;
use crate::s3::file::blocking;

/// How much is read at a time. From 64 KiB on, more makes no difference.
const BUFFER: usize = 256 * 1024;

/// Is what a content is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The length in bytes.
    pub size: u64,
    /// The CRC64NVME in base64 of its eight big-endian bytes, as S3 writes it.
    pub crc64nvme: String,
    /// The SHA-256 in lower-case hexadecimal, as `sha256sum` writes it.
    pub sha256: String,
}

impl Fingerprint {
    /// Returns the fingerprint of bytes in memory.
    pub fn of_bytes(content: &[u8]) -> Self {
        let mut hasher = Hasher::new(true);
        hasher.update(content);
        hasher.finish()
    }

    /// Returns the fingerprint of a file, read once from start to end on a thread of its own, with
    /// a buffer of constant size.
    ///
    /// It ends early, with an error, when `cancel` is cancelled. A folder is an error, and so is a
    /// file that somebody writes to meanwhile: what was read never was its content.
    pub async fn of_file(path: &Path, cancel: &CancellationToken) -> Result<Self, SourceError> {
        Self::of_open(&LocalFile::open(path).await?, cancel).await
    }

    /// Does the same with a file that is open.
    pub async fn of_open(
        file: &LocalFile,
        cancel: &CancellationToken,
    ) -> Result<Self, SourceError> {
        let (file, cancel) = (file.clone(), cancel.clone());
        blocking(file.name().to_owned(), move || {
            let mut hasher = Hasher::new(true);
            let before = file.look_now()?;
            read(&file, 0, u64::MAX, &cancel, |chunk| hasher.update(chunk))?;
            if file.look_now()? != before {
                return Err(SourceError::Changed { path: file.name().to_owned() });
            }
            Ok(hasher.finish())
        })
        .await
    }
}

/// Are the hashes of one part of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartHashes {
    /// As [`Fingerprint::crc64nvme`].
    pub(crate) crc64nvme: String,
    /// As [`Fingerprint::sha256`], if it was asked for.
    pub(crate) sha256: Option<String>,
}

impl PartHashes {
    /// Returns the hashes of bytes in memory.
    pub(crate) fn of_bytes(content: &[u8], with_sha256: bool) -> Self {
        let mut hasher = Hasher::new(with_sha256);
        hasher.update(content);
        hasher.finish_part()
    }

    /// Returns the hashes of `length` bytes of a file from `offset` on. A file that ends before is
    /// an error.
    pub(crate) async fn of_range(
        file: &LocalFile,
        offset: u64,
        length: u64,
        with_sha256: bool,
    ) -> Result<Self, SourceError> {
        let file = file.clone();
        blocking(file.name().to_owned(), move || {
            let mut hasher = Hasher::new(with_sha256);
            // A part is hashed in milliseconds.
            let cancel = CancellationToken::new();
            read(&file, offset, length, &cancel, |chunk| hasher.update(chunk))?;
            if hasher.size < length {
                let path = file.name().to_owned();
                return Err(SourceError::Shorter { path, expected: offset.saturating_add(length) });
            }
            Ok(hasher.finish_part())
        })
        .await
    }
}

/// Computes all hashes in one pass.
pub(crate) struct Hasher {
    crc: crc_fast::Digest,
    sha: Option<digest::Context>,
    size: u64,
}

impl Hasher {
    /// Starts without content.
    pub(crate) fn new(with_sha256: bool) -> Self {
        Self {
            crc: crc_fast::Digest::new(CrcAlgorithm::Crc64Nvme),
            sha: with_sha256.then(|| digest::Context::new(&digest::SHA256)),
            size: 0,
        }
    }

    /// Adds the next piece of the content.
    pub(crate) fn update(&mut self, chunk: &[u8]) {
        self.crc.update(chunk);
        if let Some(sha) = &mut self.sha {
            sha.update(chunk);
        }
        self.size += chunk.len() as u64;
    }

    fn finish_part(self) -> PartHashes {
        let sha256 = self.sha.map(|sha| hexadecimal(sha.finish().as_ref()));
        PartHashes { crc64nvme: encode_crc(self.crc.finalize()), sha256 }
    }

    /// Returns how many bytes were added.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Returns the fingerprint; its SHA-256 is empty unless it was asked for.
    pub(crate) fn finish(self) -> Fingerprint {
        let size = self.size;
        let PartHashes { crc64nvme, sha256 } = self.finish_part();
        Fingerprint { size, crc64nvme, sha256: sha256.unwrap_or_default() }
    }
}

/// Says whether a text is a SHA-256 in hexadecimal, of either case.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns bytes in lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn encode_crc(crc: u64) -> String {
    STANDARD.encode(crc.to_be_bytes())
}

/// Reads up to `length` bytes from a position on, piece by piece.
fn read(
    file: &LocalFile,
    offset: u64,
    length: u64,
    cancel: &CancellationToken,
    mut consume: impl FnMut(&[u8]),
) -> Result<(), SourceError> {
    let mut buffer = vec![0; BUFFER];
    let (mut at, mut left) = (offset, length);
    while left > 0 {
        if cancel.is_cancelled() {
            return Err(SourceError::Cancelled { path: file.name().to_owned() });
        }
        let wanted = usize::try_from(left).unwrap_or(BUFFER).min(BUFFER);
        let count = file.read_at(buffer.get_mut(..wanted).unwrap_or_default(), at)?;
        if count == 0 {
            break;
        }
        consume(buffer.get(..count).unwrap_or_default());
        at += count as u64;
        left = left.saturating_sub(count as u64);
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::io::Write;

    use super::*;

    /// The check values of the two algorithms for the nine ASCII digits that every CRC catalogue
    /// uses, and the SHA-256 of nothing.
    #[test]
    fn the_algorithms_are_the_published_ones() {
        let fingerprint = Fingerprint::of_bytes(b"123456789");
        assert_eq!(fingerprint.crc64nvme, STANDARD.encode(0xae8b_1486_0a79_9888_u64.to_be_bytes()));
        assert_eq!(
            fingerprint.sha256,
            "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"
        );
        assert_eq!(Fingerprint::of_bytes(b"").sha256.get(..8), Some("e3b0c442"));
        assert_eq!(Fingerprint::of_bytes(b"").crc64nvme, "AAAAAAAAAAA=");
    }

    #[tokio::test]
    async fn a_file_has_the_fingerprint_of_its_bytes() {
        let content: Vec<u8> = (0..700_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&content).unwrap();
        let cancel = CancellationToken::new();
        assert_eq!(
            Fingerprint::of_file(file.path(), &cancel).await.unwrap(),
            Fingerprint::of_bytes(&content)
        );
        let part = &content[1_000_001..1_600_001];
        let open = LocalFile::open(file.path()).await.unwrap();
        let hashes = PartHashes::of_range(&open, 1_000_001, 600_000, true).await.unwrap();
        assert_eq!(hashes, PartHashes::of_bytes(part, true));
        assert_eq!(hashes.sha256, Some(Fingerprint::of_bytes(part).sha256));
        let end = content.len() as u64;
        let error = PartHashes::of_range(&open, end - 1, 2, false).await.unwrap_err();
        assert!(matches!(error, SourceError::Shorter { expected, .. } if expected == end + 1));

        cancel.cancel();
        let error = Fingerprint::of_file(file.path(), &cancel).await.unwrap_err();
        assert!(matches!(error, SourceError::Cancelled { .. }));
    }

    /// A file that grows without end, such as a log, would never have the hash of its content.
    #[test]
    fn a_file_that_is_written_to_while_it_is_read_is_an_error() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&vec![b'x'; 64 * 1024 * 1024]).unwrap();
        let cancel = CancellationToken::new();
        let done = std::sync::atomic::AtomicBool::new(false);
        let error = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    file.as_file().write_all(b"y").unwrap();
                }
            });
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let hashed = runtime.block_on(Fingerprint::of_file(file.path(), &cancel));
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            hashed.unwrap_err()
        });
        assert!(matches!(error, SourceError::Changed { .. }), "{error}");
    }

    #[tokio::test]
    async fn what_is_no_file_says_so() {
        let cancel = CancellationToken::new();
        let folder = tempfile::tempdir().unwrap();
        let error = Fingerprint::of_file(folder.path(), &cancel).await.unwrap_err().to_string();
        assert!(error.contains("it is a folder"), "{error}");
        let missing = folder.path().join("missing.html");
        let error = Fingerprint::of_file(&missing, &cancel).await.unwrap_err().to_string();
        assert!(error.contains("missing.html") && error.contains("No such file"), "{error}");
    }
}
