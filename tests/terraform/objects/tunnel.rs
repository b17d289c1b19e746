//! The MinIO of a stack: through the Kubernetes API, and directly where it is exposed.

use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use terraform_provider_s3www::kubernetes::client::ClientConfig;
use terraform_provider_s3www::kubernetes::client::Cluster;
use terraform_provider_s3www::kubernetes::port_forward::PortForward;
use terraform_provider_s3www::kubernetes::port_forward::ServicePort;
use terraform_provider_s3www::s3::Client as S3;
use terraform_provider_s3www::s3::Endpoint;

use super::object;
use super::until;
use super::write_noise;
use crate::s3::server;
use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::support::cluster::kubeconfig;
use crate::support::observe;
use crate::support::process::providers;
use crate::terraform::workspace;

/// How long MinIO is left alone in case 17.
const IDLE: Duration = Duration::from_mins(1);

/// Makes a client of a stack's MinIO, through a tunnel of the test's own.
fn client(namespace: &Namespace) -> S3 {
    // An error means that another test was first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let config = ClientConfig { config_path: Some(kubeconfig()), ..ClientConfig::default() };
    let cluster = Cluster::connect(&config).unwrap();
    let secret = |key: &str| {
        let path = format!("jsonpath={{.data.{key}}}");
        let text = namespace.kubectl(&["get", "secret", "site-minio-root", "-o", &path]);
        String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
    };
    let endpoint = Endpoint {
        url: "http://site-minio:9000".to_owned(),
        access_key: secret("rootUser"),
        secret_key: secret("rootPassword"),
        ..server::endpoint("http", 9000)
    };
    let port = ServicePort::Number(9000);
    let tunnel = PortForward::new(&cluster, namespace.name.clone(), "site-minio", port);
    S3::through(&endpoint, tunnel).unwrap()
}

