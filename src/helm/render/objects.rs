//! What a template finds under its dot.

use std::any::Any;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::helm::chart::metadata::Dependency;
use crate::helm::chart::metadata::Maintainer;
use crate::helm::chart::metadata::Metadata;
use crate::helm::compatibility::Compatibility;
use crate::helm::dependencies::Node;
use crate::helm::files::Files;
use crate::helm::render::Release;
use crate::helm::value::Entries;
use crate::helm::value::Map;
use crate::helm::value::Object;
use crate::helm::value::StringMap;
use crate::helm::value::Value;
use crate::helm::values;

/// Is a template file with what it is run on.
pub(super) struct Template {
    /// The text of the file.
    pub(super) text: String,
    /// The map under the dot, which all files of one chart share.
    pub(super) dot: Map,
    /// The folder of the chart's templates, for `.Template.BasePath`.
    pub(super) base_path: String,
}

/// Is what all charts of a render see alike.
pub(super) struct Shared {
    pub(super) release: Value,
    pub(super) capabilities: Value,
    pub(super) compatibility: Compatibility,
}

/// Returns the object `.Release`.
pub(super) fn release(release: &Release) -> Value {
    Value::map(Entries::from([
        ("Name".to_owned(), Value::string(release.name.as_str())),
        ("Namespace".to_owned(), Value::string(release.namespace.as_str())),
        ("IsUpgrade".to_owned(), Value::Bool(release.is_upgrade)),
        ("IsInstall".to_owned(), Value::Bool(release.is_install)),
        ("Revision".to_owned(), Value::int(i64::from(release.revision))),
        ("Service".to_owned(), Value::string("Helm")),
    ]))
}

/// Collects the templates of a chart and of all charts below it, by the names
/// under which they are parsed, and returns the chart's dot.
pub(super) fn collect(
    node: &Node<'_>,
    shared: &Shared,
    chart_values: &Map,
    templates: &mut BTreeMap<String, Template>,
) -> Map {
    let subcharts = Map::default();
    let dot = Map::default();
    dot.0.borrow_mut().extend([
        ("Chart".to_owned(), chart(node, shared.compatibility)),
        ("Files".to_owned(), Value::Object(Rc::new(Files::new(node.chart().files())))),
        ("Release".to_owned(), shared.release.clone()),
        ("Capabilities".to_owned(), shared.capabilities.clone()),
        ("Values".to_owned(), Value::Map(chart_values.clone())),
        ("Subcharts".to_owned(), Value::Map(subcharts.clone())),
    ]);
    for child in node.dependencies() {
        // A dot in a name leads into a table, where there is none; so does Helm.
        let inner = values::table(chart_values, child.name()).unwrap_or_default();
        let child_dot = collect(&child, shared, &inner, templates);
        subcharts.0.borrow_mut().insert(child.name().to_owned(), Value::Map(child_dot));
    }
    let path = node.full_path();
    for file in node.chart().templates() {
        let base = file.name.rsplit_once('/').map_or(file.name.as_str(), |(_, base)| base);
        if node.metadata().is_library() && !base.starts_with('_') {
            continue;
        }
        templates.insert(
            format!("{path}/{}", file.name),
            Template {
                text: String::from_utf8_lossy(&file.data).into_owned(),
                dot: dot.clone(),
                base_path: format!("{path}/templates"),
            },
        );
    }
    dot
}

fn chart(node: &Node<'_>, compatibility: Compatibility) -> Value {
    let metadata = node.metadata();
    let mut fields = fields(&metadata);
    match compatibility {
        Compatibility::Helm4 => {
            fields.push(("IsRoot", Value::Bool(node.is_root())));
            Value::map(
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            )
        }
        Compatibility::Helm3 => Value::Object(Rc::new(ChartStruct {
            is_root: node.is_root(),
            json: values::from_json(&metadata.to_json()),
            fields,
        })),
    }
}

