//! Finalizers, namespaces that go, kinds that vanish and kinds that are forbidden: named, within
//! the time, and never taken for success.

use std::time::Duration;
use std::time::Instant;

use super::place::GOOD;
use super::place::Place;
use super::place::set;
use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::support::cluster::kubeconfig;
use crate::support::eventually;

const HOLD: &str = r#"{"metadata":{"finalizers":["example.org/hold"]}}"#;
const RELEASE: &str = r#"{"metadata":{"finalizers":null}}"#;

#[test]
fn what_a_finalizer_holds_is_named_and_nothing_is_forgotten() {
    let place = Place::new(Client::OpenTofu, "finalizer");
    let more = "more = \"apiVersion: v1\\nkind: ConfigMap\\nmetadata: { name: held, finalizers: [example.org/hold] }\"";
    let with_held = format!("values = {{ note = \"one\", {more} }}");
    place.set(&with_held, "");
    // The time is short here: whoever holds the object never lets go.
    place.site.replace("timeout = \"2m\"", "timeout = \"20s\"");
    place.converge();
    // A revision without the object is no failure; that the object stays is said.
    place.set(GOOD, "");
    let began = Instant::now();
    let ran = place.site.apply().ok();
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    ran.says("ConfigMap `").says("/held`, held by the finalizers example.org/hold");
    place.site.assert_nothing_to_do();
    // A destroy that cannot end says so within the time, and goes on later.
    place.namespace.kubectl(&["patch", "configmap", "early", "--patch", HOLD]);
    let began = Instant::now();
    let ran = place.site.destroy().failed();
    assert!(began.elapsed() < Duration::from_secs(35), "{:?}", began.elapsed());
    ran.says("1 of the deleted objects was still there when the time was over")
        .says("/early`, held by the finalizers example.org/hold")
        .says("destroying it again continues from there.");
    assert_eq!(place.history().last().unwrap(), "2 uninstalling");
    // What is being deleted is not applied onto: neither taken for there nor waited for for ever.
    let began = Instant::now();
    let ran = place.site.apply().failed();
    assert!(began.elapsed() < Duration::from_secs(50), "{:?}", began.elapsed());
    ran.says("/early` is being deleted").says("example.org/hold");
    place.namespace.kubectl(&["patch", "configmap", "early", "--patch", RELEASE]);
    place.namespace.kubectl(&["patch", "configmap", "held", "--patch", RELEASE]);
    place.converge();
    place.end();
}

#[test]
fn a_namespace_that_is_being_deleted_is_named() {
    let place = Place::new(Client::Terraform, "terminating");
    place.converge();
    let lost = place.site.read("terraform.tfstate");
    place.namespace.kubectl(&["create", "configmap", "foreign"]);
    place.namespace.kubectl(&["patch", "configmap", "foreign", "--patch", HOLD]);
    place.namespace.kubectl(&["delete", "namespace", &place.namespace.name, "--wait=false"]);
    eventually("the release's record is gone with it", || place.history_or_nothing().is_empty());
    // Nothing of the release is there, and nothing can be made there.
    let began = Instant::now();
    place
        .site
        .apply()
        .failed()
        .says(&place.namespace.name)
        .says("is gone.")
        .says("because it is being terminated.")
        .says("Hint: Wait until the namespace is gone");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    // What is gone can be destroyed, though a destroy plans first, and making it anew is refused.
    let kubernetes = format!("config_path = {:?}", kubeconfig());
    let other = Place::another(Client::OpenTofu, &place.namespace, &kubernetes);
    other.write("terraform.tfstate", &lost);
    let began = Instant::now();
    for site in [&place.site, &other] {
        // The state as it was: the apply has noted that the release is gone.
        site.write("terraform.tfstate", &lost);
        site.plan().ok().says("Warning: ").says("because it is being terminated.");
        site.destroy().ok().says("0 destroyed");
        assert!(site.attributes("s3www_stack.site").is_null());
        // A stack that nobody had is another matter, and so is one that is changed.
        site.plan().failed().says("because it is being terminated.");
        site.write("terraform.tfstate", &lost);
        set(site, &GOOD.replace("one", "two"), "");
        site.plan().failed().says("because it is being terminated.");
    }
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
    place.namespace.kubectl(&["patch", "configmap", "foreign", "--patch", RELEASE]);
}

const WIDGETS: &str = r#"apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: "widgets.GROUP" }
spec:
  group: "GROUP"
  scope: Namespaced
  names: { kind: Widget, plural: widgets, singular: widget, listKind: WidgetList }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
"#;

