//! What is there.

use std::collections::BTreeMap;

use futures::StreamExt;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::MinioDirectory;
use super::private::Private;
use super::shown;
use super::state::Directory;
use crate::provider::report::s3_error;
use crate::s3::client::Client;
use crate::s3::error::Observed;
use crate::s3::error::S3Error;
use crate::s3::listing::Listing;
use crate::s3::object::observe_object;

/// How many objects are asked about at a time.
const IN_FLIGHT: usize = 16;

impl MinioDirectory {
    /// Compares the list with what is remembered, and asks about those objects only that were
    /// written since.
    ///
    /// A list shows no checksum. It shows ETag, size and time, and every write moves one of them,
    /// also one of headers alone.
    pub(super) async fn refresh(
        &self,
        found: &mut Diagnostics,
        client: &Client,
        listing: &Listing,
        state: Directory,
        private: Private,
    ) -> Option<(Directory, Private)> {
        let mut own = private.own();
        let mut objects = state.known_objects();
        if own.is_empty() && !state.deletes_extra() {
            // Imported, or stripped of its private data: what the state has is its own.
            own.extend(objects.keys().map(|key| (key.clone(), 0)));
        }
        objects.retain(|key, _| own.contains_key(key));
        let mut unsure = Vec::new();
        let mut seen = BTreeMap::new();
        for (key, mark) in own {
            let Some(listed) = listing.objects.get(&key) else {
                objects.remove(&key);
                continue;
            };
            if listed.mark() != mark || !objects.contains_key(&key) {
                unsure.push(key.clone());
            }
            seen.insert(key, listed.mark());
        }
        let lines = match self.lines(client, &state, unsure).await {
            Ok(lines) => lines,
            Err(error) => {
                s3_error(found, AttributePath::root(), &error);
                return None;
            }
        };
        for (key, line) in lines {
            if let Some(line) = line {
                objects.insert(key, line);
            } else {
                objects.remove(&key);
                seen.remove(&key);
            }
        }
        if state.deletes_extra() {
            for (key, listed) in &listing.objects {
                objects.entry(key.clone()).or_insert_with(|| shown::listed(listed));
            }
        }
        Some((state.with_objects(objects), private.with_own(seen)))
    }

    /// Returns the line of each object, or nothing for one that is gone.
    pub(super) async fn lines(
        &self,
        client: &Client,
        directory: &Directory,
        keys: Vec<String>,
    ) -> Result<Vec<(String, Option<String>)>, S3Error> {
        let Value::Value(bucket) = &directory.bucket else { return Ok(Vec::new()) };
        let mut answers = futures::stream::iter(keys)
            .map(|key| async move {
                let observed =
                    observe_object(client, bucket, &key, false, self.context.stop()).await?;
                let line = match observed {
                    Observed::Present(state) => Some(shown::observed(&state)),
                    Observed::Gone(_) => None,
                };
                Ok((key, line))
            })
            .buffer_unordered(IN_FLIGHT);
        let mut lines = Vec::new();
        while let Some(answer) = answers.next().await {
            lines.push(answer?);
        }
        Ok(lines)
    }
}
