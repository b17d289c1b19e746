//! Certificates and private keys.
//!
//! Keys are drawn by the cryptographic library; the serial number, which every
//! certificate has, is drawn through the host, which so learns that the
//! document depends on chance.

mod der;
mod issue;
mod key;
mod pem;

use std::net::IpAddr;
use std::rc::Rc;

use aws_lc_rs::rsa::KeySize;

use self::issue::Issuer;
use self::issue::Request;
use self::key::Key;
use super::FunctionTable;
use super::argument;
use super::convert::string_of;
use super::encoding;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::Any;
use crate::helm::function::Parameter::Int;
use crate::helm::function::Parameter::List;
use crate::helm::function::Parameter::String as Text;
use crate::helm::value::Entries;
use crate::helm::value::FunctionError;
use crate::helm::value::Object;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("buildCustomCert", function(&[Text, Text], build_custom)),
    ("genCA", function(&[Text, Int], authority)),
    ("genCAWithKey", function(&[Text, Int, Text], authority_with_key)),
    ("genPrivateKey", function(&[Text], private_key)),
    ("genSelfSignedCert", function(&[Text, List, List, Int], self_signed)),
    ("genSelfSignedCertWithKey", function(&[Text, List, List, Int, Text], self_signed_with_key)),
    ("genSignedCert", function(&[Text, List, List, Int, Any], signed)),
    ("genSignedCertWithKey", function(&[Text, List, List, Int, Any, Text], signed_with_key)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// Is sprig's `certificate`: a certificate and its key as PEM.
struct Certificate {
    certificate: String,
    key: String,
}

impl Object for Certificate {
    fn type_name(&self) -> String {
        "sprig.certificate".into()
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(Value::string(self.certificate.as_str())),
            "Key" => Some(Value::string(self.key.as_str())),
            _ => None,
        }
    }

    fn entries(&self) -> Option<Entries> {
        Some(Entries::from([
            ("Cert".to_owned(), Value::string(self.certificate.as_str())),
            ("Key".to_owned(), Value::string(self.key.as_str())),
        ]))
    }

    fn display(&self) -> String {
        format!("{{{} {}}}", self.certificate, self.key)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// Returns a certificate with its key.
fn value(certificate: String, key: &Key) -> Result<Value, FunctionError> {
    Ok(Value::Object(Rc::new(Certificate { certificate, key: key.to_pem()? })))
}

/// Returns the items of a list argument; nil has none.
fn list(arguments: &[Value], index: usize) -> Result<Vec<Value>, FunctionError> {
    match argument::any(arguments, index) {
        Value::Nil => Ok(Vec::new()),
        value => argument::items(&value, "Cannot read names from"),
    }
}

/// Returns what the certificate is to say; `alternatives` says whether the
/// second and third arguments are addresses and names.
fn request<'a>(
    host: &dyn Host,
    common_name: &'a str,
    arguments: &[Value],
    alternatives: bool,
) -> Result<Request<'a>, FunctionError> {
    let mut addresses = Vec::new();
    let mut names = Vec::new();
    if alternatives {
        for address in list(arguments, 1)? {
            let shown = string_of(&address)?;
            let shown = shown.to_text();
            if !matches!(address, Value::String(_)) {
                let text = format!("error parsing ip: {shown} is not a string");
                return Err(FunctionError::new(text));
            }
            addresses.push(
                shown
                    .parse::<IpAddr>()
                    .map_err(|_| FunctionError::new(format!("error parsing ip: {shown}")))?,
            );
        }
        for name in list(arguments, 2)? {
            let shown = string_of(&name)?;
            let shown = shown.to_text();
            if !matches!(name, Value::String(_)) {
                return Err(FunctionError::new(format!(
                    "error processing alternate dns name: {shown} is not a string"
                )));
            }
            names.push(shown.into_owned());
        }
    }
    let drawn = host.random(16);
    let serial = drawn
        .first_chunk::<16>()
        .copied()
        .ok_or_else(|| FunctionError::new("the source of random numbers does not give any"))?;
    Ok(Request {
        common_name,
        addresses,
        names,
        days: argument::int(arguments, if alternatives { 3 } else { 1 })?,
        authority: !alternatives,
        serial,
        now: host.now(),
    })
}

