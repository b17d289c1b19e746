//! Kinds and the REST paths of their objects.
//!
//! The kinds that every supported cluster serves are a table, so that a plan with a dozen
//! built-in objects asks nothing.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::resource::builtin::BUILTIN;

pub(crate) use crate::kubernetes::resource::encode::encode_query;
pub(crate) use crate::kubernetes::resource::encode::encode_segment;

mod builtin;
mod encode;

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

/// Is the memory of what the cluster said about its kinds, for as long as the process lives.
#[derive(Default)]
pub(crate) struct KnownKinds {
    group_versions: Mutex<HashMap<String, Vec<Resource>>>,
}

impl KnownKinds {
    pub(crate) fn find(&self, kind: &GroupVersionKind) -> Option<Resource> {
        let known = self.group_versions.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&kind.api_version())?.iter().find(|resource| resource.kind == *kind).cloned()
    }

    pub(crate) fn remember(&self, api_version: String, resources: Vec<Resource>) {
        let mut known = self.group_versions.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(api_version, resources);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
