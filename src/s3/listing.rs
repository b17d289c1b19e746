//! Which objects are under a prefix, a thousand in each request.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use aws_sdk_s3::types::EncodingType;
use crc_fast::CrcAlgorithm;
use tokio_util::sync::CancellationToken;

use crate::s3::client::Client;
use crate::s3::error::ErrorKind;
use crate::s3::error::Observed;
use crate::s3::error::Operation;
use crate::s3::error::S3Error;
use crate::s3::error::unless_cancelled;

/// The most keys that S3 returns at once.
pub const PAGE: usize = 1000;

/// Is what is asked for.
#[derive(Debug, Clone, Default)]
pub struct ListRequest<'a> {
    /// The bucket's name.
    pub bucket: &'a str,
    /// What keys begin with.
    pub prefix: &'a str,
    /// With one, keys that have it after the prefix are folded into what they begin with.
    pub delimiter: Option<&'a str>,
    /// The most keys, folded ones included, to return; all of them without it.
    pub limit: Option<usize>,
}

/// Is an object as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The ETag without quotes.
    pub etag: String,
    /// The length in bytes.
    pub size: u64,
    /// When it was written, in milliseconds since 1970.
    pub last_modified: i64,
}

impl Listed {
    /// Returns a number that is another one after every write of the object, of its headers alone
    /// too: these move the time. Only tags do not.
    pub fn mark(&self) -> u64 {
        let text = format!("{} {} {}", self.etag, self.size, self.last_modified);
        crc_fast::checksum(CrcAlgorithm::Crc64Nvme, text.as_bytes())
    }
}

/// Is what was listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The objects by their key.
    pub objects: BTreeMap<String, Listed>,
    /// What keys were folded into, with the delimiter at the end.
    pub prefixes: BTreeSet<String>,
    /// Says that there is more than the limit.
    pub is_truncated: bool,
}

/// Lists the objects under a prefix.
pub async fn list_objects(
    client: &Client,
    request: &ListRequest<'_>,
    cancel: &CancellationToken,
) -> Result<Observed<Listing>, S3Error> {
    let operation = Operation::on_bucket(client, request.bucket, "listed");
    match unless_cancelled(cancel, &operation, list(client, request, &operation)).await {
        Ok(listing) => Ok(Observed::Present(listing)),
        Err(error) => match error.kind() {
            ErrorKind::Gone(gone) => Ok(Observed::Gone(gone.clone())),
            _ => Err(error),
        },
    }
}

async fn list(
    client: &Client,
    request: &ListRequest<'_>,
    operation: &Operation,
) -> Result<Listing, S3Error> {
    let mut listing = Listing::default();
    let mut token = None;
    loop {
        let left = request
            .limit
            .map_or(PAGE, |limit| limit - (listing.objects.len() + listing.prefixes.len()));
        let page = client
            .sdk()
            .list_objects_v2()
            .bucket(request.bucket)
            .set_prefix((!request.prefix.is_empty()).then(|| request.prefix.to_owned()))
            .set_delimiter(request.delimiter.map(str::to_owned))
            .max_keys(i32::try_from(left.min(PAGE)).unwrap_or(i32::MAX))
            // XML cannot carry every character that a key may have.
            .encoding_type(EncodingType::Url)
            .set_continuation_token(token)
            .send()
            .await
            .map_err(operation.failed())?;
        let decoded = |text: &str| {
            let broken = || S3Error::new(ErrorKind::Other, operation, "a key in it is not text");
            form_decode(text).ok_or_else(broken)
        };
        for object in page.contents() {
            let written = object.last_modified().and_then(|time| time.to_millis().ok());
            let listed = Listed {
                etag: object.e_tag().unwrap_or_default().trim_matches('"').to_owned(),
                size: object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
                last_modified: written.unwrap_or_default(),
            };
            listing.objects.insert(decoded(object.key().unwrap_or_default())?, listed);
        }
        for folded in page.common_prefixes() {
            listing.prefixes.insert(decoded(folded.prefix().unwrap_or_default())?);
        }
        if page.is_truncated() != Some(true) {
            return Ok(listing);
        }
        let count = listing.objects.len() + listing.prefixes.len();
        if request.limit.is_some_and(|limit| count >= limit) {
            listing.is_truncated = true;
            return Ok(listing);
        }
        token = page.next_continuation_token;
        if token.is_none() {
            let reason = "the server says that there is more, and not where it goes on";
            return Err(S3Error::new(ErrorKind::Other, operation, reason));
        }
    }
}

/// Returns text as it was before it was encoded for a form: the SDK leaves keys as they come.
fn form_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_as_forms_are() {
        for (encoded, key) in [
            ("a/b", Some("a/b")),
            ("a+b", Some("a b")),
            ("a%2Bb", Some("a+b")),
            ("%C3%a9%0a", Some("é\n")),
            ("100%25", Some("100%")),
            ("%2", None),
            ("%zz", None),
            ("%ff", None),
        ] {
            assert_eq!(form_decode(encoded).as_deref(), key, "{encoded}");
        }
    }

    #[test]
    fn a_mark_tells_every_write() {
        let listed = Listed { etag: "a".to_owned(), size: 12, last_modified: 34 };
        let marks: BTreeSet<_> = [
            listed.clone(),
            Listed { etag: "b".to_owned(), ..listed.clone() },
            Listed { size: 13, ..listed.clone() },
            Listed { last_modified: 35, ..listed.clone() },
        ]
        .iter()
        .map(Listed::mark)
        .collect();
        assert_eq!(marks.len(), 4);
        assert_eq!(listed.mark(), listed.clone().mark());
    }
}
