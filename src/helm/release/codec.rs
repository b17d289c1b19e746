//! A release record as bytes: JSON, gzip, base64.
//!
//! The API adds its own base64 to a Secret's data; that one is not done here.

use std::io::Read as _;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use thiserror::Error;

use super::Release;

/// The most bytes that a Secret may hold in all its data.
pub const MAXIMUM_ENCODED_SIZE: usize = 1024 * 1024;

/// The most bytes of JSON that are taken out of a record. A record of 1 MiB that
/// holds more is no release of anybody's, but would fill the memory.
const MAXIMUM_DECODED_SIZE: u64 = 256 * 1024 * 1024;

const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 0x08];

/// Says why a record cannot be written or read. No text holds anything of the record.
#[derive(Debug, Error)]
pub enum CodecError {
    /// The record does not fit into a Secret.
    #[error(
        "the release record of `{release}` has {size} bytes when compressed, a Secret holds at \
         most {MAXIMUM_ENCODED_SIZE}; make the chart or the values smaller (large files belong \
         into the bucket, not into the chart)"
    )]
    TooLarge {
        /// The release's name.
        release: String,
        /// The compressed size.
        size: usize,
    },
    /// The record cannot be written as JSON.
    #[error("the release record of `{release}` cannot be written as JSON")]
    Serialize {
        /// The release's name.
        release: String,
        /// The cause.
        source: serde_json::Error,
    },
    /// Compression failed.
    #[error("the release record cannot be compressed or decompressed")]
    Compression(#[source] std::io::Error),
    /// The data is not base64.
    #[error("the release record is not base64")]
    Base64(#[source] base64::DecodeError),
    /// The record holds more than anybody's release.
    #[error("the release record holds more than {MAXIMUM_DECODED_SIZE} bytes")]
    Bomb,
    /// The JSON is not a release. Only the place is told: the text may hold secrets.
    #[error(
        "the release record is not the JSON of a Helm release (line {line}, column {column} is \
         not as expected)"
    )]
    Json {
        /// The line in the JSON.
        line: usize,
        /// The column in the JSON.
        column: usize,
    },
}

/// Returns the value of `data.release` for a record.
pub fn encode(release: &Release) -> Result<Vec<u8>, CodecError> {
    let json = serde_json::to_vec(release)
        .map_err(|source| CodecError::Serialize { release: release.name.clone(), source })?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&json).map_err(CodecError::Compression)?;
    let compressed = encoder.finish().map_err(CodecError::Compression)?;
    let text = STANDARD.encode(compressed).into_bytes();
    if text.len() > MAXIMUM_ENCODED_SIZE {
        return Err(CodecError::TooLarge { release: release.name.clone(), size: text.len() });
    }
    Ok(text)
}

/// Reads a record from the value of `data.release`. Records that are not compressed
/// are accepted, as Helm does.
pub fn decode(data: &[u8]) -> Result<Release, CodecError> {
    let bytes = STANDARD.decode(data).map_err(CodecError::Base64)?;
    let json = if bytes.starts_with(&GZIP_MAGIC) { decompress(&bytes)? } else { bytes };
    serde_json::from_slice(&json)
        .map_err(|error| CodecError::Json { line: error.line(), column: error.column() })
}

fn decompress(bytes: &[u8]) -> Result<Vec<u8>, CodecError> {
    let mut json = Vec::new();
    let mut reader = GzDecoder::new(bytes).take(MAXIMUM_DECODED_SIZE + 1);
    reader.read_to_end(&mut json).map_err(CodecError::Compression)?;
    if json.len() as u64 > MAXIMUM_DECODED_SIZE {
        return Err(CodecError::Bomb);
    }
    Ok(json)
}
