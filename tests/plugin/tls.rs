//! Who is let in: the holder of the certificate in `PLUGIN_CLIENT_CERT`, and
//! nobody else.

use std::io::Read;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;
use rustls::sign::SingleCertAndKey;

use super::started;

pub const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// What an HTTP/2 client says first; an admitted one gets settings in return.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Makes a certificate as go-plugin makes its own: self-signed, P-521, a CA.
fn certificate() -> (rcgen::Certificate, rcgen::KeyPair) {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    (parameters.self_signed(&key).unwrap(), key)
}

/// Writes a certificate as the environment variable holds it.
fn pem(certificate: &rcgen::Certificate) -> String {
    let der = STANDARD.encode(certificate.der());
    format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n")
}

/// Connects as that client and returns whether the server answered HTTP/2.
fn admitted(line: &str, identity: Option<(&rcgen::Certificate, &rcgen::KeyPair)>) -> bool {
    let fields: Vec<_> = line.split('|').collect();
    let server = CertificateDer::from(STANDARD_NO_PAD.decode(fields[5]).unwrap());
    let mut roots = RootCertStore::empty();
    roots.add(server).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
            let key = rustls::crypto::aws_lc_rs::sign::any_ecdsa_type(&key).unwrap();
            // Not `with_client_auth_cert`, which refuses a certificate of another key.
            let presented = CertifiedKey::new(vec![certificate.der().clone()], key);
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(presented)))
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let connection =
        ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let stream = UnixStream::connect(fields[3]).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
    let mut stream = rustls::StreamOwned::new(connection, stream);
    let mut answer = [0; 9];
    stream.write_all(PREFACE).is_ok() && stream.read_exact(&mut answer).is_ok()
}

#[test]
fn only_the_named_client_is_admitted() {
    let (ours, key) = certificate();
    let (other, other_key) = certificate();
    let (mut child, line) = started(&[("PLUGIN_CLIENT_CERT", &pem(&ours))]);
    assert!(admitted(&line, Some((&ours, &key))), "the client itself");
    assert!(!admitted(&line, Some((&other, &other_key))), "another certificate");
    assert!(!admitted(&line, None), "no certificate");
    assert!(!admitted(&line, Some((&ours, &other_key))), "the certificate without its key");
    assert!(admitted(&line, Some((&ours, &key))), "the client itself, after those");
    child.kill().unwrap();
    child.wait().unwrap();
}
