//! A server of files that misbehaves on request, for the loader's downloads. Pods reach it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::Mutex;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// What every good answer holds.
pub const CONTENT: &str = "content of the file server";

/// Answers until it is dropped. What a path does:
/// - `/ok`: the content
/// - `/guarded`: the content to those who send `X-Key: open` and the user `me` with `pass word`
/// - `/flaky/N/NAME`: 503 the first N times
/// - `/status/N`: that status
/// - `/unsized`: a kilobyte without a length
/// - `/redirect?TARGET`: there
///
/// It is a proxy, too: asked for a URL of another host, it answers with the content.
pub struct FileServer {
    pub url: String,
    pub seen: Arc<Mutex<Vec<String>>>,
    /// The certificate in PEM form, if it speaks TLS.
    pub authority: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

/// Returns this machine's address on the way to a URL.
pub fn own_address(url: &str) -> IpAddr {
    let url: http::Uri = url.parse().unwrap();
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect((url.host().unwrap(), url.port_u16().unwrap_or(443))).unwrap();
    socket.local_addr().unwrap().ip()
}

impl FileServer {
    /// Starts one on a free port.
    pub fn start(address: IpAddr) -> Self {
        Self::serve(address, None, "http", String::new())
    }

    /// Starts one that speaks TLS, with a certificate that nobody trusts by himself.
    pub fn start_tls(address: IpAddr) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let certified = rcgen::generate_simple_self_signed([address.to_string()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key.into())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let pem = super::pem("CERTIFICATE", certified.cert.der());
        Self::serve(address, Some(acceptor), "https", pem)
    }

    fn serve(
        address: IpAddr,
        acceptor: Option<TlsAcceptor>,
        scheme: &str,
        authority: String,
    ) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (told, address_of) = std::sync::mpsc::channel::<SocketAddr>();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind((address, 0)).await.unwrap();
                told.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    () = accept(listener, acceptor, shared) => {}
                    _ = stopped => {}
                }
            });
        });
        let url = format!("{scheme}://{}", address_of.recv().unwrap());
        Self { url, seen, authority, stop: Some(stop) }
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        drop(self.stop.take());
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    seen: Arc<Mutex<Vec<String>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
        // A connection that breaks is the client's to notice.
        tokio::spawn(async move {
            match acceptor {
                None => answer(stream, &seen).await,
                Some(acceptor) => match acceptor.accept(stream).await {
                    Ok(stream) => answer(stream, &seen).await,
                    Err(error) => Err(error),
                },
            }
        });
    }
}

async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut part = [0; 1024];
        let read = stream.read(&mut part).await?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&part[..read]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let mut lines = request.lines();
    let target = lines.next().unwrap_or_default().split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let times = {
        let mut seen = seen.lock().unwrap();
        seen.push(target.clone());
        seen.iter().filter(|one| **one == target).count()
    };
    stream.write_all(&response(&target, &headers, times)).await?;
    stream.shutdown().await
}

fn response(target: &str, headers: &HashMap<String, String>, times: usize) -> Vec<u8> {
    let plain = |status: &str, body: &str| {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
            .into_bytes()
    };
    let path = target.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        ["", "flaky", failures, ..] if times <= failures.parse().unwrap() => {
            plain("503 Service Unavailable", "later")
        }
        // The absolute form is what proxies are asked with.
        ["http:", ..] | ["", "ok"] | ["", "flaky", ..] => plain("200 OK", CONTENT),
        ["", "guarded"] => {
            let is_let_in = headers.get("x-key").is_some_and(|key| key == "open")
                && headers.get("authorization").is_some_and(|one| one == "Basic bWU6cGFzcyB3b3Jk");
            if is_let_in { plain("200 OK", CONTENT) } else { plain("401 Unauthorized", "no") }
        }
        ["", "status", code] => plain(&format!("{code} As Asked"), "no"),
        ["", "unsized"] => {
            let body = "x".repeat(1024);
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}").into_bytes()
        }
        ["", "redirect"] => {
            let to = target.split_once('?').unwrap_or_default().1;
            format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
                .into_bytes()
        }
        _ => plain("404 Not Found", "no"),
    }
}
