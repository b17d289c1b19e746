//! The rule for release names.

use thiserror::Error;

/// The longest release name. Helm's limit: names of objects are made of it and
/// may have 63 characters.
pub const MAXIMUM_LENGTH: usize = 53;

/// Says what is wrong with a release name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// There is no name.
    #[error("the release name is empty; give it a name such as \"site\"")]
    Empty,
    /// The name is longer than [`MAXIMUM_LENGTH`].
    #[error(
        "the release name {name:?} has {length} characters; Helm allows at most {MAXIMUM_LENGTH}"
    )]
    TooLong {
        /// The name.
        name: String,
        /// Its length in characters.
        length: usize,
    },
    /// The name has a character that does not fit, or one in the wrong place.
    #[error(
        "the release name {name:?} is not valid: it must consist of lower case letters, digits, \
         `-` and `.`, and every part between dots must begin and end with a letter or digit, \
         as in \"site\" or \"my-site.v2\""
    )]
    Malformed {
        /// The name.
        name: String,
    },
}

/// Checks a release name by Helm's rule: at most 53 characters, a DNS subdomain.
pub fn validate(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    let length = name.chars().count();
    if length > MAXIMUM_LENGTH {
        return Err(NameError::TooLong { name: name.to_owned(), length });
    }
    if !name.split('.').all(is_dns_label) {
        return Err(NameError::Malformed { name: name.to_owned() });
    }
    Ok(())
}

fn is_dns_label(label: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = label.as_bytes();
    bytes.first().copied().is_some_and(alphanumeric)
        && bytes.last().copied().is_some_and(alphanumeric)
        && bytes.iter().all(|byte| alphanumeric(*byte) || *byte == b'-')
}
