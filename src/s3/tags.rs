//! Tags of buckets and objects: what is allowed, and their form in a header.

use std::collections::BTreeMap;

use crate::s3::key::percent_encode;

/// Is a set of tags; the order never matters.
pub type Tags = BTreeMap<String, String>;

/// Is how many tags MinIO keeps on one bucket or object.
const MOST: usize = 10;

/// Says why tags cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// There are too many.
    #[error("There are {count} tags; at most {MOST} are allowed.")]
    Many {
        /// How many there are.
        count: usize,
    },
    /// A key or value has the wrong length.
    #[error("The tag `{key}` has a {what} of {length} characters; {allowed} are allowed.")]
    Length {
        /// The tag's key.
        key: String,
        /// `key` or `value`.
        what: &'static str,
        /// The length in characters.
        length: usize,
        /// The allowed lengths.
        allowed: &'static str,
    },
    /// A key or value has a character that S3 refuses.
    #[error(
        "The tag `{key}` has the character `{character}` in its {what}; letters and digits of \
         ASCII, spaces and `+ - = . _ : / @` are allowed."
    )]
    Character {
        /// The tag's key.
        key: String,
        /// `key` or `value`.
        what: &'static str,
        /// The refused character, escaped.
        character: String,
    },
}

/// Checks tags by the rules that MinIO enforces (a part of
/// [S3's](https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html)).
pub fn validate(tags: &Tags) -> Result<(), TagError> {
    if tags.len() > MOST {
        return Err(TagError::Many { count: tags.len() });
    }
    for (key, value) in tags {
        check(key, "key", key, 1..=128, "1 to 128")?;
        check(key, "value", value, 0..=256, "up to 256")?;
    }
    Ok(())
}

fn check(
    key: &str,
    what: &'static str,
    text: &str,
    lengths: std::ops::RangeInclusive<usize>,
    allowed: &'static str,
) -> Result<(), TagError> {
    let key = || key.escape_debug().to_string();
    let length = text.chars().count();
    if !lengths.contains(&length) {
        return Err(TagError::Length { key: key(), what, length, allowed });
    }
    let fine = |c: char| c.is_ascii_alphanumeric() || " +-=._:/@".contains(c);
    text.chars().find(|c| !fine(*c)).map_or(Ok(()), |refused| {
        Err(TagError::Character { key: key(), what, character: refused.escape_debug().to_string() })
    })
}

/// Returns the tags as the header `x-amz-tagging` carries them: a URL's query.
pub(crate) fn header(tags: &Tags) -> String {
    let pair = |(key, value): (&String, &String)| {
        format!("{}={}", percent_encode(key, false), percent_encode(value, false))
    };
    tags.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Returns tags in the SDK's form.
pub(crate) fn to_sdk(
    tags: &Tags,
) -> Result<aws_sdk_s3::types::Tagging, aws_sdk_s3::error::BuildError> {
    let mut set = Vec::with_capacity(tags.len());
    for (key, value) in tags {
        set.push(aws_sdk_s3::types::Tag::builder().key(key).value(value).build()?);
    }
    aws_sdk_s3::types::Tagging::builder().set_tag_set(Some(set)).build()
}

/// Returns tags out of the SDK's form.
pub(crate) fn from_sdk(set: &[aws_sdk_s3::types::Tag]) -> Tags {
    set.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_rules_of_the_server_hold_at_plan() {
        assert_eq!(validate(&Tags::new()), Ok(()));
        assert_eq!(validate(&tags(&[("team", "web +-=._:/@"), ("empty", "")])), Ok(()));
        let long = "v".repeat(257);
        for (pair, reason) in [
            (("", "x"), "1 to 128"),
            (("k", long.as_str()), "up to 256"),
            (("k", "für"), "`ü` in its value"),
            (("k&", "x"), "`&` in its key"),
        ] {
            let message = validate(&tags(&[pair])).unwrap_err().to_string();
            assert!(message.contains(reason), "{message}");
        }
        let many = (0..11).map(|n| (n.to_string(), String::new())).collect();
        assert_eq!(validate(&many), Err(TagError::Many { count: 11 }));
    }

    #[test]
    fn the_header_is_a_query() {
        let header = header(&tags(&[("a b", "c+d"), ("url", "http://x/?a=1")]));
        assert_eq!(header, "a%20b=c%2Bd&url=http%3A%2F%2Fx%2F%3Fa%3D1");
    }
}
