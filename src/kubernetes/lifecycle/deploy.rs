//! The steps that install, upgrade and roll-back have in common.

use jiff::Timestamp;
use serde_json::json;

use crate::helm::manifest::hook::Event;
use crate::helm::release::Hook;
use crate::helm::release::Info;
use crate::helm::release::Release;
use crate::helm::release::SERVER_SIDE_APPLY;
use crate::helm::release::Status;
use crate::kubernetes::autoscaler::Autoscalers;
use crate::kubernetes::lifecycle::Aftermath;
use crate::kubernetes::lifecycle::Draft;
use crate::kubernetes::lifecycle::Failure;
use crate::kubernetes::lifecycle::Lifecycle;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::lifecycle::Outcome;
use crate::kubernetes::lifecycle::Turn;
use crate::kubernetes::lifecycle::crds;
use crate::kubernetes::lifecycle::delete;
use crate::kubernetes::lifecycle::hooks;
use crate::kubernetes::lifecycle::lease::Lease;
use crate::kubernetes::lifecycle::objects;
use crate::kubernetes::lifecycle::objects::Applying;
use crate::kubernetes::lifecycle::objects::Made;
use crate::kubernetes::lifecycle::objects::identity;
use crate::kubernetes::lifecycle::persist::patiently;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::namespace;
use crate::kubernetes::release_store::StoreError;
use crate::kubernetes::sensitive::Sensitive;
use crate::kubernetes::wait::Bounds;

/// The longest description in a record.
const DESCRIPTION: usize = 1000;

/// Names what is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Install,
    Upgrade,
    Rollback { to: u32 },
}

impl Kind {
    fn pending(self) -> Status {
        match self {
            Self::Install => Status::PendingInstall,
            Self::Upgrade => Status::PendingUpgrade,
            Self::Rollback { .. } => Status::PendingRollback,
        }
    }

    fn events(self) -> (Event, Event) {
        match self {
            Self::Install => (Event::PreInstall, Event::PostInstall),
            Self::Upgrade => (Event::PreUpgrade, Event::PostUpgrade),
            Self::Rollback { .. } => (Event::PreRollback, Event::PostRollback),
        }
    }

    /// Returns Helm's words for the beginning, the success and the failure.
    fn words(self) -> (String, String, &'static str) {
        match self {
            Self::Install => {
                ("Initial install underway".into(), "Install complete".into(), "Release")
            }
            Self::Upgrade => ("Preparing upgrade".into(), "Upgrade complete".into(), "Upgrade"),
            Self::Rollback { to } => {
                (format!("Rollback to {to}"), format!("Rollback to {to}"), "Rollback")
            }
        }
    }
}

