//! A client for one S3 server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::config::BehaviorVersion;
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::config::ResponseChecksumValidation;
use aws_sdk_s3::config::StalledStreamProtectionConfig;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use hyper_rustls::ConfigBuilderExt;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tower::Service;

use crate::s3::transport;
pub use crate::s3::transport::BoxError;

/// How long a server may be silent while a small request waits, see [`crate::s3::breaker`].
const SILENCE: Duration = Duration::from_secs(20);

/// How long one attempt of a small request may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a small request may take with all its attempts.
const OPERATION_TIMEOUT: Duration = Duration::from_mins(1);

/// How long a body may not move before its attempt ends.
const STALL_TIMEOUT: Duration = Duration::from_secs(20);

/// How long it may take to find out whether an address can be reached from here.
const REACH_TIMEOUT: Duration = Duration::from_secs(3);

/// The slowest transfer that is still waited for, in bytes per second.
const SLOWEST_TRANSFER: u64 = 64 * 1024;

/// The same for what moves inside the server only.
const SLOWEST_DISK: u64 = 8 * 1024 * 1024;

/// How long a server may take to begin with that.
const LONGEST_QUEUE: Duration = Duration::from_mins(2);

/// Is where an S3 server is, and who asks.
#[derive(Clone)]
pub struct Endpoint {
    /// The server's address, `http://host:port` or `https://host:port`, without a path.
    pub url: String,
    /// The access key: a user's name.
    pub access_key: String,
    /// The secret key.
    pub secret_key: String,
    /// The token of temporary credentials.
    pub session_token: Option<String>,
    /// The region that requests are signed for; `us-east-1`, MinIO's own default, when absent.
    pub region: Option<String>,
    /// Certificates in PEM that are trusted instead of the system's.
    pub ca_certificate: Option<String>,
    /// Says that the server's certificate is not checked at all.
    pub insecure: bool,
    /// Says that the bucket stands in the path (`/bucket/key`), not in the host name. MinIO needs
    /// it unless it was given a domain.
    pub path_style: bool,
}

/// Prints everything but the secrets.
impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Endpoint")
            .field("url", &self.url)
            .field("access_key", &self.access_key)
            .field("region", &self.region)
            .field("insecure", &self.insecure)
            .field("path_style", &self.path_style)
            .finish_non_exhaustive()
    }
}

/// Says what is wrong with an [`Endpoint`].
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The address is not an `http` or `https` origin.
    #[error(
        "The S3 endpoint is not valid: {reason}. Write it as `http://host:port` or \
         `https://host:port`."
    )]
    Url {
        /// What is wrong, as a clause; never the address itself, which may hold a password.
        reason: String,
    },
    /// There is no access key or no secret key.
    #[error("The S3 endpoint `{url}` needs both an access key and a secret key; one is empty.")]
    Credentials {
        /// The server's address.
        url: String,
    },
    /// The private certificates cannot be used.
    #[error(
        "The CA certificate for the S3 endpoint `{url}` cannot be used: {reason}. It must be one \
         or more certificates in PEM (`-----BEGIN CERTIFICATE-----`)."
    )]
    Certificate {
        /// The server's address.
        url: String,
        /// What is wrong, as a clause.
        reason: String,
    },
    /// The system's certificates cannot be loaded.
    #[error(
        "The system's CA certificates, needed for the S3 endpoint `{url}`, cannot be loaded: \
         {reason}. Install them (Debian: `ca-certificates`) or give the endpoint's own."
    )]
    SystemCertificates {
        /// The server's address.
        url: String,
        /// What is wrong, as a clause.
        reason: String,
    },
}

impl Endpoint {
    /// Checks an address alone.
    pub fn validate_url(url: &str) -> Result<(), EndpointError> {
        scheme_of(url).map(drop)
    }

    /// Says whether somebody takes connections at the address, and if not, why, as a clause.
    pub async fn reach(&self) -> Result<(), String> {
        let Ok(uri) = self.url.parse::<http::Uri>() else {
            return Err("it is no address".to_owned());
        };
        match tokio::time::timeout(REACH_TIMEOUT, transport::Tcp.call(uri)).await {
            Ok(connected) => connected.map(drop).map_err(|error| error.to_string()),
            Err(_) => Err(format!("there was no answer within {} s", REACH_TIMEOUT.as_secs())),
        }
    }

    /// Checks all of it without connecting to anything.
    pub fn validate(&self) -> Result<(), EndpointError> {
        let scheme = self.scheme()?;
        if self.access_key.is_empty() || self.secret_key.is_empty() {
            return Err(EndpointError::Credentials { url: self.url.clone() });
        }
        self.tls(scheme).map(|_| ())
    }

    fn scheme(&self) -> Result<Scheme, EndpointError> {
        scheme_of(&self.url)
    }

    /// Returns the TLS settings. Over plain HTTP nothing is loaded, so that a machine without CA
    /// certificates can use it.
    fn tls(&self, scheme: Scheme) -> Result<rustls::ClientConfig, EndpointError> {
        // Named here, since two TLS providers in one program leave rustls without a default.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let certificate =
            |reason: String| EndpointError::Certificate { url: self.url.clone(), reason };
        let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| certificate(error.to_string()))?;
        if self.insecure {
            let verifier = Arc::new(Unverified(provider));
            return Ok(builder
                .dangerous()
                .with_custom_certificate_verifier(verifier)
                .with_no_client_auth());
        }
        if let Some(pem) = &self.ca_certificate {
            let mut roots = rustls::RootCertStore::empty();
            for found in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let found = found.map_err(|error| certificate(error.to_string()))?;
                roots.add(found).map_err(|error| certificate(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(certificate("it contains no certificate".to_owned()));
            }
            return Ok(builder.with_root_certificates(roots).with_no_client_auth());
        }
        match scheme {
            Scheme::Http => Ok(builder
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth()),
            Scheme::Https => builder
                .with_native_roots()
                .map(rustls::ConfigBuilder::<rustls::ClientConfig, _>::with_no_client_auth)
                .map_err(|error| EndpointError::SystemCertificates {
                    url: self.url.clone(),
                    reason: error.to_string(),
                }),
        }
    }
}

