//! Objects removed, a thousand in each request.

use aws_sdk_s3::types::Delete;
use aws_sdk_s3::types::ObjectIdentifier;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use super::concerns_all;
use crate::s3::client::Client;
use crate::s3::error::ErrorKind;
use crate::s3::error::Gone;
use crate::s3::error::Operation;
use crate::s3::error::S3Error;
use crate::s3::error::unless_cancelled;

/// The most keys that S3 takes at once.
const BATCH: usize = 1000;

/// Removes objects of a bucket. One that is not there is fine; in a bucket with versions, a delete
/// marker is left, and older versions are kept.
///
/// The caller has made sure that they are what it believes: a delete takes no condition on MinIO.
pub async fn remove_objects(
    client: &Client,
    bucket: &str,
    keys: impl IntoIterator<Item = String>,
    cancel: &CancellationToken,
) -> Outcome<()> {
    let mut outcome = Outcome::new();
    // XML cannot carry most control characters, so such keys go one by one, in the address.
    let (odd, plain): (Vec<_>, Vec<_>) =
        keys.into_iter().partition(|key| key.chars().any(char::is_control));
    let mut is_hopeless = false;
    for batch in plain.chunks(BATCH) {
        if is_hopeless {
            outcome.untried += batch.len();
            continue;
        }
        let operation = Operation::on_bucket(client, bucket, "emptied of objects");
        let removing = remove_batch(client, bucket, batch, &operation);
        match unless_cancelled(cancel, &operation, removing).await {
            Ok(refused) => {
                outcome.done.extend(batch.iter().map(|key| (key.clone(), ())));
                for (key, error) in refused {
                    outcome.done.remove(&key);
                    outcome.failed.insert(key, error);
                }
            }
            Err(error) => {
                is_hopeless = concerns_all(&error);
                outcome.untried += batch.len().saturating_sub(1);
                outcome.failed.extend(batch.first().cloned().map(|key| (key, error)));
            }
        }
    }
    for key in odd {
        if is_hopeless {
            outcome.untried += 1;
            continue;
        }
        let operation = Operation::on_object(client, bucket, &key, "deleted");
        let removing = async {
            let request = client.sdk().delete_object().bucket(bucket).key(&key);
            request.send().await.map(|_| ()).map_err(operation.failed())
        };
        match unless_cancelled(cancel, &operation, removing).await {
            Err(error) if *error.kind() != ErrorKind::Gone(Gone::Key) => {
                is_hopeless = concerns_all(&error);
                outcome.failed.insert(key, error);
            }
            _ => {
                outcome.done.insert(key, ());
            }
        }
    }
    outcome
}

/// Removes up to a thousand objects, and returns those that the server refuses to.
async fn remove_batch(
    client: &Client,
    bucket: &str,
    keys: &[String],
    operation: &Operation,
) -> Result<Vec<(String, S3Error)>, S3Error> {
    let identifiers: Result<Vec<_>, _> =
        keys.iter().map(|key| ObjectIdentifier::builder().key(key).build()).collect();
    let delete = identifiers
        .and_then(|all| Delete::builder().quiet(true).set_objects(Some(all)).build())
        .map_err(|error| S3Error::new(ErrorKind::Invalid, operation, error.to_string()))?;
    let request = client.sdk().delete_objects().bucket(bucket).delete(delete);
    let output = request.send().await.map_err(operation.failed())?;
    let refused = output.errors().iter().map(|refused| {
        let key = refused.key().unwrap_or_default().to_owned();
        let code = refused.code().unwrap_or("no code");
        let message = refused.message().unwrap_or_default().trim_end_matches('.');
        let kind = match code {
            _ if message.contains("WORM protected") || code == "ObjectLocked" => ErrorKind::Locked,
            "AccessDenied" => ErrorKind::Denied,
            _ => ErrorKind::Other,
        };
        let operation = Operation::on_object(client, bucket, &key, "deleted");
        let error =
            S3Error::new(kind, &operation, format!("the server refuses ({code}: {message})"));
        (key, error)
    });
    Ok(refused.collect())
}
