//! Whose changes are corrected.

use crate::kubernetes::flatten::KUBECTL_ANNOTATIONS;
use crate::kubernetes::managed_fields::FieldSet;
use crate::kubernetes::managed_fields::ManagedFields;
use crate::kubernetes::managed_fields::Operation;
use crate::kubernetes::managed_fields::PathElement;
use crate::kubernetes::normalise::RELEASE_NAME;
use crate::kubernetes::request::FIELD_MANAGER;

/// Says who a field manager is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// We: server-side apply as `helm`.
    Ours,
    /// We, earlier and in another way: Helm 3, another program with Helm in it, or the server's
    /// stand-in for fields from before the first apply.
    EarlierSelf,
    /// A person at a command line or a dashboard.
    Person,
    /// Kubernetes itself: its fields are no drift and not worth a word.
    Kubernetes,
    /// A manager that the user told us to let be.
    Ignored,
    /// Some other controller: left alone and named.
    Other,
}

impl Party {
    /// Says whether what this party added is drift.
    pub fn is_corrected(self) -> bool {
        matches!(self, Self::EarlierSelf | Self::Person)
    }

    /// Returns the party that an entry of managedFields belongs to.
    pub fn of(entry: &ManagedFields, ignore_managers: &[String]) -> Self {
        let name = entry.manager.as_str();
        let whole = entry.subresource.is_empty();
        if name == FIELD_MANAGER && entry.operation == Operation::Apply && whole {
            return Self::Ours;
        }
        if ignore_managers.iter().any(|pattern| matches(pattern, name)) {
            return Self::Ignored;
        }
        if entry.subresource == "status"
            || name.starts_with("kube-")
            || matches!(name, "kubelet" | "cloud-controller-manager")
        {
            return Self::Kubernetes;
        }
        // The managers' names of other programs with Helm in them differ (Flux, Terraform's Helm
        // provider, whose name even holds its version), but all of them write the release's name.
        let release = PathElement::fields(&["metadata", "annotations", RELEASE_NAME]);
        if whole
            && (name == FIELD_MANAGER
                || name == "before-first-apply"
                || name.starts_with("terraform-provider-helm")
                || (entry.operation == Operation::Update && entry.fields.contains(&release)))
        {
            return Self::EarlierSelf;
        }
        if is_person(name) { Self::Person } else { Self::Other }
    }
}

/// Says whether a manager's name is that of a tool in a person's hands.
///
/// The name is the program's, for browsers and scripts the first word of their user agent.
fn is_person(name: &str) -> bool {
    name.starts_with("kubectl")
        || matches!(
            name,
            "oc" | "k9s"
                | "k0s"
                | "Mozilla"
                | "dashboard"
                | "headlamp"
                | "curl"
                | "Lens"
                | "node-fetch"
        )
}

/// Says whether a name matches a pattern, which may end in `*`.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

/// Returns the fields of an entry that may be corrected: without finalizers and owner references
/// (removing one of those deletes, or keeps from being deleted), without `status`, and without what
/// kubectl leaves behind (removing the mark of `rollout restart` would restart again).
pub(crate) fn correctable(fields: &FieldSet) -> FieldSet {
    let mut fields = fields.clone();
    fields.remove(&PathElement::fields(&["metadata", "finalizers"]));
    fields.remove(&PathElement::fields(&["metadata", "ownerReferences"]));
    fields.remove(&PathElement::fields(&["status"]));
    fields.take_named(&KUBECTL_ANNOTATIONS);
    fields
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::Party;
    use super::correctable;
    use crate::kubernetes::managed_fields::FieldSet;
    use crate::kubernetes::managed_fields::ManagedFields;
    use crate::kubernetes::managed_fields::Operation;

    fn party(
        manager: &str,
        operation: Operation,
        subresource: &str,
        fields: &serde_json::Value,
    ) -> Party {
        let entry = ManagedFields {
            manager: manager.to_owned(),
            operation,
            api_version: "v1".to_owned(),
            subresource: subresource.to_owned(),
            fields: FieldSet::read(fields),
            raw: json!({}),
        };
        Party::of(&entry, &["flux".to_owned(), "argo*".to_owned()])
    }

    #[test]
    fn managers_are_told_apart() {
        use Operation::Apply;
        use Operation::Update;
        let none = json!({});
        let release = json!({"f:metadata": {"f:annotations": {"f:meta.helm.sh/release-name": {}}}});
        for (manager, operation, subresource, fields, expected) in [
            ("helm", Apply, "", &none, Party::Ours),
            ("helm", Update, "", &none, Party::EarlierSelf),
            ("before-first-apply", Update, "", &none, Party::EarlierSelf),
            ("terraform-provider-helm_v3.1.2_x5", Update, "", &none, Party::EarlierSelf),
            ("helm-controller", Update, "", &release, Party::EarlierSelf),
            ("helm-controller", Update, "", &none, Party::Other),
            ("kubectl-edit", Update, "", &none, Party::Person),
            ("kubectl", Update, "scale", &none, Party::Person),
            ("kubectl", Apply, "", &none, Party::Person),
            ("kube-controller-manager", Update, "scale", &none, Party::Kubernetes),
            ("anybody", Update, "status", &release, Party::Kubernetes),
            ("flux", Update, "", &release, Party::Ignored),
            ("argocd", Apply, "", &none, Party::Ignored),
            ("fluxx", Apply, "", &none, Party::Other),
            ("foo", Apply, "", &none, Party::Other),
        ] {
            assert_eq!(
                party(manager, operation, subresource, fields),
                expected,
                "{manager}/{subresource}"
            );
        }
    }

    #[test]
    fn the_map_around_a_restart_mark_is_not_correctable_either() {
        let fields = FieldSet::read(&json!({
            "f:metadata": {"f:finalizers": {".": {}, "v:\"x\"": {}}},
            "f:spec": {"f:template": {"f:metadata": {"f:annotations": {
                ".": {}, "f:kubectl.kubernetes.io/restartedAt": {}}}}, "f:paused": {}},
            "f:status": {"f:x": {}},
        }));
        assert_eq!(correctable(&fields).to_value(), json!({"f:spec": {"f:paused": {}}}));
    }
}
