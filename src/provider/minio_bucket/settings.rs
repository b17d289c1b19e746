//! Between the attributes of a bucket and the S3 layer's settings.

use std::collections::BTreeMap;

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::Bucket;
use super::LockBlock;
use super::RuleBlock;
use crate::plugin::diagnostics::Report;
use crate::provider::connection::validate_endpoint;
use crate::provider::value::known;
use crate::provider::value::known_texts;
use crate::provider::value::or_null;
use crate::s3::bucket::BucketSpec;
use crate::s3::bucket::BucketState;
use crate::s3::bucket::Facets;
use crate::s3::bucket::ObjectLock;
use crate::s3::bucket::Retention;
use crate::s3::bucket::RetentionMode;
use crate::s3::bucket::RetentionPeriod;
use crate::s3::bucket::Settings;
use crate::s3::lifecycle;
use crate::s3::lifecycle::Expiration;
use crate::s3::lifecycle::Filter;
use crate::s3::lifecycle::LifecycleRule;
use crate::s3::lifecycle::NoncurrentExpiration;
use crate::s3::lifecycle::NoncurrentTransition;
use crate::s3::lifecycle::Transition;
use crate::s3::policy::Policy;
use crate::s3::tags::Tags;

impl Bucket {
    /// Checks what can be checked without the server. Unknown values are not looked at.
    pub(super) fn validate(&self, found: &mut Diagnostics) {
        validate_endpoint(found, &self.stack, &self.endpoint);
        if let Value::Value(text) = &self.policy
            && let Err(error) = Policy::parse(text)
        {
            found.report_error(
                AttributePath::new("policy"),
                "Bucket policy is not valid.",
                error.to_string(),
            );
            return;
        }
        if let Value::Value(name) = &self.bucket {
            let Some(settings) = self.settings(found) else { return };
            let spec = BucketSpec { bucket: name.clone(), settings };
            if let Err(error) = spec.validate() {
                use crate::s3::bucket::BucketSpecError;
                let at = match &error {
                    BucketSpecError::Name(_) => "bucket",
                    BucketSpecError::Lifecycle(_) => "lifecycle_rule",
                    BucketSpecError::Tags(_) => "tags",
                    BucketSpecError::LockNeedsVersions => "versioning",
                    BucketSpecError::Retention => "object_lock",
                };
                found.report_error(
                    AttributePath::new(at),
                    "The bucket's configuration is not valid.",
                    error.to_string(),
                );
            }
        }
    }

    /// Returns what the bucket should be. A setting that the prior state managed
    /// and the plan does not is taken away.
    pub(super) fn spec(&self, found: &mut Diagnostics, prior: Option<&Self>) -> Option<BucketSpec> {
        let Value::Value(bucket) = &self.bucket else {
            found.report_error(AttributePath::new("bucket"), "The bucket has no name.", "");
            return None;
        };
        let mut settings = self.settings(found)?;
        if let Some(prior) = prior {
            if settings.versioning.is_none() && !prior.versioning.is_null() {
                // Object lock keeps versioning on.
                settings.versioning = self.object_lock.is_null().then_some(false);
            }
            if settings.policy.is_none() && !prior.policy.is_null() {
                settings.policy = Some(Policy::none());
            }
            if settings.lifecycle.is_none() && !prior.lifecycle_rule.is_null() {
                settings.lifecycle = Some(Vec::new());
            }
            if settings.tags.is_none() && !prior.tags.is_null() {
                settings.tags = Some(Tags::new());
            }
        }
        Some(BucketSpec { bucket: bucket.clone(), settings })
    }

    /// Returns which settings the state manages.
    pub(super) fn managed(&self) -> Facets {
        Facets {
            versioning: !self.versioning.is_null(),
            object_lock: !self.object_lock.is_null(),
            policy: !self.policy.is_null(),
            lifecycle: !self.lifecycle_rule.is_null(),
            tags: !self.tags.is_null(),
        }
    }

    pub(super) fn settings(&self, found: &mut Diagnostics) -> Option<Settings> {
        let policy = match &self.policy {
            Value::Value(text) => match Policy::parse(text) {
                Ok(policy) => Some(policy),
                Err(error) => {
                    let at = AttributePath::new("policy");
                    found.report_error(at, "Bucket policy is not valid.", error.to_string());
                    return None;
                }
            },
            _ => None,
        };
        Some(Settings {
            versioning: known(&self.versioning),
            object_lock: match &self.object_lock {
                Value::Value(lock) => Some(lock.to_setting(found)?),
                _ => None,
            },
            policy,
            lifecycle: match &self.lifecycle_rule {
                Value::Value(rules) => Some(
                    rules
                        .iter()
                        .filter_map(known)
                        .enumerate()
                        .map(|(index, rule)| rule.to_setting(found, index))
                        .collect::<Option<_>>()?,
                ),
                _ => None,
            },
            tags: known_texts(&self.tags),
        })
    }

