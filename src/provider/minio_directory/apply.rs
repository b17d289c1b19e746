//! Making the objects be what the folder is.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::Look;
use super::MinioDirectory;
use super::failures;
use super::private::Private;
use super::settings::Settings;
use super::shown;
use super::state::Directory;
use crate::plugin::diagnostics::Report;
use crate::provider::configuration::Known;
use crate::provider::report::s3_error;
use crate::s3::client::Client;
use crate::s3::directory::FileObject;
use crate::s3::directory::remove_objects;
use crate::s3::directory::write_objects;
use crate::s3::error::ErrorKind;
use crate::s3::error::Gone;
use crate::s3::error::Observed;
use crate::s3::listing::ListRequest;
use crate::s3::listing::Listed;
use crate::s3::listing::Listing;
use crate::s3::listing::PAGE;
use crate::s3::listing::list_objects;
use crate::s3::object::Expectation;

/// Stands for an object of which it is not known what it looks like in a list.
const LOOK_AGAIN: u64 = 0;

/// Is what is believed to be in the bucket: the line of each object, and the mark of those that
/// this resource has put there.
#[derive(Clone, Debug, Default)]
struct Believed {
    lines: BTreeMap<String, String>,
    own: BTreeMap<String, u64>,
}

impl MinioDirectory {
    /// Writes what differs, then removes what is not planned any more, so that at no moment
    /// something is missing. What was done is in the state that is returned, also if something
    /// failed, which is then in the diagnostics.
    pub(super) async fn apply(
        &self,
        found: &mut Diagnostics,
        prior: Option<Directory>,
        planned: Directory,
        private: Private,
    ) -> Option<(Directory, Private)> {
        let same_stack = prior.as_ref().is_some_and(|prior| prior.stack == planned.stack);
        let believed = match &prior {
            Some(prior) if same_stack => {
                Believed { lines: prior.known_objects(), own: private.own() }
            }
            _ => Believed::default(),
        };
        let Some((client, listing)) = self.present(found, &planned).await else {
            return prior.map(|prior| (prior, private));
        };
        let mut after = believed.clone();
        let is_done =
            self.make_equal(found, &client, &planned, &private, listing, &mut after).await;
        match prior {
            None if is_done.is_none() && after.lines.is_empty() => None,
            // Failed in the new stack: all that was put there is found again by the next apply,
            // and what is in the former one has to stay known.
            Some(prior) if is_done.is_none() && !same_stack => Some((prior, private)),
            Some(prior) if is_done.is_none() => {
                Some((prior.with_objects(after.lines), private.with_own(after.own)))
            }
            prior => {
                if let Some(prior) = prior.filter(|_| !same_stack) {
                    self.leave(found, &prior, &private).await;
                }
                Some((planned.with_objects(after.lines), private.with_own(after.own)))
            }
        }
    }

    /// Returns the connection and what is under the prefix, for an operation that needs both.
    async fn present(
        &self,
        found: &mut Diagnostics,
        directory: &Directory,
    ) -> Option<(Client, Arc<Listing>)> {
        let (at, summary, why) = match self.look_once(found, directory).await? {
            Look::Present(client, listing) => return Some((client, listing)),
            Look::NotNow(why) => ("stack", "The stack of this directory cannot be reached.", why),
            Look::BucketGone => (
                "bucket",
                "The bucket of this directory does not exist.",
                "Hint: refer to the `minio_bucket` that makes it, so that the order is right."
                    .to_owned(),
            ),
            Look::StackGone | Look::Unknown => (
                "stack",
                "The stack of this directory does not exist.",
                "No release of that namespace and name is on the cluster.\nHint: refer to the \
                 stack (`stack = s3www_stack.NAME.id`), so that it is created first."
                    .to_owned(),
            ),
        };
        found.report_error(AttributePath::new(at), summary, why);
        None
    }

