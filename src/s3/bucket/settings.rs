//! A bucket's settings: read all at once, written only where they differ.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use futures::future::BoxFuture;

use crate::s3::client::Client;
use crate::s3::error::ErrorKind;
use crate::s3::error::Operation;
use crate::s3::error::S3Error;
use crate::s3::lifecycle;
use crate::s3::lifecycle::LifecycleRule;
use crate::s3::policy::Policy;
use crate::s3::tags;
use crate::s3::tags::Tags;

/// Are settings, wanted or found. An absent one is not wanted in any way, or was not read; "none"
/// is a value of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Says that versions are kept; false is both "never" and "suspended".
    pub versioning: Option<bool>,
    /// Object lock, which a bucket gets when it is created or never.
    pub object_lock: Option<ObjectLock>,
    /// The bucket policy.
    pub policy: Option<Policy>,
    /// The lifecycle rules. Compare them with [`lifecycle::same`].
    pub lifecycle: Option<Vec<LifecycleRule>>,
    /// The bucket's tags.
    pub tags: Option<Tags>,
}

/// Is whether objects can be protected from deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectLock {
    /// They cannot.
    Disabled,
    /// They can, and new ones are by default as `retention` says.
    Enabled {
        /// The default for new objects.
        retention: Option<Retention>,
    },
}

/// Is how, and how long, new objects are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// How strictly.
    pub mode: RetentionMode,
    /// How long.
    pub period: RetentionPeriod,
}

/// Is how strict a retention is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionMode {
    /// Those with a special permission may delete.
    Governance,
    /// Nobody may.
    Compliance,
}

/// Is how long a retention lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionPeriod {
    /// Days.
    Days(i32),
    /// Years.
    Years(i32),
}

/// Are the settings to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // A set of five names, one field each.
pub struct Facets {
    /// [`Settings::versioning`].
    pub versioning: bool,
    /// [`Settings::object_lock`].
    pub object_lock: bool,
    /// [`Settings::policy`].
    pub policy: bool,
    /// [`Settings::lifecycle`].
    pub lifecycle: bool,
    /// [`Settings::tags`].
    pub tags: bool,
}

impl Facets {
    /// Everything.
    pub const ALL: Self =
        Self { versioning: true, object_lock: true, policy: true, lifecycle: true, tags: true };

    /// Returns the settings that are present in `settings`. Those that nobody manages are not
    /// read, so they need no permission either.
    pub fn of(settings: &Settings) -> Self {
        Self {
            versioning: settings.versioning.is_some(),
            object_lock: settings.object_lock.is_some(),
            policy: settings.policy.is_some(),
            lifecycle: settings.lifecycle.is_some(),
            tags: settings.tags.is_some(),
        }
    }
}

/// Reads settings, all at once.
pub(super) async fn read(
    client: &Client,
    bucket: &str,
    facets: Facets,
) -> Result<Settings, S3Error> {
    let at = Bucket { client, bucket };
    let (versioning, object_lock, policy, lifecycle, tags) = futures::try_join!(
        when(facets.versioning, at.versioning()),
        when(facets.object_lock, at.object_lock()),
        when(facets.policy, at.policy()),
        when(facets.lifecycle, at.lifecycle()),
        when(facets.tags, at.tags()),
    )?;
    Ok(Settings { versioning, object_lock, policy, lifecycle, tags })
}

fn when<'a, T: Send + 'a>(
    wanted: bool,
    reading: impl Future<Output = Result<T, S3Error>> + Send + 'a,
) -> BoxFuture<'a, Result<Option<T>, S3Error>> {
    Box::pin(async move { if wanted { reading.await.map(Some) } else { Ok(None) } })
}

