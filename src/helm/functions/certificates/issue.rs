//! Making a certificate: X.509 version 3 (RFC 5280), with the extensions that
//! sprig's have.
//!
//! Written out here because the crates that make certificates cannot be given
//! an authority's certificate as it is, and would add other extensions.

use std::net::IpAddr;

use aws_lc_rs::digest;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::der;
use super::der::Reader;
use super::key::Key;
use super::pem;
use crate::helm::value::FunctionError;

/// Is what a certificate says.
pub(super) struct Request<'a> {
    pub common_name: &'a str,
    pub addresses: Vec<IpAddr>,
    pub names: Vec<String>,
    pub days: i64,
    /// It may sign others.
    pub authority: bool,
    /// 128 random bits.
    pub serial: [u8; 16],
    /// Nanoseconds since the Unix epoch.
    pub now: i128,
}

/// Is who signs.
pub(super) struct Issuer<'a> {
    /// The name in DER.
    pub name: Vec<u8>,
    /// The identifier of the key, if its certificate has one.
    pub key_identifier: Option<Vec<u8>>,
    pub key: &'a Key,
}

/// The identifiers of extensions and of their parts.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x23];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const SERVER_AUTHENTICATION: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTHENTICATION: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

/// Returns a name of only a common name.
fn name(common_name: &str) -> Vec<u8> {
    if common_name.is_empty() {
        return der::sequence(&[]);
    }
    let printable = |byte: u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte);
    let tag = if common_name.bytes().all(printable) { 0x13 } else { 0x0c };
    let attribute =
        der::sequence(&[&der::identifier(COMMON_NAME), &der::element(tag, common_name.as_bytes())]);
    der::sequence(&[&der::element(0x31, &attribute)])
}

/// Returns a time, with two digits of the year as long as that is allowed.
fn time(nanoseconds: i128) -> Result<Vec<u8>, FunctionError> {
    let zoned = Timestamp::from_nanosecond(nanoseconds)
        .map_err(|error| {
            FunctionError::new(format!("the certificate's time is out of range: {error}"))
        })?
        .to_zoned_datetime(TimeZone::UTC);
    let (year, tag) = match zoned.year() {
        year @ 1950..2050 => (format!("{:02}", year % 100), 0x17),
        year => (format!("{year:04}"), 0x18),
    };
    let text = format!(
        "{year}{:02}{:02}{:02}{:02}{:02}Z",
        zoned.month(),
        zoned.day(),
        zoned.hour(),
        zoned.minute(),
        zoned.second()
    );
    Ok(der::element(tag, text.as_bytes()))
}

fn extension(identifier: &[u8], critical: bool, content: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
    der::sequence(&[&der::identifier(identifier), critical, &der::element(0x04, content)])
}

