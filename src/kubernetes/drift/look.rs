//! Looking at one object.

use std::time::Duration;

use serde_json::Value;

use crate::kubernetes::apply::fields_of_others;
use crate::kubernetes::apply::own_fields;
use crate::kubernetes::apply::whole;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::drift::compare::compare;
use crate::kubernetes::drift::compare::leaves;
use crate::kubernetes::drift::overlay::overlay;
use crate::kubernetes::drift::preview::Additions;
use crate::kubernetes::drift::preview::strip;
use crate::kubernetes::drift::refreshed::Change;
use crate::kubernetes::drift::refreshed::Outcome;
use crate::kubernetes::drift::refreshed::READ_ONLY;
use crate::kubernetes::drift::refreshed::Recorded;
use crate::kubernetes::drift::refreshed::RefreshOptions;
use crate::kubernetes::drift::refreshed::Refreshed;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::flatten::show;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::managed_fields::path_text;
use crate::kubernetes::managed_fields::remove;
use crate::kubernetes::managed_fields::unowned_items;
use crate::kubernetes::normalise::ApplyObject;
use crate::kubernetes::normalise::to_apply;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::request::Mode;
use crate::kubernetes::resource::Location;

/// Is how often an object that changes while it is looked at is looked at again.
const ATTEMPTS: u32 = 5;

/// Is one object while it is looked at.
struct Look<'a> {
    cluster: &'a Cluster,
    location: &'a Location,
    recorded: &'a Recorded<'a>,
    options: &'a RefreshOptions<'a>,
    pointers: Vec<String>,
}

/// Looks at one object.
pub(super) async fn look(
    cluster: &Cluster,
    recorded: &Recorded<'_>,
    options: &RefreshOptions<'_>,
) -> Result<Refreshed, KubernetesError> {
    let namespace = &options.ownership.release_namespace;
    let location = match cluster.locate_manifest(recorded.object, namespace).await {
        Ok(location) => location,
        Err(error) => {
            // Whether the kind lives in namespaces is not known; nearly all do.
            let reference = ObjectReference {
                kind: recorded.object.kind().clone(),
                namespace: Some(recorded.object.namespace().unwrap_or(namespace).to_owned()),
                name: recorded.object.name().to_owned(),
            };
            return not_compared(&reference, None, error);
        }
    };
    let look = Look {
        cluster,
        location: &location,
        recorded,
        options,
        pointers: options.ignore.pointers(recorded.object, &location),
    };
    let manifest = to_apply(recorded.object, &location, Some(options.ownership));
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            // Whoever writes is a controller at work; give it a moment.
            tokio::time::sleep(Duration::from_millis(40 * u64::from(attempt))).await;
        }
        let live = match cluster.find(&location).await {
            Ok(Some(live)) => live,
            Ok(None) => return Ok(look.absent()),
            Err(error) => return not_compared(&location.reference, None, error),
        };
        if let Some(since) = live.deletion_timestamp() {
            return Ok(look.refreshed(
                Outcome::BeingDeleted(since.to_owned()),
                live.clone(),
                Vec::new(),
            ));
        }
        if look.pointers.iter().any(String::is_empty) {
            return Ok(look.refreshed(Outcome::InSync, live, Vec::new()));
        }
        if let Some(refreshed) = look.compare(live, &manifest).await? {
            return Ok(refreshed);
        }
    }
    Ok(Refreshed {
        reference: location.reference.clone(),
        outcome: Outcome::NotCompared(
            "it changes all the time, a controller is at work on it. Plan again when it has settled."
                .to_owned(),
        ),
        live: None,
        others: Vec::new(),
        reason: String::new(),
    })
}

