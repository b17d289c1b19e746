//! Password hashes, and passwords made from a master password.

use aws_lc_rs::hmac;

use super::FunctionTable;
use super::argument;
use super::function;
use crate::helm::function::Function;
use crate::helm::function::Host;
use crate::helm::function::Parameter::String as Text;
use crate::helm::function::Parameter::Uint32;
use crate::helm::value::FunctionError;
use crate::helm::value::Value;

const FUNCTIONS: &[(&str, Function)] = &[
    ("bcrypt", function(&[Text], bcrypt)),
    ("derivePassword", function(&[Uint32, Text, Text, Text, Text], derive_password)),
    ("htpasswd", function(&[Text, Text], htpasswd)),
];

pub(super) fn register(table: &mut FunctionTable) {
    table.extend(FUNCTIONS.iter().copied());
}

/// What Go's package takes where no cost is given.
const COST: u32 = 10;

/// The length of a bcrypt salt, in bytes.
const SALT: usize = 16;

/// The longest password that bcrypt reads, in bytes.
const LONGEST: usize = 72;

/// Returns the hash of a password, or, as Helm does, a text that says why there is none.
fn hash(host: &dyn Host, password: &[u8]) -> Result<Vec<u8>, FunctionError> {
    const REFUSED: &str = "failed to encrypt string with bcrypt: ";
    if password.len() > LONGEST {
        return Ok(format!("{REFUSED}bcrypt: password length exceeds {LONGEST} bytes").into());
    }
    let drawn = host.random(SALT);
    let salt = drawn
        .first_chunk::<SALT>()
        .copied()
        .ok_or_else(|| FunctionError::new("there is no salt for bcrypt"))?;
    match bcrypt::hash_with_salt(password, COST, salt) {
        Ok(hash) => Ok(hash.format_for_version(bcrypt::Version::TwoA).into_bytes()),
        Err(error) => Ok(format!("{REFUSED}{error}").into()),
    }
}

fn bcrypt(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    hash(host, argument::bytes(arguments, 0)?).map(|hash| Value::string(&*hash))
}

/// Returns a line for Apache's and nginx's password files.
fn htpasswd(host: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let name = argument::bytes(arguments, 0)?;
    if name.contains(&b':') {
        return Ok(Value::string([b"invalid username: ", name].concat()));
    }
    let hash = hash(host, argument::bytes(arguments, 1)?)?;
    Ok(Value::string([name, b":", &hash].concat()))
}

/// The first bytes of everything that is hashed.
const SCOPE: &[u8] = b"com.lyndir.masterpassword";

/// Returns the forms that a kind of password may take, a class of characters for each character.
fn forms(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

/// Returns the characters of a class.
fn characters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'A' => b"AEIOUBCDFGHJKLMNPQRSTVWXYZ",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// Appends a text behind its length, which has four bytes.
fn push(buffer: &mut Vec<u8>, text: &[u8]) {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    buffer.extend_from_slice(&length.to_be_bytes());
    buffer.extend_from_slice(text);
}

/// Makes a password of a kind for a site, by the algorithm of Master Password
/// (<https://spectre.app/spectre-algorithm.pdf>) as Helm's library has it: the seed's bytes are
/// unsigned, and a name counts by its bytes.
fn derive_password(_: &dyn Host, arguments: &[Value]) -> Result<Value, FunctionError> {
    let counter = match arguments.first() {
        // Go cuts a constant that is too large.
        Some(Value::Int(_, number)) => number.to_be_bytes().last_chunk::<4>().copied(),
        _ => None,
    };
    let counter = counter.ok_or_else(|| FunctionError::new("wrong type for value"))?;
    let kind = argument::bytes(arguments, 1)?;
    let Some(forms) = forms(kind) else {
        return Ok(Value::string([b"cannot find password template ", kind].concat()));
    };
    let failed = || FunctionError::new("the password cannot be derived");
    let mut salt = SCOPE.to_vec();
    push(&mut salt, argument::bytes(arguments, 3)?);
    let parameters = scrypt::Params::new(15, 8, 2).map_err(|_| failed())?;
    let mut key = [0; 64];
    scrypt::scrypt(argument::bytes(arguments, 2)?, &salt, &parameters, &mut key)
        .map_err(|_| failed())?;
    let mut site = SCOPE.to_vec();
    push(&mut site, argument::bytes(arguments, 4)?);
    site.extend_from_slice(&counter);
    let seed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &site);
    let mut seed = seed.as_ref().iter().copied();
    let mut choose = |count: usize| usize::from(seed.next().unwrap_or_default()) % count;
    let form = forms.get(choose(forms.len())).copied().unwrap_or_default();
    let password: Vec<u8> = form
        .bytes()
        .map(characters)
        .filter_map(|characters| characters.get(choose(characters.len())).copied())
        .collect();
    Ok(Value::string(password))
}
