//! Making an object be what its manifest says.

use std::time::Duration;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::kubernetes::autoscaler;
use crate::kubernetes::autoscaler::Autoscalers;
use crate::kubernetes::cancel::unless_cancelled;
use crate::kubernetes::claim::Wishes;
use crate::kubernetes::claim::claim;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::ignore::Ignore;
use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::managed_fields::contains;
use crate::kubernetes::managed_fields::path_text;
use crate::kubernetes::managed_fields::remove;
use crate::kubernetes::managed_fields::unowned_items;
use crate::kubernetes::managers::Party;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::normalise::ApplyObject;
use crate::kubernetes::normalise::to_apply;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::request::Mode;
use crate::kubernetes::resource::Location;

pub use crate::kubernetes::apply::delete::Deletion;
pub use crate::kubernetes::apply::delete::delete_object;
pub use crate::kubernetes::apply::owner::Owner;
pub use crate::kubernetes::apply::owner::owner;
pub use crate::kubernetes::normalise::Ownership;

mod defaults;
mod delete;
mod owner;
mod theirs;

pub(crate) use crate::kubernetes::apply::defaults::refused_defaults;
pub(crate) use crate::kubernetes::apply::owner::check_owner;
pub(crate) use crate::kubernetes::apply::theirs::fields_of_others;

/// Is how often an object is tried to be applied while others write to it.
const ATTEMPTS: u32 = 10;

/// Says how the objects of one release are applied.
#[derive(Debug, Clone, Copy)]
pub struct ApplyOptions<'a> {
    /// The namespace of objects that name none.
    pub release_namespace: &'a str,
    /// Whose the objects are; nothing for hooks and the contents of `crds/`, which bear no mark.
    pub ownership: Option<&'a Ownership>,
    /// What is left to others.
    pub ignore: &'a Ignore,
    /// The autoscalers of the release and of the cluster.
    pub autoscalers: &'a Autoscalers,
}

/// Is an object after it was applied.
#[derive(Debug, Clone)]
pub struct Applied {
    /// Where it is.
    pub location: Location,
    /// What it became.
    pub object: LiveObject,
    /// Whether it did not exist before.
    pub created: bool,
    /// The fields that we own of it now: kept to detect drift where only reading is allowed.
    pub fields: FieldSet,
    /// What the server warned of, and fields that could not go because others hold them too.
    pub warnings: Vec<String>,
}

/// Makes an object be what its manifest says, creating it if need be.
///
/// `recorded` says whether the object is in the release already; one that is not has to be free, or
/// marked as this release's, or `take_ownership` be set. An object that is being deleted is an
/// error, see [`KubernetesError::BeingDeleted`].
pub async fn apply_object(
    cluster: &Cluster,
    object: &ManifestObject,
    recorded: bool,
    options: &ApplyOptions<'_>,
    cancel: &CancellationToken,
) -> Result<Applied, KubernetesError> {
    let location = cluster.locate_manifest(object, options.release_namespace).await?;
    let work = apply_at(cluster, object, &location, recorded, options);
    unless_cancelled(cancel, || format!("applying {}", location.reference), work).await
}

async fn apply_at(
    cluster: &Cluster,
    object: &ManifestObject,
    location: &Location,
    recorded: bool,
    options: &ApplyOptions<'_>,
) -> Result<Applied, KubernetesError> {
    let manifest = to_apply(object, location, options.ownership);
    let mut defaults = FieldSet::default();
    for attempt in 1..=ATTEMPTS {
        if attempt > 1 {
            // Whoever changed the object is likely to be done soon; a fixed, short pause keeps a
            // busy rollout from using up all attempts at once.
            tokio::time::sleep(Duration::from_millis(50 * u64::from(attempt))).await;
        }
        let live = cluster.find(location).await?;
        let before = match &live {
            Some(live) => {
                refuse_deleted(live, location)?;
                check_owner(live, location, recorded, options.ownership)?;
                Some(prepare(cluster, live, object, &manifest, location, options, &defaults).await?)
            }
            None => None,
        };
        let sent = match &before {
            Some(Prepared::Changed) => continue,
            Some(Prepared::Ready { sent, .. }) => sent.clone(),
            None => manifest.clone(),
        };
        let error = match cluster.apply(location, &sent, Mode::Real).await {
            Ok(answer) => {
                let entries = ManagedFields::of(&answer.value);
                if let Some(Prepared::Ready { unowned: true, .. }) = &before
                    && attempt < ATTEMPTS
                    && entries.iter().any(|entry| Party::of(entry, &[]) == Party::EarlierSelf)
                {
                    // Somebody had wiped who owns what, so the server has just put everything
                    // that was there into a stand-in's hands: take it over too.
                    continue;
                }
                let fields = own_fields(&entries);
                let mut warnings = answer.warnings;
                if let Some(Prepared::Ready { owned, .. }) = &before {
                    warnings.extend(held_fields(
                        &owned.difference(&fields),
                        &entries,
                        location,
                        options,
                    ));
                }
                return Ok(Applied {
                    location: location.clone(),
                    created: live.is_none(),
                    object: answer.value,
                    fields,
                    warnings,
                });
            }
            Err(error) => error,
        };
        match (error.class(), &live) {
            (
                Some(
                    ApiErrorClass::Conflict
                    | ApiErrorClass::UidMismatch
                    | ApiErrorClass::QuotaConflict,
                ),
                _,
            ) => {}
            // A default of the server stands against the new setting: own it, so that it goes.
            (Some(ApiErrorClass::Invalid), Some(live)) if defaults.is_empty() => {
                match error.api().map(|refusal| refused_defaults(refusal, live, &sent)) {
                    Some(found) if !found.is_empty() => defaults = found,
                    _ => return Err(error),
                }
            }
            _ => return Err(error),
        }
    }
    Err(KubernetesError::Busy { object: Box::new(location.reference.clone()), attempts: ATTEMPTS })
}

