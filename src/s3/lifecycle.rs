//! Lifecycle rules: what MinIO keeps of them, checked and compared by what they mean.

use std::collections::BTreeSet;

use aws_lc_rs::digest;
use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::primitives::DateTimeFormat;
use aws_sdk_s3::types;

use crate::s3::checksum::hexadecimal;
use crate::s3::tags;
use crate::s3::tags::Tags;

/// Is one rule: which objects, and what happens to them.
///
/// There is no "abort incomplete uploads": MinIO accepts it and drops it silently (its server
/// removes them after a day by itself), so it would be drift for ever.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LifecycleRule {
    /// The rule's name in its bucket. When absent, one is made of the rule's content: servers make
    /// a random one, which nobody could compare.
    pub id: Option<String>,
    /// Says that the rule is followed.
    pub enabled: bool,
    /// Which objects the rule is about; all of them when everything is empty.
    pub filter: Filter,
    /// When current versions are removed.
    pub expiration: Option<Expiration>,
    /// When versions that are no longer current are removed.
    pub noncurrent_expiration: Option<NoncurrentExpiration>,
    /// When current versions move to another storage class (MinIO: a configured tier).
    pub transition: Option<Transition>,
    /// When versions that are no longer current move to another storage class.
    pub noncurrent_transition: Option<NoncurrentTransition>,
}

/// Is which objects a rule is about: those to which all of it applies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// What the key begins with; empty for every key.
    pub prefix: String,
    /// Tags that the object has.
    pub tags: Tags,
    /// Objects larger than this, in bytes.
    pub size_greater_than: Option<i64>,
    /// Objects smaller than this, in bytes.
    pub size_less_than: Option<i64>,
}

/// Is when current versions are removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expiration {
    /// So many days after they were written.
    Days(i32),
    /// From this day on, `YYYY-MM-DD` in UTC.
    Date(String),
    /// When nothing but a delete marker is left.
    DeleteMarker,
}

/// Is when old versions are removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoncurrentExpiration {
    /// So many days after they were replaced.
    pub days: i32,
    /// How many of the newest of them are kept in any case.
    pub newer_versions: Option<i32>,
}

/// Is when current versions move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// So many days after they were written.
    pub days: i32,
    /// Where to.
    pub storage_class: String,
}

/// Is when old versions move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoncurrentTransition {
    /// So many days after they were replaced.
    pub days: i32,
    /// Where to.
    pub storage_class: String,
}

/// Says what is wrong with lifecycle rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LifecycleError {
    /// One rule is not valid by itself.
    #[error("The lifecycle rule number {number} is not valid: {reason}.")]
    Rule {
        /// Which one, from 1.
        number: usize,
        /// What is wrong, as a clause.
        reason: String,
    },
    /// Two rules have the same name.
    #[error("Two lifecycle rules have the id `{id}`; each needs its own.")]
    Twice {
        /// The name.
        id: String,
    },
}

/// Checks rules by what MinIO would refuse or quietly change.
pub fn validate(rules: &[LifecycleRule]) -> Result<(), LifecycleError> {
    let mut ids = BTreeSet::new();
    for (number, rule) in (1..).zip(rules) {
        if let Some(reason) = rule.problem() {
            return Err(LifecycleError::Rule { number, reason });
        }
        let id = rule.effective_id();
        if !ids.insert(id.clone()) {
            return Err(LifecycleError::Twice { id });
        }
    }
    Ok(())
}

/// Says whether two sets of rules mean the same; their order means nothing.
pub fn same(one: &[LifecycleRule], other: &[LifecycleRule]) -> bool {
    normal(one) == normal(other)
}

fn normal(rules: &[LifecycleRule]) -> Vec<LifecycleRule> {
    let mut rules: Vec<_> = rules
        .iter()
        .map(|rule| LifecycleRule { id: Some(rule.effective_id()), ..rule.clone() })
        .collect();
    rules.sort_by(|one, other| one.id.cmp(&other.id));
    rules
}

impl LifecycleRule {
    /// Returns the rule's name, or the one that is made of its content.
    pub fn effective_id(&self) -> String {
        if let Some(id) = &self.id {
            return id.clone();
        }
        let content = format!("{:?}", Self { enabled: true, ..self.clone() });
        let hash = digest::digest(&digest::SHA256, content.as_bytes());
        format!("rule-{}", hexadecimal(hash.as_ref().get(..8).unwrap_or_default()))
    }

