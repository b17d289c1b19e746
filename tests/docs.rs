//! The pages say what is so: options as the provider describes them, examples that a
//! client takes, commands, files, sections and reasons that exist.

mod modules;
mod registry;
mod schema;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use crate::layers::sources;
use crate::support::client::Client;
use crate::support::workspace::Workspace;

/// What every example needs and none repeats.
const HEAD: &str = "terraform {\n  required_providers {\n    s3www = { source = \"terraform.local/s3www/s3www\" }\n  }\n}\n";

/// What examples refer to without showing it again.
const REFERRED: [(&str, &str, &str); 4] = [
    (
        "s3www_stack.site",
        "resource \"s3www_stack\" \"site\"",
        "resource \"s3www_stack\" \"site\" {\n  name = \"site\"\n}\n",
    ),
    (
        "minio_bucket.site",
        "resource \"minio_bucket\" \"site\"",
        "resource \"minio_bucket\" \"site\" {\n  provider = s3www\n  bucket   = \"site\"\n}\n",
    ),
    (
        "minio_directory.site",
        "resource \"minio_directory\" \"site\"",
        "resource \"minio_directory\" \"site\" {\n  provider = s3www\n  bucket   = \"site\"\n  source   = \".\"\n}\n",
    ),
    (
        "minio_object.index",
        "resource \"minio_object\" \"index\"",
        "resource \"minio_object\" \"index\" {\n  provider = s3www\n  bucket   = \"site\"\n  key      = \"index.html\"\n  content  = \"\"\n}\n",
    ),
];

#[test]
fn every_example_in_the_pages_is_valid() {
    let mut examples = BTreeMap::new();
    for page in pages() {
        let text = read(&page);
        for block in blocks(&text, "hcl").into_iter().chain(blocks(&text, "terraform")) {
            // A module has to be there; those of the examples are tested where they are.
            if block.contains("module \"") {
                continue;
            }
            examples.entry(block).or_insert(page.clone());
        }
    }
    assert!(examples.len() >= 20, "the pages have only {} examples", examples.len());
    std::thread::scope(|scope| {
        for client in Client::ALL {
            let examples = &examples;
            scope.spawn(move || {
                // One folder for all, for an `init` takes longer than all the rest.
                let workspace = Workspace::new(client, provider(), HEAD);
                workspace.init();
                for (example, page) in examples {
                    // Terraform knows identities from 1.12 on.
                    if client == Client::Terraform && example.contains("identity =") {
                        continue;
                    }
                    workspace.write("main.tf", &completed(example));
                    for arguments in [&["fmt", "-check", "-diff"][..], &["validate", "-no-color"]] {
                        let ran = workspace.run(arguments);
                        assert_eq!(
                            ran.status, 0,
                            "{page}, {client:?} {arguments:?}:\n{}",
                            ran.text
                        );
                    }
                }
            });
        }
    });
}

/// Returns an example with everything that it leaves out.
fn completed(example: &str) -> String {
    let mut whole = String::new();
    if !example.contains("required_providers") {
        whole.push_str(HEAD);
    }
    for (reference, declaration, resource) in REFERRED {
        if example.contains(reference) && !example.contains(declaration) {
            whole.push_str(resource);
        }
    }
    whole + example
}

#[test]
fn every_link_in_the_pages_leads_somewhere() {
    let mut links = 0;
    for page in pages() {
        let folder = root().join(&page).parent().unwrap().to_path_buf();
        for link in read(&page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            links += 1;
            let (file, section) = link.split_once('#').unwrap_or((link, ""));
            let path = if file.is_empty() { root().join(&page) } else { folder.join(file) };
            assert!(path.exists(), "{page} links to `{link}`, which is not there");
            if !section.is_empty() && path.extension().is_some_and(|extension| extension == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(
                    anchors(&text).contains(section),
                    "{page} links to `{link}`, and that page has no such section"
                );
            }
        }
    }
    assert!(links > 100, "the pages have only {links} links to each other");
}

/// Pages name files of the repository in the text too, and say where to look.
#[test]
fn every_path_in_the_pages_exists() {
    let mut count = 0;
    for page in pages() {
        for code in read(&page).split('`').skip(1).step_by(2) {
            let is_path = ["src/", "tests/", "charts/", "docs/", "examples/"]
                .iter()
                .any(|folder| code.starts_with(folder))
                && code.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter))
                // What somebody is to make.
                && !code.contains("NAME");
            if is_path {
                count += 1;
                assert!(root().join(code).exists(), "{page} names `{code}`, which is not there");
            }
        }
    }
    assert!(count > 30, "the pages name only {count} files");
}

/// Returns what the headings of a page are called in links, as GitHub and the Registry
/// make it, and the anchors that it sets itself.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut is_code = false;
    for line in text.lines() {
        is_code ^= line.starts_with("```");
        if let Some(title) = line.strip_prefix('#').filter(|_| !is_code) {
            let plain = title.trim_start_matches('#').trim().to_lowercase();
            let kept = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
            found.insert(plain.chars().filter(kept).collect::<String>().replace(' ', "-"));
        } else if let Some((_, id)) = line.split_once("<a id=\"") {
            found.extend(id.split('"').next().map(str::to_owned));
        }
    }
    found
}

