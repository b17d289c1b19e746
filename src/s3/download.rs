//! Fetching content from a URL into a temporary file, in constant memory.
//!
//! A file, not a stream straight into the bucket: what is not the wanted content must never be
//! seen there, and an upload that has to be sent again must not ask the other server again.
//!
//! A URL may hold a token, so texts only ever show it without its query, fragment and user.

use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Client;
use reqwest::Response;
use reqwest::Url;
use reqwest::redirect::Policy;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::io::BufWriter;
use tokio_util::sync::CancellationToken;

use crate::s3::checksum;
use crate::s3::checksum::Fingerprint;
use crate::s3::checksum::Hasher;
use crate::s3::file::LocalFile;

/// How long making a connection may take, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the server may be silent. How long the whole download takes is the user's business.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// How many redirects are followed, as many as browsers and curl do at least.
const MOST_REDIRECTS: usize = 10;

/// How much is written to the disk at a time.
const WRITE_BUFFER: usize = 256 * 1024;

/// Is content that is elsewhere: where, and what it must be. Its `Debug` form holds no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    url: Url,
    sha256: String,
}

/// Is content that was fetched and is what it must be. Its file has no name, so that nothing is
/// left of it however the process ends.
#[derive(Debug)]
pub struct Downloaded {
    file: LocalFile,
    fingerprint: Fingerprint,
}

/// Says why a text is no address to fetch from.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The text is no URL.
    #[error("It is not a URL: {0}.")]
    Url(String),
    /// The URL's scheme is one that cannot be fetched.
    #[error("Its scheme is `{0}`; only `http` and `https` can be fetched.")]
    Scheme(String),
    /// The hash is none.
    #[error("A SHA-256 has 64 hexadecimal digits.")]
    Sha256,
}

/// Says why content could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// There is no answer.
    #[error("The server of `{url}` cannot be reached: {reason}.")]
    Unreachable {
        /// The URL as it may be shown.
        url: String,
        /// What the connection failed of, as a clause.
        reason: String,
    },
    /// The answer is another than the content.
    #[error("The server of `{url}` answered {status}{redirected}.")]
    Status {
        /// The URL as it may be shown.
        url: String,
        /// The number and its meaning.
        status: reqwest::StatusCode,
        /// Where redirects led, as the end of the sentence; empty without.
        redirected: String,
    },
    /// One redirect leads to the next.
    #[error("The server of `{url}` redirects more than {MOST_REDIRECTS} times.")]
    Redirects {
        /// The URL as it may be shown.
        url: String,
    },
    /// The answer ended too early, or stopped.
    #[error("The download of `{url}` broke off after {received} bytes: {reason}.")]
    BrokenOff {
        /// The URL as it may be shown.
        url: String,
        /// How many bytes arrived.
        received: u64,
        /// What the connection failed of, as a clause.
        reason: String,
    },
    /// The content is not the wanted one.
    #[error("The content of `{url}` has {} bytes with the SHA-256 {}, not {expected}.", found.size, found.sha256)]
    WrongContent {
        /// The URL as it may be shown.
        url: String,
        /// The SHA-256 that was wanted.
        expected: String,
        /// What was found.
        found: Fingerprint,
    },
    /// The temporary file cannot be written.
    #[error("A temporary file in `{}` cannot be written: {error}.", folder.display())]
    Disk {
        /// The folder for temporary files.
        folder: PathBuf,
        /// What the operating system said.
        #[source]
        error: io::Error,
    },
    /// The operation was cancelled.
    #[error("The download of `{url}` was cancelled.")]
    Cancelled {
        /// The URL as it may be shown.
        url: String,
    },
}

impl Remote {
    /// Makes it of a URL and a SHA-256 in hexadecimal, of either case.
    pub fn new(url: &str, sha256: &str) -> Result<Self, RemoteError> {
        if !checksum::is_sha256(sha256) {
            return Err(RemoteError::Sha256);
        }
        Ok(Self { url: parse(url)?, sha256: sha256.to_ascii_lowercase() })
    }

    /// Checks a URL alone.
    pub fn validate_url(url: &str) -> Result<(), RemoteError> {
        parse(url).map(drop)
    }

