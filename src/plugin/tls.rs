//! Mutual TLS that admits one client: the one whose certificate came with the
//! handshake.
//!
//! A certificate verifier proper is of no use here. The client's certificate is
//! self-signed and a CA, which WebPKI refuses as an end entity; and the question
//! is not whether somebody vouches for it but whether it is *that* certificate.
//! So the verifier compares bytes and then checks that the peer holds the key.

use std::sync::Arc;

use rustls::DigitallySignedStruct;
use rustls::DistinguishedName;
use rustls::ServerConfig;
use rustls::SignatureScheme;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::crypto::verify_tls12_signature;
use rustls::crypto::verify_tls13_signature;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject;
use rustls::server::danger::ClientCertVerified;
use rustls::server::danger::ClientCertVerifier;

/// Says why no secure connection can be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The handshake's certificate is not PEM.
    #[error("The client's certificate (PLUGIN_CLIENT_CERT) is not a PEM certificate: {0}.")]
    ClientCertificate(rustls::pki_types::pem::Error),
    /// Our own certificate could not be made.
    #[error("The server's certificate could not be made: {0}.")]
    ServerCertificate(#[from] rcgen::Error),
    /// The TLS library refused the pair.
    #[error("The TLS server could not be set up: {0}.")]
    Setup(#[from] rustls::Error),
}

/// Makes the server's side for one client: a fresh certificate for `localhost`,
/// which goes into the handshake line in DER, and a configuration that admits
/// the client of that PEM certificate only.
pub fn server(client_certificate: &str) -> Result<(Arc<ServerConfig>, Vec<u8>), TlsError> {
    let pinned = CertificateDer::from_pem_slice(client_certificate.as_bytes())
        .map_err(TlsError::ClientCertificate)?;
    let key = rcgen::KeyPair::generate()?;
    let own = rcgen::CertificateParams::new(vec!["localhost".to_owned()])?.self_signed(&key)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = PinnedClient { pinned, provider: Arc::clone(&provider) };
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(vec![own.der().clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok((Arc::new(config), own.der().to_vec()))
}

/// Admits the holder of exactly one certificate.
#[derive(Debug)]
struct PinnedClient {
    pinned: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for PinnedClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        presented: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        if *presented == self.pinned {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(rustls::Error::InvalidCertificate(
                rustls::CertificateError::ApplicationVerificationFailure,
            ))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
