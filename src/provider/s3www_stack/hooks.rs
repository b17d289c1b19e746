//! Whether a chart's hooks are others than the release has.
//!
//! `objects` does not show hooks, and a chart may change them without a new version, as charts
//! do that somebody works on. So a keyed hash of each is kept beside the state; keyed, because a
//! hook may hold a secret.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::state::Private;
use crate::helm::manifest::hook::Hook;
use crate::helm::release;
use crate::helm::release::objects::documents;
use crate::helm::render::Rendered;

impl Private {
    /// Returns the hashes of the hooks that a release record holds.
    pub(super) fn hooks_of(&self, hooks: &[release::Hook]) -> BTreeMap<String, String> {
        self.hashes(hooks.iter().map(|hook| {
            let key = format!("{} {} {}", hook.path, hook.kind, hook.name);
            (key, hook.manifest.as_str())
        }))
    }

    /// Returns which hooks a render has that the release has otherwise or not at all, and the
    /// other way round. What comes out differently in every render does not count.
    pub(super) fn differing_hooks(&self, rendered: &Rendered) -> Vec<String> {
        let Some(before) = &self.hooks else { return Vec::new() };
        // By template, for even the object's name may be another one each time.
        let unstable: Vec<String> = rendered
            .hooks
            .iter()
            .filter(|hook| !hook.manifest.unstable.is_empty())
            .map(|hook| format!("{} ", hook.manifest.source))
            .collect();
        let now = self.hooks_in(rendered);
        let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        names
            .into_iter()
            .filter(|name| !unstable.iter().any(|source| name.starts_with(source)))
            .filter(|name| before.get(*name) != now.get(*name))
            .cloned()
            .collect()
    }

    /// Says whether any of these hooks is the same in both renders. With one of them made without
    /// a cluster: whether it differs because of the chart, and not because of what `lookup` found.
    pub(super) fn agree_on_any(&self, names: &[String], one: &Rendered, other: &Rendered) -> bool {
        let (one, other) = (self.hooks_in(one), self.hooks_in(other));
        names.iter().any(|name| one.get(name) == other.get(name))
    }

    fn hooks_in(&self, rendered: &Rendered) -> BTreeMap<String, String> {
        self.hashes(rendered.hooks.iter().map(|hook| (key(hook), hook.manifest.text.as_str())))
    }

    /// Returns a hash of each text. What the text means is hashed, so that comments and the way
    /// of writing are no difference.
    fn hashes<'a>(
        &self,
        hooks: impl Iterator<Item = (String, &'a str)>,
    ) -> BTreeMap<String, String> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key().unwrap_or_default());
        hooks
            .map(|(name, text)| {
                let meaning = documents(text).map(|all| serde_json::Value::from(all).to_string());
                let meaning = meaning.unwrap_or_else(|_| text.to_owned());
                (name, STANDARD.encode(hmac::sign(&key, meaning.as_bytes())))
            })
            .collect()
    }
}

fn key(hook: &Hook) -> String {
    let manifest = &hook.manifest;
    format!("{} {} {}", manifest.source, manifest.kind, manifest.name)
}
