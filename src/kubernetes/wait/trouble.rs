//! What keeps an object from becoming ready, told from the object, its pods and events.
//!
//! Pure: what is found here is a finding, not a verdict. How long a finding must last
//! before it is certain that it will not heal is in [`super::patience`].

use serde_json::Value;

use crate::kubernetes::object::LiveObject;
use crate::kubernetes::status::Condition;
use crate::kubernetes::status::condition;

/// Names the kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The image's name cannot be one.
    ImageName,
    /// The image cannot be pulled, and the registry's answer says that trying again will not help.
    ImageMissing,
    /// The image cannot be pulled for another reason.
    ImagePull,
    /// The image cannot be pulled because the registry or the network is busy or down.
    RegistryBusy,
    /// The container cannot be made: a Secret, ConfigMap or key is missing, a setting is refused.
    ContainerConfig,
    /// The container ends again and again.
    CrashLoop {
        /// How often it was started again.
        restarts: i64,
    },
    /// No node takes the pod.
    Unschedulable,
    /// The pod may not be made: quota, Pod Security, a missing ServiceAccount, a webhook.
    PodRefused,
    /// No volume for the claim.
    Storage,
    /// A volume cannot be mounted.
    Mount,
    /// The object itself says that it failed.
    Failed,
    /// The object is gone.
    Missing,
}

impl Cause {
    /// Says whether it is about an image.
    pub fn is_of_image(self) -> bool {
        matches!(self, Self::ImageName | Self::ImageMissing | Self::ImagePull | Self::RegistryBusy)
    }
}

/// Is one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Its kind.
    pub cause: Cause,
    /// The pod that it is about.
    pub pod: Option<String>,
    /// The container that it is about.
    pub container: Option<String>,
    /// The API's word, such as `ImagePullBackOff`.
    pub reason: String,
    /// The API's text; may be empty. It may quote values.
    pub message: String,
    /// How the container ended last.
    pub exit_code: Option<i64>,
}

impl Trouble {
    /// Makes a finding about the object itself.
    pub fn of_object(cause: Cause, reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            cause,
            pod: None,
            container: None,
            reason: reason.into(),
            message: message.into(),
            exit_code: None,
        }
    }

    /// Says whether the container was killed for lack of memory.
    pub fn is_out_of_memory(&self) -> bool {
        self.reason.contains("OOMKilled") || self.exit_code == Some(137)
    }
}

/// Returns what is wrong with a pod. Nothing, if it is being deleted.
pub fn in_pod(pod: &LiveObject) -> Vec<Trouble> {
    if pod.deletion_timestamp().is_some() {
        return Vec::new();
    }
    let mut troubles = Vec::new();
    if let Some(scheduled) = condition(pod, "PodScheduled").filter(Condition::is_false) {
        troubles.push(Trouble {
            pod: Some(pod.name().to_owned()),
            ..Trouble::of_object(Cause::Unschedulable, scheduled.reason, scheduled.message)
        });
    }
    for list in ["initContainerStatuses", "containerStatuses"] {
        let statuses = pod.get(&["status", list]).and_then(Value::as_array);
        troubles.extend(statuses.into_iter().flatten().filter_map(|one| in_container(pod, one)));
    }
    troubles
}

