//! What the user leaves to others: JSON pointers on some objects, and field managers.
//!
//! The rules are written and understood as in Flux, see
//! <https://fluxcd.io/flux/components/helm/helmreleases/#ignore-rules>, except that a step into a
//! list may also be the name by which the item is shown (`/spec/template/spec/containers/s3www/image`).

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use crate::kubernetes::flatten::item_keys;
use crate::kubernetes::ignore::selector::Selector;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::resource::Location;

mod selector;

/// Is everything that is left to others.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    /// Fields on some objects.
    pub rules: Vec<IgnoreRule>,
    /// Field managers whose fields are left alone; a `*` at the end stands for anything.
    pub managers: Vec<String>,
}

/// Is one rule: which fields, on which objects.
#[derive(Debug, Clone)]
pub struct IgnoreRule {
    paths: Vec<String>,
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    labels: Option<Selector>,
}

/// Says which objects a rule is for: all conditions must hold, an absent one always does.
///
/// All but the selector are regular expressions that must match the whole text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The API group; empty for the core group.
    pub group: Option<String>,
    /// The API version.
    pub version: Option<String>,
    /// The kind.
    pub kind: Option<String>,
    /// The object's name.
    pub name: Option<String>,
    /// The object's namespace.
    pub namespace: Option<String>,
    /// A label selector such as `app=web,tier in (a,b),!canary`, matched with the manifest's labels.
    pub label_selector: Option<String>,
}

/// Is a rule that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRule {
    /// A path is no JSON pointer.
    #[error(
        "`{0}` is not a JSON pointer. Write `/spec/replicas`, with `~1` for a slash inside a name; an empty \
         text means the whole object."
    )]
    Pointer(String),
    /// A condition of the target is no regular expression.
    #[error("`{0}` is not a regular expression ({1}).")]
    Pattern(String, String),
    /// The label selector cannot be read.
    #[error(
        "`{0}` is not a label selector. Write it as for kubectl: `app=web,tier in (a,b),!canary`."
    )]
    Selector(String),
}

impl IgnoreRule {
    /// Reads a rule.
    pub fn new(paths: &[String], target: &Target) -> Result<Self, InvalidRule> {
        for path in paths {
            let escapes = path.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
            if !(path.is_empty() || path.starts_with('/')) || !escapes {
                return Err(InvalidRule::Pointer(path.clone()));
            }
        }
        let pattern = |text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => Regex::new(&format!("^(?:{text})$"))
                .map(Some)
                .map_err(|error| InvalidRule::Pattern(text.clone(), last_line(&error.to_string()))),
        };
        let labels = match &target.label_selector {
            None => None,
            Some(text) => {
                Some(Selector::read(text).ok_or_else(|| InvalidRule::Selector(text.clone()))?)
            }
        };
        Ok(Self {
            paths: paths.to_vec(),
            group: pattern(&target.group)?,
            version: pattern(&target.version)?,
            kind: pattern(&target.kind)?,
            name: pattern(&target.name)?,
            namespace: pattern(&target.namespace)?,
            labels,
        })
    }

    fn matches(&self, object: &ManifestObject, location: &Location) -> bool {
        let reference = &location.reference;
        let holds = |pattern: &Option<Regex>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
        };
        holds(&self.group, &reference.kind.group)
            && holds(&self.version, &reference.kind.version)
            && holds(&self.kind, &reference.kind.kind)
            && holds(&self.name, &reference.name)
            && holds(&self.namespace, reference.namespace.as_deref().unwrap_or_default())
            && self.labels.as_ref().is_none_or(|selector| selector.matches(&labels(object)))
    }
}

fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned()
}

