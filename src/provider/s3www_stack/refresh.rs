//! What became of a release since it was last looked at.

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::S3wwwStack;
use super::drift;
use super::drift::Mode;
use super::inputs::sensitive_texts;
use super::masking::mask_findings;
use super::outputs;
use super::places::Places;
use super::settings;
use super::shown;
use super::state::Drifted;
use super::state::Private;
use super::state::ShownObjects;
use super::state::Stack;
use crate::helm::release::Release;
use crate::helm::release::Status;
use crate::helm::release::objects;
use crate::kubernetes::autoscaler::Autoscalers;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::drift::Outcome;
use crate::kubernetes::drift::Recorded;
use crate::kubernetes::drift::Refresh;
use crate::kubernetes::drift::RefreshOptions;
use crate::kubernetes::drift::refresh;
use crate::kubernetes::flatten::Masker;
use crate::kubernetes::flatten::planned;
use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::normalise::Ownership;
use crate::kubernetes::normalise::to_apply;
use crate::kubernetes::release_store::ReleaseStore;
use crate::plugin::diagnostics::Report;
use crate::provider::report::kubernetes_error;
use crate::provider::report::store_error;
use crate::provider::value::known;
use crate::provider::value::or_null;

impl S3wwwStack {
    /// Reads the release's newest revision and compares its objects with the
    /// cluster. `None` without an error means that the release is gone.
    pub(super) async fn refresh(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        state: Stack,
        private: Private,
    ) -> Option<(Stack, Private)> {
        let mut private = private.with_key();
        let (Some(name), Some(namespace)) = (known(&state.name), known(&state.namespace)) else {
            return Some((state, private));
        };
        let stored = match ReleaseStore::new(cluster, &namespace, &name).latest().await {
            Ok(stored) => stored,
            Err(error) => {
                store_error(found, "The release cannot be read.", &error);
                return None;
            }
        };
        let release = stored.map(|stored| stored.release);
        let Some(release) = release.filter(|one| one.info.status != Status::Uninstalled) else {
            found.report_warning(
                AttributePath::root(),
                format!("Release `{namespace}/{name}` is gone."),
                "It was uninstalled outside of this configuration (by `helm uninstall`, for \
                 example); the stack is planned anew.",
            );
            self.remember_lost(state);
            return None;
        };
        let state = match private.moved.take() {
            Some(moved) => moved.complete(state, &release),
            None => state,
        };
        private.hooks = Some(private.hooks_of(&release.hooks));
        let before = known(&state.objects).unwrap_or_default();
        let places = Places::of(&release).or_as_in(&before);
        let read = self.compare(found, cluster, state, &private, &release, &places).await;
        let mut sensitive = places.texts_of(&release);
        if let Some((read, _)) = &read {
            sensitive.merge(&sensitive_texts([&read.values_sensitive]));
        }
        mask_findings(found, &sensitive);
        let (read, drifted) = read?;
        private.drifted = drifted;
        Some((read, private))
    }

    /// Returns the state of a release with its objects as they are now, and which leaves of them
    /// somebody changed.
    async fn compare(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        state: Stack,
        private: &Private,
        release: &Release,
        places: &Places,
    ) -> Option<(Stack, Drifted)> {
        let Release { name, namespace, .. } = release;
        let documents = match objects::documents(&release.manifest) {
            Ok(documents) => documents,
            Err(error) => {
                let summary = format!("The record of release `{namespace}/{name}` cannot be read.");
                found.report_error(AttributePath::root(), summary, error.to_string());
                return None;
            }
        };
        let read = documents.iter().map(|document| ManifestObject::read(document.clone()));
        let manifests = match read.collect::<Result<Vec<_>, _>>() {
            Ok(manifests) => manifests.concat(),
            Err(error) => {
                super::plan::unreadable(found, &error);
                return None;
            }
        };
        warn_of_revision(found, &state, release);
        let mut read = with_record(state, release);
        outputs::fill(&mut read, &documents);
        let ownership = Ownership {
            release_name: name.clone(),
            release_namespace: namespace.clone(),
            take_ownership: false,
        };
        let mut sensitive = sensitive_texts([&read.values_sensitive]);
        sensitive.extend(places.names.iter().cloned());
        // What else masked fields when they were applied is masked by their place: neither
        // the state nor the record has `values_wo`.
        let masker = private.masker(sensitive).hiding(places.fields.clone());
        let (objects, drifted) =
            self.shown_now(found, cluster, &read, private, &masker, &manifests, &ownership).await?;
        read.objects = Value::Value(objects);
        Some((read, drifted))
    }