fn scheme_of(url: &str) -> Result<Scheme, EndpointError> {
    let broken = |reason: &str| EndpointError::Url { reason: reason.to_owned() };
    let url: http::Uri =
        url.parse().map_err(|error: http::uri::InvalidUri| broken(&error.to_string()))?;
    let scheme = match url.scheme_str() {
        Some("http") => Scheme::Http,
        Some("https") => Scheme::Https,
        Some(_) => return Err(broken("its scheme is neither `http` nor `https`")),
        None => return Err(broken("it has no scheme")),
    };
    let authority = url.authority().map_or("", http::uri::Authority::as_str);
    if authority.contains('@') {
        return Err(broken("it holds a user name; credentials have attributes of their own"));
    }
    if url.host().is_none_or(str::is_empty) {
        return Err(broken("it has no host"));
    }
    if !url.path().trim_matches('/').is_empty() || url.query().is_some() {
        return Err(broken("it has a path or a query, which S3 requests cannot keep"));
    }
    Ok(scheme)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// Is a client for one S3 server; cheap to clone, one pool of connections for all clones.
#[derive(Clone)]
pub struct Client {
    sdk: aws_sdk_s3::Client,
    endpoint: Arc<str>,
    region: Option<Arc<str>>,
    sign_payload: bool,
}

/// Prints the server's address and nothing else.
impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Client {
    /// Returns a client that connects to the endpoint's address.
    pub fn direct(endpoint: &Endpoint) -> Result<Self, EndpointError> {
        // Over plain HTTP only a signature protects a body on its way; TLS does that by itself.
        let sign_payload = endpoint.scheme()? == Scheme::Http;
        Self::new(endpoint, transport::Tcp, sign_payload)
    }

    /// Returns a client whose every connection is a stream that `connector` makes, which may lead
    /// anywhere: the endpoint's address then only names the server (and is checked by TLS).
    ///
    /// The tunnel is taken to be private, so bodies are not signed: that would cost a fifth of the
    /// throughput.
    pub fn through<C>(endpoint: &Endpoint, connector: C) -> Result<Self, EndpointError>
    where
        C: Service<http::Uri> + Clone + Send + Sync + 'static,
        C::Response: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        C::Future: Send + 'static,
        C::Error: Into<BoxError>,
    {
        Self::new(endpoint, connector, false)
    }

    fn new<C>(endpoint: &Endpoint, connector: C, sign_payload: bool) -> Result<Self, EndpointError>
    where
        C: Service<http::Uri> + Clone + Send + Sync + 'static,
        C::Response: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        C::Future: Send + 'static,
        C::Error: Into<BoxError>,
    {
        endpoint.validate()?;
        let tls = endpoint.tls(endpoint.scheme()?)?;
        let credentials = Credentials::new(
            &endpoint.access_key,
            &endpoint.secret_key,
            endpoint.session_token.clone(),
            None,
            "endpoint",
        );
        let region = endpoint.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
        let timeouts = TimeoutConfig::builder()
            .read_timeout(SILENCE)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(credentials)
            .region(Region::new(region))
            .endpoint_url(endpoint.url.trim_end_matches('/'))
            .force_path_style(endpoint.path_style)
            .http_client(transport::http_client(connector, Arc::new(tls)))
            .retry_config(RetryConfig::standard())
            .timeout_config(timeouts)
            // The limits of a transfer are for its size; a line on which nothing moves at all is
            // given up long before.
            .stalled_stream_protection(
                StalledStreamProtectionConfig::enabled().grace_period(STALL_TIMEOUT).build(),
            )
            // The checksums that matter are set by hand, from the plan; the SDK's own default is
            // another algorithm and costs a third of the throughput.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Ok(Self {
            sdk: aws_sdk_s3::Client::from_conf(config),
            endpoint: endpoint.url.as_str().into(),
            region: endpoint.region.as_deref().map(Into::into),
            sign_payload,
        })
    }

    /// Returns the server's address as it was given.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the region that was asked for.
    pub(crate) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Returns the SDK's own client, for requests that have no operation here.
    pub fn sdk(&self) -> &aws_sdk_s3::Client {
        &self.sdk
    }

    /// Says whether bodies are hashed into the signature.
    pub(crate) fn signs_payload(&self) -> bool {
        self.sign_payload
    }
}

/// Returns the settings for a request in which `size` bytes move: a limit that a slow line can keep
/// and a dead one cannot.
pub(crate) fn transfer_limits(size: u64) -> aws_sdk_s3::config::Builder {
    limits(ATTEMPT_TIMEOUT + Duration::from_secs(size / SLOWEST_TRANSFER))
}

/// Returns the settings for a request that makes the server move `size` bytes, and us wait.
pub(crate) fn work_limits(size: u64) -> aws_sdk_s3::config::Builder {
    limits(LONGEST_QUEUE + Duration::from_secs(size / SLOWEST_DISK))
}

fn limits(attempt: Duration) -> aws_sdk_s3::config::Builder {
    let timeouts = TimeoutConfig::builder()
        .disable_read_timeout()
        .operation_attempt_timeout(attempt)
        .operation_timeout(attempt.saturating_mul(3))
        .build();
    aws_sdk_s3::Config::builder().timeout_config(timeouts)
}

/// Accepts every certificate, as `insecure` asks for; signatures are still checked, so that the
/// connection itself is sound.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
