//! A web server for a folder, over HTTPS on loopback, as a company runs one for a mirror.

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use rustls::ServerConfig;
use rustls::ServerConnection;
use rustls::StreamOwned;
use rustls::pki_types::PrivatePkcs8KeyDer;

/// Serves a folder until it is dropped.
pub struct Web {
    pub url: String,
    /// The certificate in PEM form, which nobody trusts by himself.
    pub authority: String,
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
}

impl Web {
    /// Starts one on a free port.
    pub fn serve(folder: &Path) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key.into())
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let (folder, told) = (folder.to_path_buf(), Arc::clone(&stopped));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if told.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let (config, folder) = (Arc::clone(&config), folder.clone());
                // A client that leaves early is free to.
                std::thread::spawn(move || drop(answer(stream, config, &folder)));
            }
        });
        Self {
            url: format!("https://localhost:{}", address.port()),
            authority: crate::chart::pem("CERTIFICATE", certified.cert.der()),
            address,
            stopped,
        }
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // It looks after the next connection.
        drop(TcpStream::connect(self.address));
    }
}

/// Answers the requests of one connection, one after the other.
fn answer(stream: TcpStream, config: Arc<ServerConfig>, folder: &Path) -> std::io::Result<()> {
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    loop {
        let mut path = None;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            path = path.or_else(|| line.strip_prefix("GET ")?.split(' ').next().map(str::to_owned));
        }
        let file: PathBuf = folder.join(path.unwrap_or_default().trim_start_matches('/'));
        let (status, content) = match std::fs::read(&file) {
            Ok(content) => ("200 OK", content),
            Err(_) => ("404 Not Found", Vec::new()),
        };
        // A mirror has to say that its indexes are JSON.
        let kind = match file.extension().and_then(|extension| extension.to_str()) {
            Some("zip") => "application/zip",
            _ => "application/json",
        };
        let length = content.len();
        let connection = stream.get_mut();
        write!(
            connection,
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        )?;
        connection.write_all(&content)?;
        connection.flush()?;
    }
}
