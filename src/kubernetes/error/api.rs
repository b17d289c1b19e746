//! The API server's refusals.

use std::fmt;

use serde_json::Value;

use crate::kubernetes::error::RequestLine;
use crate::kubernetes::error::field::paths_in;
use crate::kubernetes::error::text::cut_values;
use crate::kubernetes::error::text::shows_values;
use crate::kubernetes::error::text::without_notation;
use crate::kubernetes::reference::ObjectReference;

/// Says what a refusal means for us; decided from status, reason, details and text together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiErrorClass {
    /// 404 for that very object: it does not exist.
    ObjectNotFound,
    /// 404 because the object's namespace does not exist.
    NamespaceNotFound,
    /// 404 because the cluster does not serve the kind (its API group or the kind is missing).
    KindNotFound,
    /// 404 for something else that the request needs.
    OtherNotFound,
    /// 403: the namespace is being deleted, nothing new can be made in it.
    NamespaceTerminating,
    /// 403: a ResourceQuota does not allow it.
    QuotaExceeded,
    /// 403: Pod Security admission does not allow the pod.
    PodSecurity,
    /// 403: we have no right to do this (RBAC or another authorizer).
    AccessDenied,
    /// An admission webhook or policy said no, with whatever status it chose; or a 403 by admission
    /// that is neither a quota, nor Pod Security, nor a missing right.
    AdmissionDenied,
    /// 409: the object changed since it was read.
    Conflict,
    /// 409: another field manager holds a field.
    FieldManagerConflict,
    /// 409: the quota's own counter was updated at the same time; sending again helps.
    QuotaConflict,
    /// 409: the object was deleted, or replaced by one of the same name.
    UidMismatch,
    /// 409: an object of that name exists.
    AlreadyExists,
    /// 400, or a 500 whose text says that the manifest does not fit the kind's schema.
    InvalidManifest,
    /// 422: a value, or a change of a value, is not allowed.
    Invalid,
    /// 500: an admission webhook could not be asked.
    WebhookFailed,
    /// 429: too many requests.
    TooManyRequests,
    /// 410: a watch or a list has to begin anew.
    Expired,
    /// Any other 5xx: the API server itself failed.
    ServerFailure,
    /// Anything else.
    Other,
}

/// Is one of the causes that a refusal lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiCause {
    /// Such as `FieldValueInvalid`; may be empty.
    pub reason: String,
    /// The field's path as the server writes it, such as `spec.template`; may be empty.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// Is a refusal by the API server. Texts that may hold values of secrets are cut already.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// What it means.
    pub class: ApiErrorClass,
    /// The HTTP status code.
    pub status: u16,
    /// The API's own word for it, such as `Invalid`; empty if it gave none.
    pub reason: String,
    /// The server's text.
    pub message: String,
    /// What the server found wrong, one by one; often empty.
    pub causes: Vec<ApiCause>,
    /// The object that the request was about, if about one.
    pub object: Option<ObjectReference>,
    /// Method and path of the request.
    pub request: String,
    /// How long the server asks us to wait before trying again, in seconds.
    pub retry_after: Option<u64>,
}