/// Writes the settings that are wanted and differ from those present, and says whether there were
/// any. What would make content public comes last.
pub(super) async fn write(
    client: &Client,
    bucket: &str,
    wanted: &Settings,
    present: &Settings,
) -> Result<bool, S3Error> {
    let at = Bucket { client, bucket };
    let mut written = false;
    if let Some(lock) = &wanted.object_lock
        && wanted.object_lock != present.object_lock
    {
        at.set_object_lock(lock, present.object_lock.as_ref()).await?;
        written = true;
    }
    if let Some(versioning) = wanted.versioning
        && wanted.versioning != present.versioning
    {
        at.set_versioning(versioning).await?;
        written = true;
    }
    if let Some(rules) = &wanted.lifecycle
        && !present.lifecycle.as_ref().is_some_and(|present| lifecycle::same(rules, present))
    {
        at.set_lifecycle(rules).await?;
        written = true;
    }
    if let Some(tags) = &wanted.tags
        && wanted.tags != present.tags
    {
        at.set_tags(tags).await?;
        written = true;
    }
    if let Some(policy) = &wanted.policy
        && wanted.policy != present.policy
    {
        at.set_policy(policy).await?;
        written = true;
    }
    Ok(written)
}

/// Is the bucket whose settings are read or written.
struct Bucket<'a> {
    client: &'a Client,
    bucket: &'a str,
}

impl Bucket<'_> {
    fn sdk(&self) -> &aws_sdk_s3::Client {
        self.client.sdk()
    }

    fn on(&self, part: &'static str, participle: &'static str) -> Operation {
        Operation::on_bucket(self.client, self.bucket, participle).on_part(part, participle)
    }

    async fn versioning(&self) -> Result<bool, S3Error> {
        let request = self.sdk().get_bucket_versioning().bucket(self.bucket);
        let output = request.send().await.map_err(self.on("versioning", "read").failed())?;
        Ok(output.status() == Some(&types::BucketVersioningStatus::Enabled))
    }

    async fn set_versioning(&self, enabled: bool) -> Result<(), S3Error> {
        let status = if enabled {
            types::BucketVersioningStatus::Enabled
        } else {
            types::BucketVersioningStatus::Suspended
        };
        let configuration = types::VersioningConfiguration::builder().status(status).build();
        self.sdk()
            .put_bucket_versioning()
            .bucket(self.bucket)
            .versioning_configuration(configuration)
            .send()
            .await
            .map(|_| ())
            .map_err(self.on("versioning", "set").failed())
    }

    async fn object_lock(&self) -> Result<ObjectLock, S3Error> {
        let request = self.sdk().get_object_lock_configuration().bucket(self.bucket);
        let found = or_none(request.send().await, "ObjectLockConfigurationNotFoundError")
            .map_err(self.on("object lock", "read").failed())?;
        let Some(configuration) = found.and_then(|output| output.object_lock_configuration) else {
            return Ok(ObjectLock::Disabled);
        };
        let retention = configuration
            .rule()
            .and_then(types::ObjectLockRule::default_retention)
            .and_then(retention_from_sdk);
        Ok(ObjectLock::Enabled { retention })
    }

    async fn set_object_lock(
        &self,
        wanted: &ObjectLock,
        present: Option<&ObjectLock>,
    ) -> Result<(), S3Error> {
        let operation = self.on("object lock", "set");
        let (ObjectLock::Enabled { retention }, Some(ObjectLock::Enabled { .. })) =
            (wanted, present)
        else {
            let reason = "object lock is switched on when a bucket is created, and neither on nor \
                          off later; replace the bucket to change it";
            return Err(S3Error::new(ErrorKind::Invalid, &operation, reason));
        };
        let rule = retention.as_ref().map(|retention| {
            types::ObjectLockRule::builder().default_retention(retention_to_sdk(retention)).build()
        });
        let configuration = types::ObjectLockConfiguration::builder()
            .object_lock_enabled(types::ObjectLockEnabled::Enabled)
            .set_rule(rule)
            .build();
        self.sdk()
            .put_object_lock_configuration()
            .bucket(self.bucket)
            .object_lock_configuration(configuration)
            .send()
            .await
            .map(|_| ())
            .map_err(operation.failed())
    }

    async fn policy(&self) -> Result<Policy, S3Error> {
        let request = self.sdk().get_bucket_policy().bucket(self.bucket);
        let found = or_none(request.send().await, "NoSuchBucketPolicy")
            .map_err(self.on("policy", "read").failed())?;
        Ok(found.and_then(|output| output.policy).map_or_else(Policy::none, Policy::found))
    }

    async fn set_policy(&self, policy: &Policy) -> Result<(), S3Error> {
        let operation = self.on("policy", "set");
        if policy.is_none() {
            let request = self.sdk().delete_bucket_policy().bucket(self.bucket);
            return request.send().await.map(|_| ()).map_err(operation.failed());
        }
        let request = self.sdk().put_bucket_policy().bucket(self.bucket).policy(policy.as_str());
        request.send().await.map(|_| ()).map_err(operation.failed())
    }

    async fn lifecycle(&self) -> Result<Vec<LifecycleRule>, S3Error> {
        let request = self.sdk().get_bucket_lifecycle_configuration().bucket(self.bucket);
        let found = or_none(request.send().await, "NoSuchLifecycleConfiguration")
            .map_err(self.on("lifecycle", "read").failed())?;
        let rules =
            found.map(|output| output.rules().iter().map(LifecycleRule::from_sdk).collect());
        Ok(rules.unwrap_or_default())
    }

    async fn set_lifecycle(&self, rules: &[LifecycleRule]) -> Result<(), S3Error> {
        let operation = self.on("lifecycle", "set");
        if rules.is_empty() {
            let request = self.sdk().delete_bucket_lifecycle().bucket(self.bucket);
            return request.send().await.map(|_| ()).map_err(operation.failed());
        }
        let configuration = rules
            .iter()
            .map(LifecycleRule::to_sdk)
            .collect::<Result<Vec<_>, _>>()
            .and_then(|rules| {
                types::BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build()
            })
            .map_err(|error| S3Error::new(ErrorKind::Invalid, &operation, error.to_string()))?;
        self.sdk()
            .put_bucket_lifecycle_configuration()
            .bucket(self.bucket)
            .lifecycle_configuration(configuration)
            .send()
            .await
            .map(|_| ())
            .map_err(operation.failed())
    }

    async fn tags(&self) -> Result<Tags, S3Error> {
        let request = self.sdk().get_bucket_tagging().bucket(self.bucket);
        let found = or_none(request.send().await, "NoSuchTagSet")
            .map_err(self.on("tags", "read").failed())?;
        Ok(found.map(|output| tags::from_sdk(output.tag_set())).unwrap_or_default())
    }

    async fn set_tags(&self, wanted: &Tags) -> Result<(), S3Error> {
        let operation = self.on("tags", "set");
        if wanted.is_empty() {
            let request = self.sdk().delete_bucket_tagging().bucket(self.bucket);
            return request.send().await.map(|_| ()).map_err(operation.failed());
        }
        let tagging = tags::to_sdk(wanted)
            .map_err(|error| S3Error::new(ErrorKind::Invalid, &operation, error.to_string()))?;
        let request = self.sdk().put_bucket_tagging().bucket(self.bucket).tagging(tagging);
        request.send().await.map(|_| ()).map_err(operation.failed())
    }
}

