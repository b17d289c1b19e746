//! The keyed hashes that stand for secrets in `objects`, and the one that
//! notices a change of `values_wo`.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tf_provider::Diagnostics;

use super::state::Private;
use crate::kubernetes::flatten::Masker;
use crate::kubernetes::sensitive::Sensitive;
use crate::plugin::dynamic::Dynamic;

/// Takes sensitive texts out of everything that was found so far. The layers below do
/// that where they know what they quote; this is for all that they do not.
pub(super) fn mask_findings(found: &mut Diagnostics, sensitive: &Sensitive) {
    for one in found.errors.iter_mut().chain(&mut found.warnings) {
        one.summary = sensitive.mask(&one.summary).into();
        one.detail = sensitive.mask(&one.detail).into();
    }
}

impl Private {
    /// Returns the private data with a hash key: the one it has, or a new random one.
    ///
    /// A key of its own for each stack, so that nobody can tell from two states
    /// that two stacks have the same password, or try passwords without the state.
    pub(super) fn with_key(mut self) -> Self {
        if self.key().is_none() {
            let mut key = [0; 32];
            // Without random bytes there is no key, and everything that needs one
            // is planned as unknown: worse to read, never wrong.
            if aws_lc_rs::rand::fill(&mut key).is_ok() {
                self.hash_key = Some(STANDARD.encode(key));
            }
        }
        self
    }

    /// Returns the key of this stack's hashes.
    pub(super) fn key(&self) -> Option<Vec<u8>> {
        STANDARD.decode(self.hash_key.as_ref()?).ok()
    }

    /// Returns what masks secrets in what is shown.
    pub(super) fn masker(&self, sensitive: Sensitive) -> Masker {
        Masker::new(&self.key().unwrap_or_default(), sensitive)
    }

    /// Returns the keyed hash of write-only values; `None` for null ones.
    pub(super) fn hash_of(&self, values_wo: &Dynamic) -> Option<String> {
        if values_wo.is_null() {
            return None;
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key().unwrap_or_default());
        let text = values_wo.to_json().to_string();
        Some(STANDARD.encode(hmac::sign(&key, text.as_bytes())))
    }
}
