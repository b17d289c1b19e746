use std::io::Write as _;

use serde_json::json;

use super::Chart;
use super::ChartError;
use super::File;
use super::ignore::Rules;

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), data: text.as_bytes().to_vec() }
}

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";

fn load(files: &[(&str, &str)]) -> Result<Chart, ChartError> {
    Chart::from_files(files.iter().map(|(name, text)| file(name, text)))
}

#[test]
fn files_are_sorted_by_what_they_are() {
    let chart = load(&[
        ("README.md", "text"),
        ("templates/a.yaml", "a"),
        ("values.yaml", "a: 1\n---\na: {b: 2}"),
        ("values.schema.json", "{}"),
        ("crds/x.yaml", "x"),
        ("charts/sub/Chart.yaml", "name: sub\nversion: 2.0.0"),
        ("charts/sub.prov", "signature"),
        ("charts/.hidden/Chart.yaml", "broken: ["),
        ("Chart.yaml", CHART),
    ])
    .unwrap();
    assert_eq!(chart.metadata().name, "web");
    assert_eq!(chart.default_values(), &json!({ "a": { "b": 2 } }));
    assert_eq!(chart.schema(), Some(&b"{}"[..]));
    assert_eq!(chart.templates(), [file("templates/a.yaml", "a")]);
    let names: Vec<&str> = chart.files().iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["README.md", "crds/x.yaml", "charts/sub.prov"]);
    let sub = chart.dependencies().first().unwrap();
    assert_eq!((sub.metadata().name.as_str(), sub.metadata().api_version.as_str()), ("sub", "v1"));
    assert_eq!(chart.dependencies().len(), 1);
}

#[test]
fn numbers_in_chart_yaml_become_strings_as_in_go() {
    let chart = load(&[(
        "Chart.yaml",
        "NAME: web\nversion: 1.0\nappVersion: 1.10\ndescription: true\nhome: 1000000\nicon: 1e7\n",
    )])
    .unwrap();
    let metadata = chart.metadata();
    assert_eq!(
        [&metadata.name, &metadata.version, &metadata.app_version, &metadata.description],
        ["web", "1", "1.1", "true"]
    );
    assert_eq!([&metadata.home, &metadata.icon], ["1000000", "1e+07"]);
}

#[test]
fn what_helm_refuses_is_refused_in_its_words() {
    let with = |text: &str| load(&[("Chart.yaml", text)]).unwrap_err().to_string();
    assert!(with("name: web").contains("chart.metadata.version is required"));
    assert!(with("version: 1.0.0").contains("chart.metadata.name is required"));
    assert!(with("name: a\nversion: x.y").contains("version \"x.y\" is invalid"));
    assert!(with("name: a/b\nversion: 1.0.0").contains("name \"a/b\" is invalid"));
    assert!(with("name: ..\nversion: 1.0.0").contains("is not allowed"));
    assert!(with("name: a\nversion: 1.0.0\ntype: x").contains("application or library"));
    assert!(with("name: a\nversion: 1.0.0\nkeywords: x").contains("`keywords` must be a list"));
    assert!(with("name: a\nversion: 1.0.0\nmaintainers: [null]").contains("empty or null nodes"));
    assert!(with("name: [").contains("Chart.yaml"));
    let twice = "name: a\nversion: 1.0.0\ndependencies:\n- {name: b, alias: c}\n- {name: c}";
    assert!(with(twice).contains("more than one dependency with name or alias \"c\""));
    let alias = "name: a\nversion: 1.0.0\ndependencies: [{name: b, alias: 'c d'}]";
    assert!(with(alias).contains("disallowed characters in the alias"));
}

#[test]
fn a_broken_dependency_is_named() {
    let error = load(&[("Chart.yaml", CHART), ("charts/sub/values.yaml", "a: 1")]).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("dependency `sub`") && text.contains("chart `web`"), "{text}");
    assert!(text.contains("Chart.yaml file is missing"), "{text}");
}

#[test]
fn a_folder_without_chart_yaml_says_where_to_look() {
    let folder = tempfile::tempdir().unwrap();
    let error = Chart::from_directory(folder.path()).unwrap_err().to_string();
    assert!(error.contains("Chart.yaml file is missing"), "{error}");
    assert!(error.contains(&folder.path().display().to_string()), "{error}");
    assert!(error.contains("Give the folder that holds `Chart.yaml`"), "{error}");
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    std::fs::write(folder.path().join("inner/Chart.yaml"), CHART).unwrap();
    let error = Chart::from_directory(folder.path()).unwrap_err().to_string();
    assert!(error.contains("Did you mean"), "{error}");
}

