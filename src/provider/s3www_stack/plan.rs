//! What a plan comes to.
//!
//! A plan is a function of prior state, private data, configuration and cluster
//! only: the client plans again during the apply, in another process, and what was
//! known the first time must come out the same.

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::S3wwwStack;
use super::drift;
use super::inputs::Inputs;
use super::outputs;
use super::reach::Reach;
use super::render::Revision;
use super::render::render_for;
use super::render::render_without_lookup;
use super::render_error;
use super::shown::ShownRelease;
use super::state::Private;
use super::state::Stack;
use crate::helm::release::Status;
use crate::helm::release::history;
use crate::helm::render::Rendered;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::normalise::Ownership;
use crate::kubernetes::release_store::ReleaseStore;
use crate::plugin::diagnostics::Report;
use crate::plugin::dynamic::Dynamic;
use crate::provider::report::kubernetes_error;
use crate::provider::value::known;

/// Returns the namespace that a configuration means.
pub(super) fn namespace(config: &Stack) -> Value<String> {
    match &config.namespace {
        Value::Null => Value::Value("default".to_owned()),
        other => other.clone(),
    }
}

/// Returns the configuration with everything computed unknown.
pub(super) fn unknown(config: Stack, id: Value<String>) -> Stack {
    let mut planned = Stack {
        id,
        namespace: namespace(&config),
        revision: Value::Unknown,
        status: Value::Unknown,
        chart_version: Value::Unknown,
        app_version: Value::Unknown,
        objects: Value::Unknown,
        ..config
    };
    outputs::unknown(&mut planned);
    planned
}

impl S3wwwStack {
    /// Plans a release that does not exist.
    ///
    /// The id stays unknown even though it could be told: what depends on the
    /// stack must not take a stack that is not there for one that is.
    ///
    /// A destroy plans like this too, if the release is gone: then nothing that the user wrote
    /// caused an error, which would be in the way. The apply of this plan meets it again.
    pub(super) async fn plan_first(
        &self,
        found: &mut Diagnostics,
        cluster: Option<&Cluster>,
        config: Stack,
    ) -> Option<(Stack, Private)> {
        let is_lost = self.has_lost(&config) && !self.context.stop().is_cancelled();
        let planned = self.plan_new(found, cluster, config.clone()).await;
        if planned.is_some() || !is_lost {
            return planned;
        }
        downgrade_errors(found);
        Some((unknown(config, Value::Unknown), Private::default().with_key()))
    }

    async fn plan_new(
        &self,
        found: &mut Diagnostics,
        cluster: Option<&Cluster>,
        config: Stack,
    ) -> Option<(Stack, Private)> {
        let private = Private::default().with_key();
        let config = Stack { namespace: namespace(&config), ..config };
        let inputs = Inputs::read(found, &config, &config.values_wo);
        let (Some(cluster), Some(inputs)) = (cluster, inputs) else {
            // Something is not known yet, or an error says what is wrong.
            return found.errors.is_empty().then(|| (unknown(config, Value::Unknown), private));
        };
        // 1, unless an attempt of ours left something behind that is gone on with.
        let number = self.next_revision(found, cluster, &inputs).await?;
        let first = Revision { number, is_first: true };
        let rendered = match render_for(cluster, &inputs, first, self.context.stop()).await {
            Ok(rendered) => rendered,
            Err(failure) => {
                render_error::report(found, &config, &inputs.sensitive, &failure);
                return None;
            }
        };
        let mut shown = self.shown(found, cluster, &inputs, &private, &rendered, first).await?;
        self.try_out(found, cluster, &config, &inputs, &private, &rendered, first, &shown, &[])
            .await?;
        let mut planned = unknown(config, Value::Unknown);
        complete(&mut planned, &rendered);
        if number != 1
            && !self.also_alone(found, cluster, &inputs, &private, &mut shown, &mut planned).await?
        {
            return Some((unknown(planned, Value::Unknown), private));
        }
        planned.objects = Value::Value(shown.first());
        Some((planned, private))
    }

    /// Makes unknown what would come out otherwise if nothing of the release were there.
    ///
    /// A release without a state may be what a killed run left, which is gone on with, or the one of
    /// a stack that is destroyed before this one is made: a client asks for the plan of a
    /// replacement without saying that it is one. Then the revisions begin at 1, and `lookup` finds
    /// nothing. Answers whether at least the objects are the same.
    async fn also_alone(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        inputs: &Inputs,
        private: &Private,
        shown: &mut ShownRelease,
        planned: &mut Stack,
    ) -> Option<bool> {
        let first = Revision { number: 1, is_first: true };
        let Ok(alone) = render_without_lookup(cluster, inputs, first).await else {
            return Some(false);
        };
        let of_alone = self.shown(found, cluster, inputs, private, &alone, first).await?;
        let mut planned_alone = planned.clone();
        complete(&mut planned_alone, &alone);
        if !outputs::are_same(planned, &planned_alone) {
            outputs::unknown(planned);
        }
        Some(shown.agree_with(of_alone))
    }

