//! What somebody changed on the cluster, as a plan shows it and an apply corrects it.

use std::collections::BTreeSet;
use std::time::Duration;
use std::time::Instant;

use super::plain::changes;
use super::plain::managers;
use super::plain::site;
use super::plain::write;
use crate::support::client::Client;
use crate::support::cluster::Namespace;

const CHART: &str = "chart = \"./chart\"";

fn lines(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|line| (*line).to_owned()).collect()
}

/// What people do to the plain chart's objects, all of it at once.
fn edit(namespace: &Namespace) {
    let patch = |object: &str, patch: &str| {
        namespace.kubectl(&["patch", object, "--type=json", "-p", patch]);
    };
    namespace.kubectl(&["scale", "deployment/web", "--replicas=2"]);
    namespace.kubectl(&["set", "env", "deployment/web", "--containers=main", "A=9", "NEW=x"]);
    namespace.kubectl(&["set", "image", "deployment/web", "side=x:1"]);
    namespace.kubectl(&["set", "resources", "deployment/web", "-c=main", "--requests=cpu=2"]);
    namespace.kubectl(&["rollout", "restart", "deployment/web"]);
    namespace.kubectl(&["label", "configmap/conf", "part=else", "added=yes", "--overwrite"]);
    namespace.kubectl(&["annotate", "configmap/conf", "note-"]);
    let data =
        r#"[{"op":"replace","path":"/data/a","value":"9"},{"op":"remove","path":"/data/b"}]"#;
    patch("configmap/conf", data);
    // canary-edit
    patch(
        "secret/cred",
        r#"[{"op":"replace","path":"/data/password","value":"Y2FuYXJ5LWVkaXQ="}]"#,
    );
    patch("service/svc", r#"[{"op":"replace","path":"/spec/ports/0/port","value":8080}]"#);
    patch("networkpolicy/policy", r#"[{"op":"add","path":"/spec/egress","value":[{}]}]"#);
    namespace.kubectl(&["delete", "configmap/goes", "serviceaccount/account"]);
    // And a controller, which is no person.
    namespace.kubectl(&["label", "configmap/conf", "by=foo", "--field-manager=foo"]);
}

const EDITS: [&str; 15] = [
    "ConfigMap/conf data.a: \"9\" -> one",
    "ConfigMap/conf data.b: (none) -> two",
    "ConfigMap/conf metadata.annotations.note: (none) -> first",
    "ConfigMap/conf metadata.labels.added: \"yes\" -> (none)",
    "ConfigMap/conf metadata.labels.part: else -> config",
    "ConfigMap/goes: (none) -> object",
    "Deployment/web spec.replicas: 2 -> 0",
    "Deployment/web spec.template.spec.containers[main].env[A].value: \"9\" -> \"1\"",
    "Deployment/web spec.template.spec.containers[main].env[NEW].name: NEW -> (none)",
    "Deployment/web spec.template.spec.containers[main].env[NEW].value: x -> (none)",
    "Deployment/web spec.template.spec.containers[main].resources.requests.cpu: \"2\" -> 1000m",
    "Deployment/web spec.template.spec.containers[side].image: x:1 -> docker.io/curlimages/curl:8.16.0",
    "Secret/cred data.password: (hash) -> (hash)",
    "Service/svc spec.ports[http].port: 8080 -> 80",
    "ServiceAccount/account: (none) -> object",
];

/// Drift cases 7, 8, 10, 14, 15, 17: through the clients, and what `drift_detection` makes of it.
fn all_edits_are_seen(client: Client) {
    let namespace = Namespace::new("edits");
    let site = site(client, &namespace, "");
    site.apply().ok();
    site.assert_nothing_to_do();
    edit(&namespace);

    let (ran, plan) = site.plan_json();
    let mut expected = lines(&EDITS);
    expected.insert("NetworkPolicy/policy spec.egress[0]: {} -> (none)".to_owned());
    assert_eq!(changes(&plan), expected, "{client:?}");
    assert!(!plan.to_string().contains("canary-"), "no secret is in the plan");
    ran.says("Plan: 0 to add, 1 to change, 0 to destroy.")
        .says("the field manager `foo` has added `metadata.labels.by`")
        .says_nothing_of("canary-");

    // Only warned about: the cluster stays as it is, and the plans after it are empty.
    site.replace(CHART, &format!("{CHART}\n  drift_detection = {{ mode = \"warn\" }}"));
    let (ran, plan) = site.plan_json();
    ran.says("only what is shown changes, and not the cluster");
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["before"]["revision"], change["after"]["revision"], "nothing is applied");
    site.apply().ok().says_nothing_of("canary-");
    site.assert_nothing_to_do();
    site.plan()
        .ok()
        .says("spec.replicas: 2 instead of 0")
        .says("metadata.labels.added: \"yes\" instead of (absent)")
        .says("data.password: (hash)")
        .says(&format!("`v1/ConfigMap/{}/goes` does not exist.", namespace.name))
        .says_nothing_of("canary-");
    let is = |object: &str, field: &str| {
        namespace.kubectl(&["get", object, "-o", &format!("jsonpath={{{field}}}")])
    };
    assert_eq!(is("deployment/web", ".spec.replicas"), "2");
    site.replace("\"warn\"", "\"disabled\"");
    site.apply().ok();
    site.assert_nothing_to_do();
    site.plan().ok().says("No changes.").says_nothing_of("instead of").says_nothing_of("`foo`");

    // What is left to others stays; the rest is corrected. A rule is for the objects of its
    // target only.
    let rules = r#"drift_detection = {
    ignore = [
      { paths = ["/data", "/metadata/labels"], target = { kind = "ConfigMap", label_selector = "part in (config),part!=x" } },
      { paths = ["/spec/template/spec/containers/main/env/A/value"], target = { group = "apps", name = "w.b" } },
      { paths = ["/spec/replicas"], target = { namespace = "no-.*" } },
      { paths = ["/metadata/annotations/note~1x"] },
    ]
    ignore_managers = ["foo", "kubectl-s*"]
  }"#;
    // What the apply that turns it on corrects, its plan says, though the client shows the state.
    site.replace("\"disabled\"", "\"correct\"");
    let map = format!("`v1/ConfigMap/{}/", namespace.name);
    site.plan()
        .ok()
        .says("1 to change")
        .says("The plan cannot show this, which the apply corrects:")
        .says("web` spec.replicas: 2 instead of 0")
        .says("conf` metadata.labels.added: \"yes\" instead of (absent)")
        .says(&format!("{map}goes` does not exist."))
        .says("cred` data.password: (hash)")
        .says_nothing_of("canary-");
    site.replace("drift_detection = { mode = \"correct\" }", rules);
    site.plan().ok().says("policy` spec.egress[0]").says_nothing_of("conf` data.a");
    site.apply().ok().says_nothing_of("`foo`");
    site.assert_nothing_to_do();
    assert_eq!(is("configmap/conf", ".data.a"), "9");
    assert_eq!(is("configmap/conf", ".data.b"), "", "what was removed stays so");
    assert_eq!(is("configmap/conf", ".metadata.labels.added"), "yes");
    assert_eq!(is("configmap/conf", ".metadata.annotations.note"), "first");
    assert_eq!(is("deployment/web", ".spec.replicas"), "0");
    let containers = is("deployment/web", ".spec.template.spec.containers[*].env");
    assert!(containers.contains("\"9\"") && containers.contains("NEW"), "{containers}");
    assert_eq!(is("service/svc", ".spec.ports[0].port"), "80");
    namespace.kubectl(&["scale", "deployment/web", "--replicas=1"]);
    namespace.kubectl(&["label", "configmap/conf", "more=yes"]);
    namespace.kubectl(&["label", "deployment/web", "more=yes"]);
    let (_, plan) = site.plan_json();
    let rest = [
        "Deployment/web metadata.labels.more: \"yes\" -> (none)",
        "Deployment/web spec.replicas: 1 -> 0",
    ];
    assert_eq!(changes(&plan), lines(&rest), "{client:?}");

    // Without the rules all of it is.
    site.replace(rules, "");
    site.apply().ok();
    site.assert_nothing_to_do();
    for object in ["configmap/conf", "deployment/web", "secret/cred", "service/svc"] {
        let mut expected = vec!["helm/Apply"];
        match object {
            "configmap/conf" => expected.push("foo/Update"),
            // Of the restart.
            "deployment/web" => expected.push("kubectl-rollout/Update"),
            _ => {}
        }
        assert_eq!(managers(&namespace, object), expected, "{object}");
    }
    assert_eq!(is("configmap/conf", ".data.a"), "one");
    assert_eq!(is("configmap/conf", ".data.b"), "two");
    let restarted = "jsonpath={.spec.template.metadata.annotations}";
    let annotations = namespace.kubectl(&["get", "deployment/web", "-o", restarted]);
    assert!(annotations.contains("restartedAt"), "no second restart: {annotations}");
    site.destroy().ok();
    assert_eq!(namespace.leftovers(), [""; 0]);
}