    /// Returns the state with what the server says in the place of what it held;
    /// what means the same keeps the user's spelling.
    pub(super) fn with_observed(self, observed: &BucketState) -> Self {
        let held = self.settings(&mut Diagnostics::default()).unwrap_or_default();
        let observed = &observed.settings;
        let mut state = self;
        if observed.versioning.is_some() {
            state.versioning = or_null(observed.versioning);
        }
        if observed.object_lock.is_some() && observed.object_lock != held.object_lock {
            state.object_lock = lock_block(observed.object_lock.as_ref());
        }
        if observed.policy.is_some() && observed.policy != held.policy {
            state.policy = policy_text(observed.policy.as_ref());
        }
        if let Some(rules) = &observed.lifecycle {
            let same = held.lifecycle.is_some_and(|held| lifecycle::same(&held, rules));
            if !same {
                state.lifecycle_rule = rule_blocks(rules);
            }
        }
        if observed.tags.is_some() && observed.tags != held.tags {
            state.tags = tag_map(observed.tags.as_ref());
        }
        state
    }

    /// Returns a bucket of which nothing is known yet but where it is.
    pub(super) fn named(stack: Value<String>, bucket: Value<String>) -> Self {
        Self {
            stack,
            endpoint: Value::Null,
            bucket,
            versioning: Value::Null,
            object_lock: Value::Null,
            policy: Value::Null,
            lifecycle_rule: Value::Null,
            tags: Value::Null,
            force_destroy: Value::Null,
            adopt_existing: Value::Null,
            id: Value::Null,
        }
    }

    /// Returns the state of a bucket that exists; settings that it does not have
    /// are left out.
    pub(super) fn imported(self, observed: &BucketState) -> Self {
        let observed = &observed.settings;
        let rules = observed.lifecycle.as_deref().filter(|rules| !rules.is_empty());
        Self {
            id: self.bucket.clone(),
            versioning: or_null(observed.versioning.filter(|enabled| *enabled)),
            object_lock: lock_block(observed.object_lock.as_ref()),
            policy: policy_text(observed.policy.as_ref()),
            lifecycle_rule: rules.map_or(Value::Null, rule_blocks),
            tags: tag_map(observed.tags.as_ref().filter(|tags| !tags.is_empty())),
            ..self
        }
    }
}

impl LockBlock {
    fn to_setting(&self, found: &mut Diagnostics) -> Option<ObjectLock> {
        let mut refuse = |text: &str| {
            let at = AttributePath::new("object_lock");
            found.report_error(at, "Object lock is not valid.", text);
        };
        let period = match (known(&self.days), known(&self.years)) {
            (None, None) => None,
            (Some(days), None) => Some(RetentionPeriod::Days(small(days))),
            (None, Some(years)) => Some(RetentionPeriod::Years(small(years))),
            (Some(_), Some(_)) => {
                refuse("Set `days` or `years`, not both.");
                return None;
            }
        };
        let mode = match known(&self.mode).as_deref() {
            None => None,
            Some("GOVERNANCE") => Some(RetentionMode::Governance),
            Some("COMPLIANCE") => Some(RetentionMode::Compliance),
            Some(_) => {
                refuse("`mode` is `GOVERNANCE` or `COMPLIANCE`.");
                return None;
            }
        };
        match (mode, period) {
            (None, None) => Some(ObjectLock::Enabled { retention: None }),
            (Some(mode), Some(period)) => {
                Some(ObjectLock::Enabled { retention: Some(Retention { mode, period }) })
            }
            _ => {
                refuse("A default retention needs `mode` and one of `days` and `years`.");
                None
            }
        }
    }
}

fn lock_block(lock: Option<&ObjectLock>) -> Value<LockBlock> {
    let Some(ObjectLock::Enabled { retention }) = lock else { return Value::Null };
    let mode = retention.as_ref().map(|retention| match retention.mode {
        RetentionMode::Governance => "GOVERNANCE".to_owned(),
        RetentionMode::Compliance => "COMPLIANCE".to_owned(),
    });
    let (days, years) = match retention.as_ref().map(|retention| retention.period) {
        Some(RetentionPeriod::Days(days)) => (Some(i64::from(days)), None),
        Some(RetentionPeriod::Years(years)) => (None, Some(i64::from(years))),
        None => (None, None),
    };
    Value::Value(LockBlock { mode: or_null(mode), days: or_null(days), years: or_null(years) })
}

