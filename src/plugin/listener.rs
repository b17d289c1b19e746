//! Where the provider listens, and the connections it takes.

use std::io;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
#[cfg(unix)]
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;

use rustls::ServerConfig;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

/// Is a bound listener: a unix socket in a folder of our own, or TCP on loopback
/// where there can be none.
pub struct Listener {
    socket: Socket,
    address: String,
}

/// Is the folder of a unix socket, removed with the socket when it is dropped.
///
/// Apart from the listener, which a task of its own owns: at the end of the
/// process nobody waits for that task.
pub struct SocketFolder {
    #[cfg(unix)]
    _folder: tempfile::TempDir,
}

enum Socket {
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
    Tcp(tokio::net::TcpListener),
}

/// A socket's path may have 107 bytes on Linux and 103 on macOS.
#[cfg(unix)]
const LONGEST_SOCKET_PATH: usize = 100;

impl Listener {
    /// Binds a unix socket in a new folder that only this user may enter. Where there are no
    /// unix sockets, or none can be made (no folder to write to), binds a TCP port on loopback,
    /// out of `ports` as the client prescribes it.
    ///
    /// Any user of the machine reaches a TCP port, so that way needs a TLS that `secured` says
    /// is there: it admits the client alone.
    pub fn bind(
        secured: bool,
        ports: RangeInclusive<u16>,
    ) -> io::Result<(Self, Option<SocketFolder>)> {
        let refused = match Self::bind_unix() {
            Ok((listener, folder)) => return Ok((listener, Some(folder))),
            Err(error) if !secured => return Err(error),
            Err(error) => error,
        };
        tracing::debug!(%refused, "There is no unix socket; the provider listens on loopback.");
        Ok((Self::bind_tcp(ports)?, None))
    }

    #[cfg(unix)]
    fn bind_unix() -> io::Result<(Self, SocketFolder)> {
        // The umask would let others in: the mode is set when the folder is made.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        let mut builder = tempfile::Builder::new();
        builder.prefix("s3www-").rand_bytes(8).permissions(mode);
        let private = |parent: PathBuf| builder.tempdir_in(parent);
        let mut folder = private(std::env::temp_dir())?;
        if folder.path().join("plugin").as_os_str().len() > LONGEST_SOCKET_PATH {
            folder = private(PathBuf::from("/tmp"))?;
        }
        let path = folder.path().join("plugin");
        let socket = Socket::Unix(tokio::net::UnixListener::bind(&path)?);
        let address = path.to_string_lossy().into_owned();
        Ok((Self { socket, address }, SocketFolder { _folder: folder }))
    }

    #[cfg(not(unix))]
    fn bind_unix() -> io::Result<(Self, SocketFolder)> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "without TLS the provider listens on a unix socket only, which this system lacks",
        ))
    }

    fn bind_tcp(ports: RangeInclusive<u16>) -> io::Result<Self> {
        let mut refused = io::ErrorKind::AddrInUse.into();
        for port in ports {
            match std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
                Ok(listener) => {
                    listener.set_nonblocking(true)?;
                    let address = listener.local_addr()?.to_string();
                    let socket = Socket::Tcp(tokio::net::TcpListener::from_std(listener)?);
                    return Ok(Self { socket, address });
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// Returns the network and the address for the handshake line.
    pub fn address(&self) -> (&'static str, &str) {
        let network = match self.socket {
            #[cfg(unix)]
            Socket::Unix(_) => "unix",
            Socket::Tcp(_) => "tcp",
        };
        (network, &self.address)
    }

    /// Takes connections for as long as the receiver is there. A client that
    /// fails the TLS handshake is dropped without a word to it.
    pub fn accept(self, tls: Option<Arc<ServerConfig>>) -> mpsc::Receiver<io::Result<Connection>> {
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(async move {
            loop {
                let stream = tokio::select! {
                    accepted = self.socket.accept() => accepted,
                    () = sender.closed() => return,
                };
                let (sender, tls) = (sender.clone(), tls.clone());
                // A task each: a client that stalls in its handshake holds up
                // nobody else.
                tokio::spawn(async move {
                    let connection = match stream {
                        Ok(stream) => secured(stream, tls).await,
                        Err(error) => Err(error),
                    };
                    match connection {
                        // The receiver is gone when the process shuts down.
                        Ok(connection) => drop(sender.send(Ok(connection)).await),
                        Err(error) => tracing::warn!(%error, "A connection was refused."),
                    }
                });
            }
        });
        receiver
    }
}

impl Socket {
    async fn accept(&self) -> io::Result<Connection> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                Ok(Connection(Box::new(stream)))
            }
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Connection(Box::new(stream)))
            }
        }
    }
}

async fn secured(stream: Connection, tls: Option<Arc<ServerConfig>>) -> io::Result<Connection> {
    match tls {
        None => Ok(stream),
        Some(config) => {
            let stream = TlsAcceptor::from(config).accept(stream).await?;
            Ok(Connection(Box::new(stream)))
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Is a connection of any kind, secured or not.
pub struct Connection(Box<dyn Stream>);

impl Connected for Connection {
    type ConnectInfo = ();
    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
