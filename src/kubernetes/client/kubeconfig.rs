//! Reads kubeconfig files.

use std::path::PathBuf;

use kube::config::Kubeconfig;
use kube::config::KubeconfigError;

use crate::kubernetes::error::KubernetesError;

/// Splits a list of files as the system separates the entries of `PATH`.
pub(super) fn split_paths(list: &str) -> Vec<String> {
    std::env::split_paths(list)
        .filter(|path| !path.as_os_str().is_empty())
        .map(|path| path.to_string_lossy().into_owned())
        .collect()
}

/// Replaces a leading `~` by the home directory.
pub(super) fn expand_home(path: &str, environment: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    match (path.strip_prefix('~'), environment("HOME")) {
        (Some(""), Some(home)) => PathBuf::from(home),
        (Some(rest), Some(home)) if rest.starts_with('/') => PathBuf::from(format!("{home}{rest}")),
        _ => PathBuf::from(path),
    }
}

/// Reads files and merges them: what an earlier file says wins.
///
/// With `optional`, files that do not exist are passed over, as kubectl does for `KUBECONFIG`;
/// the answer is then nothing if none exists.
pub(super) fn read(
    paths: &[PathBuf],
    optional: bool,
) -> Result<Option<Kubeconfig>, KubernetesError> {
    let mut merged: Option<Kubeconfig> = None;
    for path in paths {
        if optional && !path.exists() {
            continue;
        }
        let next = Kubeconfig::read_from(path).map_err(|error| read_error(path, &error))?;
        merged = Some(match merged {
            None => next,
            Some(before) => before.merge(next).map_err(|error| {
                KubernetesError::Configuration(format!(
                    "The kubeconfig file {} cannot be merged with those before it: {error}.",
                    path.display()
                ))
            })?,
        });
    }
    Ok(merged)
}

fn read_error(path: &std::path::Path, error: &KubeconfigError) -> KubernetesError {
    let path = path.display();
    KubernetesError::Configuration(match error {
        KubeconfigError::ReadConfig(source, _) if source.kind() == std::io::ErrorKind::NotFound => {
            format!(
                "The kubeconfig file {path} does not exist. Set `config_path` in the provider's \
                 `kubernetes` block, or KUBE_CONFIG_PATH or KUBECONFIG in the environment, to one that does."
            )
        }
        KubeconfigError::ReadConfig(source, _) => {
            format!("The kubeconfig file {path} cannot be read: {source}.")
        }
        // The parser's text quotes the lines around the error, where tokens and keys may stand.
        KubeconfigError::Parse(error) => match error.location() {
            Some(at) => format!(
                "The kubeconfig file {path} is not a valid kubeconfig (line {}, column {}).",
                at.line(),
                at.column()
            ),
            None => format!("The kubeconfig file {path} is not a valid kubeconfig."),
        },
        other => format!("The kubeconfig file {path} cannot be used: {other}."),
    })
}