    fn problem(&self) -> Option<String> {
        if let Some(id) = &self.id
            && !(1..=255).contains(&id.chars().count())
        {
            return Some("its `id` must have 1 to 255 characters".to_owned());
        }
        if let Err(error) = tags::validate(&self.filter.tags) {
            return Some(error.to_string().trim_end_matches('.').to_owned());
        }
        let actions = (
            &self.expiration,
            &self.noncurrent_expiration,
            &self.transition,
            &self.noncurrent_transition,
        );
        if matches!(actions, (None, None, None, None)) {
            return Some("it says nothing about what happens to the objects".to_owned());
        }
        let expiration_days = match &self.expiration {
            Some(Expiration::Days(days)) => Some(*days),
            Some(Expiration::Date(date)) => {
                if midnight(date).is_none() {
                    return Some(format!("`{date}` is not a date of the form `2030-01-31`"));
                }
                None
            }
            Some(Expiration::DeleteMarker) | None => None,
        };
        if expiration_days
            .into_iter()
            .chain(self.noncurrent_expiration.as_ref().map(|expiration| expiration.days))
            .any(|days| days < 1)
        {
            return Some("the days until removal must be 1 or more".to_owned());
        }
        let (after, class) = match (&self.transition, &self.noncurrent_transition) {
            (Some(current), Some(old)) if current.storage_class.is_empty() => {
                (current.days.min(old.days), "")
            }
            (Some(current), Some(old)) => (current.days.min(old.days), old.storage_class.as_str()),
            (Some(current), None) => (current.days, current.storage_class.as_str()),
            (None, Some(old)) => (old.days, old.storage_class.as_str()),
            (None, None) => return None,
        };
        if after < 0 || class.is_empty() {
            return Some("a transition needs 0 days or more and a storage class".to_owned());
        }
        None
    }

    /// Returns the rule in the SDK's form.
    pub(crate) fn to_sdk(&self) -> Result<types::LifecycleRule, BuildError> {
        let status = if self.enabled {
            types::ExpirationStatus::Enabled
        } else {
            types::ExpirationStatus::Disabled
        };
        let expiration = self.expiration.as_ref().map(|expiration| {
            let builder = types::LifecycleExpiration::builder();
            match expiration {
                Expiration::Days(days) => builder.days(*days),
                Expiration::Date(date) => builder.set_date(midnight(date)),
                Expiration::DeleteMarker => builder.expired_object_delete_marker(true),
            }
            .build()
        });
        let noncurrent_expiration = self.noncurrent_expiration.as_ref().map(|expiration| {
            types::NoncurrentVersionExpiration::builder()
                .noncurrent_days(expiration.days)
                .set_newer_noncurrent_versions(expiration.newer_versions)
                .build()
        });
        let transition = self.transition.as_ref().map(|transition| {
            types::Transition::builder()
                .days(transition.days)
                .storage_class(transition.storage_class.as_str().into())
                .build()
        });
        let noncurrent_transition = self.noncurrent_transition.as_ref().map(|transition| {
            types::NoncurrentVersionTransition::builder()
                .noncurrent_days(transition.days)
                .storage_class(transition.storage_class.as_str().into())
                .build()
        });
        types::LifecycleRule::builder()
            .id(self.effective_id())
            .status(status)
            .filter(self.filter.to_sdk()?)
            .set_expiration(expiration)
            .set_noncurrent_version_expiration(noncurrent_expiration)
            .set_transitions(transition.map(|transition| vec![transition]))
            .set_noncurrent_version_transitions(
                noncurrent_transition.map(|transition| vec![transition]),
            )
            .build()
    }