#[test]
fn every_edit_is_seen_as_exactly_the_leaves_that_differ_with_terraform() {
    all_edits_are_seen(Client::Terraform);
}

#[test]
fn every_edit_is_seen_as_exactly_the_leaves_that_differ_with_opentofu() {
    all_edits_are_seen(Client::OpenTofu);
}

const SCALED: &str = r"
apiVersion: apps/v1
kind: Deployment
metadata: { name: scaled }
spec:
  {{- with .Values.replicas }}
  replicas: {{ . }}
  {{- end }}
  selector: { matchLabels: { app: scaled } }
  template:
    metadata: { labels: { app: scaled } }
    spec:
      nodeSelector: { no: such-node }
      containers: [{ name: m, image: docker.io/curlimages/curl:8.16.0 }]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: scaled }
spec:
  minReplicas: 2
  maxReplicas: 5
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: scaled }
";

/// Drift cases 20, 21: a real autoscaler scales, which is neither drift nor undone by an apply, and
/// an upgrade that drops `replicas` leaves them too.
#[test]
fn what_an_autoscaler_does_is_no_drift() {
    let namespace = Namespace::new("hpa");
    let values = "wait = false\n  values = { replicas = 1, a = \"one\" }";
    let site = site(Client::OpenTofu, &namespace, values);
    write(&site, "templates/scaled.yaml", SCALED);
    site.apply().ok();
    let replicas =
        || namespace.kubectl(&["get", "deployment/scaled", "-o", "jsonpath={.spec.replicas}"]);
    let since = Instant::now();
    while replicas() != "2" {
        assert!(since.elapsed() < Duration::from_secs(90), "the autoscaler does not scale");
        std::thread::sleep(Duration::from_millis(500));
    }
    site.assert_nothing_to_do();
    site.replace("\"one\"", "\"other\"");
    site.apply().ok();
    assert_eq!(replicas(), "2", "an apply does not scale");
    site.assert_nothing_to_do();
    site.replace("replicas = 1, ", "");
    site.apply().ok();
    assert_eq!(replicas(), "2", "nor does one that leaves `replicas` to the autoscaler");
    site.assert_nothing_to_do();
    site.destroy().ok();
}