impl Look<'_> {
    /// Compares; nothing if the object changed meanwhile.
    async fn compare(
        &self,
        live: LiveObject,
        manifest: &ApplyObject,
    ) -> Result<Option<Refreshed>, KubernetesError> {
        let entries = ManagedFields::of(&live);
        let leave = fields_of_others(
            self.cluster,
            &live,
            &entries,
            self.recorded.object,
            self.location,
            self.options.ignore,
            self.options.autoscalers,
        )
        .await?;
        let sent = manifest.clone().without(&leave);
        match self.cluster.apply(self.location, &sent, Mode::DryRun).await {
            // The answer carries the live resourceVersion also where it would change something;
            // another one means that a controller wrote in between.
            Ok(dry) if dry.value.resource_version() != live.resource_version() => Ok(None),
            Ok(dry) => {
                let dry = dry.value;
                let additions = Additions::find(
                    &ManagedFields::of(&dry),
                    &self.options.ignore.managers,
                    &leave,
                );
                // What no webhook injects any more goes; where one does, the server puts it back
                // into the preview. In some objects (pods) no item may go at all.
                let unowned = unowned_items(dry.fields(), &ManagedFields::of(&dry));
                if !unowned.is_empty() {
                    let stripped = strip(&dry, &[additions.corrected.clone(), unowned].concat());
                    match self.preview(stripped, &live).await? {
                        Preview::Changed => return Ok(None),
                        Preview::Object(preview) => {
                            let changes = self.difference(&live, &preview);
                            return Ok(Some(self.outcome(changes, live, additions.others)));
                        }
                        Preview::Refused => {}
                    }
                }
                let changes = self.difference(&live, &dry);
                if additions.corrected.is_empty() {
                    return Ok(Some(self.outcome(changes, live, additions.others)));
                }
                let stripped = strip(&dry, &additions.corrected);
                match self.preview(stripped, &live).await? {
                    Preview::Changed => Ok(None),
                    Preview::Object(preview) => {
                        let changes = self.difference(&live, &preview);
                        Ok(Some(self.outcome(changes, live, additions.others)))
                    }
                    Preview::Refused => {
                        let changes = self.with_additions(changes, &live, &additions.corrected);
                        Ok(Some(self.outcome(changes, live, additions.others)))
                    }
                }
            }
            Err(error) => self.refused(error, live, &entries, &leave, &sent).await,
        }
    }

    /// Decides what a refused dry run means.
    async fn refused(
        &self,
        error: KubernetesError,
        live: LiveObject,
        entries: &[ManagedFields],
        leave: &[Vec<PathElement>],
        sent: &ApplyObject,
    ) -> Result<Option<Refreshed>, KubernetesError> {
        match error.class() {
            // It is gone since it was read, or its namespace is: look again.
            Some(
                ApiErrorClass::ObjectNotFound
                | ApiErrorClass::NamespaceNotFound
                | ApiErrorClass::Conflict
                | ApiErrorClass::UidMismatch,
            ) => Ok(None),
            Some(ApiErrorClass::AccessDenied) => Ok(Some(self.by_ownership(live, entries, leave))),
            Some(ApiErrorClass::Invalid) => {
                let additions = Additions::find(entries, &self.options.ignore.managers, leave);
                let laid = overlay(strip(&live, &additions.corrected), sent.fields());
                match self.preview(laid, &live).await? {
                    Preview::Changed => Ok(None),
                    Preview::Object(preview) => {
                        let changes = self.difference(&live, &preview);
                        Ok(Some(self.outcome(changes, live, additions.others)))
                    }
                    Preview::Refused => {
                        let mut lost = self.lost(entries, leave);
                        lost.extend(additions.corrected);
                        let changes = self.with_additions(Vec::new(), &live, &lost);
                        if changes.is_empty() {
                            return not_compared(&self.location.reference, Some(live), error)
                                .map(Some);
                        }
                        Ok(Some(self.outcome(changes, live, additions.others)))
                    }
                }
            }
            _ => not_compared(&self.location.reference, Some(live), error).map(Some),
        }
    }

    async fn preview(
        &self,
        fields: serde_json::Map<String, Value>,
        live: &LiveObject,
    ) -> Result<Preview, KubernetesError> {
        match self.cluster.json_patch(self.location, &whole(fields), Mode::DryRun).await {
            Ok(answer) if answer.value.resource_version() != live.resource_version() => {
                Ok(Preview::Changed)
            }
            Ok(answer) => Ok(Preview::Object(answer.value)),
            Err(error) => match error.class() {
                Some(
                    ApiErrorClass::Conflict
                    | ApiErrorClass::ObjectNotFound
                    | ApiErrorClass::UidMismatch,
                ) => Ok(Preview::Changed),
                Some(
                    ApiErrorClass::Invalid
                    | ApiErrorClass::InvalidManifest
                    | ApiErrorClass::AccessDenied
                    | ApiErrorClass::AdmissionDenied
                    | ApiErrorClass::QuotaExceeded
                    | ApiErrorClass::PodSecurity
                    | ApiErrorClass::WebhookFailed,
                ) => Ok(Preview::Refused),
                _ => Err(error),
            },
        }
    }

    fn difference(&self, live: &LiveObject, expected: &LiveObject) -> Vec<Change> {
        let reference = &self.location.reference;
        compare(live, expected, reference, &self.pointers, self.options.masker)
    }

    /// Adds to the changes the live values at paths that could not be previewed.
    fn with_additions(
        &self,
        mut changes: Vec<Change>,
        live: &LiveObject,
        paths: &[Vec<PathElement>],
    ) -> Vec<Change> {
        let reference = &self.location.reference;
        let all = leaves(live, reference, &self.pointers);
        let mut fields = live.fields().clone();
        for path in paths {
            remove(&mut fields, path);
        }
        let Ok(without) = LiveObject::new(Value::Object(fields)) else { return changes };
        let without = leaves(&without, reference, &self.pointers);
        for (path, leaf) in all.iter().filter(|(path, _)| !without.contains_key(*path)) {
            let shown = self.options.masker.path(path);
            if !changes.iter().any(|change| change.path == shown) {
                changes.push(Change {
                    path: shown,
                    expected: None,
                    live: Some(show(leaf, path, reference, self.options.masker)),
                });
            }
        }
        changes
    }

    /// Returns the fields that were ours after the last apply and are not any more, but for those
    /// that are left to others.
    fn lost(&self, entries: &[ManagedFields], leave: &[Vec<PathElement>]) -> Vec<Vec<PathElement>> {
        let Some(recorded) = self.recorded.fields else { return Vec::new() };
        let mut lost = recorded.difference(&own_fields(entries));
        for path in leave {
            lost.remove(path);
        }
        lost.paths()
    }

    /// Compares by who owns what, where trying to apply is not allowed.
    ///
    /// The server takes a field out of our entry as soon as somebody else changes or removes it, and
    /// what somebody adds is in an entry of theirs.
    fn by_ownership(
        &self,
        live: LiveObject,
        entries: &[ManagedFields],
        leave: &[Vec<PathElement>],
    ) -> Refreshed {
        let mut touched = self.lost(entries, leave);
        touched.extend(Additions::find(entries, &self.options.ignore.managers, leave).corrected);
        let touched: Vec<String> =
            touched.iter().map(|path| format!("`{}`", path_text(path))).collect();
        let text = if self.recorded.fields.is_none() {
            "this account may read it but not try to apply it (the right to `patch` is missing)."
                .to_owned()
        } else if touched.is_empty() {
            let refreshed = self.refreshed(Outcome::InSync, live, Vec::new());
            return Refreshed { reason: READ_ONLY.to_owned(), ..refreshed };
        } else {
            format!(
                "somebody changed {}, but this account may not try to apply the object (the right to `patch` \
                 is missing), so the values cannot be verified.",
                touched.join(", ")
            )
        };
        let mut refreshed = self.refreshed(Outcome::NotCompared(text), live, Vec::new());
        if touched.is_empty() {
            READ_ONLY.clone_into(&mut refreshed.reason);
        }
        refreshed
    }

    fn outcome(
        &self,
        changes: Vec<Change>,
        live: LiveObject,
        others: Vec<(String, String)>,
    ) -> Refreshed {
        let outcome = if changes.is_empty() { Outcome::InSync } else { Outcome::Drifted(changes) };
        self.refreshed(outcome, live, others)
    }

    fn refreshed(
        &self,
        outcome: Outcome,
        live: LiveObject,
        others: Vec<(String, String)>,
    ) -> Refreshed {
        Refreshed {
            reference: self.location.reference.clone(),
            outcome,
            live: Some(live),
            others,
            reason: String::new(),
        }
    }

    /// Says what it means that the object does not exist.
    fn absent(&self) -> Refreshed {
        let object = self.recorded.object;
        let expires = object.kind().is("batch", "Job")
            && object.get(&["spec", "ttlSecondsAfterFinished"]).is_some_and(Value::is_number);
        Refreshed {
            reference: self.location.reference.clone(),
            outcome: if expires { Outcome::Expired } else { Outcome::Missing },
            live: None,
            others: Vec::new(),
            reason: String::new(),
        }
    }
}

