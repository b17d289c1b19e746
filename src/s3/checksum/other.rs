//! Checksums that other tools leave with an object, where there is no CRC64NVME.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use tokio_util::sync::CancellationToken;

use super::Fingerprint;
use super::read;
use crate::s3::file::LocalFile;
use crate::s3::file::SourceError;
use crate::s3::file::blocking;

/// Is a checksum of a whole content other than CRC64NVME, in base64 as S3 writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OtherChecksum {
    /// SHA-256.
    Sha256(String),
    /// SHA-1.
    Sha1(String),
    /// CRC-32C.
    Crc32c(String),
    /// CRC-32.
    Crc32(String),
}

impl OtherChecksum {
    /// Says whether a content of that fingerprint has this checksum; `None` if the fingerprint
    /// alone does not tell.
    pub(crate) fn fits(&self, fingerprint: &Fingerprint) -> Option<bool> {
        let Self::Sha256(value) = self else { return None };
        let decoded = STANDARD.decode(value).unwrap_or_default();
        Some(super::hexadecimal(&decoded) == fingerprint.sha256)
    }

    /// Says whether bytes in memory have this checksum.
    pub(crate) fn is_of_bytes(&self, content: &[u8]) -> bool {
        let mut hasher = self.hasher();
        hasher.update(content);
        self.equals(hasher)
    }

    /// Says whether a file has this checksum, for which it is read once.
    pub(crate) async fn is_of_file(
        &self,
        file: &LocalFile,
        cancel: &CancellationToken,
    ) -> Result<bool, SourceError> {
        let (this, file, cancel) = (self.clone(), file.clone(), cancel.clone());
        blocking(file.name().to_owned(), move || {
            let mut hasher = this.hasher();
            read(&file, 0, u64::MAX, &cancel, |chunk| hasher.update(chunk))?;
            Ok(this.equals(hasher))
        })
        .await
    }

    fn hasher(&self) -> Hasher {
        match self {
            Self::Sha256(_) => Hasher::Digest(digest::Context::new(&digest::SHA256)),
            Self::Sha1(_) => {
                Hasher::Digest(digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY))
            }
            Self::Crc32c(_) => {
                Hasher::Crc(Box::new(crc_fast::Digest::new(CrcAlgorithm::Crc32Iscsi)))
            }
            Self::Crc32(_) => {
                Hasher::Crc(Box::new(crc_fast::Digest::new(CrcAlgorithm::Crc32IsoHdlc)))
            }
        }
    }

    fn equals(&self, hasher: Hasher) -> bool {
        let (Self::Sha256(value) | Self::Sha1(value) | Self::Crc32c(value) | Self::Crc32(value)) =
            self;
        *value == hasher.finish()
    }
}

/// Computes one of them.
enum Hasher {
    Crc(Box<crc_fast::Digest>),
    Digest(digest::Context),
}

impl Hasher {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(crc) => crc.update(bytes),
            Self::Digest(digest) => digest.update(bytes),
        }
    }

    fn finish(self) -> String {
        match self {
            // The digest holds 64 bits; these two algorithms fill the lower half.
            Self::Crc(crc) => {
                STANDARD.encode(u32::try_from(crc.finalize()).unwrap_or_default().to_be_bytes())
            }
            Self::Digest(digest) => STANDARD.encode(digest.finish()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use super::*;

    /// The check values of the algorithms for the nine ASCII digits.
    #[tokio::test]
    async fn the_algorithms_are_the_published_ones() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"123456789").unwrap();
        let file = LocalFile::open(file.path()).await.unwrap();
        let sha1 = "98O8HYCOBHMq32eZZczDTKeuNEE=";
        let sha256 = "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=";
        let crc32 = STANDARD.encode(0xcbf4_3926_u32.to_be_bytes());
        let crc32c = STANDARD.encode(0xe306_9283_u32.to_be_bytes());
        for (right, wrong) in [
            (OtherChecksum::Sha1(sha1.to_owned()), OtherChecksum::Sha1(String::new())),
            (OtherChecksum::Sha256(sha256.to_owned()), OtherChecksum::Sha256(crc32.clone())),
            (OtherChecksum::Crc32(crc32.clone()), OtherChecksum::Crc32(crc32c.clone())),
            (OtherChecksum::Crc32c(crc32c), OtherChecksum::Crc32c(crc32)),
        ] {
            assert!(right.is_of_bytes(b"123456789"), "{right:?}");
            assert!(!wrong.is_of_bytes(b"123456789"), "{wrong:?}");
            let cancel = CancellationToken::new();
            assert!(right.is_of_file(&file, &cancel).await.unwrap(), "{right:?}");
            assert!(!wrong.is_of_file(&file, &cancel).await.unwrap(), "{wrong:?}");
        }
        let fingerprint = Fingerprint::of_bytes(b"123456789");
        assert_eq!(OtherChecksum::Sha256(sha256.to_owned()).fits(&fingerprint), Some(true));
        assert_eq!(OtherChecksum::Sha256(sha1.to_owned()).fits(&fingerprint), Some(false));
        assert_eq!(OtherChecksum::Sha1(sha1.to_owned()).fits(&fingerprint), None);
    }
}
