//! Objects that are written and read back all the time, as an S3 client does it.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::primitives::ByteStream;
use terraform_provider_s3www::s3::Client;
use terraform_provider_s3www::s3::Endpoint;

/// Writes one object after the other and reads each back at once, until it is dropped.
pub struct Writes {
    counts: Arc<Mutex<Counts>>,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// Is what became of the objects since the last time somebody asked.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Objects that were written and read back.
    pub objects: u32,
    /// Single requests that the server did not carry out and that were repeated, as every S3 client does.
    pub repeated: u32,
    /// Objects that could not be written or read in [`PATIENCE`], were said not to exist, or had other content.
    pub lost: u32,
    /// The longest that one write or one read took, with all that was repeated.
    pub slowest: Duration,
    /// What was repeated or lost first.
    pub first: Option<String>,
}

/// How long one write or read may take with everything that is repeated.
const PATIENCE: Duration = Duration::from_secs(45);

const PAUSE: Duration = Duration::from_millis(100);

impl Writes {
    /// Begins, in a bucket that exists.
    pub fn start(endpoint: Endpoint, bucket: &str) -> Self {
        let counts = Arc::new(Mutex::new(Counts::default()));
        let stop = Arc::new(AtomicBool::new(false));
        let (shared, stopped, bucket) = (Arc::clone(&counts), Arc::clone(&stop), bucket.to_owned());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let mut number = 0;
                while !stopped.load(Ordering::Relaxed) {
                    number += 1;
                    write_and_read(&endpoint, &bucket, number, &shared).await;
                    tokio::time::sleep(PAUSE).await;
                }
            });
        });
        Self { counts, stop, thread: Some(thread) }
    }

    /// Returns the counts and begins anew.
    pub fn take(&self) -> Counts {
        std::mem::take(&mut *self.counts.lock().unwrap())
    }

    /// Waits for a number of further objects, so that what has just happened shows.
    pub fn settle(&self, objects: u32) {
        let begin = self.counts.lock().unwrap().objects;
        let deadline = Instant::now() + Duration::from_mins(2);
        while self.counts.lock().unwrap().objects < begin + objects {
            assert!(Instant::now() < deadline, "nothing is written any more: {:?}", self.take());
            std::thread::sleep(PAUSE);
        }
    }
}

/// Returns a client of its own: kept connections stay with one server, new ones go where the Service sends them. It repeats nothing by
/// itself, so that everything is counted.
fn client(endpoint: &Endpoint) -> aws_sdk_s3::Client {
    let client = Client::direct(endpoint).unwrap();
    let config = client.sdk().config().to_builder().retry_config(RetryConfig::disabled());
    aws_sdk_s3::Client::from_conf(config.build())
}

async fn write_and_read(endpoint: &Endpoint, bucket: &str, number: u32, counts: &Mutex<Counts>) {
    let (key, content) = (format!("written/{number}"), format!("content {number}"));
    let put = async |client: aws_sdk_s3::Client| {
        let body = ByteStream::from(content.clone().into_bytes());
        let request = client.put_object().bucket(bucket).key(&key).body(body);
        request.send().await.map(drop).map_err(|error| DisplayErrorContext(error).to_string())
    };
    let get = async |client: aws_sdk_s3::Client| {
        let answer = client.get_object().bucket(bucket).key(&key).send().await;
        let answer = answer.map_err(|error| DisplayErrorContext(error).to_string())?;
        let body = answer.body.collect().await.map_err(|error| error.to_string())?;
        if body.into_bytes() == content.as_bytes() {
            Ok(())
        } else {
            Err(format!("{WRONG}: other content"))
        }
    };
    if repeated("PUT", put, endpoint, counts).await && repeated("GET", get, endpoint, counts).await
    {
        counts.lock().unwrap().objects += 1;
    }
}

const WRONG: &str = "wrong answer";

/// Repeats a request until it succeeds; returns false if it is lost.
async fn repeated(
    what: &str,
    request: impl AsyncFn(aws_sdk_s3::Client) -> Result<(), String>,
    endpoint: &Endpoint,
    counts: &Mutex<Counts>,
) -> bool {
    let begin = Instant::now();
    loop {
        let result = request(client(endpoint)).await;
        {
            let mut now = counts.lock().unwrap();
            now.slowest = now.slowest.max(begin.elapsed());
            let Err(reason) = result else { return true };
            // A client believes such an answer: repeating it would hide what is wrong.
            let is_wrong = reason.contains("NoSuchKey") || reason.contains(WRONG);
            now.first.get_or_insert_with(|| format!("{what}: {reason}"));
            if is_wrong || begin.elapsed() > PATIENCE {
                now.lost += 1;
                return false;
            }
            now.repeated += 1;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Drop for Writes {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed.
            let _ = thread.join();
        }
    }
}
