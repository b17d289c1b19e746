use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

fn endpoint(url: &str) -> Endpoint {
    Endpoint {
        url: url.to_owned(),
        access_key: "reader".to_owned(),
        secret_key: "hidden-secret".to_owned(),
        session_token: Some("hidden-token".to_owned()),
        region: None,
        ca_certificate: None,
        insecure: false,
        path_style: true,
    }
}

#[test]
fn only_an_origin_is_an_endpoint() {
    for url in ["http://localhost:9000", "http://[::1]:9000/", "http://minio.web.svc"] {
        endpoint(url).validate().unwrap();
    }
    for (url, reason) in [
        ("", "empty"),
        ("minio:9000", "scheme"),
        ("ftp://minio", "neither `http` nor `https`"),
        ("http://", ""),
        ("http://minio/path", "a path"),
        ("http://minio/?a=b", "a query"),
        ("http://admin:hidden-secret@minio", "user name"),
        ("http://min io", ""),
    ] {
        let message = endpoint(url).validate().unwrap_err().to_string();
        assert!(message.contains(reason), "{url}: {message}");
        assert!(!message.contains("hidden"), "{url}: {message}");
    }
}

#[test]
fn missing_credentials_are_told() {
    let mut anonymous = endpoint("http://localhost:9000");
    anonymous.secret_key.clear();
    let message = Client::direct(&anonymous).unwrap_err().to_string();
    assert!(message.contains("secret key"), "{message}");
}

#[test]
fn a_private_certificate_must_be_one() {
    let mut private = endpoint("https://localhost:9000");
    for pem in
        ["", "not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
    {
        private.ca_certificate = Some(pem.to_owned());
        let message = private.validate().unwrap_err().to_string();
        assert!(message.contains("CA certificate"), "{message}");
    }
    let key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    let own = STANDARD.encode(own.self_signed(&key).unwrap().der());
    private.ca_certificate =
        Some(format!("-----BEGIN CERTIFICATE-----\n{own}\n-----END CERTIFICATE-----\n"));
    private.validate().unwrap();
}

#[test]
fn nothing_prints_a_secret() {
    let endpoint = endpoint("http://localhost:9000");
    let client = Client::direct(&endpoint).unwrap();
    for printed in [format!("{endpoint:?}"), format!("{client:?}"), format!("{:?}", client.sdk())] {
        assert!(!printed.contains("hidden"), "{printed}");
    }
}