#[test]
fn a_kind_that_vanished_is_named_and_blocks_nothing() {
    let place = Place::new(Client::Terraform, "vanished");
    let group = format!("{}.example.org", place.namespace.name);
    place.site.write("chart/crds/widgets.yaml", &WIDGETS.replace("GROUP", &group));
    let widget = format!(
        "apiVersion: {group}/v1\\nkind: Widget\\nmetadata: {{ name: w }}\\nspec: {{ size: 1 }}"
    );
    place.set(&format!("values = {{ note = \"one\", more = \"{widget}\" }}"), "");
    place.converge();
    place.namespace.kubectl(&["delete", "crd", &format!("widgets.{group}")]);
    // The refresh goes on without it.
    place.site.plan().ok().says("Widget").says("Warning: ");
    // Without the object in the chart nothing is in the way.
    place.set(GOOD, "");
    place.site.apply().ok().says(&format!("Widget `{}/w` was not deleted", place.namespace.name));
    place.site.assert_nothing_to_do();
    place.end();

    // And with it a destroy says what it could not look for.
    place.set(&format!("values = {{ note = \"one\", more = \"{widget}\" }}"), "");
    place.site.apply().ok();
    place.namespace.kubectl(&["delete", "crd", &format!("widgets.{group}")]);
    place
        .site
        .destroy()
        .ok()
        .says(&format!("Widget `{}/w` was not deleted", place.namespace.name))
        .says("the cluster does not know its kind any more");
    assert_eq!(place.namespace.leftovers(), [""; 0]);
}

/// Everything that the release needs but network policies, for an account of its own.
const ACCOUNT: &str = r#"
apiVersion: v1
kind: ServiceAccount
metadata: { name: limited }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: limited }
rules:
  - { apiGroups: ["", apps, batch, events.k8s.io, autoscaling], resources: ["*"], verbs: ["*"] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: limited }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: limited }
subjects: [{ kind: ServiceAccount, name: limited }]
"#;

/// Returns the provider's `kubernetes` for an account that may not touch network policies.
fn limited(namespace: &Namespace, folder: &std::path::Path) -> String {
    let manifest = folder.join("account.yaml");
    std::fs::write(&manifest, ACCOUNT).unwrap();
    namespace.kubectl(&["apply", "-f", manifest.to_str().unwrap()]);
    let token = namespace.kubectl(&["create", "token", "limited"]);
    let config = std::fs::read_to_string(kubeconfig()).unwrap();
    let config = serde_json::from_str::<serde_json::Value>(&namespace.kubectl(&[
        "config",
        "view",
        "--raw",
        "--flatten",
        "-o",
        "json",
    ]))
    .unwrap_or_else(|error| panic!("{error}: {config}"));
    let cluster = &config["clusters"][0]["cluster"];
    let authority = cluster["certificate-authority-data"].as_str().unwrap();
    format!(
        "host = {}\n  token = \"{token}\"\n  cluster_ca_certificate = base64decode(\"{authority}\")",
        cluster["server"]
    )
}

#[test]
fn a_kind_that_is_forbidden_is_named_and_a_destroy_does_not_pass_over_it() {
    let place = Place::new(Client::OpenTofu, "forbidden");
    let policy = "apiVersion: networking.k8s.io/v1\\nkind: NetworkPolicy\\nmetadata: { name: closed }\\nspec: { podSelector: {} }";
    let values = format!("values = {{ note = \"one\", more = \"{policy}\" }}");
    place.set(&values, "");
    place.converge();
    // The same state, by somebody with fewer rights.
    let kubernetes = limited(&place.namespace, &place.site.path(""));
    let other = Place::another(Client::OpenTofu, &place.namespace, &kubernetes);
    set(&other, &values, "");
    other.write("terraform.tfstate", &place.site.read("terraform.tfstate"));
    // Reading goes on without it, with a word.
    other.plan().ok().says("No changes.").says("Warning: ").says("NetworkPolicy `").says("closed");
    // Changing what is allowed fails at what is not, and the old state stays.
    set(&other, &values.replace("one", "two"), "");
    let ran = other.run(&["apply", "-no-color", "-auto-approve"]).failed();
    ran.says("NetworkPolicy `").says("cannot");
    // Destroying does not pass over it, and the release is still known.
    let ran = other.destroy().failed();
    ran.says("NetworkPolicy `").says("closed").says("cannot");
    assert!(!other.attributes("s3www_stack.site").is_null());
    assert!(place.exists("networkpolicy/closed"));
    // Whoever may, ends it.
    place.namespace.kubectl(&["delete", "rolebinding", "limited"]);
    place.namespace.kubectl(&["delete", "role", "limited"]);
    place.namespace.kubectl(&["delete", "serviceaccount", "limited"]);
    place.end();
}
