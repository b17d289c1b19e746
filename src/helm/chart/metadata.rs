//! What `Chart.yaml` says.
//!
//! Go reads the file into a struct: keys are matched whatever their case, and a
//! number or a boolean where a string belongs becomes that string in Go's
//! shortest form (`appVersion: 1.10` is `1.1`). Both are kept.

pub(in crate::helm) mod decode;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map as JsonMap;
use serde_json::Value as Json;
use serde_json::json;

use crate::helm::functions::semver;
use crate::helm::printf::unicode;

/// Is the content of `Chart.yaml`, with the names of the file.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "the fields of Chart.yaml, documented by Helm")]
pub struct Metadata {
    pub name: String,
    pub home: String,
    pub sources: Vec<String>,
    pub version: String,
    pub description: String,
    pub keywords: Vec<String>,
    pub maintainers: Vec<Maintainer>,
    pub icon: String,
    pub api_version: String,
    pub condition: String,
    pub tags: String,
    pub app_version: String,
    pub deprecated: bool,
    pub annotations: Option<BTreeMap<String, String>>,
    pub kube_version: String,
    pub dependencies: Option<Vec<Dependency>>,
    pub chart_type: String,
}

/// Is one entry of `maintainers`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Maintainer {
    /// The name of a person or organisation.
    pub name: String,
    /// An address for mail.
    pub email: String,
    /// A page about them.
    pub url: String,
}

/// Is one entry of `dependencies`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dependency {
    /// The name of the chart in `charts/`; after processing, the alias if there is one.
    pub name: String,
    /// The range of versions that fit.
    pub version: String,
    /// Where the chart can be fetched.
    pub repository: String,
    /// A comma list of paths into the values that switch the dependency on or off.
    pub condition: String,
    /// Names under `tags` in the values that switch the dependency on or off.
    pub tags: Vec<String>,
    /// Whether the dependency takes part.
    pub enabled: bool,
    /// What of the dependency's values becomes the parent's: names of exports,
    /// or maps of `child` and `parent`.
    pub import_values: Vec<Json>,
    /// The name that the chart goes by in this parent.
    pub alias: String,
}

impl Metadata {
    /// Says whether the chart only brings named templates for others.
    pub fn is_library(&self) -> bool {
        self.chart_type.eq_ignore_ascii_case("library")
    }

    /// Overwrites what the decoded document says, and keeps the rest.
    ///
    /// The error says which key has the wrong type.
    pub(in crate::helm) fn update(&mut self, document: &Json) -> Result<(), String> {
        decode::metadata(self, document)
    }

    /// Cleans what Helm cleans and refuses what Helm refuses, in Helm's words.
    pub(in crate::helm) fn validate(&mut self) -> Result<(), String> {
        let Self {
            name, description, home, icon, condition, tags, app_version, kube_version, ..
        } = self;
        for text in [name, description, home, icon, condition, tags, app_version, kube_version]
            .into_iter()
            .chain(&mut self.sources)
            .chain(&mut self.keywords)
        {
            sanitize(text);
        }
        if self.api_version.is_empty() {
            return Err("chart.metadata.apiVersion is required".to_owned());
        }
        if self.name.is_empty() {
            return Err("chart.metadata.name is required".to_owned());
        }
        if self.name == "." || self.name == ".." {
            return Err(format!("chart.metadata.name {:?} is not allowed", self.name));
        }
        if self.name.contains('/') {
            return Err(format!("chart.metadata.name {:?} is invalid", self.name));
        }
        if self.version.is_empty() {
            return Err("chart.metadata.version is required".to_owned());
        }
        if !semver::is_valid(&self.version) {
            return Err(format!("chart.metadata.version {:?} is invalid", self.version));
        }
        if !["", "application", "library"].contains(&self.chart_type.as_str()) {
            return Err("chart.metadata.type must be application or library".to_owned());
        }
        for maintainer in &mut self.maintainers {
            sanitize(&mut maintainer.name);
            sanitize(&mut maintainer.email);
            sanitize(&mut maintainer.url);
        }
        let mut seen = BTreeSet::new();
        for dependency in self.dependencies.iter_mut().flatten() {
            dependency.validate()?;
            let key = if dependency.alias.is_empty() {
                dependency.name.clone()
            } else {
                dependency.alias.clone()
            };
            if seen.contains(&key) {
                return Err(format!("more than one dependency with name or alias {key:?}"));
            }
            seen.insert(key);
        }
        Ok(())
    }

