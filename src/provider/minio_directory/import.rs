//! Importing what is under a prefix.

use tf_provider::AttributePath;
use tf_provider::Diagnostics;

use super::Look;
use super::MinioDirectory;
use super::private::Private;
use super::state::Directory;
use crate::plugin::diagnostics::Report;
use crate::provider::import_id::ImportId;
use crate::provider::report::s3_error;

impl MinioDirectory {
    /// Takes over everything under the prefix that an import id names. Which folder it came from
    /// is not known: the first plan shows `source` as new, and objects that no file of it has as
    /// removed.
    pub(super) async fn import_prefix(
        &self,
        found: &mut Diagnostics,
        id: &str,
    ) -> Option<(Directory, Private)> {
        let parsed = ImportId::parse(id);
        let (bucket, prefix) = parsed.path.split_once('/').unwrap_or((parsed.path, ""));
        if bucket.is_empty() {
            found.report_error(
                AttributePath::root(),
                "Import id is not valid.",
                format!(
                    "`{id}` is not `bucket` or `bucket/prefix`, or `namespace/name//bucket/prefix` \
                     for a directory in the MinIO of the stack `namespace/name`."
                ),
            );
            return None;
        }
        let prefix = (!prefix.is_empty()).then_some(prefix);
        let directory = Directory::imported(parsed.stack(), bucket, prefix);
        let why = match self.look(found, &directory).await? {
            Look::Present(client, listing) => {
                let keys = listing.objects.keys().cloned().collect();
                let lines = match self.lines(&client, &directory, keys).await {
                    Ok(lines) => lines,
                    Err(error) => {
                        s3_error(found, AttributePath::root(), &error);
                        return None;
                    }
                };
                let objects: std::collections::BTreeMap<_, _> =
                    lines.into_iter().filter_map(|(key, line)| Some((key, line?))).collect();
                let marks = listing.objects.iter().map(|(key, one)| (key.clone(), one.mark()));
                let own = marks.filter(|(key, _)| objects.contains_key(key)).collect();
                let directory = directory.with_objects(objects);
                return Some((directory, Private::default().with_own(own)));
            }
            Look::BucketGone => "The bucket does not exist.".to_owned(),
            Look::NotNow(why) => why,
            Look::StackGone | Look::Unknown => {
                "Its stack does not exist, or the provider block is not known yet.".to_owned()
            }
        };
        let summary = format!("Directory {} cannot be imported.", directory.display());
        found.report_error(AttributePath::root(), summary, why);
        None
    }
}
