//! From a configuration to what is planned, and from a plan to what is uploaded.

use std::path::Path;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;
use tokio_util::sync::CancellationToken;

use super::Object;
use super::Private;
use crate::plugin::diagnostics::Report;
use crate::provider::configuration::Known;
use crate::provider::value::known;
use crate::provider::value::known_texts;
use crate::s3::checksum::Fingerprint;
use crate::s3::content_type;
use crate::s3::download::DownloadError;
use crate::s3::download::Downloaded;
use crate::s3::download::Remote;
use crate::s3::file::SourceError;
use crate::s3::object::Headers;
use crate::s3::object::ObjectSpec;
use crate::s3::object::Source;

/// Is a source with what it is known by.
struct Hashed {
    source: Source,
    fingerprint: Fingerprint,
}

impl Object {
    /// Returns the configuration with everything planned that can be told now:
    /// the hashes of the content, and the content type.
    ///
    /// Etag and version are left as they are in the configuration, null.
    pub(super) async fn planned(
        mut self,
        found: &mut Diagnostics,
        private: &Private,
        stop: &CancellationToken,
    ) -> Option<Self> {
        let fingerprint = if self.source_url.is_null() {
            match self.local_source(found)? {
                Known::AfterApply => None,
                Known::Now(source) => Some(self.hashed(found, source, stop).await?.fingerprint),
            }
        } else {
            private.fetched.clone().filter(|fetched| self.is_hashed_as(fetched))
        };
        (self.size, self.crc64nvme) = match &fingerprint {
            Some(fingerprint) => (
                Value::Value(i64::try_from(fingerprint.size).unwrap_or(i64::MAX)),
                Value::Value(fingerprint.crc64nvme.clone()),
            ),
            None => (Value::Unknown, Value::Unknown),
        };
        // What is configured must be planned as it is written.
        if self.sha256.is_null() {
            let sha256 = fingerprint.map(|fingerprint| fingerprint.sha256);
            self.sha256 = sha256.map_or(Value::Unknown, Value::Value);
        }
        if self.content_type.is_null() {
            self.content_type = match &self.key {
                Value::Value(key) => Value::Value(content_type::guess(key)),
                _ => Value::Unknown,
            };
        }
        Some(self)
    }

    /// Returns what is to be uploaded. The fingerprint is the planned one, so that a
    /// source that changed since is refused; if it was not known at plan, the source
    /// is hashed now.
    ///
    /// Content of which only the SHA-256 is known has to be downloaded to compare it.
    pub(super) async fn spec(
        &self,
        found: &mut Diagnostics,
        stop: &CancellationToken,
    ) -> Option<ObjectSpec> {
        let source = self.content_source(found)?;
        let (Known::Now(source), Value::Value(bucket), Value::Value(key)) =
            (source, &self.bucket, &self.key)
        else {
            found.report_error(
                AttributePath::root(),
                "The object is not wholly known.",
                "Bucket, key and content must be known when the object is uploaded.",
            );
            return None;
        };
        let Hashed { source, fingerprint } = match self.planned_fingerprint() {
            Some(fingerprint) => Hashed { source, fingerprint },
            None => self.hashed(found, source, stop).await?,
        };
        Some(ObjectSpec {
            bucket: bucket.clone(),
            key: key.clone(),
            source,
            fingerprint,
            headers: self.headers(),
            metadata: known_texts(&self.metadata).unwrap_or_default(),
            storage_class: known(&self.storage_class),
            tags: known_texts(&self.tags),
        })
    }

    /// Returns the headers, as far as they are known.
    pub(super) fn headers(&self) -> Headers {
        Headers {
            content_type: known(&self.content_type),
            cache_control: known(&self.cache_control),
            content_disposition: known(&self.content_disposition),
            content_encoding: known(&self.content_encoding),
            content_language: known(&self.content_language),
        }
    }

    fn planned_fingerprint(&self) -> Option<Fingerprint> {
        let (Value::Value(size), Value::Value(crc64nvme), Value::Value(sha256)) =
            (&self.size, &self.crc64nvme, &self.sha256)
        else {
            return None;
        };
        Some(Fingerprint {
            size: u64::try_from(*size).unwrap_or(0),
            crc64nvme: crc64nvme.clone(),
            sha256: sha256.to_ascii_lowercase(),
        })
    }

    fn is_hashed_as(&self, fetched: &Fingerprint) -> bool {
        let Value::Value(sha256) = &self.sha256 else { return false };
        sha256.eq_ignore_ascii_case(&fetched.sha256)
    }

