//! A MinIO of the tests' own, and a client that can be slowed down.

use std::future::Future;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use tempfile::TempDir;
use terraform_provider_s3www::s3::BucketSpec;
use terraform_provider_s3www::s3::Client;
use terraform_provider_s3www::s3::Endpoint;
use terraform_provider_s3www::s3::ObjectSpec;
use terraform_provider_s3www::s3::Source;
use terraform_provider_s3www::s3::bucket::Settings;
use terraform_provider_s3www::s3::checksum::Fingerprint;
use terraform_provider_s3www::s3::ensure_bucket;
use terraform_provider_s3www::s3::object::Headers;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

pub const ACCESS_KEY: &str = "tester";
pub const SECRET_KEY: &str = "not-to-be-printed";

/// Keeps a server running as long as its own standard input is open, which is as long as the test
/// process lives, however that ends. `$0` is the folder to remove then, or nothing.
const KEEPER: &str = r#""$@" >/dev/null 2>&1 & server=$!
echo "$server"
cat >/dev/null
kill -CONT "$server"
kill "$server" && wait "$server"
[ -z "$0" ] || rm -rf "$0""#;

/// Is a running MinIO.
pub struct Server {
    keeper: Child,
    process: String,
    port: u16,
    scheme: &'static str,
}

/// Is how a server is started.
#[derive(Clone, Copy, Default)]
pub struct Setup<'a> {
    /// The folder to remove when the server ends, if any.
    pub remove: &'a str,
    /// The folder with the certificate, for TLS.
    pub certificates: Option<&'a Path>,
    /// The port, for a server that comes back; a free one if not set.
    pub port: Option<u16>,
    /// Variables of its environment.
    pub environment: &'a [(&'a str, &'a str)],
}

/// Returns the server that all tests of the process share. Each test uses a bucket of its own.
pub fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| {
        // A static is never dropped, so the keeper removes the folder.
        let folder = tempfile::tempdir().unwrap().keep();
        let remove = folder.to_str().unwrap();
        Server::start_as(&folder, Setup { remove, ..Setup::default() })
    })
}

impl Server {
    /// Starts a server of its own on data that outlives it.
    pub fn start(data: &TempDir) -> Self {
        Self::start_as(data.path(), Setup::default())
    }

    /// Starts a server that speaks TLS with the certificate in `certificates`.
    pub fn start_tls(data: &TempDir, certificates: &Path) -> Self {
        let certificates = Some(certificates);
        Self::start_as(data.path(), Setup { certificates, ..Setup::default() })
    }

    /// Starts a server in a particular way.
    pub fn start_as(data: &Path, setup: Setup<'_>) -> Self {
        let minio = program("MINIO");
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let port = setup.port.unwrap_or_else(free);
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, setup.remove]).arg(minio);
        command.args(["server", "--quiet", "--address"]);
        command.arg(format!("127.0.0.1:{port}")).args(["--console-address", "127.0.0.1:0"]);
        if let Some(certificates) = setup.certificates {
            command.arg("--certs-dir").arg(certificates);
        }
        let mut keeper = command
            .arg(data)
            .env("MINIO_ROOT_USER", ACCESS_KEY)
            .env("MINIO_ROOT_PASSWORD", SECRET_KEY)
            .env("HOME", data)
            .envs(setup.environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut process = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut process).unwrap();
        let scheme = if setup.certificates.is_some() { "https" } else { "http" };
        let process = process.trim().to_owned();
        let server = Self { keeper, process, port, scheme };
        server.wait_until_ready();
        server
    }

    /// Returns the port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sends the server's process a signal, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.process]).status();
        assert!(sent.unwrap().success(), "SIG{name} could not be sent");
    }

    fn wait_until_ready(&self) {
        let mut endpoint = self.endpoint();
        endpoint.insecure = true;
        // A thread of its own, since the test that starts the server may be inside a runtime.
        std::thread::scope(|scope| {
            scope.spawn(|| {
                tokio::runtime::Runtime::new().unwrap().block_on(async {
                    let client = Client::direct(&endpoint).unwrap();
                    let deadline = Instant::now() + Duration::from_mins(1);
                    while let Err(error) = client.sdk().list_buckets().send().await {
                        assert!(Instant::now() < deadline, "MinIO did not start: {error:?}");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                });
            });
        });
    }

    pub fn endpoint(&self) -> Endpoint {
        endpoint(self.scheme, self.port)
    }

    pub fn client(&self) -> Client {
        Client::direct(&self.endpoint()).unwrap()
    }

    /// Runs `mc` against this server, as `local`, and returns what it printed. It must succeed.
    pub fn mc(&self, arguments: &[&str]) -> String {
        let configuration = tempfile::tempdir().unwrap();
        let output = Command::new(program("MC"))
            .arg("--quiet")
            .arg("--config-dir")
            .arg(configuration.path())
            .args(arguments)
            .env(
                "MC_HOST_local",
                format!("http://{ACCESS_KEY}:{SECRET_KEY}@127.0.0.1:{}", self.port),
            )
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "mc {arguments:?}: {text}");
        text
    }

    /// Returns how many requests of an operation, such as `HeadObject`, it has answered. It must
    /// have been started with `MINIO_PROMETHEUS_AUTH_TYPE=public`.
    pub fn requests(&self, operation: &str) -> u64 {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = "GET /minio/metrics/v3/api/requests HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
        io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let answer = io::read_to_string(stream).unwrap();
        assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
        let head = format!("minio_api_requests_total{{name=\"{operation}\",");
        let line = answer.lines().find(|line| line.starts_with(&head));
        line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
    }

    /// Ends the server and waits for it.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.keeper.stdin.is_some() {
            self.end();
        }
    }
}