/// Returns the fields with Go's names, in the order of the Go struct.
fn fields(metadata: &Metadata) -> Vec<(&'static str, Value)> {
    let text = |text: &str| Value::string(text);
    let texts = |texts: &[String]| {
        Value::list(texts.iter().map(|text| Value::string(text.as_str())).collect())
    };
    vec![
        ("Name", text(&metadata.name)),
        ("Home", text(&metadata.home)),
        ("Sources", texts(&metadata.sources)),
        ("Version", text(&metadata.version)),
        ("Description", text(&metadata.description)),
        ("Keywords", texts(&metadata.keywords)),
        ("Maintainers", Value::list(metadata.maintainers.iter().map(maintainer).collect())),
        ("Icon", text(&metadata.icon)),
        ("APIVersion", text(&metadata.api_version)),
        ("Condition", text(&metadata.condition)),
        ("Tags", text(&metadata.tags)),
        ("AppVersion", text(&metadata.app_version)),
        ("Deprecated", Value::Bool(metadata.deprecated)),
        ("Annotations", annotations(metadata)),
        ("KubeVersion", text(&metadata.kube_version)),
        (
            "Dependencies",
            Value::list(metadata.dependencies.iter().flatten().map(dependency).collect()),
        ),
        ("Type", text(&metadata.chart_type)),
    ]
}

fn annotations(metadata: &Metadata) -> Value {
    let annotations = metadata.annotations.iter().flatten();
    Value::Object(Rc::new(StringMap(
        annotations.map(|(key, value)| (key.clone(), value.as_str().into())).collect(),
    )))
}

fn named(fields: Vec<(&str, Value)>) -> Value {
    Value::map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn maintainer(maintainer: &Maintainer) -> Value {
    named(vec![
        ("Name", Value::string(maintainer.name.as_str())),
        ("Email", Value::string(maintainer.email.as_str())),
        ("URL", Value::string(maintainer.url.as_str())),
    ])
}

fn dependency(dependency: &Dependency) -> Value {
    named(vec![
        ("Name", Value::string(dependency.name.as_str())),
        ("Version", Value::string(dependency.version.as_str())),
        ("Repository", Value::string(dependency.repository.as_str())),
        ("Condition", Value::string(dependency.condition.as_str())),
        (
            "Tags",
            Value::list(dependency.tags.iter().map(|tag| Value::string(tag.as_str())).collect()),
        ),
        ("Enabled", Value::Bool(dependency.enabled)),
        (
            "ImportValues",
            Value::list(dependency.import_values.iter().map(values::from_json).collect()),
        ),
        ("Alias", Value::string(dependency.alias.as_str())),
    ])
}

/// Is `.Chart` of Helm 3: a Go struct, where a field that is not there is an error
/// and JSON shows the names of `Chart.yaml`.
struct ChartStruct {
    is_root: bool,
    fields: Vec<(&'static str, Value)>,
    json: Value,
}

impl Object for ChartStruct {
    fn type_name(&self) -> String {
        "struct { chart.Metadata; IsRoot bool }".to_owned()
    }

    fn field(&self, name: &str) -> Option<Value> {
        if name == "IsRoot" {
            return Some(Value::Bool(self.is_root));
        }
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone())
    }

    fn entries(&self) -> Option<Entries> {
        let mut entries = match &self.json {
            Value::Map(map) => map.0.borrow().clone(),
            _ => Entries::new(),
        };
        entries.insert("IsRoot".to_owned(), Value::Bool(self.is_root));
        Some(entries)
    }

    /// Prints the fields in the order of the struct, as Go does, but for lists of
    /// structs, of which Go prints addresses.
    fn display(&self) -> String {
        let fields: Vec<Value> = self.fields.iter().map(|(_, value)| value.clone()).collect();
        let shown: Vec<String> = fields
            .iter()
            .map(|field| {
                crate::helm::printf::sprint(std::slice::from_ref(field))
                    .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                    .unwrap_or_default()
            })
            .collect();
        format!("{{{{{}}} {}}}", shown.join(" "), self.is_root)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
