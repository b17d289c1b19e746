//! One bucket: made to exist with the wanted settings, read back, removed.

mod empty;
mod settings;

use aws_sdk_s3::types::BucketLocationConstraint;
use aws_sdk_s3::types::CreateBucketConfiguration;
use tokio_util::sync::CancellationToken;

pub use crate::s3::bucket::settings::Facets;
pub use crate::s3::bucket::settings::ObjectLock;
pub use crate::s3::bucket::settings::Retention;
pub use crate::s3::bucket::settings::RetentionMode;
pub use crate::s3::bucket::settings::RetentionPeriod;
pub use crate::s3::bucket::settings::Settings;
use crate::s3::client::Client;
use crate::s3::error::ErrorKind;
use crate::s3::error::Gone;
use crate::s3::error::Observed;
use crate::s3::error::Operation;
use crate::s3::error::S3Error;
use crate::s3::error::is_unexplained;
use crate::s3::error::unless_cancelled;
use crate::s3::key;
use crate::s3::lifecycle;
use crate::s3::tags;

/// Is what a bucket should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketSpec {
    /// The bucket's name.
    pub bucket: String,
    /// Its settings; those that are absent stay as they are.
    pub settings: Settings,
}

/// Is what a bucket is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketState {
    /// The settings that were asked for; the others are absent.
    pub settings: Settings,
}

/// Says what in a [`BucketSpec`] no server would take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BucketSpecError {
    /// The name.
    #[error(transparent)]
    Name(#[from] key::BucketNameError),
    /// The lifecycle rules.
    #[error(transparent)]
    Lifecycle(#[from] lifecycle::LifecycleError),
    /// The tags.
    #[error(transparent)]
    Tags(#[from] tags::TagError),
    /// Object lock without versions.
    #[error("Object lock keeps versions, so `versioning` cannot be false with it.")]
    LockNeedsVersions,
    /// A retention of no time.
    #[error("The default retention must be 1 day or 1 year, or more.")]
    Retention,
}

impl BucketSpec {
    /// Checks everything that can be checked without the server.
    pub fn validate(&self) -> Result<(), BucketSpecError> {
        key::validate_bucket(&self.bucket)?;
        self.settings.lifecycle.as_deref().map_or(Ok(()), lifecycle::validate)?;
        self.settings.tags.as_ref().map_or(Ok(()), tags::validate)?;
        let Some(ObjectLock::Enabled { retention }) = &self.settings.object_lock else {
            return Ok(());
        };
        if self.settings.versioning == Some(false) {
            return Err(BucketSpecError::LockNeedsVersions);
        }
        match retention.as_ref().map(|retention| &retention.period) {
            Some(RetentionPeriod::Days(1..) | RetentionPeriod::Years(1..)) | None => Ok(()),
            Some(_) => Err(BucketSpecError::Retention),
        }
    }
}

/// Makes the bucket exist and its settings equal: [`create_bucket`], then [`apply_settings`].
pub async fn ensure_bucket(
    client: &Client,
    spec: &BucketSpec,
    adopt_existing: bool,
    cancel: &CancellationToken,
) -> Result<BucketState, S3Error> {
    create_bucket(client, spec, adopt_existing, cancel).await?;
    apply_settings(client, spec, cancel).await
}

/// Makes the bucket exist. One that is there already is an error unless `adopt_existing` says to
/// take it over (as every update does).
///
/// Apart from [`apply_settings`], so that a caller knows that a bucket is there when only its
/// settings fail.
pub async fn create_bucket(
    client: &Client,
    spec: &BucketSpec,
    adopt_existing: bool,
    cancel: &CancellationToken,
) -> Result<(), S3Error> {
    let operation = Operation::on_bucket(client, &spec.bucket, "created");
    spec.validate().map_err(|error| {
        let text = error.to_string();
        S3Error::new(ErrorKind::Invalid, &operation, text.trim_end_matches('.'))
    })?;
    unless_cancelled(cancel, &operation, async {
        if exists(client, &spec.bucket, &operation).await? {
            return if adopt_existing {
                Ok(())
            } else {
                Err(S3Error::new(ErrorKind::Exists, &operation, "it exists already"))
            };
        }
        // `us-east-1` is the one region that must not be named.
        let place = client.region().filter(|region| *region != "us-east-1").map(|region| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region))
                .build()
        });
        let lock = matches!(spec.settings.object_lock, Some(ObjectLock::Enabled { .. }));
        let request = client
            .sdk()
            .create_bucket()
            .bucket(&spec.bucket)
            .set_create_bucket_configuration(place)
            .set_object_lock_enabled_for_bucket(lock.then_some(true));
        match request.send().await.map_err(operation.failed()) {
            // Somebody else made it in between.
            Err(error) if *error.kind() == ErrorKind::Exists && adopt_existing => Ok(()),
            other => other.map(|_| ()),
        }
    })
    .await
}

