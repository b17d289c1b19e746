//! What can be checked without the content and without the server.

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::Object;
use crate::plugin::diagnostics::Report;
use crate::provider::connection::validate_endpoint;
use crate::provider::value::known_texts;
use crate::s3::checksum;
use crate::s3::download::Remote;
use crate::s3::key;
use crate::s3::object;
use crate::s3::object::SpecError;
use crate::s3::tags;

impl Object {
    /// Checks names, and that there is one content.
    pub(super) fn validate(&self, found: &mut Diagnostics) {
        if let Value::Value(bucket) = &self.bucket
            && let Err(error) = key::validate_bucket(bucket)
        {
            found.report_error(
                AttributePath::new("bucket"),
                "Bucket name is not valid.",
                error.to_string(),
            );
        }
        if let Value::Value(name) = &self.key
            && let Err(error) = key::validate(name)
        {
            found.report_error(AttributePath::new("key"), "Key is not valid.", error.to_string());
        }
        let sources = [&self.source, &self.content, &self.content_base64, &self.source_url];
        let set = sources.iter().filter(|value| !value.is_null()).count();
        if set != 1 {
            found.report_error(
                AttributePath::root(),
                "The object needs exactly one content.",
                format!(
                    "Set one of `source`, `content`, `content_base64` and `source_url`; {set} of \
                     them are set."
                ),
            );
        }
        self.validate_remote(found);
        self.validate_description(found);
        validate_endpoint(found, &self.stack, &self.endpoint);
    }

    /// Checks headers, metadata and tags, as far as they are known.
    fn validate_description(&self, found: &mut Diagnostics) {
        let headers = self.headers();
        if let Err(error) = headers.validate() {
            let at = match &error {
                SpecError::Header { name, .. } => AttributePath::new(*name),
                _ => AttributePath::root(),
            };
            found.report_error(at, "Header is not valid.", error.to_string());
        }
        let metadata = known_texts(&self.metadata).unwrap_or_default();
        if let Err(error) = object::validate_metadata(&metadata) {
            let at = AttributePath::new("metadata");
            found.report_error(at, "Metadata is not valid.", error.to_string());
        }
        let tags = known_texts(&self.tags).unwrap_or_default();
        if let Err(error) = tags::validate(&tags) {
            found.report_error(
                AttributePath::new("tags"),
                "Tags are not valid.",
                error.to_string(),
            );
        }
        for (name, map) in [("metadata", &self.metadata), ("tags", &self.tags)] {
            let Value::Value(map) = map else { continue };
            if let Some((key, _)) = map.iter().find(|(_, text)| text.is_null()) {
                found.report_error(
                    AttributePath::new(name).key(key.clone()),
                    "A value is missing.",
                    format!("`{key}` in `{name}` is null; leave the key out, or set it to a text."),
                );
            }
        }
    }

    fn validate_remote(&self, found: &mut Diagnostics) {
        if let Value::Value(url) = &self.source_url
            && let Err(error) = Remote::validate_url(url)
        {
            found.report_error(
                AttributePath::new("source_url"),
                "Source URL is not valid.",
                format!("{error}\nHint: give a URL that begins with `http://` or `https://`."),
            );
        }
        match (&self.source_url, &self.sha256) {
            (Value::Value(_), Value::Null) => found.report_error(
                AttributePath::new("source_url"),
                "Source URL needs a SHA-256.",
                "Set `sha256` to that of the content: a plan must know the content, and fetches \
                 nothing to learn it.\nHint: `sha256sum FILE` prints it.",
            ),
            (Value::Null, Value::Value(_)) => found.report_error(
                AttributePath::new("sha256"),
                "SHA-256 cannot be set here.",
                "It is computed from `source`, `content` and `content_base64`; only with \
                 `source_url` it must be set.",
            ),
            (_, Value::Value(hash)) if !checksum::is_sha256(hash) => found.report_error(
                AttributePath::new("sha256"),
                "SHA-256 is not valid.",
                format!(
                    "A SHA-256 has 64 hexadecimal digits; this has {} characters.\n\
                     Hint: `sha256sum FILE` prints it.",
                    hash.chars().count()
                ),
            ),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is found wrong about an object, as attribute and summary.
    fn findings(change: impl Fn(&mut Object)) -> Vec<(String, String)> {
        let mut object = Object::imported(
            Value::Null,
            Value::Value("bucket".to_owned()),
            Value::Value("key".to_owned()),
        );
        change(&mut object);
        let mut found = Diagnostics::default();
        object.validate(&mut found);
        let errors = found.errors.into_iter();
        errors.map(|error| (error.attribute.to_string(), error.summary.into_owned())).collect()
    }

    fn one(attribute: &str, summary: &str) -> Vec<(String, String)> {
        vec![(attribute.to_owned(), summary.to_owned())]
    }

    fn text(text: &str) -> Value<String> {
        Value::Value(text.to_owned())
    }

    fn hash() -> Value<String> {
        Value::Value("0aF9".repeat(16))
    }

    #[test]
    fn exactly_one_content_is_set() {
        let wrong = one("", "The object needs exactly one content.");
        assert_eq!(findings(|_| {}), wrong);
        assert_eq!(findings(|object| object.content = text("")), []);
        let two = findings(|object| {
            object.content = text("a");
            object.source_url = text("https://example.com/a");
            object.sha256 = hash();
        });
        assert_eq!(two, wrong);
    }

    #[test]
    fn a_source_url_and_its_hash_belong_together() {
        let with = |url: Value<String>, hash: Value<String>| {
            findings(|object| {
                object.source_url = url.clone();
                object.sha256 = hash.clone();
            })
        };
        let url = || text("https://example.com/a?token=t");
        assert_eq!(with(url(), hash()), []);
        assert_eq!(with(url(), Value::Unknown), []);
        assert_eq!(with(Value::Unknown, hash()), []);
        assert_eq!(with(Value::Unknown, Value::Null), []);
        assert_eq!(with(url(), Value::Null), one("source_url", "Source URL needs a SHA-256."));
        assert_eq!(with(url(), text("abc")), one("sha256", "SHA-256 is not valid."));
        assert_eq!(with(text("ftp://a/b"), hash()), one("source_url", "Source URL is not valid."));
        let alone = findings(|object| {
            object.content = text("a");
            object.sha256 = hash();
        });
        assert_eq!(alone, one("sha256", "SHA-256 cannot be set here."));
    }
}
