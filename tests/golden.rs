//! Our rendering against Helm's own, byte for byte.
//!
//! The oracle is the real `helm template` of both versions. Compared are the
//! bundled chart with every values file in `charts/s3www/ci/`, the chart that
//! `helm create` makes, the charts in Helm's own test data, and charts of ours that
//! meet the corners of merging, aliases, `.Files`, hooks and splitting.
//!
//! `HELM4` and `HELM3` name the binaries. Where they are missing the tests fail
//! under `CI=true`, and say how to get them otherwise.

mod case;
mod fixtures;
mod oracle;

use std::path::Path;
use std::path::PathBuf;

use case::Agreement;
use case::Case;
use case::Difference;
use oracle::Oracle;

/// What does not match yet, and why: the case, the versions of Helm, the reason.
///
/// A case that is listed here must differ; one that came to match fails the test,
/// so that the list stays true.
const KNOWN_DIFFERENCES: &[(&str, &[u8], &str)] = &[
    (
        "structs",
        &[3, 4],
        "`toJson` of a Go struct: we print its fields by name, Go in the order of the struct",
    ),
    (
        r#"refused "a: {{ mustRegexMatch \"(\" \"x\" }}\n""#,
        &[3, 4],
        "what is wrong with a regular expression is said in other words",
    ),
];

#[test]
fn bundled_chart_with_every_values_file() {
    let chart = manifest_dir().join("charts/s3www");
    let mut cases = vec![Case::new("s3www", &chart)];
    let mut files: Vec<PathBuf> = std::fs::read_dir(chart.join("ci"))
        .expect("charts/s3www/ci can be listed")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    assert!(files.len() >= 15, "charts/s3www/ci has only {} values files", files.len());
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let case = Case::new(&format!("s3www with ci/{name}"), &chart).values(&file);
        cases.push(case.clone().upgrade());
        cases.push(case);
    }
    compare(&cases, Expected::Rendered);
}

#[test]
fn bundled_chart_is_its_folder() {
    use terraform_provider_s3www::helm::chart::Chart;
    use terraform_provider_s3www::helm::chart::bundled;
    let bundled = bundled::chart().expect("the bundled chart loads");
    let folder = Chart::from_directory(&manifest_dir().join("charts/s3www"))
        .expect("the chart's folder loads");
    assert_eq!(format!("{bundled:?}"), format!("{folder:?}"));
}

#[test]
fn chart_of_helm_create() {
    let Some(oracles) = Oracle::all() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut cases = Vec::new();
    for oracle in &oracles {
        let name = format!("created-by-{}", oracle.version);
        oracle.create(folder.path(), &name);
        let chart = folder.path().join(&name);
        cases.push(Case::new(&name, &chart));
        for (variant, text) in fixtures::HELM_CREATE_VALUES {
            let values = folder.path().join(format!("{name}-{variant}.yaml"));
            std::fs::write(&values, text).expect("a values file can be written");
            cases.push(Case::new(&format!("{name} with {variant}"), &chart).values(&values));
        }
    }
    compare(&cases, Expected::Rendered);
}

#[test]
fn charts_in_the_test_data_of_helm() {
    let Some(oracles) = Oracle::all() else { return };
    let mut cases = Vec::new();
    for oracle in &oracles {
        let Some(source) = oracle.source() else { continue };
        let mut charts = Vec::new();
        find_charts(&source, &mut charts);
        charts.sort();
        assert!(charts.len() > 50, "only {} charts in {}", charts.len(), source.display());
        for chart in charts {
            let name = chart.strip_prefix(&source).unwrap_or(&chart).display().to_string();
            // Chart API v3 is not finished; `helm template` refuses it.
            if !name.starts_with("internal/chart/v3") {
                let case = Case::new(&format!("helm{}/{name}", oracle.version), &chart);
                cases.push(case.include_crds());
            }
        }
    }
    compare(&cases, Expected::Either);
}

#[test]
fn charts_of_our_own_in_the_corners() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    compare(&fixtures::write(folder.path()), Expected::Rendered);
}

#[test]
fn errors_of_templates_have_the_text_of_helm() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    compare(&fixtures::refused::write(folder.path()), Expected::Either);
}

/// Says what must come of the cases.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Rendered,
    Either,
}

/// Compares all cases with both versions of Helm and reports every difference.
fn compare(cases: &[Case], expected: Expected) {
    let Some(oracles) = Oracle::all() else { return };
    let mut report: Vec<String> = Vec::new();
    let mut rendered = 0;
    let mut refused = 0;
    for oracle in &oracles {
        for case in cases {
            let title = format!("== {} with Helm {}", case.name, oracle.version);
            let is_known = KNOWN_DIFFERENCES.iter().any(|(name, versions, _)| {
                *name == case.name && versions.contains(&oracle.version)
            });
            match (case.compare(oracle), is_known) {
                (Ok(_), true) => report.push(format!("{title} matches now: take it off the list")),
                (Err(_), true) => {}
                (Err(Difference(text)), false) => report.push(format!("{title}\n{text}")),
                (Ok(Agreement::Rendered), false) => rendered += 1,
                (Ok(Agreement::Refused), false) => {
                    refused += 1;
                    if expected == Expected::Rendered {
                        report.push(format!("{title} cannot be rendered"));
                    }
                }
            }
        }
    }
    println!("{} cases: {rendered} renders and {refused} refusals agree", cases.len());
    assert!(report.is_empty(), "{}", report.join("\n"));
    assert!(rendered + refused > 0, "nothing was compared");
}

fn manifest_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Adds the folders with a `Chart.yaml` that lie in no other chart, and archives.
fn find_charts(folder: &Path, charts: &mut Vec<PathBuf>) {
    if folder.join("Chart.yaml").is_file() {
        charts.push(folder.to_path_buf());
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find_charts(&path, charts);
        } else if path.extension().is_some_and(|extension| extension == "tgz") {
            charts.push(path);
        }
    }
}