    /// Does the work, and keeps what is believed up to date with it.
    async fn make_equal(
        &self,
        found: &mut Diagnostics,
        client: &Client,
        planned: &Directory,
        private: &Private,
        listing: Arc<Listing>,
        believed: &mut Believed,
    ) -> Option<()> {
        let Value::Value(bucket) = &planned.bucket else { return None };
        let wanted = planned.known_objects();
        let stop = self.context.stop();
        let files = files_to_write(found, planned, private, &wanted, &listing, believed)?;
        let is_nothing = files.is_empty();
        let written = write_objects(client, bucket, files, stop).await;
        for (key, line) in wanted.iter().filter(|(key, _)| written.done.contains_key(*key)) {
            believed.lines.insert(key.clone(), line.clone());
            believed.own.insert(key.clone(), LOOK_AGAIN);
        }
        failures::report(found, &planned.display(), "uploaded", &written);
        // After an interruption too: without the marks, all that was written is asked about again.
        let is_quicker = written.done.len() < listing.objects.len().div_ceil(PAGE)
            && unwanted(planned, &wanted, &listing, believed).is_empty();
        let listing = if is_nothing {
            listing
        } else if is_quicker {
            self.list_each(found, client, planned, listing, written.done.keys()).await?
        } else {
            Arc::new(self.list(found, client, planned, None).await?)
        };
        believed.own = std::mem::take(&mut believed.own)
            .into_iter()
            .map(|(key, mark)| {
                let listed = listing.objects.get(&key);
                let mark = match (listed, written.done.get(&key)) {
                    // Somebody else was faster.
                    (Some(listed), Some(etag)) if listed.etag != *etag => LOOK_AGAIN,
                    (Some(listed), _) if mark == LOOK_AGAIN => listed.mark(),
                    _ => mark,
                };
                (key, mark)
            })
            .collect();
        if !written.failed.is_empty() || written.untried > 0 {
            return None;
        }
        let unwanted = unwanted(planned, &wanted, &listing, believed);
        self.remove_keys(found, client, planned, unwanted, &listing, believed).await?;
        // What others have put there was only shown, and stays if it was not to be deleted.
        believed.lines.retain(|key, _| wanted.contains_key(key));
        Some(())
    }

    /// Lists what is under the prefix, or a single key.
    async fn list(
        &self,
        found: &mut Diagnostics,
        client: &Client,
        directory: &Directory,
        key: Option<&str>,
    ) -> Option<Listing> {
        let (Value::Value(bucket), Some(prefix)) = (&directory.bucket, directory.key_prefix())
        else {
            return None;
        };
        // A key is the first of all that begin with it.
        let (prefix, limit) = (key.unwrap_or(&prefix), key.map(|_| 1));
        let request = ListRequest { bucket, prefix, delimiter: None, limit };
        // Also after an interruption: it is quick, and what was done shall be known.
        let goes_on = tokio_util::sync::CancellationToken::new();
        match list_objects(client, &request, &goes_on).await {
            Ok(Observed::Present(listing)) => Some(listing),
            Ok(Observed::Gone(_)) => Some(Listing::default()),
            Err(error) => {
                s3_error(found, AttributePath::root(), &error);
                None
            }
        }
    }

    /// Brings a list up to date with what was written: of few objects of many, each by itself.
    async fn list_each(
        &self,
        found: &mut Diagnostics,
        client: &Client,
        directory: &Directory,
        mut listing: Arc<Listing>,
        written: impl Iterator<Item = &String>,
    ) -> Option<Arc<Listing>> {
        let objects = &mut Arc::make_mut(&mut listing).objects;
        for key in written {
            objects.remove(key);
            let listed = self.list(found, client, directory, Some(key)).await?;
            objects.extend(listed.objects.into_iter().filter(|(listed, _)| listed == key));
        }
        Some(listing)
    }

    /// Removes objects. One of our own that somebody has written since it was last looked at
    /// stays, which is an error.
    async fn remove_keys(
        &self,
        found: &mut Diagnostics,
        client: &Client,
        directory: &Directory,
        keys: BTreeSet<String>,
        listing: &Listing,
        believed: &mut Believed,
    ) -> Option<()> {
        let Value::Value(bucket) = &directory.bucket else { return None };
        let overwrites = directory.overwrites();
        let mut changed = Vec::new();
        let mut removable = Vec::new();
        for key in keys {
            match (listing.objects.get(&key), believed.own.get(&key)) {
                (None, _) => {
                    believed.lines.remove(&key);
                    believed.own.remove(&key);
                }
                (Some(listed), Some(mark)) if listed.mark() != *mark && !overwrites => {
                    changed.push(key);
                }
                (Some(_), _) => removable.push(key),
            }
        }
        let removed = remove_objects(client, bucket, removable, self.context.stop()).await;
        for key in removed.done.keys() {
            believed.lines.remove(key);
            believed.own.remove(key);
        }
        if removed.failed.values().any(|error| *error.kind() == ErrorKind::Gone(Gone::Bucket)) {
            return Some(());
        }
        failures::report(found, &directory.display(), "deleted", &removed);
        if let Some(first) = changed.first() {
            found.report_error(
                AttributePath::root(),
                format!(
                    "{} objects of directory {} were not deleted.",
                    changed.len(),
                    directory.display()
                ),
                format!(
                    "Somebody else has written them since they were last looked at, `{}` first.\n\
                     Hint: Plan again, so that what is there now is taken into account, or set \
                     `force_overwrite = true`.",
                    first.escape_debug()
                ),
            );
            return None;
        }
        removed.failed.is_empty().then_some(())
    }

