//! Trying a new manifest at plan, so that the plan refuses what the apply would be refused.

use std::time::Duration;

use futures::FutureExt as _;
use futures::StreamExt as _;
use futures::TryStreamExt as _;
use futures::stream;
use tokio_util::sync::CancellationToken;

use crate::kubernetes::apply::check_owner;
use crate::kubernetes::apply::fields_of_others;
use crate::kubernetes::apply::own_fields;
use crate::kubernetes::apply::refuse_deleted;
use crate::kubernetes::apply::refused_defaults;
use crate::kubernetes::apply::whole;
use crate::kubernetes::autoscaler::Autoscalers;
use crate::kubernetes::cancel::unless_cancelled;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::drift::immutable::immutable_fields;
use crate::kubernetes::drift::overlay::overlay;
use crate::kubernetes::drift::preview::Additions;
use crate::kubernetes::drift::preview::dropped;
use crate::kubernetes::drift::preview::strip;
use crate::kubernetes::drift::supply::Supply;
use crate::kubernetes::error::ApiCause;
use crate::kubernetes::error::ApiError;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::flatten::Masker;
use crate::kubernetes::ignore::Ignore;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::normalise::ApplyObject;
use crate::kubernetes::normalise::Ownership;
use crate::kubernetes::normalise::to_apply;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::request::IN_FLIGHT;
use crate::kubernetes::request::Mode;
use crate::kubernetes::resource::Location;

/// Is how often an object that changes while it is tried is tried again.
const ATTEMPTS: u32 = 5;

/// Is an object that is going to be applied.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The object as the new manifest has it.
    pub object: &'a ManifestObject,
    /// Whether the release has it already.
    pub recorded: bool,
    /// Whether it is part of the release, and bears its marks; a hook is not.
    pub marked: bool,
}

/// Says how a manifest is tried.
#[derive(Debug, Clone, Copy)]
pub struct ValidateOptions<'a> {
    /// Whose the objects are, and the namespace of those that name none.
    pub ownership: &'a Ownership,
    /// What is left to others.
    pub ignore: &'a Ignore,
    /// The autoscalers of the release and of the cluster.
    pub autoscalers: &'a Autoscalers,
    /// Hides secrets in what is said.
    pub masker: &'a Masker,
    /// The chart's `crds/`: kinds that are there by the time of the apply.
    pub definitions: &'a [ManifestObject],
    /// Whether the release's namespace is made if it is missing.
    pub creates_namespace: bool,
}

/// Says how bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The apply would be refused.
    Error,
    /// It would work, but the server or we have something to say.
    Warning,
    /// It could not be tried, for a reason that the release itself removes.
    Note,
}

/// Is something to say about a manifest before it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The object it is about.
    pub object: ObjectReference,
    /// What it is, as full sentences, without secrets.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
    /// The fields it is about, if they are known; see [`crate::kubernetes::error::pointer`].
    pub fields: Vec<String>,
}