impl ApiError {
    /// Reads a refusal from its status code and body.
    ///
    /// The body is not always JSON: a group that does not exist is answered in plain text.
    pub(crate) fn read(
        method: &str,
        path: &str,
        object: Option<&ObjectReference>,
        status: u16,
        body: &[u8],
        retry_after: Option<u64>,
    ) -> Self {
        let parsed: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let is_status = parsed.get("kind").and_then(Value::as_str) == Some("Status");
        let text = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (reason, mut message, details) = if is_status {
            let details = parsed.get("details").cloned().unwrap_or(Value::Null);
            (text(&parsed, "reason"), text(&parsed, "message"), details)
        } else {
            let plain: String = String::from_utf8_lossy(body).trim().chars().take(500).collect();
            (String::new(), plain, Value::Null)
        };
        let mut causes: Vec<ApiCause> = details
            .get("causes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|cause| ApiCause {
                reason: text(cause, "reason"),
                field: text(cause, "field"),
                message: text(cause, "message"),
            })
            .collect();
        let facts = Facts {
            status,
            reason: &reason,
            message: &message,
            details_kind: &text(&details, "kind"),
            details_name: &text(&details, "name"),
            first_cause: causes.first().map(|cause| cause.reason.as_str()),
            is_status,
            object,
        };
        let class = facts.class();
        if object.is_none_or(shows_values) {
            // A webhook's words go on over lines; the server's do to print two specifications.
            message = if class == ApiErrorClass::AdmissionDenied {
                message.lines().map(cut_values).collect::<Vec<_>>().join("\n")
            } else {
                cut_values(&message)
            };
            for cause in &mut causes {
                cause.message = cut_values(&cause.message);
            }
        }
        Self {
            class,
            status,
            reason,
            message,
            causes,
            object: object.cloned(),
            request: RequestLine(method, path).to_string(),
            retry_after,
        }
    }

    /// Cuts every value out of the texts, for when secrets may be among them.
    #[must_use]
    pub fn without_values(mut self) -> Self {
        self.message = cut_values(&self.message);
        for cause in &mut self.causes {
            cause.message = cut_values(&cause.message);
        }
        self
    }

    /// Says whether a field was to change that may not change after creation.
    pub fn is_immutable(&self) -> bool {
        const SIGNS: [&str; 6] = [
            "field is immutable",
            "may not change once set",
            "cannot change roleRef",
            "updates to statefulset spec for fields other than",
            "spec is immutable after creation",
            "pod updates may not change fields",
        ];
        self.status == 422
            && (SIGNS.iter().any(|sign| self.message.contains(sign))
                || self
                    .causes
                    .iter()
                    .any(|cause| SIGNS.iter().any(|sign| cause.message.contains(sign))))
    }

    /// Returns the refused fields as the server writes them, such as `spec.template`, without doubles.
    ///
    /// What does not fit the kind's schema has its field in the text only, one finding a line; a
    /// webhook or policy names fields in its own words, if at all.
    pub fn fields(&self) -> Vec<String> {
        if self.class == ApiErrorClass::AdmissionDenied {
            // Behind the webhook's or policy's own name, which looks like a path.
            let (_, words) = self.message.split_once("denied ").unwrap_or(("", &self.message));
            return paths_in(words);
        }
        let of_text = self.message.lines().filter_map(|line| {
            let finding = line.split_once("): ").map_or(line, |(_, finding)| finding);
            Some(finding.trim_start().strip_prefix('.')?.split_once(": ")?.0)
        });
        let of_text = of_text.filter(|_| self.class == ApiErrorClass::InvalidManifest);
        let mut fields: Vec<String> = Vec::new();
        for field in self.causes.iter().map(|cause| cause.field.as_str()).chain(of_text) {
            if !field.is_empty() && !fields.iter().any(|known| known == field) {
                fields.push(field.to_owned());
            }
        }
        fields
    }
}

/// Returns where in an answer a webhook or a policy begins to say that it denies the request.
///
/// Both choose the status (Kyverno 400, Gatekeeper 403, a policy 403, 413 or 422), so only
/// the words that the API server puts around theirs tell.
fn denial(message: &str) -> Option<&str> {
    let begins = ["admission webhook \"", "ValidatingAdmissionPolicy '"];
    let at = begins.iter().filter_map(|begin| message.find(begin)).min()?;
    let denial = message.get(at..)?;
    ["denied the request", "denied request"]
        .iter()
        .any(|words| denial.contains(words))
        .then_some(denial)
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.object {
            Some(object) => write!(formatter, "{object}: ")?,
            None => write!(formatter, "{}: ", self.request)?,
        }
        let message = self.message.trim_end_matches('.');
        match self.class {
            ApiErrorClass::KindNotFound => match &self.object {
                Some(object) => write!(
                    formatter,
                    "the cluster does not know the kind `{}` of `{}`.",
                    object.kind.kind,
                    object.kind.api_version()
                ),
                None => write!(formatter, "the cluster does not serve this path ({message})."),
            },
            ApiErrorClass::InvalidManifest => {
                // "failed to create typed patch object (ns/name; apps/v1, Kind=Deployment): .spec..."
                let finding = message.split_once("): ").map_or(message, |(_, finding)| finding);
                let finding = without_notation(finding);
                write!(formatter, "the API server cannot read the object: {finding}.")
            }
            ApiErrorClass::AdmissionDenied if denial(message).is_some() => {
                write!(formatter, "{}.", denial(message).unwrap_or_default())
            }
            _ => {
                let reason = if self.reason.is_empty() { "no reason" } else { &self.reason };
                let message = if message.is_empty() { "it gave no text" } else { message };
                write!(formatter, "the API server answered {} ({reason}): {message}.", self.status)
            }
        }
    }
}