#[allow(clippy::result_large_err)] // The SDK's own type, on its way to ours.
/// Takes the one code that says "there is none" for an answer; every other error stays one.
fn or_none<T, E>(
    result: Result<T, SdkError<E, HttpResponse>>,
    code: &str,
) -> Result<Option<T>, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match result {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.code() == Some(code) => Ok(None),
        Err(error) => Err(error),
    }
}

fn retention_to_sdk(retention: &Retention) -> types::DefaultRetention {
    let mode = match retention.mode {
        RetentionMode::Governance => types::ObjectLockRetentionMode::Governance,
        RetentionMode::Compliance => types::ObjectLockRetentionMode::Compliance,
    };
    let builder = types::DefaultRetention::builder().mode(mode);
    match retention.period {
        RetentionPeriod::Days(days) => builder.days(days),
        RetentionPeriod::Years(years) => builder.years(years),
    }
    .build()
}

fn retention_from_sdk(retention: &types::DefaultRetention) -> Option<Retention> {
    let mode = match retention.mode()? {
        types::ObjectLockRetentionMode::Compliance => RetentionMode::Compliance,
        types::ObjectLockRetentionMode::Governance => RetentionMode::Governance,
        _ => return None,
    };
    let days = retention.days().filter(|days| *days > 0).map(RetentionPeriod::Days);
    let years = retention.years().filter(|years| *years > 0).map(RetentionPeriod::Years);
    Some(Retention { mode, period: days.or(years)? })
}
