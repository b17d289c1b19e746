//! The HTTP client under all requests: HTTP/2 where the server speaks it.
//!
//! kube's own client speaks HTTP/1.1 only, so that looking at many objects at a time costs a
//! TLS handshake for each of them. Upgrades to a websocket (port-forward) exist in HTTP/1.1
//! only, though. So there are two pools of connections under one stack of layers: a second
//! `kube::Client` would run the credential plugin again, and so might ask a person twice.

use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use http::Request;
use http::Response;
use http::Uri;
use http::header::UPGRADE;
use hyper::body::Incoming;
use hyper_rustls::FixedServerNameResolver;
use hyper_rustls::HttpsConnector;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use kube::client::Body;
use kube::client::ClientBuilder;
use kube::client::ConfigExt as _;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tower::BoxError;
use tower::Service;
use tower::ServiceBuilder;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;

/// Is how long a connection may be silent, with requests under way, until it is probed; and how
/// long the answer to that may take. One connection carries everything: a dead one must not
/// swallow each new attempt until the requests' own time limits end them one by one.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Makes a client whose connections are there within `connect_timeout`, or not at all.
///
/// Through a proxy it is kube's own, with HTTP/1.1 for everything. Runs the credential plugin,
/// so it may block.
pub(super) fn client(
    config: kube::Config,
    connect_timeout: Duration,
) -> Result<kube::Client, kube::Error> {
    if config.proxy_url.is_some() {
        return kube::Client::try_from(config);
    }
    // kube takes the process's default, which is nobody else's to choose; it may be there already.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    // Before the TLS configuration, as in kube: a plugin that gives tokens fails here.
    let auth = config.auth_layer()?;
    let pools = Pools::new(&config, connect_timeout)?;
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(auth)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(pools);
    Ok(ClientBuilder::new(service, config.default_namespace).build())
}

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
type Pool = legacy::Client<BoxCloneSyncService<Uri, Stream, BoxError>, Body>;

/// Sends each request over the pool that speaks the right version.
#[derive(Clone)]
struct Pools {
    /// HTTP/2, or HTTP/1.1 with a server that does not speak it.
    requests: Pool,
    /// HTTP/1.1.
    upgrades: Pool,
}

impl Pools {
    fn new(config: &kube::Config, connect_timeout: Duration) -> Result<Self, kube::Error> {
        let tls = config.rustls_client_config()?;
        let builder = || {
            let builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http();
            match &config.tls_server_name {
                None => Ok(builder),
                Some(name) => ServerName::try_from(name.clone())
                    .map(|name| {
                        builder.with_server_name_resolver(FixedServerNameResolver::new(name))
                    })
                    .map_err(|error| kube::Error::Service(Box::new(error))),
            }
        };
        let pool = |connector: HttpsConnector<HttpConnector>| {
            legacy::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .pool_timer(TokioTimer::new())
                .http2_keep_alive_interval(KEEP_ALIVE)
                .http2_keep_alive_timeout(KEEP_ALIVE)
                .build(BoxCloneSyncService::new(Timeout::new(connector, connect_timeout)))
        };
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Ok(Self {
            requests: pool(builder()?.enable_all_versions().wrap_connector(tcp.clone())),
            upgrades: pool(builder()?.enable_http1().wrap_connector(tcp)),
        })
    }
}

impl Service<Request<Body>> for Pools {
    type Response = Response<Incoming>;
    type Error = legacy::Error;
    type Future = legacy::ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let pool =
            if request.headers().contains_key(UPGRADE) { &self.upgrades } else { &self.requests };
        pool.request(request)
    }
}