/// Returns an address on this machine with the credentials of every server here.
pub fn endpoint(scheme: &str, port: u16) -> Endpoint {
    Endpoint {
        url: format!("{scheme}://127.0.0.1:{port}"),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned(),
        session_token: None,
        region: None,
        ca_certificate: None,
        insecure: false,
        path_style: true,
    }
}

/// Returns a certificate for this machine that nobody else signed, and its key, in PEM.
pub fn self_signed() -> (String, String) {
    let pem = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    };
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    (pem("CERTIFICATE", certificate.der()), pem("PRIVATE KEY", &key.serialize_der()))
}

/// Returns a program that `make test` builds.
fn program(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable);
    assert!(path.is_some(), "{variable} is not set; `make test` builds the program and sets it");
    path.unwrap_or_default().into()
}

pub fn never() -> CancellationToken {
    CancellationToken::new()
}

/// Makes a bucket that no other test uses.
pub async fn fresh_bucket(client: &Client) -> String {
    bucket_with(client, Settings::default()).await
}

/// Makes a bucket with settings that no other test uses.
pub async fn bucket_with(client: &Client, settings: Settings) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let bucket = format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let spec = BucketSpec { bucket: bucket.clone(), settings };
    ensure_bucket(client, &spec, false, &never()).await.unwrap();
    bucket
}

/// Returns what an object of these bytes should be.
pub fn object(bucket: &str, key: &str, content: impl Into<Bytes>) -> ObjectSpec {
    let content = content.into();
    ObjectSpec {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        fingerprint: Fingerprint::of_bytes(&content),
        source: Source::Bytes(content),
        headers: Headers { content_type: Some("text/plain".to_owned()), ..Headers::default() },
        metadata: std::collections::BTreeMap::new(),
        storage_class: None,
        tags: None,
    }
}

/// Returns the content of an object.
pub async fn content(client: &Client, bucket: &str, key: &str) -> Bytes {
    let output = client.sdk().get_object().bucket(bucket).key(key).send().await.unwrap();
    output.body.collect().await.unwrap().into_bytes()
}

/// Runs something asynchronous in a test that is not.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

/// Returns how many parts each incomplete upload of a key has.
pub async fn incomplete(client: &Client, bucket: &str, key: &str) -> Vec<usize> {
    let sdk = client.sdk();
    let found = sdk.list_multipart_uploads().bucket(bucket).prefix(key).send().await.unwrap();
    let mut parts = Vec::new();
    for upload in found.uploads() {
        let id = upload.upload_id().unwrap();
        let listed = sdk.list_parts().bucket(bucket).key(key).upload_id(id).send().await.unwrap();
        parts.push(listed.parts().len());
    }
    parts
}

/// Is a write that can only be a part of a body.
const BODY_WRITE: usize = 16 * 1024;

/// Connects to a server through streams that carry so many bytes of bodies, all together, and then
/// no more, without an error. Requests without a body still pass.
#[derive(Clone)]
pub struct Stalling {
    port: u16,
    left: Arc<AtomicUsize>,
}

impl Stalling {
    pub fn client(endpoint: &Endpoint, after: usize) -> Client {
        let port = endpoint.url.rsplit(':').next().unwrap().parse().unwrap();
        Client::through(endpoint, Self { port, left: Arc::new(AtomicUsize::new(after)) }).unwrap()
    }
}

impl tower::Service<http::Uri> for Stalling {
    type Response = StallingStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<StallingStream>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Uri) -> Self::Future {
        let Self { port, left } = self.clone();
        Box::pin(async move {
            Ok(StallingStream { stream: TcpStream::connect(("127.0.0.1", port)).await?, left })
        })
    }
}

pub struct StallingStream {
    stream: TcpStream,
    left: Arc<AtomicUsize>,
}

impl AsyncRead for StallingStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for StallingStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let body = bytes.len() >= BODY_WRITE;
        if body && self.left.load(Ordering::Relaxed) < bytes.len() {
            return Poll::Pending;
        }
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = &written
            && body
        {
            self.left.fetch_sub(*count, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
