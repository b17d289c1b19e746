//! An example with variables has a README with its inputs and outputs, as terraform-docs
//! finds them.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use super::read;
use super::registry::settle;
use super::relative;
use super::root;
use crate::support::program;

const BEGIN: &str = "<!-- BEGIN_TF_DOCS -->\n";
const END: &str = "<!-- END_TF_DOCS -->\n";

#[test]
fn every_input_and_output_of_an_example_is_documented() {
    let tool = program("TERRAFORM_DOCS", "terraform-docs");
    let mut folders = Vec::new();
    with_variables(&root().join("examples"), &mut folders);
    assert!(folders.len() >= 6, "only {folders:?}");
    for folder in folders.iter().map(|folder| relative(folder)) {
        let page = format!("{folder}/README.md");
        let text = read(&page);
        let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(END)?;
            Some((before, after))
        });
        let (before, after) = parts.unwrap_or_else(|| {
            panic!("{page} lacks the lines\n{BEGIN}{END}between which terraform-docs writes")
        });
        let mut command = Command::new(&tool);
        // No file: it prints what it would write.
        command.args(["--config", "examples/.terraform-docs.yml", "--output-file="]);
        let output = command.arg(&folder).current_dir(root()).output().unwrap();
        assert!(output.status.success(), "{folder}: {}", String::from_utf8_lossy(&output.stderr));
        let tables = String::from_utf8(output.stdout).unwrap();
        let wanted = format!("{before}{BEGIN}{tables}{END}{after}");
        settle(&page, &text, &wanted, "this is not what terraform-docs makes of the folder");
    }
}

/// Finds the folders below one that have a `variables.tf`.
fn with_variables(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("variables.tf").exists() {
        found.push(folder.to_owned());
    }
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with(".terraform") {
            with_variables(&path, found);
        }
    }
}
