//! A local file on its way into a bucket.
//!
//! It is opened once and read by position, so that everything that is hashed and sent comes from
//! the same file, whatever happens to its name meanwhile, and a file without a name can be sent
//! too: that is what downloads are kept in.

use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::SystemTime;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::primitives::SdkBody;
use bytes::Bytes;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::SizeHint;
use tokio::task::JoinHandle;

/// How much is read at a time. From 64 KiB on, more makes no difference.
const CHUNK: usize = 256 * 1024;

/// Says why a source file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file is missing, is a folder, may not be read, or its disk fails.
    #[error("The file `{}` cannot be read: {error}.", path.display())]
    Unreadable {
        /// The file as it was named.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        error: io::Error,
    },
    /// The file is shorter than it was when it was looked at.
    #[error("The file `{}` ended before byte {expected}: it was changed while it was read.", path.display())]
    Shorter {
        /// The file as it was named.
        path: PathBuf,
        /// Where it should have ended, in bytes from its start.
        expected: u64,
    },
    /// Somebody wrote to the file while it was read.
    #[error("The file `{}` was changed while it was read.", path.display())]
    Changed {
        /// The file as it was named.
        path: PathBuf,
    },
    /// The operation was cancelled.
    #[error("Reading the file `{}` was cancelled.", path.display())]
    Cancelled {
        /// The file as it was named.
        path: PathBuf,
    },
}

/// Is a regular file that is open for reading. Clones are the same open file.
#[derive(Debug, Clone)]
pub struct LocalFile {
    file: Arc<File>,
    name: PathBuf,
}

/// Two are equal if they are the same open file.
impl PartialEq for LocalFile {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
    }
}

impl Eq for LocalFile {}

/// Is what a file looks like from outside: its size, and when it was written to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Look {
    size: u64,
    modified: Option<SystemTime>,
}

/// Opens a regular file.
///
/// Everything else is refused before: opening a folder succeeds and reading it fails with a number,
/// a device never ends, and opening a pipe waits for somebody who writes to it.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    if !kind.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    File::open(path)
}

impl LocalFile {
    /// Opens a file. A folder or a device is an error.
    pub async fn open(path: &Path) -> Result<Self, SourceError> {
        let path = path.to_owned();
        blocking(path.clone(), move || Self::open_now(&path)).await
    }

    fn open_now(path: &Path) -> Result<Self, SourceError> {
        let opened = open_regular(path);
        let file =
            opened.map_err(|error| SourceError::Unreadable { path: path.to_owned(), error })?;
        Ok(Self::of(file, path))
    }

    /// Takes a file that is open already; `name` is what messages call it.
    pub(crate) fn of(file: File, name: &Path) -> Self {
        Self { file: Arc::new(file), name: name.to_owned() }
    }

    /// Returns what messages call the file.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// Returns its size in bytes, as it is now.
    pub(crate) async fn size(&self) -> Result<u64, SourceError> {
        let file = self.clone();
        blocking(self.name.clone(), move || file.look_now().map(|look| look.size)).await
    }

    /// Looks at the file from outside.
    pub(crate) fn look_now(&self) -> Result<Look, SourceError> {
        let metadata = self.file.metadata().map_err(|error| self.unreadable(error))?;
        // A file system without times leaves the size to compare.
        Ok(Look { size: metadata.len(), modified: metadata.modified().ok() })
    }

    /// Reads into a buffer from a position on; 0 at the end of the file.
    pub(crate) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize, SourceError> {
        loop {
            match read_at(&self.file, buffer, offset) {
                Ok(length) => return Ok(length),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(error)),
            }
        }
    }

    fn unreadable(&self, error: io::Error) -> SourceError {
        SourceError::Unreadable { path: self.name.clone(), error }
    }

    /// Returns a part of the file as a request's body, which the SDK can send again. A file that
    /// ends before is an error of the body.
    pub(crate) fn body(&self, offset: u64, length: u64) -> ByteStream {
        let file = self.clone();
        ByteStream::new(SdkBody::retryable(move || {
            SdkBody::from_body_1_x(FileBody {
                file: file.clone(),
                offset,
                left: length,
                reading: None,
            })
        }))
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Runs file work where it does not hold up other tasks.
pub(crate) async fn blocking<T: Send + 'static>(
    path: PathBuf,
    work: impl FnOnce() -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        // Only a runtime that shuts down drops blocking work.
        Err(error) => Err(SourceError::Unreadable { path, error: io::Error::other(error) }),
    }
}

/// Is a part of a file on its way into a connection, one chunk read ahead.
struct FileBody {
    file: LocalFile,
    /// Where the next chunk begins.
    offset: u64,
    /// How much is still to be handed out.
    left: u64,
    reading: Option<JoinHandle<Result<Bytes, SourceError>>>,
}

impl FileBody {
    /// Begins to read the next chunk.
    fn read(&self) -> JoinHandle<Result<Bytes, SourceError>> {
        let (file, offset, left) = (self.file.clone(), self.offset, self.left);
        tokio::task::spawn_blocking(move || {
            let mut chunk = vec![0; usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)];
            let length = file.read_at(&mut chunk, offset)?;
            if length == 0 {
                let expected = offset.saturating_add(left);
                return Err(SourceError::Shorter { path: file.name, expected });
            }
            chunk.truncate(length);
            Ok(chunk.into())
        })
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = SourceError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SourceError>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut reading = self.reading.take().unwrap_or_else(|| self.read());
        let Poll::Ready(read) = Pin::new(&mut reading).poll(context) else {
            self.reading = Some(reading);
            return Poll::Pending;
        };
        let chunk = read.map_err(|error| self.file.unreadable(io::Error::other(error)))??;
        let length = chunk.len() as u64;
        self.offset += length;
        self.left = self.left.saturating_sub(length);
        if self.left > 0 {
            self.reading = Some(self.read());
        }
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
