//! Rendering the chart for one revision, against a real cluster.

use std::sync::Arc;

use serde_json::Value as Json;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::inputs::Inputs;
use crate::helm::capabilities::Capabilities;
use crate::helm::capabilities::KubeVersion;
use crate::helm::chart::Chart;
use crate::helm::compatibility::Compatibility;
use crate::helm::release;
use crate::helm::render::Lookup;
use crate::helm::render::Release;
use crate::helm::render::RenderError;
use crate::helm::render::RenderRequest;
use crate::helm::render::Rendered;
use crate::helm::render::System;
use crate::helm::render::render;
use crate::kubernetes::cancel::unless_cancelled;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::lifecycle::Draft;
use crate::kubernetes::reference::GroupVersionKind;

/// Names the revision that a render is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Revision {
    pub(super) number: u32,
    /// Whether the release has no revision before it.
    pub(super) is_first: bool,
}

/// Says why a chart could not be rendered.
#[derive(Debug)]
pub(super) enum RenderFailure {
    /// The chart or the values are at fault.
    Chart(RenderError),
    /// The cluster could not be asked.
    Cluster(KubernetesError),
}

/// Renders the chart; `stop` ends what it looks up.
pub(super) async fn render_for(
    cluster: &Cluster,
    inputs: &Inputs,
    revision: Revision,
    stop: &CancellationToken,
) -> Result<Rendered, RenderFailure> {
    let (handle, stop) = (Handle::current(), stop.clone());
    let lookup = ClusterLookup { cluster: cluster.clone(), handle, stop };
    render_with(cluster, inputs, revision, Some(&lookup)).await
}

/// Renders the chart for the cluster as if there were no objects in it.
pub(super) async fn render_without_lookup(
    cluster: &Cluster,
    inputs: &Inputs,
    revision: Revision,
) -> Result<Rendered, RenderFailure> {
    render_with(cluster, inputs, revision, None).await
}

async fn render_with(
    cluster: &Cluster,
    inputs: &Inputs,
    revision: Revision,
    lookup: Option<&ClusterLookup>,
) -> Result<Rendered, RenderFailure> {
    let served = cluster.capabilities().await.map_err(RenderFailure::Cluster)?;
    let request = RenderRequest {
        chart: &inputs.chart,
        values: inputs.values.clone(),
        release: Release {
            name: inputs.name.clone(),
            namespace: inputs.namespace.clone(),
            revision: revision.number,
            is_install: revision.is_first,
            is_upgrade: !revision.is_first,
        },
        capabilities: Capabilities::online(
            KubeVersion::of_cluster(&served.version, &served.major, &served.minor),
            served.api_versions,
            Compatibility::Helm4,
        ),
        compatibility: Compatibility::Helm4,
        lookup: lookup.map(|lookup| -> &(dyn Lookup + Sync) { lookup }),
        chance: &System,
    };
    // The render runs on a thread of its own and asks this runtime for objects, so
    // the worker that waits for it must not be one that others wait for.
    tokio::task::block_in_place(|| render(&request)).map_err(RenderFailure::Chart)
}

/// Looks objects up for the chart's `lookup`.
struct ClusterLookup {
    cluster: Cluster,
    handle: Handle,
    stop: CancellationToken,
}

impl Lookup for ClusterLookup {
    fn lookup(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Json, String> {
        let doing = || format!("looking up {kind} `{name}` for the chart");
        let finding = self.find(api_version, kind, namespace, name);
        let found = self.handle.block_on(unless_cancelled(&self.stop, doing, finding));
        // What Helm answers too: a kind that the cluster does not know is an error,
        // an object that is not there is an empty map.
        found.map_err(|error| error.to_string())
    }
}

impl ClusterLookup {
    async fn find(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Json, KubernetesError> {
        let kind = GroupVersionKind::new(api_version, kind);
        let resource = match self.cluster.resource(&kind).await {
            Ok(resource) => resource,
            // Helm's `lookup` of a kind that is not there finds nothing.
            Err(KubernetesError::UnknownKind { .. }) => {
                return Ok(Json::Object(serde_json::Map::new()));
            }
            Err(error) => return Err(error),
        };
        if name.is_empty() {
            let namespace = (!namespace.is_empty()).then_some(namespace);
            return self.cluster.get_path(&resource.collection(namespace)).await;
        }
        match self.cluster.find(&resource.object(namespace, name)).await {
            Ok(Some(object)) => Ok(Json::Object(object.into_fields())),
            Ok(None) => Ok(Json::Object(serde_json::Map::new())),
            Err(error) if error.class() == Some(ApiErrorClass::NamespaceNotFound) => {
                Ok(Json::Object(serde_json::Map::new()))
            }
            Err(error) => Err(error),
        }
    }
}

/// Returns what is deployed and recorded of a render.
pub(super) fn draft(inputs: &Inputs, rendered: &Rendered) -> Draft {
    let config = match &inputs.recorded_values {
        Json::Object(values) => values.clone(),
        _ => serde_json::Map::new(),
    };
    Draft {
        chart: recorded_chart(&inputs.chart, rendered),
        config,
        manifest: rendered.manifest_text(),
        hooks: rendered.hooks.iter().map(recorded_hook).collect(),
        notes: rendered.notes.clone().unwrap_or_default(),
        custom_resource_definitions: rendered
            .crds
            .iter()
            .flat_map(|file| file.objects.iter().cloned())
            .collect(),
    }
}

fn recorded_chart(chart: &Arc<Chart>, rendered: &Rendered) -> release::Chart {
    let object = |json: &Json| match json {
        Json::Object(members) => members.clone(),
        _ => serde_json::Map::new(),
    };
    let file = |file: &crate::helm::chart::File| release::File {
        name: file.name.clone(),
        data: file.data.clone(),
        ..release::File::default()
    };
    release::Chart {
        metadata: object(&rendered.chart_metadata),
        lock: chart.lock().cloned().unwrap_or(Json::Null),
        templates: chart.templates().iter().map(file).collect(),
        values: object(&rendered.chart_values),
        schema: chart.schema().map(<[u8]>::to_vec),
        files: chart.files().iter().map(file).collect(),
        ..release::Chart::default()
    }
}

fn recorded_hook(hook: &crate::helm::manifest::hook::Hook) -> release::Hook {
    release::Hook {
        name: hook.manifest.name.clone(),
        kind: hook.manifest.kind.clone(),
        path: hook.manifest.source.clone(),
        manifest: hook.manifest.text.clone(),
        events: hook.events.iter().map(|event| event.as_str().to_owned()).collect(),
        weight: hook.weight,
        delete_policies: hook.delete_policies.clone(),
        output_log_policies: hook.output_log_policies.clone(),
        ..release::Hook::default()
    }
}