    /// Returns what is shown of the release's objects as they are now.
    #[expect(clippy::too_many_arguments, reason = "each is a thing of its own to compare by")]
    async fn shown_now(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        state: &Stack,
        private: &Private,
        masker: &Masker,
        manifests: &[ManifestObject],
        ownership: &Ownership,
    ) -> Option<(ShownObjects, Drifted)> {
        let mode = drift::mode(state);
        let compared = if mode == Mode::Disabled {
            Refresh::default()
        } else {
            let fields =
                fields_of(cluster, state, private, manifests, &ownership.release_namespace).await;
            let recorded: Vec<_> = manifests
                .iter()
                .zip(&fields)
                .map(|(object, fields)| Recorded { object, fields: fields.as_ref() })
                .collect();
            let options = RefreshOptions {
                ownership,
                ignore: &drift::ignore(state),
                autoscalers: &Autoscalers::new(manifests, &ownership.release_namespace),
                masker,
            };
            match refresh(cluster, &recorded, &options, self.context.stop()).await {
                Ok(compared) => compared,
                Err(error) => {
                    let summary = "The release's objects cannot be compared with the cluster.";
                    kubernetes_error(found, AttributePath::root(), summary, &error);
                    return None;
                }
            }
        };
        for warning in &compared.warnings {
            found.report_warning(AttributePath::root(), warning.clone(), "");
        }
        let before = known(&state.objects).unwrap_or_default();
        let (mut all, mut drifted) = (ShownObjects::new(), Drifted::new());
        for (index, manifest) in manifests.iter().enumerate() {
            let refreshed = compared.objects.get(index);
            let location = match refreshed {
                Some(refreshed) => cluster.locate(&refreshed.reference).await,
                None => cluster.locate_manifest(manifest, &ownership.release_namespace).await,
            };
            let Ok(location) = location else {
                // The kind is not known to the cluster; a warning says so. What was
                // shown before stays.
                let key = refreshed.map(|refreshed| refreshed.reference.key());
                if let Some((key, before)) = key.and_then(|key| before.get_key_value(&key)) {
                    all.insert(key.clone(), before.clone());
                }
                continue;
            };
            let key = location.reference.key();
            let applied = to_apply(manifest, &location, Some(ownership));
            let as_released = planned(&applied, &location.reference, masker);
            let now = match (refreshed, mode) {
                (Some(refreshed), Mode::Correct) => match (&refreshed.outcome, before.get(&key)) {
                    (Outcome::NotCompared(_), Some(before)) => {
                        all.insert(key, before.clone());
                        continue;
                    }
                    (outcome, _) => {
                        if let Outcome::Drifted(changes) = outcome {
                            let paths = changes.iter().map(|change| change.path.clone());
                            drifted.insert(key.clone(), paths.collect());
                        }
                        refreshed.shown(&as_released)
                    }
                },
                (Some(refreshed), _) => {
                    warn_of_drift(found, &key, &refreshed.outcome);
                    Some(as_released)
                }
                (None, _) => Some(as_released),
            };
            if let Some(now) = now {
                all.insert(key, shown::known(&now));
            }
        }
        Some((all, drifted))
    }
}

/// Returns which fields of each object were ours after the last apply, if that made the revision
/// that is compared.
async fn fields_of(
    cluster: &Cluster,
    state: &Stack,
    private: &Private,
    manifests: &[ManifestObject],
    namespace: &str,
) -> Vec<Option<FieldSet>> {
    let recorded = private.fields.as_ref();
    let recorded = recorded.filter(|fields| state.revision == Value::Value(fields.revision));
    let mut found = Vec::new();
    for manifest in manifests {
        let Some(recorded) = recorded else {
            found.push(None);
            continue;
        };
        // A kind that is gone is told by the comparison.
        let location = cluster.locate_manifest(manifest, namespace).await.ok();
        let fields = location.and_then(|at| recorded.objects.get(&at.reference.key()));
        found.push(fields.map(FieldSet::read));
    }
    found
}

/// Tells of a revision that the Helm CLI or another program has made.
fn warn_of_revision(found: &mut Diagnostics, state: &Stack, release: &Release) {
    let known_revision = known(&state.revision);
    let is_newer = known_revision.is_some_and(|known| known != i64::from(release.revision));
    if !is_newer || settings::restore(release).is_some() {
        return;
    }
    let when = release.info.last_deployed.map_or_else(String::new, |at| format!(" at {at}"));
    found.report_warning(
        AttributePath::root(),
        format!(
            "Revision {} of release `{}/{}` was made outside of this configuration.",
            release.revision, release.namespace, release.name
        ),
        format!(
            "Its record says: {} ({}{when}). What it changed stands in the plan; if nothing does, \
             it changed nothing.",
            release.info.description, release.info.status
        ),
    );
}

/// Returns the state with what the newest revision's record says.
fn with_record(state: Stack, release: &Release) -> Stack {
    let text = |text: &str| or_null(Some(text.to_owned()));
    Stack {
        id: Value::Value(format!("{}/{}", release.namespace, release.name)),
        revision: Value::Value(i64::from(release.revision)),
        status: Value::Value(release.info.status.to_string()),
        chart_version: text(release.chart.version()),
        app_version: text(release.chart.app_version()),
        ..state
    }
}

/// Tells a difference that the user does not want corrected.
fn warn_of_drift(found: &mut Diagnostics, key: &str, outcome: &Outcome) {
    match outcome {
        Outcome::Missing => found.report_warning(
            AttributePath::new("drift_detection"),
            format!("`{key}` does not exist."),
            "Drift is only warned about (`drift_detection.mode`).",
        ),
        Outcome::Drifted(changes) => {
            let lines: Vec<_> = changes
                .iter()
                .map(|change| {
                    let text = |shown: &Option<_>| {
                        shown.as_ref().map_or_else(|| "(absent)".to_owned(), ToString::to_string)
                    };
                    format!(
                        "  {}: {} instead of {}",
                        change.path,
                        text(&change.live),
                        text(&change.expected)
                    )
                })
                .collect();
            found.report_warning(
                AttributePath::new("drift_detection"),
                format!("`{key}` differs from the release."),
                lines.join("\n"),
            );
        }
        _ => {}
    }
}
