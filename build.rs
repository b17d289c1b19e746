//! Lists the files of the bundled chart, so that they are compiled into the binary,
//! and says which version this is.
//!
//! A table of `include_bytes!` needs no archive format, no time stamps and no
//! further crate, and the compiler tells a file that vanished by its path.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let variable = |name: &str| {
        env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(format!("no {name}")))
    };
    let root = variable("CARGO_MANIFEST_DIR")?.join("charts").join("s3www");
    let mut files = Vec::new();
    list(&root, "", &mut files)?;
    let mut table = String::from("&[\n");
    for (name, path) in files {
        let path = path.to_str().ok_or_else(|| io::Error::other("the path is not UTF-8"))?;
        writeln!(table, "    ({name:?}, include_bytes!({path:?})),").map_err(io::Error::other)?;
    }
    table.push_str("]\n");
    fs::write(variable("OUT_DIR")?.join("bundled_chart.rs"), table)?;
    version()
}

/// Sets `S3WWW_VERSION` for the code: what the build was told, which for an untagged commit is
/// higher than what `Cargo.toml` says, so that `--version` names what is installed.
fn version() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=S3WWW_VERSION");
    let version = match env::var("S3WWW_VERSION") {
        Err(env::VarError::NotPresent) => env::var("CARGO_PKG_VERSION"),
        told => told,
    };
    let version = version.map_err(io::Error::other)?;
    // It stands in a header of each request.
    let is_version = version.starts_with(|first: char| first.is_ascii_digit())
        && version.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
    if !is_version {
        let text = format!("S3WWW_VERSION is `{version}`, which is no version such as 0.1.2");
        return Err(io::Error::other(text));
    }
    println!("cargo::rustc-env=S3WWW_VERSION={version}");
    Ok(())
}

/// Adds the files of a folder in byte order, as Helm walks it.
fn list(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    // A folder is watched as well, so that a new file is noticed.
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names = Vec::new();
    let entries = fs::read_dir(folder).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot read {}: {error}", folder.display()))
    })?;
    for entry in entries {
        let name = entry?.file_name();
        names.push(name.into_string().map_err(|name| {
            io::Error::other(format!("the name {} in the chart is not UTF-8", name.display()))
        })?);
    }
    names.sort();
    for name in names {
        let path = folder.join(&name);
        let inner = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if path.is_dir() {
            list(&path, &inner, files)?;
        } else {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push((inner, path));
        }
    }
    Ok(())
}
