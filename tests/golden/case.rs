//! One chart with one set of values, rendered by both.

use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use terraform_provider_s3www::helm::capabilities::Capabilities;
use terraform_provider_s3www::helm::capabilities::KubeVersion;
use terraform_provider_s3www::helm::chart::Chart;
use terraform_provider_s3www::helm::compatibility::Compatibility;
use terraform_provider_s3www::helm::render;
use terraform_provider_s3www::helm::render::Release;
use terraform_provider_s3www::helm::render::RenderRequest;
use terraform_provider_s3www::helm::render::System;
use terraform_provider_s3www::helm::values;

use super::oracle::Oracle;

const KUBE_VERSION: &str = "1.34.4";

/// Is one comparison.
#[derive(Clone)]
pub struct Case {
    /// What reports call it.
    pub name: String,
    chart: PathBuf,
    values: Option<PathBuf>,
    include_crds: bool,
    is_upgrade: bool,
    api_versions: Vec<String>,
}

/// Says how the two differ.
pub struct Difference(pub String);

/// Says in what the two agree.
pub enum Agreement {
    /// In the text, byte for byte.
    Rendered,
    /// In that it cannot be rendered, and why.
    Refused,
}

impl Case {
    /// Makes the case of a chart with its default values.
    pub fn new(name: &str, chart: &Path) -> Self {
        Self {
            name: name.to_owned(),
            chart: chart.to_path_buf(),
            values: None,
            include_crds: false,
            is_upgrade: false,
            api_versions: Vec::new(),
        }
    }

    /// Sets a values file.
    pub fn values(mut self, file: &Path) -> Self {
        self.values = Some(file.to_path_buf());
        self
    }

    /// Prints `crds/`, too.
    pub fn include_crds(mut self) -> Self {
        self.include_crds = true;
        self
    }

    /// Renders as for an upgrade.
    pub fn upgrade(mut self) -> Self {
        self.name.push_str(", as an upgrade");
        self.is_upgrade = true;
        self
    }

    /// Adds an API version to what the cluster has.
    pub fn api_version(mut self, version: &str) -> Self {
        self.api_versions.push(version.to_owned());
        self
    }

    /// Compares the two.
    pub fn compare(&self, oracle: &Oracle) -> Result<Agreement, Difference> {
        let theirs = self.theirs(oracle);
        let ours = self.ours(oracle);
        match (theirs, ours) {
            (Err(theirs), Err(ours)) if is_same_reason(&theirs, &ours) => Ok(Agreement::Refused),
            (Err(theirs), Err(ours)) => Err(Difference(format!(
                "both refuse it, for other reasons:\n  helm: {theirs}\n  ours: {ours}"
            ))),
            (Ok(_), Err(ours)) => Err(Difference(format!("Helm renders it, we say: {ours}"))),
            (Err(theirs), Ok(_)) => Err(Difference(format!("we render it, Helm says: {theirs}"))),
            (Ok(theirs), Ok(ours)) if theirs == ours => Ok(Agreement::Rendered),
            (Ok(theirs), Ok(ours)) => {
                // What differs between two runs of Helm itself is random.
                let again = self.theirs(oracle).unwrap_or_default();
                match first_difference(&theirs, &again, &ours) {
                    None => Ok(Agreement::Rendered),
                    Some(text) => Err(Difference(text)),
                }
            }
        }
    }