    /// Plans a release that exists: a new revision if anything is not as it should
    /// be, otherwise nothing.
    pub(super) async fn plan_next(
        &self,
        found: &mut Diagnostics,
        cluster: Option<&Cluster>,
        prior: Stack,
        config: Stack,
        private: Private,
    ) -> Option<(Stack, Private)> {
        let private = private.with_key();
        let config = Stack { namespace: namespace(&config), ..config };
        let inputs = Inputs::read(found, &config, &config.values_wo);
        let (Some(cluster), Some(inputs)) = (cluster, inputs) else {
            if found.errors.is_empty() {
                return Some((unknown(config, prior.id), private));
            }
            if !same_inputs(&prior, &config) {
                return None;
            }
            // A chart whose folder is gone, say: an error would block a destroy, which
            // plans like this first.
            downgrade_errors(found);
            return Some((keep(config, &prior), private));
        };
        let revision = known(&prior.revision).and_then(|number| u32::try_from(number).ok());
        let revision = revision.unwrap_or(1);
        let is_first = revision == private.first_revision.unwrap_or(1);
        let again = Revision { number: revision, is_first };
        let rendered = match render_for(cluster, &inputs, again, self.context.stop()).await {
            Ok(rendered) => rendered,
            Err(failure) => {
                render_error::report(found, &config, &inputs.sensitive, &failure);
                if !same_inputs(&prior, &config) {
                    return None;
                }
                downgrade_errors(found);
                return Some((keep(config, &prior), private));
            }
        };
        let shown = self.shown(found, cluster, &inputs, &private, &rendered, again).await?;
        let stated = known(&prior.objects).unwrap_or_default();
        let (prior, private) = self.seen_anew(found, cluster, prior, &config, private).await?;
        let before = known(&prior.objects).unwrap_or_default();
        let mut expected = shown.as_in(&before, &private.drifted);
        if is_same_version(&prior, &config) {
            expected = shown.with_write_only_as(expected, &private.write_only, &before);
        }
        drift::warn_of_new_settings(found, &stated, &before, &expected);
        let deployed = prior.status == Value::Value(Status::Deployed.to_string());
        // The prior values are only merged anew if any of them is another.
        let same_release = (same_inputs(&prior, &config) || same_values(&prior, &inputs))
            && !wrote_only_changed(&prior, &config, &private)
            && same_chart(&prior, &rendered)
            && !hooks_changed(cluster, &inputs, again, &private, &rendered).await;
        if deployed && same_release && expected == before {
            return Some((keep(config, &prior), private));
        }

        let next = self.next_revision(found, cluster, &inputs).await?;
        let next = Revision { number: next, is_first: false };
        let rendered = match render_for(cluster, &inputs, next, self.context.stop()).await {
            Ok(rendered) => rendered,
            Err(failure) => {
                render_error::report(found, &config, &inputs.sensitive, &failure);
                return None;
            }
        };
        let shown = self.shown(found, cluster, &inputs, &private, &rendered, next).await?;
        let recorded: Vec<_> = before.keys().cloned().collect();
        let tried = self
            .try_out(found, cluster, &config, &inputs, &private, &rendered, next, &shown, &recorded)
            .await;
        if tried.is_none() {
            if !same_inputs(&prior, &config) {
                return None;
            }
            downgrade_errors(found);
        }
        let mut planned = unknown(config, prior.id.clone());
        planned.objects = Value::Value(shown.next());
        complete(&mut planned, &rendered);
        Some((planned, private))
    }

    /// Returns the prior state as the configuration's `drift_detection` sees it, if that is
    /// another: the refresh before the plan knows only the one in the state.
    async fn seen_anew(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        prior: Stack,
        config: &Stack,
        private: Private,
    ) -> Option<(Stack, Private)> {
        if prior.drift_detection == config.drift_detection {
            return Some((prior, private));
        }
        let errors = found.errors.len();
        let seen = Stack { drift_detection: config.drift_detection.clone(), ..prior.clone() };
        match self.refresh(found, cluster, seen, private.clone()).await {
            // The revision stays that of the state: only what is shown is another.
            Some((seen, private)) => Some((Stack { objects: seen.objects, ..prior }, private)),
            None => (found.errors.len() == errors).then_some((prior, private)),
        }
    }

    /// Returns the number that the next revision gets.
    async fn next_revision(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        inputs: &Inputs,
    ) -> Option<u32> {
        let store = ReleaseStore::new(cluster, &inputs.namespace, &inputs.name);
        match store.list().await {
            Ok(metas) => {
                let entries: Vec<_> = metas.iter().map(|meta| meta.entry).collect();
                Some(history::next_revision(&entries))
            }
            Err(error) => {
                found.report_error(
                    AttributePath::root(),
                    "The release's history cannot be read.",
                    error.to_string(),
                );
                None
            }
        }
    }

