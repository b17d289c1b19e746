//! Data source `s3www_chart`: a chart rendered without a cluster.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value as Json;
use tf_provider::AttributePath;
use tf_provider::DataSource;
use tf_provider::Diagnostics;
use tf_provider::schema::AttributeType;
use tf_provider::schema::Schema;
use tf_provider::value::Value;
use tf_provider::value::ValueEmpty;

use crate::helm::capabilities::Capabilities;
use crate::helm::capabilities::KubeVersion;
use crate::helm::compatibility::Compatibility;
use crate::helm::render::Release;
use crate::helm::render::RenderRequest;
use crate::helm::render::Rendered;
use crate::helm::render::System;
use crate::helm::render::render;
use crate::helm::values;
use crate::plugin::diagnostics::Report;
use crate::plugin::dynamic::Dynamic;
use crate::provider::attributes::computed;
use crate::provider::attributes::optional;
use crate::provider::attributes::schema as describe;
use crate::provider::attributes::strings;
use crate::provider::s3www_stack::load_chart;
use crate::provider::value::known;
use crate::provider::values_yaml;

/// The version of Kubernetes that is assumed if none is given.
const KUBE_VERSION: &str = "1.34.4";

/// Is the data source.
pub struct S3wwwChart;

/// Is an `s3www_chart` as it stands in a configuration or the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChartData {
    chart: Value<String>,
    name: Value<String>,
    namespace: Value<String>,
    values: Dynamic,
    values_yaml: Value<Vec<Value<String>>>,
    kube_version: Value<String>,
    api_versions: Value<Vec<Value<String>>>,
    chart_name: Value<String>,
    chart_version: Value<String>,
    app_version: Value<String>,
    default_values: Value<String>,
    manifest: Value<String>,
    manifests: Value<BTreeMap<String, Value<String>>>,
    images: Value<Vec<Value<String>>>,
    notes: Value<String>,
}

