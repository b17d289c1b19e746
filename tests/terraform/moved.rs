//! Taking over what the Helm provider has in a state.

use serde_json::Value;
use serde_json::json;

use super::helm;
use super::workspace;
use crate::plugin::stand_in;
use crate::support::client::Client;
use crate::support::cluster::Namespace;

/// Returns a state file with a release as version 3 of the Helm provider keeps it.
fn state_of_helm(registry: &str, namespace: &Namespace) -> Value {
    let attributes = json!({
        "id": "site", "name": "site", "namespace": namespace.name,
        "chart": "./chart", "repository": null,
        "values": ["extra: one\n"],
        "set": [{ "name": "mode", "value": "none", "type": "" }],
        "set_sensitive": [{ "name": "secret", "value": "canary-8812", "type": "string" }],
        "timeout": 300, "wait": true, "wait_for_jobs": false, "atomic": false, "max_history": 0,
        "create_namespace": false, "status": "deployed",
    });
    json!({
        "version": 4, "terraform_version": "1.11.0", "serial": 1,
        "lineage": "5b7ad3b1-6f0d-4a0e-9d7c-1f2a3b4c5d6e", "outputs": {}, "check_results": null,
        "resources": [{
            "mode": "managed", "type": "helm_release", "name": "site",
            "provider": format!("provider[\"{registry}/hashicorp/helm\"]"),
            "instances": [{ "schema_version": 1, "attributes": attributes,
                "sensitive_attributes": [], "private": "bnVsbA==" }],
        }],
    })
}

#[test]
fn a_helm_release_is_moved_to_a_stack_and_its_release_stays() {
    for client in Client::ALL {
        let namespace = Namespace::new("moved");
        let site = workspace(
            client,
            &format!(
                r#"
moved {{
  from = helm_release.site
  to   = s3www_stack.site
}}

resource "s3www_stack" "site" {{
  name             = "site"
  namespace        = "{}"
  chart            = "./chart"
  values           = {{ mode = "none", extra = "one" }}
  values_sensitive = {{ secret = "canary-8812" }}
}}
"#,
                namespace.name
            ),
        );
        super::secrets::write_chart(&site);
        let chart = site.path("chart");
        let install = ["install", "site", chart.to_str().unwrap(), "--set"];
        helm(3, &namespace, &[&install[..], &["mode=none,extra=one,secret=canary-8812"]].concat());
        let uid = ["get", "configmap", "site", "-o", "jsonpath={.metadata.uid}"];
        let before = namespace.kubectl(&uid);
        let registry = match client {
            Client::Terraform => "registry.terraform.io",
            Client::OpenTofu => "registry.opentofu.org",
        };
        site.add_provider(&format!("{registry}/hashicorp/helm"), &stand_in());
        site.write("terraform.tfstate", &state_of_helm(registry, &namespace).to_string());
        site.init();
        site.plan()
            .ok()
            .says("moved from helm_release.site")
            .says("Plan: 0 to add, 1 to change, 0 to destroy.")
            .says_nothing_of("canary-8812");
        site.apply().ok();
        site.assert_nothing_to_do();
        let attributes = site.attributes("s3www_stack.site");
        assert_eq!(attributes["revision"], 2, "{client:?}: it notes what depends on secrets");
        assert_eq!(attributes["values_sensitive"]["secret"], "canary-8812");
        assert_eq!(namespace.kubectl(&uid), before, "{client:?}: nothing was made anew");
        site.destroy().ok().says("1 destroyed");
        assert_eq!(namespace.leftovers(), [""; 0]);
    }
}
