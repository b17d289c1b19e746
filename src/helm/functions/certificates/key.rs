//! Private keys.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::EcPrivateKeyRfc5915Der;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::encoding::PublicKeyX509Der;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING;
use aws_lc_rs::signature::ECDSA_P384_SHA384_ASN1_SIGNING;
use aws_lc_rs::signature::ECDSA_P521_SHA512_ASN1_SIGNING;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::EcdsaSigningAlgorithm;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;

use super::der;
use super::der::Reader;
use super::pem;
use crate::helm::value::FunctionError;

/// Is a private key.
pub(super) enum Key {
    Rsa(Box<rsa::KeyPair>),
    Ecdsa(Box<EcdsaKeyPair>, &'static [u8]),
    Ed25519(Box<Ed25519KeyPair>),
}

/// The signing algorithms of elliptic curves, with their identifiers.
const CURVES: [(&EcdsaSigningAlgorithm, &[u8]); 3] = [
    (&ECDSA_P256_SHA256_ASN1_SIGNING, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]),
    (&ECDSA_P384_SHA384_ASN1_SIGNING, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]),
    (&ECDSA_P521_SHA512_ASN1_SIGNING, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04]),
];

/// The identifier of RSA with SHA-256.
const RSA_SHA_256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];

/// The identifier of Ed25519.
const ED_25519: &[u8] = &[0x2b, 0x65, 0x70];

fn failed(action: &str) -> FunctionError {
    FunctionError::new(format!("the cryptographic library could not {action}"))
}

impl Key {
    /// Makes an RSA key.
    pub fn generate_rsa(size: KeySize) -> Result<Self, FunctionError> {
        let key = rsa::KeyPair::generate(size).map_err(|_| failed("make an RSA key"))?;
        Ok(Self::Rsa(Box::new(key)))
    }

    /// Makes a key on the curve P-256.
    pub fn generate_ecdsa() -> Result<Self, FunctionError> {
        let [(algorithm, identifier), ..] = CURVES;
        let key = EcdsaKeyPair::generate(algorithm).map_err(|_| failed("make an EC key"))?;
        Ok(Self::Ecdsa(Box::new(key), identifier))
    }

    /// Makes an Ed25519 key.
    pub fn generate_ed25519() -> Result<Self, FunctionError> {
        let key = Ed25519KeyPair::generate().map_err(|_| failed("make an Ed25519 key"))?;
        Ok(Self::Ed25519(Box::new(key)))
    }

    /// Reads a key from PEM.
    pub fn parse(text: &str) -> Result<Self, FunctionError> {
        let Some((label, bytes)) = pem::decode(text) else {
            return Err(FunctionError::new("no PEM data in input"));
        };
        let wrong = |form: &str| {
            FunctionError::new(format!(
                "{form}: the key is damaged or of a kind that is not supported"
            ))
        };
        match label.as_str() {
            "PRIVATE KEY" => {
                Self::from_pkcs8(&bytes).ok_or_else(|| wrong("decoding PEM as PKCS#8"))
            }
            "RSA PRIVATE KEY" => rsa::KeyPair::from_der(&bytes)
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(|_| wrong("parsing RSA private key from PEM")),
            "EC PRIVATE KEY" => CURVES
                .iter()
                .find_map(|(algorithm, identifier)| {
                    let key = EcdsaKeyPair::from_private_key_der(algorithm, &bytes).ok()?;
                    Some(Self::Ecdsa(Box::new(key), identifier))
                })
                .ok_or_else(|| wrong("parsing EC private key from PEM")),
            _ => match label.strip_suffix(" PRIVATE KEY") {
                Some(kind) => Err(FunctionError::new(format!("invalid private key type {kind}"))),
                None => Err(FunctionError::new(format!(
                    "no private key data in PEM block of type {label}"
                ))),
            },
        }
    }

    fn from_pkcs8(bytes: &[u8]) -> Option<Self> {
        if let Ok(key) = rsa::KeyPair::from_pkcs8(bytes) {
            return Some(Self::Rsa(Box::new(key)));
        }
        for (algorithm, identifier) in CURVES {
            if let Ok(key) = EcdsaKeyPair::from_pkcs8(algorithm, bytes) {
                return Some(Self::Ecdsa(Box::new(key), identifier));
            }
        }
        let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).ok()?;
        Some(Self::Ed25519(Box::new(key)))
    }

    /// Returns the key as PEM, in the form that Go chooses for its kind.
    pub fn to_pem(&self) -> Result<String, FunctionError> {
        match self {
            Self::Rsa(key) => {
                let der: Pkcs8V1Der<'_> = key.as_der().map_err(|_| failed("write an RSA key"))?;
                // PKCS #1 is what PKCS #8 wraps, after a version and the algorithm.
                let inner = Reader(der.as_ref()).expect(0x30).and_then(|content| {
                    let mut parts = Reader(content);
                    parts.next()?;
                    parts.next()?;
                    parts.expect(0x04)
                });
                let inner = inner.ok_or_else(|| failed("write an RSA key"))?;
                Ok(pem::encode("RSA PRIVATE KEY", inner))
            }
            Self::Ecdsa(key, _) => {
                let der: EcPrivateKeyRfc5915Der<'_> =
                    key.private_key().as_der().map_err(|_| failed("write an EC key"))?;
                Ok(pem::encode("EC PRIVATE KEY", der.as_ref()))
            }
            Self::Ed25519(key) => {
                let der: Pkcs8V1Der<'_> =
                    key.as_der().map_err(|_| failed("write an Ed25519 key"))?;
                Ok(pem::encode("PRIVATE KEY", der.as_ref()))
            }
        }
    }

    /// Returns the public key in DER, with its algorithm.
    pub fn public_key(&self) -> Result<Vec<u8>, FunctionError> {
        let der: Result<PublicKeyX509Der<'_>, _> = match self {
            Self::Rsa(key) => key.public_key().as_der(),
            Self::Ecdsa(key, _) => key.public_key().as_der(),
            Self::Ed25519(key) => key.public_key().as_der(),
        };
        der.map(|der| der.as_ref().to_vec()).map_err(|_| failed("write a public key"))
    }

    /// Returns the identifier of the signature's algorithm in DER.
    pub fn signature_algorithm(&self) -> Vec<u8> {
        match self {
            Self::Rsa(_) => der::sequence(&[&der::identifier(RSA_SHA_256), &[0x05, 0x00]]),
            Self::Ecdsa(_, identifier) => der::sequence(&[&der::identifier(identifier)]),
            Self::Ed25519(_) => der::sequence(&[&der::identifier(ED_25519)]),
        }
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, FunctionError> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(|_| failed("sign a certificate"))?;
                Ok(signature)
            }
            Self::Ecdsa(key, _) => key
                .sign(&random, message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| failed("sign a certificate")),
            Self::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }
}
