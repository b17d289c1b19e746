//! Emptying a bucket: every version of every object.

use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::types::Delete;
use aws_sdk_s3::types::ObjectIdentifier;

use crate::s3::client::Client;
use crate::s3::error::ErrorKind;
use crate::s3::error::Operation;
use crate::s3::error::S3Error;

/// Is one version of one object.
#[derive(Hash)]
struct Version {
    key: String,
    version_id: Option<String>,
}

/// Removes every version of every object, and every delete marker, that the server lists, a page
/// of a thousand at a time, and returns a hash of what was listed.
///
/// Retention is not bypassed: what object lock protects makes this fail, after everything else is
/// gone.
pub(super) async fn empty(
    client: &Client,
    bucket: &str,
    operation: &Operation,
) -> Result<u64, S3Error> {
    let mut listed = DefaultHasher::new();
    let mut refused: Option<S3Error> = None;
    let mut key_marker = None;
    let mut version_marker = None;
    loop {
        let page = client
            .sdk()
            .list_object_versions()
            .bucket(bucket)
            .set_key_marker(key_marker)
            .set_version_id_marker(version_marker)
            .send()
            .await
            .map_err(operation.on_part("content", "listed").failed())?;
        let objects = page.versions().iter().map(|version| (version.key(), version.version_id()));
        let markers =
            page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
        // XML cannot carry most control characters, so such keys go one by one, in the address.
        let (batch, odd): (Vec<_>, Vec<_>) = objects
            .chain(markers)
            .filter_map(|(key, version_id)| {
                let version_id = version_id.filter(|id| !id.is_empty()).map(str::to_owned);
                Some(Version { key: key?.to_owned(), version_id })
            })
            .partition(|version| !version.key.chars().any(char::is_control));
        (&batch, &odd).hash(&mut listed);
        for version in odd {
            if let Err(error) = delete_one(client, bucket, version, operation).await {
                refused.get_or_insert(error);
            }
        }
        if let Err(error) = delete_batch(client, bucket, &batch, operation).await? {
            refused.get_or_insert(error);
        }
        if page.is_truncated() != Some(true) {
            return refused.map_or(Ok(listed.finish()), Err);
        }
        key_marker = page.next_key_marker;
        version_marker = page.next_version_id_marker;
    }
}

/// Returns the error that names something of what a bucket still holds, or nothing if that cannot
/// be found out.
pub(super) async fn not_empty(
    client: &Client,
    bucket: &str,
    operation: &Operation,
) -> Option<S3Error> {
    let page = client.sdk().list_object_versions().bucket(bucket).max_keys(2).send().await.ok()?;
    let object = page.versions().first().and_then(|version| version.key());
    let marker = page.delete_markers().first().and_then(|marker| marker.key());
    let (what, key) = match (object, marker) {
        (Some(key), _) => ("", key),
        (None, Some(key)) => ("the delete marker of ", key),
        (None, None) => return None,
    };
    let more = page.versions().len() + page.delete_markers().len() > 1;
    let more = if more { " and more" } else { "" };
    let reason = format!("the bucket is not empty; it holds {what}`{}`{more}", key.escape_debug());
    Some(S3Error::new(ErrorKind::NotEmpty, operation, reason))
}

/// Deletes up to a thousand versions in one request; what the server refuses of them is the inner
/// error.
async fn delete_batch(
    client: &Client,
    bucket: &str,
    versions: &[Version],
    operation: &Operation,
) -> Result<Result<(), S3Error>, S3Error> {
    if versions.is_empty() {
        return Ok(Ok(()));
    }
    let delete = batch(versions)
        .map_err(|error| S3Error::new(ErrorKind::Invalid, operation, error.to_string()))?;
    let operation = operation.on_part("content", "deleted");
    let request = client.sdk().delete_objects().bucket(bucket).delete(delete);
    let output = request.send().await.map_err(operation.failed())?;
    let Some(first) = output.errors().first() else { return Ok(Ok(())) };
    let (code, message) = (first.code().unwrap_or("no code"), first.message().unwrap_or_default());
    let locked = message.contains("WORM protected") || code == "ObjectLocked";
    let kind = match code {
        _ if locked => ErrorKind::Locked,
        "AccessDenied" => ErrorKind::Denied,
        _ => ErrorKind::Other,
    };
    let reason = format!(
        "the server refuses to delete {} of {} versions, `{}` first ({code}: {})",
        output.errors().len(),
        versions.len(),
        first.key().unwrap_or_default().escape_debug(),
        message.trim_end_matches('.'),
    );
    Ok(Err(S3Error::new(kind, &operation, reason)))
}

fn batch(versions: &[Version]) -> Result<Delete, BuildError> {
    let mut delete = Delete::builder().quiet(true);
    for version in versions {
        let identifier = ObjectIdentifier::builder()
            .key(&version.key)
            .set_version_id(version.version_id.clone())
            .build()?;
        delete = delete.objects(identifier);
    }
    delete.build()
}

async fn delete_one(
    client: &Client,
    bucket: &str,
    version: Version,
    operation: &Operation,
) -> Result<(), S3Error> {
    let request = client.sdk().delete_object().bucket(bucket).key(version.key);
    let request = request.set_version_id(version.version_id);
    let operation = operation.on_part("content", "deleted");
    request.send().await.map(|_| ()).map_err(operation.failed())
}
