//! The HTTP client under the S3 SDK: hyper over any byte stream.
//!
//! The SDK's own client cannot be given a connector, and MinIO inside a cluster is reached through
//! a tunnel, not through a socket. So direct TCP and a tunnel are both a [`tower::Service`] from an
//! address to a stream here, and TLS, time limits and pooling are the same code for both.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpClient;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::Connected;
use hyper_util::client::legacy::connect::Connection;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tower::Service;

use crate::s3::breaker::Breaker;
use crate::s3::breaker::Failed;
use crate::s3::breaker::Silence;

/// Any error that can cross threads.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How long making a connection may take, TLS included.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an unused connection is kept. MinIO closes after 30 s, and a write to a tunnel whose
/// far end is closed still succeeds, so ours must end first.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Returns an HTTP client for the SDK whose connections come from `connector`.
pub(crate) fn http_client<C>(connector: C, tls: Arc<rustls::ClientConfig>) -> SharedHttpClient
where
    C: Service<http::Uri> + Clone + Send + Sync + 'static,
    C::Response: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    C::Future: Send + 'static,
    C::Error: Into<BoxError>,
{
    let breaker = Breaker::new();
    let streams = Streams { connector, breaker: breaker.clone() };
    let connector = Bounded(HttpsConnector::from((streams, tls)));
    let client = legacy::Client::builder(TokioExecutor::new())
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .pool_timer(TokioTimer::new())
        .build(connector);
    SharedHttpClient::new(Hyper { client, breaker, patience: None })
}

/// Connects to the address in the request's URI.
#[derive(Debug, Clone)]
pub(crate) struct Tcp;

impl Service<http::Uri> for Tcp {
    type Response = TcpStream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<TcpStream, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: http::Uri) -> Self::Future {
        Box::pin(async move {
            // An address such as `[::1]` keeps its brackets in a URI, and loses them in a lookup.
            let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            let standard = if uri.scheme_str() == Some("https") { 443 } else { 80 };
            let port = uri.port_u16().unwrap_or(standard);
            // Tries every address that the name has, one after the other.
            let stream = TcpStream::connect((host, port)).await?;
            stream.set_nodelay(true)?;
            Ok(stream)
        })
    }
}

/// Makes hyper's streams of a connector's tokio streams.
#[derive(Clone)]
struct Streams<C> {
    connector: C,
    breaker: Breaker,
}

impl<C> Service<http::Uri> for Streams<C>
where
    C: Service<http::Uri>,
    C::Future: Send + 'static,
    C::Error: Into<BoxError>,
{
    type Response = Stream<C::Response>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: http::Uri) -> Self::Future {
        let connecting = self.connector.call(uri);
        let breaker = self.breaker.clone();
        Box::pin(async move {
            let stream = connecting.await.map_err(Into::into)?;
            Ok(Stream(TokioIo::new(Watched { stream, breaker })))
        })
    }
}

/// A byte stream that tells what moves on it.
struct Watched<S> {
    stream: S,
    breaker: Breaker,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.breaker.received(buffer.filled().len() - before);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(taken)) = polled {
            self.breaker.sent(taken);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A byte stream that hyper can pool.
struct Stream<S>(TokioIo<Watched<S>>);

impl<S> Connection for Stream<S> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl<S: AsyncRead + Unpin> hyper::rt::Read for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> hyper::rt::Write for Stream<S> {
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

/// Ends connecting after [`CONNECT_TIMEOUT`], whatever hangs: a name lookup, TCP, the tunnel, TLS.
#[derive(Clone)]
struct Bounded<C>(C);

impl<C> Service<http::Uri> for Bounded<C>
where
    C: Service<http::Uri, Error = BoxError>,
    C::Future: Send + 'static,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, uri: http::Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move {
            tokio::time::timeout(CONNECT_TIMEOUT, connecting)
                .await
                .unwrap_or_else(|_| Err(Silence::NoConnection(CONNECT_TIMEOUT).into()))
        })
    }
}

/// Is hyper's pooled client in the shape that the SDK asks for.
///
/// The SDK's limit per attempt covers the whole exchange; here is only how long the server may be
/// silent, which concerns all requests together.
struct Hyper<C> {
    client: legacy::Client<C, SdkBody>,
    breaker: Breaker,
    patience: Option<Duration>,
}

impl<C: Clone> Clone for Hyper<C> {
    fn clone(&self) -> Self {
        let (client, breaker) = (self.client.clone(), self.breaker.clone());
        Self { client, breaker, patience: self.patience }
    }
}

impl<C> fmt::Debug for Hyper<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hyper")
    }
}

impl<C> HttpConnector for Hyper<C>
where
    C: legacy::connect::Connect + Clone + Send + Sync + 'static,
{
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { client, breaker, patience } = self.clone();
        HttpConnectorFuture::new(async move {
            let request: http::Request<SdkBody> = request
                .try_into_http1x()
                .map_err(|error| ConnectorError::other(error.into(), None))?;
            let exchange = client.request(request);
            let response =
                breaker.run(patience, exchange, no_connection).await.map_err(connector_error)?;
            let response = response.map(SdkBody::from_body_1_x);
            HttpResponse::try_from(response)
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

impl<C> HttpClient for Hyper<C>
where
    C: legacy::connect::Connect + Clone + Send + Sync + 'static,
{
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { patience: settings.read_timeout(), ..self.clone() })
    }
}

/// Returns the silence because of which there is no connection.
fn no_connection(error: &legacy::Error) -> Option<Silence> {
    causes(error).find_map(|cause| cause.downcast_ref::<Silence>()).copied()
}

/// Tells the SDK whose fault it is, which decides whether it tries again: a body that fails to be
/// produced is ours, a server that was given up is tried by others, all else is the connection's.
fn connector_error(failed: Failed<legacy::Error>) -> ConnectorError {
    match failed {
        Failed::GivenUp(silence) => ConnectorError::other(silence.into(), None),
        Failed::Silent(silence) => ConnectorError::timeout(silence.into()),
        Failed::Exchange(error) => {
            let is_ours = causes(&error)
                .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
                .any(hyper::Error::is_user);
            if is_ours {
                ConnectorError::user(error.into())
            } else {
                ConnectorError::io(error.into())
            }
        }
    }
}

/// Returns an error and all that it is because of.
fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}
