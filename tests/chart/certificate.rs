//! Certificates of a test's own authority.

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use serde_json::json;

use super::pem;
use crate::support::cluster::Namespace;

/// Makes a Secret with a certificate for those names; returns the authority's own certificate.
pub fn make(namespace: &Namespace, secret: &str, names: Vec<String>) -> String {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    // By default all names are the same, and who signs under his own name has signed himself.
    authority.distinguished_name.push(DnType::CommonName, "authority of a test");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let authority_pem = pem("CERTIFICATE", authority.self_signed(&authority_key).unwrap().der());
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": { "name": secret },
        "stringData": {
            "tls.crt": pem("CERTIFICATE", certificate.der()),
            "tls.key": pem("PRIVATE KEY", &key.serialize_der()),
            "ca.crt": authority_pem,
        },
    });
    namespace.apply(&secret.to_string());
    authority_pem
}

/// Makes the Secret `minio-tls` with a certificate for the Services of the release `site` and the node.
pub fn make_for_storage(namespace: &Namespace) -> String {
    let names = vec![
        format!("site-minio.{}.svc", namespace.name),
        format!("*.site-minio-headless.{}.svc.cluster.local", namespace.name),
        namespace.node_address(),
    ];
    make(namespace, "minio-tls", names)
}