    /// Removes what this resource has put there; what is gone, with the bucket or the stack or
    /// without, is no error.
    pub(super) async fn remove(
        &self,
        found: &mut Diagnostics,
        prior: &Directory,
        private: &Private,
    ) -> Option<()> {
        let (client, listing) = match self.look(found, prior).await? {
            Look::Present(client, listing) => (client, listing),
            Look::BucketGone | Look::StackGone => return Some(()),
            Look::NotNow(why) => {
                let summary = format!("Directory {} cannot be deleted.", prior.display());
                found.report_error(AttributePath::new("stack"), summary, why);
                return None;
            }
            Look::Unknown => {
                found.report_error(
                    AttributePath::root(),
                    format!("Directory {} cannot be deleted.", prior.display()),
                    "The provider block is not known yet, so the server cannot be reached.",
                );
                return None;
            }
        };
        let mut believed = Believed { lines: prior.known_objects(), own: private.own() };
        if believed.own.is_empty() {
            // Replaced: what comes with the destroy is what was planned for the successor.
            believed.own = self.own(found, &client, prior, &listing).await?;
        }
        let keys = believed.own.keys().cloned().collect();
        self.remove_keys(found, &client, prior, keys, &listing, &mut believed).await
    }

    /// Finds out which objects of the state this resource has put there, and whether they are still
    /// what the state says, from the state alone.
    async fn own(
        &self,
        found: &mut Diagnostics,
        client: &Client,
        prior: &Directory,
        listing: &Listing,
    ) -> Option<BTreeMap<String, u64>> {
        let mut lines = prior.known_objects();
        // Of what others have put there, the state has only what a list says.
        lines.retain(|key, line| {
            listing.objects.get(key).is_some_and(|listed| *line != shown::listed(listed))
        });
        let now = self.lines(client, prior, lines.keys().cloned().collect()).await;
        let now = now.map_err(|error| s3_error(found, AttributePath::root(), &error)).ok()?;
        let marks = now.into_iter().filter_map(|(key, now)| {
            let listed = listing.objects.get(&key)?;
            let is_same = lines.get(&key) == Some(&now?);
            Some((key, if is_same { listed.mark() } else { LOOK_AGAIN }))
        });
        Some(marks.collect())
    }

    /// Removes the objects from the stack that they were in before; what cannot be removed there
    /// is told, and does not undo what was done.
    async fn leave(&self, found: &mut Diagnostics, prior: &Directory, private: &Private) {
        let mut left = Diagnostics::default();
        if self.remove(&mut left, prior, private).await.is_none() {
            for error in left.errors {
                found.report_warning(
                    AttributePath::new("stack"),
                    format!("Directory {} stays in its former stack.", prior.display()),
                    format!("{} {}", error.summary, error.detail),
                );
            }
        }
    }
}

impl Directory {
    fn overwrites(&self) -> bool {
        matches!(self.force_overwrite, Value::Value(true))
    }
}

