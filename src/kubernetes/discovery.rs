//! Which REST path serves which kind.
//!
//! The kinds that every supported cluster serves are a table, so that a plan with a dozen
//! built-in objects asks nothing. Of the rest only the group version that is needed is asked
//! for, and asked for again when a kind is not in it: a CustomResourceDefinition may have
//! arrived in between.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde_json::Value;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::discovery::builtin::BUILTIN;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::object::GroupVersionKind;
use crate::kubernetes::object::ObjectReference;
use crate::kubernetes::request::encode_segment;

mod builtin;

/// Is a kind with what is needed to make the paths of its objects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resource {
    /// The kind.
    pub kind: GroupVersionKind,
    /// The kind's name in paths, such as `deployments`.
    pub plural: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

/// Is one object's name together with its REST path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The object's name.
    pub reference: ObjectReference,
    /// Such as `/apis/apps/v1/namespaces/web/deployments/site`.
    pub path: String,
    /// The kind.
    pub resource: Resource,
}

impl Resource {
    /// Returns the entry of the table of built-in kinds, if `kind` is one.
    pub fn builtin(kind: &GroupVersionKind) -> Option<Self> {
        BUILTIN
            .iter()
            .find(|(group, version, name, _, _)| {
                *group == kind.group && *version == kind.version && *name == kind.kind
            })
            .map(|(_, _, _, plural, namespaced)| Self {
                kind: kind.clone(),
                plural: (*plural).to_owned(),
                namespaced: *namespaced,
            })
    }

    /// Returns the path of all objects of the kind, in one namespace or (with nothing) everywhere.
    pub fn collection(&self, namespace: Option<&str>) -> String {
        let root = if self.kind.group.is_empty() { "/api" } else { "/apis" };
        let api_version = self.kind.api_version();
        let api_version: Vec<String> = api_version.split('/').map(encode_segment).collect();
        let base = format!("{root}/{}", api_version.join("/"));
        let plural = encode_segment(&self.plural);
        match namespace {
            Some(namespace) if self.namespaced => {
                format!("{base}/namespaces/{}/{plural}", encode_segment(namespace))
            }
            _ => format!("{base}/{plural}"),
        }
    }

    /// Returns the place of one object. A namespace is ignored for cluster-wide kinds.
    pub fn object(&self, namespace: &str, name: &str) -> Location {
        let namespace = self.namespaced.then(|| namespace.to_owned());
        let path = format!("{}/{}", self.collection(namespace.as_deref()), encode_segment(name));
        Location {
            reference: ObjectReference {
                kind: self.kind.clone(),
                namespace,
                name: name.to_owned(),
            },
            path,
            resource: self.clone(),
        }
    }
}

/// Remembers what the cluster said about its kinds, for as long as the process lives.
#[derive(Default)]
pub(crate) struct Discovery {
    group_versions: Mutex<HashMap<String, Vec<Resource>>>,
}

impl Discovery {
    fn find(&self, kind: &GroupVersionKind) -> Option<Resource> {
        let known = self.group_versions.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&kind.api_version())?.iter().find(|resource| resource.kind == *kind).cloned()
    }

    fn remember(&self, api_version: String, resources: Vec<Resource>) {
        let mut known = self.group_versions.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(api_version, resources);
    }
}

/// Is what a chart may ask about a cluster, see Helm's `.Capabilities`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Such as `v1.34.4`.
    pub version: String,
    /// The version's first number as text, such as `1`.
    pub major: String,
    /// The version's second number as text, such as `34`; some clouds add a `+`.
    pub minor: String,
    /// Every `group/version` and `group/version/Kind` that the cluster serves, sorted.
    pub api_versions: Vec<String>,
}

impl Cluster {
    /// Returns where objects of a kind live, or [`KubernetesError::UnknownKind`].
    pub async fn resource(&self, kind: &GroupVersionKind) -> Result<Resource, KubernetesError> {
        if let Some(resource) = Resource::builtin(kind).or_else(|| self.discovery().find(kind)) {
            return Ok(resource);
        }
        let api_version = kind.api_version();
        let resources = self.group_version(&api_version).await?;
        self.discovery().remember(api_version.clone(), resources);
        self.discovery()
            .find(kind)
            .ok_or_else(|| KubernetesError::UnknownKind { api_version, kind: kind.kind.clone() })
    }

