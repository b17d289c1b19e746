//! A local folder as the objects that it becomes: which files, and what each is known by.
//!
//! Names are relative to the folder, with `/` between segments. Patterns are globs on such a whole
//! name, as in Terraform's `fileset`: `*` and `?` stay within a segment, `**` crosses segments,
//! `[a-z]` and `{a,b}` are alternatives ([syntax](https://docs.rs/globset/latest/globset/#syntax)).

mod hash;
mod stamp;
mod walk;

use std::path::PathBuf;

use globset::GlobBuilder;
use globset::GlobMatcher;
use globset::GlobSet;
use globset::GlobSetBuilder;

pub use crate::s3::folder::hash::HashedFile;
pub use crate::s3::folder::hash::hash_files;
pub use crate::s3::folder::stamp::Stamp;
pub use crate::s3::folder::walk::FolderFile;
pub use crate::s3::folder::walk::walk;

/// How many findings an error lists; the rest is counted.
const SHOWN: usize = 10;

/// Is what becomes of a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Symlinks {
    /// It is an error: what a link leads to is not part of the folder.
    #[default]
    Refuse,
    /// It is what it leads to, a file or a folder.
    Follow,
    /// It is left out.
    Skip,
}

/// Says that a glob cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The pattern `{pattern}` is not valid: {reason}.")]
pub struct PatternError {
    /// The pattern as written.
    pub pattern: String,
    /// What is wrong, as a clause.
    pub reason: String,
}

/// Says why a folder cannot be read as objects.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is nothing at that path.
    #[error("The folder `{}` does not exist.", path.display())]
    Missing {
        /// The folder as it was named.
        path: PathBuf,
    },
    /// There is something else than a folder.
    #[error("`{}` is not a folder.", path.display())]
    NotAFolder {
        /// The path as it was named.
        path: PathBuf,
    },
    /// Files and folders that cannot become objects.
    #[error("{}", findings(.0))]
    Findings(Vec<Finding>),
    /// The operation was cancelled.
    #[error("Reading the folder was cancelled.")]
    Cancelled,
}

/// Is one file or folder that cannot become an object, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The path, below the folder as it was named.
    pub path: PathBuf,
    /// The reason, as a clause.
    pub reason: String,
}

fn findings(all: &[Finding]) -> String {
    let mut lines: Vec<_> = all
        .iter()
        .take(SHOWN)
        .map(|one| format!("  {}: {}.", one.path.display().to_string().escape_debug(), one.reason))
        .collect();
    if all.len() > SHOWN {
        lines.push(format!("  And {} more.", all.len() - SHOWN));
    }
    lines.join("\n")
}

/// Is one glob.
#[derive(Debug, Clone)]
pub struct Pattern(GlobMatcher);

impl Pattern {
    /// Reads a glob.
    pub fn new(pattern: &str) -> Result<Self, PatternError> {
        Ok(Self(glob(pattern)?.compile_matcher()))
    }

    /// Says whether a file's name matches.
    pub fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

/// Says which files of a folder become objects.
#[derive(Debug, Clone)]
pub struct Rules {
    include: Option<GlobSet>,
    exclude: GlobSet,
    symlinks: Symlinks,
}

impl Rules {
    /// Reads the patterns. Without `include`, every file that is not excluded becomes an object.
    /// An excluded folder is excluded with everything in it.
    pub fn new(
        include: Option<&[String]>,
        exclude: &[String],
        symlinks: Symlinks,
    ) -> Result<Self, PatternError> {
        // `a/**` means the folder `a` too, which is then not even opened.
        let folders = exclude.iter().filter_map(|pattern| pattern.strip_suffix("/**"));
        let folders: Vec<_> = folders.filter(|folder| !folder.is_empty()).collect();
        let exclude = exclude.iter().map(String::as_str).chain(folders);
        Ok(Self {
            include: include
                .map(|patterns| set(patterns.iter().map(String::as_str)))
                .transpose()?,
            exclude: set(exclude)?,
            symlinks,
        })
    }

    fn excludes(&self, name: &str) -> bool {
        self.exclude.is_match(name)
    }

    fn includes(&self, name: &str) -> bool {
        self.include.as_ref().is_none_or(|set| set.is_match(name))
    }
}

fn set<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<GlobSet, PatternError> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(glob(pattern)?);
    }
    builder
        .build()
        .map_err(|error| PatternError { pattern: String::new(), reason: error.to_string() })
}

fn glob(pattern: &str) -> Result<globset::Glob, PatternError> {
    let broken = |reason: &str| PatternError {
        pattern: pattern.to_owned(),
        reason: reason.trim_end_matches('.').to_owned(),
    };
    // None of these could ever match a name.
    if pattern.is_empty() {
        return Err(broken("it is empty"));
    }
    if pattern.starts_with('/') || pattern.starts_with("./") || pattern.starts_with("../") {
        return Err(broken(
            "it begins with `/`, `./` or `../`, and names are relative to `source`",
        ));
    }
    if pattern.ends_with('/') {
        return Err(broken("it ends with `/`; write `folder/**` for everything in a folder"));
    }
    if has_wide_class(pattern) {
        return Err(broken("only ASCII characters may stand in `[...]`; write `{ä,ö}` for others"));
    }
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map_err(|error| broken(&error.kind().to_string()))
}

/// Says whether a class has a character of several bytes, of which a class would match each.
fn has_wide_class(pattern: &str) -> bool {
    let mut is_inside = false;
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' if !is_inside => {
                rest.next();
            }
            '[' => is_inside = true,
            ']' => is_inside = false,
            wide if is_inside && !wide.is_ascii() => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