fn labels(object: &ManifestObject) -> BTreeMap<String, String> {
    let labels = object.get(&["metadata", "labels"]).and_then(Value::as_object);
    labels
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

impl Ignore {
    /// Returns the JSON pointers that are not compared on an object.
    pub(crate) fn pointers(&self, object: &ManifestObject, location: &Location) -> Vec<String> {
        self.rules
            .iter()
            .filter(|rule| rule.matches(object, location))
            .flat_map(|rule| rule.paths.iter().cloned())
            .collect()
    }
}

/// Takes what a JSON pointer leads to out of a value.
pub(super) fn remove(value: &mut Value, pointer: &str) {
    let Some(path) = pointer.strip_prefix('/') else {
        // The empty pointer is the whole object.
        *value = Value::Null;
        return;
    };
    let steps: Vec<String> =
        path.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    remove_at(value, &steps, "");
}

fn remove_at(value: &mut Value, steps: &[String], list: &str) {
    let Some((step, rest)) = steps.split_first() else { return };
    match value {
        Value::Object(fields) if rest.is_empty() => {
            fields.remove(step);
        }
        Value::Object(fields) => {
            if let Some(below) = fields.get_mut(step) {
                remove_at(below, rest, step);
            }
        }
        Value::Array(items) => {
            let index = match step.parse::<usize>() {
                Ok(index) => Some(index),
                Err(_) => item_keys(list, items).iter().position(|key| key == step),
            };
            let Some(index) = index.filter(|index| *index < items.len()) else { return };
            if rest.is_empty() {
                items.remove(index);
            } else if let Some(item) = items.get_mut(index) {
                remove_at(item, rest, "");
            }
        }
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::unnecessary_wraps)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::Ignore;
    use super::IgnoreRule;
    use super::InvalidRule;
    use super::Target;
    use super::remove;
    use crate::kubernetes::manifest::ManifestObject;
    use crate::kubernetes::resource::Resource;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn matched(target: &Target) -> bool {
        let object = ManifestObject::read(json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "site-s3www", "labels": {"app": "web"}}}))
        .unwrap()
        .remove(0);
        let location = object.location(&Resource::builtin(object.kind()).unwrap(), "web");
        let rule = IgnoreRule::new(&["/spec/replicas".to_owned()], target).unwrap();
        let ignore = Ignore { rules: vec![rule], managers: Vec::new() };
        !ignore.pointers(&object, &location).is_empty()
    }

    #[test]
    fn all_conditions_must_hold() {
        assert!(matched(&Target::default()));
        assert!(matched(&Target {
            group: some("apps"),
            version: some("v1"),
            kind: some("Deploy.*"),
            name: some("site-.*"),
            namespace: some("web"),
            label_selector: some("app in (web)"),
        }));
        assert!(!matched(&Target { kind: some("Deploy"), ..Target::default() }));
        assert!(!matched(&Target { group: some(""), ..Target::default() }));
        assert!(!matched(&Target { namespace: some("we"), ..Target::default() }));
        assert!(!matched(&Target { label_selector: some("app!=web"), ..Target::default() }));
    }

    #[test]
    fn bad_rules_are_refused() {
        let rule =
            |path: &str, target: &Target| IgnoreRule::new(&[path.to_owned()], target).unwrap_err();
        assert!(matches!(rule("spec.replicas", &Target::default()), InvalidRule::Pointer(_)));
        assert!(matches!(rule("/a~2b", &Target::default()), InvalidRule::Pointer(_)));
        let target = Target { name: some("("), ..Target::default() };
        assert!(matches!(rule("/a", &target), InvalidRule::Pattern(..)));
        let target = Target { label_selector: some("a in b"), ..Target::default() };
        assert!(matches!(rule("/a", &target), InvalidRule::Selector(_)));
    }

    #[test]
    fn pointers_lead_into_lists_by_index_and_by_name() {
        let object = json!({"a/b": 1, "c": [{"name": "x", "v": 1}, {"name": "y", "v": 2}]});
        let without = |pointer: &str| {
            let mut object = object.clone();
            remove(&mut object, pointer);
            object
        };
        assert_eq!(without("/a~1b"), json!({"c": [{"name": "x", "v": 1}, {"name": "y", "v": 2}]}));
        assert_eq!(without("/c/1"), json!({"a/b": 1, "c": [{"name": "x", "v": 1}]}));
        assert_eq!(
            without("/c/x/v"),
            json!({"a/b": 1, "c": [{"name": "x"}, {"name": "y", "v": 2}]})
        );
        assert_eq!(without(""), Value::Null);
        for pointer in ["/none", "/c/9", "/c/z/v", "/a~1b/deeper", "/c/-1"] {
            assert_eq!(without(pointer), object, "{pointer}");
        }
    }
}
