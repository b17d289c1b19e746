//! What a release itself brings, so that it need not be there at plan.

use std::collections::HashSet;

use serde_json::Value;

use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::reference::GroupVersionKind;

/// Is what will be there by the time of the apply.
#[derive(Debug, Default)]
pub(super) struct Supply {
    /// API group and kind.
    kinds: HashSet<(String, String)>,
    namespaces: HashSet<String>,
    service_account: bool,
}

impl Supply {
    /// Returns what the objects bring, with a namespace that is made for them.
    pub(super) fn of<'a>(
        objects: impl Iterator<Item = &'a ManifestObject>,
        namespace: Option<&String>,
    ) -> Self {
        let mut supply = Self::default();
        supply.namespaces.extend(namespace.cloned());
        for object in objects {
            supply.add(object);
        }
        supply
    }

    fn add(&mut self, object: &ManifestObject) {
        let text =
            |path: &[&str]| object.get(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        if object.kind().is("apiextensions.k8s.io", "CustomResourceDefinition") {
            self.kinds.insert((text(&["spec", "group"]), text(&["spec", "names", "kind"])));
        } else if object.kind().is("", "Namespace") {
            self.namespaces.insert(object.name().to_owned());
        } else if object.kind().is("", "ServiceAccount") {
            self.service_account = true;
        }
    }

    pub(super) fn kind(&self, kind: &GroupVersionKind) -> bool {
        self.kinds.contains(&(kind.group.clone(), kind.kind.clone()))
    }

    pub(super) fn namespace(&self, name: &str) -> bool {
        self.namespaces.contains(name)
    }

    pub(super) fn service_account(&self) -> bool {
        self.service_account
    }
}