impl Lifecycle<'_> {
    /// Makes one revision. Whatever happens, its record says how it ended, unless even
    /// that could not be written.
    pub(super) async fn deploy(
        &self,
        kind: Kind,
        turn: &Turn,
        draft: &Draft,
    ) -> Result<Outcome, LifecycleError> {
        let deadline = self.deadline();
        let manifests = objects::read(&draft.manifest)?;
        let sensitive = objects::sensitive(self.sensitive, &manifests, &draft.hooks);
        let bounds = self.bounds(deadline, &sensitive);
        if kind == Kind::Install && self.settings.create_namespace {
            let ensure =
                async || Ok(namespace::ensure(self.cluster, self.namespace, bounds).await?);
            self.unless_interrupted(patiently(self.cluster, deadline, ensure)).await?;
        }
        let mut release = self.record(kind, turn, draft);
        let store = self.store();
        let operation = uuid::Uuid::new_v4().to_string();
        let is_install = kind == Kind::Install;
        let create =
            async || Ok(store.create(&release, &operation, is_install, &turn.labels).await?);
        let creating = patiently(self.cluster, self.beginning(), create);
        let meta = self.unless_interrupted(creating).await?;
        let since = meta.created_by_server;
        let lease = Lease::new(self, meta, deadline);
        let mut hooks = std::mem::take(&mut release.hooks);
        let steps = self.steps(kind, turn, draft, manifests, &mut hooks, since, bounds);
        // Boxed: it holds everything that is under way.
        let result = lease.work(Box::pin(steps)).await;
        release.hooks = hooks;
        match result {
            Ok(made) => self.succeed(kind, turn, release, &lease, made).await,
            Err(error) => Err(self.fail(kind, turn, release, &lease, error, &sensitive).await),
        }
    }

    fn record(&self, kind: Kind, turn: &Turn, draft: &Draft) -> Release {
        let now = Timestamp::now();
        let mut info = Info {
            first_deployed: Some(turn.first_deployed.unwrap_or(now)),
            last_deployed: Some(now),
            description: kind.words().0,
            status: kind.pending(),
            notes: draft.notes.clone(),
            ..Info::default()
        };
        if let Kind::Rollback { to } = kind {
            info.other.insert("rollback_revision".to_owned(), json!(to));
        }
        Release {
            name: self.name.to_owned(),
            info,
            chart: draft.chart.clone(),
            config: draft.config.clone(),
            manifest: draft.manifest.clone(),
            hooks: draft.hooks.clone(),
            revision: turn.revision,
            namespace: self.namespace.to_owned(),
            apply_method: SERVER_SIDE_APPLY.to_owned(),
            other: serde_json::Map::new(),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the one place where all of it comes together")]
    async fn steps(
        &self,
        kind: Kind,
        turn: &Turn,
        draft: &Draft,
        manifests: Vec<ManifestObject>,
        hooks: &mut [Hook],
        since: Option<Timestamp>,
        bounds: Bounds<'_>,
    ) -> Result<Made, LifecycleError> {
        let (before, after) = kind.events();
        patiently(self.cluster, bounds.deadline, || self.end_unfinished(turn)).await?;
        if kind == Kind::Install {
            crds::create(self, &draft.custom_resource_definitions, bounds).await?;
        }
        hooks::run(self, hooks, before, since, bounds).await?;
        let recorded =
            turn.previous.iter().map(|object| identity(object, self.namespace)).collect();
        let mut vanished = delete::vanished(&turn.previous, &manifests, self.namespace);
        let data = delete::take_data(&mut vanished);
        let applying = Applying {
            lifecycle: self,
            bounds,
            ownership: self.ownership(),
            autoscalers: Autoscalers::new(&manifests, self.namespace),
            recorded,
        };
        let mut made = applying.all(manifests).await?;
        let deleted = delete::all(self, vanished, bounds).await?;
        made.warnings.extend(deleted.warnings());
        made.warnings.extend(objects::wait(self, &made.targets, since, bounds).await?);
        made.warnings.extend(delete::settle(self, deleted, bounds).await?);
        hooks::run(self, hooks, after, since, bounds).await?;
        let data = delete::all(self, data, bounds).await?;
        made.warnings.extend(data.warnings());
        made.warnings.extend(delete::settle(self, data, bounds).await?);
        Ok(made)
    }

    /// Marks what was begun and never ended, now that this revision has taken over.
    async fn end_unfinished(&self, turn: &Turn) -> Result<(), StoreError> {
        let store = self.store();
        for revision in &turn.unfinished {
            let Some(mut stored) = store.get(*revision).await? else { continue };
            if stored.release.info.status == Status::Failed {
                // Its own run came round to saying so.
                continue;
            }
            stored.release.info.status = Status::Failed;
            stored.release.info.description =
                format!("Interrupted; revision {} has taken over", turn.revision);
            store.update(&stored.release, &stored.meta.without_heartbeat()).await?;
        }
        Ok(())
    }

    async fn succeed(
        &self,
        kind: Kind,
        turn: &Turn,
        mut release: Release,
        lease: &Lease<'_>,
        made: Made,
    ) -> Result<Outcome, LifecycleError> {
        let Made { fields, mut warnings, .. } = made;
        release.info.status = Status::Deployed;
        release.info.description = kind.words().1;
        release.info.last_deployed = Some(Timestamp::now());
        if let Err(error) = lease.finish(&release).await {
            let aftermath = Aftermath::Unrecorded(error.to_string());
            let failure =
                Failure::new(error.into(), Some(release), turn.serving, aftermath, self.sensitive);
            return Err(LifecycleError::Failed(Box::new(failure)));
        }
        // The new revision serves from here on, so nothing below is a reason to fail.
        if let Err(error) = self.supersede(release.revision).await {
            warnings.push(format!("Earlier revisions are not marked `superseded` yet: {error}"));
        }
        if let Err(error) = self.prune(self.sensitive).await {
            warnings.push(format!("Old revisions could not be removed: {error}"));
        }
        let mut unique: Vec<String> = Vec::new();
        for warning in warnings {
            if !unique.contains(&warning) {
                unique.push(warning);
            }
        }
        self.tell(&format!(
            "Release `{}/{}`: revision {} is deployed",
            self.namespace, self.name, release.revision
        ));
        Ok(Outcome { release, fields, warnings: unique })
    }

    /// Marks every revision as superseded that was deployed before this one.
    async fn supersede(&self, revision: u32) -> Result<(), StoreError> {
        let store = self.store();
        for meta in store.list().await? {
            let entry = meta.entry;
            if entry.status != Status::Deployed || entry.revision >= revision {
                continue;
            }
            if let Some(mut stored) = store.get(entry.revision).await? {
                stored.release.info.status = Status::Superseded;
                store.update(&stored.release, &stored.meta).await?;
            }
        }
        Ok(())
    }

    async fn fail(
        &self,
        kind: Kind,
        turn: &Turn,
        mut release: Release,
        lease: &Lease<'_>,
        error: LifecycleError,
        sensitive: &Sensitive,
    ) -> LifecycleError {
        let is_interruption = error.is_interruption();
        release.info.status = Status::Failed;
        let reason = if is_interruption {
            String::from("interrupted")
        } else {
            sensitive.mask(&error.summary())
        };
        let (_, _, what) = kind.words();
        let description = format!("{what} \"{}\" failed: {reason}", self.name);
        release.info.description = description.chars().take(DESCRIPTION).collect();
        let aftermath = lease.leave(&release, &error).await;
        if matches!(aftermath, Aftermath::Kept) && !is_interruption {
            // Failed attempts must not pile up. That this failed too is not worth a word
            // beside the reason of the failure.
            if let Err(error) = self.prune(sensitive).await {
                tracing::warn!(%error, "old revisions could not be removed");
            }
        }
        let failure = Failure::new(error, Some(release), turn.serving, aftermath, sensitive);
        LifecycleError::Failed(Box::new(failure))
    }
}
