//! What is wrong is said: what, where, why, and what to do.

use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use super::head;
use super::workspace;
use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::support::cluster::kubeconfig;
use crate::support::workspace::Ran;
use crate::support::workspace::Workspace;

fn stack(attributes: &str) -> String {
    format!("resource \"s3www_stack\" \"site\" {{\n  name = \"site\"\n{attributes}\n}}\n")
}

/// Plans a configuration with each client and lets `check` look at what is printed.
fn refused(body: &str, check: impl Fn(Ran)) {
    for client in Client::ALL {
        let site = workspace(client, body);
        site.init();
        check(site.plan().failed());
    }
}

#[test]
fn a_value_that_the_chart_does_not_know() {
    refused(&stack("  values = { replicas = 2 }"), |plan| {
        plan.says("Error: Value `replicas` is not valid.").says("values = { replicas = 2 }");
    });
}

#[test]
fn a_value_of_a_wrong_type() {
    refused(&stack("  values = {\n    minio = { persistence = { size = 10 } }\n  }"), |plan| {
        plan.says("Error: Value `minio.persistence.size` is not valid.")
            .says("it got the number 10")
            .says("minio = { persistence = { size = 10 } }");
    });
}

#[test]
fn names_and_durations_that_are_none() {
    let body = "resource \"s3www_stack\" \"site\" {\n  name = \"No_Name\"\n  namespace = \"-x\"\n  timeout = \"5 minutes\"\n  max_history = -1\n  file = { url = \"ftp://x\", sha256 = \"abc\" }\n}\n";
    refused(body, |plan| {
        plan.says("Error: Release name `No_Name` is not valid.")
            .says("Error: Namespace `-x` is not valid.")
            .says("Error: Timeout is not valid.")
            .says("`5 minutes` is not a duration: write numbers with units, such as `90s`")
            .says("Error: Number of revisions to keep is not valid.")
            .says("Error: URL of the file is not valid.")
            .says("Error: SHA-256 of the file is not valid.");
    });
}

fn with_kubernetes(kubernetes: &str) -> Workspace {
    let provider = Path::new(env!("CARGO_BIN_EXE_terraform-provider-s3www"));
    let site = Workspace::new(Client::Terraform, provider, &(head(kubernetes) + &stack("")));
    site.init();
    site
}

#[test]
fn a_kubeconfig_that_is_not_there() {
    with_kubernetes("config_path = \"/nonexistent/kubeconfig\"")
        .plan()
        .failed()
        .says("Error: The Kubernetes cluster cannot be determined.")
        .says("/nonexistent/kubeconfig");
}

#[test]
fn an_api_server_that_is_not_there_is_an_error_within_seconds() {
    // A port that nobody listens on, and a server that takes connections and says nothing.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("https://{}", listener.local_addr().unwrap());
    for host in ["https://127.0.0.1:9", &silent] {
        let site = with_kubernetes(&format!("host = \"{host}\", token = \"canary-1234\""));
        let began = Instant::now();
        site.plan()
            .failed()
            .says(&format!("The Kubernetes API server at {host} cannot be reached"))
            .says_nothing_of("canary-1234");
        assert!(began.elapsed() < Duration::from_secs(15), "{host}: {:?}", began.elapsed());
    }
}

#[test]
fn credentials_that_are_wrong() {
    let text = std::fs::read_to_string(kubeconfig()).unwrap();
    let server = text.lines().find_map(|line| line.trim().strip_prefix("server: ")).unwrap();
    let server = server.trim_matches('"');
    let block = format!("host = \"{server}\", insecure = true, token = \"canary-1234\"");
    with_kubernetes(&block)
        .plan()
        .failed()
        .says("does not accept the credentials (401 Unauthorized)")
        .says_nothing_of("canary-1234");
}

fn object(attributes: &str) -> String {
    format!(
        "resource \"minio_object\" \"a\" {{\n  provider = s3www\n  bucket = \"some-bucket\"\n{attributes}\n}}\n"
    )
}

