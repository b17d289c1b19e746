//! What users can do about the API server's refusals.

use crate::kubernetes::error::api::ApiError;
use crate::kubernetes::error::api::ApiErrorClass;

impl ApiError {
    /// Returns what the user can do about it, where there is something general to say.
    pub fn hint(&self) -> Option<String> {
        let text = match self.class {
            ApiErrorClass::NamespaceNotFound => {
                "Create the namespace first, or set `create_namespace = true`."
            }
            ApiErrorClass::KindNotFound => {
                "Install the operator or the CustomResourceDefinition that brings this kind."
            }
            ApiErrorClass::NamespaceTerminating => {
                "Wait until the namespace is gone (`kubectl get namespace` shows it), then run again."
            }
            ApiErrorClass::QuotaExceeded => {
                "Ask for less, or raise the ResourceQuota of the namespace (`kubectl describe quota`)."
            }
            ApiErrorClass::PodSecurity => {
                "Change the pod's security context so that it meets the namespace's Pod Security level."
            }
            ApiErrorClass::AccessDenied if self.message.contains("\"system:anonymous\"") => {
                "No credentials were sent: set a token, a client certificate or a kubeconfig context \
                 with a user."
            }
            ApiErrorClass::AccessDenied => {
                "Grant the right with a Role or ClusterRole and its binding, or use other credentials."
            }
            ApiErrorClass::InvalidManifest
                if self.message.contains("duplicate entries for key") =>
            {
                "Two items of this list have the same key. Remove one of them: a later one does not \
                 replace an earlier one."
            }
            ApiErrorClass::InvalidManifest if self.message.contains("expected string, got") => {
                "A text is needed here: quote the value, in the template for example by `| quote`."
            }
            ApiErrorClass::InvalidManifest
                if self.message.contains("field not declared in schema") =>
            {
                "The field does not exist at this place: check its spelling, its indentation and the \
                 object's `apiVersion`."
            }
            ApiErrorClass::InvalidManifest => {
                "The chart renders an object that does not fit its kind: correct the values or the template."
            }
            ApiErrorClass::WebhookFailed => {
                "An admission webhook of the cluster does not answer: repair or remove it, then run again."
            }
            ApiErrorClass::Invalid if self.is_immutable() => {
                "This field cannot change once the object exists. Keep its value, or delete the object \
                 so that it is made anew (mind its data)."
            }
            ApiErrorClass::Invalid => "Correct the value that the chart puts into this field.",
            ApiErrorClass::AdmissionDenied => {
                "A rule of the cluster (an admission webhook or policy) forbids it: change what it \
                 names, or ask those who run the cluster."
            }
            ApiErrorClass::FieldManagerConflict
            | ApiErrorClass::Conflict
            | ApiErrorClass::QuotaConflict => {
                "Somebody else changed the object meanwhile: run again."
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}
