//! Hooks: documents that run at an event instead of being part of the release.

use std::fmt;

use crate::helm::manifest::Manifest;
use crate::helm::manifest::head::Head;

/// Is a document with the annotation `helm.sh/hook`.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    /// The document.
    pub manifest: Manifest,
    /// When it runs.
    pub events: Vec<Event>,
    /// The order among the hooks of one event: lower ones first.
    pub weight: i64,
    /// When its object is deleted, in lower case: `before-hook-creation`,
    /// `hook-succeeded`, `hook-failed`. Empty means `before-hook-creation`.
    pub delete_policies: Vec<String>,
    /// When its log is printed, in lower case.
    pub output_log_policies: Vec<String>,
}

/// Names the moment at which a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// Before the first revision is applied.
    PreInstall,
    /// After the first revision was applied.
    PostInstall,
    /// Before a release is removed.
    PreDelete,
    /// After a release was removed.
    PostDelete,
    /// Before a later revision is applied.
    PreUpgrade,
    /// After a later revision was applied.
    PostUpgrade,
    /// Before an earlier revision is restored.
    PreRollback,
    /// After an earlier revision was restored.
    PostRollback,
    /// When somebody runs `helm test`.
    Test,
}

impl Event {
    const ALL: [Self; 9] = [
        Self::PreInstall,
        Self::PostInstall,
        Self::PreDelete,
        Self::PostDelete,
        Self::PreUpgrade,
        Self::PostUpgrade,
        Self::PreRollback,
        Self::PostRollback,
        Self::Test,
    ];

    /// Returns Helm's name of the event, as in the annotation and in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreInstall => "pre-install",
            Self::PostInstall => "post-install",
            Self::PreDelete => "pre-delete",
            Self::PostDelete => "post-delete",
            Self::PreUpgrade => "pre-upgrade",
            Self::PostUpgrade => "post-upgrade",
            Self::PreRollback => "pre-rollback",
            Self::PostRollback => "post-rollback",
            Self::Test => "test",
        }
    }

    /// Reads a name as it stands in the annotation.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        if text == "test-success" {
            // The name of Helm 2.
            return Some(Self::Test);
        }
        Self::ALL.into_iter().find(|event| event.as_str() == text)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Is what the annotations make of a document.
pub(super) enum Read {
    Manifest(Manifest),
    Hook(Hook),
    Unknown,
}

/// Reads the hook annotations of a document.
pub(super) fn read(head: &Head, manifest: Manifest) -> Read {
    let Some(events) = head.annotations.get("helm.sh/hook") else {
        return Read::Manifest(manifest);
    };
    let Some(events) = events.split(',').map(Event::parse).collect::<Option<Vec<_>>>() else {
        return Read::Unknown;
    };
    let list = |annotation: &str| -> Vec<String> {
        head.annotations
            .get(annotation)
            .map(|values| values.split(',').map(|value| value.trim().to_lowercase()).collect())
            .unwrap_or_default()
    };
    let weight = head.annotations.get("helm.sh/hook-weight").and_then(|weight| weight.parse().ok());
    Read::Hook(Hook {
        manifest,
        events,
        weight: weight.unwrap_or_default(),
        delete_policies: list("helm.sh/hook-delete-policy"),
        output_log_policies: list("helm.sh/hook-output-log-policy"),
    })
}

/// Returns the hooks of one event in the order in which they run: by weight, then
/// by name, then as they come.
pub fn of_event(hooks: &[Hook], event: Event) -> Vec<&Hook> {
    let mut found: Vec<&Hook> = hooks.iter().filter(|hook| hook.events.contains(&event)).collect();
    found.sort_by(|left, right| {
        (left.weight, &left.manifest.name).cmp(&(right.weight, &right.manifest.name))
    });
    found
}
