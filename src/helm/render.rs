//! From a chart and values to manifests, hooks and notes.
//!
//! The steps are Helm's: work out the dependencies, complete the values, check
//! them against the schemas, run the templates, cut the text into objects. What
//! Helm has not is the second pass: when a template asked for the time or for
//! random bytes, everything is rendered once more with others, and what comes out
//! differently is marked in the manifests, leaf by leaf.

mod chance;
mod error;
mod host;
mod objects;
mod pass;
mod unstable;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::thread;

use serde_json::Value as Json;

use crate::helm::capabilities::Capabilities;
use crate::helm::chart::Chart;
use crate::helm::compatibility::Compatibility;
use crate::helm::dependencies;
use crate::helm::dependencies::Node;
use crate::helm::functions::semver;
use crate::helm::manifest;
use crate::helm::manifest::Manifest;
use crate::helm::manifest::hook::Event;
use crate::helm::manifest::hook::Hook;
use crate::helm::render::host::Cluster;
use crate::helm::render::host::Source;
use crate::helm::render::objects::Shared;
use crate::helm::render::pass::Pass;
use crate::helm::schema;
use crate::helm::template;
use crate::helm::value::Map;
use crate::helm::value::Value;
use crate::helm::values;
use crate::helm::values::coalesce;
use crate::helm::values::coalesce::Mode;

pub use crate::helm::render::chance::Chance;
pub use crate::helm::render::chance::System;
pub use crate::helm::render::error::RenderError;
pub use crate::helm::render::error::TemplateError;

/// Asks a cluster for objects while a chart is rendered.
pub trait Lookup {
    /// Returns the object; an empty map when it is not there; a list of all
    /// objects of the kind when the name is empty.
    ///
    /// The error is what the template's author gets to read.
    fn lookup(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Json, String>;
}

/// Is `.Release`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The release's name.
    pub name: String,
    /// The namespace that it goes to.
    pub namespace: String,
    /// The revision, counted from 1.
    pub revision: u32,
    /// Whether this is the first revision.
    pub is_install: bool,
    /// Whether there are earlier revisions.
    pub is_upgrade: bool,
}

/// Is everything that a render depends on.
#[derive(Clone)]
pub struct RenderRequest<'a> {
    /// The chart.
    pub chart: &'a Chart,
    /// The user's values, merged; nulls remove defaults of the chart.
    pub values: Json,
    /// The release.
    pub release: Release,
    /// What the cluster can do.
    pub capabilities: Capabilities,
    /// Which Helm is imitated.
    pub compatibility: Compatibility,
    /// Where `lookup` looks; without it, it finds nothing, as in `helm template`.
    pub lookup: Option<&'a (dyn Lookup + Sync)>,
    /// The clock and the random bytes; [`System`] but for tests.
    pub chance: &'a dyn Chance,
}

/// Is what a render brings forth.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// The documents in install order, hooks not among them.
    pub manifests: Vec<Manifest>,
    /// The hooks in install order of their kinds; see [`Rendered::hooks_of`].
    pub hooks: Vec<Hook>,
    /// The files of `crds/` of the chart and its dependencies. They are not rendered.
    pub crds: Vec<Crd>,
    /// The rendered `NOTES.txt` of the chart itself.
    pub notes: Option<String>,
    /// The completed values that the templates saw at first, those of the
    /// dependencies among them.
    pub values: Json,
    /// `Chart.yaml` as the release record keeps it: JSON names, and only the
    /// dependencies that take part.
    pub chart_metadata: Json,
    /// The chart's own default values as the release record keeps them: with what
    /// dependencies handed up through `import-values`.
    pub chart_values: Json,
    /// The template files that asked for the time or for random bytes, themselves
    /// or in what they included. See [`Manifest::unstable`] for what came of it.
    pub non_deterministic: BTreeSet<String>,
}

/// Is one file of `crds/`.
#[derive(Clone, Debug, PartialEq)]
pub struct Crd {
    /// The path: `s3www/charts/minio/crds/tenants.yaml`.
    pub source: String,
    /// The file as it is.
    pub text: String,
    /// The objects in it, in order.
    pub objects: Vec<Json>,
}

impl Crd {
    /// Returns the file as Helm prints it, with its path in a comment.
    pub fn with_source(&self) -> String {
        format!("---\n# Source: {}\n{}\n", self.source, self.text)
    }
}

impl Rendered {
    /// Returns everything that was rendered from templates: the manifests, then those of hooks.
    pub fn all(&self) -> impl Iterator<Item = &Manifest> {
        self.manifests.iter().chain(self.hooks.iter().map(|hook| &hook.manifest))
    }

    /// Returns the text that the release record keeps as `manifest`: no hooks, no
    /// CRDs of `crds/`.
    pub fn manifest_text(&self) -> String {
        self.manifests.iter().map(Manifest::with_source).collect()
    }

    /// Returns what `helm template` prints.
    pub fn template_text(&self, include_crds: bool) -> String {
        let mut text: String =
            self.crds.iter().filter(|_| include_crds).map(Crd::with_source).collect();
        text.push_str(&self.manifest_text());
        let mut printed = text.trim().to_owned();
        printed.push('\n');
        printed.extend(self.hooks.iter().map(|hook| hook.manifest.with_source()));
        printed
    }

    /// Returns the hooks of an event in the order in which they run.
    pub fn hooks_of(&self, event: Event) -> Vec<&Hook> {
        manifest::hook::of_event(&self.hooks, event)
    }
}

