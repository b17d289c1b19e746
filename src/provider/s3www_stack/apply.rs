//! Doing what was planned.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::S3wwwStack;
use super::drift;
use super::inputs::Inputs;
use super::inputs::Options;
use super::inputs::sensitive_texts;
use super::masking::mask_findings;
use super::outputs;
use super::places::Places;
use super::render::Revision;
use super::render::draft;
use super::render::render_for;
use super::render_error;
use super::settings;
use super::shown::ShownRelease;
use super::state::Drifted;
use super::state::Private;
use super::state::RecordedFields;
use super::state::Stack;
use crate::helm::release::Release;
use crate::helm::render::Rendered;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::lifecycle::Outcome;
use crate::kubernetes::lifecycle::Settings;
use crate::kubernetes::lifecycle::Turn;
use crate::kubernetes::release_store::ReleaseStore;
use crate::kubernetes::sensitive::Sensitive;
use crate::plugin::diagnostics::Report;
use crate::provider::value::known;

/// Names an operation, for messages.
#[derive(Clone, Copy)]
enum Operation {
    Install,
    Upgrade,
}

impl S3wwwStack {
    /// Installs the release.
    pub(super) async fn install(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        planned: Stack,
        config: &Stack,
        private: Private,
    ) -> Option<(Stack, Private)> {
        Box::pin(self.deploy(found, cluster, planned, config, private, Operation::Install)).await
    }

    /// Makes a new revision of the release, if one was planned.
    pub(super) async fn upgrade(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        prior: Stack,
        planned: Stack,
        config: &Stack,
        private: Private,
    ) -> Option<(Stack, Private)> {
        if planned.revision == prior.revision {
            // Only options changed, which say how the next operation is done.
            return Some((planned, private));
        }
        let before = private.clone();
        let deploying = self.deploy(found, cluster, planned, config, private, Operation::Upgrade);
        let deployed = Box::pin(deploying).await;
        match deployed {
            Some(deployed) if found.errors.is_empty() => Some(deployed),
            // What was there stays in the state, so that the next plan is not empty.
            // The next refresh reads how far it got.
            _ => Some((prior, before)),
        }
    }

    async fn deploy(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        planned: Stack,
        config: &Stack,
        private: Private,
        operation: Operation,
    ) -> Option<(Stack, Private)> {
        let inputs = Inputs::read(found, &planned, &config.values_wo)?;
        let settings = settings_of(&inputs.options, &planned);
        let progress = |line: &str| tracing::info!("{}", inputs.sensitive.mask(line));
        let lifecycle = Lifecycle {
            cluster,
            namespace: &inputs.namespace,
            name: &inputs.name,
            settings: &settings,
            sensitive: &inputs.sensitive,
            progress: &progress,
            cancel: self.context.stop(),
        };
        self.context.forget_connection(&format!("{}/{}", inputs.namespace, inputs.name));
        let turn = match operation {
            Operation::Install => lifecycle.begin_install().await,
            Operation::Upgrade => lifecycle.begin_upgrade().await,
        };
        let turn = turn.map_err(|error| report(found, &error)).ok()?;
        let revision = revision_of(&turn, operation);
        let stop = self.context.stop();
        let rendering = self.rendered(found, cluster, &inputs, config, &private, revision);
        let (rendered, shown) = tokio::select! {
            biased;
            () = stop.cancelled() => {
                let Inputs { namespace, name, .. } = &inputs;
                let summary = "Interrupted before anything was changed.";
                let detail = format!(
                    "Release `{namespace}/{name}` is as it was. Hint: apply again to go on."
                );
                found.report_error(AttributePath::root(), summary, detail);
                return None;
            }
            rendered = rendering => rendered?,
        };
        let lifecycle = Lifecycle { sensitive: shown.sensitive(), ..lifecycle };
        let mut draft = draft(&inputs, &rendered);
        settings::record(&mut draft, &planned);
        shown.hidden().record(&mut draft);
        let outcome = match operation {
            Operation::Install => lifecycle.install(&turn, &draft).await,
            Operation::Upgrade => lifecycle.upgrade(&turn, &draft).await,
        };
        let fields = outcome.as_ref().ok().map(|outcome| RecordedFields {
            revision: i64::from(outcome.release.revision),
            objects: outcome
                .fields
                .iter()
                .map(|(key, fields)| {
                    (key.clone(), without_secrets(fields.to_value(), shown.sensitive()))
                })
                .collect(),
        });
        let private = Private {
            fields,
            drifted: Drifted::new(),
            hooks: Some(private.hooks_of(&draft.hooks)),
            values_wo: if planned.values_wo_version.is_null() {
                private.hash_of(&config.values_wo)
            } else {
                None
            },
            write_only: if planned.values_wo_version.is_null() {
                BTreeMap::new()
            } else {
                shown.write_only()
            },
            first_revision: match operation {
                Operation::Install => Some(turn.revision),
                Operation::Upgrade => private.first_revision,
            },
            ..private
        };
        let release = match outcome {
            Ok(Outcome { release, warnings, .. }) => {
                warn(found, &warnings);
                release
            }
            Err(error) => {
                report(found, &error);
                // A release that is left behind belongs into the state, or nobody
                // would ever remove it.
                left_behind(&error)?
            }
        };
        if matches!(operation, Operation::Install) {
            self.context.remember_installed(&inputs.namespace, &inputs.name, release.revision);
        }
        let mut applied = applied(planned, &inputs, &release, &rendered);
        applied.objects = Value::Value(shown.applied());
        Some((applied, private))
    }