    fn theirs(&self, oracle: &Oracle) -> Result<String, String> {
        let chart = self.chart.to_string_lossy();
        let mut arguments = vec![
            "template",
            "release-name",
            &chart,
            "--namespace",
            "golden",
            "--kube-version",
            KUBE_VERSION,
        ];
        let values = self.values.as_ref().map(|path| path.to_string_lossy().into_owned());
        if let Some(values) = &values {
            arguments.extend(["-f", values]);
        }
        if self.include_crds {
            arguments.push("--include-crds");
        }
        if self.is_upgrade {
            arguments.push("--is-upgrade");
        }
        for version in &self.api_versions {
            arguments.extend(["--api-versions", version]);
        }
        let output = oracle.run(&arguments);
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn ours(&self, oracle: &Oracle) -> Result<String, String> {
        let compatibility = match oracle.version {
            3 => Compatibility::Helm3,
            _ => Compatibility::Helm4,
        };
        let chart = Chart::from_path(&self.chart).map_err(|error| error.to_string())?;
        let text = match &self.values {
            Some(path) => std::fs::read(path).map_err(|error| error.to_string())?,
            None => Vec::new(),
        };
        let kube_version = KubeVersion::parse(KUBE_VERSION).map_err(|error| error.to_string())?;
        let mut capabilities = Capabilities::offline(kube_version, compatibility);
        capabilities.helm_version = oracle.says.clone();
        capabilities.api_versions.extend(self.api_versions.iter().cloned());
        let rendered = render::render(&RenderRequest {
            chart: &chart,
            values: values::parse(&text, compatibility).map_err(|error| error.to_string())?,
            release: Release {
                name: "release-name".to_owned(),
                namespace: "golden".to_owned(),
                revision: 1,
                is_install: !self.is_upgrade,
                is_upgrade: self.is_upgrade,
            },
            capabilities,
            compatibility,
            lookup: None,
            chance: &System,
        })
        .map_err(|error| error.to_string())?;
        Ok(rendered.template_text(self.include_crds))
    }
}

/// What Helm and we both say of a chart that cannot be rendered, word for word;
/// or Helm's words and ours for the same.
const REASONS: &[(&str, &str)] = &[
    ("Chart.yaml file is missing", "Chart.yaml file is missing"),
    ("no Chart.yaml found", "Chart.yaml file is missing"),
    ("chart.metadata.", "chart.metadata."),
    ("missing in charts/ directory", "missing in charts/ directory"),
    ("library charts are not installable", "library charts are not installable"),
    ("does not appear to be a gzipped archive", "does not appear to be a gzipped archive"),
    ("values don't meet the specifications of the schema(s)", "is not valid. The chart's schema"),
    ("cannot load values.yaml", "The file `values.yaml` of the chart cannot be loaded"),
    ("cannot load Chart.yaml", "The file `Chart.yaml` of the chart cannot be loaded"),
    ("error unpacking subchart", "in the folder `charts/` of chart"),
    ("error unmarshaling JSON", "error unmarshaling JSON"),
];

/// Says whether both texts give the same reason. The errors of templates and of
/// YAML must be equal.
fn is_same_reason(theirs: &str, ours: &str) -> bool {
    let Some((_, theirs)) = theirs.split_once("Error: ") else { return false };
    let theirs = theirs.split("\n\nUse --debug").next().unwrap_or_default().trim_end();
    let is_same = ours == theirs
        || (theirs.starts_with("YAML parse error on") && ours.starts_with(&format!("{theirs}\n")));
    is_same || REASONS.iter().any(|(helm, own)| theirs.contains(helm) && ours.contains(own))
}

/// Returns the first place where the texts differ, with what stands around it;
/// lines that the oracle itself prints differently each time are left out.
fn first_difference(theirs: &str, again: &str, ours: &str) -> Option<String> {
    let theirs: Vec<&str> = theirs.split('\n').collect();
    let again: Vec<&str> = again.split('\n').collect();
    let ours: Vec<&str> = ours.split('\n').collect();
    let is_random =
        |line: usize| theirs.len() == again.len() && theirs.get(line).ne(&again.get(line));
    for line in 0..theirs.len().max(ours.len()) {
        if theirs.get(line) == ours.get(line) || is_random(line) {
            continue;
        }
        let mut text = String::new();
        for before in line.saturating_sub(4)..line {
            let _ = writeln!(text, "        {}", shown(&theirs, before));
        }
        for after in line..line + 3 {
            let _ = writeln!(text, "  helm: {}", shown(&theirs, after));
        }
        for after in line..line + 3 {
            let _ = writeln!(text, "  ours: {}", shown(&ours, after));
        }
        return Some(format!("line {}:\n{text}", line + 1));
    }
    None
}

/// Returns a line for a report, cut when it is long.
fn shown(lines: &[&str], line: usize) -> String {
    lines.get(line).map_or("(end)".to_owned(), |line| line.chars().take(300).collect())
}
