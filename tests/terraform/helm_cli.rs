//! The Helm CLI and the provider on one release.

use std::collections::BTreeSet;

use super::helm;
use super::plain::changes;
use super::plain::managers;
use super::plain::site;
use super::workspace;
use crate::support::client::Client;
use crate::support::cluster::Namespace;

fn small(namespace: &Namespace) -> String {
    format!(
        r#"
resource "s3www_stack" "site" {{
  name      = "site"
  namespace = "{}"
  values    = {{ replicaCount = 1, minio = {{ persistence = {{ enabled = false }} }} }}
}}
"#,
        namespace.name
    )
}

#[test]
fn both_versions_of_helm_read_our_release() {
    let namespace = Namespace::new("helm");
    let site = workspace(Client::Terraform, &small(&namespace));
    site.init();
    site.apply().ok();
    site.replace("replicaCount = 1", "replicaCount = 2");
    site.apply().ok();
    for version in [3, 4] {
        let list = helm(version, &namespace, &["list"]);
        assert!(list.contains("deployed") && list.contains("s3www-"), "helm {version}: {list}");
        let status = helm(version, &namespace, &["status", "site"]);
        assert!(status.contains("STATUS: deployed"), "helm {version}: {status}");
        assert!(status.contains("REVISION: 2"), "helm {version}: {status}");
        let history = helm(version, &namespace, &["history", "site"]);
        assert!(
            history.contains("superseded") && history.contains("Upgrade complete"),
            "{history}"
        );
        let manifest = helm(version, &namespace, &["get", "manifest", "site"]);
        assert!(manifest.contains("# Source: s3www/templates/"), "helm {version}: {manifest}");
        assert!(manifest.contains("replicas: 2"), "helm {version}: {manifest}");
        let values = helm(version, &namespace, &["get", "values", "site"]);
        assert!(values.contains("replicaCount: 2"), "helm {version}: {values}");
    }
    site.destroy().ok();
}

#[test]
fn what_the_helm_cli_does_shows_in_the_next_plan() {
    let namespace = Namespace::new("cli");
    let site = workspace(Client::OpenTofu, &small(&namespace));
    site.init();
    site.apply().ok();
    let chart = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/s3www");
    let set = ["upgrade", "site", chart, "--reuse-values", "--set", "replicaCount=3", "--wait"];
    helm(4, &namespace, &set);
    site.plan().ok().says("~ \"spec.replicas\"").says("= \"3\" -> \"1\"");
    site.apply().ok();
    site.assert_nothing_to_do();
    // And the CLI goes on from ours without force.
    helm(4, &namespace, &["rollback", "site", "1", "--wait"]);
    site.assert_nothing_to_do();
    helm(3, &namespace, &["uninstall", "site", "--wait"]);
    site.plan().ok().says("s3www_stack.site will be created").says("1 to add");
    site.apply().ok();
    site.destroy().ok();
}

/// <https://github.com/hashicorp/terraform-provider-helm/issues/1086>
#[test]
fn a_release_of_the_helm_cli_is_imported_and_needs_no_change() {
    let namespace = Namespace::new("import");
    let chart = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/s3www");
    for version in [3, 4] {
        helm(
            version,
            &namespace,
            &[
                "install",
                "site",
                chart,
                "--set",
                "replicaCount=1,minio.persistence.enabled=false",
                "--wait",
                "--wait-for-jobs",
            ],
        );
        let site = workspace(Client::OpenTofu, &small(&namespace));
        site.init();
        let id = format!("{}/site", namespace.name);
        site.run(&["import", "-no-color", "s3www_stack.site", &id]).ok();
        site.assert_nothing_to_do();
        site.destroy().ok();
    }
}

