//! What a template finds under its dot.

use std::any::Any;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::helm::chart::metadata::Dependency;
use crate::helm::chart::metadata::Maintainer;
use crate::helm::chart::metadata::Metadata;
use crate::helm::compatibility::Compatibility;
use crate::helm::dependencies::Node;
use crate::helm::files::Files;
use crate::helm::printf;
use crate::helm::render::Release;
use crate::helm::value::Entries;
use crate::helm::value::ListKind;
use crate::helm::value::Map;
use crate::helm::value::Object;
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
    let mut fields = fields(&metadata, compatibility);
    fields.push(("IsRoot", Value::Bool(node.is_root())));
    match compatibility {
        Compatibility::Helm4 => named(fields),
        Compatibility::Helm3 => {
            let json = with_entry(&metadata.to_json(), "IsRoot", Json::Bool(node.is_root()));
            structure("struct { chart.Metadata; IsRoot bool }", fields, &json)
        }
    }
}

/// Returns the fields with Go's names, in the order of the Go struct.
fn fields(metadata: &Metadata, compatibility: Compatibility) -> Vec<(&'static str, Value)> {
    let maintainers = metadata.maintainers.iter().map(|entry| maintainer(entry, compatibility));
    let dependencies = metadata.dependencies.iter().flatten();
    let dependencies = dependencies.map(|entry| dependency(entry, compatibility));
    vec![
        ("Name", text(&metadata.name)),
        ("Home", text(&metadata.home)),
        ("Sources", texts(&metadata.sources, compatibility)),
        ("Version", text(&metadata.version)),
        ("Description", text(&metadata.description)),
        ("Keywords", texts(&metadata.keywords, compatibility)),
        ("Maintainers", Value::list(maintainers.collect())),
        ("Icon", text(&metadata.icon)),
        ("APIVersion", text(&metadata.api_version)),
        ("Condition", text(&metadata.condition)),
        ("Tags", text(&metadata.tags)),
        ("AppVersion", text(&metadata.app_version)),
        ("Deprecated", Value::Bool(metadata.deprecated)),
        ("Annotations", Value::Object(Rc::new(Annotations(metadata.annotations.clone())))),
        ("KubeVersion", text(&metadata.kube_version)),
        ("Dependencies", Value::list(dependencies.collect())),
        ("Type", text(&metadata.chart_type)),
    ]
}

fn maintainer(maintainer: &Maintainer, compatibility: Compatibility) -> Value {
    let fields = vec![
        ("Name", text(&maintainer.name)),
        ("Email", text(&maintainer.email)),
        ("URL", text(&maintainer.url)),
    ];
    match compatibility {
        Compatibility::Helm4 => named(fields),
        Compatibility::Helm3 => structure("*chart.Maintainer", fields, &maintainer.to_json()),
    }
}

fn dependency(dependency: &Dependency, compatibility: Compatibility) -> Value {
    let imports = dependency.import_values.iter().map(values::from_json);
    let fields = vec![
        ("Name", text(&dependency.name)),
        ("Version", text(&dependency.version)),
        ("Repository", text(&dependency.repository)),
        ("Condition", text(&dependency.condition)),
        ("Tags", texts(&dependency.tags, compatibility)),
        ("Enabled", Value::Bool(dependency.enabled)),
        ("ImportValues", Value::list(imports.collect())),
        ("Alias", text(&dependency.alias)),
    ];
    match compatibility {
        Compatibility::Helm4 => named(fields),
        Compatibility::Helm3 => structure("*chart.Dependency", fields, &dependency.to_json()),
    }
}

fn text(text: &str) -> Value {
    Value::string(text)
}

/// Helm 4 makes a `[]interface{}` of every list on the way to a map.
fn texts(texts: &[String], compatibility: Compatibility) -> Value {
    let kind = match compatibility {
        Compatibility::Helm4 => ListKind::Any,
        Compatibility::Helm3 => ListKind::Strings,
    };
    Value::typed_list(kind, texts.iter().map(|item| text(item)).collect())
}

fn named(fields: Vec<(&str, Value)>) -> Value {
    Value::map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn structure(go_type: &'static str, fields: Vec<(&'static str, Value)>, json: &Json) -> Value {
    Value::Object(Rc::new(Structure { go_type, fields, json: values::from_json(json) }))
}

fn with_entry(object: &Json, key: &str, value: Json) -> Json {
    let mut object = object.clone();
    if let Json::Object(entries) = &mut object {
        entries.insert(key.to_owned(), value);
    }
    object
}

/// Is the `map[string]string` of a chart's annotations, which is nil and so JSON's
/// null when the chart has none.
struct Annotations(Option<BTreeMap<String, String>>);

impl Object for Annotations {
    fn type_name(&self) -> String {
        "map[string]string".to_owned()
    }

    fn kind(&self) -> &'static str {
        "map"
    }

    fn field(&self, name: &str) -> Option<Value> {
        let value = self.0.as_ref().and_then(|entries| entries.get(name));
        Some(text(value.map_or("", String::as_str)))
    }

    fn entries(&self) -> Option<Entries> {
        let entries = self.0.iter().flatten();
        Some(entries.map(|(key, value)| (key.clone(), text(value))).collect())
    }

    fn json(&self) -> Value {
        self.entries().filter(|_| self.0.is_some()).map_or(Value::Nil, Value::map)
    }

    fn display(&self) -> String {
        let entries: Vec<String> =
            self.0.iter().flatten().map(|(key, value)| format!("{key}:{value}")).collect();
        format!("map[{}]", entries.join(" "))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Is a Go struct, as Helm 3 shows a chart's metadata: a field that is not there is
/// an error, and JSON has the names of `Chart.yaml`.
struct Structure {
    go_type: &'static str,
    fields: Vec<(&'static str, Value)>,
    json: Value,
}

impl Object for Structure {
    fn type_name(&self) -> String {
        self.go_type.to_owned()
    }

    fn kind(&self) -> &'static str {
        if self.go_type.starts_with('*') { "ptr" } else { "struct" }
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone())
    }

    fn entries(&self) -> Option<Entries> {
        match &self.json {
            Value::Map(map) => Some(map.0.borrow().clone()),
            _ => None,
        }
    }

    /// Prints the fields in the order of the struct. Go prints the address of a
    /// struct in a list, and the embedded metadata in braces of its own.
    fn display(&self) -> String {
        let shown: Vec<String> = self
            .fields
            .iter()
            .map(|(_, field)| {
                printf::sprint(std::slice::from_ref(field))
                    .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                    .unwrap_or_default()
            })
            .collect();
        match shown.split_last() {
            Some((is_root, metadata)) if self.go_type.starts_with("struct") => {
                format!("{{{{{}}} {is_root}}}", metadata.join(" "))
            }
            _ => format!("{{{}}}", shown.join(" ")),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
