//! What can be checked without the folder and without the server.

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::settings::Settings;
use super::state::Directory;
use crate::plugin::diagnostics::Report;
use crate::provider::configuration::Known;
use crate::provider::connection::validate_endpoint;
use crate::provider::value::known;
use crate::s3::folder::Pattern;
use crate::s3::folder::Rules;
use crate::s3::folder::Symlinks;
use crate::s3::key;

impl Directory {
    /// Checks names, patterns and settings.
    pub(super) fn validate(&self, found: &mut Diagnostics) {
        validate_endpoint(found, &self.stack, &self.endpoint);
        if let Value::Value(bucket) = &self.bucket
            && let Err(error) = key::validate_bucket(bucket)
        {
            let at = AttributePath::new("bucket");
            found.report_error(at, "Bucket name is not valid.", error.to_string());
        }
        // A key has something after the prefix; that may make it too long, and nothing else.
        if let Some(prefix) = self.key_prefix()
            && let Err(error) = key::validate(&format!("{prefix}a"))
        {
            let at = AttributePath::new("prefix");
            found.report_error(at, "Prefix is not valid.", error.to_string());
        }
        if matches!(&self.source, Value::Value(source) if source.is_empty()) {
            found.report_error(
                AttributePath::new("source"),
                "Source is empty.",
                "Give the path of a folder; `.` is the one that Terraform runs in.",
            );
        }
        self.rules(found);
        Settings::of(found, self);
    }

    /// Returns which files are meant; `None` if that is not valid, which is then in the
    /// diagnostics.
    pub(super) fn rules(&self, found: &mut Diagnostics) -> Option<Known<Rules>> {
        let symlinks = match &self.symlinks {
            Value::Unknown => return Some(Known::AfterApply),
            Value::Null => Symlinks::default(),
            Value::Value(word) => match word.as_str() {
                "refuse" => Symlinks::Refuse,
                "follow" => Symlinks::Follow,
                "skip" => Symlinks::Skip,
                other => {
                    found.report_error(
                        AttributePath::new("symlinks"),
                        "Treatment of symbolic links is not valid.",
                        format!("It must be `refuse`, `follow` or `skip`, not `{other}`."),
                    );
                    return None;
                }
            },
        };
        let include = patterns(found, "include", &self.include)?;
        let exclude = patterns(found, "exclude", &self.exclude)?;
        let (Known::Now(include), Known::Now(exclude)) = (include, exclude) else {
            return Some(Known::AfterApply);
        };
        match Rules::new(include.as_deref(), &exclude.unwrap_or_default(), symlinks) {
            Ok(rules) => Some(Known::Now(rules)),
            Err(error) => {
                let at = AttributePath::new("exclude");
                found.report_error(at, "Patterns are not valid.", error.to_string());
                None
            }
        }
    }
}

/// Returns the patterns of an attribute, after a check of each; the inner option is `None` for an
/// attribute that is not set.
fn patterns(
    found: &mut Diagnostics,
    name: &'static str,
    list: &Value<Vec<Value<String>>>,
) -> Option<Known<Option<Vec<String>>>> {
    let elements = match list {
        Value::Null => return Some(Known::Now(None)),
        Value::Unknown => return Some(Known::AfterApply),
        Value::Value(elements) => elements,
    };
    if elements.iter().any(Value::is_unknown) {
        return Some(Known::AfterApply);
    }
    let mut all = Vec::new();
    for (element, index) in elements.iter().zip(0..) {
        let Some(pattern) = known(element) else { continue };
        if let Err(error) = Pattern::new(&pattern) {
            let at = AttributePath::new(name).index(index);
            found.report_error(at, "Pattern is not valid.", error.to_string());
            return None;
        }
        all.push(pattern);
    }
    Some(Known::Now(Some(all)))
}