/// Renders a chart.
///
/// Templates may call each other very deeply, so it runs on a thread of its own
/// with a large stack. The caller's thread waits for it: on an async runtime, call
/// it where blocking is allowed.
pub fn render(request: &RenderRequest<'_>) -> Result<Rendered, RenderError> {
    thread::scope(|scope| {
        thread::Builder::new()
            .name("render".to_owned())
            .stack_size(template::STACK_SIZE)
            .spawn_scoped(scope, || on_this_thread(request))
            .map_err(|error| RenderError::Thread(error.to_string()))?
            .join()
            .unwrap_or_else(|_| Err(RenderError::Thread("it ended by a panic".to_owned())))
    })
}

/// Is a chart with completed values.
struct Prepared<'a> {
    root: Node<'a>,
    values: Map,
}

fn prepare<'a>(request: &RenderRequest<'a>) -> Result<Prepared<'a>, RenderError> {
    let Value::Map(user_values) = values::from_json(&request.values) else {
        return Err(RenderError::ValuesNotAMap);
    };
    let compatibility = request.compatibility;
    let root = dependencies::process(request.chart, &user_values, compatibility)?;
    coalesce::chart_values(&root, &user_values, Mode::Coalesce, compatibility)
        .map_err(dependencies::DependencyError::from)?;
    Ok(Prepared { root, values: user_values })
}

fn on_this_thread(request: &RenderRequest<'_>) -> Result<Rendered, RenderError> {
    let chart = request.chart;
    if chart.metadata().is_library() {
        return Err(RenderError::Library { name: chart.metadata().name.clone() });
    }
    let names = dependencies::missing(chart);
    if !names.is_empty() {
        return Err(RenderError::MissingDependencies { names });
    }
    let prepared = prepare(request)?;
    let completed = values::to_json(&Value::Map(prepared.values.clone()))?;
    schema::check(&prepared.root, &completed)?;
    let metadata = prepared.root.metadata();
    let kube_version = &request.capabilities.kube_version;
    if !metadata.kube_version.is_empty()
        && !semver::is_compatible(&metadata.kube_version, &kube_version.normalized)
    {
        return Err(RenderError::KubeVersion {
            constraint: metadata.kube_version,
            version: kube_version.version.clone(),
        });
    }
    // Now, as templates can change these maps.
    let chart_values = values::to_json(&Value::Map(prepared.root.own_values()))?;
    let crds = crds(&prepared.root)?;

    let cluster = Cluster::new(request.lookup);
    let source = Source::first(request.chance);
    let first = run(request, &prepared, &cluster, &source)?;
    let notes_file = format!("{}/templates/NOTES.txt", prepared.root.name());
    let (mut manifests, mut hooks, notes) = sort(first.files, &notes_file, request.compatibility)?;
    if !first.users.is_empty() {
        let second = run(request, &prepare(request)?, &cluster, &Source::second(source))?;
        let (other_manifests, other_hooks, _) =
            sort(second.files, &notes_file, request.compatibility)?;
        let others: Vec<&Manifest> =
            other_manifests.iter().chain(other_hooks.iter().map(|hook| &hook.manifest)).collect();
        let all = manifests.iter_mut().chain(hooks.iter_mut().map(|hook| &mut hook.manifest));
        unstable::mark(all, &others);
    }
    Ok(Rendered {
        manifests,
        hooks,
        crds,
        notes,
        values: completed,
        chart_metadata: metadata.to_json(),
        chart_values,
        non_deterministic: first.users,
    })
}

fn run(
    request: &RenderRequest<'_>,
    prepared: &Prepared<'_>,
    cluster: &Cluster<'_>,
    source: &Source<'_>,
) -> Result<Pass, RenderError> {
    let shared = Shared {
        release: objects::release(&request.release),
        capabilities: request.capabilities.to_value(request.compatibility),
        compatibility: request.compatibility,
    };
    let mut templates = BTreeMap::new();
    objects::collect(&prepared.root, &shared, &prepared.values, &mut templates);
    pass::run(&templates, cluster, source, request.compatibility)
}

type Sorted = (Vec<Manifest>, Vec<Hook>, Option<String>);

/// Takes the notes out of the rendered files and sorts the rest.
fn sort(
    mut files: Vec<(String, String)>,
    notes_file: &str,
    compatibility: Compatibility,
) -> Result<Sorted, RenderError> {
    let notes = files.iter().find(|(name, _)| name == notes_file).map(|(_, text)| text.clone());
    files.retain(|(name, _)| !name.ends_with("NOTES.txt"));
    let (manifests, hooks) = manifest::sort(files, compatibility)?;
    Ok((manifests, hooks, notes))
}

fn crds(node: &Node<'_>) -> Result<Vec<Crd>, RenderError> {
    let mut found = Vec::new();
    for file in node.chart().files() {
        let extension = file.name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is_manifest =
            ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known));
        if !file.name.starts_with("crds/") || !is_manifest {
            continue;
        }
        let source = format!("{}/{}", node.full_path(), file.name);
        let text = String::from_utf8_lossy(&file.data).into_owned();
        // Kubernetes' own reader takes them apart, as Helm hands them over whole.
        let documents = manifest::sort(vec![(source.clone(), text.clone())], Compatibility::Helm4)?;
        let objects = documents.0.into_iter().map(|manifest| manifest.object);
        let objects = objects.filter(Json::is_object).collect();
        found.push(Crd { source, text, objects });
    }
    for dependency in node.dependencies() {
        found.extend(crds(&dependency)?);
    }
    Ok(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