    /// Returns what is shown of a render for that revision.
    pub(super) async fn shown(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        inputs: &Inputs,
        private: &Private,
        rendered: &Rendered,
        revision: Revision,
    ) -> Option<ShownRelease> {
        let masker = private.masker(inputs.sensitive.clone());
        let reach = Reach::find(cluster, inputs, revision, self.context.stop()).await;
        ShownRelease::of(cluster, rendered, &reach, &ownership(inputs), &masker)
            .await
            .map_err(|error| unreadable(found, &error))
            .ok()
    }
}

/// Says to which release objects belong.
pub(super) fn ownership(inputs: &Inputs) -> Ownership {
    Ownership {
        release_name: inputs.name.clone(),
        release_namespace: inputs.namespace.clone(),
        take_ownership: inputs.options.take_ownership,
    }
}

/// Fills in what a render says about the release to come.
fn complete(planned: &mut Stack, rendered: &Rendered) {
    planned.status = Value::Value(Status::Deployed.to_string());
    (planned.chart_version, planned.app_version) = versions(rendered);
    // What differs in every render is not told: it is another one when it is applied.
    let all_stable = rendered
        .manifests
        .iter()
        .all(|manifest| manifest.kind != "ConfigMap" || manifest.unstable.is_empty());
    if all_stable {
        outputs::fill(planned, rendered.manifests.iter().map(|manifest| &manifest.object));
    } else {
        outputs::unknown(planned);
    }
}

/// Returns the configuration with everything computed as it was: options may have
/// changed, the release stays.
fn keep(config: Stack, prior: &Stack) -> Stack {
    let prior = prior.clone();
    Stack {
        id: prior.id,
        revision: prior.revision,
        status: prior.status,
        chart_version: prior.chart_version,
        app_version: prior.app_version,
        objects: prior.objects,
        bucket: prior.bucket,
        service_url: prior.service_url,
        url: prior.url,
        minio_endpoint: prior.minio_endpoint,
        credentials_secret: prior.credentials_secret,
        ..config
    }
}

/// Says whether everything that decides what is rendered is as it was, so that an
/// error is not the configuration's doing.
pub(super) fn same_inputs(prior: &Stack, config: &Stack) -> bool {
    prior.chart == config.chart
        && prior.values == config.values
        && prior.values_yaml == config.values_yaml
        && prior.values_sensitive == config.values_sensitive
        && prior.file == config.file
}

/// Says whether `values_wo` has a version, and it is the one that was applied last.
fn is_same_version(prior: &Stack, config: &Stack) -> bool {
    !config.values_wo_version.is_null() && prior.values_wo_version == config.values_wo_version
}

/// Says whether `values_wo` is another than was applied last: by its version if
/// there is one, otherwise by its hash.
fn wrote_only_changed(prior: &Stack, config: &Stack, private: &Private) -> bool {
    if config.values_wo_version.is_null() {
        private.values_wo != private.hash_of(&config.values_wo)
    } else {
        prior.values_wo_version != config.values_wo_version
    }
}

/// Turns errors into warnings, where nothing that the user wrote caused them: an
/// error at plan blocks a destroy too.
fn downgrade_errors(found: &mut Diagnostics) {
    for error in std::mem::take(&mut found.errors) {
        found.report_warning(error.attribute, error.summary, error.detail);
    }
}

/// Says whether the merged values are those of the prior state. Hooks and notes are
/// made of them too, which `objects` does not show.
fn same_values(prior: &Stack, inputs: &Inputs) -> bool {
    let mut unused = Diagnostics::default();
    let before = Inputs::read(&mut unused, prior, &Dynamic::Null);
    before.is_some_and(|before| before.recorded_values == inputs.recorded_values)
}

/// Says whether the chart is of the version that the release was made of.
fn same_chart(prior: &Stack, rendered: &Rendered) -> bool {
    let (version, app_version) = versions(rendered);
    prior.chart_version == version && prior.app_version == app_version
}

/// Says whether the chart's hooks are others than the release has.
async fn hooks_changed(
    cluster: &Cluster,
    inputs: &Inputs,
    revision: Revision,
    private: &Private,
    rendered: &Rendered,
) -> bool {
    let differing = private.differing_hooks(rendered);
    if differing.is_empty() {
        return false;
    }
    // A chart that cannot be rendered without what `lookup` finds does not tell.
    let offline = render_without_lookup(cluster, inputs, revision).await;
    offline.is_ok_and(|offline| private.agree_on_any(&differing, rendered, &offline))
}

/// Returns the versions of the chart and of the application in it.
fn versions(rendered: &Rendered) -> (Value<String>, Value<String>) {
    let text = |name: &str| {
        let text = rendered.chart_metadata.get(name).and_then(serde_json::Value::as_str);
        Value::Value(text.unwrap_or_default().to_owned())
    };
    (text("version"), text("appVersion"))
}

pub(super) fn unreadable(found: &mut Diagnostics, error: &KubernetesError) {
    let summary = "The chart's objects cannot be read.";
    kubernetes_error(found, AttributePath::root(), summary, error);
}