    /// Fetches the content and verifies its SHA-256, following up to ten redirects. Proxies are
    /// those of the environment.
    ///
    /// Making a connection is limited to 10 seconds and silence to one minute, the whole to
    /// nothing but `cancel`, which ends it at once.
    pub async fn fetch(&self, cancel: &CancellationToken) -> Result<Downloaded, DownloadError> {
        self.fetch_with(settings(), cancel).await
    }

    async fn fetch_with(
        &self,
        settings: reqwest::ClientBuilder,
        cancel: &CancellationToken,
    ) -> Result<Downloaded, DownloadError> {
        let client = settings.build().map_err(|error| self.unreachable(error))?;
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(DownloadError::Cancelled { url: self.to_string() }),
            result = self.receive(&client) => result,
        }
    }

    async fn receive(&self, client: &Client) -> Result<Downloaded, DownloadError> {
        let request = client.get(self.url.clone());
        let response = request.send().await.map_err(|error| self.unreachable(error))?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(self.refused(&response));
        }
        let (file, fingerprint) = self.save(response).await?;
        if fingerprint.sha256 == self.sha256 {
            Ok(Downloaded { file, fingerprint })
        } else {
            Err(DownloadError::WrongContent {
                url: self.to_string(),
                expected: self.sha256.clone(),
                found: fingerprint,
            })
        }
    }

    async fn save(
        &self,
        mut response: Response,
    ) -> Result<(LocalFile, Fingerprint), DownloadError> {
        let disk = |error| DownloadError::Disk { folder: std::env::temp_dir(), error };
        let file = tempfile::tempfile().map_err(disk)?;
        let mut file = BufWriter::with_capacity(WRITE_BUFFER, File::from_std(file));
        let mut hasher = Hasher::new(true);
        loop {
            let chunk = response.chunk().await.map_err(|error| DownloadError::BrokenOff {
                url: self.to_string(),
                received: hasher.size(),
                reason: reason(error),
            })?;
            let Some(chunk) = chunk else { break };
            hasher.update(&chunk);
            file.write_all(&chunk).await.map_err(disk)?;
        }
        file.flush().await.map_err(disk)?;
        let file = file.into_inner().into_std().await;
        Ok((LocalFile::of(file, Path::new("the downloaded content")), hasher.finish()))
    }

    fn unreachable(&self, error: reqwest::Error) -> DownloadError {
        let url = self.to_string();
        if error.is_redirect() {
            return DownloadError::Redirects { url };
        }
        DownloadError::Unreachable { url, reason: reason(error) }
    }

    fn refused(&self, response: &Response) -> DownloadError {
        let (url, last) = (self.to_string(), shown(response.url()));
        let redirected =
            if last == url { String::new() } else { format!(" after a redirect to `{last}`") };
        DownloadError::Status { url, status: response.status(), redirected }
    }
}

/// Shows the URL without what may be secret in it.
impl fmt::Display for Remote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&shown(&self.url))
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = formatter.debug_struct("Remote");
        shape.field("url", &shown(&self.url)).field("sha256", &self.sha256).finish()
    }
}

impl Downloaded {
    /// Returns the file with the content.
    pub fn file(&self) -> &LocalFile {
        &self.file
    }

    /// Returns what the content is known by.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }
}

fn parse(text: &str) -> Result<Url, RemoteError> {
    let url = Url::parse(text).map_err(|error| RemoteError::Url(error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(RemoteError::Scheme(other.to_owned())),
    }
}

fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Refused only for URLs that can have no user at all.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

fn settings() -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("S3WWW_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(IDLE_TIMEOUT)
        .redirect(Policy::limited(MOST_REDIRECTS))
        // It would tell the next server the query of this URL.
        .referer(false)
}

/// Returns the innermost cause, as a clause: the ones above only repeat that something failed, and
/// name the URL.
fn reason(error: reqwest::Error) -> String {
    if error.is_timeout() {
        let limit = if error.is_connect() { CONNECT_TIMEOUT } else { IDLE_TIMEOUT };
        return format!("there was no answer for {} seconds", limit.as_secs());
    }
    let error = error.without_url();
    let mut cause: &(dyn std::error::Error + 'static) = &error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string().trim_end_matches('.').to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
