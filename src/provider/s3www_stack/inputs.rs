//! From attributes to what an operation works with: the chart, the merged
//! values, and the options, checked.

use std::path::Path;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value as Json;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::state::FileBlock;
use super::state::Stack;
use crate::helm::chart;
use crate::helm::chart::Chart;
use crate::helm::release;
use crate::helm::strconv;
use crate::helm::values;
use crate::kubernetes::sensitive::Sensitive;
use crate::plugin::diagnostics::Report;
use crate::plugin::dynamic::Dynamic;
use crate::provider::duration;
use crate::provider::value::known;
use crate::provider::values_yaml;

/// Is what is not set in the configuration.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(5);
const DEFAULT_MAX_HISTORY: u32 = 10;

/// How many characters a number has that is looked for in texts.
const SHORTEST_NUMBER: usize = 4;

/// Is a stack's configuration, wholly known and checked.
#[derive(Clone)]
pub(super) struct Inputs {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) chart: Arc<Chart>,
    /// All values, merged, `values_wo` among them: what templates see.
    pub(super) values: Json,
    /// The same without `values_wo`: what the release record keeps.
    pub(super) recorded_values: Json,
    /// The same without `values_sensitive` too.
    public_values: Json,
    pub(super) secrets: Secrets,
    /// Every text in `values_sensitive` and `values_wo`.
    pub(super) sensitive: Sensitive,
    pub(super) options: Options,
}

/// Is the values that must not be shown; null where none are given.
#[derive(Clone)]
pub(super) struct Secrets {
    /// `values_sensitive`.
    pub(super) sensitive: Json,
    /// `values_wo`.
    pub(super) write_only: Json,
}

/// Is how an operation on the release is done.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an attribute that users know")]
pub(super) struct Options {
    pub(super) create_namespace: bool,
    pub(super) wait: bool,
    pub(super) wait_for_jobs: bool,
    pub(super) timeout: Duration,
    pub(super) rollback_on_failure: bool,
    pub(super) max_history: u32,
    pub(super) take_ownership: bool,
}

/// Checks everything about a configuration that can be told without a chart and
/// without a cluster. Unknown values are not looked at.
pub(super) fn validate(found: &mut Diagnostics, config: &Stack) {
    if let Some(name) = known(&config.name)
        && let Err(error) = release::name::validate(&name)
    {
        let at = AttributePath::new("name");
        found.report_error(at, format!("Release name `{name}` is not valid."), error.to_string());
    }
    if let Some(namespace) = known(&config.namespace)
        && !is_dns_label(&namespace)
    {
        found.report_error(
            AttributePath::new("namespace"),
            format!("Namespace `{namespace}` is not valid."),
            "A namespace is a DNS label: at most 63 lower case letters, digits and `-`, which \
             begins and ends with a letter or digit.",
        );
    }
    if let Some(text) = known(&config.timeout)
        && let Err(error) = duration::parse(&text)
    {
        let at = AttributePath::new("timeout");
        found.report_error(at, "Timeout is not valid.", format!("{error}."));
    }
    if let Some(count) = known(&config.max_history)
        && u32::try_from(count).is_err()
    {
        found.report_error(
            AttributePath::new("max_history"),
            "Number of revisions to keep is not valid.",
            format!("It is {count}; give 0 for all, or a positive number."),
        );
    }
    if let Value::Value(file) = &config.file {
        validate_file(found, file);
    }
    for (name, value) in [
        ("values", &config.values),
        ("values_sensitive", &config.values_sensitive),
        ("values_wo", &config.values_wo),
    ] {
        if !is_object(value) {
            found.report_error(
                AttributePath::new(name),
                format!("`{name}` is not an object."),
                "Chart values are given by name, such as `{ replicaCount = 3 }`.",
            );
        }
    }
    values_yaml::validate(found, &config.values_yaml);
    super::drift::validate(found, config);
}

