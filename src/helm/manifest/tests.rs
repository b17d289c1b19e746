use serde_json::json;

use super::order::Order;
use super::sort;
use super::split::documents;
use crate::helm::compatibility::Compatibility;
use crate::helm::manifest::hook::Event;
use crate::helm::manifest::hook::of_event;

fn files(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn helm_4_cuts_at_lines_and_keeps_newlines() {
    let cut = |text| documents(text, Compatibility::Helm4);
    assert_eq!(cut("\n---\na: 1\n\n---\n\n---  \nb: 2\n"), ["a: 1\n\n", "b: 2\n"]);
    assert_eq!(cut("a: 1\n---b: 2\n"), ["a: 1\n", "b: 2\n"]);
    assert_eq!(cut("------"), ["---"]);
    assert_eq!(cut("a: |\n  ---\n"), ["a: |\n  ---\n"]);
    assert!(cut("---\n---\n \n").is_empty());
}

#[test]
fn helm_3_trims_and_misses_a_separator_after_another() {
    let cut = |text| documents(text, Compatibility::Helm3);
    assert_eq!(cut("\n---\na: 1\n\n---\nb: 2\n"), ["a: 1", "b: 2"]);
    assert_eq!(cut("a: 1\n---\n---\nb: 2\n"), ["a: 1", "---\nb: 2"]);
}

#[test]
fn manifests_come_in_the_order_of_kinds_then_of_files() {
    let (manifests, hooks) = sort(
        files(&[
            ("c/templates/b.yaml", "kind: Service\nmetadata: {name: b}"),
            (
                "c/templates/a.yaml",
                "kind: Widget\n---\nkind: Service\nmetadata: {name: a, namespace: there}",
            ),
            ("c/templates/z.yaml", "kind: Secret\nmetadata: {name: s}\n---\nkind: Gadget"),
        ]),
        Compatibility::Helm4,
    )
    .unwrap();
    assert!(hooks.is_empty());
    let found: Vec<(&str, &str)> =
        manifests.iter().map(|manifest| (manifest.kind.as_str(), manifest.name.as_str())).collect();
    assert_eq!(
        found,
        [("Secret", "s"), ("Service", "a"), ("Service", "b"), ("Gadget", ""), ("Widget", "")]
    );
    assert_eq!(manifests[1].namespace.as_deref(), Some("there"));
    assert_eq!(
        manifests[0].with_source(),
        "---\n# Source: c/templates/z.yaml\nkind: Secret\nmetadata: {name: s}\n\n"
    );
}

#[test]
fn hooks_are_taken_out_and_run_by_weight_and_name() {
    let hook = |name: &str, hook: &str, weight: &str| {
        format!(
            "kind: Job\nmetadata:\n  name: {name}\n  annotations:\n    helm.sh/hook: {hook}\n    \
             helm.sh/hook-weight: {weight}\n    helm.sh/hook-delete-policy: Hook-Succeeded, hook-failed\n"
        )
    };
    let text = [
        hook("late", "pre-install,POST-upgrade", "\"5\""),
        hook("b", "pre-install", "x"),
        hook("a", "test-success, pre-install", "0"),
        hook("unknown", "pre-install,whenever", "0"),
    ]
    .join("---\n");
    let (manifests, hooks) =
        sort(files(&[("c/templates/h.yaml", &text)]), Compatibility::Helm4).unwrap();
    assert!(manifests.is_empty());
    assert_eq!(hooks.len(), 3);
    let order: Vec<&str> = of_event(&hooks, Event::PreInstall)
        .iter()
        .map(|hook| hook.manifest.name.as_str())
        .collect();
    assert_eq!(order, ["a", "b", "late"]);
    assert_eq!(hooks[0].events, [Event::PreInstall, Event::PostUpgrade]);
    assert_eq!(hooks[0].delete_policies, ["hook-succeeded", "hook-failed"]);
    assert_eq!(of_event(&hooks, Event::Test).len(), 1);
}

#[test]
fn documents_keep_exact_numbers_and_comments_are_no_objects() {
    let (manifests, _) = sort(
        files(&[(
            "c/templates/a.yaml",
            "# nothing\n---\nkind: A\ninteger: 9007199254740993\nf: 1.5\n",
        )]),
        Compatibility::Helm4,
    )
    .unwrap();
    assert_eq!(
        manifests[1].object,
        json!({ "kind": "A", "integer": 9_007_199_254_740_993_i64, "f": 1.5 })
    );
    assert!(!manifests[0].is_object() && manifests[1].is_object());
}

#[test]
fn an_error_names_file_document_and_line() {
    let broken = |text: &str| {
        sort(files(&[("c/templates/a.yaml", text)]), Compatibility::Helm4).unwrap_err()
    };
    let error = broken("a: 1\n---\n# here\nkind: B\nx: [1\ny: 2\n");
    assert_eq!((error.document, error.line), (2, 3));
    let text = error.to_string();
    assert!(
        text.starts_with("YAML parse error on c/templates/a.yaml: error converting YAML"),
        "{text}"
    );
    let error = broken("kind: A\nmetadata: {annotations: {a: {b: 1}}}");
    assert!(
        error.reason.contains("`metadata.annotations.a` must be a string, not a map"),
        "{error}"
    );
    assert!(broken("just text").reason.contains("must be a map"));
}

#[test]
fn webhooks_have_a_place_in_helm_4_only() {
    let kinds = |order: Order| {
        let mut kinds = vec!["Zoo", "ValidatingWebhookConfiguration", "APIService", "Aardvark"];
        kinds.sort_by(|left, right| order.compare(left, right));
        kinds
    };
    assert_eq!(
        kinds(Order::install(Compatibility::Helm4)),
        ["APIService", "ValidatingWebhookConfiguration", "Aardvark", "Zoo"]
    );
    assert_eq!(
        kinds(Order::install(Compatibility::Helm3)),
        ["APIService", "Aardvark", "ValidatingWebhookConfiguration", "Zoo"]
    );
    assert_eq!(
        kinds(Order::uninstall(Compatibility::Helm4)),
        ["ValidatingWebhookConfiguration", "APIService", "Aardvark", "Zoo"]
    );
}