/// Makes a release of Helm 3 one of Terraform's Helm provider, which leaves the same objects under
/// its own name.
fn rename_manager(namespace: &Namespace, manager: &str) {
    for object in ALL {
        let json = namespace.kubectl(&["get", object, "-o", "json", "--show-managed-fields"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let mut entries = json["metadata"]["managedFields"].clone();
        for entry in entries.as_array_mut().unwrap() {
            if entry["manager"] == "helm" {
                entry["manager"] = manager.into();
            }
        }
        let patch = serde_json::json!([
            {"op": "replace", "path": "/metadata/managedFields", "value": entries}]);
        namespace.kubectl(&["patch", object, "--type=json", "-p", &patch.to_string()]);
    }
}

/// Is everything that the plain chart makes.
const ALL: [&str; 7] = [
    "configmap/conf",
    "configmap/goes",
    "secret/cred",
    "serviceaccount/account",
    "deployment/web",
    "service/svc",
    "networkpolicy/policy",
];

const OBJECTS: [&str; 4] = ["configmap/conf", "secret/cred", "deployment/web", "service/svc"];

/// Fails the test unless everything that the smaller chart dropped is gone, what it changed is
/// changed, and only we own the objects.
fn assert_smaller(namespace: &Namespace) {
    let is = |object: &str, field: &str| {
        namespace.kubectl(&["get", object, "-o", &format!("jsonpath={{{field}}}")])
    };
    assert_eq!(is("configmap/conf", ".data.b"), "");
    assert_eq!(is("configmap/conf", ".metadata.labels.extra"), "");
    assert_eq!(is("secret/cred", ".data.user"), "");
    let containers = ".spec.template.spec.containers[*]['name','env']";
    let containers = is("deployment/web", containers);
    assert!(!containers.contains("side") && !containers.contains("\"B\""), "{containers}");
    assert_eq!(is("service/svc", ".spec.ports[*].port"), "8080 9000");
    for object in OBJECTS {
        assert_eq!(managers(namespace, object), ["helm/Apply"], "{object}");
    }
}

const SMALLER: &str = "values = { smaller = true, port = 8080 }";

/// Drift cases 19, 23, 24: a release that Helm 3, a program with Helm 3 in it, or Helm 4 has made is
/// imported, and one apply of a smaller chart really removes what it drops.
#[test]
fn a_release_of_helm_is_imported_and_what_the_chart_drops_goes() {
    for maker in ["terraform-provider-helm_v3.1.2_x5", "helm3", "helm4"] {
        let namespace = Namespace::new("migrate");
        let site = site(Client::Terraform, &namespace, "");
        let chart = site.path("chart");
        let install = ["install", "site", chart.to_str().unwrap()];
        let expected = match maker {
            "helm3" => {
                helm(3, &namespace, &install);
                "helm/Update"
            }
            "helm4" => {
                helm(4, &namespace, &install);
                "helm/Apply"
            }
            other => {
                helm(3, &namespace, &install);
                rename_manager(&namespace, other);
                "terraform-provider-helm_v3.1.2_x5/Update"
            }
        };
        assert_eq!(managers(&namespace, "configmap/conf"), [expected], "{maker}");
        let id = format!("{}/site", namespace.name);
        site.run(&["import", "-no-color", "s3www_stack.site", &id]).ok();
        // Where the chart is from, no record says.
        let (_, plan) = site.plan_json();
        assert_eq!(changes(&plan), BTreeSet::new(), "{maker}");
        site.replace("chart = \"./chart\"", &format!("chart = \"./chart\"\n  {SMALLER}"));
        site.apply().ok();
        assert_smaller(&namespace);
        site.assert_nothing_to_do();
        site.destroy().ok();
        assert_eq!(namespace.leftovers(), [""; 0], "{maker}");
    }
}

/// <https://github.com/hashicorp/terraform-provider-helm/issues/1349>
///
/// Drift cases 25, 26, 27, 28: ours, Helm 3 and Helm 4 take turns on one release, without force and
/// without conflicts, and nothing gets stuck.
#[test]
fn ours_and_the_cli_take_turns_without_conflicts() {
    let namespace = Namespace::new("turns");
    let site = site(Client::OpenTofu, &namespace, SMALLER);
    let chart = site.path("chart");
    let upgrade = |version: u8, set: &str| {
        helm(version, &namespace, &["upgrade", "site", chart.to_str().unwrap(), "--set", set]);
    };
    site.apply().ok();

    // 25: what Helm 3 adds in an upgrade of ours goes again, and the port comes back.
    upgrade(3, "smaller=false,port=81");
    let (ran, plan) = site.plan_json();
    let made = format!("Revision 2 of release `{}/site` was made outside", namespace.name);
    ran.says(&made).says("Its record says: Upgrade complete (deployed at ");
    let lines = changes(&plan);
    for line in [
        "ConfigMap/conf data.b: two -> (none)",
        "Deployment/web spec.template.spec.containers[side].name: side -> (none)",
        "Service/svc spec.ports[http].port: 81 -> 8080",
        "Secret/cred data.user: (hash) -> (none)",
    ] {
        assert!(lines.contains(line), "no `{line}` in {lines:#?}");
    }
    let revision = &plan["resource_changes"][0]["change"]["before"]["revision"];
    assert_eq!(*revision, 2, "the revision that did it");
    site.apply().ok();
    assert_smaller(&namespace);
    site.assert_nothing_to_do();

    // 26: Helm 4 upgrades ours and rolls back to ours; nothing is left to do.
    upgrade(4, "smaller=true,port=82");
    helm(4, &namespace, &["rollback", "site", "3"]);
    let (ran, plan) = site.plan_json();
    ran.says("Revision 5 of release").says("Rollback to 3").says("No changes.");
    assert_eq!(changes(&plan), BTreeSet::new());
    site.assert_nothing_to_do();
    site.apply().ok();
    assert_smaller(&namespace);
    // The state knows the revision now.
    site.plan().ok().says_nothing_of("was made outside");
    // Helm 4 itself leaves a dropped key of `stringData` in the Secret.
    upgrade(4, "smaller=false,port=8080");
    upgrade(4, "smaller=true,port=8080");
    let (_, plan) = site.plan_json();
    assert_eq!(
        changes(&plan),
        BTreeSet::from(["Secret/cred data.user: (hash) -> (none)".to_owned()])
    );
    site.apply().ok();
    assert_smaller(&namespace);
    site.assert_nothing_to_do();

    // 27: an edit by hand, which Helm 4 would stumble over, is nobody's after our apply.
    namespace.kubectl(&["set", "env", "deployment/web", "--containers=main", "A=9"]);
    namespace.kubectl(&["patch", "configmap/conf", "-p", r#"{"data":{"a":"9"}}"#]);
    let (ran, plan) = site.plan_json();
    ran.says_nothing_of("was made outside");
    assert_eq!(changes(&plan).len(), 2);
    site.apply().ok();
    upgrade(4, "smaller=true,port=8080,a=four");
    let (_, plan) = site.plan_json();
    assert_eq!(changes(&plan), BTreeSet::from(["ConfigMap/conf data.a: four -> one".to_owned()]));
    helm(3, &namespace, &["rollback", "site", "8"]);
    // Nothing differs, so what Helm 3 owns now is taken over by the next revision only.
    site.assert_nothing_to_do();
    site.replace("port = 8080", "port = 8080, a = \"one\"");
    site.apply().ok();
    assert_smaller(&namespace);
    site.assert_nothing_to_do();

    // 28: both read the history (ten revisions of it are kept), and either removes the release.
    for version in [3, 4] {
        let history = helm(version, &namespace, &["history", "site"]);
        for description in ["Upgrade complete", "Rollback to 3"] {
            assert!(history.contains(description), "helm {version}: {history}");
        }
        assert!(helm(version, &namespace, &["status", "site"]).contains("STATUS: deployed"));
        assert!(helm(version, &namespace, &["list"]).contains("plain-1.0.0"));
        let all = helm(version, &namespace, &["get", "all", "site"]);
        assert!(all.contains("smaller: true") && all.contains("kind: NetworkPolicy"), "{all}");
    }
    for version in [3, 4] {
        helm(version, &namespace, &["uninstall", "site", "--wait"]);
        assert_eq!(namespace.leftovers(), [""; 0], "helm {version}");
        site.plan().ok().says("is gone.").says("s3www_stack.site will be created");
        site.apply().ok();
    }
    site.destroy().ok();
}
