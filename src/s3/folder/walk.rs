//! Finding the files of a folder.

use std::fs;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::Finding;
use super::FolderError;
use super::Rules;
use super::Symlinks;
use super::stamp::Stamp;

/// Is a file that becomes an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderFile {
    /// The name relative to the folder, with `/` between segments.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// What it looked like.
    pub stamp: Stamp,
}

/// Returns the files of the folder `root` that the rules select, sorted by name. It blocks.
///
/// A symbolic link as `root` itself is always followed. Folders without a file are nothing: a
/// bucket has none. Everything that cannot become an object is reported at once.
pub fn walk(
    root: &Path,
    rules: &Rules,
    cancel: &CancellationToken,
) -> Result<Vec<FolderFile>, FolderError> {
    let path = || root.to_owned();
    let metadata = match fs::metadata(root) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(FolderError::Missing { path: path() });
        }
        Err(error) => {
            let finding = Finding { path: path(), reason: unreadable(&error) };
            return Err(FolderError::Findings(vec![finding]));
        }
    };
    if !metadata.is_dir() {
        return Err(FolderError::NotAFolder { path: path() });
    }
    let mut walk = Walk { rules, cancel, above: Vec::new(), files: Vec::new(), found: Vec::new() };
    walk.folder(root, "", &metadata)?;
    if !walk.found.is_empty() {
        return Err(FolderError::Findings(walk.found));
    }
    walk.files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(walk.files)
}

struct Walk<'a> {
    rules: &'a Rules,
    cancel: &'a CancellationToken,
    /// The folders that are being read, from the root down, by device and inode.
    above: Vec<(u64, u64)>,
    files: Vec<FolderFile>,
    found: Vec<Finding>,
}

impl Walk<'_> {
    fn find(&mut self, path: &Path, reason: impl Into<String>) {
        self.found.push(Finding { path: path.to_owned(), reason: reason.into() });
    }

    fn folder(&mut self, path: &Path, name: &str, metadata: &Metadata) -> Result<(), FolderError> {
        if self.cancel.is_cancelled() {
            return Err(FolderError::Cancelled);
        }
        let identity = (metadata.dev(), metadata.ino());
        if self.above.contains(&identity) {
            self.find(path, "this symbolic link leads back to a folder that it is in");
            return Ok(());
        }
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => {
                self.find(path, unreadable(&error));
                return Ok(());
            }
        };
        self.above.push(identity);
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(&entry, name)?,
                Err(error) => self.find(path, unreadable(&error)),
            }
        }
        self.above.pop();
        Ok(())
    }

    fn entry(&mut self, entry: &fs::DirEntry, folder: &str) -> Result<(), FolderError> {
        let path = entry.path();
        let file_name = entry.file_name();
        // Patterns are tried on what a name that is no text looks like, so that it can be excluded.
        let shown = file_name.to_string_lossy();
        let name = if folder.is_empty() {
            shown.clone().into_owned()
        } else {
            format!("{folder}/{shown}")
        };
        if self.rules.excludes(&name) {
            return Ok(());
        }
        let mut metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) => {
                self.find(&path, unreadable(&error));
                return Ok(());
            }
        };
        if metadata.is_symlink() {
            match self.link(&path, &name) {
                Some(target) => metadata = target,
                None => return Ok(()),
            }
        }
        if metadata.is_dir() {
            // A folder's name that is no text is told once, not for each file in it.
            if file_name.to_str().is_none() {
                self.find(&path, NOT_TEXT);
                return Ok(());
            }
            return self.folder(&path, &name, &metadata);
        }
        if !self.rules.includes(&name) {
            return Ok(());
        }
        if file_name.to_str().is_none() {
            self.find(&path, NOT_TEXT);
        } else if metadata.is_file() {
            let (size, stamp) = (metadata.len(), Stamp::of(&metadata));
            self.files.push(FolderFile { name, path, size, stamp });
        } else {
            self.find(&path, "it is a device, a pipe or a socket, which has no content");
        }
        Ok(())
    }

    /// Returns what a symbolic link leads to, if it is to be followed.
    fn link(&mut self, path: &Path, name: &str) -> Option<Metadata> {
        let target = match self.rules.symlinks {
            Symlinks::Skip => return None,
            Symlinks::Follow | Symlinks::Refuse => fs::metadata(path),
        };
        let is_folder = target.as_ref().is_ok_and(Metadata::is_dir);
        if !is_folder && !self.rules.includes(name) {
            return None;
        }
        if self.rules.symlinks == Symlinks::Refuse {
            self.find(path, "it is a symbolic link");
            return None;
        }
        target.map_err(|error| self.find(path, format!("it is a symbolic link, and {error}"))).ok()
    }
}

const NOT_TEXT: &str = "its name is not valid UTF-8, and a key is text";

fn unreadable(error: &io::Error) -> String {
    format!("it cannot be read: {error}")
}
