//! Importing an object that exists.

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::Look;
use super::MinioObject;
use super::Object;
use super::Private;
use crate::plugin::diagnostics::Report;
use crate::provider::import_id::ImportId;

impl MinioObject {
    /// Reads the object that an import id names. Where its content came from is
    /// not known: the first plan shows `source` or `content` as new, and its apply
    /// uploads nothing if the content is equal.
    pub(super) async fn import_object(
        &self,
        found: &mut Diagnostics,
        id: &str,
    ) -> Option<(Object, Private)> {
        let parsed = ImportId::parse(id);
        let Some((bucket, key)) = parsed.path.split_once('/').filter(|(_, key)| !key.is_empty())
        else {
            found.report_error(
                AttributePath::root(),
                "Import id is not valid.",
                format!(
                    "`{id}` is not `bucket/key`, or `namespace/name//bucket/key` for an object in \
                     the MinIO of the stack `namespace/name`."
                ),
            );
            return None;
        };
        let bucket = Value::Value(bucket.to_owned());
        let object = Object::imported(parsed.stack(), bucket, Value::Value(key.to_owned()));
        match self.look(found, &object).await? {
            Look::Present(observed) => {
                // Tags count as managed if there are any.
                let mut imported = object.with_observed(&observed);
                if observed.has_tags {
                    imported.tags = Value::Value(std::collections::BTreeMap::new());
                    if let Some(Look::Present(with_tags)) = self.look(found, &imported).await {
                        imported = imported.with_observed(&with_tags);
                    }
                }
                Some((imported, Private::default()))
            }
            Look::Gone(why) => {
                let summary = format!("Object {} cannot be imported.", object.display());
                found.report_error(
                    AttributePath::root(),
                    summary,
                    format!("It is not there: {why}."),
                );
                None
            }
            Look::NotNow(why) => {
                let summary = format!("Object {} cannot be imported.", object.display());
                found.report_error(AttributePath::root(), summary, why);
                None
            }
            Look::StackGone | Look::Unknown => {
                found.report_error(
                    AttributePath::root(),
                    format!("Object {} cannot be imported.", object.display()),
                    "Its stack does not exist, or the provider block is not known yet.",
                );
                None
            }
        }
    }
}