fn parse_key(arguments: &[Value], index: usize) -> Result<Key, FunctionError> {
    Key::parse(&argument::text(arguments, index)?)
        .map_err(|error| FunctionError::new(format!("parsing private key: {error}")))
}

fn authority(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let name = argument::text(arguments, 0)?;
    let request = request(host, &name, arguments, false)?;
    let key = Key::generate_rsa(KeySize::Rsa2048)?;
    value(request.self_signed(&key)?, &key)
}

fn authority_with_key(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let name = argument::text(arguments, 0)?;
    let key = parse_key(arguments, 2)?;
    value(request(host, &name, arguments, false)?.self_signed(&key)?, &key)
}

fn self_signed(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let name = argument::text(arguments, 0)?;
    let request = request(host, &name, arguments, true)?;
    let key = Key::generate_rsa(KeySize::Rsa2048)?;
    value(request.self_signed(&key)?, &key)
}

fn self_signed_with_key(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let name = argument::text(arguments, 0)?;
    let key = parse_key(arguments, 4)?;
    value(request(host, &name, arguments, true)?.self_signed(&key)?, &key)
}

fn signed(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    sign(host, arguments, || Key::generate_rsa(KeySize::Rsa2048))
}

fn signed_with_key(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let key = parse_key(arguments, 5)?;
    sign(host, arguments, || Ok(key))
}

/// Makes a certificate that the authority in the fifth argument signs.
fn sign(
    host: &dyn Host,
    arguments: &[Value],
    make_key: impl FnOnce() -> Result<Key, FunctionError>,
) -> Result<Value, FunctionError> {
    let authority = argument::any(arguments, 4);
    let authority = match &authority {
        Value::Object(object) => object.as_any().downcast_ref::<Certificate>(),
        _ => None,
    };
    let Some(authority) = authority else {
        let actual = argument::any(arguments, 4).type_name();
        let text = format!("wrong type for value; expected sprig.certificate; got {actual}");
        return Err(FunctionError::new(text));
    };
    let Some((_, certificate)) = pem::decode(&authority.certificate) else {
        return Err(FunctionError::new("unable to decode certificate"));
    };
    let (issuer, key_identifier) = issue::subject(&certificate).ok_or_else(|| {
        FunctionError::new(
            "error parsing certificate: decodedSignerCert.Bytes: malformed certificate",
        )
    })?;
    let signing_key = Key::parse(&authority.key)
        .map_err(|error| FunctionError::new(format!("error parsing private key: {error}")))?;
    let name = argument::text(arguments, 0)?;
    let request = request(host, &name, arguments, true)?;
    let key = make_key()?;
    let issuer = Issuer { name: issuer, key_identifier, key: &signing_key };
    value(request.signed_by(&issuer, &key)?, &key)
}

/// Returns a certificate object of a certificate and a key, both base64 of PEM.
fn build_custom(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let decode = |index: usize, what: &str| {
        let bytes = encoding::decode_base_64(argument::bytes(arguments, index)?)
            .map_err(|_| FunctionError::new(format!("unable to decode base64 {what}")))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let certificate = decode(0, "certificate")?;
    let key = decode(1, "private key")?;
    let Some((_, bytes)) = pem::decode(&certificate) else {
        return Err(FunctionError::new("unable to decode certificate"));
    };
    if issue::subject(&bytes).is_none() {
        return Err(FunctionError::new(
            "error parsing certificate: decodedCert.Bytes: malformed certificate",
        ));
    }
    Key::parse(&key)
        .map_err(|error| FunctionError::new(format!("error parsing private key: {error}")))?;
    Ok(Value::Object(Rc::new(Certificate { certificate, key })))
}

fn private_key(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    // Nothing is needed of it, but the host must know of the chance.
    drop(host.random(1));
    let key = match &*argument::text(arguments, 0)? {
        "" | "rsa" => Key::generate_rsa(KeySize::Rsa4096)?,
        "ecdsa" => Key::generate_ecdsa()?,
        "ed25519" => Key::generate_ed25519()?,
        "dsa" => {
            return Err(FunctionError::new(
                "genPrivateKey with \"dsa\" is not supported by this provider",
            ));
        }
        other => return Ok(Value::string(format!("Unknown type {other}"))),
    };
    key.to_pem().map(Value::string)
}
