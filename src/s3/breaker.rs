//! A circuit breaker: what all requests of one client know together of a server that is silent.
//!
//! A process that hangs, or a link that swallows everything, refuses nothing. Each request alone
//! would wait out all of its attempts, and the refresh of a hundred objects would take a hundred
//! times as long as it takes to be sure. So silence is found once, tried once more on a new
//! connection, and from then on every request fails at once, until a later trial is answered.
//!
//! Silence is that nothing moves on *any* connection of the client while a request waits: on a slow
//! line an answer may queue behind an upload for long, and then the upload moves.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How long the second try may be silent: it has a new connection, and nobody's bytes before its
/// own.
const TRIAL: Duration = Duration::from_secs(10);

/// How long requests fail without being sent, before one of them is the next trial.
const REST: Duration = Duration::from_secs(10);

/// Is a write that can only be a part of a body, so that it says something about the line. A
/// request without one is written whether anybody listens or not.
const BODY_WRITE: usize = 8 * 1024;

/// Says that a server is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Silence {
    /// No connection can be made.
    #[error("no connection within {} s", .0.as_secs())]
    NoConnection(Duration),
    /// Requests are not answered.
    #[error("it does not answer: nothing came within {} s", .0.as_secs())]
    NoAnswer(Duration),
}

/// Is why an exchange failed.
#[derive(Debug)]
pub(crate) enum Failed<E> {
    /// As it says itself.
    Exchange(E),
    /// The server is silent; it is worth another try.
    Silent(Silence),
    /// The server was silent at another try too, not necessarily of this request.
    GivenUp(Silence),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is wrong.
    Closed,
    /// Silence was found, and nobody has tried again yet.
    Suspect(Silence),
    /// Somebody tries again; the others wait for what comes of it.
    HalfOpen(Silence),
    /// The server is silent; nobody tries before that time.
    Open(Silence, Instant),
}

/// Is what is known of one server. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Breaker(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: watch::Sender<State>,
    began: Instant,
    /// When something last moved, in milliseconds since `began`.
    moved: AtomicU64,
}

impl Breaker {
    /// Makes one that knows nothing bad.
    pub(crate) fn new() -> Self {
        let state = watch::Sender::new(State::Closed);
        Self(Arc::new(Shared { state, began: Instant::now(), moved: AtomicU64::new(0) }))
    }

    /// Notes that so many bytes came from the server, which ends every suspicion.
    pub(crate) fn received(&self, bytes: usize) {
        if bytes > 0 {
            self.note_movement();
            if *self.0.state.borrow() != State::Closed {
                self.change(|_| Some(State::Closed));
            }
        }
    }

    /// Notes that a connection took so many bytes for the server.
    pub(crate) fn sent(&self, bytes: usize) {
        if bytes >= BODY_WRITE {
            self.note_movement();
        }
    }

    /// Runs one exchange with the server, in which it may be silent for `patience`. Without one it
    /// may be for as long as the exchange takes: moving gigabytes keeps a server busy.
    ///
    /// `no_connection` says which errors of the exchange are silence too.
    pub(crate) async fn run<T, E>(
        &self,
        patience: Option<Duration>,
        exchange: impl Future<Output = Result<T, E>>,
        no_connection: impl Fn(&E) -> Option<Silence>,
    ) -> Result<T, Failed<E>> {
        let trial = self.admit(patience.is_some()).await.map_err(Failed::GivenUp)?;
        let began = Instant::now();
        let limit = patience.map(|limit| if trial.is_some() { limit.min(TRIAL) } else { limit });
        let result = tokio::select! {
            biased;
            result = exchange => result.map_err(|error| match no_connection(&error) {
                // On a line that is busy a connection may well come too late.
                Some(silence) if self.moved() <= began => Failed::Silent(silence),
                _ => Failed::Exchange(error),
            }),
            silence = self.silence(began, limit) => Err(Failed::Silent(silence)),
            failed = self.cut_off(patience.is_some()), if trial.is_none() => return Err(failed),
        };
        match (result, trial) {
            (Err(Failed::Silent(silence)), None) => {
                self.change(|state| (state == State::Closed).then_some(State::Suspect(silence)));
                Err(Failed::Silent(silence))
            }
            (Err(Failed::Silent(_)), Some(trial)) => Err(Failed::GivenUp(trial.failed())),
            (result, Some(trial)) => {
                trial.succeeded();
                result
            }
            (result, None) => result,
        }
    }