fn validate_file(found: &mut Diagnostics, file: &FileBlock) {
    // Clients let `url = null` pass for a required attribute of an object.
    let at = |name: &'static str| AttributePath::new("file").attribute(name);
    match &file.url {
        Value::Null => {
            found.report_error(
                at("url"),
                "File has no URL.",
                "Set `file.url`, or leave `file` out.",
            );
        }
        Value::Value(url) if !(url.starts_with("http://") || url.starts_with("https://")) => {
            found.report_error(
                at("url"),
                "URL of the file is not valid.",
                "Give a URL that begins with `http://` or `https://`.",
            );
        }
        Value::Value(_) | Value::Unknown => {}
    }
    if let Value::Value(hash) = &file.sha256
        && !(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
    {
        found.report_error(
            at("sha256"),
            "SHA-256 of the file is not valid.",
            format!(
                "A SHA-256 has 64 hexadecimal digits; this has {} characters.\n\
                 Hint: `sha256sum FILE` prints it, and so does `filesha256(\"FILE\")` in HCL.",
                hash.chars().count()
            ),
        );
    }
}

fn is_object(value: &Dynamic) -> bool {
    match value {
        Dynamic::Typed(_, inner) => is_object(inner),
        Dynamic::Null | Dynamic::Unknown | Dynamic::Map(_) => true,
        _ => false,
    }
}

fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl Inputs {
    /// Reads the inputs of a configuration; `values_wo` may come from elsewhere,
    /// since plans and states never hold it.
    ///
    /// Returns `None` while something that decides the render is unknown, and
    /// when something is wrong, which is then in the diagnostics.
    pub(super) fn read(
        found: &mut Diagnostics,
        stack: &Stack,
        values_wo: &Dynamic,
    ) -> Option<Self> {
        let chart = load_chart(found, &stack.chart)?;
        let public_values = merge_public_values(found, stack)?;
        let known_json = |value: &Dynamic| value.is_wholly_known().then(|| value.to_json());
        let secrets = Secrets {
            sensitive: known_json(&stack.values_sensitive)?,
            write_only: known_json(values_wo)?,
        };
        let recorded_values = over(&public_values, &secrets.sensitive);
        Some(Self {
            name: known(&stack.name)?,
            namespace: known(&stack.namespace)?,
            chart,
            values: over(&recorded_values, &secrets.write_only),
            recorded_values,
            public_values,
            secrets,
            sensitive: sensitive_texts([&stack.values_sensitive, values_wo]),
            options: Options::read(stack),
        })
    }

    /// Returns the same with other secrets.
    pub(super) fn with_secrets(&self, secrets: Secrets) -> Self {
        let recorded_values = over(&self.public_values, &secrets.sensitive);
        let values = over(&recorded_values, &secrets.write_only);
        Self { values, recorded_values, secrets, ..self.clone() }
    }
}

impl Options {
    /// Reads the options. What `validate` would refuse falls back on the default:
    /// a state that an older version wrote must not stop a destroy.
    pub(super) fn read(stack: &Stack) -> Self {
        let flag = |value: &Value<bool>, default| known(value).unwrap_or(default);
        Self {
            create_namespace: flag(&stack.create_namespace, false),
            wait: flag(&stack.wait, true),
            wait_for_jobs: flag(&stack.wait_for_jobs, true),
            timeout: known(&stack.timeout)
                .and_then(|text| duration::parse(&text).ok())
                .unwrap_or(DEFAULT_TIMEOUT),
            rollback_on_failure: flag(&stack.rollback_on_failure, false),
            max_history: known(&stack.max_history)
                .and_then(|count| u32::try_from(count).ok())
                .unwrap_or(DEFAULT_MAX_HISTORY),
            take_ownership: flag(&stack.take_ownership, false),
        }
    }
}

/// Loads the chart that the attribute names, or the one that the provider brings.
pub(in crate::provider) fn load_chart(
    found: &mut Diagnostics,
    path: &Value<String>,
) -> Option<Arc<Chart>> {
    static BUNDLED: OnceLock<Option<Arc<Chart>>> = OnceLock::new();
    let loaded = match path {
        Value::Unknown => return None,
        Value::Value(path) => Chart::from_path(Path::new(path)).map(Arc::new),
        Value::Null => {
            if let Some(bundled) =
                BUNDLED.get_or_init(|| chart::bundled::chart().ok().map(Arc::new))
            {
                return Some(Arc::clone(bundled));
            }
            chart::bundled::chart().map(Arc::new)
        }
    };
    loaded
        .map_err(|error| {
            let at = AttributePath::new("chart");
            found.report_error(at, "Chart cannot be loaded.", error.to_string());
        })
        .ok()
}

/// Merges `values_yaml` first to last, `values` and `file`; `None` while any of them is
/// unknown.
fn merge_public_values(found: &mut Diagnostics, stack: &Stack) -> Option<Json> {
    let merged = values_yaml::merge(found, &stack.values_yaml)?;
    let file = file_values(&stack.file)?;
    if !stack.values.is_wholly_known() {
        return None;
    }
    Some(over(&over(&merged, &stack.values.to_json()), &file.to_json()))
}

/// Returns values with others merged over them, if there are any.
fn over(values: &Json, others: &Json) -> Json {
    let mut merged = values.clone();
    if !others.is_null() {
        values::merge(&mut merged, others.clone());
    }
    merged
}

/// Returns the chart values that the `file` attribute stands for; `None` while
/// it is unknown.
fn file_values(file: &Value<FileBlock>) -> Option<Dynamic> {
    let file = match file {
        Value::Unknown => return None,
        Value::Null => return Some(Dynamic::Null),
        Value::Value(file) => file,
    };
    let mut fields = std::collections::BTreeMap::new();
    for (name, value) in [("url", &file.url), ("sha256", &file.sha256), ("key", &file.key)] {
        match value {
            Value::Unknown => return None,
            Value::Null => {}
            Value::Value(text) => {
                fields.insert(name.to_owned(), Dynamic::String(text.clone()));
            }
        }
    }
    Some(Dynamic::Map([("file".to_owned(), Dynamic::Map(fields))].into()))
}

/// Returns every text in these values: what must not be shown.
pub(super) fn sensitive_texts<const N: usize>(values: [&Dynamic; N]) -> Sensitive {
    let mut texts = Vec::new();
    for value in values {
        collect_texts(&value.to_json(), &mut texts);
    }
    Sensitive::new(texts)
}

/// Collects every text in a value, and every number that is long enough to tell
/// something, in both ways in which templates print it. Masking every `1` would leave
/// no error readable.
fn collect_texts(value: &Json, texts: &mut Vec<String>) {
    match value {
        Json::String(text) => texts.push(text.clone()),
        Json::Number(number) => {
            let floating = number.as_f64().map(strconv::format_float);
            let printed = std::iter::once(number.to_string()).chain(floating);
            texts.extend(printed.filter(|text| text.len() >= SHORTEST_NUMBER));
        }
        Json::Array(elements) => elements.iter().for_each(|inner| collect_texts(inner, texts)),
        Json::Object(members) => members.values().for_each(|inner| collect_texts(inner, texts)),
        Json::Null | Json::Bool(_) => {}
    }
}