enum Preview {
    /// The object changed meanwhile.
    Changed,
    Object(LiveObject),
    Refused,
}

/// Turns an error that concerns this object only into an outcome; others stay errors.
fn not_compared(
    reference: &ObjectReference,
    live: Option<LiveObject>,
    error: KubernetesError,
) -> Result<Refreshed, KubernetesError> {
    let (text, reason) = match (&error, error.class()) {
        (KubernetesError::UnknownKind { .. }, _) | (_, Some(ApiErrorClass::KindNotFound)) => {
            ("the cluster does not know its kind any more.".to_owned(), "kind")
        }
        (_, Some(ApiErrorClass::AccessDenied)) => {
            ("this account may not read it (the right to `get` is missing).".to_owned(), "get")
        }
        (_, Some(ApiErrorClass::WebhookFailed)) => (error.to_string(), "webhook"),
        (
            _,
            Some(
                ApiErrorClass::InvalidManifest
                | ApiErrorClass::Invalid
                | ApiErrorClass::AdmissionDenied
                | ApiErrorClass::QuotaExceeded
                | ApiErrorClass::PodSecurity
                | ApiErrorClass::OtherNotFound
                | ApiErrorClass::NamespaceTerminating,
            ),
        ) => (error.to_string(), ""),
        _ => return Err(error),
    };
    Ok(Refreshed {
        reference: reference.clone(),
        outcome: Outcome::NotCompared(text),
        live,
        others: Vec::new(),
        reason: reason.to_owned(),
    })
}
