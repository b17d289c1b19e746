//! `s3www_stack`: s3www and its MinIO on a cluster, as one Helm release.
//!
//! - `state` has the attributes, `inputs` what they come to, `drift` what becomes
//!   of differences;
//! - `hooks` notices changed hooks, `origin` finds the values that a refused field comes from;
//! - `render` renders the chart for a revision, `shown` makes of it what the plan
//!   shows, `outputs` the computed attributes that other resources use;
//! - `reach` finds what of a render depends on secrets, `places` keeps that with the
//!   revision, `masking` has the hashes and takes secrets out of what is said;
//! - `refresh`, `plan`, `apply`, `import` and `moved` are the five things that a client
//!   asks for; `trial` lets the API server try what is planned.

use std::sync::Mutex;
use std::sync::PoisonError;

use async_trait::async_trait;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::Resource;
use tf_provider::schema::Schema;
use tf_provider::value::Value;
use tf_provider::value::ValueEmpty;

use crate::kubernetes::client::Cluster;
use crate::plugin::diagnostics::Report;
use crate::plugin::dynamic::Dynamic;
use crate::plugin::resource::IdentityAttribute;
use crate::plugin::resource::MovedState;
use crate::plugin::resource::ResourceExtension;
use crate::plugin::schema::WriteOnly;
use crate::provider::configuration::Known;
use crate::provider::context::Context;
use crate::provider::report::kubernetes_error;

mod apply;
mod drift;
mod hooks;
mod import;
mod inputs;
mod masking;
mod moved;
mod origin;
mod outputs;
mod places;
mod plan;
mod reach;
mod refresh;
mod render;
mod render_error;
mod settings;
mod shown;
mod state;
mod trial;

pub(super) use inputs::load_chart;
use inputs::sensitive_texts;
use masking::mask_findings;
use state::Private;
use state::Stack;

/// Is the resource.
pub struct S3wwwStack {
    context: Context,
    /// The states of releases that this process found gone.
    lost: Mutex<Vec<Stack>>,
}

impl S3wwwStack {
    /// Makes the resource.
    pub fn new(context: Context) -> Self {
        Self { context, lost: Mutex::default() }
    }

    /// Remembers a state whose release is gone. Clients ask for the plan that follows in the same
    /// process, and say nothing of the state any more.
    fn remember_lost(&self, state: Stack) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).push(state);
    }

    /// Says whether the configuration is that of a release that was found gone.
    fn has_lost(&self, config: &Stack) -> bool {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.iter().any(|state| {
            state.name == config.name
                && state.namespace == plan::namespace(config)
                && plan::same_inputs(state, config)
        })
    }

    /// Returns the cluster; `None` if the provider block leads to none, which is then
    /// in the diagnostics.
    fn cluster(&self, found: &mut Diagnostics) -> Option<Known<Cluster>> {
        self.context
            .cluster()
            .map_err(|error| {
                let summary = "The Kubernetes cluster cannot be determined.";
                kubernetes_error(found, AttributePath::root(), summary, &error);
            })
            .ok()
    }
}

