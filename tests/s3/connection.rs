//! Whom the server lets in, and what is said when it cannot be reached.

use std::net::TcpListener;
use std::time::Duration;
use std::time::Instant;

use terraform_provider_s3www::s3::BucketSpec;
use terraform_provider_s3www::s3::Client;
use terraform_provider_s3www::s3::Endpoint;
use terraform_provider_s3www::s3::ErrorKind;
use terraform_provider_s3www::s3::Expectation;
use terraform_provider_s3www::s3::Gone;
use terraform_provider_s3www::s3::Observed;
use terraform_provider_s3www::s3::S3Error;
use terraform_provider_s3www::s3::bucket::Facets;
use terraform_provider_s3www::s3::bucket::Settings;
use terraform_provider_s3www::s3::ensure_bucket;
use terraform_provider_s3www::s3::ensure_object;
use terraform_provider_s3www::s3::observe_bucket;
use terraform_provider_s3www::s3::observe_object;
use terraform_provider_s3www::s3::remove_bucket;
use terraform_provider_s3www::s3::remove_object;

use super::server;
use super::server::Server;
use super::server::Setup;
use super::server::never;

/// Returns what each operation says to a client that none of them lets in.
async fn errors_of(endpoint: &Endpoint, bucket: &str) -> Vec<S3Error> {
    let client = Client::direct(endpoint).unwrap();
    let cancel = never();
    let object = server::object(bucket, "page", "text");
    let spec = BucketSpec { bucket: bucket.to_owned(), settings: Settings::default() };
    let all = Facets::ALL;
    vec![
        observe_object(&client, bucket, "page", false, &cancel).await.unwrap_err(),
        observe_object(&client, bucket, "missing", true, &cancel).await.unwrap_err(),
        observe_object(&client, "no-such-bucket", "page", true, &cancel).await.unwrap_err(),
        ensure_object(&client, &object, &Expectation::Any, &cancel).await.unwrap_err(),
        remove_object(&client, bucket, "page", None, &cancel).await.unwrap_err(),
        observe_bucket(&client, bucket, all, &cancel).await.unwrap_err(),
        observe_bucket(&client, "no-such-bucket", all, &cancel).await.unwrap_err(),
        ensure_bucket(&client, &spec, true, &cancel).await.unwrap_err(),
        remove_bucket(&client, bucket, true, &cancel).await.unwrap_err(),
    ]
}

fn assert_all(errors: &[S3Error], kind: &ErrorKind, text: &str) {
    for error in errors {
        assert_eq!(error.kind(), kind, "{error}");
        let message = format!("{error} {error:?} {}", error.hint().unwrap());
        assert!(message.contains(text), "{message}");
        assert!(!message.contains("wrong-secret"), "{message}");
        assert!(!message.contains(server::SECRET_KEY), "{message}");
    }
}

/// Case 10: none of this is ever taken for "gone".
#[tokio::test]
async fn who_may_not_look_is_told_so_and_nothing_is_taken_for_gone() {
    let server = server::shared();
    let client = server.client();
    let bucket = server::fresh_bucket(&client).await;
    let spec = server::object(&bucket, "page", "text");
    ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();

    let wrong_secret = Endpoint { secret_key: "wrong-secret".to_owned(), ..server.endpoint() };
    assert_all(&errors_of(&wrong_secret, &bucket).await, &ErrorKind::Denied, "secret key is wrong");

    let wrong_key = Endpoint { access_key: "nobody".to_owned(), ..server.endpoint() };
    assert_all(&errors_of(&wrong_key, &bucket).await, &ErrorKind::Denied, "no such access key");

    server.mc(&["admin", "user", "add", "local", "outsider", "wrong-secret"]);
    let no_policy = Endpoint {
        access_key: "outsider".to_owned(),
        secret_key: "wrong-secret".to_owned(),
        ..server.endpoint()
    };
    assert_all(&errors_of(&no_policy, &bucket).await, &ErrorKind::Denied, "denies access");

    // Reading is allowed, writing is not.
    server.mc(&["admin", "policy", "attach", "local", "readonly", "--user", "outsider"]);
    let reader = Client::direct(&no_policy).unwrap();
    let other = server::object(&bucket, "page", "another");
    let error = ensure_object(&reader, &other, &Expectation::Any, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Denied, "{error}");
    assert_eq!(server::content(&client, &bucket, "page").await, "text");
}