impl RuleBlock {
    fn to_setting(&self, found: &mut Diagnostics, index: usize) -> Option<LifecycleRule> {
        let mut refuse = |text: &str| {
            let at = AttributePath::new("lifecycle_rule").index(i64::try_from(index).unwrap_or(0));
            found.report_error(at, "A lifecycle rule is not valid.", text);
        };
        // Clients drop what an object's type does not know without a word, and MinIO drops this
        // without a word, so it has to be known here to be refused.
        if !self.abort_incomplete_multipart_upload_days.is_null() {
            refuse(
                "MinIO does not keep `abort_incomplete_multipart_upload_days`. It removes what was \
                 left for a day by itself (its setting `api stale_uploads_expiry`), and an upload \
                 of this provider removes what an earlier one left under its key.",
            );
            return None;
        }
        let marker = known(&self.expire_delete_marker)
            .filter(|marker| *marker)
            .map(|_| Expiration::DeleteMarker);
        let expirations: Vec<_> = [
            known(&self.expiration_days).map(|days| Expiration::Days(small(days))),
            known(&self.expiration_date).map(Expiration::Date),
            marker,
        ]
        .into_iter()
        .flatten()
        .collect();
        if expirations.len() > 1 {
            refuse("Set one of `expiration_days`, `expiration_date` and `expire_delete_marker`.");
            return None;
        }
        let mut pair = |days: Option<i64>, class: Option<String>, names: &str| match (days, class) {
            (None, None) => Some(None),
            (Some(days), Some(class)) => Some(Some((small(days), class))),
            _ => {
                refuse(&format!("{names} belong together: set both or none."));
                None
            }
        };
        let transition = pair(
            known(&self.transition_days),
            known(&self.transition_storage_class),
            "`transition_days` and `transition_storage_class`",
        )?;
        let noncurrent_transition = pair(
            known(&self.noncurrent_transition_days),
            known(&self.noncurrent_transition_storage_class),
            "`noncurrent_transition_days` and `noncurrent_transition_storage_class`",
        )?;
        Some(LifecycleRule {
            id: known(&self.id),
            enabled: known(&self.enabled).unwrap_or(true),
            filter: Filter {
                prefix: known(&self.prefix).unwrap_or_default(),
                tags: known_texts(&self.tags).unwrap_or_default(),
                size_greater_than: known(&self.size_greater_than),
                size_less_than: known(&self.size_less_than),
            },
            expiration: expirations.into_iter().next(),
            noncurrent_expiration: known(&self.noncurrent_expiration_days).map(|days| {
                NoncurrentExpiration {
                    days: small(days),
                    newer_versions: known(&self.noncurrent_versions_kept).map(small),
                }
            }),
            transition: transition.map(|(days, storage_class)| Transition { days, storage_class }),
            noncurrent_transition: noncurrent_transition
                .map(|(days, storage_class)| NoncurrentTransition { days, storage_class }),
        })
    }
}

fn rule_blocks(rules: &[LifecycleRule]) -> Value<Vec<Value<RuleBlock>>> {
    let number = |days: i32| Value::Value(i64::from(days));
    let block = |rule: &LifecycleRule| {
        let expiration = rule.expiration.as_ref();
        let noncurrent = rule.noncurrent_expiration.as_ref();
        let transition = rule.transition.as_ref();
        let noncurrent_transition = rule.noncurrent_transition.as_ref();
        Value::Value(RuleBlock {
            id: or_null(rule.id.clone()),
            enabled: Value::Value(rule.enabled),
            prefix: or_null(Some(rule.filter.prefix.clone()).filter(|prefix| !prefix.is_empty())),
            tags: tag_map(Some(&rule.filter.tags).filter(|tags| !tags.is_empty())),
            size_greater_than: or_null(rule.filter.size_greater_than),
            size_less_than: or_null(rule.filter.size_less_than),
            expiration_days: match expiration {
                Some(Expiration::Days(days)) => number(*days),
                _ => Value::Null,
            },
            expiration_date: match expiration {
                Some(Expiration::Date(date)) => Value::Value(date.clone()),
                _ => Value::Null,
            },
            expire_delete_marker: match expiration {
                Some(Expiration::DeleteMarker) => Value::Value(true),
                _ => Value::Null,
            },
            noncurrent_expiration_days: noncurrent.map_or(Value::Null, |rule| number(rule.days)),
            noncurrent_versions_kept: noncurrent
                .and_then(|rule| rule.newer_versions)
                .map_or(Value::Null, number),
            transition_days: transition.map_or(Value::Null, |rule| number(rule.days)),
            transition_storage_class: or_null(transition.map(|rule| rule.storage_class.clone())),
            noncurrent_transition_days: noncurrent_transition
                .map_or(Value::Null, |rule| number(rule.days)),
            noncurrent_transition_storage_class: or_null(
                noncurrent_transition.map(|rule| rule.storage_class.clone()),
            ),
            abort_incomplete_multipart_upload_days: Value::Null,
        })
    };
    Value::Value(rules.iter().map(block).collect())
}

fn policy_text(policy: Option<&Policy>) -> Value<String> {
    or_null(policy.filter(|policy| !policy.is_none()).map(|policy| policy.as_str().to_owned()))
}

fn tag_map(tags: Option<&Tags>) -> Value<BTreeMap<String, Value<String>>> {
    tags.map_or(Value::Null, |tags| {
        Value::Value(
            tags.iter().map(|(name, text)| (name.clone(), Value::Value(text.clone()))).collect(),
        )
    })
}

/// Returns a number as S3 takes it; what does not fit becomes one that is refused.
fn small(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(-1)
}
