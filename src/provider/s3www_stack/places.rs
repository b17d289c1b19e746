//! Which places of a release must not be shown, kept with the revision.
//!
//! A refresh reads a revision's manifest and has no `values_wo` to look for in it. So
//! each revision's record says where they went. It is written before anything is
//! applied, so it is there after a run that was killed, and after an import; it is an
//! annotation of the chart's metadata, because that is what Helm hands on to the
//! revision that a `helm rollback` makes. No secret is in it that is not in the
//! record's manifest.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value as Json;
use tf_provider::value::Value;

use super::reach::hidden_texts;
use super::shown::HASH;
use super::state::ShownObjects;
use crate::helm::release::Release;
use crate::helm::release::objects;
use crate::kubernetes::flatten::Hidden;
use crate::kubernetes::flatten::place;
use crate::kubernetes::lifecycle::Draft;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::sensitive::Sensitive;

/// The annotation.
const ANNOTATION: &str = "terraform.local/s3www-hidden";

/// Is what of a release must not be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Places {
    /// Places of fields, by object.
    #[serde(default)]
    pub(super) fields: Hidden,
    /// Names of fields, such as a key of a ConfigMap, that are secrets or have one in them.
    #[serde(default)]
    pub(super) names: BTreeSet<String>,
}

impl Places {
    /// Keeps them with what is recorded.
    pub(super) fn record(&self, draft: &mut Draft) {
        if *self == Self::default() {
            return;
        }
        let annotations =
            draft.chart.metadata.entry("annotations").or_insert_with(|| Json::Object(Map::new()));
        if annotations.is_null() {
            *annotations = Json::Object(Map::new());
        }
        if let (Json::Object(annotations), Ok(text)) = (annotations, serde_json::to_string(self)) {
            annotations.insert(ANNOTATION.to_owned(), Json::String(text));
        }
    }

    /// Returns those of a revision; none if Helm made it.
    pub(super) fn of(release: &Release) -> Self {
        let annotations = release.chart.metadata.get("annotations");
        let text = annotations.and_then(|all| all.get(ANNOTATION)?.as_str());
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// Returns these; if there are none, those that a state hides: a revision that Helm made, or an
    /// early version of this provider, keeps none.
    #[must_use]
    pub(super) fn or_as_in(self, objects: &ShownObjects) -> Self {
        if self != Self::default() {
            return self;
        }
        let hidden = |fields: &Value<BTreeMap<String, Value<String>>>| {
            let Value::Value(fields) = fields else { return BTreeSet::new() };
            let is_hash =
                |text: &Value<String>| matches!(text, Value::Value(text) if text.starts_with(HASH));
            let hidden = fields.iter().filter(|(_, text)| is_hash(text));
            hidden.map(|(path, _)| place(path)).collect()
        };
        // All of a Secret's data is hidden anyway.
        let others = objects.iter().filter(|(key, _)| !key.starts_with("v1/Secret/"));
        let fields = others.map(|(key, fields)| (key.clone(), hidden(fields)));
        let fields = fields.filter(|(_, places)| !places.is_empty()).collect();
        Self { fields, names: BTreeSet::new() }
    }

    /// Returns the texts at these places of a revision, hooks included: what errors
    /// must not quote when nobody gives the secrets, as in a refresh and a destroy.
    pub(super) fn texts_of(&self, release: &Release) -> Sensitive {
        let documents = |manifest: &str| objects::documents(manifest).unwrap_or_default();
        let of_hooks = release.hooks.iter().flat_map(|hook| documents(&hook.manifest));
        let all = documents(&release.manifest).into_iter().chain(of_hooks);
        let objects = all.filter_map(|document| ManifestObject::read(document).ok()).flatten();
        let texts = objects.flat_map(|object| {
            let namespace = object.namespace().unwrap_or(&release.namespace).to_owned();
            // Whether a kind lives in namespaces only a cluster knows.
            let references = [Some(namespace), None].map(|namespace| {
                let (kind, name) = (object.kind().clone(), object.name().to_owned());
                ObjectReference { kind, namespace, name }
            });
            references
                .iter()
                .find_map(|reference| Some((reference, self.fields.get(&reference.key())?)))
                .map(|(reference, places)| {
                    hidden_texts(&object, reference, |path| places.contains(&place(path)))
                })
                .unwrap_or_default()
        });
        Sensitive::new(texts.chain(self.names.iter().cloned()))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use serde_json::json;

    use super::*;

    fn release(metadata: &Map<String, Json>) -> Release {
        let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: secret-text\n  y: public-text\n";
        serde_json::from_value(json!({
            "name": "site", "namespace": "web", "version": 1, "info": {},
            "chart": { "metadata": metadata }, "manifest": manifest,
        }))
        .unwrap()
    }

    #[test]
    fn places_are_kept_in_a_record_and_lead_to_the_texts() {
        let places = Places {
            fields: [("v1/ConfigMap/web/a".to_owned(), ["data.x".to_owned()].into())].into(),
            names: BTreeSet::new(),
        };
        let mut draft = Draft::default();
        draft.chart.metadata.insert("annotations".to_owned(), json!({ "a": "b" }));
        places.record(&mut draft);
        let release = release(&draft.chart.metadata);
        assert_eq!(release.chart.metadata["annotations"]["a"], "b");
        assert_eq!(Places::of(&release), places);
        let sensitive = places.texts_of(&release);
        assert!(!sensitive.mask("is secret-text").contains("secret-text"));
        assert_eq!(sensitive.mask("is public-text"), "is public-text");
    }

    #[test]
    fn what_a_state_hides_stays_hidden_where_no_record_says_so() {
        let text = |text: &str| Value::Value(text.to_owned());
        let fields = |path: &str| {
            Value::Value(
                [(path.to_owned(), text("(hash) 0a")), ("b".to_owned(), text("(hash)"))].into(),
            )
        };
        let state = ShownObjects::from([
            ("v1/ConfigMap/web/a".to_owned(), fields("data.x")),
            ("v1/Secret/web/a".to_owned(), fields("data.x")),
            ("v1/ConfigMap/web/b".to_owned(), Value::Unknown),
        ]);
        let places = Places::default().or_as_in(&state);
        assert_eq!(
            places.fields,
            [("v1/ConfigMap/web/a".to_owned(), ["data.x".to_owned()].into())].into()
        );
        let recorded = Places { names: ["n".to_owned()].into(), ..Places::default() };
        assert_eq!(recorded.clone().or_as_in(&state), recorded);
    }

    #[test]
    fn a_release_without_secrets_is_left_as_the_chart_has_it() {
        let mut draft = Draft::default();
        Places::default().record(&mut draft);
        assert!(draft.chart.metadata.is_empty());
        assert_eq!(Places::of(&release(&Map::new())), Places::default());
    }
}
