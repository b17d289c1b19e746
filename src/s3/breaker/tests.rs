use std::sync::atomic::AtomicUsize;

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

/// Is a server that answers, or refuses, or hangs.
#[derive(Default)]
struct Server {
    answers: std::sync::atomic::AtomicBool,
    asked: AtomicUsize,
}

impl Server {
    async fn ask(
        &self,
        breaker: &Breaker,
        patience: Option<Duration>,
    ) -> Result<(), Failed<&'static str>> {
        let exchange = async {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if !self.answers.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            breaker.received(1);
            Ok(())
        };
        breaker.run(patience, exchange, |_| None).await
    }

    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::Relaxed)
    }
}

fn kind<E>(failed: &Failed<E>) -> (&'static str, Option<Silence>) {
    match failed {
        Failed::Exchange(_) => ("exchange", None),
        Failed::Silent(silence) => ("silent", Some(*silence)),
        Failed::GivenUp(silence) => ("given up", Some(*silence)),
    }
}

/// Twelve that wait, ten of which repeat what failed once, as the SDK does.
#[tokio::test(start_paused = true)]
async fn silence_is_found_once_for_all_and_ends_with_the_first_answer() {
    let (breaker, server) = (Breaker::new(), Server::default());
    let began = Instant::now();
    let twice = async || {
        let first = server.ask(&breaker, Some(PATIENCE)).await.unwrap_err();
        let second = server.ask(&breaker, Some(PATIENCE)).await.unwrap_err();
        (kind(&first), kind(&second))
    };
    let silence = Some(Silence::NoAnswer(PATIENCE));
    let results = futures::future::join_all((0..10).map(|_| twice())).await;
    assert_eq!(results, [(("silent", silence), ("given up", silence)); 10]);
    assert_eq!(began.elapsed(), PATIENCE + TRIAL);
    assert_eq!(server.asked(), 10 + 1, "one tried again for all");

    for _ in 0..100 {
        let failed = server.ask(&breaker, Some(PATIENCE)).await.unwrap_err();
        assert_eq!(kind(&failed), ("given up", silence));
    }
    assert_eq!((began.elapsed(), server.asked()), (PATIENCE + TRIAL, 0), "nothing was sent");

    // Still silent after a rest, then back.
    tokio::time::sleep(REST).await;
    let failed = server.ask(&breaker, Some(PATIENCE)).await.unwrap_err();
    assert_eq!((kind(&failed), server.asked()), (("given up", silence), 1));
    server.answers.store(true, Ordering::Relaxed);
    assert!(server.ask(&breaker, Some(PATIENCE)).await.is_err(), "not yet");
    tokio::time::sleep(REST).await;
    let all = (0..10).map(|_| server.ask(&breaker, Some(PATIENCE)));
    assert!(futures::future::join_all(all).await.iter().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn a_line_on_which_a_body_moves_is_not_silent() {
    let (breaker, server) = (Breaker::new(), Server::default());
    let began = Instant::now();
    let uploading = async {
        for _ in 0..6 {
            tokio::time::sleep(PATIENCE / 2).await;
            breaker.sent(BODY_WRITE);
        }
        // What is written of other requests says nothing.
        tokio::time::sleep(PATIENCE / 2).await;
        breaker.sent(BODY_WRITE - 1);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        failed = server.ask(&breaker, Some(PATIENCE)) => {
            assert_eq!(kind(&failed.unwrap_err()).0, "silent");
        }
        () = uploading => {}
    }
    assert_eq!(began.elapsed(), PATIENCE * 3 + PATIENCE);
}

#[tokio::test(start_paused = true)]
async fn what_takes_long_is_waited_for_until_the_server_is_given_up() {
    let (breaker, server) = (Breaker::new(), Server::default());
    let began = Instant::now();
    let small = async {
        tokio::time::sleep(PATIENCE * 10).await;
        for expected in ["silent", "given up"] {
            let failed = server.ask(&breaker, Some(PATIENCE)).await.unwrap_err();
            assert_eq!(kind(&failed).0, expected);
        }
    };
    let (large, ()) = futures::future::join(server.ask(&breaker, None), small).await;
    assert_eq!(kind(&large.unwrap_err()).0, "given up");
    assert_eq!(began.elapsed(), PATIENCE * 10 + PATIENCE + TRIAL);
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_is_dropped_or_refused_keeps_nobody_waiting() {
    let (breaker, server) = (Breaker::new(), Server::default());
    assert!(server.ask(&breaker, Some(PATIENCE)).await.is_err());
    let dropped = tokio::time::timeout(TRIAL / 2, server.ask(&breaker, Some(PATIENCE))).await;
    assert!(dropped.is_err());
    let began = Instant::now();
    let refused = breaker.run(Some(PATIENCE), async { Err::<(), _>("refused") }, |_| None).await;
    assert!(matches!(refused, Err(Failed::Exchange("refused"))), "{refused:?}");
    server.answers.store(true, Ordering::Relaxed);
    server.ask(&breaker, Some(PATIENCE)).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_does_not_come_counts_unless_others_move() {
    let silence = Silence::NoConnection(Duration::from_secs(5));
    let connecting = async |breaker: &Breaker| {
        let exchange = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            Err::<(), _>(silence)
        };
        breaker.run(Some(PATIENCE), exchange, |silence| Some(*silence)).await.unwrap_err()
    };
    let breaker = Breaker::new();
    let moving = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        breaker.received(1);
    };
    let (failed, ()) = futures::future::join(connecting(&breaker), moving).await;
    assert_eq!(kind(&failed), ("exchange", None));
    assert_eq!(kind(&connecting(&breaker).await), ("silent", Some(silence)));
    assert_eq!(kind(&connecting(&breaker).await), ("given up", Some(silence)));
}