/// Drift case 36: an account that may only read learns who changed what, and keeps what was known.
#[test]
fn an_account_that_may_only_read_sees_which_fields_were_changed() {
    let namespace = Namespace::new("reader");
    let site = site(Client::Terraform, &namespace, "");
    site.apply().ok();
    namespace.kubectl(&["create", "serviceaccount", "reader"]);
    let rule = ["create", "role", "reader", "--verb=get,list", "--resource=*.*"];
    namespace.kubectl(&rule);
    let account = format!("--serviceaccount={}:reader", namespace.name);
    namespace.kubectl(&["create", "rolebinding", "reader", "--role=reader", &account]);
    let token = namespace.kubectl(&["create", "token", "reader"]);
    site.replace("config_path =", &format!("token = \"{}\", config_path =", token.trim()));

    let plan = site.plan().ok().says("No changes.").says("(the right to `patch` is missing)");
    let told = plan.text.matches("Warning: ConfigMap").count();
    assert_eq!(told, 1, "once for a kind: {}", plan.text);
    plan.says("(and 1 more)").says_nothing_of("somebody changed");

    namespace.kubectl(&["label", "configmap/conf", "part=else", "--overwrite"]);
    namespace.kubectl(&["set", "env", "deployment/web", "--containers=main", "NEW=x"]);
    site.plan()
        .ok()
        .says("No changes.")
        .says("somebody changed `metadata.labels.part`")
        .says("containers[main].env[NEW]");
}

