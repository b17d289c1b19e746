//! Reads the files of a chart folder.
//!
//! The only module of the helm layer that touches the file system: it turns a
//! folder into the list of files on which everything else works.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::helm::chart::ChartError;
use crate::helm::chart::File;
use crate::helm::chart::MAXIMUM_SIZE;
use crate::helm::chart::archive::without_byte_order_mark;
use crate::helm::chart::ignore::Rules;

/// Returns the files of the folder, names in byte order folder by folder,
/// symbolic links followed, without what `.helmignore` excludes.
pub fn read(root: &Path) -> Result<Vec<File>, ChartError> {
    let ignore_file = root.join(".helmignore");
    let rules = if ignore_file.exists() {
        let text = fs::read(&ignore_file)
            .map_err(|source| ChartError::Read { path: ignore_file.clone(), source })?;
        Rules::parse(&String::from_utf8_lossy(&text))
            .map_err(|reason| ChartError::File { file: ".helmignore".to_owned(), reason })?
    } else {
        Rules::default()
    };
    let mut walk =
        Walk { rules: rules.with_defaults(), files: Vec::new(), remaining: MAXIMUM_SIZE };
    walk.folder(root, "", &mut Vec::new())?;
    Ok(walk.files)
}

/// Makes the error for a folder without `Chart.yaml`, with a hint at the charts near by.
pub(super) fn no_chart_file(root: &Path) -> ChartError {
    let mut nested: Vec<PathBuf> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("Chart.yaml").is_file())
        .collect();
    nested.sort();
    let hint = match nested.first() {
        Some(path) => format!("Did you mean `{}`?", path.display()),
        None => "Give the folder that holds `Chart.yaml`, or a `.tgz` made by `helm package`."
            .to_owned(),
    };
    ChartError::NoChartFile { location: root.to_path_buf(), hint }
}

struct Walk {
    rules: Rules,
    files: Vec<File>,
    remaining: u64,
}

impl Walk {
    /// Reads a folder; `above` holds the real paths of the folders that it lies in.
    fn folder(
        &mut self,
        path: &Path,
        name: &str,
        above: &mut Vec<PathBuf>,
    ) -> Result<(), ChartError> {
        let failed = |source| ChartError::Read { path: path.to_path_buf(), source };
        let real = path.canonicalize().map_err(failed)?;
        if above.contains(&real) {
            // Helm walks such a loop until the path is too long for the system.
            return Err(ChartError::Irregular {
                path: path.to_path_buf(),
                reason: "a symbolic link leads back to a folder that it lies in".to_owned(),
            });
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?.file_name();
            names.push(entry.into_string().map_err(|entry| ChartError::Irregular {
                path: path.join(entry),
                reason: "its name is not UTF-8".to_owned(),
            })?);
        }
        names.sort();
        above.push(real);
        for entry in names {
            let inner = if name.is_empty() { entry.clone() } else { format!("{name}/{entry}") };
            self.entry(&path.join(&entry), &inner, above)?;
        }
        above.pop();
        Ok(())
    }

    fn entry(
        &mut self,
        path: &Path,
        name: &str,
        above: &mut Vec<PathBuf>,
    ) -> Result<(), ChartError> {
        let failed = |source| ChartError::Read { path: path.to_path_buf(), source };
        let about = fs::metadata(path).map_err(failed)?;
        if self.rules.ignores(name, about.is_dir()) {
            return Ok(());
        }
        if about.is_dir() {
            return self.folder(path, name, above);
        }
        if !about.is_file() {
            return Err(ChartError::Irregular {
                path: path.to_path_buf(),
                reason: "it is neither a file nor a folder".to_owned(),
            });
        }
        if about.len() > self.remaining {
            return Err(ChartError::TooLarge);
        }
        let data = fs::read(path).map_err(failed)?;
        self.remaining =
            self.remaining.checked_sub(data.len() as u64).ok_or(ChartError::TooLarge)?;
        self.files.push(File { name: name.to_owned(), data: without_byte_order_mark(data) });
        Ok(())
    }
}
