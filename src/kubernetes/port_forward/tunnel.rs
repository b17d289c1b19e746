//! One websocket to a pod's port, as a byte stream.
//!
//! The protocol (`v4.channel.k8s.io`): every binary message begins with the number of
//! its channel. Channel 0 carries data, channel 1 an error text after which the port
//! cannot be used. The first message of each holds the port, two bytes, low one first.

use std::io;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use bytes::Buf as _;
use bytes::Bytes;
use futures::Sink as _;
use futures::Stream as _;
use futures::StreamExt as _;
use hyper_util::client::legacy::connect::Connected;
use hyper_util::client::legacy::connect::Connection;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::resource::encode_segment;

/// How many bytes of data one message carries at most.
const FRAME: usize = 64 * 1024;

const DATA: u8 = 0;
const ERROR: u8 = 1;

/// Says why a tunnel cannot be used.
#[derive(Debug, Error)]
pub enum TunnelError {
    /// There is no client for the cluster.
    #[error(transparent)]
    Kubernetes(#[from] KubernetesError),
    /// The API server refused the tunnel.
    #[error("the API server did not open the tunnel: {0}")]
    Refused(String),
    /// The tunnel did not open in time.
    #[error("the tunnel did not open within {seconds} s")]
    NoAnswer {
        /// How long was waited.
        seconds: u64,
    },
    /// The node could not connect to the port.
    #[error("the node reports: {0}")]
    Remote(String),
    /// The messages are not those of the protocol.
    #[error("the API server sent {0}")]
    Protocol(&'static str),
    /// The websocket broke.
    #[error("the connection to the API server broke: {0}")]
    Broken(String),
}

impl From<TunnelError> for io::Error {
    fn from(error: TunnelError) -> Self {
        let kind = match error {
            TunnelError::Remote(_) => io::ErrorKind::ConnectionRefused,
            TunnelError::Broken(_) => io::ErrorKind::ConnectionReset,
            TunnelError::NoAnswer { .. } => io::ErrorKind::TimedOut,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// Is a connection to a port of a pod.
///
/// The protocol knows no half-closed connections: shutting down the writing side ends
/// the reading side too. HTTP/1.1 does not mind.
pub struct Tunnel {
    socket: Socket,
    port: u16,
    /// What was received and not read yet.
    received: Bytes,
    /// Whether the channel's first message, which holds the port, was seen.
    is_open: [bool; 2],
    /// Whether nothing comes any more.
    has_ended: bool,
    /// What the node reported. Kept: every later call fails with it.
    failure: Option<String>,
}

impl std::fmt::Debug for Tunnel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Tunnel(port {})", self.port)
    }
}

impl Tunnel {
    /// Opens a tunnel to a port of a pod, and returns once the API server has accepted it.
    /// Whether the port takes connections shows when it is read from.
    pub async fn open(
        cluster: &Cluster,
        namespace: &str,
        pod: &str,
        port: u16,
    ) -> Result<Self, TunnelError> {
        let path = format!(
            "/api/v1/namespaces/{}/pods/{}/portforward?ports={port}",
            encode_segment(namespace),
            encode_segment(pod)
        );
        let request = http::Request::get(path)
            .body(Vec::new())
            .map_err(|error| TunnelError::Refused(error.to_string()))?;
        let connection = cluster.client().await?.connect(request).await.map_err(|error| {
            TunnelError::Refused(match error {
                kube::Error::Api(status) => status.message.trim_end_matches('.').to_owned(),
                other => other.to_string(),
            })
        })?;
        let mut tunnel = Self {
            socket: connection.into_stream(),
            port,
            received: Bytes::new(),
            is_open: [false; 2],
            has_ended: false,
            failure: None,
        };
        // Only with the first message is it certain that a port-forward is at the other end.
        while !tunnel.is_open.iter().any(|open| *open) {
            let Some(message) = tunnel.socket.next().await else {
                return Err(TunnelError::Broken(String::from("it was closed at once")));
            };
            let message = message.map_err(|error| TunnelError::Broken(error.to_string()))?;
            tunnel.take(message)?;
        }
        Ok(tunnel)
    }

    /// Takes one message in.
    fn take(&mut self, message: Message) -> Result<(), TunnelError> {
        let mut bytes = match message {
            Message::Binary(bytes) => bytes,
            Message::Close(_) => {
                self.has_ended = true;
                return Ok(());
            }
            // Pings are answered by the library.
            _ => return Ok(()),
        };
        if bytes.is_empty() {
            return Err(TunnelError::Protocol("an empty message"));
        }
        let channel = bytes.get_u8();
        let Some(is_open) = self.is_open.get_mut(usize::from(channel)) else {
            return Err(TunnelError::Protocol("a message on a channel that does not exist"));
        };
        if !*is_open {
            if bytes.len() != 2 || bytes.get_u16_le() != self.port {
                return Err(TunnelError::Protocol("something else than the port it connected to"));
            }
            *is_open = true;
            return Ok(());
        }
        match channel {
            DATA => self.received = bytes,
            ERROR if !bytes.is_empty() => {
                let text = String::from_utf8_lossy(&bytes);
                self.failure = Some(text.trim().trim_end_matches('.').to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    fn failure(&self) -> Option<io::Error> {
        self.failure.clone().map(|text| TunnelError::Remote(text).into())
    }
}

fn broken(error: &tokio_tungstenite::tungstenite::Error) -> io::Error {
    TunnelError::Broken(error.to_string()).into()
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if !self.received.is_empty() {
                let length = self.received.len().min(buffer.remaining());
                let part = self.received.split_to(length);
                buffer.put_slice(&part);
                return Poll::Ready(Ok(()));
            }
            if let Some(error) = self.failure() {
                return Poll::Ready(Err(error));
            }
            if self.has_ended {
                return Poll::Ready(Ok(()));
            }
            match ready!(Pin::new(&mut self.socket).poll_next(context)) {
                Some(Ok(message)) => self.take(message).map_err(io::Error::from)?,
                Some(Err(error)) => return Poll::Ready(Err(broken(&error))),
                None => self.has_ended = true,
            }
        }
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(error) = self.failure() {
            return Poll::Ready(Err(error));
        }
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        ready!(Pin::new(&mut self.socket).poll_ready(context)).map_err(|error| broken(&error))?;
        let length = bytes.len().min(FRAME);
        let mut message = Vec::with_capacity(length + 1);
        message.push(DATA);
        message.extend_from_slice(bytes.get(..length).unwrap_or(bytes));
        Pin::new(&mut self.socket)
            .start_send(Message::binary(message))
            .map_err(|error| broken(&error))?;
        Poll::Ready(Ok(length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context).map_err(|error| broken(&error))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_close(context).map_err(|error| broken(&error))
    }
}

impl Connection for Tunnel {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
