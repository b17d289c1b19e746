//! Which kinds a cluster serves.
//!
//! Of the kinds that are not built in, only the group version that is needed is asked for, and
//! asked for again when a kind is not in it: a CustomResourceDefinition may have arrived in
//! between.

use serde_json::Value;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::resource::Location;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::resource::encode_segment;

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
        if let Some(resource) = Resource::builtin(kind).or_else(|| self.known_kinds().find(kind)) {
            return Ok(resource);
        }
        let api_version = kind.api_version();
        let resources = self.group_version(&api_version).await?;
        self.known_kinds().remember(api_version.clone(), resources);
        self.known_kinds()
            .find(kind)
            .ok_or_else(|| KubernetesError::UnknownKind { api_version, kind: kind.kind.clone() })
    }

    /// Returns where the named object lives.
    pub async fn locate(&self, reference: &ObjectReference) -> Result<Location, KubernetesError> {
        let resource = self.resource(&reference.kind).await?;
        Ok(resource.object(reference.namespace.as_deref().unwrap_or_default(), &reference.name))
    }

    /// Returns where an object of a manifest belongs, asking the cluster about its kind if need be.
    pub async fn locate_manifest(
        &self,
        object: &ManifestObject,
        release_namespace: &str,
    ) -> Result<Location, KubernetesError> {
        Ok(object.location(&self.resource(object.kind()).await?, release_namespace))
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