impl Request<'_> {
    /// Makes a certificate that its own key signs.
    pub fn self_signed(&self, key: &Key) -> Result<String, FunctionError> {
        let issuer = Issuer { name: name(self.common_name), key_identifier: None, key };
        self.signed_by(&issuer, key)
    }

    /// Makes a certificate for a key, as PEM.
    pub fn signed_by(&self, issuer: &Issuer<'_>, key: &Key) -> Result<String, FunctionError> {
        const DAY: i128 = 24 * 3600 * 1_000_000_000;
        let validity = der::sequence(&[
            &time(self.now)?,
            &time(self.now.saturating_add(i128::from(self.days).saturating_mul(DAY)))?,
        ]);
        let algorithm = issuer.key.signature_algorithm();
        let public_key = key.public_key()?;
        let body = der::sequence(&[
            // Version 3.
            &[0xa0, 0x03, 0x02, 0x01, 0x02],
            &der::integer(&self.serial),
            &algorithm,
            &issuer.name,
            &validity,
            &name(self.common_name),
            &public_key,
            &der::element(0xa3, &self.extensions(issuer, &public_key)),
        ]);
        let signature = issuer.key.sign(&body)?;
        let certificate = der::sequence(&[&body, &algorithm, &der::bit_string(&signature)]);
        Ok(pem::encode("CERTIFICATE", &certificate))
    }

    fn extensions(&self, issuer: &Issuer<'_>, public_key: &[u8]) -> Vec<u8> {
        // Signing and encrypting keys, and for an authority signing certificates.
        let usage: &[u8] = if self.authority { &[0x02, 0xa4] } else { &[0x05, 0xa0] };
        let purposes = der::sequence(&[
            &der::identifier(SERVER_AUTHENTICATION),
            &der::identifier(CLIENT_AUTHENTICATION),
        ]);
        let authority: &[u8] = if self.authority { &[0x01, 0x01, 0xff] } else { &[] };
        let mut extensions = vec![
            extension(KEY_USAGE, true, &der::element(0x03, usage)),
            extension(EXTENDED_KEY_USAGE, false, &purposes),
            extension(BASIC_CONSTRAINTS, true, &der::sequence(&[authority])),
        ];
        if self.authority {
            let identifier = der::element(0x04, &key_identifier(public_key));
            extensions.push(extension(SUBJECT_KEY_IDENTIFIER, false, &identifier));
        }
        if let Some(identifier) = &issuer.key_identifier {
            let content = der::sequence(&[&der::element(0x80, identifier)]);
            extensions.push(extension(AUTHORITY_KEY_IDENTIFIER, false, &content));
        }
        if !self.names.is_empty() || !self.addresses.is_empty() {
            let names = self.names.iter().map(|name| der::element(0x82, name.as_bytes()));
            let addresses = self.addresses.iter().map(|address| match address {
                IpAddr::V4(address) => der::element(0x87, &address.octets()),
                IpAddr::V6(address) => der::element(0x87, &address.octets()),
            });
            let content: Vec<u8> = names.chain(addresses).flatten().collect();
            // The only name there is must not be overlooked.
            let critical = self.common_name.is_empty();
            let content = der::element(0x30, &content);
            extensions.push(extension(SUBJECT_ALTERNATIVE_NAME, critical, &content));
        }
        der::element(0x30, &extensions.concat())
    }
}

/// Returns the identifier of a public key: a hash of its bits.
fn key_identifier(public_key: &[u8]) -> Vec<u8> {
    let bits = Reader(public_key).expect(0x30).and_then(|content| {
        let mut parts = Reader(content);
        parts.next()?;
        parts.expect(0x03)
    });
    let bits = bits.and_then(|bits| bits.get(1..)).unwrap_or(public_key);
    let hash = digest::digest(&digest::SHA256, bits);
    hash.as_ref().iter().copied().take(20).collect()
}

/// Returns the name and the key identifier of the one that a certificate is for.
pub(super) fn subject(certificate: &[u8]) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let mut outer = Reader(certificate);
    let mut body = Reader(Reader(outer.expect(0x30)?).expect(0x30)?);
    if body.next()?.tag == 0xa0 {
        body.next()?;
    }
    // That was the serial number; algorithm, issuer and validity follow.
    for _ in 0..3 {
        body.next()?;
    }
    let subject = body.next()?;
    body.next()?;
    let mut identifier = None;
    while let Some(element) = body.next() {
        if element.tag != 0xa3 {
            continue;
        }
        let mut extensions = Reader(Reader(element.content).expect(0x30)?);
        while let Some(extension) = extensions.next() {
            let mut parts = Reader(extension.content);
            if parts.expect(0x06)? != SUBJECT_KEY_IDENTIFIER {
                continue;
            }
            let mut value = parts.next()?;
            if value.tag == 0x01 {
                value = parts.next()?;
            }
            identifier = Reader(value.content).expect(0x04).map(<[u8]>::to_vec);
        }
    }
    Some((subject.whole.to_vec(), identifier))
}
