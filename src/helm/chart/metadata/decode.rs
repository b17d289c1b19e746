//! Reads `Chart.yaml` the way Go's JSON decoder fills a struct.

use std::collections::BTreeMap;

use serde_json::Map as JsonMap;
use serde_json::Value as Json;

use crate::helm::chart::metadata::Dependency;
use crate::helm::chart::metadata::Maintainer;
use crate::helm::chart::metadata::Metadata;
use crate::helm::strconv;

type Result<T> = std::result::Result<T, String>;

/// Fills in what the document says and leaves the rest as it is.
pub(super) fn metadata(target: &mut Metadata, document: &Json) -> Result<()> {
    let Some(object) = object("the document", document)? else { return Ok(()) };
    for (key, value) in object {
        match key.to_lowercase().as_str() {
            "name" => text(key, value, &mut target.name)?,
            "home" => text(key, value, &mut target.home)?,
            "sources" => target.sources = texts(key, value)?,
            "version" => text(key, value, &mut target.version)?,
            "description" => text(key, value, &mut target.description)?,
            "keywords" => target.keywords = texts(key, value)?,
            "maintainers" => target.maintainers = list(key, value, maintainer)?.unwrap_or_default(),
            "icon" => text(key, value, &mut target.icon)?,
            "apiversion" => text(key, value, &mut target.api_version)?,
            "condition" => text(key, value, &mut target.condition)?,
            "tags" => text(key, value, &mut target.tags)?,
            "appversion" => text(key, value, &mut target.app_version)?,
            "deprecated" => boolean(key, value, &mut target.deprecated)?,
            "annotations" => target.annotations = string_map(key, value)?,
            "kubeversion" => text(key, value, &mut target.kube_version)?,
            "dependencies" => target.dependencies = list(key, value, dependency)?,
            "type" => text(key, value, &mut target.chart_type)?,
            _ => {}
        }
    }
    Ok(())
}

fn maintainer(place: &str, value: &Json) -> Result<Maintainer> {
    let Some(object) = object(place, value)? else {
        return Err("maintainers must not contain empty or null nodes".to_owned());
    };
    let mut target = Maintainer::default();
    for (key, value) in object {
        let place = format!("{place}.{key}");
        match key.to_lowercase().as_str() {
            "name" => text(&place, value, &mut target.name)?,
            "email" => text(&place, value, &mut target.email)?,
            "url" => text(&place, value, &mut target.url)?,
            _ => {}
        }
    }
    Ok(target)
}

fn dependency(place: &str, value: &Json) -> Result<Dependency> {
    let Some(object) = object(place, value)? else {
        return Err("dependencies must not contain empty or null nodes".to_owned());
    };
    let mut target = Dependency::default();
    for (key, value) in object {
        let place = format!("{place}.{key}");
        match key.to_lowercase().as_str() {
            "name" => text(&place, value, &mut target.name)?,
            "version" => text(&place, value, &mut target.version)?,
            "repository" => text(&place, value, &mut target.repository)?,
            "condition" => text(&place, value, &mut target.condition)?,
            "tags" => target.tags = texts(&place, value)?,
            "enabled" => boolean(&place, value, &mut target.enabled)?,
            "import-values" => {
                target.import_values =
                    list(&place, value, |_, item| Ok(item.clone()))?.unwrap_or_default();
            }
            "alias" => text(&place, value, &mut target.alias)?,
            _ => {}
        }
    }
    Ok(target)
}

/// Returns the value as a string, as sigs.k8s.io/yaml does where one belongs;
/// `None` for null, which leaves a Go string as it is.
pub(in crate::helm) fn coerced(place: &str, value: &Json) -> Result<Option<String>> {
    match value {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(text.clone())),
        Json::Bool(flag) => Ok(Some(flag.to_string())),
        Json::Number(number) => Ok(Some(if let Some(integer) = number.as_i64() {
            integer.to_string()
        } else if let Some(integer) = number.as_u64() {
            integer.to_string()
        } else {
            // Go's YAML library prints 32 bits here.
            strconv::format_float_32(number.as_f64().unwrap_or_default())
        })),
        Json::Array(_) | Json::Object(_) => Err(expected(place, "a string", value)),
    }
}

/// Returns a map of strings; `None` for null.
pub(in crate::helm) fn string_map(
    place: &str,
    value: &Json,
) -> Result<Option<BTreeMap<String, String>>> {
    let Some(object) = object(place, value)? else { return Ok(None) };
    let mut map = BTreeMap::new();
    for (key, value) in object {
        let text = coerced(&format!("{place}.{key}"), value)?;
        map.insert(key.clone(), text.unwrap_or_default());
    }
    Ok(Some(map))
}

fn text(place: &str, value: &Json, target: &mut String) -> Result<()> {
    if let Some(text) = coerced(place, value)? {
        *target = text;
    }
    Ok(())
}

fn texts(place: &str, value: &Json) -> Result<Vec<String>> {
    let items = list(place, value, |place, item| Ok(coerced(place, item)?.unwrap_or_default()))?;
    Ok(items.unwrap_or_default())
}

fn boolean(place: &str, value: &Json, target: &mut bool) -> Result<()> {
    match value {
        Json::Null => Ok(()),
        Json::Bool(flag) => {
            *target = *flag;
            Ok(())
        }
        other => Err(expected(place, "true or false", other)),
    }
}

fn list<T>(
    place: &str,
    value: &Json,
    item: impl Fn(&str, &Json) -> Result<T>,
) -> Result<Option<Vec<T>>> {
    match value {
        Json::Null => Ok(None),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| item(&format!("{place}[{index}]"), value))
            .collect::<Result<Vec<T>>>()
            .map(Some),
        other => Err(expected(place, "a list", other)),
    }
}

fn object<'a>(place: &str, value: &'a Json) -> Result<Option<&'a JsonMap<String, Json>>> {
    match value {
        Json::Null => Ok(None),
        Json::Object(object) => Ok(Some(object)),
        other => Err(expected(place, "a map", other)),
    }
}

/// Makes the text that says what belongs in a place and what is there.
pub(in crate::helm) fn expected(place: &str, what: &str, value: &Json) -> String {
    format!("`{place}` must be {what}, not {}.", kind(value))
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "a map",
    }
}
