//! Trying a plan's manifests at the API server, and saying what it would refuse.

use tf_provider::AttributePath;
use tf_provider::Diagnostics;

use super::S3wwwStack;
use super::drift;
use super::inputs::Inputs;
use super::origin;
use super::origin::Origin;
use super::plan::ownership;
use super::plan::unreadable;
use super::render::Revision;
use super::shown::ShownRelease;
use super::state::Private;
use super::state::Stack;
use crate::helm::manifest::hook::Event;
use crate::helm::render::Rendered;
use crate::kubernetes::autoscaler::Autoscalers;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::drift::Expected;
use crate::kubernetes::drift::Finding;
use crate::kubernetes::drift::Severity;
use crate::kubernetes::drift::ValidateOptions;
use crate::kubernetes::drift::validate;
use crate::kubernetes::manifest::ManifestObject;
use crate::plugin::diagnostics::Report;
use crate::provider::report::kubernetes_error;

impl S3wwwStack {
    /// Lets the API server try the manifests without applying them, so that the
    /// plan refuses what the apply would be refused.
    #[expect(clippy::too_many_arguments, reason = "each is a thing of its own that the try needs")]
    pub(super) async fn try_out(
        &self,
        found: &mut Diagnostics,
        cluster: &Cluster,
        config: &Stack,
        inputs: &Inputs,
        private: &Private,
        rendered: &Rendered,
        revision: Revision,
        shown: &ShownRelease,
        recorded: &[String],
    ) -> Option<()> {
        let read = |document: &serde_json::Value| ManifestObject::read(document.clone());
        let objects = |documents: Vec<&serde_json::Value>| {
            documents.into_iter().map(read).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
        };
        let manifests = rendered.manifests.iter().filter(|one| one.is_object());
        // Of the hooks only those that this operation may run, and only as new objects:
        // what an earlier run left is deleted before a hook is made again.
        let hooks = rendered.hooks.iter().filter(|hook| hook.events != [Event::Test]);
        let hooks = hooks.map(|hook| &hook.manifest).filter(|one| one.is_object());
        let all =
            objects(manifests.map(|manifest| &manifest.object).collect()).and_then(|objects_| {
                let hooks = objects(hooks.map(|manifest| &manifest.object).collect())?;
                let crds = objects(rendered.crds.iter().flat_map(|file| &file.objects).collect())?;
                Ok((objects_, hooks, crds))
            });
        let (objects, hooks, crds) = all.map_err(|error| unreadable(found, &error)).ok()?;
        let is_recorded = |object: &ManifestObject| {
            recorded.iter().any(|key| names(key, object, &inputs.namespace))
        };
        let expected: Vec<_> = objects
            .iter()
            .map(|object| Expected { object, recorded: is_recorded(object), marked: true })
            .chain(hooks.iter().map(|object| Expected { object, recorded: false, marked: false }))
            .collect();
        let hidden = shown.hidden().fields.clone();
        let masker = private.masker(shown.sensitive().clone()).hiding(hidden);
        let options = ValidateOptions {
            ownership: &ownership(inputs),
            ignore: &drift::ignore(config),
            autoscalers: &Autoscalers::new(&objects, &inputs.namespace),
            masker: &masker,
            definitions: &crds,
            creates_namespace: inputs.options.create_namespace,
        };
        let findings = match validate(cluster, &expected, &options, self.context.stop()).await {
            Ok(findings) => findings,
            Err(error) => {
                let summary = "The manifests cannot be tried at the API server.";
                kubernetes_error(found, AttributePath::root(), summary, &error);
                return None;
            }
        };
        let stop = self.context.stop();
        let origins =
            origin::of_findings(cluster, inputs, revision, rendered, &findings, stop).await;
        report_findings(found, config, &findings, &origins);
        let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
        (!refused).then_some(())
    }
}

/// Tells what the API server said of each object; the same about several objects
/// (that their namespace is missing, say) once.
fn report_findings(
    found: &mut Diagnostics,
    config: &Stack,
    findings: &[Finding],
    origins: &[Origin],
) {
    let mut told: Vec<&Finding> = Vec::new();
    for (finding, origin) in findings.iter().zip(origins) {
        let same = |other: &&Finding| {
            other.severity == finding.severity
                && without_name(other) == without_name(finding)
                && other.hint == finding.hint
        };
        if told.iter().any(same) {
            continue;
        }
        told.push(finding);
        let others: Vec<_> = findings.iter().filter(|other| same(other)).skip(1).collect();
        let mut lines = vec![finding.message.clone()];
        if !others.is_empty() {
            let names: Vec<_> = others.iter().map(|other| other.object.to_string()).collect();
            lines.push(format!("The same holds for {}.", names.join(", ")));
        }
        let mut at = AttributePath::root();
        match origin.values.as_slice() {
            [] => {}
            [value] => at = origin::attribute(config, value).0,
            values => {
                let names: Vec<_> =
                    values.iter().map(|steps| format!("`{}`", steps.join("."))).collect();
                lines.push(format!("It comes from the values {}.", names.join(", ")));
            }
        }
        lines.extend(origin.template.iter().map(|path| format!("The template is `{path}`.")));
        lines.extend(finding.hint.iter().map(|hint| format!("Hint: {hint}")));
        let detail = lines.join("\n");
        let object = &finding.object;
        match finding.severity {
            Severity::Error => {
                let summary = format!("The API server would refuse {object}.");
                found.report_error(at, summary, detail);
            }
            Severity::Warning => {
                let summary = format!("The API server warns about {object}.");
                found.report_warning(AttributePath::root(), summary, detail);
            }
            Severity::Note => tracing::debug!(%object, "{detail}"),
        }
    }
}

/// Returns what is said of an object without the object.
fn without_name(finding: &Finding) -> String {
    finding.message.replace(&finding.object.to_string(), "")
}

/// Says whether a key of the state names the object of a manifest.
fn names(key: &str, object: &ManifestObject, namespace: &str) -> bool {
    let kind = object.kind();
    let namespace = object.namespace().unwrap_or(namespace);
    let (api_version, name) = (kind.api_version(), object.name());
    let kind = &kind.kind;
    key == format!("{api_version}/{kind}/{namespace}/{name}")
        || key == format!("{api_version}/{kind}/{name}")
}