/// Tries every object by a strict server-side dry run.
///
/// The findings come in the order of the objects; warnings that say the same are left out. An API
/// server that fails, is busy or cannot be reached is an error.
pub async fn validate(
    cluster: &Cluster,
    objects: &[Expected<'_>],
    options: &ValidateOptions<'_>,
    cancel: &CancellationToken,
) -> Result<Vec<Finding>, KubernetesError> {
    let own_namespace = &options.ownership.release_namespace;
    let supply = Supply::of(
        objects.iter().map(|expected| expected.object).chain(options.definitions),
        options.creates_namespace.then_some(own_namespace),
    );
    let work = stream::iter(objects)
        .map(|expected| try_one(cluster, expected, options, &supply))
        .buffered(IN_FLIGHT)
        .try_collect()
        // Boxed: the compiler cannot see by itself that it may cross threads (rust-lang/rust#102211).
        .boxed();
    let doing = || "trying the manifest at the API server".to_owned();
    let all: Vec<Vec<Finding>> = unless_cancelled(cancel, doing, work).await?;
    let mut findings: Vec<Finding> = Vec::new();
    for finding in all.into_iter().flatten() {
        let repeated = finding.severity == Severity::Warning
            && findings.iter().any(|other| other.message == finding.message);
        if !repeated {
            findings.push(finding);
        }
    }
    Ok(findings)
}

async fn try_one(
    cluster: &Cluster,
    expected: &Expected<'_>,
    options: &ValidateOptions<'_>,
    supply: &Supply,
) -> Result<Vec<Finding>, KubernetesError> {
    let namespace = &options.ownership.release_namespace;
    let object = expected.object;
    let location = match cluster.locate_manifest(object, namespace).await {
        Ok(location) => location,
        Err(error) => {
            let reference = ObjectReference {
                kind: object.kind().clone(),
                namespace: Some(object.namespace().unwrap_or(namespace).to_owned()),
                name: object.name().to_owned(),
            };
            return finding(&reference, error, options, supply).map(|finding| vec![finding]);
        }
    };
    let mut attempt = 0;
    let warnings = loop {
        if attempt > 0 {
            // Whoever writes is a controller at work; give it a moment.
            tokio::time::sleep(Duration::from_millis(40 * u64::from(attempt))).await;
        }
        attempt += 1;
        match dry_run(cluster, expected, &location, options).await {
            Ok(warnings) => break warnings,
            // A controller wrote in between.
            Err(error)
                if attempt < ATTEMPTS
                    && matches!(
                        error.class(),
                        Some(ApiErrorClass::Conflict | ApiErrorClass::UidMismatch)
                    ) => {}
            Err(error) => {
                return finding(&location.reference, error, options, supply)
                    .map(|finding| vec![finding]);
            }
        }
    };
    Ok(warnings
        .into_iter()
        .map(|warning| Finding {
            severity: Severity::Warning,
            object: location.reference.clone(),
            message: options.masker.sensitive().mask(&format!(
                "{}: the API server warns: {}.",
                location.reference,
                warning.trim_end_matches('.')
            )),
            hint: None,
            fields: Vec::new(),
        })
        .collect())
}

/// Tries one object; the answer is the server's warnings.
async fn dry_run(
    cluster: &Cluster,
    expected: &Expected<'_>,
    location: &Location,
    options: &ValidateOptions<'_>,
) -> Result<Vec<String>, KubernetesError> {
    let ownership = expected.marked.then_some(options.ownership);
    let manifest = to_apply(expected.object, location, ownership);
    let live = cluster.find(location).await?;
    let (sent, leave, entries) = match &live {
        None => (manifest, Vec::new(), Vec::new()),
        // What an earlier run of a hook left is deleted before the hook is made again.
        Some(_) if !expected.marked => return Ok(Vec::new()),
        Some(live) => {
            refuse_deleted(live, location)?;
            check_owner(live, location, expected.recorded, ownership)?;
            let entries = ManagedFields::of(live);
            let leave = fields_of_others(
                cluster,
                live,
                &entries,
                expected.object,
                location,
                options.ignore,
                options.autoscalers,
            )
            .await?;
            (manifest.without(&leave), leave, entries)
        }
    };
    let error = match cluster.apply(location, &sent, Mode::DryRun).await {
        Ok(answer) => return Ok(answer.warnings),
        Err(error) => error,
    };
    let (Some(live), Some(refusal)) = (&live, error.api()) else { return Err(error) };
    if refusal.class != ApiErrorClass::Invalid {
        return Err(error);
    }
    // The apply first takes over what people and earlier selves own, and defaults in the way;
    // whether it is refused even then shows when that is taken out here.
    let mut gone = Additions::find(&entries, &options.ignore.managers, &leave).corrected;
    gone.extend(refused_defaults(refusal, live, &sent).paths());
    gone.extend(dropped(&own_fields(&entries), sent.fields()));
    let laid = overlay(strip(live, &gone), sent.fields());
    match cluster.json_patch(location, &whole(laid), Mode::DryRun).await {
        Ok(answer) => Ok(answer.warnings),
        Err(refused) if refused.class() == Some(ApiErrorClass::Invalid) => {
            Err(name_immutable(refused, live, &sent, location, options.masker))
        }
        // The object changed meanwhile, so neither answer is about the object as it is now.
        Err(changed)
            if matches!(
                changed.class(),
                Some(ApiErrorClass::Conflict | ApiErrorClass::UidMismatch)
            ) =>
        {
            Err(changed)
        }
        Err(_) => Err(name_immutable(error, live, &sent, location, options.masker)),
    }
}

/// Adds to a refusal of an immutable field what differs there; the server does not always say.
fn name_immutable(
    error: KubernetesError,
    live: &LiveObject,
    sent: &ApplyObject,
    location: &Location,
    masker: &Masker,
) -> KubernetesError {
    match error {
        KubernetesError::Api(mut refusal) if refusal.is_immutable() => {
            let differences = immutable_fields(&refusal, live, sent, &location.reference, masker);
            if !differences.is_empty() {
                let (fields, words): (Vec<_>, Vec<_>) = differences.into_iter().unzip();
                refusal.message = format!(
                    "{} (it differs in {})",
                    refusal.message.trim_end_matches('.'),
                    words.join("; ")
                );
                refusal.causes.extend(fields.into_iter().map(|field| ApiCause {
                    reason: String::new(),
                    field,
                    message: String::new(),
                }));
            }
            KubernetesError::Api(refusal)
        }
        other => other,
    }
}

/// Says how bad a refusal is; one that says nothing about the manifest stays an error.
fn finding(
    reference: &ObjectReference,
    error: KubernetesError,
    options: &ValidateOptions<'_>,
    supply: &Supply,
) -> Result<Finding, KubernetesError> {
    let severity = match (&error, error.class()) {
        (KubernetesError::UnknownKind { .. }, _) | (_, Some(ApiErrorClass::KindNotFound)) => {
            if supply.kind(&reference.kind) {
                Severity::Note
            } else {
                Severity::Error
            }
        }
        (_, Some(ApiErrorClass::NamespaceNotFound)) => {
            let namespace = reference.namespace.as_deref().unwrap_or_default();
            if supply.namespace(namespace) { Severity::Note } else { Severity::Error }
        }
        // Something else is missing that the object names: the release may bring it, or it may
        // come later; the server only looks because it wants to compare rights.
        (_, Some(ApiErrorClass::OtherNotFound)) => Severity::Note,
        (_, Some(ApiErrorClass::AdmissionDenied)) => {
            let text = error.to_string();
            let awaited =
                text.contains("error looking up service account") && supply.service_account();
            if awaited { Severity::Note } else { Severity::Error }
        }
        (_, Some(ApiErrorClass::WebhookFailed)) | (KubernetesError::BeingDeleted { .. }, _) => {
            Severity::Warning
        }
        (KubernetesError::NotOwned { .. }, _)
        | (
            _,
            Some(
                ApiErrorClass::NamespaceTerminating
                | ApiErrorClass::QuotaExceeded
                | ApiErrorClass::PodSecurity
                | ApiErrorClass::AccessDenied
                | ApiErrorClass::InvalidManifest
                | ApiErrorClass::Invalid,
            ),
        ) => Severity::Error,
        _ => return Err(error),
    };
    let sensitive = options.masker.sensitive();
    Ok(Finding {
        severity,
        object: reference.clone(),
        message: sensitive.mask(&error.to_string()),
        hint: error.hint(),
        fields: error.api().map(ApiError::fields).unwrap_or_default(),
    })
}
