//! Why a request failed, and whether sending it again can help.

use std::error::Error;
use std::time::Duration;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::ApiError;
use crate::kubernetes::error::KubernetesError;

/// Is how often a request is sent at most while the connection breaks: for about five seconds.
const ATTEMPTS: u32 = 6;

/// Is how long a server that is busy is asked again.
const BUSY: Duration = Duration::from_mins(1);

/// Is a failed request.
pub(super) struct Failure {
    pub(super) error: KubernetesError,
    kind: Kind,
}

enum Kind {
    /// Sending it again gives the same.
    Hard,
    /// There is no connection any more; the request was not sent.
    Unsent,
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
    /// once, not after a series of timeouts. One that was there is likely to be back soon.
    pub(super) fn connection(error: &kube::Error, cluster: &Cluster) -> Self {
        let unreachable = KubernetesError::Unreachable {
            address: cluster.address().to_owned(),
            origin: cluster.origin().to_owned(),
            cause: cause(error),
        };
        let not_there = chain(error).any(|error| {
            error
                .downcast_ref::<hyper_util::client::legacy::Error>()
                .is_some_and(hyper_util::client::legacy::Error::is_connect)
        });
        match (not_there, cluster.was_there()) {
            (true, true) => Self { error: unreachable, kind: Kind::Unsent },
            (true, false) => Self::hard(unreachable),
            (false, _) => Self::broken(unreachable),
        }
    }

    /// Returns how long to wait before sending the request again, or nothing if that is no use,
    /// or has been tried for long enough. `attempt` counts from 1, `elapsed` from the first one.
    pub(super) fn pause(
        &self,
        repeatable: bool,
        attempt: u32,
        elapsed: Duration,
    ) -> Option<Duration> {
        let own = Duration::from_millis(100 * u64::from(attempt) * u64::from(attempt));
        match self.kind {
            Kind::Hard => None,
            Kind::Broken if !repeatable => None,
            Kind::Broken | Kind::Unsent => (attempt < ATTEMPTS).then_some(own),
            Kind::Busy(after) => {
                let pause = Duration::from_secs(after.unwrap_or(1)).max(own);
                (elapsed + pause <= BUSY).then_some(pause)
            }
        }
    }
}

/// Returns the text of the innermost error, which says what happened.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn cause(error: &kube::Error) -> String {
    let text = innermost(error);
    if ["deadline has elapsed", "timed out"].iter().any(|limit| text.ends_with(limit)) {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn failure(kind: Kind) -> Failure {
        Failure { error: KubernetesError::Configuration(String::new()), kind }
    }

    /// Returns how often a request is sent that always fails, and how long that takes.
    fn series(kind: Kind, repeatable: bool) -> (u32, Duration) {
        let failure = failure(kind);
        let (mut attempt, mut elapsed) = (1, Duration::ZERO);
        while let Some(pause) = failure.pause(repeatable, attempt, elapsed) {
            attempt += 1;
            elapsed += pause;
        }
        (attempt, elapsed)
    }

    #[test]
    fn what_may_have_been_carried_out_is_not_sent_twice() {
        assert_eq!(series(Kind::Broken, false).0, 1);
        assert_eq!(series(Kind::Hard, true).0, 1);
        assert_eq!(series(Kind::Broken, true), (6, Duration::from_millis(5500)));
        assert_eq!(series(Kind::Unsent, false), (6, Duration::from_millis(5500)));
    }

    #[test]
    fn a_busy_server_is_asked_again_when_it_says_and_for_a_minute() {
        let (count, elapsed) = series(Kind::Busy(None), false);
        assert!((10..=14).contains(&count), "{count}");
        assert!(elapsed <= BUSY, "{elapsed:?}");
        assert_eq!(series(Kind::Busy(Some(25)), false), (3, Duration::from_secs(50)));
        assert_eq!(series(Kind::Busy(Some(3600)), false).0, 1, "that is no time to wait");
    }
}
