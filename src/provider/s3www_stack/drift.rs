//! The `drift_detection` attribute.

use std::collections::BTreeSet;

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::value::Value;

use super::state::IgnoreBlock;
use super::state::ShownObjects;
use super::state::Stack;
use crate::kubernetes::ignore::Ignore;
use crate::kubernetes::ignore::IgnoreRule;
use crate::kubernetes::ignore::InvalidRule;
use crate::kubernetes::ignore::Target;
use crate::plugin::diagnostics::Report;
use crate::provider::value::known;

/// Says what happens when live objects differ from the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The plan shows it and leads back.
    Correct,
    /// A warning tells it.
    Warn,
    /// Nobody looks.
    Disabled,
}

/// Checks the attribute; unknown values are not looked at.
pub(super) fn validate(found: &mut Diagnostics, config: &Stack) {
    let Value::Value(block) = &config.drift_detection else { return };
    let at = || AttributePath::new("drift_detection");
    if let Some(mode) = known(&block.mode)
        && mode_named(&mode).is_none()
    {
        found.report_error(
            at().attribute("mode"),
            "Mode of drift detection is not valid.",
            format!("It is `{mode}`; give `correct`, `warn` or `disabled`."),
        );
    }
    for (index, rule) in rules(&block.ignore).into_iter().enumerate() {
        let index = i64::try_from(index).unwrap_or(0);
        if let Err(error) = read_rule(&rule) {
            found.report_error(
                at().attribute("ignore").index(index),
                "A rule of what to ignore is not valid.",
                error.to_string(),
            );
        }
    }
}

/// Returns the mode; `correct` if the attribute or the mode is not set.
pub(super) fn mode(stack: &Stack) -> Mode {
    match &stack.drift_detection {
        Value::Value(block) => {
            known(&block.mode).and_then(|name| mode_named(&name)).unwrap_or(Mode::Correct)
        }
        Value::Null | Value::Unknown => Mode::Correct,
    }
}

/// Returns what is left to others. A rule that is not valid, which `validate`
/// refuses, ignores nothing.
pub(super) fn ignore(stack: &Stack) -> Ignore {
    let Value::Value(block) = &stack.drift_detection else { return Ignore::default() };
    let managers = known(&block.ignore_managers).unwrap_or_default();
    Ignore {
        rules: rules(&block.ignore).iter().filter_map(|rule| read_rule(rule).ok()).collect(),
        managers: managers.iter().filter_map(known).collect(),
    }
}

/// Tells what new settings of drift detection make of the cluster.
///
/// A client shows as the present state what the refresh saw with the settings of the last apply
/// (`stated`). What is `seen` with the new ones, and will be as `expected`, it cannot show.
pub(super) fn warn_of_new_settings(
    found: &mut Diagnostics,
    stated: &ShownObjects,
    seen: &ShownObjects,
    expected: &ShownObjects,
) {
    if seen == stated {
        return;
    }
    let mut detail = String::from(
        "The cluster was compared anew with them. Where `objects` changes in this plan and \
         `revision` does not, only what is shown changes, and not the cluster.",
    );
    let unshown = unshown(stated, seen, expected);
    if !unshown.is_empty() {
        detail.push_str("\nThe plan cannot show this, which the apply corrects:\n");
        detail.push_str(&unshown.join("\n"));
    }
    found.report_warning(
        AttributePath::new("drift_detection"),
        "The settings of drift detection are others than those of the last apply.",
        detail,
    );
}

/// Returns the leaves that are neither what the state says nor what they will be, a line each.
fn unshown(stated: &ShownObjects, seen: &ShownObjects, expected: &ShownObjects) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, expected) in expected {
        let fields = |objects: &ShownObjects| objects.get(key).and_then(known);
        let (stated, Some(expected)) = (fields(stated).unwrap_or_default(), known(expected)) else {
            continue;
        };
        let Some(seen) = fields(seen) else {
            if !stated.is_empty() {
                lines.push(format!("  `{key}` does not exist."));
            }
            continue;
        };
        let paths: BTreeSet<_> = seen.keys().chain(expected.keys()).collect();
        for path in paths {
            let (now, then) = (seen.get(path), expected.get(path));
            if now != then && now != stated.get(path) {
                let text = |leaf: Option<&Value<String>>| {
                    leaf.and_then(known).unwrap_or_else(|| "(absent)".to_owned())
                };
                lines.push(format!("  `{key}` {path}: {} instead of {}", text(now), text(then)));
            }
        }
    }
    lines
}

fn mode_named(name: &str) -> Option<Mode> {
    match name {
        "correct" => Some(Mode::Correct),
        "warn" => Some(Mode::Warn),
        "disabled" => Some(Mode::Disabled),
        _ => None,
    }
}

fn rules(ignore: &Value<Vec<Value<IgnoreBlock>>>) -> Vec<IgnoreBlock> {
    known(ignore).unwrap_or_default().iter().filter_map(known).collect()
}

fn read_rule(rule: &IgnoreBlock) -> Result<IgnoreRule, InvalidRule> {
    let paths: Vec<_> = known(&rule.paths).unwrap_or_default().iter().filter_map(known).collect();
    let target = match &rule.target {
        Value::Value(target) => Target {
            group: known(&target.group),
            version: known(&target.version),
            kind: known(&target.kind),
            name: known(&target.name),
            namespace: known(&target.namespace),
            label_selector: known(&target.label_selector),
        },
        Value::Null | Value::Unknown => Target::default(),
    };
    IgnoreRule::new(&paths, &target)
}
