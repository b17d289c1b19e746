//! Going on although the API server is away for a while.

use std::time::Duration;

use tokio::time::Instant;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::lifecycle::LifecycleError;
use crate::kubernetes::release_store::StoreError;
use crate::kubernetes::wait::WaitError;
use crate::kubernetes::wait::is_passing;

/// How long an API server may be away before anything has begun, and how long it may
/// answer with what could be its own failure as well as the user's.
pub(super) const ABSENCE: Duration = Duration::from_secs(30);

/// How long after the deadline the work is cut off: what ran out of time may still say why.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// The first pause between two attempts; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Is an error that may be the API server's absence.
pub(super) trait Cause: From<KubernetesError> {
    /// Returns what the API server, or its absence, said.
    fn cause(&self) -> Option<&KubernetesError>;
}

impl Cause for KubernetesError {
    fn cause(&self) -> Option<&KubernetesError> {
        Some(self)
    }
}

impl Cause for StoreError {
    fn cause(&self) -> Option<&KubernetesError> {
        match self {
            Self::Kubernetes(error) => Some(error),
            _ => None,
        }
    }
}

impl Cause for WaitError {
    fn cause(&self) -> Option<&KubernetesError> {
        match self {
            Self::Kubernetes(error) => Some(error),
            _ => None,
        }
    }
}

impl Cause for LifecycleError {
    fn cause(&self) -> Option<&KubernetesError> {
        match self {
            Self::Kubernetes(error) => Some(error),
            Self::Store(error) => error.cause(),
            Self::Wait(error) => error.cause(),
            _ => None,
        }
    }
}

/// Does what can be done twice, again and again while the API server is away, until the
/// deadline; at the deadline what stood in the way is the error.
///
/// The requests themselves are repeated a few times, for seconds; this is for an API
/// server that is restarted, or a network that is down for minutes.
pub(super) async fn patiently<T, E, F>(
    cluster: &Cluster,
    deadline: Instant,
    work: impl Fn() -> F,
) -> Result<T, E>
where
    E: Cause,
    F: Future<Output = Result<T, E>>,
{
    let began = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut last = None;
    loop {
        let Ok(result) = tokio::time::timeout_at(deadline + LAST_WORDS, work()).await else {
            return Err(last.unwrap_or_else(|| {
                E::from(KubernetesError::NoAnswer {
                    address: cluster.address().to_owned(),
                    request: String::from("the last request"),
                    seconds: began.elapsed().as_secs(),
                })
            }));
        };
        let error = match result {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let until = error.cause().and_then(|cause| until(cause, began, deadline));
        if until.is_none_or(|until| Instant::now() + pause >= until) {
            return Err(error);
        }
        tracing::warn!(cause = ?error.cause(), "trying again");
        last = Some(error);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Returns until when to try again after an error; nothing if that is no use.
fn until(error: &KubernetesError, began: Instant, deadline: Instant) -> Option<Instant> {
    if !is_passing(error) {
        return None;
    }
    let may_be_the_users = error
        .api()
        .is_some_and(|answer| answer.status == 500 || answer.class == ApiErrorClass::KindNotFound);
    Some(if may_be_the_users { deadline.min(began + ABSENCE) } else { deadline })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::kubernetes::client::ClientConfig;
    use crate::kubernetes::error::ApiError;

    fn cluster() -> Cluster {
        let host = Some(String::from("http://127.0.0.1:1"));
        Cluster::connect_with(&ClientConfig { host, ..ClientConfig::default() }, &|_| None).unwrap()
    }

    fn refused(status: u16) -> KubernetesError {
        ApiError::read("GET", "/api/v1/pods", None, status, b"", None).into()
    }

    fn away() -> KubernetesError {
        KubernetesError::Unreachable {
            address: String::new(),
            origin: String::new(),
            cause: String::new(),
        }
    }

    /// Fails with the error until the deadline; returns how long that was, and how often.
    async fn fail(error: fn() -> KubernetesError, seconds: u64) -> (u64, u32) {
        let (began, count) = (Instant::now(), AtomicU32::new(0));
        let result: Result<(), _> =
            patiently(&cluster(), began + Duration::from_secs(seconds), || async {
                count.fetch_add(1, Ordering::Relaxed);
                Err(error())
            })
            .await;
        assert!(result.is_err());
        (began.elapsed().as_secs(), count.load(Ordering::Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn an_absence_is_waited_out_and_a_refusal_is_not() {
        let (seconds, count) = fail(away, 100).await;
        assert!((95..100).contains(&seconds) && (20..40).contains(&count), "{seconds} {count}");
        assert_eq!(fail(|| refused(403), 100).await, (0, 1));
        let (seconds, _) = fail(|| refused(500), 100).await;
        assert!((25..30).contains(&seconds), "{seconds}");
        let (seconds, _) = fail(|| refused(503), 100).await;
        assert!(seconds >= 95, "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silence_ends_soon_after_the_deadline() {
        let began = Instant::now();
        let deadline = began + Duration::from_secs(20);
        let result: Result<(), KubernetesError> =
            patiently(&cluster(), deadline, std::future::pending).await;
        assert!(matches!(result, Err(KubernetesError::NoAnswer { seconds: 30, .. })), "{result:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_works_again_goes_on() {
        let count = AtomicU32::new(0);
        let deadline = Instant::now() + Duration::from_mins(1);
        let result: Result<u32, KubernetesError> = patiently(&cluster(), deadline, || async {
            let number = count.fetch_add(1, Ordering::Relaxed);
            if number < 5 { Err(away()) } else { Ok(number) }
        })
        .await;
        assert_eq!(result.unwrap(), 5);
    }
}
