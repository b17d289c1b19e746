//! The chart that is compiled into the binary: s3www with MinIO.

use crate::helm::chart::Chart;
use crate::helm::chart::ChartError;
use crate::helm::chart::File;
use crate::helm::chart::ignore::Rules;

/// The files of `charts/s3www`, listed by the build script.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/bundled_chart.rs"));

/// Loads the bundled chart. It is the same as loading its folder, `.helmignore`
/// and all.
pub fn chart() -> Result<Chart, ChartError> {
    let ignore_file = FILES.iter().find(|(name, _)| *name == ".helmignore");
    let rules = match ignore_file {
        Some((_, text)) => Rules::parse(&String::from_utf8_lossy(text))
            .map_err(|reason| ChartError::File { file: ".helmignore".to_owned(), reason })?,
        None => Rules::default(),
    }
    .with_defaults();
    let is_kept = |name: &str| {
        let folders = name.match_indices('/').filter_map(|(end, _)| name.get(..end));
        !folders.into_iter().any(|folder| rules.ignores(folder, true))
            && !rules.ignores(name, false)
    };
    Chart::from_files(
        FILES
            .iter()
            .filter(|(name, _)| is_kept(name))
            .map(|(name, data)| File { name: (*name).to_owned(), data: data.to_vec() }),
    )
}
