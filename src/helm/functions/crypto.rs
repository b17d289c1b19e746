//! Hashes and AES.

use std::fmt::Write as _;

use aws_lc_rs::cipher::AES_256;
use aws_lc_rs::cipher::DecryptionContext;
use aws_lc_rs::cipher::EncryptionContext;
use aws_lc_rs::cipher::PaddedBlockDecryptingKey;
use aws_lc_rs::cipher::PaddedBlockEncryptingKey;
use aws_lc_rs::cipher::UnboundCipherKey;
use aws_lc_rs::digest;
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;

use super::FunctionTable;
use super::argument;
use super::encoding;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::String as Text;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("adler32sum", function(&[Text], adler_32)),
    ("decryptAES", function(&[Text, Text], decrypt)),
    ("encryptAES", function(&[Text, Text], encrypt)),
    ("sha1sum", function(&[Text], sha_1)),
    ("sha256sum", function(&[Text], sha_256)),
    ("sha512sum", function(&[Text], sha_512)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// The length of a block, and of what makes equal texts differ, in bytes.
const BLOCK: usize = 16;

fn hash(
    arguments: &[Value],
    algorithm: &'static digest::Algorithm,
) -> Result<Value, FunctionError> {
    let digest = digest::digest(algorithm, argument::bytes(arguments, 0)?);
    let mut hexadecimal = String::new();
    for byte in digest.as_ref() {
        // Writing to a string cannot fail.
        _ = write!(hexadecimal, "{byte:02x}");
    }
    Ok(Value::string(hexadecimal))
}

fn sha_1(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    hash(arguments, &digest::SHA1_FOR_LEGACY_USE_ONLY)
}

fn sha_256(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    hash(arguments, &digest::SHA256)
}

fn sha_512(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    hash(arguments, &digest::SHA512)
}

fn adler_32(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    const MODULUS: u32 = 65_521;
    let (mut low, mut high) = (1, 0);
    for byte in argument::bytes(arguments, 0)? {
        low = (low + u32::from(*byte)) % MODULUS;
        high = (high + low) % MODULUS;
    }
    Ok(Value::string((high << 16 | low).to_string()))
}

/// Returns the key: the first 32 bytes of the password, filled with zeros.
fn key(password: &[u8]) -> Result<UnboundCipherKey, FunctionError> {
    let mut key = [0; 32];
    for (place, byte) in key.iter_mut().zip(password) {
        *place = *byte;
    }
    UnboundCipherKey::new(&AES_256, &key).map_err(|_| failed())
}

fn failed() -> FunctionError {
    FunctionError::new("the AES implementation refused the key or the data")
}

/// Encrypts with AES-256 in CBC mode; the result is base64.
fn encrypt(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let text = argument::bytes(arguments, 1)?;
    if text.is_empty() {
        return Ok(Value::string(""));
    }
    let drawn = host.random(BLOCK);
    let vector = drawn.first_chunk::<BLOCK>().copied().ok_or_else(failed)?;
    let context = EncryptionContext::Iv128(FixedLength::from(vector));
    let key = key(argument::bytes(arguments, 0)?)?;
    let mut data = text.to_vec();
    PaddedBlockEncryptingKey::cbc_pkcs7(key)
        .and_then(|key| key.less_safe_encrypt(&mut data, context))
        .map_err(|_| failed())?;
    let encrypted = [vector.as_slice(), &data].concat();
    Ok(Value::string(base64::engine::general_purpose::STANDARD.encode(encrypted)))
}

/// Decrypts what `encryptAES` made.
fn decrypt(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let text = argument::bytes(arguments, 1)?;
    if text.is_empty() {
        return Ok(Value::string(""));
    }
    let data = encoding::decode_base_64(text).map_err(|offset| {
        FunctionError::new(format!("illegal base64 data at input byte {offset}"))
    })?;
    let Some((vector, data)) = data.split_first_chunk::<BLOCK>() else {
        return Err(FunctionError::new("the encrypted text is too short"));
    };
    let mut data = data.to_vec();
    let context = DecryptionContext::Iv128(FixedLength::from(*vector));
    let key = key(argument::bytes(arguments, 0)?)?;
    let decrypted = PaddedBlockDecryptingKey::cbc_pkcs7(key)
        .and_then(|key| key.decrypt(&mut data, context))
        .map_err(|_| {
            FunctionError::new("the text cannot be decrypted: wrong password or damaged text")
        })?;
    Ok(Value::string(&*decrypted))
}
