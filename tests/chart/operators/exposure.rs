//! Traffic from outside, through a real Ingress controller that implements the Gateway API, too.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use crate::chart::certificate;
use crate::chart::release::Release;
use crate::support::client::Client;
use crate::support::cluster::FetchableFile;
use crate::support::cluster::Namespace;
use crate::support::helm::CHART;
use crate::support::noise;
use crate::support::text;
use crate::terraform::workspace;

const MANIFEST: &str = include_str!("traefik.yaml");
const GATEWAY_HOSTS: [&str; 2] = ["route.example.test", "other.route.example.test"];

/// Is Traefik, and what it takes to reach it from outside the cluster.
struct Traefik {
    address: String,
    /// The ports of the node for HTTP and HTTPS.
    ports: [String; 2],
    /// The authority of the certificate that the Gateway shows.
    authority: String,
}

impl Traefik {
    /// Returns the one of this run; the first caller starts it.
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Traefik> = OnceLock::new();
        SHARED.get_or_init(|| {
            let namespace = super::start("gateways", MANIFEST);
            let hosts = GATEWAY_HOSTS.map(str::to_owned).to_vec();
            let authority = certificate::make(&namespace, "gateway-tls", hosts);
            namespace.kubectl(&["rollout", "status", "deployment/traefik", "--timeout=120s"]);
            let port = "jsonpath={.spec.ports[0].nodePort}";
            let ports = ["traefik", "traefik-tls"]
                .map(|service| namespace.kubectl(&["get", "service", service, "-o", port]));
            Self { address: namespace.node_address(), ports, authority }
        })
    }

    /// Fetches a path of a host as somebody outside does, and returns status and body. An
    /// authority means HTTPS.
    fn get(&self, host: &str, path: &str, authority: Option<&Path>) -> (String, Vec<u8>) {
        let (scheme, port) = match authority {
            Some(_) => ("https", &self.ports[1]),
            None => ("http", &self.ports[0]),
        };
        let body = tempfile::NamedTempFile::new().unwrap();
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--max-time", "20", "--noproxy", "*"]);
        command.args(["--write-out", "%{http_code}", "--output"]).arg(body.path());
        command.args(["--resolve", &format!("{host}:{port}:{}", self.address)]);
        if let Some(authority) = authority {
            command.arg("--cacert").arg(authority);
        }
        let output = command.arg(format!("{scheme}://{host}:{port}{path}")).output().unwrap();
        (text(&output), std::fs::read(body.path()).unwrap())
    }

    /// Waits until a path of a host has the content, for as long as the controller may need to
    /// take a change in.
    #[track_caller]
    fn serves(&self, host: &str, path: &str, authority: Option<&Path>, content: &[u8]) {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let (status, body) = self.get(host, path, authority);
            if status == "200" && body == content {
                return;
            }
            assert!(Instant::now() < deadline, "{host}{path}: {status}, {} bytes", body.len());
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

fn written(authority: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority).unwrap();
    file
}

#[test]
#[ignore = "needs Traefik, which `make test-operators` builds"]
fn an_ingress_serves_its_hosts_with_and_without_tls() {
    let traefik = Traefik::shared();
    let namespace = Namespace::new("ingress");
    let content = noise(3 << 20);
    let file = FetchableFile::new(&content);
    let secure = format!("secure.{}.example.test", namespace.name);
    let plain = format!("plain.{}.example.test", namespace.name);
    let authority = written(&certificate::make(&namespace, "site-tls", vec![secure.clone()]));
    let values = |class: &str, hosts: &Value| {
        json!({
            "file": { "url": file.url, "key": "media/file.bin" },
            "index": { "content": "the page" },
            "ingress": {
                "enabled": true, "className": class, "hosts": hosts,
                "annotations": { "traefik.ingress.kubernetes.io/router.entrypoints": "web,websecure" },
                "tls": [{ "secretName": "site-tls", "hosts": [secure] }],
            },
            "minio": { "persistence": { "size": "64Mi" } },
        })
        .to_string()
    };
    let hosts = json!([
        { "host": secure },
        { "host": plain, "paths": [{ "path": "/media", "pathType": "Prefix" }] },
    ]);
    Release::deploy(&namespace, "site", CHART, &values("traefik", &hosts));
    traefik.serves(&secure, "/media/file.bin", Some(authority.path()), &content);
    traefik.serves(&secure, "/", Some(authority.path()), b"the page\n");
    traefik.serves(&plain, "/media/file.bin", None, &content);
    // Only that path of the second host, no host that nobody asked for, and no certificate for it.
    assert_eq!(traefik.get(&plain, "/", None).0, "404");
    assert_eq!(traefik.get("stranger.example.test", "/", None).0, "404");
    let (refusal, _) = traefik.get(&plain, "/media/file.bin", Some(authority.path()));
    assert!(refusal.contains("certificate"), "{refusal}");

    // A changed host and another class reach the controller, too.
    let renamed = format!("renamed.{}.example.test", namespace.name);
    Release::deploy(&namespace, "site", CHART, &values("traefik", &json!([{ "host": renamed }])));
    traefik.serves(&renamed, "/", None, b"the page\n");
    Release::deploy(&namespace, "site", CHART, &values("another", &json!([{ "host": renamed }])));
    crate::support::eventually("an Ingress of another class is not served", || {
        traefik.get(&renamed, "/", None).0 == "404"
    });
}

