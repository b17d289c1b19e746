//! Sorts the files of a chart by name into what they are.

use std::collections::BTreeMap;

use crate::helm::chart::Chart;
use crate::helm::chart::ChartError;
use crate::helm::chart::File;
use crate::helm::chart::metadata::Metadata;
use crate::helm::values;

/// Makes a chart of its files.
pub(super) fn load(files: Vec<File>) -> Result<Chart, ChartError> {
    let mut metadata: Option<Metadata> = None;
    // Chart.yaml may come anywhere in the list, and the rest depends on it.
    for file in files.iter().filter(|file| file.name == "Chart.yaml") {
        let mut read = Metadata::default();
        read.update(&parse(file)?).map_err(|reason| at(file, reason))?;
        if read.api_version.is_empty() {
            // Charts of Helm 2 need not say their version.
            "v1".clone_into(&mut read.api_version);
        }
        metadata = Some(read);
    }
    let Some(mut metadata) = metadata else { return Err(ChartError::NoChartFileInList) };

    let mut lock = None;
    let mut values_text = None;
    let mut default_values = serde_json::Value::Object(serde_json::Map::new());
    let mut schema = None;
    let mut templates = Vec::new();
    let mut others = Vec::new();
    let mut subcharts: BTreeMap<String, Vec<File>> = BTreeMap::new();
    for file in files {
        match file.name.as_str() {
            "Chart.yaml" => {}
            "Chart.lock" => lock = Some(parse(&file)?),
            "values.yaml" => {
                default_values =
                    values::parse_all(&file.data).map_err(|error| at(&file, error.to_string()))?;
                values_text = Some(file.data);
            }
            "values.schema.json" => schema = Some(file.data),
            "requirements.yaml" => {
                metadata.update(&parse(&file)?).map_err(|reason| at(&file, reason))?;
                if metadata.api_version == "v1" {
                    others.push(file);
                }
            }
            "requirements.lock" => {
                lock = Some(parse(&file)?);
                if metadata.api_version == "v1" {
                    others.push(file);
                }
            }
            name if name.starts_with("templates/") => templates.push(file),
            name => match name.strip_prefix("charts/") {
                Some(inner) if !has_extension(inner, "prov") => {
                    let inner = inner.to_owned();
                    let folder = inner.split('/').next().unwrap_or_default().to_owned();
                    let file = File { name: inner, data: file.data };
                    subcharts.entry(folder).or_default().push(file);
                }
                _ => others.push(file),
            },
        }
    }
    metadata.validate().map_err(ChartError::Invalid)?;

    let mut dependencies = Vec::new();
    for (name, files) in subcharts {
        if name.starts_with(['_', '.']) {
            continue;
        }
        let loaded = load_dependency(&name, files).map_err(|source| ChartError::Dependency {
            name,
            chart: metadata.name.clone(),
            source: Box::new(source),
        })?;
        dependencies.push(loaded);
    }
    Ok(Chart {
        metadata,
        lock,
        values_text,
        values: default_values,
        schema,
        templates,
        files: others,
        dependencies,
    })
}

/// Loads what lies in `charts/NAME`, with the paths still beginning at NAME.
fn load_dependency(name: &str, files: Vec<File>) -> Result<Chart, ChartError> {
    if has_extension(name, "tgz") {
        let Some(file) = files.into_iter().next() else {
            return Err(ChartError::NoChartFileInList);
        };
        if file.name != name {
            return Err(ChartError::Archive(format!("expected {name}, got {}", file.name)));
        }
        return Chart::from_archive(&file.data);
    }
    // A plain file in charts/ belongs to no chart; with nothing else, Chart.yaml is missing.
    load(
        files
            .into_iter()
            .filter_map(|file| {
                let (_, inner) = file.name.split_once('/')?;
                Some(File { name: inner.to_owned(), data: file.data })
            })
            .collect(),
    )
}

/// Says whether the last extension of the name is that one, in that case.
fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, last)| last == extension)
}

fn parse(file: &File) -> Result<serde_json::Value, ChartError> {
    values::parse_document(&file.data).map_err(|error| at(file, error.to_string()))
}

fn at(file: &File, reason: String) -> ChartError {
    ChartError::File { file: file.name.clone(), reason }
}