    /// Renders the revision that is to be made, and what is shown of it.
    async fn rendered(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        inputs: &Inputs,
        config: &Stack,
        private: &Private,
        revision: Revision,
    ) -> Option<(Rendered, ShownRelease)> {
        let rendered = match render_for(cluster, inputs, revision, self.context.stop()).await {
            Ok(rendered) => rendered,
            Err(failure) => {
                render_error::report(found, config, &inputs.sensitive, &failure);
                return None;
            }
        };
        let shown = self.shown(found, cluster, inputs, private, &rendered, revision).await?;
        Some((rendered, shown))
    }

    /// Uninstalls the release of a state.
    pub(super) async fn uninstall(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        prior: &Stack,
    ) -> Option<()> {
        let (Some(name), Some(namespace)) = (known(&prior.name), known(&prior.namespace)) else {
            return Some(());
        };
        let settings = settings_of(&Options::read(prior), prior);
        let mut sensitive = sensitive_texts([&prior.values_sensitive]);
        // Errors of reading it are told by the uninstall, which reads it again.
        if let Ok(Some(stored)) = ReleaseStore::new(cluster, &namespace, &name).latest().await {
            sensitive.merge(&Places::of(&stored.release).texts_of(&stored.release));
        }
        let lifecycle = Lifecycle {
            cluster,
            namespace: &namespace,
            name: &name,
            settings: &settings,
            sensitive: &sensitive,
            progress: &|line: &str| tracing::info!("{}", sensitive.mask(line)),
            cancel: self.context.stop(),
        };
        self.context.forget_connection(&format!("{namespace}/{name}"));
        let uninstalled = match lifecycle.uninstall().await {
            Ok(uninstalled) => {
                warn(found, &uninstalled.warnings());
                Some(())
            }
            Err(error) => {
                report(found, &error);
                None
            }
        };
        mask_findings(found, &sensitive);
        uninstalled
    }
}

fn settings_of(options: &Options, stack: &Stack) -> Settings {
    Settings {
        create_namespace: options.create_namespace,
        wait: options.wait,
        wait_for_jobs: options.wait_for_jobs,
        take_ownership: options.take_ownership,
        rollback_on_failure: options.rollback_on_failure,
        max_history: options.max_history,
        timeout: options.timeout,
        ignore: drift::ignore(stack),
        ..Settings::default()
    }
}

fn revision_of(turn: &Turn, operation: Operation) -> Revision {
    Revision { number: turn.revision, is_first: matches!(operation, Operation::Install) }
}

/// Returns the state of a release that was deployed, or at least begun.
fn applied(planned: Stack, inputs: &Inputs, release: &Release, rendered: &Rendered) -> Stack {
    let mut applied = Stack {
        id: Value::Value(format!("{}/{}", inputs.namespace, inputs.name)),
        revision: Value::Value(i64::from(release.revision)),
        status: Value::Value(release.info.status.to_string()),
        chart_version: Value::Value(release.chart.version().to_owned()),
        app_version: Value::Value(release.chart.app_version().to_owned()),
        ..planned
    };
    outputs::fill(&mut applied, rendered.manifests.iter().map(|manifest| &manifest.object));
    applied
}

/// Returns the record that a failed operation left in the cluster.
fn left_behind(error: &LifecycleError) -> Option<Release> {
    match error {
        LifecycleError::Failed(failure) => failure.release.clone(),
        _ => None,
    }
}

fn report(found: &mut Diagnostics, error: &LifecycleError) {
    found.report_error(AttributePath::root(), error.summary(), error.detail());
    if let LifecycleError::Failed(failure) = error {
        warn(found, &failure.warnings);
    }
}

fn warn(found: &mut Diagnostics, warnings: &[String]) {
    for warning in warnings {
        found.report_warning(AttributePath::root(), warning.clone(), "");
    }
}

/// Returns the fields without those whose own name is a secret, a key of a Secret say: the state
/// holds them. An account that may only read does not learn of changes to those.
fn without_secrets(fields: Json, sensitive: &Sensitive) -> Json {
    match fields {
        Json::Object(members) => members
            .into_iter()
            .filter(|(name, _)| sensitive.mask(name) == *name)
            .map(|(name, below)| (name, without_secrets(below, sensitive)))
            .collect(),
        other => other,
    }
}