/// Drift case 32: a kind and an object of it in one release.
#[test]
fn a_kind_and_its_object_come_in_one_apply() {
    let namespace = Namespace::new("kind");
    let site = site(Client::OpenTofu, &namespace, "");
    let group = format!("{}.example.org", namespace.name);
    let definition = |group: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{ name: things.{group} }}\nspec:\n  group: {group}\n  scope: Namespaced\n  names: {{ kind: Thing, plural: things }}\n  versions:\n    - name: v1\n      served: true\n      storage: true\n      schema: {{ openAPIV3Schema: {{ type: object, x-kubernetes-preserve-unknown-fields: true }} }}\n"
        )
    };
    let thing = |group: &str| {
        format!(
            "apiVersion: {group}/v1\nkind: Thing\nmetadata: {{ name: thing }}\nspec: {{ ratio: 0.5, whole: 1.0 }}\n"
        )
    };
    // One kind by way of `crds/`, the other among the templates.
    write(&site, "crds/thing.yaml", &definition(&group));
    write(&site, "templates/thing.yaml", &thing(&group));
    let second = format!("second.{group}");
    write(&site, "templates/definition.yaml", &definition(&second));
    write(&site, "templates/second.yaml", &thing(&second));
    site.apply().ok();
    site.assert_nothing_to_do();
    let resource = format!("things.{group}/thing");
    namespace.kubectl(&["patch", &resource, "--type=merge", "-p", r#"{"spec":{"ratio":0.7}}"#]);
    let (_, plan) = site.plan_json();
    assert_eq!(changes(&plan), lines(&["Thing/thing spec.ratio: 0.7 -> 0.5"]));
    site.apply().ok();
    site.assert_nothing_to_do();
    site.destroy().ok();
    let left = format!("customresourcedefinition/things.{group}");
    namespace.kubectl(&["delete", &left]);
}

/// A chart that changes nothing but a hook, without a new version.
#[test]
fn a_changed_hook_is_a_change() {
    const HOOK: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook\n  annotations: { helm.sh/hook: \"post-install,post-upgrade\" }\ndata: { a: \"1\" }\n";
    const RANDOM: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: random-{{ randAlpha 5 | lower }}\n  annotations: { helm.sh/hook: post-install }\n";
    const ONCE: &str = "{{ if not (lookup \"v1\" \"ConfigMap\" .Release.Namespace \"conf\") }}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: once\n  annotations: { helm.sh/hook: pre-install }\n{{ end }}\n";
    let namespace = Namespace::new("hook");
    let site = site(Client::Terraform, &namespace, "");
    write(&site, "templates/hook.yaml", HOOK);
    write(&site, "templates/random.yaml", RANDOM);
    write(&site, "templates/once.yaml", ONCE);
    site.apply().ok();
    site.assert_nothing_to_do();
    write(&site, "templates/hook.yaml", &HOOK.replace("\"1\"", "\"2\""));
    let (_, plan) = site.plan_json();
    assert_eq!(changes(&plan), lines(&[]));
    site.apply().ok().says("0 added, 1 changed, 0 destroyed");
    site.assert_nothing_to_do();
    let data = namespace.kubectl(&["get", "configmap/hook", "-o", "jsonpath={.data.a}"]);
    assert_eq!(data, "2");
    site.destroy().ok();
    namespace.kubectl(&["delete", "configmap", "--all"]);
}

/// A stack that is tainted, of a chart that shows the revision and what `lookup` finds.
#[test]
fn a_tainted_stack_of_a_chart_that_knows_its_revision_is_replaced() {
    const REVISION: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: revision }\ndata:\n  number: {{ .Release.Revision | quote }}\n  found: {{ len (lookup \"v1\" \"ConfigMap\" .Release.Namespace \"conf\") | quote }}\n";
    let namespace = Namespace::new("tainted");
    let site = site(Client::Terraform, &namespace, "values = { a = \"one\" }");
    write(&site, "templates/revision.yaml", REVISION);
    site.apply().ok();
    site.replace("\"one\"", "\"two\"");
    site.apply().ok();
    site.run(&["taint", "s3www_stack.site"]).ok();
    site.apply().ok().says("1 added, 0 changed, 1 destroyed");
    let number = ["get", "configmap/revision", "-o", "jsonpath={.data.number}"];
    assert_eq!(namespace.kubectl(&number), "1");
    site.destroy().ok();
}
