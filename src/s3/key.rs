//! Which names a bucket and an object may have.
//!
//! A server's own answer to a bad name comes late (at apply) and says little; worse, some names are
//! accepted and become another object. Both are told here, at plan, with the reason.

/// The longest key, in bytes of UTF-8.
const LONGEST_KEY: usize = 1024;

/// The longest part of a key between slashes, in bytes: MinIO stores it as a file name.
const LONGEST_SEGMENT: usize = 255;

/// Says why a key cannot name an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key has no characters.
    #[error("The key is empty; an object needs a name such as `index.html`.")]
    Empty,
    /// The key is longer than S3 allows.
    #[error("The key is {bytes} bytes long; S3 allows at most {LONGEST_KEY}.")]
    Long {
        /// The key's length in bytes of UTF-8.
        bytes: usize,
    },
    /// The key begins with a slash, which MinIO cuts off.
    #[error(
        "The key `{key}` begins with `/`. MinIO stores it without that slash, so it would silently \
         overwrite the object `{stored}`; write `{stored}`."
    )]
    LeadingSlash {
        /// The key as written.
        key: String,
        /// The key that it would be stored under.
        stored: String,
    },
    /// The key has an empty segment.
    #[error("The key `{key}` contains `//`, which MinIO refuses; use one `/`.")]
    EmptySegment {
        /// The key as written.
        key: String,
    },
    /// The key has a segment that means a folder.
    #[error(
        "The key `{key}` contains the segment `{segment}`, which MinIO refuses: it would lead to \
         another folder. Remove that segment."
    )]
    Relative {
        /// The key as written.
        key: String,
        /// `.` or `..`.
        segment: String,
    },
    /// One segment is too long to be a file name.
    #[error(
        "The key's segment that begins with `{start}` is {bytes} bytes long; MinIO allows at most \
         {LONGEST_SEGMENT} bytes between two slashes."
    )]
    LongSegment {
        /// The segment's first characters.
        start: String,
        /// The segment's length in bytes of UTF-8.
        bytes: usize,
    },
    /// The key has a character that is stored but cannot be found again.
    #[error(
        "The key `{key}` contains the character {character}, which S3 cannot store or list \
         faithfully. Remove it."
    )]
    Character {
        /// The key as written, the character escaped.
        key: String,
        /// The character in the form `U+0000`.
        character: String,
    },
    /// The key holds MinIO's own marker for folders.
    #[error(
        "The key `{key}` contains `__XLDIR__`, MinIO's own mark for folders: such an object is \
         stored but never listed. Choose another name."
    )]
    Reserved {
        /// The key as written.
        key: String,
    },
}

/// Says why a bucket cannot have its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The bucket name `{bucket}` is not valid: {reason}.")]
pub struct BucketNameError {
    /// The name as written.
    pub bucket: String,
    /// The rule that it breaks, as a clause.
    pub reason: &'static str,
}

/// Checks that a key names exactly one object, which is stored and listed under that very key.
///
/// Spaces, `+`, `%`, control characters and any script are fine: they come back as written. The
/// order of the checks puts the most surprising reason first.
pub fn validate(key: &str) -> Result<(), KeyError> {
    if key.is_empty() {
        return Err(KeyError::Empty);
    }
    if key.len() > LONGEST_KEY {
        return Err(KeyError::Long { bytes: key.len() });
    }
    // XML cannot carry U+FFFE and U+FFFF, and a file name cannot carry NUL.
    if let Some(character) = key.chars().find(|c| matches!(c, '\0' | '\u{FFFE}' | '\u{FFFF}')) {
        return Err(KeyError::Character {
            key: key.escape_debug().to_string(),
            character: format!("U+{:04X}", u32::from(character)),
        });
    }
    let shown = || key.escape_debug().to_string();
    if key.starts_with('/') {
        let stored = key.trim_start_matches('/').escape_debug().to_string();
        return Err(KeyError::LeadingSlash { key: shown(), stored });
    }
    if key.contains("//") {
        return Err(KeyError::EmptySegment { key: shown() });
    }
    // MinIO reads a backslash as a separator in this one rule, so that no key escapes its folder
    // on Windows either.
    if let Some(segment) = key.split(['/', '\\']).find(|segment| matches!(*segment, "." | "..")) {
        return Err(KeyError::Relative { key: shown(), segment: segment.to_owned() });
    }
    if let Some(segment) = key.split('/').find(|segment| segment.len() > LONGEST_SEGMENT) {
        let start = segment.chars().take(20).collect::<String>().escape_debug().to_string();
        return Err(KeyError::LongSegment { start, bytes: segment.len() });
    }
    if key.contains("__XLDIR__") {
        return Err(KeyError::Reserved { key: shown() });
    }
    Ok(())
}

