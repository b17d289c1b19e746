//! What clients ask of a provider in the corners of their protocol: replacement, destroy with a
//! broken configuration, what vanished, and a provider that is configured late. All of it with both.

use super::head;
use super::workspace;
use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::support::cluster::kubeconfig;
use crate::support::workspace::Workspace;

const TEMPLATE: &str = r"
apiVersion: v1
kind: ConfigMap
metadata: { name: conf }
data:
  note: {{ .Values.note | quote }}
  {{- range $key, $value := .Values.many }}
  {{ $key }}: {{ $value | quote }}
  {{- end }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data
  annotations: { helm.sh/resource-policy: keep }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }
";

const SCHEMA: &str = r#"{ "properties": { "note": { "type": "string" } } }"#;

const STACK: &str = "s3www_stack.site";

/// Writes a chart of a ConfigMap and a claim that outlives the release.
fn write_chart(site: &Workspace) {
    site.write("chart/Chart.yaml", "apiVersion: v2\nname: ruled\nversion: 1.0.0\n");
    site.write("chart/values.yaml", "note: none\nmany: {}\n");
    site.write("chart/values.schema.json", SCHEMA);
    site.write("chart/templates/all.yaml", TEMPLATE);
}

fn stack(namespace: &Namespace) -> String {
    format!(
        r#"
resource "s3www_stack" "site" {{
  name      = "site"
  namespace = "{}"
  chart     = "./chart"
  # No pod uses the claim, so nothing binds it.
  wait      = false
  values    = {{
    note = "one"
    many = {{ for number in range(300) : "key${{number}}" => "value" }}
  }}
}}
"#,
        namespace.name
    )
}

/// Returns which ConfigMap and which claim there are.
fn uids(namespace: &Namespace) -> [String; 2] {
    ["configmap/conf", "pvc/data"]
        .map(|object| namespace.kubectl(&["get", object, "-o", "jsonpath={.metadata.uid}"]))
}

/// A replacement under the same name needs the old release gone first. With
/// `create_before_destroy` it is refused, and costs nothing; without, one apply does it and keeps
/// the data.
fn replaced(client: Client) {
    let namespace = Namespace::new("rules");
    let site = workspace(client, &stack(&namespace));
    write_chart(&site);
    site.init();
    site.apply().ok();
    let made = uids(&namespace);

    // A line that changed among many is shown, and the others are not.
    site.replace("note = \"one\"", "note = \"two\"");
    let plan = site.plan().ok().says("Plan: 0 to add, 1 to change, 0 to destroy.");
    let changed: Vec<_> = plan.text.lines().filter(|line| line.contains("\"one\"")).collect();
    assert_eq!(changed.len(), 2, "in `values` and in `objects`: {}", plan.text);
    assert_eq!(plan.text.matches("key1").count(), 0, "{}", plan.text);
    site.apply().ok();
    site.assert_nothing_to_do();
    assert_eq!(uids(&namespace), made, "{client:?}: an update makes nothing anew");

    let setting = "lifecycle { create_before_destroy = true }\n  wait ";
    site.replace("wait ", setting);
    let replace = ["apply", "-no-color", "-auto-approve", "-replace=s3www_stack.site"];
    let taint = ["taint", STACK];
    let refused = |arguments: &[&str]| {
        site.run(arguments)
            .failed()
            .says(&format!("Release `{}/site` exists already (revision 2", namespace.name))
            .says("remove `create_before_destroy` from the `lifecycle` block");
        assert_eq!(site.attributes(STACK)["revision"], 2, "{client:?}: the old one is current");
        assert_eq!(uids(&namespace), made, "{client:?}: nothing is touched");
    };
    refused(&replace);
    site.assert_nothing_to_do();
    site.run(&taint).ok();
    refused(&replace[..3]);
    site.run(&["untaint", STACK]).ok();
    site.assert_nothing_to_do();

    site.replace(setting, "wait ");
    let mut before = made;
    for way in [&replace[..], &replace[..3]] {
        if !way.contains(&replace[3]) {
            site.run(&taint).ok();
            site.plan().ok().says("s3www_stack.site is tainted, so");
        }
        site.run(way).ok().says("1 added, 0 changed, 1 destroyed");
        site.assert_nothing_to_do();
        let after = uids(&namespace);
        assert_ne!(after[0], before[0], "{client:?}: it is another release");
        assert_eq!(after[1], before[1], "{client:?}: with the same data");
        assert_eq!(site.attributes(STACK)["revision"], 1, "{client:?}");
        before = after;
    }

    // A release that somebody removed is said to be gone, which no client says by itself.
    super::helm(4, &namespace, &["uninstall", "site", "--wait"]);
    site.plan()
        .ok()
        .says(&format!("Warning: Release `{}/site` is gone.", namespace.name))
        .says("Plan: 1 to add, 0 to change, 0 to destroy.");
    site.apply().ok();
    site.assert_nothing_to_do();
    assert_eq!(uids(&namespace)[1], before[1], "{client:?}");
    site.destroy().ok().says("1 destroyed");
    assert_eq!(namespace.leftovers(), ["persistentvolumeclaim/data"], "{client:?}");
}

