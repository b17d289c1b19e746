//! A steady stream of requests, and what became of them.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

/// Fetches a URL at a steady rate, each time on a new connection, until it is dropped.
pub struct Load {
    counts: Arc<Mutex<Counts>>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// Is what became of the requests since the last time somebody asked.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub sent: u32,
    pub failed: u32,
    /// The longest that one took.
    pub slowest: Duration,
    /// What went wrong first.
    pub first: Option<String>,
}

/// Pause between requests; a request that takes long does not hold up the next one.
const PACE: Duration = Duration::from_millis(25);

impl Load {
    /// Begins. A request is good if it is answered with that content within that time.
    pub fn start(url: String, content: Vec<u8>, patience: Duration) -> Self {
        let counts = Arc::new(Mutex::new(Counts::default()));
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let shared = Arc::clone(&counts);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(run(url, content, patience, &shared, stopped));
        });
        Self { counts, stop: Some(stop), thread: Some(thread) }
    }

    /// Returns the counts and begins anew.
    pub fn take(&self) -> Counts {
        std::mem::take(&mut *self.counts.lock().unwrap())
    }

    /// Waits for a number of further requests, so that what has just happened shows.
    pub fn settle(&self, requests: u32) {
        let begin = self.counts.lock().unwrap().sent;
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.counts.lock().unwrap().sent < begin + requests {
            assert!(Instant::now() < deadline, "no requests are made any more");
            std::thread::sleep(PACE);
        }
    }
}

async fn run(
    url: String,
    content: Vec<u8>,
    patience: Duration,
    counts: &Arc<Mutex<Counts>>,
    mut stopped: tokio::sync::oneshot::Receiver<()>,
) {
    // Kept connections stay with one pod; new ones go where the Service sends them.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .timeout(patience)
        .build()
        .unwrap();
    let content = Arc::new(content);
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut requests = tokio::task::JoinSet::new();
    while stopped.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty) {
        pace.tick().await;
        let (client, url, content) = (client.clone(), url.clone(), Arc::clone(&content));
        let counts = Arc::clone(counts);
        requests.spawn(async move {
            let begin = Instant::now();
            let result = fetch(&client, &url, &content).await;
            let mut counts = counts.lock().unwrap();
            counts.sent += 1;
            counts.slowest = counts.slowest.max(begin.elapsed());
            if let Err(reason) = result {
                counts.failed += 1;
                counts.first.get_or_insert(reason);
            }
        });
        while requests.try_join_next().is_some() {}
    }
    requests.join_all().await;
}

async fn fetch(client: &reqwest::Client, url: &str, content: &[u8]) -> Result<(), String> {
    let answer = client.get(url).send().await.map_err(|error| format!("{error:?}"))?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(|error| format!("{error:?}"))?;
    if status == 200 && body == content {
        return Ok(());
    }
    Err(format!(
        "{status}: {}",
        String::from_utf8_lossy(&body).chars().take(200).collect::<String>()
    ))
}

impl Drop for Load {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed.
            let _ = thread.join();
        }
    }
}
