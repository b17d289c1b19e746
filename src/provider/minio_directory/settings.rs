//! Which headers and metadata a file's object gets.

use std::collections::BTreeMap;

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::state::Directory;
use super::state::SettingsBlock;
use crate::plugin::diagnostics::Report;
use crate::provider::configuration::Known;
use crate::provider::value::is_known;
use crate::provider::value::known;
use crate::provider::value::known_texts;
use crate::s3::content_type;
use crate::s3::folder::Pattern;
use crate::s3::object::Headers;
use crate::s3::object::SpecError;
use crate::s3::object::validate_metadata;

/// Are the settings of a directory, in their order.
pub(super) struct Settings(Vec<Entry>);

struct Entry {
    pattern: Pattern,
    headers: Headers,
    metadata: Option<BTreeMap<String, String>>,
}

impl Settings {
    /// Reads the settings, and says what is wrong with them.
    pub(super) fn of(found: &mut Diagnostics, directory: &Directory) -> Option<Known<Self>> {
        let blocks = match &directory.settings {
            Value::Null => return Some(Known::Now(Self(Vec::new()))),
            Value::Unknown => return Some(Known::AfterApply),
            Value::Value(blocks) => blocks,
        };
        let mut entries = Vec::new();
        for (block, index) in blocks.iter().zip(0..) {
            let at = AttributePath::new("settings").index(index);
            let block = match block {
                Value::Value(block) if block.is_known() => block,
                Value::Null => continue,
                _ => return Some(Known::AfterApply),
            };
            entries.push(block.entry(found, &at)?);
        }
        Some(Known::Now(Self(entries)))
    }

    /// Returns what the object of a file gets. For each field the last entry decides that matches
    /// and sets it.
    pub(super) fn for_file(&self, name: &str, key: &str) -> (Headers, BTreeMap<String, String>) {
        let mut headers = Headers::default();
        let mut metadata = BTreeMap::new();
        for entry in self.0.iter().filter(|entry| entry.pattern.matches(name)) {
            let own = &entry.headers;
            for (field, value) in [
                (&mut headers.content_type, &own.content_type),
                (&mut headers.cache_control, &own.cache_control),
                (&mut headers.content_disposition, &own.content_disposition),
                (&mut headers.content_encoding, &own.content_encoding),
                (&mut headers.content_language, &own.content_language),
            ] {
                if value.is_some() {
                    field.clone_from(value);
                }
            }
            if let Some(own) = &entry.metadata {
                metadata.clone_from(own);
            }
        }
        headers.content_type.get_or_insert_with(|| content_type::guess(key));
        (headers, metadata)
    }
}

impl SettingsBlock {
    /// Says whether nothing in it has to be waited for.
    fn is_known(&self) -> bool {
        let texts = [
            &self.pattern,
            &self.content_type,
            &self.cache_control,
            &self.content_disposition,
            &self.content_encoding,
            &self.content_language,
        ];
        is_known(&self.metadata, |map| !map.values().any(Value::is_unknown))
            && !texts.into_iter().any(Value::is_unknown)
    }

    fn entry(&self, found: &mut Diagnostics, at: &AttributePath) -> Option<Entry> {
        let pattern = known(&self.pattern).unwrap_or_default();
        let headers = Headers {
            content_type: known(&self.content_type),
            cache_control: known(&self.cache_control),
            content_disposition: known(&self.content_disposition),
            content_encoding: known(&self.content_encoding),
            content_language: known(&self.content_language),
        };
        let metadata = known_texts(&self.metadata);
        let checked =
            headers.validate().and_then(|()| metadata.as_ref().map_or(Ok(()), validate_metadata));
        if let Err(error) = checked {
            let attribute = match &error {
                SpecError::Header { name, .. } => name,
                _ => "metadata",
            };
            let text = error.to_string();
            found.report_error(
                at.clone().attribute(attribute),
                format!("Settings for `{pattern}` are not valid."),
                text,
            );
            return None;
        }
        match Pattern::new(&pattern) {
            Ok(pattern) => Some(Entry { pattern, headers, metadata }),
            Err(error) => {
                let at = at.clone().attribute("pattern");
                found.report_error(at, "Pattern is not valid.", error.to_string());
                None
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn text(text: &str) -> Value<String> {
        Value::Value(text.to_owned())
    }

    fn block(pattern: &str) -> SettingsBlock {
        SettingsBlock {
            pattern: text(pattern),
            content_type: Value::Null,
            cache_control: Value::Null,
            content_disposition: Value::Null,
            content_encoding: Value::Null,
            content_language: Value::Null,
            metadata: Value::Null,
        }
    }

    fn read(blocks: Vec<SettingsBlock>) -> (Option<Known<Settings>>, Diagnostics) {
        let mut directory = Directory::imported(Value::Null, "bucket", None);
        directory.settings = Value::Value(blocks.into_iter().map(Value::Value).collect());
        let mut found = Diagnostics::default();
        let settings = Settings::of(&mut found, &directory);
        (settings, found)
    }

    #[test]
    fn the_last_match_that_sets_a_field_decides_it() {
        let metadata = |value: &str| Value::Value(BTreeMap::from([("k".to_owned(), text(value))]));
        let (settings, _) = read(vec![
            SettingsBlock {
                cache_control: text("max-age=1"),
                metadata: metadata("a"),
                ..block("**")
            },
            SettingsBlock { cache_control: text("no-store"), ..block("**/*.html") },
            SettingsBlock { content_type: text("text/x"), ..block("a/*") },
        ]);
        let settings = settings.and_then(Known::now).unwrap();
        let (headers, meta) = settings.for_file("index.html", "p/index.html");
        assert_eq!(headers.cache_control.as_deref(), Some("no-store"));
        assert_eq!(headers.content_type.as_deref(), Some("text/html; charset=utf-8"));
        assert_eq!(meta.get("k").map(String::as_str), Some("a"), "an entry without keeps it");
        let (headers, _) = settings.for_file("a/x.css", "p/a/x.css");
        assert_eq!(headers.cache_control.as_deref(), Some("max-age=1"));
        assert_eq!(headers.content_type.as_deref(), Some("text/x"));
    }

    #[test]
    fn what_cannot_be_sent_is_told_where_it_stands() {
        let metadata = Value::Value(BTreeMap::from([("Upper".to_owned(), text("x"))]));
        for (wrong, path) in [
            (block("["), "settings[0].pattern"),
            (SettingsBlock { cache_control: text("ü"), ..block("*") }, "settings[0].cache_control"),
            (SettingsBlock { metadata, ..block("*") }, "settings[0].metadata"),
        ] {
            let (settings, found) = read(vec![wrong]);
            assert!(settings.is_none());
            assert_eq!(found.errors.first().unwrap().attribute.to_string(), path);
        }
        let (settings, _) =
            read(vec![SettingsBlock { cache_control: Value::Unknown, ..block("*") }]);
        assert!(matches!(settings, Some(Known::AfterApply)));
    }
}