#[test]
fn a_source_file_that_is_not_there() {
    refused(&object("  key = \"k\"\n  source = \"missing.bin\""), |plan| {
        plan.says("Error: Source file `missing.bin` cannot be read.")
            .says("source = \"missing.bin\"");
    });
}

#[test]
fn contents_and_keys_that_cannot_be() {
    refused(&object("  key = \"a//b\""), |plan| {
        plan.says("Error: Key is not valid.").says("Error: The object needs exactly one content.");
    });
}

#[test]
fn a_bucket_policy_that_is_no_json() {
    let body = "resource \"minio_bucket\" \"a\" {\n  provider = s3www\n  bucket = \"some-bucket\"\n  policy = \"{ not json\"\n}\n";
    refused(body, |plan| {
        plan.says("Error: Bucket policy is not valid.").says("is not valid JSON");
    });
}

#[test]
fn a_chart_folder_without_a_chart() {
    for client in Client::ALL {
        let site = workspace(client, &stack("  chart = \"./chart\""));
        site.write("chart/values.yaml", "a: 1\n");
        site.init();
        site.plan()
            .failed()
            .says("Error: Chart cannot be loaded.")
            .says("Chart.yaml file is missing")
            .says("chart = \"./chart\"");
    }
}

#[test]
fn a_template_with_a_mistake() {
    for client in Client::ALL {
        let site = workspace(client, &stack("  chart = \"./chart\""));
        site.write("chart/Chart.yaml", "apiVersion: v2\nname: broken\nversion: 1.0.0\n");
        site.write("chart/templates/a.yaml", "kind: A\nname: {{ .Values.x | nosuch }}\n");
        site.init();
        site.plan()
            .failed()
            .says("Error: The chart cannot be rendered.")
            .says("parse error at (broken/templates/a.yaml:2): function \"nosuch\" not defined");
    }
}

#[test]
fn a_bucket_that_does_not_exist() {
    let namespace = Namespace::new("nobucket");
    let body = format!(
        "{}\nresource \"minio_object\" \"a\" {{\n  provider = s3www\n  stack = s3www_stack.site.id\n  bucket = \"no-such-bucket\"\n  key = \"k\"\n  content = \"c\"\n}}\n",
        stack(&format!(
            "  namespace = \"{}\"\n  values = {{ replicaCount = 1, minio = {{ persistence = {{ enabled = false }} }} }}",
            namespace.name
        ))
    );
    let site = workspace(Client::Terraform, &body);
    site.init();
    site.apply()
        .failed()
        .says("Error: Object `k` in bucket `no-such-bucket`")
        .says("The bucket does not exist.")
        .says("Hint: Create the bucket first");
    site.destroy().ok();
}

#[test]
fn an_image_that_cannot_be_pulled_fails_early_and_says_why() {
    let namespace = Namespace::new("noimage");
    let body = stack(&format!(
        "  namespace = \"{}\"\n  timeout = \"5m\"\n  values = {{ image = {{ tag = \"no-such-tag\" }}, minio = {{ persistence = {{ enabled = false }} }} }}",
        namespace.name
    ));
    let site = workspace(Client::OpenTofu, &body);
    site.init();
    let began = Instant::now();
    site.apply()
        .failed()
        .says(&format!("Error: Deployment `{}/site-s3www` cannot become ready.", namespace.name))
        .says("container `s3www`")
        .says("docker.io/y4m4/s3www:no-such-tag");
    assert!(began.elapsed() < Duration::from_mins(2), "{:?}", began.elapsed());
    // The failed release is in the state, and the next apply repairs it.
    site.replace("no-such-tag", "v1.0.0");
    site.plan().ok().says("is tainted, so it must be replaced");
    site.apply().ok();
    site.assert_nothing_to_do();
    site.destroy().ok();
}
