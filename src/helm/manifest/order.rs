//! The order of kinds in which objects are made and removed.

use std::cmp::Ordering;

use crate::helm::compatibility::Compatibility;

/// Is an order of kinds. Kinds that it does not know come last, by name.
#[derive(Clone, Copy, Debug)]
pub struct Order(&'static [&'static str]);

impl Order {
    /// Returns the order in which objects are made.
    pub fn install(compatibility: Compatibility) -> Self {
        match compatibility {
            Compatibility::Helm4 => Self(INSTALL),
            // Helm 3 has no place for the two kinds of webhooks at the end.
            Compatibility::Helm3 => {
                Self(INSTALL.get(..INSTALL.len().saturating_sub(2)).unwrap_or(INSTALL))
            }
        }
    }

    /// Returns the order in which objects are removed.
    pub fn uninstall(compatibility: Compatibility) -> Self {
        match compatibility {
            Compatibility::Helm4 => Self(UNINSTALL),
            Compatibility::Helm3 => Self(UNINSTALL.get(2..).unwrap_or(UNINSTALL)),
        }
    }

    /// Compares two kinds; objects of the same kind keep their order in a stable sort.
    pub fn compare(self, left: &str, right: &str) -> Ordering {
        let position = |kind: &str| self.0.iter().position(|known| *known == kind);
        match (position(left), position(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => left.cmp(right),
        }
    }
}

const INSTALL: &[&str] = &[
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

// Not the install order reversed: a Service goes before what it points at.
const UNINSTALL: &[&str] = &[
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "APIService",
    "Ingress",
    "IngressClass",
    "Service",
    "CronJob",
    "Job",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "Pod",
    "DaemonSet",
    "RoleBindingList",
    "RoleBinding",
    "RoleList",
    "Role",
    "ClusterRoleBindingList",
    "ClusterRoleBinding",
    "ClusterRoleList",
    "ClusterRole",
    "CustomResourceDefinition",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "ConfigMap",
    "SecretList",
    "Secret",
    "ServiceAccount",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "Namespace",
    "PriorityClass",
];