/// Makes the settings of a bucket that exists equal, writing only those that differ, and returns
/// them as read back.
pub async fn apply_settings(
    client: &Client,
    spec: &BucketSpec,
    cancel: &CancellationToken,
) -> Result<BucketState, S3Error> {
    let operation = Operation::on_bucket(client, &spec.bucket, "configured");
    unless_cancelled(cancel, &operation, async {
        let facets = Facets::of(&spec.settings);
        let present = settings::read(client, &spec.bucket, facets).await?;
        if settings::write(client, &spec.bucket, &spec.settings, &present).await? {
            let settings = settings::read(client, &spec.bucket, facets).await?;
            return Ok(BucketState { settings });
        }
        Ok(BucketState { settings: present })
    })
    .await
}

/// Reads whether the bucket exists, and those settings that `facets` names, all at once.
pub async fn observe_bucket(
    client: &Client,
    bucket: &str,
    facets: Facets,
    cancel: &CancellationToken,
) -> Result<Observed<BucketState>, S3Error> {
    let operation = Operation::on_bucket(client, bucket, "read");
    unless_cancelled(cancel, &operation, async {
        if !exists(client, bucket, &operation).await? {
            return Ok(Observed::Gone(Gone::Bucket));
        }
        match settings::read(client, bucket, facets).await {
            Ok(settings) => Ok(Observed::Present(BucketState { settings })),
            // Deleted between the requests.
            Err(error) => match error.kind() {
                ErrorKind::Gone(Gone::Bucket) => Ok(Observed::Gone(Gone::Bucket)),
                _ => Err(error),
            },
        }
    })
    .await
}

/// Removes the bucket. With `force_destroy` everything in it goes first, all versions included;
/// without, a bucket that holds anything is an error. One that is gone already is fine.
pub async fn remove_bucket(
    client: &Client,
    bucket: &str,
    force_destroy: bool,
    cancel: &CancellationToken,
) -> Result<(), S3Error> {
    let operation = Operation::on_bucket(client, bucket, "deleted");
    unless_cancelled(cancel, &operation, async {
        let mut listed = None;
        loop {
            let before = listed.take();
            if force_destroy {
                match empty::empty(client, bucket, &operation).await {
                    Err(error) if *error.kind() == ErrorKind::Gone(Gone::Bucket) => return Ok(()),
                    other => listed = Some(other?),
                }
            }
            match delete(client, bucket, &operation).await {
                // MinIO does not list `a/b` while there is an object `a`, so what was hidden shows
                // once something is gone. What is listed again the same cannot be removed.
                Err(error) if *error.kind() == ErrorKind::NotEmpty && listed != before => {}
                Err(error) if *error.kind() == ErrorKind::NotEmpty => {
                    let named = empty::not_empty(client, bucket, &operation).await;
                    return Err(named.unwrap_or(error));
                }
                other => return other,
            }
        }
    })
    .await
}

async fn delete(client: &Client, bucket: &str, operation: &Operation) -> Result<(), S3Error> {
    let deleted = client.sdk().delete_bucket().bucket(bucket).send().await;
    match deleted.map_err(operation.failed()) {
        Err(error) if *error.kind() == ErrorKind::Gone(Gone::Bucket) => Ok(()),
        other => other.map(|_| ()),
    }
}

/// Asks with `HEAD`, and where that does not say why it fails, for the bucket's location.
async fn exists(client: &Client, bucket: &str, operation: &Operation) -> Result<bool, S3Error> {
    let request = || client.sdk().head_bucket().bucket(bucket).send();
    let failed = match request().await {
        Ok(_) => return Ok(true),
        Err(error) if is_unexplained(&error) => {
            let probe = client.sdk().get_bucket_location().bucket(bucket).send().await;
            match probe.map_err(operation.failed()) {
                Err(error) => error,
                Ok(_) => match request().await.map_err(operation.failed()) {
                    Ok(_) => return Ok(true),
                    Err(error) => error,
                },
            }
        }
        Err(error) => operation.failed()(error),
    };
    if *failed.kind() == ErrorKind::Gone(Gone::Bucket) { Ok(false) } else { Err(failed) }
}
