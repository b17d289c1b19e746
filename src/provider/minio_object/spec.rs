//! From a configuration to what is planned, and from a plan to what is uploaded.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;
use tokio_util::sync::CancellationToken;

use super::Object;
use crate::plugin::diagnostics::Report;
use crate::provider::configuration::Known;
use crate::s3::checksum::Fingerprint;
use crate::s3::content_type;
use crate::s3::object::Headers;
use crate::s3::object::ObjectSpec;
use crate::s3::object::Source;

impl Object {
    /// Returns the configuration with everything planned that can be told now:
    /// the hashes of the content, and the content type.
    ///
    /// Etag and version are left as they are in the configuration, null.
    pub(super) async fn planned(
        mut self,
        found: &mut Diagnostics,
        stop: &CancellationToken,
    ) -> Option<Self> {
        match self.content_source(found)? {
            Known::AfterApply => {
                self.size = Value::Unknown;
                self.crc64nvme = Value::Unknown;
                self.sha256 = Value::Unknown;
            }
            Known::Now(source) => {
                let fingerprint = fingerprint(found, &source, stop).await?;
                self.size = Value::Value(i64::try_from(fingerprint.size).unwrap_or(i64::MAX));
                self.crc64nvme = Value::Value(fingerprint.crc64nvme);
                self.sha256 = Value::Value(fingerprint.sha256);
            }
        }
        if self.content_type.is_null() {
            self.content_type = match &self.key {
                Value::Value(key) => Value::Value(content_type::guess(key)),
                _ => Value::Unknown,
            };
        }
        Some(self)
    }

    /// Returns what is to be uploaded. The fingerprint is the planned one, so that
    /// a source that changed since is refused; if it was not known at plan, the
    /// source is hashed now.
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
        let fingerprint = match (&self.size, &self.crc64nvme, &self.sha256) {
            (Value::Value(size), Value::Value(crc64nvme), Value::Value(sha256)) => Fingerprint {
                size: u64::try_from(*size).unwrap_or(0),
                crc64nvme: crc64nvme.clone(),
                sha256: sha256.clone(),
            },
            _ => fingerprint(found, &source, stop).await?,
        };
        Some(ObjectSpec {
            bucket: bucket.clone(),
            key: key.clone(),
            source,
            fingerprint,
            headers: Headers {
                content_type: text(&self.content_type),
                cache_control: text(&self.cache_control),
                content_disposition: text(&self.content_disposition),
                content_encoding: text(&self.content_encoding),
                content_language: text(&self.content_language),
            },
            metadata: texts(&self.metadata).unwrap_or_default(),
            storage_class: text(&self.storage_class),
            tags: texts(&self.tags),
        })
    }

    /// Returns where the content comes from.
    fn content_source(&self, found: &mut Diagnostics) -> Option<Known<Source>> {
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

async fn fingerprint(
    found: &mut Diagnostics,
    source: &Source,
    stop: &CancellationToken,
) -> Option<Fingerprint> {
    match source {
        Source::Bytes(content) => Some(Fingerprint::of_bytes(content)),
        Source::File(path) => Fingerprint::of_file(path, stop)
            .await
            .map_err(|error| {
                found.report_error(
                    AttributePath::new("source"),
                    format!("Source file `{}` cannot be read.", path.display()),
                    format!(
                        "{error}\nHint: a relative path is looked up from where Terraform runs; \
                         `${{path.module}}/...` begins at the module."
                    ),
                );
            })
            .ok(),
    }
}

fn text(value: &Value<String>) -> Option<String> {
    match value {
        Value::Value(text) => Some(text.clone()),
        Value::Null | Value::Unknown => None,
    }
}

fn texts(map: &Value<BTreeMap<String, Value<String>>>) -> Option<BTreeMap<String, String>> {
    match map {
        Value::Value(map) => Some(
            map.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect(),
        ),
        Value::Null | Value::Unknown => None,
    }
}