fn in_container(pod: &LiveObject, status: &Value) -> Option<Trouble> {
    let text = |pointer: &str| status.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let reason = text("/state/waiting/reason");
    let message = text("/state/waiting/message");
    let exit_code = status.pointer("/lastState/terminated/exitCode").and_then(Value::as_i64);
    let restarts = status.get("restartCount").and_then(Value::as_i64).unwrap_or(0);
    let cause = match reason {
        "InvalidImageName" => Cause::ImageName,
        "ErrImageNeverPull" => Cause::ImageMissing,
        "ErrImagePull"
        | "ImagePullBackOff"
        | "RegistryUnavailable"
        | "ImageInspectError"
        | "SignatureValidationFailed" => image_cause(message),
        "CreateContainerConfigError" | "CreateContainerError" | "PreCreateHookError" => {
            Cause::ContainerConfig
        }
        "CrashLoopBackOff" | "RunContainerError" | "PostStartHookError" => {
            Cause::CrashLoop { restarts }
        }
        _ => return None,
    };
    // The waiting text of a crash loop only says how long the back-off is.
    let message = match cause {
        Cause::CrashLoop { .. } if !text("/lastState/terminated/message").is_empty() => {
            text("/lastState/terminated/message")
        }
        Cause::CrashLoop { .. } if reason == "CrashLoopBackOff" => "",
        _ => message,
    };
    let ended_by = text("/lastState/terminated/reason");
    let reason = match cause {
        Cause::CrashLoop { .. } if !matches!(ended_by, "" | "Error" | "Completed") => {
            format!("{reason} ({ended_by})")
        }
        _ => reason.to_owned(),
    };
    Some(Trouble {
        cause,
        pod: Some(pod.name().to_owned()),
        container: Some(text("/name").to_owned()),
        reason,
        message: message.to_owned(),
        exit_code,
    })
}

/// Tells an image that is not there from a registry that does not answer.
fn image_cause(message: &str) -> Cause {
    /// What registries and container runtimes say when asking again is of no use.
    const FINAL: [&str; 9] = [
        "not found",
        "manifest unknown",
        "name unknown",
        "does not exist",
        "access denied",
        "denied:",
        "unauthorized",
        "no matching manifest",
        "invalid reference",
    ];
    /// What networks and registries say that may do better in a minute.
    const PASSING: [&str; 8] = [
        "timeout",
        "timed out",
        "connection refused",
        "connection reset",
        "toomanyrequests",
        "too many requests",
        "unavailable",
        "eof",
    ];
    let lower = message.to_ascii_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
    if says(&PASSING) {
        Cause::RegistryBusy
    } else if says(&FINAL) {
        Cause::ImageMissing
    } else {
        Cause::ImagePull
    }
}

/// Returns what the conditions of a workload say about pods that may not be made.
pub fn in_workload(object: &LiveObject) -> Option<Trouble> {
    condition(object, "ReplicaFailure")
        .filter(Condition::is_true)
        .map(|found| Trouble::of_object(Cause::PodRefused, found.reason, found.message))
}

/// Returns what the newest warning among an object's events says, as far as it keeps
/// the object from being ready.
pub fn in_events(events: &[Event], pod: Option<&str>) -> Option<Trouble> {
    let event = events.iter().rev().find(|event| event.is_warning)?;
    let cause = match event.reason.as_str() {
        "FailedCreate" => Cause::PodRefused,
        "FailedMount" | "FailedAttachVolume" | "FailedMapVolume" => Cause::Mount,
        "ProvisioningFailed" | "FailedBinding" => Cause::Storage,
        _ => return None,
    };
    let trouble = Trouble::of_object(cause, event.reason.clone(), event.message.clone());
    Some(Trouble { pod: pod.map(str::to_owned), ..trouble })
}

/// Is one event, with what several versions of the event API call differently in one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whether it is a `Warning`.
    pub is_warning: bool,
    /// One word, such as `FailedMount`.
    pub reason: String,
    /// The text. It may quote values.
    pub message: String,
    /// When it happened last.
    pub time: Option<jiff::Timestamp>,
}

impl Event {
    /// Reads an event of `v1`.
    pub fn read(event: &Value) -> Self {
        let text = |name: &str| event.pointer(name).and_then(Value::as_str).unwrap_or_default();
        let time = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/firstTimestamp"]
            .iter()
            .filter_map(|name| text(name).parse().ok())
            .max();
        Self {
            is_warning: text("/type") == "Warning",
            reason: text("/reason").to_owned(),
            message: text("/message").to_owned(),
            time,
        }
    }

    /// Returns the events of a list, oldest first.
    pub fn read_all(list: &Value) -> Vec<Self> {
        let items = list.get("items").and_then(Value::as_array);
        let mut events: Vec<Self> = items.into_iter().flatten().map(Self::read).collect();
        events.sort_by_key(|event| event.time);
        events
    }
}