#[async_trait]
impl DataSource for S3wwwChart {
    type State<'a> = ChartData;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        use AttributeType::Any;
        use AttributeType::Map;
        use AttributeType::String;
        Some(describe(
            0,
            "Renders a chart without a cluster, as `helm template` does: for a look at what would \
             be deployed, for policy checks, and for mirroring images.",
            [
                (
                    "chart",
                    optional(
                        String,
                        "Path of a chart, a folder or a `.tgz`; the chart that the provider brings if not set.",
                    ),
                ),
                ("name", optional(String, "Name of the release; `release-name` if not set.")),
                ("namespace", optional(String, "Namespace of the release; `default` if not set.")),
                ("values", optional(Any, "Values of the chart.")),
                (
                    "values_yaml",
                    optional(
                        strings(),
                        "YAML texts with values, merged first to last, under `values`.",
                    ),
                ),
                (
                    "kube_version",
                    optional(
                        String,
                        "Version of Kubernetes that templates see; `1.34.4` if not set.",
                    ),
                ),
                (
                    "api_versions",
                    optional(
                        strings(),
                        "Further API versions that templates see, such as `monitoring.coreos.com/v1`.",
                    ),
                ),
                ("chart_name", computed(String, "Name of the chart.")),
                ("chart_version", computed(String, "Version of the chart.")),
                ("app_version", computed(String, "Version of the application, as the chart says.")),
                ("default_values", computed(String, "The chart's `values.yaml`.")),
                (
                    "manifest",
                    computed(String, "Everything that is rendered, as `helm template` prints it."),
                ),
                (
                    "manifests",
                    computed(Map(Box::new(String)), "The same by `apiVersion/Kind/name`."),
                ),
                ("images", computed(strings(), "Every container image in the manifests, sorted.")),
                ("notes", computed(String, "The rendered `NOTES.txt`.")),
            ],
        ))
    }

    async fn read<'a>(
        &self,
        found: &mut Diagnostics,
        config: ChartData,
        _: ValueEmpty,
    ) -> Option<ChartData> {
        let chart = load_chart(found, &config.chart)?;
        let merged = config.merged_values(found)?;
        let kube_version = known(&config.kube_version).unwrap_or_else(|| KUBE_VERSION.to_owned());
        let kube_version = match KubeVersion::parse(&kube_version) {
            Ok(version) => version,
            Err(error) => {
                let at = AttributePath::new("kube_version");
                found.report_error(at, "Version of Kubernetes is not valid.", error.to_string());
                return None;
            }
        };
        let mut capabilities = Capabilities::offline(kube_version, Compatibility::Helm4);
        if let Value::Value(versions) = &config.api_versions {
            capabilities.api_versions.extend(versions.iter().filter_map(known));
        }
        let request = RenderRequest {
            chart: &chart,
            values: merged,
            release: Release {
                name: known(&config.name).unwrap_or_else(|| "release-name".to_owned()),
                namespace: known(&config.namespace).unwrap_or_else(|| "default".to_owned()),
                revision: 1,
                is_install: true,
                is_upgrade: false,
            },
            capabilities,
            compatibility: Compatibility::Helm4,
            lookup: None,
            chance: &System,
        };
        let rendered = match tokio::task::block_in_place(|| render(&request)) {
            Ok(rendered) => rendered,
            Err(error) => {
                let lines: Vec<_> =
                    error.to_string().lines().map(|line| format!("  {line}")).collect();
                let at = AttributePath::root();
                found.report_error(at, "The chart cannot be rendered.", lines.join("\n"));
                return None;
            }
        };
        let metadata = chart.metadata();
        let values_text = chart.values_text().unwrap_or_default();
        Some(ChartData {
            chart_name: Value::Value(metadata.name.clone()),
            chart_version: Value::Value(metadata.version.clone()),
            app_version: Value::Value(metadata.app_version.clone()),
            default_values: Value::Value(String::from_utf8_lossy(values_text).into_owned()),
            manifest: Value::Value(rendered.template_text(true)),
            manifests: Value::Value(manifests(&rendered)),
            images: Value::Value(images(&rendered).into_iter().map(Value::Value).collect()),
            notes: rendered.notes.map_or(Value::Null, Value::Value),
            ..config
        })
    }
}

impl ChartData {
    fn merged_values(&self, found: &mut Diagnostics) -> Option<Json> {
        let mut merged = values_yaml::merge(found, &self.values_yaml)?;
        if !self.values.is_null() {
            values::merge(&mut merged, self.values.to_json());
        }
        Some(merged)
    }
}

fn manifests(rendered: &Rendered) -> BTreeMap<String, Value<String>> {
    let hooks = rendered.hooks.iter().map(|hook| &hook.manifest);
    rendered
        .manifests
        .iter()
        .chain(hooks)
        .filter(|manifest| manifest.is_object())
        .map(|manifest| {
            let key = format!("{}/{}/{}", manifest.api_version, manifest.kind, manifest.name);
            (key, Value::Value(manifest.text.trim().to_owned() + "\n"))
        })
        .collect()
}

/// Returns the value of every `image` of a container, wherever pods are described.
fn images(rendered: &Rendered) -> BTreeSet<String> {
    fn collect(value: &Json, images: &mut BTreeSet<String>) {
        match value {
            Json::Object(members) => {
                for (name, member) in members {
                    let is_list = matches!(
                        name.as_str(),
                        "containers" | "initContainers" | "ephemeralContainers"
                    );
                    if let (true, Json::Array(containers)) = (is_list, member) {
                        images.extend(containers.iter().filter_map(|container| {
                            container.get("image").and_then(Json::as_str).map(str::to_owned)
                        }));
                    }
                    collect(member, images);
                }
            }
            Json::Array(elements) => elements.iter().for_each(|inner| collect(inner, images)),
            _ => {}
        }
    }
    let mut images = BTreeSet::new();
    for manifest in rendered.all() {
        collect(&manifest.object, &mut images);
    }
    images
}