#[tokio::test]
async fn nobody_at_the_address_is_an_error_within_seconds() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused =
        Endpoint { url: format!("http://127.0.0.1:{port}"), ..server::shared().endpoint() };
    let begun = Instant::now();
    let client = Client::direct(&refused).unwrap();
    let error = observe_object(&client, "any-bucket", "page", false, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unreachable);
    let text = error.to_string();
    assert!(text.contains("refused") && text.contains(&refused.url), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

/// What a tunnel says about itself is the reason, not what lies under it.
#[tokio::test]
async fn a_tunnel_that_cannot_be_made_explains_itself() {
    #[derive(Debug, thiserror::Error)]
    #[error("no pod is ready")]
    struct NoTunnel(#[source] std::io::Error);

    let connector = tower::service_fn(|_: http::Uri| async {
        Err::<tokio::io::DuplexStream, _>(NoTunnel(std::io::Error::other("500")))
    });
    let client = Client::through(&server::endpoint("http", 9000), connector).unwrap();
    let error = observe_object(&client, "any-bucket", "page", false, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unreachable);
    assert_eq!(error.reason(), "the server cannot be reached (no pod is ready)");
}

/// A server that accepts and never answers is given up by a cancellation at once.
#[tokio::test]
async fn a_silent_server_does_not_hold_up_a_stop() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint {
        url: format!("http://{}", silent.local_addr().unwrap()),
        ..server::shared().endpoint()
    };
    let client = Client::direct(&endpoint).unwrap();
    let cancel = never();
    let reading = observe_object(&client, "any-bucket", "page", false, &cancel);
    let stop = async {
        let listener = silent.try_clone().unwrap();
        tokio::task::spawn_blocking(move || listener.accept().unwrap()).await.unwrap();
        cancel.cancel();
        Instant::now()
    };
    let (result, stopped) = futures::join!(reading, stop);
    assert_eq!(result.unwrap_err().kind(), &ErrorKind::Cancelled);
    assert!(stopped.elapsed() < Duration::from_secs(1));
}

/// Something that speaks HTTP but not S3 is never taken for an answer about the object.
#[tokio::test]
async fn another_kind_of_server_is_not_taken_for_s3() {
    use tokio::io::AsyncReadExt;
    use tokio::io::AsyncWriteExt;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint {
        url: format!("http://{}", listener.local_addr().unwrap()),
        ..server::shared().endpoint()
    };
    let proxy = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            let body = if request[..length].starts_with(b"HEAD") { "" } else { "<html>no</html>" };
            let answer = format!(
                "HTTP/1.1 404 Not Found\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let client = Client::direct(&endpoint).unwrap();
    let error = observe_object(&client, "any-bucket", "page", false, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Other, "{error}");
    assert!(error.to_string().contains("is this the address of an S3 server?"), "{error}");
    let error = observe_bucket(&client, "any-bucket", Facets::ALL, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Other, "{error}");
    proxy.abort();
}

#[tokio::test]
async fn tls_is_checked_against_the_given_certificate_unless_insecure() {
    let data = tempfile::tempdir().unwrap();
    let certificates = tempfile::tempdir().unwrap();
    let (certificate, key) = server::self_signed();
    std::fs::write(certificates.path().join("public.crt"), &certificate).unwrap();
    std::fs::write(certificates.path().join("private.key"), key).unwrap();
    let server = Server::start_tls(&data, certificates.path());

    let trusting = Endpoint { ca_certificate: Some(certificate), ..server.endpoint() };
    let client = Client::direct(&trusting).unwrap();
    let bucket = server::fresh_bucket(&client).await;
    let spec = server::object(&bucket, "page", "text");
    ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    assert_eq!(server::content(&client, &bucket, "page").await, "text");

    let insecure = Endpoint { insecure: true, ..server.endpoint() };
    let client = Client::direct(&insecure).unwrap();
    assert_eq!(server::content(&client, &bucket, "page").await, "text");

    let (another, _) = server::self_signed();
    let doubting = Endpoint { ca_certificate: Some(another), ..server.endpoint() };
    let plain = Endpoint { url: server.endpoint().url.replace("https", "http"), ..insecure };
    for (endpoint, reason) in [(doubting, "certificate"), (plain, "")] {
        let client = Client::direct(&endpoint).unwrap();
        let error = observe_object(&client, &bucket, "page", false, &never()).await.unwrap_err();
        assert!(!matches!(error.kind(), ErrorKind::Gone(_)), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

/// Connects every address to one port of this machine.
fn to_port(
    port: u16,
) -> impl tower::Service<
    http::Uri,
    Response = tokio::net::TcpStream,
    Error = std::io::Error,
    Future: Send + 'static,
> + Clone
+ Send
+ Sync
+ 'static {
    tower::service_fn(move |_: http::Uri| tokio::net::TcpStream::connect(("127.0.0.1", port)))
}

/// A MinIO that has a domain finds the bucket in the host's name as well as in the path.
#[tokio::test]
async fn the_bucket_stands_in_the_path_or_in_the_name_of_the_host() {
    let data = tempfile::tempdir().unwrap();
    let environment = [("MINIO_DOMAIN", "minio.example")];
    let setup = Setup { environment: &environment, ..Setup::default() };
    let server = Server::start_as(data.path(), setup);
    for (path_style, key) in [(true, "in path"), (false, "in/host +%")] {
        let endpoint = Endpoint {
            url: format!("http://minio.example:{}", server.port()),
            path_style,
            ..server.endpoint()
        };
        let client = Client::through(&endpoint, to_port(server.port())).unwrap();
        let bucket = server::fresh_bucket(&client).await;
        let spec = server::object(&bucket, key, "text");
        let state = ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
        // A copy onto itself too, whose source stands in a header.
        let mut retyped = spec.clone();
        retyped.headers.content_type = Some("text/html".to_owned());
        let seen = Expectation::Etag(state.etag);
        ensure_object(&client, &retyped, &seen, &never()).await.unwrap();
        assert_eq!(server::content(&server.client(), &bucket, key).await, "text");
        remove_object(&client, &bucket, key, None, &never()).await.unwrap();
        remove_bucket(&client, &bucket, false, &never()).await.unwrap();
    }
}

/// Is one request that a recorder took down.
struct Recorded {
    line: String,
    headers: String,
}

/// Answers each request with what `answer` says for its first line, and takes it down. Requests
/// without a body only, or with one that has a length.
async fn record(
    answer: impl Fn(&str) -> String + Send + 'static,
) -> (u16, tokio::sync::mpsc::UnboundedReceiver<Recorded>) {
    use tokio::io::AsyncReadExt;
    use tokio::io::AsyncWriteExt;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (requests, recorded) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap().to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
            stream.read_exact(&mut body).await.unwrap();
            let (line, headers) = head.split_once("\r\n").unwrap();
            stream.write_all(answer(line).as_bytes()).await.unwrap();
            let recorded = Recorded { line: line.to_owned(), headers: headers.to_owned() };
            // The test may have ended.
            drop(requests.send(recorded));
        }
    });
    (port, recorded)
}

/// AWS itself: the bucket in the host's name, signed for its region, the checksum and the
/// condition in the headers; and its answers, which have no header of MinIO's, are understood.
#[tokio::test]
async fn requests_to_aws_are_as_aws_expects_them() {
    let missing = "<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>";
    let answer = move |line: &str| {
        let (status, headers, body) = match line.split(' ').next().unwrap() {
            "head" => ("404 Not Found", "", ""),
            "put" => ("200 OK", "ETag: \"e\"\r\n", ""),
            _ if line.contains("?uploads") => {
                ("200 OK", "", "<ListMultipartUploadsResult></ListMultipartUploadsResult>")
            }
            _ => ("404 Not Found", "", missing),
        };
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    };
    let (port, mut recorded) = record(answer).await;
    let endpoint = Endpoint {
        url: "http://s3.eu-central-1.amazonaws.com".to_owned(),
        access_key: "AKIAEXAMPLE".to_owned(),
        session_token: Some("a-token".to_owned()),
        region: Some("eu-central-1".to_owned()),
        path_style: false,
        ..server::endpoint("http", port)
    };
    let client = Client::through(&endpoint, to_port(port)).unwrap();
    let observed = observe_object(&client, "my-site", "a b/é+.html", false, &never()).await;
    assert_eq!(observed.unwrap(), Observed::Gone(Gone::Key));
    let spec = server::object("my-site", "a b/é+.html", "text");
    // After the upload the recorder still says that nothing is there.
    let error = ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap_err();
    assert!(error.to_string().contains("somebody else deleted it"), "{error}");

    let mut lines = Vec::new();
    while let Ok(Recorded { line, headers }) = recorded.try_recv() {
        let has = |text: &str| assert!(headers.contains(text), "{text} is not in:\n{headers}");
        has("host: my-site.s3.eu-central-1.amazonaws.com");
        has("credential=akiaexample/");
        has("/eu-central-1/s3/aws4_request");
        has("x-amz-security-token: a-token");
        if line.starts_with("put") {
            has("if-none-match: *");
            has(&format!(
                "x-amz-checksum-crc64nvme: {}",
                spec.fingerprint.crc64nvme.to_lowercase()
            ));
            has(&format!("x-amz-meta-sha256: {}", spec.fingerprint.sha256));
        }
        if line.starts_with("head") {
            has("x-amz-checksum-mode: enabled");
        }
        lines.push(line);
    }
    let of = |method: &str| lines.iter().filter(|line| line.starts_with(method)).count();
    assert_eq!(of("put"), 1, "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("head /a%20b/%c3%a9%2b.html ")), "{lines:?}");
}

/// Case 10, the clock: the real one cannot be set wrong here without setting it for everybody, so
/// the answers are those that MinIO was seen to give to a client that is 20 minutes off: to `HEAD`
/// neither a body nor a header that says why.
#[tokio::test]
async fn a_clock_that_differs_is_an_error_of_its_own() {
    let skewed = "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the \
                  request time and the server's time is too large.</Message></Error>";
    let answer = move |line: &str| {
        let body = if line.starts_with("head") { "" } else { skewed };
        let length = body.len();
        format!(
            "HTTP/1.1 403 Forbidden\r\nDate: Tue, 24 Nov 2020 00:00:00 GMT\r\nContent-Length: \
             {length}\r\nConnection: close\r\n\r\n{body}"
        )
    };
    let (port, _recorded) = record(answer).await;
    let endpoint = server::endpoint("http", port);
    let client = Client::direct(&endpoint).unwrap();
    let object = observe_object(&client, "any-bucket", "page", false, &never()).await.unwrap_err();
    let bucket = observe_bucket(&client, "any-bucket", Facets::ALL, &never()).await.unwrap_err();
    assert_all(&[object, bucket], &ErrorKind::Clock, "clock");
}