/// Checks a bucket's name by the rules of
/// [S3](https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html) that MinIO
/// enforces as well.
pub fn validate_bucket(bucket: &str) -> Result<(), BucketNameError> {
    let broken =
        |reason| Err(BucketNameError { bucket: bucket.escape_debug().to_string(), reason });
    if !(3..=63).contains(&bucket.len()) {
        return broken("it must have 3 to 63 characters");
    }
    if !bucket.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b)) {
        return broken("only lower-case letters, digits, `-` and `.` are allowed");
    }
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    if !bucket.starts_with(alphanumeric) || !bucket.ends_with(alphanumeric) {
        return broken("it must begin and end with a letter or a digit");
    }
    if bucket.contains("..") || bucket.contains(".-") || bucket.contains("-.") {
        return broken("a `.` must stand between letters or digits");
    }
    if bucket.parse::<std::net::Ipv4Addr>().is_ok() {
        return broken("it must not look like an IP address");
    }
    if bucket == "minio" {
        return broken("MinIO keeps this name for itself");
    }
    Ok(())
}

/// Returns text as it stands in a URL: every byte but letters, digits and `-._~` as `%XX`, slashes
/// kept if they separate segments.
///
/// The SDK encodes keys in a request's path by itself; in the headers for tags and for a copy's
/// source it sends what it is given.
pub(crate) fn percent_encode(text: &str, keep_slashes: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (keep_slashes && byte == b'/')
        {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 15] {
                let digit = char::from_digit(u32::from(nibble), 16).unwrap_or('0');
                encoded.push(digit.to_ascii_uppercase());
            }
        }
    }
    encoded
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_copys_source_is_encoded() {
        assert_eq!(percent_encode("a b/é+%", true), "a%20b/%C3%A9%2B%25");
        assert_eq!(percent_encode("a/b", false), "a%2Fb");
    }

    #[test]
    fn odd_but_faithful_keys_are_accepted() {
        let longest = "a/".repeat(511) + "a";
        let segment = "s".repeat(255);
        for key in [
            "a",
            "a b",
            " lead",
            "trail ",
            "a+b",
            "100%",
            "%20",
            "%2F",
            "?&#=",
            "<>&\"'",
            ":|*",
            "~^{}[]",
            "a\\b",
            "tab\there",
            "line\nbreak",
            "cr\r",
            "\u{1}",
            "\u{7f}",
            "😀",
            "\u{202e}x",
            "...",
            ".hidden",
            "trail/",
            "xl.meta",
            ".minio.sys/x",
            "é",
            "e\u{301}",
            &longest,
            &segment,
        ] {
            assert_eq!(validate(key), Ok(()), "{key:?}");
        }
    }

    #[test]
    fn keys_that_would_be_refused_or_become_another_are_told() {
        let long = "k".repeat(1025);
        let segment = format!("a/{}", "é".repeat(128));
        for (key, reason) in [
            ("", "is empty"),
            (long.as_str(), "1025 bytes"),
            ("/lead", "overwrite the object `lead`"),
            ("a//b", "`//`"),
            (".", "segment `.`"),
            ("..", "segment `..`"),
            ("./x", "segment `.`"),
            ("a/../x", "segment `..`"),
            ("a\\..\\b", "segment `..`"),
            ("a\0b", "U+0000"),
            ("a\u{ffff}", "U+FFFF"),
            ("a\u{fffe}", "U+FFFE"),
            (segment.as_str(), "256 bytes"),
            ("a__XLDIR__", "__XLDIR__"),
        ] {
            let message = validate(key).unwrap_err().to_string();
            assert!(message.contains(reason), "{key:?}: {message}");
        }
    }

    #[test]
    fn bucket_names_follow_the_rules() {
        for name in ["abc", "my-site", "a.b.c", "0-9", &"a".repeat(63)] {
            assert_eq!(validate_bucket(name), Ok(()), "{name}");
        }
        for name in [
            "",
            "ab",
            "Abc",
            "a_b",
            "-ab",
            "ab-",
            "a..b",
            "a.-b",
            "192.168.0.1",
            "minio",
            "é23",
            &"a".repeat(64),
        ] {
            validate_bucket(name).unwrap_err();
        }
    }
}
