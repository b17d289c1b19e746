//! Taking over what was a `helm_release` (`moved`).
//!
//! A client asks for a move before the provider is configured, so nothing can be asked
//! of the cluster then. The move takes the release's name and the options along; the
//! refresh that follows reads the values from the release's record, as an import does.

use serde_json::Map;
use serde_json::Value as Json;
use tf_provider::value::Value;

use super::import::from_record;
use super::import::to_dynamic;
use super::state::Moved;
use super::state::Private;
use super::state::Stack;
use crate::helm::release::Release;
use crate::plugin::dynamic::Dynamic;
use crate::plugin::resource::MovedState;

/// Returns the stack that a `helm_release` becomes; `None` for anything else.
pub(super) fn from_helm_release(source: &MovedState) -> Option<Result<(Stack, Private), String>> {
    // Each client names its own registry in front.
    let is_helm = source.provider_address.ends_with("/hashicorp/helm");
    if !is_helm || source.type_name != "helm_release" {
        return None;
    }
    let text =
        |name: &str| source.state.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    let Some(name) = text("name") else {
        return Some(Err("it has no `name`".to_owned()));
    };
    let namespace = text("namespace").unwrap_or("default");
    let flag = |name: &str| source.state.get(name).and_then(Json::as_bool);
    let number = |name: &str| source.state.get(name).and_then(Json::as_i64);
    // What is not as `helm_release` has it by default was asked for, and goes along.
    let set = |name: &str| match flag(name) {
        Some(true) => Value::Value(true),
        _ => Value::Null,
    };
    let is_path = |path: &&str| path.starts_with(['.', '/']);
    let local = text("chart").filter(|_| text("repository").is_none()).filter(is_path);
    let stack = Stack {
        id: Value::Value(format!("{namespace}/{name}")),
        name: Value::Value(name.to_owned()),
        namespace: Value::Value(namespace.to_owned()),
        create_namespace: set("create_namespace"),
        take_ownership: set("take_ownership"),
        rollback_on_failure: set("atomic"),
        wait_for_jobs: set("wait_for_jobs"),
        wait: if flag("wait") == Some(false) { Value::Value(false) } else { Value::Null },
        timeout: number("timeout")
            .filter(|seconds| *seconds > 0 && *seconds != 300)
            .map_or(Value::Null, |seconds| Value::Value(format!("{seconds}s"))),
        max_history: number("max_history")
            .filter(|count| *count > 0)
            .map_or(Value::Null, Value::Value),
        chart: local.map_or(Value::Null, |path| Value::Value(path.to_owned())),
        ..super::import::empty()
    };
    let sensitive = source.state.get("set_sensitive").and_then(Json::as_array);
    let names = sensitive.into_iter().flatten().filter_map(|set| set.get("name")?.as_str());
    let moved = Moved { sensitive: names.map(str::to_owned).collect() };
    Some(Ok((stack, Private { moved: Some(moved), ..Private::default().with_key() })))
}

impl Moved {
    /// Fills in the values that the release was made with.
    pub(super) fn complete(&self, stack: Stack, release: &Release) -> Stack {
        let mut release = release.clone();
        let mut sensitive = Json::Object(Map::new());
        for name in &self.sensitive {
            let path = path_of(name);
            if let Some(value) = take(&mut release.config, &path) {
                put(&mut sensitive, &path, value);
            }
        }
        let recorded = from_record(&release);
        let values_sensitive = match &sensitive {
            Json::Object(members) if members.is_empty() => Dynamic::Null,
            values => {
                let (own, values) = to_dynamic(values);
                Dynamic::Typed(own, Box::new(values))
            }
        };
        Stack { file: recorded.file, values: recorded.values, values_sensitive, ..stack }
    }
}

/// Returns the steps of a name as `--set` takes it, such as `a.b\.c[0]`, up to the
/// first list: lists are merged as a whole.
fn path_of(name: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                if let (Some(step), Some(next)) = (steps.last_mut(), characters.next()) {
                    step.push(next);
                }
            }
            '.' => steps.push(String::new()),
            '[' => break,
            other => {
                if let Some(step) = steps.last_mut() {
                    step.push(other);
                }
            }
        }
    }
    steps
}

/// Takes the value at a path out, and the maps that become empty by that.
fn take(values: &mut Map<String, Json>, path: &[String]) -> Option<Json> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        return values.remove(first);
    }
    let inner = values.get_mut(first)?.as_object_mut()?;
    let taken = take(inner, rest);
    if inner.is_empty() {
        values.remove(first);
    }
    taken
}

fn put(values: &mut Json, path: &[String], value: Json) {
    match path.split_first() {
        None => *values = value,
        Some((first, rest)) => {
            if !values.is_object() {
                *values = Json::Object(Map::new());
            }
            if let Json::Object(members) = values {
                put(members.entry(first.clone()).or_insert(Json::Null), rest, value);
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_helm_release_of_the_helm_provider_is_one() {
        let mut source = MovedState {
            provider_address: "registry.opentofu.org/hashicorp/helm".to_owned(),
            type_name: "helm_release".to_owned(),
            schema_version: 1,
            state: json!({ "name": "site", "namespace": "web", "timeout": 90, "wait": true,
                "atomic": true, "max_history": 0, "chart": "./chart",
                "set_sensitive": [{ "name": "a.b", "value": "x" }] }),
        };
        let (stack, private) = from_helm_release(&source).unwrap().unwrap();
        assert_eq!(stack.id, Value::Value("web/site".to_owned()));
        assert_eq!(stack.timeout, Value::Value("90s".to_owned()));
        assert_eq!(stack.chart, Value::Value("./chart".to_owned()));
        assert_eq!(stack.rollback_on_failure, Value::Value(true));
        assert!(stack.wait.is_null() && stack.max_history.is_null());
        assert_eq!(private.moved.unwrap().sensitive, ["a.b"]);
        source.state = json!({ "namespace": "web" });
        assert!(from_helm_release(&source).unwrap().is_err());
        source.provider_address = "registry.terraform.io/other/helm".to_owned();
        assert!(from_helm_release(&source).is_none());
    }

    #[test]
    fn sensitive_values_are_taken_out_of_the_others() {
        let mut config = json!({ "a": { "b": "x", "c.d": "y" }, "e": [{ "f": 1 }], "g": 2 });
        let config = config.as_object_mut().unwrap();
        let mut sensitive = json!({});
        for name in ["a.b", "a.c\\.d", "e[0].f", "no.such"] {
            let path = path_of(name);
            if let Some(value) = take(config, &path) {
                put(&mut sensitive, &path, value);
            }
        }
        assert_eq!(Json::Object(config.clone()), json!({ "g": 2 }));
        assert_eq!(sensitive, json!({ "a": { "b": "x", "c.d": "y" }, "e": [{ "f": 1 }] }));
    }
}
