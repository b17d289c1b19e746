//! Values, their schema and their page say the same; alerts and runbooks too.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use terraform_provider_s3www::helm::yaml;

use super::values_files::render;
use super::values_files::values_files;
use crate::support::helm::CHART;

/// Is a value with a description of its own.
struct Described {
    path: String,
    text: String,
}

/// Reads the descriptions (`# -- ...`) of a values file, in order. A value below a described one needs none.
fn described(text: &str) -> Vec<Described> {
    let mut found: Vec<Described> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut description: Option<String> = None;
    for line in text.lines() {
        let content = line.trim_start();
        let depth = (line.len() - content.len()) / 2;
        if let Some(comment) = content.strip_prefix('#') {
            description = match (comment.trim().strip_prefix("-- "), description) {
                (Some(first), _) => Some(first.to_owned()),
                (None, Some(text)) => Some(format!("{text} {}", comment.trim())),
                (None, None) => None,
            };
        } else if let Some((key, _)) = content.split_once(':')
            && !content.starts_with('-')
        {
            path.truncate(depth);
            path.push(key.to_owned());
            let path = path.join(".");
            let is_below = found.iter().any(|one| path.starts_with(&format!("{}.", one.path)));
            match description.take() {
                Some(text) => found.push(Described { path, text }),
                None => assert!(is_below || content.ends_with(':'), "{path} has no description"),
            }
        } else {
            description = None;
        }
    }
    found
}

fn at<'a>(values: &'a Value, path: &str) -> &'a Value {
    path.split('.').filter(|key| !key.is_empty()).fold(values, |value, key| &value[key])
}

fn read(chart: &Path) -> (String, Value, Value) {
    let text = std::fs::read_to_string(chart.join("values.yaml")).unwrap();
    let values = serde_json::from_str(&yaml::parse(text.as_bytes()).unwrap().to_string()).unwrap();
    let schema = std::fs::read_to_string(chart.join("values.schema.json")).unwrap();
    (text, values, serde_json::from_str(&schema).unwrap())
}

/// Collects the paths of a schema's properties that are not objects with properties themselves.
fn properties(root: &Value, schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    match schema["properties"].as_object() {
        // What stands in `resources`, probes and the like is Kubernetes' own.
        Some(own) if path.split('.').count() <= 3 => {
            for (name, schema) in own {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                properties(root, schema, &path, found);
            }
        }
        _ => {
            found.insert(path.to_owned());
        }
    }
}

#[test]
fn every_value_has_a_schema_and_a_default_and_a_line_in_the_page() {
    let mut page = String::from(
        "# Values\n\nWritten from the descriptions in `values.yaml`; a test holds the two together. To take a default away, set it to `null`.\n",
    );
    let charts = [
        ("", "## s3www\n"),
        ("charts/minio", "## MinIO\n\nAs a dependency of s3www they stand under `minio`.\n"),
    ];
    for (folder, title) in charts {
        let (text, values, schema) = read(&Path::new(CHART).join(folder));
        writeln!(page, "\n{title}\n| value | default | meaning |\n|---|---|---|").unwrap();
        for Described { path, text } in described(&text) {
            let default = at(&values, &path);
            let default = match default {
                Value::Object(map) if map.is_empty() => "`{}`".to_owned(),
                Value::Object(_) => "see `values.yaml`".to_owned(),
                Value::Array(list) if list.iter().any(Value::is_object) => {
                    "see `values.yaml`".to_owned()
                }
                default => format!("`{default}`"),
            };
            let text = text.replace('|', "\\|");
            writeln!(page, "| `{path}` | {default} | {text} |").unwrap();
        }
        let mut known = BTreeSet::new();
        properties(&schema, &schema, "", &mut known);
        // Both are other charts' business.
        for path in known.iter().filter(|path| !["enabled", "global"].contains(&path.as_str())) {
            // A key that only says what may stand in an object of the user's.
            let is_open = ["issuerRef", "probes.", "resources", "serviceAccount."];
            let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
            let is_absent = at(&values, parent).get(path.rsplit('.').next().unwrap()).is_none();
            assert!(
                !is_absent || is_open.iter().any(|open| path.contains(open)),
                "the schema of {folder:?} knows {path}, and values.yaml has no such key"
            );
        }
    }
    let path = Path::new(CHART).join("VALUES.md");
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "{} is not up to date. `UPDATE=1 make docs` writes it.",
        path.display()
    );
}

#[test]
fn every_alert_has_a_runbook() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/runbooks.md");
    let page = std::fs::read_to_string(page).unwrap();
    let sections: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let mut alerts: BTreeMap<String, String> = BTreeMap::new();
    for file in values_files() {
        for object in render(&file, &[]) {
            for group in object["spec"]["groups"].as_array().into_iter().flatten() {
                for rule in group["rules"].as_array().unwrap() {
                    let annotations = &rule["annotations"];
                    let link =
                        annotations["runbook"].as_str().or(annotations["runbook_url"].as_str());
                    if let (Some(alert), Some(link)) = (rule["alert"].as_str(), link) {
                        alerts.insert(alert.to_owned(), link.to_owned());
                    }
                }
            }
        }
    }
    assert_eq!(alerts.keys().map(String::as_str).collect::<BTreeSet<_>>(), sections);
    for (alert, link) in &alerts {
        assert!(link.ends_with(&format!("#{}", alert.to_lowercase())), "{alert}: {link}");
    }
}
