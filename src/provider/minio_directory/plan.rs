//! What is to be done.

use std::collections::BTreeMap;

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::Look;
use super::MinioDirectory;
use super::private::Private;
use super::scan::Scan;
use super::state::Directory;
use crate::plugin::diagnostics::Report;

/// How many keys a warning lists; the rest is counted.
const SHOWN: usize = 5;

impl MinioDirectory {
    pub(super) async fn plan_first(
        &self,
        found: &mut Diagnostics,
        config: Directory,
    ) -> Option<(Directory, Private)> {
        let mut planned = config;
        let mut private = Private::default();
        match planned.scan(found, &private, self.context.stop()).await? {
            Scan::Planned { objects, files } => {
                if planned.deletes_extra() {
                    self.warn_of_extra(found, &planned, &objects).await;
                }
                private = private.with_files(files);
                planned = planned.with_objects(objects);
            }
            Scan::AfterApply => planned.objects = Value::Unknown,
            Scan::Nothing(why) => {
                found.report_error(
                    AttributePath::new("source"),
                    "There is nothing to upload.",
                    format!(
                        "{why}\nHint: a relative path is looked up from where Terraform runs; \
                         `${{path.module}}/...` begins at the module."
                    ),
                );
                return None;
            }
        }
        planned.fingerprint = Value::Unknown;
        Some((planned, private))
    }

    pub(super) async fn plan_next(
        &self,
        found: &mut Diagnostics,
        prior: Directory,
        config: Directory,
        private: Private,
    ) -> Option<(Directory, Private, Vec<AttributePath>)> {
        let mut planned = config;
        let mut replace = Vec::new();
        if planned.bucket != prior.bucket {
            replace.push(AttributePath::new("bucket"));
        }
        if planned.key_prefix() != prior.key_prefix() {
            replace.push(AttributePath::new("prefix"));
        }
        let mut kept = private.clone();
        match planned.scan(found, &private, self.context.stop()).await? {
            Scan::AfterApply => planned.objects = Value::Unknown,
            Scan::Planned { objects, files } => {
                kept = kept.with_files(files);
                match (prior.deletes_extra(), planned.deletes_extra()) {
                    (false, true) => self.warn_of_extra(found, &planned, &objects).await,
                    (true, false) => warn_of_kept(found, &prior, &private),
                    _ => {}
                }
                planned = planned.with_objects(objects);
            }
            Scan::Nothing(why)
                if planned.source == prior.source
                    && planned.stack == prior.stack
                    && replace.is_empty() =>
            {
                // An error would also keep the directory from being destroyed; and what is not
                // there, after a build that failed, is no order to take a site down.
                found.report_warning(
                    AttributePath::new("source"),
                    format!("Directory {} is left as it is.", planned.display()),
                    format!("{why} Nothing is uploaded or removed until that changes."),
                );
                planned.objects = prior.objects.clone();
                planned.fingerprint = prior.fingerprint.clone();
            }
            Scan::Nothing(why) => {
                found.report_error(
                    AttributePath::new("source"),
                    "There is nothing to upload.",
                    format!("{why}\nHint: to remove all objects, remove the resource."),
                );
                return None;
            }
        }
        let changed = !replace.is_empty()
            || planned.stack != prior.stack
            || planned.objects != prior.objects
            || (planned.deletes_extra() && !prior.deletes_extra())
            || self.is_other(&prior, &private).await;
        planned.fingerprint = if changed { Value::Unknown } else { prior.fingerprint };
        Some((planned, kept, replace))
    }

    /// Looks whether a directory that is planned to stay is not there any more, or is another
    /// one: its stack may have been replaced since the refresh, in this very apply, or there was
    /// no refresh. No answer is no reason to plan anything.
    async fn is_other(&self, prior: &Directory, private: &Private) -> bool {
        let mut unused = Diagnostics::default();
        match self.look_once(&mut unused, prior).await {
            Some(Look::Present(_, listing)) => private.marks().any(|(key, mark)| {
                listing.objects.get(key).is_none_or(|object| object.mark() != mark)
            }),
            Some(Look::BucketGone | Look::StackGone) => true,
            Some(Look::Unknown | Look::NotNow(_)) | None => false,
        }
    }

    /// Says what else is under the prefix when it is to be deleted and the plan does not show it:
    /// no refresh has listed it yet.
    async fn warn_of_extra(
        &self,
        found: &mut Diagnostics,
        planned: &Directory,
        objects: &BTreeMap<String, String>,
    ) {
        let mut unused = Diagnostics::default();
        let Some(Look::Present(_, listing)) = self.look_once(&mut unused, planned).await else {
            return;
        };
        let extra: Vec<_> =
            listing.objects.keys().filter(|key| !objects.contains_key(*key)).collect();
        if extra.is_empty() {
            return;
        }
        found.report_warning(
            AttributePath::new("delete_extra"),
            format!("Other objects under {} will be deleted.", planned.display()),
            first_of(&extra),
        );
    }
}

/// Says that objects of others, which the plan shows as removed from `objects`, are not deleted.
fn warn_of_kept(found: &mut Diagnostics, prior: &Directory, private: &Private) {
    let own = private.own();
    let objects = prior.known_objects();
    let kept: Vec<_> = objects.keys().filter(|key| !own.contains_key(*key)).collect();
    if !kept.is_empty() {
        found.report_warning(
            AttributePath::new("delete_extra"),
            format!("Other objects under {} stay.", prior.display()),
            format!("They are only not looked at any more:\n{}", first_of(&kept)),
        );
    }
}

fn first_of(keys: &[&String]) -> String {
    let mut lines: Vec<_> =
        keys.iter().take(SHOWN).map(|key| format!("  {}", key.escape_debug())).collect();
    if keys.len() > SHOWN {
        lines.push(format!("  And {} more.", keys.len() - SHOWN));
    }
    lines.join("\n")
}
