//! What an object is called: its type, its namespace and its name.

use std::fmt;
use std::str::FromStr;

/// Is the type of an object: API group (empty for the core group), version and kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupVersionKind {
    /// Such as `apps`; empty for the core group.
    pub group: String,
    /// Such as `v1`.
    pub version: String,
    /// Such as `Deployment`.
    pub kind: String,
}

impl GroupVersionKind {
    /// Returns the type that `apiVersion` and `kind` of a manifest name.
    pub fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self { group: group.to_owned(), version: version.to_owned(), kind: kind.to_owned() }
    }

    /// Returns the type as it stands in a manifest's `apiVersion`: `apps/v1`, `v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Says whether this is `kind` of API group `group`, in whatever version.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }
}

/// Is the full name of one object in a cluster.
///
/// Its text is the key that users see, `apps/v1/Deployment/web/site-s3www`, and for an object
/// without a namespace `v1/Namespace/web`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectReference {
    /// The object's type.
    pub kind: GroupVersionKind,
    /// The namespace, or nothing for a cluster-wide object.
    pub namespace: Option<String>,
    /// The object's name.
    pub name: String,
}

impl ObjectReference {
    /// Returns the key text, such as `apps/v1/Deployment/web/site-s3www`.
    pub fn key(&self) -> String {
        let api_version = self.kind.api_version();
        match &self.namespace {
            Some(namespace) => {
                format!("{api_version}/{}/{namespace}/{}", self.kind.kind, self.name)
            }
            None => format!("{api_version}/{}/{}", self.kind.kind, self.name),
        }
    }

    /// Returns `namespace/name`, or just the name of a cluster-wide object.
    pub fn path(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

impl fmt::Display for ObjectReference {
    /// Writes the object as sentences name it: Deployment `web/site-s3www`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} `{}`", self.kind.kind, self.path())
    }
}

/// Is a key text that names no object.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not the key of a Kubernetes object such as `apps/v1/Deployment/web/site`.")]
pub struct InvalidKey(String);

impl FromStr for ObjectReference {
    type Err = InvalidKey;

    /// Reads a key text as [`ObjectReference::key`] writes it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('/').collect();
        let invalid = || InvalidKey(text.to_owned());
        if parts.iter().any(|part| part.is_empty()) {
            return Err(invalid());
        }
        // A version (`v1`, `v2beta1`) as the first part means the core group: no API group
        // is called like that, they are words or domain names.
        let core = parts.first().is_some_and(|first| is_version(first));
        let (api_version, rest) = match (core, parts.as_slice()) {
            (true, [version, rest @ ..]) => ((*version).to_owned(), rest),
            (false, [group, version, rest @ ..]) => (format!("{group}/{version}"), rest),
            _ => return Err(invalid()),
        };
        let (kind, namespace, name) = match rest {
            [kind, name] => (kind, None, name),
            [kind, namespace, name] => (kind, Some((*namespace).to_owned()), name),
            _ => return Err(invalid()),
        };
        Ok(Self {
            kind: GroupVersionKind::new(&api_version, kind),
            namespace,
            name: (*name).to_owned(),
        })
    }
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