/// The whole way through the API server, with the pod replaced in the middle; and beside it.
///
/// Case 15: no listening port is opened (the time is for `make bench`).
/// Case 16.
/// Case 17.
#[test]
fn a_tunnel_needs_no_port_outlives_the_pod_and_idles() {
    let namespace = Namespace::new("objects");
    let body = format!(
        r#"
resource "s3www_stack" "site" {{
  name      = "site"
  namespace = "{}"
  values = {{
    replicaCount = 1
    minio = {{
      persistence = {{ size = "2Gi" }}
      service     = {{ type = "NodePort" }}
    }}
  }}
}}

resource "minio_bucket" "site" {{
  provider       = s3www
  stack          = s3www_stack.site.id
  bucket         = s3www_stack.site.bucket
  adopt_existing = true
  force_destroy  = true
}}
"#,
        namespace.name
    );
    let site = workspace(Client::OpenTofu, &body);
    site.init();
    site.apply().ok();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let client = client(&namespace);
    let incomplete = || -> usize {
        let parts = server::incomplete(&client, "site", "big.bin");
        runtime.block_on(parts).iter().sum()
    };
    assert_eq!(incomplete(), 0);
    let idle = client.clone();
    let rested = Instant::now();
    let requests = idle.sdk().list_buckets().send();
    runtime.block_on(requests).unwrap();

    // Case 15 and 16.
    let with_object = site.read("main.tf")
        + &object(
            "big",
            "BUCKET",
            "big.bin",
            "  stack = s3www_stack.site.id\n  source = \"big.bin\"",
        )
        .replace("\"BUCKET\"", "minio_bucket.site.bucket");
    site.write("main.tf", &with_object);
    write_noise(&site, "big.bin", 400 * 1024 * 1024);
    let mut apply = site.command(&["apply", "-no-color", "-auto-approve"]);
    apply.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let apply = apply.spawn().unwrap();
    until("a part is there", || incomplete() > 0);
    let provider = *providers(apply.id()).first().expect("the provider runs");
    assert_eq!(observe::listens(provider), [""; 0], "the provider listens on a port");
    namespace.kubectl(&["delete", "pod", "site-minio-0", "--wait=false"]);
    let output = apply.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", crate::support::text(&output));
    site.assert_nothing_to_do();
    assert_eq!(incomplete(), 0);

    // Directly, where it is exposed; through the API where it is not.
    let port = ["get", "service", "site-minio", "-o", "jsonpath={.spec.ports[0].nodePort}"];
    let port = namespace.kubectl(&port);
    let files = std::env::var("S3WWW_FILES_URL").unwrap();
    let node = files.trim_start_matches("http://").split(':').next().unwrap().to_owned();
    let log = site.path("provider.log");
    let a_note = |endpoint: &str| {
        format!(
            "  stack = s3www_stack.site.id\n  endpoint = {endpoint:?}\n  content = \"a note\\n\""
        )
    };
    let exposed = format!("http://{node}:{port}");
    let with_note = with_object
        + &object("note", "BUCKET", "note.txt", &a_note(&exposed))
            .replace("\"BUCKET\"", "minio_bucket.site.bucket")
        + &format!(
            r#"
resource "minio_directory" "folder" {{
  provider = s3www
  stack    = s3www_stack.site.id
  endpoint = {exposed:?}
  bucket   = minio_bucket.site.bucket
  source   = "folder"
  prefix   = "folder"
}}

data "minio_objects" "folder" {{
  provider   = s3www
  stack      = s3www_stack.site.id
  endpoint   = {exposed:?}
  bucket     = minio_bucket.site.bucket
  prefix     = "folder/"
  depends_on = [minio_directory.folder]
}}
"#
        );
    site.write("main.tf", &with_note);
    site.write("folder/a.txt", "a\n");
    let logged = |log: &Path| {
        let mut apply = site.command(&["apply", "-no-color", "-auto-approve"]);
        apply.env("TF_LOG_PROVIDER", "DEBUG").env("TF_LOG_PATH", log);
        let output = apply.output().unwrap();
        assert!(output.status.success(), "{}", crate::support::text(&output));
        (crate::support::text(&output), std::fs::read_to_string(log).unwrap())
    };
    let (_, found) = logged(&log);
    assert!(found.contains("the S3 server of the stack is reached directly"), "{found}");
    let listed = site.attributes("data.minio_objects.folder");
    assert_eq!(listed["keys"], serde_json::json!(["folder/a.txt"]));
    site.assert_nothing_to_do();

    // A load balancer: nobody gives addresses here, so it gets the node's by hand, and kube-proxy
    // does the rest.
    let port = ["--name=balanced", "--type=LoadBalancer", "--port=9100", "--target-port=9000"];
    namespace.kubectl(&[&["expose", "service", "site-minio"], &port[..]].concat());
    let given = format!(r#"{{"status": {{"loadBalancer": {{"ingress": [{{"ip": "{node}"}}]}}}}}}"#);
    let patch = ["patch", "service", "balanced", "--subresource=status", "--patch", &given];
    namespace.kubectl(&patch);
    let balanced = format!("http://{node}:9100");
    until("the load balancer's address leads to MinIO", || {
        std::net::TcpStream::connect((node.as_str(), 9100)).is_ok()
    });
    site.replace(&exposed, &balanced);
    let (text, found) = logged(&log);
    assert!(!text.contains("cannot be reached"), "{text}");
    assert!(found.contains("the S3 server of the stack is reached directly"), "{found}");
    site.assert_nothing_to_do();

    site.replace(&balanced, &format!("http://{node}:9"));
    let (text, _) = logged(&log);
    assert!(text.contains(&format!("`http://{node}:9` cannot be reached from here.")), "{text}");
    assert!(text.contains("refused"), "{text}");
    let stored = runtime.block_on(server::content(&client, "site", "note.txt"));
    assert_eq!(stored, "a note\n");

    // Case 17.
    std::thread::sleep(IDLE.saturating_sub(rested.elapsed()));
    runtime.block_on(idle.sdk().list_buckets().send()).unwrap();
    site.destroy().ok();
}
