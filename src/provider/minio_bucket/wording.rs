//! Settings that are written in other words and mean the same: nothing to do.

use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::Bucket;
use super::LockBlock;
use super::RuleBlock;
use crate::provider::value::is_known;
use crate::s3::lifecycle;

impl Bucket {
    /// Returns the configuration with the prior state's words for what means the same.
    ///
    /// A policy that an import wrote down as the server has it, or that was only formatted anew,
    /// would be an update that does nothing. A client takes the prior value of an attribute in the
    /// place of the configured one
    /// ([rule](https://github.com/hashicorp/terraform/blob/main/docs/resource-instance-change-lifecycle.md)),
    /// so none of it is planned.
    pub(super) fn in_words_of(mut self, prior: &Self) -> Self {
        // What is wrong with them, validation has said.
        let mut ignored = Diagnostics::default();
        let settings = (self.settings(&mut ignored), prior.settings(&mut ignored));
        let (Some(planned), Some(held)) = settings else { return self };
        if planned.policy.is_some() && planned.policy == held.policy {
            self.policy.clone_from(&prior.policy);
        }
        if planned.object_lock.is_some()
            && planned.object_lock == held.object_lock
            && is_known(&self.object_lock, LockBlock::is_known)
        {
            self.object_lock.clone_from(&prior.object_lock);
        }
        if let (Some(planned), Some(held)) = (planned.lifecycle, held.lifecycle)
            && lifecycle::same(&planned, &held)
            && is_known(&self.lifecycle_rule, |rules| {
                rules.iter().all(|rule| is_known(rule, RuleBlock::is_known))
            })
        {
            self.lifecycle_rule.clone_from(&prior.lifecycle_rule);
        }
        self
    }
}

impl LockBlock {
    fn is_known(&self) -> bool {
        let Self { mode, days, years } = self;
        !(mode.is_unknown() || days.is_unknown() || years.is_unknown())
    }
}

impl RuleBlock {
    fn is_known(&self) -> bool {
        let texts = [
            &self.id,
            &self.prefix,
            &self.expiration_date,
            &self.transition_storage_class,
            &self.noncurrent_transition_storage_class,
        ];
        let numbers = [
            &self.size_greater_than,
            &self.size_less_than,
            &self.expiration_days,
            &self.noncurrent_expiration_days,
            &self.noncurrent_versions_kept,
            &self.transition_days,
            &self.noncurrent_transition_days,
            &self.abort_incomplete_multipart_upload_days,
        ];
        !texts.into_iter().any(Value::is_unknown)
            && !numbers.into_iter().any(Value::is_unknown)
            && !self.enabled.is_unknown()
            && !self.expire_delete_marker.is_unknown()
            && is_known(&self.tags, |tags| !tags.values().any(Value::is_unknown))
    }
}
