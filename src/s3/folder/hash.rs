//! What the files of a folder are known by, and when that need not be computed again.

use std::io;
use std::io::Read;
use std::path::Path;
use std::time::SystemTime;

use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use super::Finding;
use super::FolderError;
use super::stamp::Stamp;
use super::walk::FolderFile;
use crate::s3::checksum::Hasher;
use crate::s3::file::open_regular;

/// How much of a file is read at a time.
const BUFFER: usize = 256 * 1024;

/// Is a file with its checksum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashedFile {
    /// The file.
    pub file: FolderFile,
    /// The CRC64NVME of its content in base64.
    pub crc64nvme: String,
    /// The mark by which the checksum may be used again without reading the file; absent if the
    /// file was changed so shortly before that another change might not show.
    pub mark: Option<u64>,
}

/// Hashes files, a few at a time, and returns them in no particular order. What `known` returns
/// for a file (its checksum, if the mark is the one that it was computed for) is not computed again.
///
/// A file that changes while it is read is an error, as is one that cannot be read.
pub async fn hash_files(
    files: Vec<FolderFile>,
    known: impl Fn(&FolderFile) -> Option<String>,
    cancel: &CancellationToken,
) -> Result<Vec<HashedFile>, FolderError> {
    let mut hashed = Vec::with_capacity(files.len());
    let mut unknown = Vec::new();
    for file in files {
        match known(&file) {
            Some(crc64nvme) => {
                let mark = Some(file.stamp.mark());
                hashed.push(HashedFile { file, crc64nvme, mark });
            }
            None => unknown.push(file),
        }
    }
    let at_once = std::thread::available_parallelism().map_or(2, usize::from);
    let mut results = futures::stream::iter(unknown)
        .map(|file| {
            let cancel = cancel.clone();
            tokio::task::spawn_blocking(move || hash(file, &cancel))
        })
        .buffer_unordered(at_once);
    let mut found = Vec::new();
    while let Some(result) = results.next().await {
        match result {
            Ok(Ok(file)) => hashed.push(file),
            Ok(Err(finding)) => found.push(finding),
            // Only a runtime that shuts down drops blocking work.
            Err(_) => return Err(FolderError::Cancelled),
        }
        if cancel.is_cancelled() {
            return Err(FolderError::Cancelled);
        }
    }
    if found.is_empty() { Ok(hashed) } else { Err(FolderError::Findings(found)) }
}

fn hash(file: FolderFile, cancel: &CancellationToken) -> Result<HashedFile, Finding> {
    let now = SystemTime::now();
    match checksum(&file.path, file.stamp, cancel) {
        Ok(Some(crc64nvme)) => {
            let mark = file.stamp.is_settled(now).then(|| file.stamp.mark());
            Ok(HashedFile { file, crc64nvme, mark })
        }
        Ok(None) => {
            let reason = "it was changed while it was read".to_owned();
            Err(Finding { path: file.path, reason })
        }
        Err(error) => {
            let reason = format!("it cannot be read: {error}");
            Err(Finding { path: file.path, reason })
        }
    }
}

/// Returns the checksum of a file, or nothing if it is not the one that was looked at, from the
/// first byte to the last.
fn checksum(path: &Path, stamp: Stamp, cancel: &CancellationToken) -> io::Result<Option<String>> {
    let mut file = open_regular(path)?;
    if Stamp::of(&file.metadata()?) != stamp {
        return Ok(None);
    }
    let mut hasher = Hasher::new(false);
    let mut buffer = vec![0; BUFFER];
    loop {
        if cancel.is_cancelled() {
            return Err(io::Error::other("the operation was cancelled"));
        }
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => hasher.update(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if Stamp::of(&file.metadata()?) != stamp {
        return Ok(None);
    }
    Ok(Some(hasher.finish().crc64nvme))
}