    /// Returns a rule out of the SDK's form.
    pub(crate) fn from_sdk(rule: &types::LifecycleRule) -> Self {
        let expiration = rule.expiration().and_then(|expiration| {
            if let Some(days) = expiration.days() {
                return Some(Expiration::Days(days));
            }
            if let Some(date) = expiration.date() {
                let text = date.fmt(DateTimeFormat::DateTime).ok()?;
                return Some(Expiration::Date(text.chars().take(10).collect()));
            }
            (expiration.expired_object_delete_marker() == Some(true))
                .then_some(Expiration::DeleteMarker)
        });
        let noncurrent_expiration =
            rule.noncurrent_version_expiration().map(|expiration| NoncurrentExpiration {
                days: expiration.noncurrent_days().unwrap_or_default(),
                newer_versions: expiration.newer_noncurrent_versions().filter(|kept| *kept > 0),
            });
        let transition = rule.transitions().first().map(|transition| Transition {
            days: transition.days().unwrap_or_default(),
            storage_class: class_of(transition.storage_class()),
        });
        let noncurrent_transition =
            rule.noncurrent_version_transitions().first().map(|transition| NoncurrentTransition {
                days: transition.noncurrent_days().unwrap_or_default(),
                storage_class: class_of(transition.storage_class()),
            });
        Self {
            id: rule.id().map(str::to_owned),
            enabled: *rule.status() == types::ExpirationStatus::Enabled,
            filter: Filter::from_sdk(rule),
            expiration,
            noncurrent_expiration,
            transition,
            noncurrent_transition,
        }
    }
}

impl Filter {
    fn to_sdk(&self) -> Result<types::LifecycleRuleFilter, BuildError> {
        let tags = tags::to_sdk(&self.tags)?.tag_set;
        let prefix = (!self.prefix.is_empty()).then(|| self.prefix.clone());
        let conditions = usize::from(prefix.is_some())
            + tags.len()
            + usize::from(self.size_greater_than.is_some())
            + usize::from(self.size_less_than.is_some());
        let builder = types::LifecycleRuleFilter::builder();
        Ok(match conditions {
            0 => builder.prefix("").build(),
            1 => builder
                .set_prefix(prefix)
                .set_tag(tags.into_iter().next())
                .set_object_size_greater_than(self.size_greater_than)
                .set_object_size_less_than(self.size_less_than)
                .build(),
            _ => {
                let all = types::LifecycleRuleAndOperator::builder()
                    .set_prefix(prefix)
                    .set_tags((!tags.is_empty()).then_some(tags))
                    .set_object_size_greater_than(self.size_greater_than)
                    .set_object_size_less_than(self.size_less_than)
                    .build();
                builder.and(all).build()
            }
        })
    }

    /// Reads the filter in all the places where a rule may have it.
    fn from_sdk(rule: &types::LifecycleRule) -> Self {
        // Older rules have their prefix beside the filter, which the SDK marks as deprecated.
        #[allow(deprecated)]
        let old_prefix = rule.prefix();
        let filter = rule.filter();
        let all = filter.and_then(types::LifecycleRuleFilter::and);
        let prefix = filter
            .and_then(types::LifecycleRuleFilter::prefix)
            .or_else(|| all.and_then(types::LifecycleRuleAndOperator::prefix))
            .or(old_prefix)
            .unwrap_or_default();
        let mut found = Self { prefix: prefix.to_owned(), ..Self::default() };
        if let Some(filter) = filter {
            found.tags = tags::from_sdk(filter.tag().map(std::slice::from_ref).unwrap_or_default());
            found.size_greater_than = filter.object_size_greater_than();
            found.size_less_than = filter.object_size_less_than();
        }
        if let Some(all) = all {
            found.tags.append(&mut tags::from_sdk(all.tags()));
            found.size_greater_than = found.size_greater_than.or(all.object_size_greater_than());
            found.size_less_than = found.size_less_than.or(all.object_size_less_than());
        }
        // Zero is the same as not there: no object is smaller, and MinIO may write it.
        found.size_greater_than = found.size_greater_than.filter(|size| *size > 0);
        found.size_less_than = found.size_less_than.filter(|size| *size > 0);
        found
    }
}

fn class_of(class: Option<&types::TransitionStorageClass>) -> String {
    class.map(|class| class.as_str().to_owned()).unwrap_or_default()
}

/// Returns the first instant of a day in UTC: the server refuses any other.
fn midnight(date: &str) -> Option<DateTime> {
    let shape = date.len() == 10
        && date.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shape {
        return None;
    }
    DateTime::from_str(&format!("{date}T00:00:00Z"), DateTimeFormat::DateTime).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
