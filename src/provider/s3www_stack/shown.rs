//! What the plan shows of a release's objects.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tf_provider::value::Value;

use super::state::ShownObjects;
use crate::helm::manifest::Manifest;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::discovery::Location;
use crate::kubernetes::discovery::Resource;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::flatten::Masker;
use crate::kubernetes::flatten::Shown;
use crate::kubernetes::flatten::planned;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::normalise::Ownership;
use crate::kubernetes::normalise::to_apply;

/// Begins the text that stands for a secret value. A real text that begins so is
/// quoted, so the two cannot be mistaken for each other.
const HASH: &str = "(hash) ";

/// Stands in the place of a leaf that is another one in every render. It only
/// has to differ from what is there.
const ANOTHER: &str = "\u{0}another";

/// Is a release's objects as they will be shown, and which leaves of them come
/// out differently in every render.
pub(super) struct ShownRelease {
    objects: BTreeMap<String, Shown>,
    unstable: BTreeMap<String, Unstable>,
}

/// Is what of one object comes out differently in every render.
enum Unstable {
    /// These fields.
    Leaves(Vec<String>),
    /// Even which fields it has.
    Everything,
}

impl Unstable {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Leaves(mut paths), Self::Leaves(more)) => {
                paths.extend(more);
                Self::Leaves(paths)
            }
            _ => Self::Everything,
        }
    }
}

impl ShownRelease {
    /// Works out what is shown of rendered manifests.
    pub(super) async fn of_manifests(
        cluster: &Cluster,
        manifests: &[Manifest],
        ownership: &Ownership,
        masker: &Masker,
    ) -> Result<Self, KubernetesError> {
        let mut release = Self { objects: BTreeMap::new(), unstable: BTreeMap::new() };
        for manifest in manifests.iter().filter(|manifest| manifest.is_object()) {
            let shown = shown_of(cluster, &manifest.object, ownership, masker).await?;
            if !manifest.unstable.is_empty() {
                let other = with_others(&manifest.object, &manifest.unstable);
                let other = shown_of(cluster, &other, ownership, masker).await;
                for (key, shown) in &shown {
                    let other = other.as_ref().ok().and_then(|other| other.get(key));
                    release.unstable.insert(key.clone(), unstable(shown, other));
                }
            }
            release.objects.extend(shown);
        }
        Ok(release)
    }

    /// Marks as unstable what is otherwise, or unstable, in another render of the same chart, so
    /// that it is planned as unknown. Answers whether both have the same objects; if not, even
    /// those are not known.
    #[must_use]
    pub(super) fn agree_with(&mut self, mut other: Self) -> bool {
        if !self.objects.keys().eq(other.objects.keys()) {
            return false;
        }
        for (key, shown) in &self.objects {
            let others = [
                self.unstable.remove(key),
                other.unstable.remove(key),
                Some(unstable(shown, other.objects.get(key))),
            ];
            let all = others.into_iter().flatten().reduce(Unstable::and);
            self.unstable.extend(all.map(|all| (key.clone(), all)));
        }
        true
    }

    /// Returns what is shown when the release is planned for the first time: what
    /// differs in every render is unknown, and so are hashes, whose key is made
    /// when the release is.
    pub(super) fn first(&self) -> ShownObjects {
        self.objects
            .iter()
            .map(|(key, shown)| (key.clone(), self.with_unknown(key, shown, true)))
            .collect()
    }

    /// Returns what is shown when a new revision is planned.
    pub(super) fn next(&self) -> ShownObjects {
        self.objects
            .iter()
            .map(|(key, shown)| (key.clone(), self.with_unknown(key, shown, false)))
            .collect()
    }

    /// Returns what is shown of the release as it is, once it is applied.
    pub(super) fn applied(&self) -> ShownObjects {
        self.objects.iter().map(|(key, shown)| (key.clone(), known(shown))).collect()
    }