impl std::error::Error for ApiError {}

/// Is what the class of a refusal is decided from.
struct Facts<'a> {
    status: u16,
    reason: &'a str,
    message: &'a str,
    details_kind: &'a str,
    details_name: &'a str,
    first_cause: Option<&'a str>,
    is_status: bool,
    object: Option<&'a ObjectReference>,
}

impl Facts<'_> {
    fn class(&self) -> ApiErrorClass {
        if denial(self.message).is_some() {
            return ApiErrorClass::AdmissionDenied;
        }
        match self.status {
            400 => ApiErrorClass::InvalidManifest,
            403 => self.forbidden(),
            404 => self.not_found(),
            409 => self.conflict(),
            410 => ApiErrorClass::Expired,
            422 => ApiErrorClass::Invalid,
            429 => ApiErrorClass::TooManyRequests,
            500 => self.internal(),
            501..=599 => ApiErrorClass::ServerFailure,
            _ => ApiErrorClass::Other,
        }
    }

    fn not_found(&self) -> ApiErrorClass {
        // A group that does not exist is answered in plain text, a kind that a known group
        // lacks by a Status without a name.
        if !self.is_status || self.details_name.is_empty() {
            return ApiErrorClass::KindNotFound;
        }
        let Some(object) = self.object else { return ApiErrorClass::OtherNotFound };
        let about_namespace = self.details_kind.eq_ignore_ascii_case("namespaces")
            || self.details_kind == "Namespace";
        if about_namespace && !object.kind.is("", "Namespace") {
            return ApiErrorClass::NamespaceNotFound;
        }
        if self.details_name == object.name {
            ApiErrorClass::ObjectNotFound
        } else {
            ApiErrorClass::OtherNotFound
        }
    }

    fn forbidden(&self) -> ApiErrorClass {
        if self.first_cause == Some("NamespaceTerminating") {
            ApiErrorClass::NamespaceTerminating
        } else if self.message.contains("exceeded quota:") || self.message.contains("failed quota:")
        {
            ApiErrorClass::QuotaExceeded
        } else if self.message.contains("violates PodSecurity") {
            ApiErrorClass::PodSecurity
        } else if self.message.contains("User \"") && self.message.contains(" cannot ") {
            ApiErrorClass::AccessDenied
        } else {
            ApiErrorClass::AdmissionDenied
        }
    }

    fn conflict(&self) -> ApiErrorClass {
        if self.first_cause == Some("FieldManagerConflict") {
            ApiErrorClass::FieldManagerConflict
        } else if self.reason == "AlreadyExists" {
            ApiErrorClass::AlreadyExists
        } else if self.message.contains("uid mismatch")
            || self.message.contains("UID in precondition")
        {
            ApiErrorClass::UidMismatch
        } else if self.message.contains("Operation cannot be fulfilled on resourcequotas") {
            ApiErrorClass::QuotaConflict
        } else {
            ApiErrorClass::Conflict
        }
    }

    fn internal(&self) -> ApiErrorClass {
        if self.message.contains("failed calling webhook") {
            ApiErrorClass::WebhookFailed
        } else if self.reason.is_empty()
            && (self.message.contains("failed to create typed patch object")
                || self.message.contains("failed to convert new object"))
        {
            ApiErrorClass::InvalidManifest
        } else {
            ApiErrorClass::ServerFailure
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
