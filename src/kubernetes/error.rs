//! Errors of the Kubernetes layer, read as the API server means them.
//!
//! An HTTP status alone says too little: a 404 has four meanings and a 500
//! can be the user's own manifest. [`ApiError`] therefore carries a
//! [`ApiErrorClass`] that was decided from the whole answer.

use std::fmt;

use thiserror::Error;

use crate::kubernetes::reference::ObjectReference;

pub use crate::kubernetes::error::api::ApiCause;
pub use crate::kubernetes::error::api::ApiError;
pub use crate::kubernetes::error::api::ApiErrorClass;
pub use crate::kubernetes::error::field::pointer;

pub(crate) use crate::kubernetes::error::field::Segment;
pub(crate) use crate::kubernetes::error::field::read_field;

mod api;
mod field;
mod hint;
mod text;

/// Is everything that can go wrong between us and a cluster, one full sentence each.
#[derive(Debug, Error)]
pub enum KubernetesError {
    /// The provider block, the environment or a kubeconfig file does not lead to a cluster.
    #[error("{0}")]
    Configuration(String),
    /// No connection to the API server, or it broke before an answer came.
    #[error(
        "The Kubernetes API server at {address} cannot be reached: {cause}. Check that the cluster \
         runs, that the address is right ({origin}) and that no firewall or proxy stands between."
    )]
    Unreachable {
        /// The address that was tried, as a URL.
        address: String,
        /// Where that address comes from, such as "context `kind-dev` of /home/me/.kube/config".
        origin: String,
        /// The innermost reason, such as "connection refused".
        cause: String,
    },
    /// The API server took the connection and did not answer in time.
    #[error("The Kubernetes API server at {address} did not answer {request} within {seconds} s.")]
    NoAnswer {
        /// The API server's URL.
        address: String,
        /// Method and path of the request.
        request: String,
        /// How long was waited.
        seconds: u64,
    },
    /// 401: the API server does not know who we are.
    #[error(
        "The Kubernetes API server at {address} does not accept the credentials (401 Unauthorized) of \
         {identity}. They may be wrong or expired: log in to the cluster again, or set other ones."
    )]
    Unauthorized {
        /// The API server's URL.
        address: String,
        /// Whose credentials were sent, such as "user `admin`, context `kind-dev` of /home/me/.kube/config".
        identity: String,
    },
    /// The API server refused a request.
    #[error("{0}")]
    Api(Box<ApiError>),
    /// The answer is not what the Kubernetes API promises.
    #[error("The answer of the Kubernetes API server to {request} cannot be read: {cause}.")]
    UnreadableAnswer {
        /// Method and path of the request.
        request: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The cluster does not serve this kind.
    #[error(
        "The cluster does not know the kind `{kind}` of `{api_version}`. Install the operator or the \
         CustomResourceDefinition that brings it, or correct `apiVersion` and `kind`."
    )]
    UnknownKind {
        /// `apiVersion` as written in the manifest.
        api_version: String,
        /// `kind` as written in the manifest.
        kind: String,
    },
    /// A manifest is not a Kubernetes object at all.
    #[error("{0}")]
    InvalidObject(String),
    /// The object exists and belongs to somebody else.
    #[error(
        "{object} exists already and {owner}. Set `take_ownership = true` to adopt it, or delete or \
         rename it."
    )]
    NotOwned {
        /// The object in the way.
        object: Box<ObjectReference>,
        /// A clause that says whose it is, such as "belongs to the Helm release `web/other`".
        owner: String,
    },
    /// The object is being deleted; nothing can be applied onto it.
    #[error(
        "{object} is being deleted since {since}{finalizers}. Nothing can be applied until it is gone: \
         wait for the deletion, or see what holds its finalizers."
    )]
    BeingDeleted {
        /// The object.
        object: Box<ObjectReference>,
        /// Its `metadata.deletionTimestamp`.
        since: String,
        /// Empty, or a clause that names its finalizers.
        finalizers: String,
    },
    /// The object changed under our hands more often than we retry.
    #[error(
        "{object} is changed by somebody else all the time: {attempts} attempts to update it ended in \
         conflicts. Look for a controller that works on the same object."
    )]
    Busy {
        /// The object.
        object: Box<ObjectReference>,
        /// How many attempts were made.
        attempts: u32,
    },
    /// The operation was interrupted.
    #[error("Interrupted while {0}.")]
    Cancelled(
        /// A clause in the progressive form, such as "applying Deployment `web/site`".
        String,
    ),
}

impl KubernetesError {
    /// Returns the API server's refusal, if it is one.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the class of the API server's refusal, if it is one.
    pub fn class(&self) -> Option<ApiErrorClass> {
        self.api().map(|error| error.class)
    }

    /// Says whether this is a 404 for that very object, in other words: it does not exist.
    ///
    /// Every other error, other 404s included, says nothing about the object.
    pub fn is_object_not_found(&self) -> bool {
        self.class() == Some(ApiErrorClass::ObjectNotFound)
    }

    /// Returns what the user can do about it, where the message does not say so itself.
    pub fn hint(&self) -> Option<String> {
        self.api().and_then(ApiError::hint)
    }
}

impl From<ApiError> for KubernetesError {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}

/// Formats a method and path for an error text, without the query (it holds nothing of interest).
pub(crate) struct RequestLine<'a>(pub(crate) &'a str, pub(crate) &'a str);

impl fmt::Display for RequestLine<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.1.split_once('?').map_or(self.1, |(path, _)| path);
        write!(formatter, "{} {path}", self.0)
    }
}
