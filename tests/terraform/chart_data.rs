//! The data source `s3www_chart`, which needs no cluster.

use super::workspace;
use crate::support::client::Client;

#[test]
fn a_chart_is_rendered_without_a_cluster() {
    for client in Client::ALL {
        let chart = workspace(
            client,
            r#"
data "s3www_chart" "bundled" {
  name      = "site"
  namespace = "web"
  values    = { replicaCount = 5 }
}
output "images" { value = data.s3www_chart.bundled.images }
output "deployment" {
  value = yamldecode(data.s3www_chart.bundled.manifests["apps/v1/Deployment/site-s3www"]).spec.replicas
}
output "version" { value = data.s3www_chart.bundled.app_version }
"#,
        );
        chart.init();
        chart.apply().ok();
        let output = |name: &str| {
            let output = chart.command(&["output", "-json", name]).output().unwrap();
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        };
        assert_eq!(output("deployment"), "5", "{client:?}");
        assert_eq!(output("version"), "\"v1.0.0\"", "{client:?}");
        assert!(output("images").contains("docker.io/y4m4/s3www:v1.0.0"), "{client:?}");
    }
}