#[test]
fn a_folder_is_read_in_order_with_links_followed_and_marks_removed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir_all(root.join("templates/sub")).unwrap();
    std::fs::write(root.join("Chart.yaml"), format!("\u{feff}{CHART}")).unwrap();
    std::fs::write(root.join("templates/sub/b.yaml"), "b").unwrap();
    std::fs::write(root.join("templates/.dot"), "no").unwrap();
    std::fs::write(root.join("templates/a.yaml"), "a").unwrap();
    std::os::unix::fs::symlink(root.join("templates/sub"), root.join("templates/z")).unwrap();
    let chart = Chart::from_path(root).unwrap();
    let names: Vec<&str> = chart.templates().iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["templates/a.yaml", "templates/sub/b.yaml", "templates/z/b.yaml"]);

    std::os::unix::fs::symlink(root, root.join("templates/loop")).unwrap();
    let error = Chart::from_path(root).unwrap_err().to_string();
    assert!(error.contains("leads back"), "{error}");
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        // Set by hand, as the crate refuses to write what we must refuse to read.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(text.len() as u64);
        header.set_cksum();
        builder.append(&header, text.as_bytes()).unwrap();
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&builder.into_inner().unwrap()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn archives_are_read_and_may_hold_archives() {
    let inner = archive(&[("sub/Chart.yaml", "name: sub\nversion: 1.0.0")]);
    let chart = Chart::from_archive(&archive(&[
        ("web/Chart.yaml", CHART),
        ("web\\templates\\a.yaml", "a"),
        ("web/./templates//b.yaml", "b"),
    ]))
    .unwrap();
    let names: Vec<&str> = chart.templates().iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["templates/a.yaml", "templates/b.yaml"]);
    let chart = Chart::from_files([
        file("Chart.yaml", CHART),
        File { name: "charts/sub-1.0.0.tgz".to_owned(), data: inner },
    ])
    .unwrap();
    assert_eq!(chart.dependencies().first().unwrap().metadata().name, "sub");
}

#[test]
fn archives_cannot_lead_out_of_the_chart() {
    for name in
        ["web//etc/passwd", "web/../../x", "web/..", "Chart.yaml", "web", "web/c:/x", "web/.."]
    {
        let error = Chart::from_archive(&archive(&[(name, "x")])).unwrap_err();
        assert!(matches!(error, ChartError::Archive(_)), "{name}: {error}");
    }
    let error = Chart::from_archive(b"name: web").unwrap_err().to_string();
    assert!(error.contains("gzipped archive"), "{error}");
}

#[test]
fn helmignore_has_rules_of_its_own() {
    let ignores = |rules: &str, path: &str, is_folder: bool| {
        Rules::parse(rules).unwrap().with_defaults().ignores(path, is_folder)
    };
    assert!(ignores("*.txt", "deep/a.txt", false));
    assert!(!ignores("/*.txt", "deep/a.txt", false));
    assert!(ignores("/*.txt", "a.txt", false));
    assert!(ignores("deep/*.txt", "deep/a.txt", false));
    assert!(!ignores("deep/*.txt", "deep/er/a.txt", false));
    assert!(ignores("dir/", "a/dir", true));
    assert!(!ignores("dir/", "a/dir", false));
    assert!(ignores("[a-c]?.\\*", "bx.*", false));
    assert!(!ignores("[^a-c]x", "bx", false));
    // A negated rule ignores everything else.
    assert!(ignores("!keep.txt", "other.txt", false));
    assert!(!ignores("!keep.txt", "keep.txt", false));
    assert!(ignores("", "templates/.x", false));
    assert!(!ignores("", "templates/sub/.x", false));
    assert!(!ignores("# *", "# x", false));
    assert!(Rules::parse("a/**").is_err());
    assert!(Rules::parse("[a").is_err());
}

#[test]
fn metadata_is_written_without_what_is_empty() {
    let chart = load(&[(
        "Chart.yaml",
        "name: web\nversion: 1.0.0\nannotations: {key: 1}\ndependencies: [{name: x, tags: [a]}]",
    )])
    .unwrap();
    assert_eq!(
        chart.metadata().to_json(),
        json!({
            "name": "web", "version": "1.0.0", "apiVersion": "v1", "annotations": { "key": "1" },
            "dependencies": [{ "name": "x", "repository": "", "tags": ["a"] }],
        })
    );
}