/// Returns the objects that are not there, or not known to be equal.
fn files_to_write(
    found: &mut Diagnostics,
    planned: &Directory,
    private: &Private,
    wanted: &BTreeMap<String, String>,
    listing: &Listing,
    believed: &Believed,
) -> Option<Vec<FileObject>> {
    let Some(Known::Now(settings)) = Settings::of(found, planned) else { return None };
    let (Value::Value(source), Some(prefix)) = (&planned.source, planned.key_prefix()) else {
        return None;
    };
    let mut files = Vec::new();
    for (key, line) in wanted {
        let listed = listing.objects.get(key);
        let expectation = match expectation(listed, key, believed) {
            Expectation::Etag(_) if believed.lines.get(key) == Some(line) => continue,
            other => other,
        };
        let is_there = listed.is_some();
        let expectation =
            if is_there && planned.overwrites() { Expectation::Any } else { expectation };
        let file = private.entries.get(key).and_then(|entry| entry.file.as_ref());
        let (Some(file), Some(name)) = (file, key.strip_prefix(&prefix)) else {
            found.report_error(
                AttributePath::new("source"),
                format!("Directory {} cannot be uploaded.", planned.display()),
                format!(
                    "The plan has the object `{}`, and does not say which file it is from.\n\
                     Hint: plan again.",
                    key.escape_debug()
                ),
            );
            return None;
        };
        let (headers, metadata) = settings.for_file(name, key);
        files.push(FileObject {
            key: key.clone(),
            path: Path::new(source).join(name),
            size: file.size,
            crc64nvme: file.crc64nvme.clone(),
            headers,
            metadata,
            expectation,
        });
    }
    Some(files)
}

/// Returns what may be overwritten under a key: what was seen there before.
fn expectation(listed: Option<&Listed>, key: &str, believed: &Believed) -> Expectation {
    match (listed, believed.own.get(key)) {
        (Some(listed), Some(mark)) if listed.mark() == *mark => {
            Expectation::Etag(listed.etag.clone())
        }
        // Another one than was seen. No ETag is empty, so it must be equal, or is told.
        (Some(_), Some(_)) => Expectation::Etag(String::new()),
        // Listed as an extra object, and shown as such in the plan.
        (Some(listed), None) if believed.lines.get(key) == Some(&shown::listed(listed)) => {
            Expectation::Etag(listed.etag.clone())
        }
        (_, _) => Expectation::Absent,
    }
}

/// Returns the keys to remove: our own that are not planned any more, and all others under the
/// prefix if that is asked for.
fn unwanted(
    planned: &Directory,
    wanted: &BTreeMap<String, String>,
    listing: &Listing,
    believed: &Believed,
) -> BTreeSet<String> {
    let own = believed.own.keys();
    let others = planned.deletes_extra().then(|| listing.objects.keys());
    own.chain(others.into_iter().flatten())
        .filter(|key| !wanted.contains_key(*key))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(last_modified: i64) -> Listed {
        Listed { etag: "e".to_owned(), size: 1, last_modified }
    }

    #[test]
    fn only_what_was_seen_may_be_overwritten() {
        let mut believed = Believed::default();
        believed.own.insert("own".to_owned(), at(1).mark());
        believed.lines.insert("extra".to_owned(), shown::listed(&at(1)));
        let expected =
            |key: &str, listed: Option<Listed>| expectation(listed.as_ref(), key, &believed);
        let seen = Expectation::Etag("e".to_owned());
        assert_eq!(expected("own", Some(at(1))), seen);
        assert_eq!(expected("own", Some(at(2))), Expectation::Etag(String::new()));
        assert_eq!(expected("own", None), Expectation::Absent);
        assert_eq!(expected("extra", Some(at(1))), seen, "the plan has shown it");
        assert_eq!(expected("other", Some(at(1))), Expectation::Absent);
    }

    #[test]
    fn what_others_have_put_there_goes_only_if_asked_for() {
        let believed = Believed {
            lines: BTreeMap::new(),
            own: BTreeMap::from([("kept".to_owned(), 1), ("old".to_owned(), 1)]),
        };
        let wanted = BTreeMap::from([("kept".to_owned(), String::new())]);
        let objects = ["kept", "old", "extra"].map(|key| (key.to_owned(), at(1)));
        let listing = Listing { objects: objects.into(), ..Listing::default() };
        let mut directory = Directory::imported(Value::Null, "bucket", None);
        let keys = |directory: &Directory| unwanted(directory, &wanted, &listing, &believed);
        assert_eq!(keys(&directory), BTreeSet::from(["old".to_owned()]));
        directory.delete_extra = Value::Value(true);
        assert_eq!(keys(&directory), BTreeSet::from(["extra".to_owned(), "old".to_owned()]));
    }
}