#[test]
#[ignore = "needs Traefik, which `make test-operators` builds"]
fn an_http_route_serves_its_hosts_through_a_gateway() {
    let traefik = Traefik::shared();
    let namespace = Namespace::new("route");
    let content = noise(3 << 20);
    let file = FetchableFile::new(&content);
    let values = |hosts: &[&str], section: &str| {
        let gateway = json!({ "name": "public", "namespace": "gateways", "sectionName": section });
        json!({
            "file": { "url": file.url, "key": "file.bin" },
            "service": { "port": 8080 },
            "httpRoute": { "enabled": true, "hostnames": hosts, "parentRefs": [gateway] },
            "minio": { "persistence": { "size": "64Mi" } },
        })
        .to_string()
    };
    Release::deploy(&namespace, "site", CHART, &values(&GATEWAY_HOSTS, "https"));
    let authority = written(&traefik.authority);
    for host in GATEWAY_HOSTS {
        traefik.serves(host, "/file.bin", Some(authority.path()), &content);
        assert_eq!(traefik.get(host, "/file.bin", None).0, "404", "attached to HTTPS alone");
    }
    let conditions = r"jsonpath={.status.parents[*].conditions[*].status}";
    let route = ["get", "httproute", "site-s3www", "-o", conditions];
    namespace.wait_until("the Gateway takes the route and its Service", &route, |seen| {
        !seen.is_empty() && seen.split(' ').all(|status| status == "True")
    });

    Release::deploy(&namespace, "site", CHART, &values(&GATEWAY_HOSTS[..1], "http"));
    traefik.serves(GATEWAY_HOSTS[0], "/file.bin", None, &content);
    crate::support::eventually("a host that was taken away is not served", || {
        traefik.get(GATEWAY_HOSTS[1], "/file.bin", None).0 == "404"
    });
}

/// Objects and folders of a stack whose MinIO somebody has put behind an Ingress: the provider goes
/// that way when asked, with the signature of the address that it knows.
#[test]
#[ignore = "needs Traefik, which `make test-operators` builds"]
fn objects_reach_the_storage_through_an_ingress() {
    let traefik = Traefik::shared();
    let namespace = Namespace::new("behind");
    // The address is that of a node, which no rule can name: the bucket's path is what is routed.
    let bucket = namespace.name.clone();
    namespace.apply(
        &json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": { "name": "storage" },
            "spec": {
                "ingressClassName": "traefik",
                "rules": [{ "http": { "paths": [{
                    "path": format!("/{bucket}"), "pathType": "Prefix",
                    "backend": { "service": { "name": "site-minio", "port": { "number": 9000 } } },
                }] } }],
            },
        })
        .to_string(),
    );
    let endpoint = format!("http://{}:{}", traefik.address, traefik.ports[0]);
    let site = workspace(
        Client::OpenTofu,
        &format!(
            r#"
resource "s3www_stack" "site" {{
  name      = "site"
  namespace = "{}"
  values = {{
    bucket = {{ name = "{bucket}" }}
    minio  = {{
      persistence   = {{ size = "64Mi" }}
      # The controller is not among those that MinIO lets in by itself.
      networkPolicy = {{
        extraIngress = [{{
          namespaceSelector = {{ matchLabels = {{ "kubernetes.io/metadata.name" = "gateways" }} }}
        }}]
      }}
    }}
  }}
}}

resource "minio_object" "large" {{
  provider = s3www
  stack    = s3www_stack.site.id
  endpoint = "{endpoint}"
  bucket   = s3www_stack.site.bucket
  key      = "with space+and/größe.bin"
  source   = "large.bin"
}}

resource "minio_directory" "folder" {{
  provider = s3www
  stack    = s3www_stack.site.id
  endpoint = "{endpoint}"
  bucket   = s3www_stack.site.bucket
  source   = "folder"
}}
"#,
            namespace.name
        ),
    );
    std::fs::write(site.path("large.bin"), noise(40 << 20)).unwrap();
    site.write("folder/index.html", "through an Ingress\n");
    site.init();
    let log = site.path("provider.log");
    let mut apply = site.command(&["apply", "-no-color", "-auto-approve"]);
    let output = apply.env("TF_LOG_PROVIDER", "DEBUG").env("TF_LOG_PATH", &log).output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("the S3 server of the stack is reached directly"), "{log}");
    assert_eq!(namespace.served("site-s3www", ""), b"through an Ingress\n");
    site.assert_nothing_to_do();

    site.write("folder/index.html", "changed\n");
    site.plan().ok().says("index.html");
    site.apply().ok();
    site.assert_nothing_to_do();
    assert_eq!(namespace.served("site-s3www", ""), b"changed\n");
    site.destroy().ok();
}
