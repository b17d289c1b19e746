//! Whom the server lets in, and what is said when it cannot be reached.

use std::net::TcpListener;
use std::time::Duration;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use terraform_provider_s3www::s3::BucketSpec;
use terraform_provider_s3www::s3::Client;
use terraform_provider_s3www::s3::Endpoint;
use terraform_provider_s3www::s3::ErrorKind;
use terraform_provider_s3www::s3::Expectation;
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
    let pem = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    };
    let self_signed = || {
        let key = rcgen::KeyPair::generate().unwrap();
        let parameters = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        (pem("CERTIFICATE", certificate.der()), pem("PRIVATE KEY", &key.serialize_der()))
    };
    let (certificate, key) = self_signed();
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

    let (another, _) = self_signed();
    let doubting = Endpoint { ca_certificate: Some(another), ..server.endpoint() };
    let plain = Endpoint { url: server.endpoint().url.replace("https", "http"), ..insecure };
    for (endpoint, reason) in [(doubting, "certificate"), (plain, "")] {
        let client = Client::direct(&endpoint).unwrap();
        let error = observe_object(&client, &bucket, "page", false, &never()).await.unwrap_err();
        assert!(!matches!(error.kind(), ErrorKind::Gone(_)), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}
