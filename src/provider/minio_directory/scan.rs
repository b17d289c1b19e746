//! From the folder to what is planned.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;
use tokio_util::sync::CancellationToken;

use super::private::Entry;
use super::private::FileEntry;
use super::private::Private;
use super::settings::Settings;
use super::shown;
use super::state::Directory;
use crate::plugin::diagnostics::Report;
use crate::provider::configuration::Known;
use crate::s3::folder::FolderError;
use crate::s3::folder::FolderFile;
use crate::s3::folder::Rules;
use crate::s3::folder::hash_files;
use crate::s3::folder::walk;
use crate::s3::key;

/// How many keys an error lists; the rest is counted.
const SHOWN: usize = 10;

/// Is what a folder comes to.
pub(super) enum Scan {
    /// The objects that are planned, and the files that they come from, both by key.
    Planned { objects: BTreeMap<String, String>, files: BTreeMap<String, FileEntry> },
    /// There is nothing to upload: no folder, or no file in it. The text says which, as a full
    /// sentence.
    Nothing(String),
    /// Where the folder is, or what of it is meant, is known after apply.
    AfterApply,
}

impl Directory {
    /// Reads the folder. Files that look as they did are not read again.
    pub(super) async fn scan(
        &self,
        found: &mut Diagnostics,
        private: &Private,
        stop: &CancellationToken,
    ) -> Option<Scan> {
        let rules = self.rules(found)?;
        let settings = Settings::of(found, self)?;
        let (Known::Now(rules), Known::Now(settings)) = (rules, settings) else {
            return Some(Scan::AfterApply);
        };
        let (Value::Value(source), Some(prefix)) = (&self.source, self.key_prefix()) else {
            return Some(Scan::AfterApply);
        };
        let files = match files_of(source, rules, stop).await {
            Ok(files) => files,
            Err(FolderError::Missing { .. }) => {
                return Some(Scan::Nothing(format!("The folder `{source}` does not exist.")));
            }
            Err(error) => return refuse(found, source, &error),
        };
        if files.is_empty() {
            return Some(Scan::Nothing(format!(
                "No file is in the folder `{source}`{}.",
                self.meant()
            )));
        }
        let files = self.with_valid_keys(found, &prefix, files)?;
        let remembered = |file: &FolderFile| {
            let entry = private.entries.get(&format!("{prefix}{}", file.name))?.file.as_ref()?;
            (entry.mark == Some(file.stamp.mark())).then(|| entry.crc64nvme.clone())
        };
        let hashed = match hash_files(files, remembered, stop).await {
            Ok(hashed) => hashed,
            Err(error) => return refuse(found, source, &error),
        };
        let mut objects = BTreeMap::new();
        let mut entries = BTreeMap::new();
        for one in hashed {
            let key = format!("{prefix}{}", one.file.name);
            let (headers, metadata) = settings.for_file(&one.file.name, &key);
            let line = shown::planned(one.file.size, &one.crc64nvme, &headers, &metadata);
            objects.insert(key.clone(), line);
            let (size, crc64nvme, mark) = (one.file.size, one.crc64nvme, one.mark);
            entries.insert(key, FileEntry { size, crc64nvme, mark });
        }
        Some(Scan::Planned { objects, files: entries })
    }

    /// Refuses files whose key the server would refuse or change.
    fn with_valid_keys(
        &self,
        found: &mut Diagnostics,
        prefix: &str,
        files: Vec<FolderFile>,
    ) -> Option<Vec<FolderFile>> {
        let wrong: Vec<_> = files
            .iter()
            .filter_map(|file| {
                let error = key::validate(&format!("{prefix}{}", file.name)).err()?;
                Some(format!("  {}: {error}", file.path.display().to_string().escape_debug()))
            })
            .collect();
        if wrong.is_empty() {
            return Some(files);
        }
        let mut lines: Vec<_> = wrong.iter().take(SHOWN).cloned().collect();
        if wrong.len() > SHOWN {
            lines.push(format!("  And {} more.", wrong.len() - SHOWN));
        }
        lines.push("Hint: rename these files, or leave them out with `exclude`.".to_owned());
        let summary = format!("Files of {} cannot be named as objects.", self.display());
        found.report_error(AttributePath::new("source"), summary, lines.join("\n"));
        None
    }

    fn meant(&self) -> &'static str {
        let is_selected = self.include.is_value() || self.exclude.is_value();
        if is_selected { " that `include` and `exclude` select" } else { "" }
    }
}

async fn files_of(
    source: &str,
    rules: Rules,
    stop: &CancellationToken,
) -> Result<Vec<FolderFile>, FolderError> {
    let (root, stop) = (PathBuf::from(source), stop.clone());
    match tokio::task::spawn_blocking(move || walk(&root, &rules, &stop)).await {
        Ok(result) => result,
        // Only a runtime that shuts down drops blocking work.
        Err(_) => Err(FolderError::Cancelled),
    }
}

fn refuse<T>(found: &mut Diagnostics, source: &str, error: &FolderError) -> Option<T> {
    let hint = match error {
        FolderError::Findings(all) => {
            if all.iter().any(|one| one.reason == "it is a symbolic link") {
                "\nHint: set `symlinks` to `follow` or `skip`, or leave them out with `exclude`."
            } else {
                "\nHint: leave what is not meant out with `exclude`."
            }
        }
        FolderError::NotAFolder { .. } => "\nHint: a `minio_object` is for one file.",
        FolderError::Missing { .. } | FolderError::Cancelled => "",
    };
    found.report_error(
        AttributePath::new("source"),
        format!("Folder `{source}` cannot be uploaded."),
        format!("{error}{hint}"),
    );
    None
}

impl Private {
    /// Returns what is remembered of the objects, with other files.
    pub(super) fn with_files(mut self, files: BTreeMap<String, FileEntry>) -> Self {
        for entry in self.entries.values_mut() {
            entry.file = None;
        }
        for (key, file) in files {
            let entry = self.entries.entry(key).or_insert(Entry { file: None, object: None });
            entry.file = Some(file);
        }
        self.entries.retain(|_, entry| entry.file.is_some() || entry.object.is_some());
        self
    }
}
