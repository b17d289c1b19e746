//! Reads the files of a chart archive.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::helm::chart::ChartError;
use crate::helm::chart::File;
use crate::helm::chart::MAXIMUM_SIZE;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the files of a gzipped tar archive in the order of the archive,
/// without the folder that they all lie in.
///
/// Refuses what would lead out of the chart: absolute paths, `..`, drive letters.
pub fn read(bytes: &[u8]) -> Result<Vec<File>, ChartError> {
    if !bytes.starts_with(b"\x1f\x8b\x08") {
        return Err(ChartError::Archive(
            "it does not appear to be a gzipped archive. Give the folder of a chart, or a `.tgz` \
             made by `helm package`."
                .to_owned(),
        ));
    }
    let mut archive = tar::Archive::new(MultiGzDecoder::new(bytes));
    let broken = |error: std::io::Error| ChartError::Archive(error.to_string());
    let mut files = Vec::new();
    let mut remaining = MAXIMUM_SIZE;
    for entry in archive.entries().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let kind = entry.header().entry_type();
        if kind.is_dir() || kind.is_pax_global_extensions() || kind.is_pax_local_extensions() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if name.ends_with('/') {
            continue;
        }
        let name = inner_name(&name)?;
        if entry.size() > remaining {
            return Err(ChartError::TooLarge);
        }
        let mut data = Vec::new();
        // The size in the header is not to be trusted, so the limit holds while reading too.
        entry.take(remaining).read_to_end(&mut data).map_err(broken)?;
        remaining = remaining.saturating_sub(data.len() as u64);
        if remaining == 0 {
            return Err(ChartError::TooLarge);
        }
        files.push(File { name, data: without_byte_order_mark(data) });
    }
    if files.is_empty() {
        return Err(ChartError::Archive("no files in chart archive".to_owned()));
    }
    Ok(files)
}

/// Removes UTF-8's byte order mark, which some editors write.
pub(super) fn without_byte_order_mark(mut data: Vec<u8>) -> Vec<u8> {
    if data.starts_with(BYTE_ORDER_MARK) {
        data.drain(..BYTE_ORDER_MARK.len());
    }
    data
}

/// Returns the path below the first folder, cleaned, with `/` between its parts.
fn inner_name(name: &str) -> Result<String, ChartError> {
    let refuse = |reason: &str| Err(ChartError::Archive(format!("{reason}: {name:?}")));
    // Archives made on Windows have backslashes.
    let delimiter = if name.contains('\\') { '\\' } else { '/' };
    let (first, rest) = name.split_once(delimiter).unwrap_or((name, ""));
    if first == "Chart.yaml" {
        return refuse("chart yaml not in base directory");
    }
    let rest = rest.replace(delimiter, "/");
    if rest.starts_with('/') {
        return refuse("chart illegally contains absolute paths");
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.pop() {
                Some(previous) if previous != ".." => {}
                _ => return refuse("chart illegally references parent directory"),
            },
            part => parts.push(part),
        }
    }
    let cleaned = parts.join("/");
    if cleaned.is_empty() {
        return refuse("chart illegally contains content outside the base directory");
    }
    if cleaned.starts_with("..") {
        return refuse("chart illegally references parent directory");
    }
    let mut characters = cleaned.chars();
    if characters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && characters.as_str().starts_with(":/")
    {
        return refuse("chart contains illegally named files");
    }
    Ok(cleaned)
}
