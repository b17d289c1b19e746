//! The pages for the Terraform Registry: laid out as it wants them, the section `Schema`
//! as the provider answers, and every example a file under `examples`.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::markdown_in;
use super::provider;
use super::read;
use super::relative;
use super::root;
use super::schema;
use crate::support::client::Client;
use crate::support::workspace::Workspace;

const SOURCE: &str = "terraform.local/s3www/s3www";
const AGAIN: &str = "`UPDATE=1 make docs` writes it.";

/// Is a page about something that the provider serves.
struct Page {
    path: String,
    title: String,
    heading: String,
    /// The folder with its examples.
    examples: String,
    block: Value,
}

/// Returns every page that there has to be, from the schemas that the provider answers.
fn pages_by_schema() -> Vec<Page> {
    let workspace = Workspace::new(Client::Terraform, provider(), super::HEAD);
    workspace.init();
    let output = workspace.command(&["providers", "schema", "-json"]).output().unwrap();
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let own = &all["provider_schemas"][SOURCE];
    let mut pages = vec![Page {
        path: "docs/index.md".to_owned(),
        title: "s3www Provider".to_owned(),
        heading: "# s3www Provider".to_owned(),
        examples: "examples/provider".to_owned(),
        block: own["provider"]["block"].clone(),
    }];
    for (kind, folder, word) in [
        ("resource_schemas", "resources", "Resource"),
        ("data_source_schemas", "data-sources", "Data Source"),
    ] {
        for (name, schema) in own[kind].as_object().unwrap() {
            pages.push(Page {
                path: format!("docs/{folder}/{name}.md"),
                title: format!("{name} {word} - s3www"),
                heading: format!("# {name} ({word})"),
                examples: format!("examples/{folder}/{name}"),
                block: schema["block"].clone(),
            });
        }
    }
    pages
}

/// Returns what stands between the lines `---` at the top, by its key.
fn front_matter(page: &str, text: &str) -> BTreeMap<String, String> {
    let (front, _) = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .unwrap_or_else(|| panic!("{page} has no front matter"));
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut key = String::new();
    for line in front.lines() {
        if let Some(continued) = line.strip_prefix("  ") {
            fields.entry(key.clone()).or_default().push_str(continued);
        } else {
            let (name, value) = line.split_once(':').unwrap();
            name.clone_into(&mut key);
            let value = value.trim().trim_matches('"').trim_start_matches("|-");
            fields.insert(key.clone(), value.to_owned());
        }
    }
    fields
}

#[test]
fn every_page_has_the_layout_of_the_registry() {
    let pages = pages_by_schema();
    let existing: BTreeSet<_> = ["docs/resources", "docs/data-sources"]
        .iter()
        .flat_map(|folder| markdown_in(&root().join(folder)))
        .map(|path| relative(&path))
        .chain(["docs/index.md".to_owned()])
        .collect();
    let wanted = pages.iter().map(|page| page.path.clone()).collect();
    assert_eq!(existing, wanted, "one page for each type");
    for page in &pages {
        let text = read(&page.path);
        let front = front_matter(&page.path, &text);
        assert_eq!(front["page_title"], page.title, "{}", page.path);
        // The Registry takes none for the provider's own page.
        let is_provider = page.path == "docs/index.md";
        assert_ne!(front.contains_key("subcategory"), is_provider, "{}", page.path);
        assert_eq!(front["description"], page.block["description"], "{}", page.path);
        let mut sections = vec![page.heading.as_str(), "## Example Usage", "## Schema"];
        if page.path.starts_with("docs/resources/") {
            sections.push("## Import");
        }
        for section in sections {
            let count = text.lines().filter(|line| *line == section).count();
            assert_eq!(count, 1, "{} has {count} times the line `{section}`", page.path);
        }
    }
    let guides = markdown_in(&root().join("docs/guides"));
    assert!(guides.len() >= 7, "only {} guides are there", guides.len());
    for guide in guides {
        let page = relative(&guide);
        let front = front_matter(&page, &read(&page));
        for field in ["page_title", "subcategory", "description"] {
            assert!(front.contains_key(field), "{page} has no {field}");
        }
    }
}

#[test]
fn every_option_is_documented_as_the_provider_describes_it() {
    let mut documented = 0;
    let mut known = 0;
    for page in pages_by_schema() {
        let text = read(&page.path);
        let (section, count) = schema::section(&page.block);
        documented += count;
        known += schema::count(&page.block);
        let (before, rest) = text.split_once("## Schema\n").unwrap();
        let after = rest.find("\n## ").map_or("", |at| &rest[at..]);
        let wanted = format!("{before}{section}{after}");
        settle(&page.path, &text, &wanted, "the section `Schema` is not what the provider answers");
    }
    println!("documented options: {documented}, options in the schemas: {known}");
    assert_eq!(documented, known);
    assert!(known > 150, "the provider answers only {known} options");
}

/// An example in a page stands behind a comment with the file's path.
#[test]
fn every_example_in_a_page_is_its_file() {
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for page in super::pages() {
        let text = read(&page);
        let mut wanted = String::new();
        let mut rest = text.as_str();
        while let Some((before, marked)) = rest.split_once("\n<!-- examples/") {
            let (path, fenced) = marked.split_once(" -->\n").unwrap();
            let path = format!("examples/{path}");
            let (language, content) = fenced
                .strip_prefix("```")
                .and_then(|fenced| fenced.split_once('\n'))
                .unwrap_or_else(|| panic!("{page}: no block follows the comment with {path}"));
            let end = content.find("```").unwrap();
            let file = read(&path);
            write!(wanted, "{before}\n<!-- {path} -->\n```{language}\n{file}").unwrap();
            shown.entry(path).or_default().insert(page.clone());
            rest = &content[end..];
        }
        wanted.push_str(rest);
        settle(&page, &text, &wanted, "an example is not what its file has");
    }
    for page in pages_by_schema() {
        let folder = root().join(&page.examples);
        let files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", page.examples))
            .map(|entry| relative(&entry.unwrap().path()))
            .collect();
        assert!(!files.is_empty(), "{} is empty", page.examples);
        for file in files {
            let pages = shown.get(&file);
            assert!(
                pages.is_some_and(|pages| pages.contains(&page.path)),
                "{} does not show {file}",
                page.path
            );
        }
    }
}

/// Fails unless a page is what it should be; with `UPDATE` in the environment, writes it.
#[track_caller]
pub(super) fn settle(page: &str, is: &str, wanted: &str, finding: &str) {
    if is == wanted {
        return;
    }
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(root().join(page), wanted).unwrap();
        return;
    }
    let same = is.lines().zip(wanted.lines()).take_while(|(is, wanted)| is == wanted).count();
    panic!(
        "{page}, line {}: {finding}.\nis:        {}\nshould be: {}\n{AGAIN}",
        same + 1,
        is.lines().nth(same).unwrap_or_default(),
        wanted.lines().nth(same).unwrap_or_default(),
    );
}