/// <https://github.com/hashicorp/terraform-provider-helm/issues/1121>, in passing.
#[test]
fn a_replacement_under_the_same_name_costs_nothing_with_terraform() {
    replaced(Client::Terraform);
}

/// <https://github.com/hashicorp/terraform-provider-helm/issues/1121>, in passing.
#[test]
fn a_replacement_under_the_same_name_costs_nothing_with_opentofu() {
    replaced(Client::OpenTofu);
}

/// A destroy plans first. What was applied can always be destroyed; a configuration that was
/// broken since is refused as in every plan, and `-refresh=false` passes it over.
#[test]
fn a_chart_or_value_that_is_broken_does_not_keep_a_stack_alive() {
    for client in Client::ALL {
        let namespace = Namespace::new("broken");
        let site = workspace(client, &stack(&namespace));
        write_chart(&site);
        site.init();
        site.apply().ok();
        let made = uids(&namespace);

        site.replace("note = \"one\"", "note = [\"one\"]");
        for ran in [site.plan(), site.destroy()] {
            ran.failed().says("Value `note` is not valid.");
        }
        assert_eq!(uids(&namespace), made, "{client:?}: nothing is touched");
        let past = ["destroy", "-no-color", "-auto-approve", "-refresh=false"];
        site.run(&past).ok().says("1 destroyed");
        assert_eq!(namespace.leftovers(), ["persistentvolumeclaim/data"], "{client:?}");

        // The values are as they were applied, and the chart cannot be rendered any more.
        site.replace("note = [\"one\"]", "note = \"one\"");
        site.apply().ok();
        site.write("chart/templates/all.yaml", "{{ fail \"out of order\" }}\n");
        site.plan().ok().says("Warning: ").says("out of order");
        site.destroy().ok().says("1 destroyed");
        assert_eq!(namespace.leftovers(), ["persistentvolumeclaim/data"], "{client:?}");
    }
}

/// A cluster that is made in the same run is not known at plan: everything is planned as unknown,
/// nothing is put off to a second run.
#[test]
fn a_cluster_that_is_known_only_after_apply_is_planned_and_applied_in_one_run() {
    for client in Client::ALL {
        let namespace = Namespace::new("late");
        let server = "jsonpath={.clusters[0].cluster.server}";
        let server = namespace.kubectl(&["config", "view", "--minify", "-o", server]);
        let kubernetes =
            format!("config_path = {:?}, host = terraform_data.cluster.output", kubeconfig());
        let cluster =
            format!("resource \"terraform_data\" \"cluster\" {{ input = \"{server}\" }}\n");
        let site = workspace(client, "");
        site.write("main.tf", &(head(&kubernetes) + &cluster + &stack(&namespace)));
        write_chart(&site);
        site.init();

        let (ran, plan) = site.plan_json();
        ran.says("Plan: 2 to add, 0 to change, 0 to destroy.");
        assert!(plan.get("deferred_changes").is_none(), "{client:?}: nothing is put off");
        let changes = plan["resource_changes"].as_array().unwrap();
        let change = changes.iter().find(|change| change["address"] == STACK).unwrap();
        for unknown in ["id", "objects", "revision"] {
            assert_eq!(change["change"]["after_unknown"][unknown], true, "{client:?}: {unknown}");
        }
        site.run(&["apply", "-no-color", "plan.out"]).ok().says("2 added, 0 changed, 0 destroyed");
        site.assert_nothing_to_do();

        // The same again with a stack that exists: what it will be cannot be told, and it stays.
        let made = uids(&namespace);
        site.replace(&format!("\"{server}\""), &format!("\"{server}/\""));
        site.plan().ok().says("0 to destroy.");
        site.apply().ok();
        site.assert_nothing_to_do();
        assert_eq!(uids(&namespace), made, "{client:?}");
        site.destroy().ok().says("2 destroyed");
        assert_eq!(namespace.leftovers(), ["persistentvolumeclaim/data"], "{client:?}");
    }
}