    /// Lets a request through, as the trial or as one of many, once it may go. One without
    /// patience would be a bad trial.
    async fn admit(&self, has_patience: bool) -> Result<Option<Trial<'_>>, Silence> {
        let mut changes = self.0.state.subscribe();
        loop {
            let mut admitted = None;
            self.change(|state| {
                let silence = match state {
                    State::Open(silence, until) if Instant::now() < until => {
                        admitted = Some(Err(silence));
                        return None;
                    }
                    State::HalfOpen(_) if has_patience => return None,
                    State::Suspect(silence) | State::Open(silence, _) if has_patience => silence,
                    _ => {
                        admitted = Some(Ok(None));
                        return None;
                    }
                };
                admitted = Some(Ok(Some(Trial { breaker: self, silence })));
                Some(State::HalfOpen(silence))
            });
            if let Some(admitted) = admitted {
                return admitted;
            }
            // The sender is in `self`.
            drop(changes.changed().await);
        }
    }

    /// Returns once nothing has moved for `limit`; never without one.
    async fn silence(&self, began: Instant, limit: Option<Duration>) -> Silence {
        let Some(limit) = limit else { return std::future::pending().await };
        loop {
            let end = began.max(self.moved()) + limit;
            if end <= Instant::now() {
                return Silence::NoAnswer(limit);
            }
            tokio::time::sleep_until(end).await;
        }
    }

    /// Returns once others have found silence: at once for requests that are answered soon, or
    /// never; for others when a trial has failed too.
    async fn cut_off<E>(&self, has_patience: bool) -> Failed<E> {
        let mut changes = self.0.state.subscribe();
        let is_cut = |state: &State| match state {
            State::Closed => false,
            State::Suspect(_) | State::HalfOpen(_) => has_patience,
            State::Open(..) => true,
        };
        let state = changes.wait_for(is_cut).await.map(|state| *state);
        match state {
            Ok(State::Open(silence, _)) => Failed::GivenUp(silence),
            Ok(State::Suspect(silence) | State::HalfOpen(silence)) => Failed::Silent(silence),
            // The sender is in `self`, and closed is not cut off.
            Ok(State::Closed) | Err(_) => std::future::pending().await,
        }
    }

    fn moved(&self) -> Instant {
        self.0.began + Duration::from_millis(self.0.moved.load(Ordering::Relaxed))
    }

    fn note_movement(&self) {
        let now = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.moved.store(now, Ordering::Relaxed);
    }

    /// Goes over into the state that `next` returns, if any, and tells everybody who waits.
    fn change(&self, next: impl FnOnce(State) -> Option<State>) {
        self.0.state.send_if_modified(|state| match next(*state) {
            Some(next) => {
                *state = next;
                true
            }
            None => false,
        });
    }
}

/// Is the right to try again, while all others wait. Dropped, it goes to the next.
#[derive(Debug)]
struct Trial<'a> {
    breaker: &'a Breaker,
    /// What was found before.
    silence: Silence,
}

impl Trial<'_> {
    fn failed(self) -> Silence {
        self.ends(State::Open(self.silence, Instant::now() + REST));
        self.silence
    }

    /// An answer, or a refusal: that is none of S3's, but quick, and keeps nobody waiting.
    fn succeeded(self) {
        self.ends(State::Closed);
    }

    fn ends(&self, then: State) {
        // An answer to another request may have ended it before.
        self.breaker.change(|state| matches!(state, State::HalfOpen(_)).then_some(then));
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        self.ends(State::Suspect(self.silence));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
