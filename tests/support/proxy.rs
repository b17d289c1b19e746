//! A way to the API server that breaks where it is told to: it speaks plain HTTP on loopback, as
//! `kubectl proxy` does, and passes everything on that no fault is for.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;

use bytes::Bytes;
use http::Request;
use http::Response;
use http_body_util::BodyExt as _;
use http_body_util::StreamBody;
use http_body_util::combinators::BoxBody;
use hyper::body::Frame;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use terraform_provider_s3www::kubernetes::client::ClientConfig;
use terraform_provider_s3www::kubernetes::client::Cluster;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::cluster::kubeconfig;

type Answer = Response<BoxBody<Bytes, io::Error>>;

/// Is what happens to a request.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It is answered with a status and, perhaps, a `Retry-After`; the API server does not see it.
    Status(u16, Option<&'static str>),
    /// The connection is closed; the API server does not see it.
    Reset,
    /// It is carried out, and the connection closed before the answer.
    LoseAnswer,
    /// It is carried out, and the connection closed in the middle of the answer.
    CutAnswer,
    /// It is never answered, and the API server does not see it.
    Stall,
}

/// Is which requests a fault is for, and how many of them.
struct Rule {
    method: &'static str,
    path: String,
    times: usize,
    fault: Fault,
}

#[derive(Default)]
struct Shared {
    rules: Mutex<Vec<Rule>>,
    seen: Mutex<Vec<(String, String)>>,
}

impl Shared {
    /// Notes a request and returns what is to happen to it.
    fn fault(&self, method: &str, path: &str) -> Option<Fault> {
        self.seen.lock().unwrap().push((method.to_owned(), path.to_owned()));
        let mut rules = self.rules.lock().unwrap();
        let rule = rules.iter_mut().find(|rule| {
            rule.times > 0
                && (rule.method.is_empty() || rule.method == method)
                && path.contains(&rule.path)
        })?;
        rule.times -= 1;
        Some(rule.fault)
    }
}

/// Is the proxy. It ends with the test.
pub struct Proxy {
    pub url: String,
    address: SocketAddr,
    runtime: Runtime,
    cluster: Cluster,
    shared: Arc<Shared>,
    open: Mutex<CancellationToken>,
}

impl Proxy {
    /// Begins to pass on to the cluster that tests run on.
    pub fn new() -> Self {
        // An error means that another test was first.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let config = ClientConfig { config_path: Some(kubeconfig()), ..ClientConfig::default() };
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Self {
            url: format!("http://{address}"),
            address,
            runtime,
            cluster: Cluster::connect(&config).unwrap(),
            shared: Arc::default(),
            open: Mutex::default(),
        };
        proxy.listen(listener);
        proxy
    }

    /// Makes the next `times` requests of a method (any, if empty) whose path contains `path`
    /// fail. Faults are looked up in the order in which they were set.
    pub fn fail(&self, times: usize, method: &'static str, path: &str, fault: Fault) {
        let rule = Rule { method, path: path.to_owned(), times, fault };
        self.shared.rules.lock().unwrap().push(rule);
    }

    /// Makes every request fail from now on.
    pub fn fail_all(&self, fault: Fault) {
        self.fail(usize::MAX, "", "", fault);
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.shared.rules.lock().unwrap().clear();
    }

    /// Returns how many requests of a method came whose path contains `path`, since the last
    /// call of [`Proxy::forget`].
    pub fn count(&self, method: &str, path: &str) -> usize {
        let seen = self.shared.seen.lock().unwrap();
        seen.iter().filter(|(of, at)| of == method && at.contains(path)).count()
    }

    /// Forgets the requests that were seen.
    pub fn forget(&self) {
        self.shared.seen.lock().unwrap().clear();
    }

    /// Waits until a request of a method came whose path contains `path`.
    #[track_caller]
    pub fn wait_for(&self, method: &str, path: &str) {
        super::eventually(&format!("{method} ...{path}..."), || self.count(method, path) > 0);
    }

    /// Ends all connections and takes no new ones.
    pub fn close(&self) {
        self.open.lock().unwrap().cancel();
        super::eventually("the port is free", || {
            std::net::TcpStream::connect(self.address).is_err()
        });
    }

    /// Takes connections again.
    pub fn reopen(&self) {
        let listener = self.runtime.block_on(TcpListener::bind(self.address)).unwrap();
        *self.open.lock().unwrap() = CancellationToken::new();
        self.listen(listener);
    }

    fn listen(&self, listener: TcpListener) {
        let (shared, cluster) = (Arc::clone(&self.shared), self.cluster.clone());
        let open = self.open.lock().unwrap().clone();
        self.runtime.spawn(open.clone().run_until_cancelled_owned(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (shared, cluster) = (Arc::clone(&shared), cluster.clone());
                let service = service_fn(move |request| {
                    let (shared, cluster) = (Arc::clone(&shared), cluster.clone());
                    async move { pass(&shared, &cluster, request).await }
                });
                let serving = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                // A connection that is reset on purpose ends with an error.
                tokio::spawn(open.clone().run_until_cancelled_owned(async { drop(serving.await) }));
            }
        }));
    }
}

/// Passes a request on, or does to it what a fault says. An error closes the connection.
async fn pass(
    shared: &Shared,
    cluster: &Cluster,
    request: Request<Incoming>,
) -> Result<Answer, io::Error> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().unwrap().to_string();
    let fault = shared.fault(head.method.as_str(), &path);
    let reset = || io::Error::new(io::ErrorKind::ConnectionReset, "reset on purpose");
    match fault {
        Some(Fault::Status(status, retry_after)) => {
            let mut answer = Response::builder().status(status);
            if let Some(seconds) = retry_after {
                answer = answer.header("retry-after", seconds);
            }
            return Ok(answer.body(whole(Bytes::from_static(b"injected"))).unwrap());
        }
        Some(Fault::Reset) => return Err(reset()),
        Some(Fault::Stall) => {
            std::future::pending::<Infallible>().await;
        }
        Some(Fault::LoseAnswer | Fault::CutAnswer) | None => {}
    }
    let mut sent = Request::builder().method(head.method).uri(path);
    for name in ["accept", "content-type", "user-agent"] {
        if let Some(value) = head.headers.get(name) {
            sent = sent.header(name, value);
        }
    }
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let sent = sent.body(kube::client::Body::from(body.to_vec())).unwrap();
    let client = cluster.client().await.map_err(io::Error::other)?;
    let answer = client.send(sent).await.map_err(io::Error::other)?;
    let (head, body) = answer.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let mut answer = Response::builder().status(head.status);
    for name in ["content-type", "warning", "retry-after"] {
        for value in head.headers.get_all(name) {
            answer = answer.header(name, value);
        }
    }
    match fault {
        Some(Fault::LoseAnswer) => Err(reset()),
        Some(Fault::CutAnswer) => {
            let half = body.slice(..body.len() / 2);
            let parts = [Ok(Frame::data(half)), Err(reset())];
            let cut = StreamBody::new(futures::stream::iter(parts)).boxed();
            Ok(answer.header("content-length", body.len()).body(cut).unwrap())
        }
        _ => Ok(answer.body(whole(body)).unwrap()),
    }
}

fn whole(body: Bytes) -> BoxBody<Bytes, io::Error> {
    http_body_util::Full::new(body).map_err(|never| match never {}).boxed()
}
