//! Why a request failed, and whether sending it again can help.

use std::error::Error;
use std::time::Duration;

use crate::kubernetes::error::ApiError;
use crate::kubernetes::error::KubernetesError;

/// Is a failed request.
pub(super) struct Failure {
    pub(super) error: KubernetesError,
    kind: Kind,
}

enum Kind {
    /// Sending it again gives the same.
    Hard,
    /// Something between broke; the request may have been carried out.
    Broken,
    /// The server asks to come back later; the request was not carried out.
    Busy(Option<u64>),
}

impl Failure {
    pub(super) fn hard(error: KubernetesError) -> Self {
        Self { error, kind: Kind::Hard }
    }

    pub(super) fn broken(error: KubernetesError) -> Self {
        Self { error, kind: Kind::Broken }
    }

    pub(super) fn busy(error: ApiError) -> Self {
        let after = error.retry_after;
        Self { error: error.into(), kind: Kind::Busy(after) }
    }

    /// Reads a failure of the connection.
    ///
    /// One that was never there is not tried again: a cluster that is off has to be reported at
    /// once, not after a series of timeouts.
    pub(super) fn connection(error: &kube::Error, address: &str, origin: &str) -> Self {
        let unreachable = KubernetesError::Unreachable {
            address: address.to_owned(),
            origin: origin.to_owned(),
            cause: cause(error),
        };
        let never_there = chain(error).any(|error| {
            error
                .downcast_ref::<hyper_util::client::legacy::Error>()
                .is_some_and(hyper_util::client::legacy::Error::is_connect)
        });
        if never_there { Self::hard(unreachable) } else { Self::broken(unreachable) }
    }

    /// Returns how long to wait before sending the request again, or nothing if that is no use.
    pub(super) fn pause(&self, repeatable: bool, attempt: u32) -> Option<Duration> {
        let own = Duration::from_millis(100 * u64::from(attempt) * u64::from(attempt));
        match self.kind {
            Kind::Hard => None,
            Kind::Broken => repeatable.then_some(own),
            Kind::Busy(Some(seconds)) => Some(Duration::from_secs(seconds.min(30)).max(own)),
            Kind::Busy(None) => Some(Duration::from_secs(1)),
        }
    }
}

/// Returns the text of the innermost error, which says what happened.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn cause(error: &kube::Error) -> String {
    let text = innermost(error);
    if text.contains("deadline has elapsed") || text == "timed out" {
        return "no connection within 5 s".to_owned();
    }
    if text.contains("UnknownIssuer") {
        return "its certificate is signed by an authority that is not trusted here (set \
                `cluster_ca_certificate`)"
            .to_owned();
    }
    if text.contains("NotValidForName") {
        return "its certificate is for another name (set `tls_server_name`, or `host` to a name that \
                the certificate bears)"
            .to_owned();
    }
    if text.contains("InvalidContentType") {
        return "it does not speak TLS (use `http://` if that is meant, or check the port)"
            .to_owned();
    }
    text.trim_end_matches('.').to_owned()
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}
