use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering;

use serde_json::Value as Json;
use serde_json::json;

use super::Chance;
use super::Lookup;
use super::Release;
use super::RenderError;
use super::RenderRequest;
use super::Rendered;
use super::render;
use crate::helm::capabilities::Capabilities;
use crate::helm::capabilities::KubeVersion;
use crate::helm::chart::Chart;
use crate::helm::chart::File;
use crate::helm::compatibility::Compatibility;
use crate::helm::manifest::hook::Event;

/// A clock that stands still and bytes that count upwards.
#[derive(Default)]
struct Counting(AtomicU8);

impl Chance for Counting {
    fn now(&self) -> i128 {
        1_600_000_000_000_000_000
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), String> {
        for byte in bytes {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

struct NoChance;

impl Chance for NoChance {
    fn now(&self) -> i128 {
        0
    }

    fn fill(&self, _bytes: &mut [u8]) -> Result<(), String> {
        Err("there is no entropy".to_owned())
    }
}

fn chart(files: &[(&str, &str)]) -> Chart {
    let all = [("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")];
    let mut found: Vec<File> = Vec::new();
    for (name, text) in all.iter().chain(files) {
        found.retain(|file| file.name != *name);
        found.push(File { name: (*name).to_owned(), data: text.as_bytes().to_vec() });
    }
    Chart::from_files(found).unwrap()
}

fn try_with(
    files: &[(&str, &str)],
    change: impl FnOnce(&mut RenderRequest<'_>),
) -> Result<Rendered, RenderError> {
    let chart = chart(files);
    let counting = Counting::default();
    let mut request = RenderRequest {
        chart: &chart,
        values: json!({}),
        release: Release {
            name: "site".to_owned(),
            namespace: "web".to_owned(),
            revision: 1,
            is_install: true,
            is_upgrade: false,
        },
        capabilities: Capabilities::offline(
            KubeVersion::parse("1.34.4").unwrap(),
            Compatibility::Helm4,
        ),
        compatibility: Compatibility::Helm4,
        lookup: None,
        chance: &counting,
    };
    change(&mut request);
    render(&request)
}

fn rendered(files: &[(&str, &str)]) -> Rendered {
    try_with(files, |_| {}).unwrap()
}

fn error(files: &[(&str, &str)]) -> RenderError {
    try_with(files, |_| {}).unwrap_err()
}

#[test]
fn a_chart_becomes_manifests_hooks_crds_and_notes() {
    let found = rendered(&[
        ("values.yaml", "port: 80\n"),
        ("templates/service.yaml", "kind: Service\nport: {{ .Values.port }}\n"),
        ("templates/job.yaml", "kind: Job\nmetadata: {annotations: {helm.sh/hook: pre-install}}\n"),
        ("templates/NOTES.txt", "{{ .Release.Name }} in {{ .Release.Namespace }}"),
        ("templates/_helpers.tpl", "never"),
        ("crds/x.yaml", "kind: CustomResourceDefinition\n---\n# nothing\n"),
    ]);
    assert_eq!(found.manifests.len(), 1);
    assert_eq!(found.manifests[0].object, json!({ "kind": "Service", "port": 80 }));
    assert_eq!(
        found.manifest_text(),
        "---\n# Source: web/templates/service.yaml\nkind: Service\nport: 80\n\n"
    );
    assert_eq!(found.hooks_of(Event::PreInstall).len(), 1);
    assert!(found.hooks_of(Event::PostInstall).is_empty());
    assert_eq!(found.crds[0].objects, [json!({ "kind": "CustomResourceDefinition" })]);
    assert_eq!(found.notes.as_deref(), Some("site in web"));
    assert_eq!(found.values, json!({ "port": 80 }));
    assert_eq!(found.chart_metadata["name"], "web");
    assert_eq!(found.chart_values, json!({ "port": 80 }));
    assert!(found.non_deterministic.is_empty());
    let printed = found.template_text(true);
    assert!(printed.starts_with("---\n# Source: web/crds/x.yaml\n"), "{printed}");
    assert!(
        printed.contains("\n\n---\n# Source: web/templates/job.yaml\n")
            || printed.contains("80\n---\n# Source: web/templates/job.yaml\n"),
        "{printed}"
    );
}

#[test]
fn what_comes_from_chance_is_marked_leaf_by_leaf() {
    let found = rendered(&[
        ("templates/_h.tpl", "{{ define \"password\" }}{{ randAlphaNum 16 | b64enc }}{{ end }}"),
        (
            "templates/secret.yaml",
            "kind: Secret\ndata:\n  user: YQ==\n  password: {{ include \"password\" . }}\n",
        ),
        ("templates/coin.yaml", "kind: Coin\nside: {{ randInt 0 2 }}\n"),
        (
            "templates/time.yaml",
            "kind: Time\nyear: '{{ now | date \"2006\" }}'\nlist: [1, '{{ now | unixEpoch }}']\n",
        ),
        ("templates/still.yaml", "kind: Still\nvalue: {{ .Release.Name }}\n"),
        (
            "templates/sometimes.yaml",
            "kind: Fixed\n---\nkind: {{ if lt (randInt 0 2) 1 }}Heads{{ else }}Tails{{ end }}\n",
        ),
    ]);
    let unstable = |kind: &str| -> Vec<String> {
        let manifest = found.manifests.iter().find(|manifest| manifest.kind == kind).unwrap();
        manifest.unstable.clone()
    };
    assert_eq!(unstable("Secret"), ["/data/password"]);
    assert_eq!(unstable("Coin"), ["/side"]);
    assert_eq!(unstable("Time"), ["/list/1", "/year"]);
    assert!(unstable("Still").is_empty());
    assert!(unstable("Fixed").is_empty());
    assert!(found.manifests.iter().any(|manifest| manifest.unstable == ["/kind"]));
    assert_eq!(
        found.non_deterministic.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "web/templates/coin.yaml",
            "web/templates/secret.yaml",
            "web/templates/sometimes.yaml",
            "web/templates/time.yaml",
        ]
    );
}

#[test]
fn a_random_value_that_another_file_prints_is_found_too() {
    let found = rendered(&[
        ("templates/z.yaml", "{{ $_ := set .Values \"secret\" (randAlphaNum 9) }}kind: Maker\n"),
        ("templates/a.yaml", "kind: User\nsecret: {{ .Values.secret }}\n"),
    ]);
    let user = found.manifests.iter().find(|manifest| manifest.kind == "User").unwrap();
    assert_eq!(user.unstable, ["/secret"]);
    assert_eq!(found.values, json!({}));
}

#[test]
fn every_source_of_chance_is_noticed() {
    for call in [
        "uuidv4",
        "randAlpha 8",
        "randNumeric 8",
        "randAscii 8 | b64enc",
        "randBytes 8",
        "shuffle \"abcdefghijklmnop\"",
        "genPrivateKey \"ed25519\" | b64enc",
        "genPrivateKey \"ecdsa\" | b64enc",
        "(genCA \"ca\" 365).Cert | b64enc",
        "(genSelfSignedCert \"cn\" nil nil 365).Key | b64enc",
        "encryptAES \"key\" \"text\"",
        "now | unixEpoch",
        "date \"15:04:05\" now",
        "ago (toDate \"2006-01-02\" \"2020-01-01\")",
    ] {
        let template = format!("kind: A\nvalue: x{{{{ {call} }}}}\n");
        let found = rendered(&[("templates/a.yaml", &template)]);
        assert_eq!(found.manifests[0].unstable, ["/value"], "{call}");
        assert_eq!(found.non_deterministic.len(), 1, "{call}");
    }
}

#[test]
fn no_random_bytes_is_an_error() {
    let result = try_with(&[("templates/a.yaml", "a: {{ randAlphaNum 4 }}")], |request| {
        request.chance = &NoChance;
    });
    let text = result.unwrap_err().to_string();
    assert!(text.contains("there is no entropy"), "{text}");
}

struct OneSecret;

impl Lookup for OneSecret {
    fn lookup(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Json, String> {
        match (api_version, kind, namespace, name) {
            ("v1", "Secret", "web", "site") => Ok(json!({ "data": { "number": 3 } })),
            ("v1", "Secret", "web", "") => Ok(json!({ "items": [1, 2] })),
            ("v1", "Secret", "web", "forbidden") => Err("secrets is forbidden".to_owned()),
            _ => Ok(json!({})),
        }
    }
}

#[test]
fn lookup_asks_the_cluster() {
    let template = "number: {{ (lookup \"v1\" \"Secret\" \"web\" \"site\").data.number }}\n\
                    items: {{ len (lookup \"v1\" \"Secret\" \"web\" \"\").items }}\n\
                    none: {{ lookup \"v1\" \"Secret\" \"web\" \"other\" | empty }}\n";
    let found = try_with(&[("templates/a.yaml", template)], |request| {
        request.lookup = Some(&OneSecret);
    })
    .unwrap();
    assert_eq!(found.manifests[0].object, json!({ "number": 3, "items": 2, "none": true }));
    let refused = "{{ lookup \"v1\" \"Secret\" \"web\" \"forbidden\" }}";
    let text = try_with(&[("templates/a.yaml", refused)], |request| {
        request.lookup = Some(&OneSecret);
    })
    .unwrap_err()
    .to_string();
    assert!(text.contains("secrets is forbidden") && text.contains("a.yaml:1:"), "{text}");
}

#[test]
fn errors_of_templates_have_file_line_and_column() {
    let RenderError::Template(syntax) = error(&[("templates/a.yaml", "a: 1\nb: {{ .Values.x }\n")])
    else {
        panic!("another error")
    };
    assert_eq!((syntax.file.as_str(), syntax.line), ("web/templates/a.yaml", 2));
    assert!(syntax.text.starts_with("parse error at (web/templates/a.yaml:2):"), "{syntax}");

    let RenderError::Template(failed) =
        error(&[("templates/a.yaml", "a: 1\nb: {{ required \"set it: now\" .Values.x }}\n")])
    else {
        panic!("another error")
    };
    assert_eq!((failed.line, failed.column), (2, Some(6)));
    assert_eq!(failed.text, "execution error at (web/templates/a.yaml:2:6): set it: now");

    let nil = error(&[
        ("templates/a.yaml", "b: {{ include \"x\" . }}\n"),
        ("templates/_x.tpl", "{{ define \"x\" }}\n{{ .Values.a.b.c }}{{ end }}"),
    ])
    .to_string();
    assert_eq!(
        nil,
        "web/templates/a.yaml:1:6\n  executing \"web/templates/a.yaml\" at <include \"x\" .>:\n    \
         error calling include:\nweb/templates/_x.tpl:2:10\n  executing \"x\" at <.Values.a.b.c>:\n    \
         nil pointer evaluating interface {}.b"
    );
    let unknown = error(&[("templates/a.yaml", "\n\n{{ noSuch 1 }}")]).to_string();
    assert_eq!(unknown, "parse error at (web/templates/a.yaml:3): function \"noSuch\" not defined");
}

#[test]
fn endless_recursion_is_an_error_and_no_crash() {
    let text = error(&[
        ("templates/a.yaml", "{{ include \"x\" . }}"),
        ("templates/_x.tpl", "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}"),
    ])
    .to_string();
    assert!(text.contains("nested reference name: x"), "{} bytes", text.len());
    for endless in [
        "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
        "{{ define \"x\" }}{{ tpl \"{{ include \\\"x\\\" . }}\" . }}{{ end }}{{ include \"x\" . }}",
    ] {
        let _ = error(&[("templates/a.yaml", endless)]);
    }
}

#[test]
fn what_helm_does_not_install_is_refused() {
    let text = |files: &[(&str, &str)]| error(files).to_string();
    let library = "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n";
    assert!(text(&[("Chart.yaml", library)]).contains("library charts are not installable"));
    let missing = "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: db}]\n";
    assert!(text(&[("Chart.yaml", missing)]).contains("missing in charts/ directory: db"));
    let newer = "apiVersion: v2\nname: web\nversion: 1.0.0\nkubeVersion: '>=1.99'\n";
    assert!(text(&[("Chart.yaml", newer)]).contains("incompatible with Kubernetes v1.34.4"));
    let schema = r#"{ "properties": { "size": { "type": "string" } } }"#;
    let wrong = text(&[("values.schema.json", schema), ("values.yaml", "size: 1")]);
    assert!(wrong.contains("Value `size` is not valid."), "{wrong}");
    let no_map = try_with(&[], |request| request.values = json!([])).unwrap_err();
    assert!(matches!(no_map, RenderError::ValuesNotAMap));
    let yaml = text(&[("templates/a.yaml", "a: [")]);
    assert!(yaml.contains("YAML parse error on web/templates/a.yaml"), "{yaml}");
}

#[test]
fn numbers_of_the_user_behave_as_from_yaml() {
    let found = try_with(
        &[("templates/a.yaml", "text: '{{ .Values.n }}'\nkind: {{ kindOf .Values.n }}\n")],
        |request| request.values = json!({ "n": 1_000_000 }),
    )
    .unwrap();
    assert_eq!(found.manifests[0].object, json!({ "text": "1e+06", "kind": "float64" }));
}
