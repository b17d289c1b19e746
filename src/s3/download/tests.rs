//! Downloads from a server on loopback that answers byte by byte what a test says.

use std::fmt::Write as _;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::*;

/// Starts a server that answers the request for a path with the bytes that `answer` returns for
/// it, then closes; or, for none, never answers. Returns its address and what it was asked.
async fn serve(
    answer: impl Fn(&str) -> Option<Vec<u8>> + Send + 'static,
) -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (requests, asked) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        // Open connections stay so.
        let mut silent = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let request = String::from_utf8(request).unwrap();
            let answer = answer(request.split(' ').nth(1).unwrap());
            // The test may not be interested.
            drop(requests.send(request));
            match answer {
                // A client that is gone is no matter of the server.
                Some(answer) => drop(stream.write_all(&answer).await),
                None => silent.push(stream),
            }
        }
    });
    (format!("http://{address}"), asked)
}

fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    [head.as_bytes(), b"Connection: close\r\n\r\n", body].concat()
}

fn body() -> Vec<u8> {
    (0..400_000_u32).flat_map(u32::to_le_bytes).collect()
}

fn remote(url: &str) -> Remote {
    Remote::new(url, &Fingerprint::of_bytes(&body()).sha256.to_ascii_uppercase()).unwrap()
}

/// Fetches without the proxies of the environment that tests run in.
async fn fetch(remote: &Remote) -> Result<Downloaded, DownloadError> {
    remote.fetch_with(settings().no_proxy(), &CancellationToken::new()).await
}

#[tokio::test]
async fn content_is_fetched_whole() {
    let (server, mut asked) = serve(|_| Some(answer("200 OK", &[], &body()))).await;
    let downloaded = fetch(&remote(&format!("{server}/a?token=t"))).await.unwrap();
    let content = downloaded.file().body(0, body().len() as u64).collect().await.unwrap();
    assert_eq!(content.into_bytes(), body());
    assert_eq!(downloaded.fingerprint(), &Fingerprint::of_bytes(&body()));
    let request = asked.recv().await.unwrap();
    assert!(request.starts_with("GET /a?token=t HTTP/1.1\r\n"), "{request}");
}

#[tokio::test]
async fn redirects_are_followed_and_tell_no_secret() {
    let (server, mut asked) = serve(|path| {
        Some(match path.split('?').next().unwrap() {
            "/end" => answer("200 OK", &[], &body()),
            "/gone" => answer("404 Not Found", &[], b""),
            "/to-gone" => answer("302 Found", &[("Location", "/gone?signature=secret")], b""),
            "/loop" => answer("302 Found", &[("Location", "/loop")], b""),
            _ => answer("301 Moved Permanently", &[("Location", "/end")], b""),
        })
    })
    .await;
    let downloaded = fetch(&remote(&format!("{server}/start?token=secret"))).await.unwrap();
    assert_eq!(downloaded.fingerprint().size, 1_600_000);
    asked.recv().await.unwrap();
    let second = asked.recv().await.unwrap();
    assert!(second.starts_with("GET /end ") && !second.contains("secret"), "{second}");

    let error = fetch(&remote(&format!("{server}/to-gone"))).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "The server of `{server}/to-gone` answered 404 Not Found after a redirect to \
             `{server}/gone`."
        )
    );
    let error = fetch(&remote(&format!("{server}/loop"))).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("The server of `{server}/loop` redirects more than 10 times.")
    );
}

#[tokio::test]
async fn another_answer_than_the_content_is_an_error() {
    let (server, _asked) = serve(|path| {
        Some(match path.split('?').next().unwrap() {
            "/missing" => answer("404 Not Found", &[], b"no such page"),
            "/part" => answer("206 Partial Content", &[], &body()),
            _ => answer("200 OK", &[], b"something else"),
        })
    })
    .await;
    let address = server.replace("http://", "http://user:canary@");
    let url = format!("{address}/missing?token=canary#canary");
    let error = fetch(&remote(&url)).await.unwrap_err();
    let expected = format!("The server of `{server}/missing` answered 404 Not Found.");
    assert_eq!(error.to_string(), expected);
    assert!(!format!("{error:?} {:?}", remote(&url)).contains("canary"));
    let error = fetch(&remote(&format!("{server}/part"))).await.unwrap_err();
    assert!(error.to_string().ends_with("answered 206 Partial Content."), "{error}");

    let found = Fingerprint::of_bytes(b"something else").sha256;
    let wanted = Fingerprint::of_bytes(&body()).sha256;
    let error = fetch(&remote(&format!("{server}/other"))).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "The content of `{server}/other` has 14 bytes with the SHA-256 {found}, not {wanted}."
        )
    );
}

#[tokio::test]
async fn a_download_that_breaks_off_is_an_error() {
    let (server, _asked) = serve(|path| {
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a00\r\n";
        let mut whole = if path == "/length" {
            answer("200 OK", &[], &body())
        } else {
            [&chunked[..], &body()].concat()
        };
        whole.truncate(whole.len() - 1000);
        Some(whole)
    })
    .await;
    for path in ["length", "chunked"] {
        let error = fetch(&remote(&format!("{server}/{path}"))).await.unwrap_err();
        assert!(
            matches!(&error, DownloadError::BrokenOff { received: 1_500_000.., .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn nobody_there_is_an_error() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = fetch(&remote(&format!("http://{free}/a?token=canary"))).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with(&format!("The server of `http://{free}/a` cannot be reached: ")));
    assert!(text.contains("refused") && !text.contains("canary"), "{text}");
}

#[tokio::test]
async fn cancelling_ends_a_download_that_stands_still() {
    let (server, mut asked) = serve(|_| None).await;
    let cancel = CancellationToken::new();
    let remote = remote(&format!("{server}/a?token=canary"));
    let fetching = remote.fetch_with(settings().no_proxy(), &cancel);
    let cancelling = async {
        asked.recv().await.unwrap();
        cancel.cancel();
    };
    let (result, ()) = tokio::join!(fetching, cancelling);
    assert_eq!(
        result.unwrap_err().to_string(),
        format!("The download of `{server}/a` was cancelled.")
    );
}

#[test]
fn what_cannot_be_fetched_is_told_before() {
    let told = |url: &str| Remote::validate_url(url).unwrap_err().to_string();
    assert_eq!(told("a.bin"), "It is not a URL: relative URL without a base.");
    assert_eq!(told("https://"), "It is not a URL: empty host.");
    assert_eq!(
        told("ftp://host/a"),
        "Its scheme is `ftp`; only `http` and `https` can be fetched."
    );
    for hash in ["", "abc", &"g".repeat(64)] {
        assert!(matches!(Remote::new("http://host/a", hash), Err(RemoteError::Sha256)));
    }
}
