//! Hashes in the place of what must not be shown.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write as _;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::sensitive::Sensitive;

/// Begins every hash. A real text that begins so is shown in quotes.
const HASH: &str = "(hash) ";

/// Replaces secrets by keyed hashes: a change shows, the value cannot be guessed from it.
#[derive(Clone)]
pub struct Masker {
    key: hmac::Key,
    sensitive: Sensitive,
    hidden: Hidden,
}

/// Names, by the key of an object, the places of its fields that must not be shown.
pub type Hidden = BTreeMap<String, BTreeSet<String>>;

impl fmt::Debug for Masker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Masker").finish_non_exhaustive()
    }
}

impl Masker {
    /// Makes one from a key that is random and stays the same for as long as hashes are compared,
    /// and the texts that must not be shown anywhere.
    pub fn new(key: &[u8], sensitive: Sensitive) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        Self { key, sensitive, hidden: BTreeMap::new() }
    }

    /// Hides, by the key of an object, the fields at these places as well: where it is known that a
    /// sensitive text is in them, but not which (write-only values are not there at refresh).
    #[must_use]
    pub fn hiding(mut self, hidden: Hidden) -> Self {
        self.hidden = hidden;
        self
    }

    /// Returns the texts that must not be shown.
    pub fn sensitive(&self) -> &Sensitive {
        &self.sensitive
    }

    /// Returns a field's path, without sensitive texts: the key of a map can be one.
    pub(crate) fn path(&self, path: &str) -> String {
        self.sensitive.mask(path)
    }

    /// Returns a field's text, or its hash if a sensitive text is in it.
    pub(super) fn text(&self, text: &str, reference: &ObjectReference, path: &str) -> String {
        let places = self.hidden.get(&reference.key());
        let hidden = places.is_some_and(|places| places.contains(&place(&self.path(path))));
        if hidden || self.sensitive.mask(text) != text {
            self.hash(text.as_bytes(), reference, path)
        } else {
            text.to_owned()
        }
    }

    /// Returns the hash of a value of a Secret: of what it means, however its base64 is written.
    pub(super) fn secret(&self, value: &Value, reference: &ObjectReference, path: &str) -> String {
        let Some(text) = value.as_str() else {
            return self.hash(value.to_string().as_bytes(), reference, path);
        };
        let compact: String = text.split_ascii_whitespace().collect();
        match STANDARD.decode(&compact) {
            Ok(decoded) => self.hash(&decoded, reference, path),
            Err(_) => self.hash(text.as_bytes(), reference, path),
        }
    }

    /// Object and path are hashed too: else equal values at two places would show that they are equal.
    fn hash(&self, value: &[u8], reference: &ObjectReference, path: &str) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        for part in [reference.key().as_bytes(), path.as_bytes(), value] {
            context.update(part);
            context.update(&[0]);
        }
        let mut text = HASH.to_owned();
        for byte in context.sign().as_ref().iter().take(4) {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// Returns the place of a field: its path, where `*` stands for the number of an item that has no
/// name. Somebody who puts an argument in front of a secret one moves that to the next number.
pub fn place(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        let (key, after) = after.split_once(']').unwrap_or((after, ""));
        let number = key.split_once('#').map_or(key, |(key, _)| key);
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        out.push_str(before);
        out.push('[');
        out.push_str(if is_number { "*" } else { key });
        out.push(']');
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Says whether a path leads to a value of a Secret.
pub(super) fn is_secret_value(reference: &ObjectReference, path: &str) -> bool {
    reference.kind.is("", "Secret")
        && ["data", "stringData"].iter().any(|map| {
            path.strip_prefix(map)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
}
