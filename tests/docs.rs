//! The pages say what is so: attributes as the provider describes them, examples that a
//! client takes, commands, files and reasons that exist.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::client::Client;
use crate::support::workspace::Workspace;

const SOURCE: &str = "terraform.local/s3www/s3www";

/// What every example needs and none repeats.
const HEAD: &str = "terraform {\n  required_providers {\n    s3www = { source = \"terraform.local/s3www/s3www\" }\n  }\n}\n";

/// What examples refer to without showing it again.
const REFERRED: [(&str, &str, &str); 2] = [
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
];

#[test]
fn every_attribute_is_documented_as_the_provider_describes_it() {
    let workspace = Workspace::new(Client::Terraform, provider(), HEAD);
    workspace.init();
    let output = workspace.command(&["providers", "schema", "-json"]).output().unwrap();
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let own = &all["provider_schemas"][SOURCE];
    let mut pages = BTreeMap::from([("docs/index.md".to_owned(), &own["provider"])]);
    for (kind, folder) in
        [("resource_schemas", "resources"), ("data_source_schemas", "data-sources")]
    {
        for (name, schema) in own[kind].as_object().unwrap() {
            pages.insert(format!("docs/{folder}/{name}.md"), schema);
        }
    }
    let existing: BTreeSet<_> = ["docs/resources", "docs/data-sources"]
        .iter()
        .flat_map(|folder| markdown_in(&root().join(folder)))
        .map(|path| relative(&path))
        .chain(["docs/index.md".to_owned()])
        .collect();
    assert_eq!(existing, pages.keys().cloned().collect(), "one page for each type");
    for (page, schema) in pages {
        let mut wanted = BTreeMap::new();
        collect("", &schema["block"]["attributes"], &mut wanted);
        let text = read(&page);
        let found = documented(&text);
        for (path, entry) in &wanted {
            let line = found.get(path).unwrap_or_else(|| {
                panic!("{page} does not document `{path}`. The entry begins with:\n{entry}")
            });
            assert!(
                line.starts_with(entry.as_str()),
                "{page} documents `{path}` otherwise than the provider does.\nis:       {line}\nshould begin with: {entry}"
            );
        }
        for path in found.keys() {
            assert!(wanted.contains_key(path), "{page} documents `{path}`, which does not exist");
        }
    }
}

/// Collects what the schema says about each attribute, by its path (`file.url`), as
/// the beginning of the entry that documents it.
fn collect(prefix: &str, attributes: &Value, entries: &mut BTreeMap<String, String>) {
    for (name, attribute) in attributes.as_object().unwrap() {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let nested = &attribute["nested_type"];
        let kind = if nested.is_null() {
            type_in_words(&attribute["type"])
        } else {
            collect(&path, &nested["attributes"], entries);
            match nested["nesting_mode"].as_str() {
                Some("list") => "List of Object".to_owned(),
                Some("map") => "Map of Object".to_owned(),
                Some("set") => "Set of Object".to_owned(),
                _ => "Object".to_owned(),
            }
        };
        let flags = ["required", "optional", "computed", "sensitive", "write_only"]
            .into_iter()
            .filter(|flag| attribute[flag] == true)
            .map(|flag| flag.replace('_', "-"));
        let words: Vec<_> = std::iter::once(kind).chain(flags).collect();
        let text = attribute["description"].as_str().unwrap();
        entries.insert(path, format!("- `{name}` ({}) {text}", words.join(", ")));
    }
}

fn type_in_words(described: &Value) -> String {
    match described {
        Value::String(name) => match name.as_str() {
            "string" => "String".to_owned(),
            "number" => "Number".to_owned(),
            "bool" => "Bool".to_owned(),
            "dynamic" => "Any".to_owned(),
            other => panic!("no word for the type `{other}`"),
        },
        Value::Array(parts) => {
            let outer = match parts[0].as_str() {
                Some("list") => "List",
                Some("map") => "Map",
                Some("set") => "Set",
                other => panic!("no word for the type `{other:?}`"),
            };
            format!("{outer} of {}", type_in_words(&parts[1]))
        }
        other => panic!("`{other}` is no type"),
    }
}

/// Returns the entries of a page's attributes by path: the items under `## Attributes`,
/// those under a heading such as "### `file`" being attributes of that one.
fn documented(text: &str) -> BTreeMap<String, String> {
    let mut entries = BTreeMap::new();
    let mut is_inside = false;
    let mut prefix = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            is_inside = title.trim() == "Attributes";
            prefix.clear();
        } else if let Some(title) = line.strip_prefix("### ") {
            title.split('`').nth(1).unwrap_or_default().clone_into(&mut prefix);
        } else if let (true, Some(rest)) = (is_inside, line.strip_prefix("- `")) {
            let name = rest.split('`').next().unwrap_or_default();
            let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
            assert!(entries.insert(path, line.to_owned()).is_none(), "`{name}` is there twice");
        }
    }
    entries
}

#[test]
fn every_example_in_the_pages_is_valid() {
    let examples: Vec<_> = pages()
        .iter()
        .flat_map(|page| blocks(&read(page), "hcl").into_iter().map(|block| (page.clone(), block)))
        .collect();
    assert!(examples.len() >= 10, "the pages have only {} examples", examples.len());
    for client in Client::ALL {
        for (page, example) in &examples {
            let workspace = Workspace::new(client, provider(), &completed(example));
            workspace.init();
            for arguments in [&["fmt", "-check", "-diff"][..], &["validate", "-no-color"]] {
                let ran = workspace.run(arguments);
                assert_eq!(ran.status, 0, "{page}, {client:?} {arguments:?}:\n{}", ran.text);
            }
        }
    }
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
            let file = link.split('#').next().unwrap_or_default();
            if file.is_empty() || link.contains("://") {
                continue;
            }
            links += 1;
            assert!(folder.join(file).exists(), "{page} links to `{link}`, which is not there");
        }
    }
    assert!(links > 0, "no page links to another");
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
    for folder in ["docs", "docs/resources", "docs/data-sources", "charts/s3www"] {
        found.extend(markdown_in(&root().join(folder)));
    }
    assert!(found.len() >= 8, "only {} pages are there", found.len());
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