    /// Returns the metadata as the release record and `toYaml .Chart` of Helm 3
    /// show it: the names of the file, nothing that is empty.
    pub fn to_json(&self) -> Json {
        let mut object = JsonMap::new();
        let mut text = |name: &str, value: &str| {
            if !value.is_empty() {
                object.insert(name.to_owned(), json!(value));
            }
        };
        text("name", &self.name);
        text("home", &self.home);
        text("version", &self.version);
        text("description", &self.description);
        text("icon", &self.icon);
        text("apiVersion", &self.api_version);
        text("condition", &self.condition);
        text("tags", &self.tags);
        text("appVersion", &self.app_version);
        text("kubeVersion", &self.kube_version);
        text("type", &self.chart_type);
        let mut list = |name: &str, values: Vec<Json>| {
            if !values.is_empty() {
                object.insert(name.to_owned(), Json::Array(values));
            }
        };
        list("sources", self.sources.iter().map(|source| json!(source)).collect());
        list("keywords", self.keywords.iter().map(|keyword| json!(keyword)).collect());
        list("maintainers", self.maintainers.iter().map(Maintainer::to_json).collect());
        list("dependencies", self.dependencies.iter().flatten().map(Dependency::to_json).collect());
        if self.deprecated {
            object.insert("deprecated".to_owned(), json!(true));
        }
        if let Some(annotations) = self.annotations.as_ref().filter(|map| !map.is_empty()) {
            object.insert("annotations".to_owned(), json!(annotations));
        }
        Json::Object(object)
    }
}

impl Maintainer {
    /// Returns the entry with the names of the file.
    pub(in crate::helm) fn to_json(&self) -> Json {
        let mut object = JsonMap::new();
        for (name, value) in [("name", &self.name), ("email", &self.email), ("url", &self.url)] {
            if !value.is_empty() {
                object.insert(name.to_owned(), json!(value));
            }
        }
        Json::Object(object)
    }
}

impl Dependency {
    fn validate(&mut self) -> Result<(), String> {
        let Self { name, version, repository, condition, tags, .. } = self;
        for text in [name, version, repository, condition].into_iter().chain(tags) {
            sanitize(text);
        }
        let is_allowed =
            |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        if !self.alias.chars().all(is_allowed) {
            return Err(format!(
                "dependency {:?} has disallowed characters in the alias",
                self.name
            ));
        }
        Ok(())
    }

    /// Returns the entry with the names of the file.
    pub(in crate::helm) fn to_json(&self) -> Json {
        let mut object = JsonMap::new();
        object.insert("name".to_owned(), json!(self.name));
        object.insert("repository".to_owned(), json!(self.repository));
        for (name, value) in
            [("version", &self.version), ("condition", &self.condition), ("alias", &self.alias)]
        {
            if !value.is_empty() {
                object.insert(name.to_owned(), json!(value));
            }
        }
        if !self.tags.is_empty() {
            object.insert("tags".to_owned(), json!(self.tags));
        }
        if self.enabled {
            object.insert("enabled".to_owned(), json!(true));
        }
        if !self.import_values.is_empty() {
            object.insert("import-values".to_owned(), Json::Array(self.import_values.clone()));
        }
        Json::Object(object)
    }
}

/// Makes every space a plain one and drops what cannot be printed.
fn sanitize(text: &mut String) {
    *text = text
        .chars()
        .filter_map(|letter| {
            if letter.is_whitespace() {
                Some(' ')
            } else {
                unicode::is_print(letter).then_some(letter)
            }
        })
        .collect();
}