    /// Returns what is shown if everything that differs in every render had come
    /// out as it is in `prior`: equal to it when nothing else changed.
    pub(super) fn as_in(&self, prior: &ShownObjects) -> ShownObjects {
        self.objects
            .iter()
            .map(|(key, shown)| {
                let before = prior.get(key);
                let fields = match (self.unstable.get(key), before) {
                    (Some(Unstable::Everything), Some(before)) => before.clone(),
                    (Some(Unstable::Leaves(paths)), Some(Value::Value(before))) => {
                        let mut fields = fields(shown);
                        for path in paths {
                            if let Some(text) = before.get(path) {
                                fields.insert(path.clone(), text.clone());
                            }
                        }
                        Value::Value(fields)
                    }
                    _ => known(shown),
                };
                (key.clone(), fields)
            })
            .collect()
    }

    /// Returns, by object, the leaves that are hashes where the object is no Secret:
    /// what a refresh masks again although it does not know the texts.
    pub(super) fn masked(&self) -> BTreeMap<String, Vec<String>> {
        self.objects
            .iter()
            .filter(|(key, _)| !key.starts_with("v1/Secret/"))
            .filter_map(|(key, shown)| {
                let paths: Vec<_> = shown
                    .0
                    .iter()
                    .filter(|(_, text)| text.as_str().starts_with(HASH))
                    .map(|(path, _)| path.clone())
                    .collect();
                (!paths.is_empty()).then(|| (key.clone(), paths))
            })
            .collect()
    }

    fn with_unknown(
        &self,
        key: &str,
        shown: &Shown,
        hashes_too: bool,
    ) -> Value<BTreeMap<String, Value<String>>> {
        let mut fields = fields(shown);
        match self.unstable.get(key) {
            Some(Unstable::Everything) => return Value::Unknown,
            Some(Unstable::Leaves(paths)) => {
                for path in paths {
                    fields.insert(path.clone(), Value::Unknown);
                }
            }
            None => {}
        }
        if hashes_too {
            for text in fields.values_mut() {
                if matches!(text, Value::Value(text) if text.starts_with(HASH)) {
                    *text = Value::Unknown;
                }
            }
        }
        Value::Value(fields)
    }
}

async fn shown_of(
    cluster: &Cluster,
    document: &Json,
    ownership: &Ownership,
    masker: &Masker,
) -> Result<BTreeMap<String, Shown>, KubernetesError> {
    let mut all = BTreeMap::new();
    for object in ManifestObject::read(document.clone())? {
        let location = match cluster.locate_manifest(&object, &ownership.release_namespace).await {
            Ok(location) => location,
            // A kind that comes with this very release is not known before it.
            Err(KubernetesError::UnknownKind { .. }) => {
                guess(&object, &ownership.release_namespace)
            }
            Err(error) => return Err(error),
        };
        let applied = to_apply(&object, &location, Some(ownership));
        all.insert(location.reference.key(), planned(&applied, &location.reference, masker));
    }
    Ok(all)
}

/// Returns where an object of an unknown kind would be if the kind lives in
/// namespaces, as nearly all kinds do that charts bring.
fn guess(object: &ManifestObject, namespace: &str) -> Location {
    let kind = object.kind().clone();
    let plural = format!("{}s", kind.kind.to_lowercase());
    object.location(&Resource { kind, plural, namespaced: true }, namespace)
}

/// Returns the document with another value at each of these JSON pointers.
fn with_others(document: &Json, pointers: &[String]) -> Json {
    let mut other = document.clone();
    for pointer in pointers {
        if let Some(value) = other.pointer_mut(pointer) {
            *value = Json::String(ANOTHER.to_owned());
        }
    }
    other
}

fn unstable(shown: &Shown, other: Option<&Shown>) -> Unstable {
    match other {
        Some(other) if shown.0.keys().eq(other.0.keys()) => Unstable::Leaves(
            shown
                .0
                .iter()
                .filter(|(path, text)| other.0.get(*path) != Some(text))
                .map(|(path, _)| path.clone())
                .collect(),
        ),
        _ => Unstable::Everything,
    }
}

fn fields(shown: &Shown) -> BTreeMap<String, Value<String>> {
    shown
        .0
        .iter()
        .map(|(path, text)| (path.clone(), Value::Value(text.as_str().to_owned())))
        .collect()
}

/// Returns one object as the state holds it.
pub(super) fn known(shown: &Shown) -> Value<BTreeMap<String, Value<String>>> {
    Value::Value(fields(shown))
}