#[async_trait]
impl Resource for S3wwwStack {
    type State<'a> = Stack;
    type PrivateState<'a> = Private;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(state::schema())
    }

    async fn validate<'a>(&self, found: &mut Diagnostics, config: Stack) -> Option<()> {
        inputs::validate(found, &config);
        Some(())
    }

    async fn read<'a>(
        &self,
        found: &mut Diagnostics,
        state: Stack,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Stack, Private)> {
        match self.cluster(found)? {
            Known::Now(cluster) => self.refresh(found, &cluster, state, private).await,
            Known::AfterApply => Some((state, private)),
        }
    }

    async fn plan_create<'a>(
        &self,
        found: &mut Diagnostics,
        _proposed: Stack,
        config: Stack,
        _: ValueEmpty,
    ) -> Option<(Stack, Private)> {
        let cluster = self.cluster(found)?.now();
        let sensitive = sensitive_texts([&config.values_sensitive, &config.values_wo]);
        let planned = self.plan_first(found, cluster.as_ref(), config).await;
        mask_findings(found, &sensitive);
        planned
    }

    async fn plan_update<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Stack,
        _proposed: Stack,
        config: Stack,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Stack, Private, Vec<AttributePath>)> {
        let cluster = self.cluster(found)?.now();
        let replace: Vec<_> = [
            ("name", prior.name == config.name),
            ("namespace", prior.namespace == plan::namespace(&config)),
        ]
        .into_iter()
        .filter(|(_, same)| !same)
        .map(|(name, _)| AttributePath::new(name))
        .collect();
        if !replace.is_empty() {
            // Nothing can be said about the new one here; the client plans it again
            // as a create.
            return Some((plan::unknown(config, Value::Unknown), private, replace));
        }
        let sensitive =
            sensitive_texts([&prior.values_sensitive, &config.values_sensitive, &config.values_wo]);
        let planning = self.plan_next(found, cluster.as_ref(), prior, config, private);
        let planned = Box::pin(planning).await;
        mask_findings(found, &sensitive);
        let (planned, private) = planned?;
        Some((planned, private, replace))
    }

    async fn plan_destroy<'a>(
        &self,
        _: &mut Diagnostics,
        _: Stack,
        private: Private,
        _: ValueEmpty,
    ) -> Option<Private> {
        Some(private)
    }

    async fn create<'a>(
        &self,
        found: &mut Diagnostics,
        planned: Stack,
        config: Stack,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Stack, Private)> {
        let cluster = self.known_cluster(found)?;
        let sensitive = sensitive_texts([&config.values_sensitive, &config.values_wo]);
        let installed = Box::pin(self.install(found, &cluster, planned, &config, private)).await;
        mask_findings(found, &sensitive);
        installed
    }

    async fn update<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Stack,
        planned: Stack,
        config: Stack,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Stack, Private)> {
        let cluster = self.known_cluster(found)?;
        let sensitive =
            sensitive_texts([&prior.values_sensitive, &config.values_sensitive, &config.values_wo]);
        let upgraded =
            Box::pin(self.upgrade(found, &cluster, prior, planned, &config, private)).await;
        mask_findings(found, &sensitive);
        upgraded
    }

    async fn destroy<'a>(
        &self,
        found: &mut Diagnostics,
        prior: Stack,
        _: Private,
        _: ValueEmpty,
    ) -> Option<()> {
        let cluster = self.known_cluster(found)?;
        self.uninstall(found, &cluster, &prior).await
    }

    async fn import<'a>(&self, found: &mut Diagnostics, id: String) -> Option<(Stack, Private)> {
        let cluster = self.known_cluster(found)?;
        self.import_release(found, &cluster, &id).await
    }
}

impl S3wwwStack {
    /// Returns the cluster for an operation, by when everything is known.
    fn known_cluster(&self, found: &mut Diagnostics) -> Option<Cluster> {
        let cluster = self.cluster(found)?.now();
        if cluster.is_none() {
            found.report_error(
                AttributePath::root(),
                "The provider's configuration is not known yet.",
                "A value in the provider's `kubernetes` block depends on a resource that does not \
                 exist. Create that one first, for example with `-target`.",
            );
        }
        cluster
    }
}

impl ResourceExtension for S3wwwStack {
    fn write_only(&self) -> WriteOnly {
        &["values_wo"]
    }

    fn identity_attributes(&self) -> &'static [IdentityAttribute] {
        &[
            IdentityAttribute {
                name: "namespace",
                required: true,
                description: "Namespace of the release.",
            },
            IdentityAttribute { name: "name", required: true, description: "Name of the release." },
        ]
    }

    fn move_state(&self, source: &MovedState) -> Option<Result<(Stack, Private), String>> {
        moved::from_helm_release(source)
    }

    fn import_id(&self, identity: &Dynamic) -> Option<String> {
        match (identity.attribute("namespace"), identity.attribute("name")) {
            (Dynamic::String(namespace), Dynamic::String(name)) => {
                Some(format!("{namespace}/{name}"))
            }
            _ => None,
        }
    }
}
