//! A chart: what its files say, before any values are applied.
//!
//! A chart is loaded from a folder, from a `.tgz`, from files in memory, or is
//! the one compiled into the binary; all four ways meet in [`Chart::from_files`].
//! Loading follows Helm 4.3.1 (and accepts what 3.22.0 accepts), with one
//! difference: Helm adds subcharts in random order, here they come in byte order
//! of their folder names, so that two renders of one chart are equal.

pub mod archive;
pub mod bundled;
pub mod directory;
mod ignore;
mod loader;
pub mod metadata;

use std::path::Path;
use std::path::PathBuf;

use serde_json::Value as Json;

use crate::helm::chart::metadata::Metadata;

/// Is the limit of Helm for all files of one chart together, in bytes.
pub const MAXIMUM_SIZE: u64 = 100 * 1024 * 1024;

/// Is one file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path inside the chart, with `/` between its parts.
    pub name: String,
    /// The content, as it is.
    pub data: Vec<u8>,
}

/// Is a loaded chart with its dependency charts.
#[derive(Clone, Debug)]
pub struct Chart {
    pub(in crate::helm) metadata: Metadata,
    pub(in crate::helm) lock: Option<Json>,
    pub(in crate::helm) values_text: Option<Vec<u8>>,
    pub(in crate::helm) values: Json,
    pub(in crate::helm) schema: Option<Vec<u8>>,
    pub(in crate::helm) templates: Vec<File>,
    pub(in crate::helm) files: Vec<File>,
    pub(in crate::helm) dependencies: Vec<Chart>,
}

/// Says why a chart cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// There is no `Chart.yaml` where one must be.
    #[error(
        "Chart.yaml file is missing in `{}`, so this is no chart. {hint}",
        location.display()
    )]
    NoChartFile {
        /// Where it was looked for.
        location: PathBuf,
        /// What to do instead.
        hint: String,
    },
    /// A list of files has no `Chart.yaml`.
    #[error("Chart.yaml file is missing among the files of the chart.")]
    NoChartFileInList,
    /// A file of the chart is not what Helm expects.
    #[error("The file `{file}` of the chart cannot be loaded: {reason}")]
    File {
        /// The path inside the chart.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// `Chart.yaml` says something that Helm refuses.
    #[error("Chart.yaml is not valid: {0}")]
    Invalid(String),
    /// A dependency chart in `charts/` cannot be loaded.
    #[error(
        "The dependency `{name}` in the folder `charts/` of chart `{chart}` cannot be loaded: {source}"
    )]
    Dependency {
        /// The folder or archive below `charts/`.
        name: String,
        /// The chart that brings it.
        chart: String,
        /// Why it failed.
        source: Box<ChartError>,
    },
    /// The archive is broken or carries paths that must not be trusted.
    #[error("The chart archive cannot be read: {0}")]
    Archive(String),
    /// The chart is larger than Helm takes.
    #[error(
        "The chart is larger than Helm's limit of {} MiB for all of its files. \
         Exclude what does not belong to it in `.helmignore`.",
        MAXIMUM_SIZE / (1024 * 1024)
    )]
    TooLarge,
    /// A file or folder cannot be read.
    #[error("Cannot read `{}` of the chart: {source}", path.display())]
    Read {
        /// What was read.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A device, a socket or a loop of symbolic links lies in the folder.
    #[error(
        "Cannot load `{}` of the chart: {reason}. Remove it or exclude it in `.helmignore`.",
        path.display()
    )]
    Irregular {
        /// What was met.
        path: PathBuf,
        /// What it is.
        reason: String,
    },
}

impl Chart {
    /// Loads the chart in a folder, or in a `.tgz` file.
    pub fn from_path(path: &Path) -> Result<Self, ChartError> {
        if path.is_dir() {
            return Self::from_directory(path);
        }
        let bytes = std::fs::read(path)
            .map_err(|source| ChartError::Read { path: path.to_path_buf(), source })?;
        Self::from_archive(&bytes)
    }

    /// Loads the chart in a folder, honouring its `.helmignore`.
    pub fn from_directory(path: &Path) -> Result<Self, ChartError> {
        let files = directory::read(path)?;
        if !files.iter().any(|file| file.name == "Chart.yaml") {
            return Err(directory::no_chart_file(path));
        }
        Self::from_files(files)
    }

    /// Loads a chart from the bytes of a gzipped tar archive, as `helm package` makes it.
    pub fn from_archive(bytes: &[u8]) -> Result<Self, ChartError> {
        Self::from_files(archive::read(bytes)?)
    }

    /// Loads a chart from files in memory.
    pub fn from_files(files: impl IntoIterator<Item = File>) -> Result<Self, ChartError> {
        loader::load(files.into_iter().collect())
    }

    /// Returns what `Chart.yaml` says.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the content of `Chart.lock` (or `requirements.lock`), if there is one.
    pub fn lock(&self) -> Option<&Json> {
        self.lock.as_ref()
    }

    /// Returns the default values as Helm 4 reads them: all documents of
    /// `values.yaml` merged. Those of dependency charts are not among them.
    pub fn default_values(&self) -> &Json {
        &self.values
    }

    /// Returns the text of `values.yaml`, comments and all.
    pub fn values_text(&self) -> Option<&[u8]> {
        self.values_text.as_deref()
    }

    /// Returns the text of `values.schema.json`, if there is one.
    pub fn schema(&self) -> Option<&[u8]> {
        self.schema.as_deref()
    }

    /// Returns the files below `templates/`.
    pub fn templates(&self) -> &[File] {
        &self.templates
    }

    /// Returns the files that are neither templates nor known to Helm by name,
    /// those of `crds/` among them.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Returns the charts below `charts/`, in the byte order of their folder names.
    pub fn dependencies(&self) -> &[Self] {
        &self.dependencies
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