    /// Returns where the named object lives.
    pub async fn locate(&self, reference: &ObjectReference) -> Result<Location, KubernetesError> {
        let resource = self.resource(&reference.kind).await?;
        Ok(resource.object(reference.namespace.as_deref().unwrap_or_default(), &reference.name))
    }

    /// Asks which kinds a group version has; none if the cluster does not serve it.
    async fn group_version(&self, api_version: &str) -> Result<Vec<Resource>, KubernetesError> {
        let root = if api_version.contains('/') { "/apis" } else { "/api" };
        let segments: Vec<String> = api_version.split('/').map(encode_segment).collect();
        match self.get_path(&format!("{root}/{}", segments.join("/"))).await {
            Ok(answer) => Ok(read_resources(api_version, &answer)),
            Err(error) if error.class() == Some(ApiErrorClass::KindNotFound) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Returns the server's version and everything it serves.
    ///
    /// Takes one request per group version on servers without aggregated discovery (before
    /// Kubernetes 1.27), else three.
    pub async fn capabilities(&self) -> Result<Capabilities, KubernetesError> {
        let (version, core, groups) = futures::try_join!(
            self.get_path("/version"),
            self.get_path_as("/api", AGGREGATED),
            self.get_path_as("/apis", AGGREGATED)
        )?;
        let mut api_versions = Vec::new();
        for answer in [&core, &groups] {
            if answer.get("kind").and_then(Value::as_str) == Some("APIGroupDiscoveryList") {
                read_aggregated(answer, &mut api_versions);
            } else {
                for api_version in read_group_versions(answer) {
                    let resources = self.group_version(&api_version).await?;
                    api_versions.extend(
                        resources.iter().map(|one| format!("{api_version}/{}", one.kind.kind)),
                    );
                    api_versions.push(api_version);
                }
            }
        }
        api_versions.sort();
        api_versions.dedup();
        let text =
            |name: &str| version.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Capabilities {
            version: text("gitVersion"),
            major: text("major"),
            minor: text("minor"),
            api_versions,
        })
    }
}

/// Asks for all groups at once, and takes the old form where the server knows no other.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
     application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// Reads an `APIResourceList`. Subresources (`deployments/scale`) are left out.
fn read_resources(api_version: &str, answer: &Value) -> Vec<Resource> {
    let resources = answer.get("resources").and_then(Value::as_array);
    resources
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let plural = entry.get("name")?.as_str()?;
            (!plural.contains('/')).then_some(())?;
            Some(Resource {
                kind: GroupVersionKind::new(api_version, entry.get("kind")?.as_str()?),
                plural: plural.to_owned(),
                namespaced: entry.get("namespaced")?.as_bool()?,
            })
        })
        .collect()
}

/// Reads an `APIVersions` (core) or `APIGroupList` answer.
fn read_group_versions(answer: &Value) -> Vec<String> {
    let core = answer.get("versions").and_then(Value::as_array).into_iter().flatten();
    let groups = answer.get("groups").and_then(Value::as_array).into_iter().flatten();
    core.filter_map(Value::as_str)
        .map(str::to_owned)
        .chain(groups.flat_map(|group| {
            let versions = group.get("versions").and_then(Value::as_array).into_iter().flatten();
            versions.filter_map(|version| version.get("groupVersion")?.as_str().map(str::to_owned))
        }))
        .collect()
}

/// Reads an `APIGroupDiscoveryList` into `group/version` and `group/version/Kind`.
fn read_aggregated(answer: &Value, api_versions: &mut Vec<String>) {
    let list = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    for group in list(answer, "items") {
        let group_name =
            group.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
        for version in list(&group, "versions") {
            let Some(version_name) = version.get("version").and_then(Value::as_str) else {
                continue;
            };
            let api_version = if group_name.is_empty() {
                version_name.to_owned()
            } else {
                format!("{group_name}/{version_name}")
            };
            for resource in list(&version, "resources") {
                // Helm lists the kinds of subresources (`apps/v1/Scale`) as well.
                let subresources = list(&resource, "subresources");
                for one in std::iter::once(&resource).chain(&subresources) {
                    if let Some(kind) = one.pointer("/responseKind/kind").and_then(Value::as_str) {
                        api_versions.push(format!("{api_version}/{kind}"));
                    }
                }
            }
            api_versions.push(api_version);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