enum Prepared {
    /// The object changed meanwhile: begin again.
    Changed,
    Ready {
        sent: ApplyObject,
        /// What was ours before.
        owned: FieldSet,
        /// Whether nobody owned anything.
        unowned: bool,
    },
}

/// Takes over what has to be taken over, and decides what to send.
async fn prepare(
    cluster: &Cluster,
    live: &LiveObject,
    object: &ManifestObject,
    manifest: &ApplyObject,
    location: &Location,
    options: &ApplyOptions<'_>,
    defaults: &FieldSet,
) -> Result<Prepared, KubernetesError> {
    let entries = ManagedFields::of(live);
    let owned = own_fields(&entries);
    let leave = fields_of_others(
        cluster,
        live,
        &entries,
        object,
        location,
        options.ignore,
        options.autoscalers,
    )
    .await?;
    let mut wishes = Wishes {
        api_version: location.reference.kind.api_version(),
        leave: leave.clone(),
        release: Vec::new(),
        take: defaults.clone(),
    };
    let replicas = autoscaler::replicas();
    if object.get(&["spec", "replicas"]).is_none_or(Value::is_null)
        && owned.contains(&replicas)
        && options.autoscalers.scales(cluster, &location.reference).await?
    {
        wishes.release.push(replicas);
    }
    let Some(injected) = injected_before(cluster, live, &entries, location).await? else {
        return Ok(Prepared::Changed);
    };
    for path in &injected {
        wishes.take.insert(path);
    }
    if let Some(patch) = claim(live, &entries, &wishes, &options.ignore.managers) {
        match cluster.json_patch(location, &patch, Mode::Real).await {
            Ok(_) => {}
            Err(error) if error.class() == Some(ApiErrorClass::Conflict) => {
                return Ok(Prepared::Changed);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Prepared::Ready {
        sent: manifest.clone().without(&leave).with_uid(live.uid()),
        owned,
        unowned: entries.is_empty(),
    })
}

/// Returns the items that a webhook has injected which does not do so any more: asked for without
/// them, the server does not put them back. Nothing if the object has changed meanwhile.
async fn injected_before(
    cluster: &Cluster,
    live: &LiveObject,
    entries: &[ManagedFields],
    location: &Location,
) -> Result<Option<Vec<Vec<PathElement>>>, KubernetesError> {
    let mut unowned = unowned_items(live.fields(), entries);
    if unowned.is_empty() {
        return Ok(Some(unowned));
    }
    let mut fields = live.fields().clone();
    for path in &unowned {
        remove(&mut fields, path);
    }
    match cluster.json_patch(location, &whole(fields), Mode::DryRun).await {
        Ok(answer) => {
            unowned.retain(|path| !contains(answer.value.fields(), path));
            Ok(Some(unowned))
        }
        // The apply would not notice: it goes through, and leaves them there.
        Err(error) if error.class() == Some(ApiErrorClass::Conflict) => Ok(None),
        // They cannot go: from a pod no container can.
        Err(error) if error.api().is_some() => Ok(Some(Vec::new())),
        Err(error) => Err(error),
    }
}

/// Returns the JSON patch that makes of an object exactly this one.
pub(crate) fn whole(fields: Map<String, Value>) -> Value {
    json!([{"op": "replace", "path": "", "value": Value::Object(fields)}])
}

/// Returns what our entry of managedFields holds.
pub(crate) fn own_fields(entries: &[ManagedFields]) -> FieldSet {
    let mut fields = FieldSet::default();
    for entry in entries {
        if Party::of(entry, &[]) == Party::Ours {
            fields.add(&entry.fields);
        }
    }
    fields
}

/// Refuses an object that is being deleted: what is applied onto it goes down with it.
pub(crate) fn refuse_deleted(
    live: &LiveObject,
    location: &Location,
) -> Result<(), KubernetesError> {
    let Some(since) = live.deletion_timestamp() else { return Ok(()) };
    let finalizers: Vec<String> = live
        .get(&["metadata", "finalizers"])
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|name| format!("`{name}`"))
        .collect();
    let finalizers = match finalizers.as_slice() {
        [] => String::new(),
        names => format!(" and waits for its finalizers ({})", names.join(", ")),
    };
    Err(KubernetesError::BeingDeleted {
        object: Box::new(location.reference.clone()),
        since: since.to_owned(),
        finalizers,
    })
}

/// Says which fields should have gone and have not, because somebody else applies them too.
fn held_fields(
    dropped: &FieldSet,
    entries: &[ManagedFields],
    location: &Location,
    options: &ApplyOptions<'_>,
) -> Vec<String> {
    let mut warnings = Vec::new();
    for entry in
        entries.iter().filter(|entry| Party::of(entry, &options.ignore.managers) == Party::Other)
    {
        let held: Vec<String> = dropped
            .paths()
            .iter()
            .filter(|path| entry.fields.contains(path))
            .map(|path| format!("`{}`", path_text(path)))
            .collect();
        if !held.is_empty() {
            warnings.push(format!(
                "{}: {} stays although the chart does not set it any more, because the field manager \
                 `{}` sets it too.",
                location.reference,
                held.join(", "),
                entry.manager
            ));
        }
    }
    warnings
}