    /// Returns a source with its fingerprint, for which it is read, or downloaded.
    async fn hashed(
        &self,
        found: &mut Diagnostics,
        source: Source,
        stop: &CancellationToken,
    ) -> Option<Hashed> {
        match source {
            Source::Bytes(content) => {
                let fingerprint = Fingerprint::of_bytes(&content);
                Some(Hashed { source: Source::Bytes(content), fingerprint })
            }
            Source::File(path) => {
                let hashed = Fingerprint::of_file(&path, stop).await;
                let fingerprint = unless_unreadable(found, &path, hashed)?;
                Some(Hashed { source: Source::File(path), fingerprint })
            }
            Source::Open(file) => {
                let hashed = Fingerprint::of_open(&file, stop).await;
                let fingerprint = unless_unreadable(found, file.name(), hashed)?;
                Some(Hashed { source: Source::Open(file), fingerprint })
            }
            Source::Remote(remote) => {
                let downloaded = self.download(found, &remote, stop).await?;
                let fingerprint = downloaded.fingerprint().clone();
                let source = Source::Open(downloaded.file().clone());
                Some(Hashed { source, fingerprint })
            }
        }
    }

    async fn download(
        &self,
        found: &mut Diagnostics,
        remote: &Remote,
        stop: &CancellationToken,
    ) -> Option<Downloaded> {
        let error = match remote.fetch(stop).await {
            Ok(downloaded) => return Some(downloaded),
            Err(error) => error,
        };
        let hint = match &error {
            DownloadError::WrongContent { .. } => {
                "\nHint: if that is the content that is wanted now, set `sha256` to its hash."
            }
            DownloadError::Disk { .. } => {
                "\nHint: the content is kept there while it is checked and uploaded; `TMPDIR` names \
                 another folder."
            }
            _ => "",
        };
        found.report_error(
            AttributePath::new("source_url"),
            format!("Content of object {} cannot be downloaded.", self.display()),
            format!("{error} Nothing was uploaded.{hint}"),
        );
        None
    }

    /// Returns where the content comes from.
    fn content_source(&self, found: &mut Diagnostics) -> Option<Known<Source>> {
        let (url, sha256) = match (&self.source_url, &self.sha256) {
            (Value::Null, _) => return self.local_source(found),
            (Value::Value(url), Value::Value(sha256)) => (url, sha256),
            _ => return Some(Known::AfterApply),
        };
        match Remote::new(url, sha256) {
            Ok(remote) => Some(Known::Now(Source::Remote(remote))),
            Err(error) => {
                found.report_error(
                    AttributePath::new("source_url"),
                    "Source URL or its SHA-256 is not valid.",
                    error.to_string(),
                );
                None
            }
        }
    }

    /// Returns the content that is no further away than the disk.
    fn local_source(&self, found: &mut Diagnostics) -> Option<Known<Source>> {
        let source = match (&self.source, &self.content, &self.content_base64) {
            (Value::Value(path), _, _) => Source::File(PathBuf::from(path)),
            (_, Value::Value(content), _) => Source::Bytes(Bytes::from(content.clone())),
            (_, _, Value::Value(content)) => match STANDARD.decode(content.trim()) {
                Ok(content) => Source::Bytes(content.into()),
                Err(error) => {
                    found.report_error(
                        AttributePath::new("content_base64"),
                        "Content is not valid base64.",
                        format!(
                            "{error}.\nHint: `base64encode(...)` and `filebase64(...)` make it."
                        ),
                    );
                    return None;
                }
            },
            _ => return Some(Known::AfterApply),
        };
        Some(Known::Now(source))
    }
}

/// Returns what was made of a file, or says why it cannot be read.
fn unless_unreadable<T>(
    found: &mut Diagnostics,
    path: &Path,
    hashed: Result<T, SourceError>,
) -> Option<T> {
    let error = match hashed {
        Ok(hashed) => return Some(hashed),
        Err(error) => error,
    };
    let hint = match &error {
        SourceError::Unreadable { .. } => {
            "\nHint: a relative path is looked up from where Terraform runs; \
             `${path.module}/...` begins at the module."
        }
        SourceError::Changed { .. } | SourceError::Shorter { .. } => {
            "\nHint: upload a copy of what is still being written."
        }
        SourceError::Cancelled { .. } => "",
    };
    found.report_error(
        AttributePath::new("source"),
        format!("Source file `{}` cannot be read.", path.display()),
        format!("{error}{hint}"),
    );
    None
}
