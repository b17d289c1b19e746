//! `.Capabilities`: what the cluster and this engine can do, as templates see it.

mod object;

use crate::helm::compatibility::Compatibility;
use crate::helm::value::Value;

/// Is what templates can ask about the cluster and about Helm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The version of Kubernetes.
    pub kube_version: KubeVersion,
    /// What `.APIVersions.Has` finds: `apps/v1`, and from a cluster also `apps/v1/Deployment`.
    pub api_versions: Vec<String>,
    /// The version of Helm that the engine imitates.
    pub helm_version: HelmVersion,
}

/// Is a version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    /// The full version, with its `v`: `v1.33.4-gke.1`.
    pub version: String,
    /// The version without what follows the numbers: `v1.33.4`.
    pub normalized: String,
    /// The first number.
    pub major: String,
    /// The second number; clusters may add a `+`.
    pub minor: String,
}

/// Is `.Capabilities.HelmVersion`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelmVersion {
    /// The version, as `v4.3.1`.
    pub version: String,
    /// The commit that a release was built from.
    pub git_commit: String,
    /// `clean` for a release.
    pub git_tree_state: String,
    /// The compiler.
    pub go_version: String,
    /// The version of Kubernetes that Helm's client was made for; only Helm 4 says it.
    pub kube_client_version: String,
}

/// Says that a text is no version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no version of Kubernetes. Give one such as \"1.34.4\".")]
pub struct KubeVersionError(pub String);

impl Capabilities {
    /// Returns what `helm template` shows: the groups that Kubernetes' Go client
    /// knows, no kinds, and the given version of Kubernetes.
    pub fn offline(kube_version: KubeVersion, compatibility: Compatibility) -> Self {
        Self::online(
            kube_version,
            OFFLINE_API_VERSIONS.iter().map(|version| (*version).to_owned()).collect(),
            compatibility,
        )
    }

    /// Returns what a cluster of that version with these `group/version` and
    /// `group/version/Kind` shows.
    pub fn online(
        kube_version: KubeVersion,
        api_versions: Vec<String>,
        compatibility: Compatibility,
    ) -> Self {
        Self { kube_version, api_versions, helm_version: HelmVersion::of(compatibility) }
    }

    /// Returns the object for templates.
    pub(in crate::helm) fn to_value(&self, compatibility: Compatibility) -> Value {
        object::capabilities(self, compatibility)
    }
}

impl Default for KubeVersion {
    /// Returns the version that Helm 4.3.1 and 3.22.0 assume when they know of no cluster.
    fn default() -> Self {
        Self {
            version: "v1.37.0".to_owned(),
            normalized: "v1.37.0".to_owned(),
            major: "1".to_owned(),
            minor: "37".to_owned(),
        }
    }
}

impl KubeVersion {
    /// Makes the version that a cluster says it has; there Helm takes it as it is.
    pub fn of_cluster(git_version: &str, major: &str, minor: &str) -> Self {
        Self {
            version: git_version.to_owned(),
            normalized: git_version.to_owned(),
            major: major.to_owned(),
            minor: minor.to_owned(),
        }
    }

    /// Reads a version such as `1.34`, `v1.34.4` or `v1.33.4-gke.1245000`.
    pub fn parse(text: &str) -> Result<Self, KubeVersionError> {
        let refused = || KubeVersionError(text.to_owned());
        let trimmed = text.trim_start();
        let numbers = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let end = numbers
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .unwrap_or(numbers.len());
        let numbers = numbers.split_at_checked(end).map_or("", |(numbers, _)| numbers);
        let parts: Vec<&str> = numbers.trim_end_matches('.').split('.').collect();
        let is_number = |part: &&str| !part.is_empty() && (*part == "0" || !part.starts_with('0'));
        if !parts.iter().all(is_number) {
            return Err(refused());
        }
        let [major, minor, ..] = parts.as_slice() else { return Err(refused()) };
        Ok(Self {
            version: if text.starts_with('v') { text.to_owned() } else { format!("v{text}") },
            normalized: format!("v{}", parts.join(".")),
            major: (*major).to_owned(),
            minor: (*minor).to_owned(),
        })
    }
}

impl HelmVersion {
    /// Returns the version that the engine imitates.
    pub fn of(compatibility: Compatibility) -> Self {
        let (version, kube_client_version) = match compatibility {
            Compatibility::Helm3 => ("v3.22.0", ""),
            Compatibility::Helm4 => ("v4.3.1", "v1.37"),
        };
        Self {
            version: version.to_owned(),
            git_commit: String::new(),
            git_tree_state: "clean".to_owned(),
            go_version: "go1.26.8".to_owned(),
            kube_client_version: kube_client_version.to_owned(),
        }
    }
}

/// The groups and versions of client-go 0.37.1 in the order of its scheme; Helm
/// 4.3.1 and 3.22.0 show the same.
const OFFLINE_API_VERSIONS: &[&str] = &[
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
