//! What the plan shows of a release's objects.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value as Json;
use tf_provider::value::Value;

use super::places::Places;
use super::reach::ByObject;
use super::reach::Reach;
use super::state::Drifted;
use super::state::ShownObjects;
use crate::helm::manifest::Manifest;
use crate::helm::render::Rendered;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::flatten::Masker;
use crate::kubernetes::flatten::Shown;
use crate::kubernetes::flatten::flatten;
use crate::kubernetes::flatten::place;
use crate::kubernetes::flatten::planned;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::normalise::ApplyObject;
use crate::kubernetes::normalise::Ownership;
use crate::kubernetes::normalise::to_apply;
use crate::kubernetes::resource::Location;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::sensitive::Sensitive;

/// Begins the text that stands for a secret value. A real text that begins so is
/// quoted, so the two cannot be mistaken for each other.
pub(super) const HASH: &str = "(hash) ";

/// Stands in the place of a leaf that is another one in every render. It only
/// has to differ from what is there.
const ANOTHER: &str = "\u{0}another";

/// Is a release's objects as they will be shown, and which leaves of them come
/// out differently in every render.
pub(super) struct ShownRelease {
    objects: ByObject<Shown>,
    unstable: ByObject<Unstable>,
    /// The leaves that depend on `values_wo`.
    by_write_only: ByObject<BTreeSet<String>>,
    hidden: Places,
    sensitive: Sensitive,
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
    /// Works out what is shown of a render, where `reach` says what secrets decide.
    pub(super) async fn of(
        cluster: &Cluster,
        rendered: &Rendered,
        reach: &Reach,
        ownership: &Ownership,
        masker: &Masker,
    ) -> Result<Self, KubernetesError> {
        let mut release = Self {
            objects: ByObject::new(),
            unstable: ByObject::new(),
            by_write_only: ByObject::new(),
            hidden: Places::default(),
            sensitive: masker.sensitive().clone(),
        };
        for manifest in rendered.manifests.iter().filter(|manifest| manifest.is_object()) {
            release.add(cluster, manifest, reach, ownership, masker).await?;
        }
        // A hook is not shown, but its log is when it fails, and what it was refused for.
        for hook in rendered.hooks.iter().filter(|hook| hook.manifest.is_object()) {
            for object in objects_of(cluster, &hook.manifest.object, ownership).await? {
                release.hide(&object, reach, ownership, masker, None);
            }
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

    async fn add(
        &mut self,
        cluster: &Cluster,
        manifest: &Manifest,
        reach: &Reach,
        ownership: &Ownership,
        masker: &Masker,
    ) -> Result<(), KubernetesError> {
        let objects = objects_of(cluster, &manifest.object, ownership).await?;
        let others = if manifest.unstable.is_empty() {
            Ok(Vec::new())
        } else {
            let other = with_others(&manifest.object, &manifest.unstable);
            objects_of(cluster, &other, ownership).await
        };
        for object in &objects {
            let shown = object.shown(masker);
            if !manifest.unstable.is_empty() {
                let others = others.as_ref().map(Vec::as_slice).unwrap_or_default();
                let other = others.iter().find(|other| other.key() == object.key());
                let other = other.map(|other| other.shown(masker));
                self.unstable.insert(object.key(), unstable(&shown, other.as_ref()));
            }
            let unstable = self.unstable.remove(&object.key());
            self.hide(object, reach, ownership, masker, unstable.as_ref());
            let hiding = masker.clone().hiding(self.hidden.fields.clone());
            self.objects.insert(object.key(), object.shown(&hiding));
            self.unstable.extend(unstable.map(|unstable| (object.key(), unstable)));
        }
        Ok(())
    }

    /// Notes which fields of an object must not be shown: those with a secret's text in
    /// them, and those that are others with other secrets.
    fn hide(
        &mut self,
        object: &Applied,
        reach: &Reach,
        ownership: &Ownership,
        masker: &Masker,
        unstable: Option<&Unstable>,
    ) {
        let key = object.key();
        let reached = reach.of(&object.manifest, |other| {
            let applied = to_apply(other, &object.location, Some(ownership));
            flatten(applied.fields(), &object.location.reference)
        });
        let is_unstable = |path: &String| match unstable {
            Some(Unstable::Everything) => true,
            Some(Unstable::Leaves(paths)) => paths.contains(path),
            None => false,
        };
        let reached_paths =
            reached.paths.iter().map(|path| masker.path(path)).filter(|path| !is_unstable(path));
        let with_text = object
            .shown(masker)
            .0
            .into_iter()
            .filter(|(_, text)| text.as_str().starts_with(HASH))
            .map(|(path, _)| path);
        let places: BTreeSet<_> = reached_paths.chain(with_text).map(|path| place(&path)).collect();
        if !places.is_empty() {
            self.hidden.fields.insert(key.clone(), places);
        }
        let by_write_only: BTreeSet<_> =
            reached.by_write_only.iter().map(|path| masker.path(path)).collect();
        if !by_write_only.is_empty() {
            self.by_write_only.insert(key, by_write_only);
        }
        for path in object.paths() {
            self.hidden.names.extend(masker.sensitive().found_in(&path));
        }
        self.sensitive.extend(reached.texts);
    }

    /// Returns the places that must not be shown, to be kept with the revision.
    pub(super) fn hidden(&self) -> &Places {
        &self.hidden
    }

    /// Returns all texts that must not be shown: the secrets, and what the chart made
    /// of them.
    pub(super) fn sensitive(&self) -> &Sensitive {
        &self.sensitive
    }

    /// Returns what is shown of the leaves that depend on `values_wo`.
    pub(super) fn write_only(&self) -> ByObject<BTreeMap<String, String>> {
        let texts = |key: &String, paths: &BTreeSet<String>| {
            let shown = self.objects.get(key)?;
            let text = |path: &String| Some((path.clone(), shown.0.get(path)?.as_str().to_owned()));
            Some((key.clone(), paths.iter().filter_map(text).collect()))
        };
        self.by_write_only.iter().filter_map(|(key, paths)| texts(key, paths)).collect()
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
    /// out as it is in `prior`: equal to it when nothing else changed. What somebody
    /// changed there (`drifted`) has not come out so.
    pub(super) fn as_in(&self, prior: &ShownObjects, drifted: &Drifted) -> ShownObjects {
        self.objects
            .iter()
            .map(|(key, shown)| {
                let before = prior.get(key);
                let drifted = drifted.get(key);
                let fields = match (self.unstable.get(key), before) {
                    (Some(Unstable::Everything), Some(before)) if drifted.is_none() => {
                        before.clone()
                    }
                    (Some(Unstable::Leaves(paths)), Some(Value::Value(before))) => {
                        let mut fields = fields(shown);
                        let is_drifted =
                            |path: &String| drifted.is_some_and(|paths| paths.contains(path));
                        for path in paths.iter().filter(|path| !is_drifted(path)) {
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

    /// Makes of what [`Self::as_in`] returns what it would be with the write-only values
    /// that were applied last, of which `applied` knows the hashes: for values that are
    /// others in every run.
    pub(super) fn with_write_only_as(
        &self,
        mut objects: ShownObjects,
        applied: &ByObject<BTreeMap<String, String>>,
        prior: &ShownObjects,
    ) -> ShownObjects {
        for (key, paths) in &self.by_write_only {
            let Some(Value::Value(fields)) = objects.get_mut(key) else { continue };
            let applied = applied.get(key);
            for path in paths {
                let before = || match prior.get(key) {
                    Some(Value::Value(before)) => before.get(path).cloned(),
                    _ => None,
                };
                let known = applied.and_then(|applied| applied.get(path)).cloned();
                if let Some(text) = known.map(Value::Value).or_else(before) {
                    fields.insert(path.clone(), text);
                }
            }
        }
        objects
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

/// Is an object as it is applied.
struct Applied {
    manifest: ManifestObject,
    object: ApplyObject,
    location: Location,
}

impl Applied {
    fn key(&self) -> String {
        self.location.reference.key()
    }

    fn shown(&self, masker: &Masker) -> Shown {
        planned(&self.object, &self.location.reference, masker)
    }

    fn paths(&self) -> Vec<String> {
        flatten(self.object.fields(), &self.location.reference).into_keys().collect()
    }
}

async fn objects_of(
    cluster: &Cluster,
    document: &Json,
    ownership: &Ownership,
) -> Result<Vec<Applied>, KubernetesError> {
    let mut all = Vec::new();
    for manifest in ManifestObject::read(document.clone())? {
        let location = match cluster.locate_manifest(&manifest, &ownership.release_namespace).await
        {
            Ok(location) => location,
            // A kind that comes with this very release is not known before it.
            Err(KubernetesError::UnknownKind { .. }) => {
                guess(&manifest, &ownership.release_namespace)
            }
            Err(error) => return Err(error),
        };
        let object = to_apply(&manifest, &location, Some(ownership));
        all.push(Applied { manifest, object, location });
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
