//! The Helm CLI and the provider on one release.

use super::helm;
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