#[test]
fn every_make_command_in_the_pages_exists() {
    let makefile = read("Makefile");
    let targets: BTreeSet<_> = makefile
        .lines()
        .filter_map(|line| line.strip_prefix(".PHONY: "))
        .flat_map(str::split_whitespace)
        .collect();
    for page in pages() {
        let text = read(&page);
        let in_code = blocks(&text, "sh").join("\n");
        let quoted = text.split('`').skip(1).step_by(2).filter(|code| !code.contains('\n'));
        for command in in_code.lines().chain(quoted) {
            let mut words = command.split_whitespace().skip_while(|word| word.contains('='));
            if words.next() != Some("make") {
                continue;
            }
            let target = words.find(|word| !word.starts_with('-')).unwrap_or("help");
            assert!(targets.contains(target), "{page} says `{command}`; there is no such target");
        }
    }
}

#[test]
fn every_dependency_has_its_reason_and_every_module_its_line() {
    let page = read("docs/ARCHITECTURE.md");
    let rows: BTreeSet<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect();
    let manifest = read("Cargo.toml");
    let (_, rest) = manifest.split_once("[dependencies]").unwrap();
    let section = rest.split("\n[").next().unwrap();
    let dependencies: BTreeSet<_> = section
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()))
        .collect();
    assert!(dependencies.len() > 10, "Cargo.toml is read wrong");
    let unexplained: Vec<_> = dependencies.difference(&rows).collect();
    assert!(unexplained.is_empty(), "docs/ARCHITECTURE.md gives no reason for {unexplained:?}");
    let (_, table) = page.split_once("## Dependencies").unwrap();
    let explained = table.lines().take_while(|line| !line.starts_with("## "));
    for name in explained.filter_map(|line| line.strip_prefix("| `")?.split('`').next()) {
        assert!(
            dependencies.contains(name),
            "docs/ARCHITECTURE.md explains `{name}`, which is not used"
        );
    }
    for layer in ["plugin", "provider", "kubernetes", "s3", "helm"] {
        for entry in std::fs::read_dir(root().join("src").join(layer)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let module = format!("{layer}::{}", path.file_stem().unwrap().to_string_lossy());
                assert!(rows.contains(&module), "docs/ARCHITECTURE.md has no line for `{module}`");
            }
        }
    }
}

fn provider() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_terraform-provider-s3www"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns every page of the repository, by its path from the root.
fn pages() -> Vec<String> {
    let mut found = markdown_in(root());
    for folder in ["docs", "docs/resources", "docs/data-sources", "docs/guides", "charts/s3www"] {
        found.extend(markdown_in(&root().join(folder)));
    }
    found.extend(markdown_below(&root().join("examples")));
    assert!(found.len() >= 20, "only {} pages are there", found.len());
    found.iter().map(|path| relative(path)).collect()
}

fn markdown_in(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    found.sort();
    found
}

/// Returns the pages in a folder and in those below it, but for what a client keeps there.
fn markdown_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = markdown_in(folder);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with(".terraform") {
            found.extend(markdown_below(&path));
        }
    }
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}

/// Returns the fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(fence.as_str())
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .map(|block| format!("{block}\n"))
        .collect()
}

#[test]
fn every_drift_case_has_a_test() {
    let listed: Vec<u32> = read("docs/drift-cases.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" |")?.0.parse().ok())
        .collect();
    assert_eq!(listed, (1..=45).collect::<Vec<_>>());
    let mut tested = BTreeSet::new();
    for folder in ["tests/kubernetes", "tests/terraform"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            for line in text.lines() {
                let numbers = line
                    .strip_prefix("/// Drift case ")
                    .or_else(|| line.strip_prefix("/// Drift cases "))
                    .and_then(|rest| rest.split_once(": "));
                let Some((numbers, _)) = numbers else { continue };
                tested.extend(numbers.split(", ").map(|number| number.parse::<u32>().unwrap()));
            }
        }
    }
    assert_eq!(tested.into_iter().collect::<Vec<_>>(), listed, "a comment names each case");
}

#[test]
fn every_issue_of_others_has_a_test() {
    let tests = names_of_tests();
    let page = read("docs/peers.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.contains("](https://")).collect();
    assert!(rows.len() > 30, "the table is not read");
    for row in rows.iter().filter(|row| row.starts_with("| ")) {
        let tested = row.rsplit(" | ").next().unwrap();
        let names: Vec<&str> = tested.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        // A row may say which attributes the test of the row before is about.
        for name in names.iter().filter(|name| name.contains('_') && **name != "ignore_managers") {
            assert!(tests.contains(*name), "no test is called {name}");
        }
    }
    for name in tests.iter().filter(|name| name.starts_with("issue_")) {
        assert!(page.contains(name), "docs/peers.md lacks {name}");
    }
}

#[test]
fn every_test_that_the_chart_s_checklist_names_exists() {
    let tests = names_of_tests();
    let page = read("docs/chart-checklist.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    let points: Vec<u32> =
        rows.iter().filter_map(|row| row[2..].split_once(" |")?.0.parse().ok()).collect();
    assert_eq!(points, (1..=17).collect::<Vec<_>>());
    for row in rows {
        let Some(cell) = row.trim_end_matches(" |").rsplit(" | ").next() else { continue };
        let named = cell.split('`').skip(1).step_by(2).filter(|name| name.contains('_'));
        for name in named {
            assert!(tests.contains(name), "the checklist names `{name}`, which is no test");
        }
    }
}

/// Returns what the tests are called, by reading them.
fn names_of_tests() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&root().join("tests"), &mut files);
    let mut tests = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let mut is_test = false;
        for line in text.lines().map(str::trim_start) {
            is_test |= line.starts_with("#[test") || line.starts_with("#[tokio::test");
            if is_test && let Some((_, rest)) = line.split_once("fn ") {
                tests.extend(rest.split_once('(').map(|(name, _)| name.to_owned()));
                is_test = false;
            }
        }
    }
    tests
}
