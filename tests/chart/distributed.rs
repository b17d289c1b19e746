//! MinIO on four servers with TLS, deployed by the provider: it loses a server, and goes on.

use std::time::Duration;
use std::time::Instant;

use super::certificate;
use super::load::Load;
use super::pem;
use super::release::Release;
use super::release::Storage;
use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::support::text;
use crate::terraform::workspace;

const PAGE: &str = "served by four servers";

/// Not in every run: its outcome still depends on how busy the machine is, see the chart's README.
#[test]
#[ignore = "an update of four servers on a busy machine loses requests, and why is not known yet"]
fn soak_four_servers_with_tls_go_on_without_one() {
    let namespace = Namespace::new("distributed");
    let authority = certificate::make_for_storage(&namespace);
    let stack = workspace(
        Client::OpenTofu,
        &format!(
            r#"
resource "s3www_stack" "site" {{
  name      = "site"
  namespace = "{}"
  values = {{
    service = {{ type = "NodePort" }}
    minio = {{
      mode        = "distributed"
      tls         = {{ enabled = true, existingSecret = "minio-tls" }}
      service     = {{ type = "NodePort" }}
      persistence = {{ size = "64Mi" }}
      resources   = {{ requests = {{ cpu = "10m", memory = "64Mi" }} }}
    }}
  }}
}}

resource "minio_object" "page" {{
  provider = s3www
  stack    = s3www_stack.site.id
  bucket   = s3www_stack.site.bucket
  key      = "index.html"
  content  = "{PAGE}"
}}
"#,
            namespace.name
        ),
    );
    stack.init();
    stack.apply().ok();
    stack.assert_nothing_to_do();
    assert_eq!(namespace.served("site-s3www", ""), PAGE.as_bytes());

    let site = Release { namespace: &namespace, name: "site" };
    let storage = site.administrator_tls(&authority);
    assert!(storage.mc(&["admin", "info", "at"]).contains("4 drives online, 0 drives offline"));
    // Nobody who does not know the authority is served, and nobody without TLS.
    let stranger = site.administrator_tls(&pem("CERTIFICATE", b"")).try_mc(&["ls", "at"]);
    assert!(!stranger.status.success());
    assert!(!site.administrator().try_mc(&["ls", "at"]).status.success());

    let url = namespace.node_url("http", "site-s3www");
    let load = Load::start(format!("{url}/"), PAGE.as_bytes().to_vec());
    load.settle(20);
    load.take();
    // A crash: the pod is gone without a word, and its successor finds its volume.
    namespace.kubectl(&["delete", "pod", "site-minio-1", "--force", "--grace-period=0"]);
    write_and_read(&storage, "during-a-crash");
    wait_for_servers(&namespace, "4");
    // A loss: a server is away for as long as it takes.
    namespace.kubectl(&["scale", "statefulset", "site-minio", "--replicas=3"]);
    let gone = ["get", "pod", "site-minio-3", "--ignore-not-found"];
    namespace.wait_until("the server is gone", &gone, str::is_empty);
    write_and_read(&storage, "during-a-loss");
    load.settle(100);
    let counts = load.take();
    println!("a crash and a loss of one of four servers: {counts:?}");
    // s3www waits without a limit for what it has asked a server that is gone without a word, so
    // what was on its way through that one is lost. It is little, and nothing after it is.
    assert!(counts.failed * 100 < counts.sent, "{counts:?}");

    // The plan sees who is missing, and the apply brings it back.
    stack.plan().ok().says("~ \"spec.replicas\"");
    stack.apply().ok();
    stack.assert_nothing_to_do();
    wait_for_servers(&namespace, "4");
    assert_eq!(storage.mc(&["cat", "at/site/during-a-loss-9"]), "content 9");

    // An update takes one server at a time.
    load.take();
    stack.replace("cpu = \"10m\"", "cpu = \"11m\"");
    stack.apply().ok();
    load.settle(20);
    let counts = load.take();
    println!("an update of all four servers: {counts:?}");
    assert_eq!(counts.failed, 0, "{counts:?}");
}

fn wait_for_servers(namespace: &Namespace, number: &str) {
    let ready = "jsonpath={.status.readyReplicas}";
    namespace.wait_until(
        "all servers are ready",
        &["get", "sts", "site-minio", "-o", ready],
        |one| one == number,
    );
}

/// Writes ten objects and reads each of them. As every S3 client does, it repeats what the server answers with 503 while it finds out
/// who is there; that must come to an end soon.
fn write_and_read(storage: &Storage, name: &str) {
    let mut repeated = 0;
    for number in 0..10 {
        let (key, content) = (format!("at/site/{name}-{number}"), format!("content {number}"));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &content).unwrap();
        let file = file.path().to_str().unwrap().to_owned();
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let output = storage.try_mc(&["cp", "--quiet", &file, &key]);
            if output.status.success() {
                break;
            }
            let printed = text(&output);
            assert!(printed.contains("reduce your request rate"), "{printed}");
            assert!(Instant::now() < deadline, "{key} cannot be written: {printed}");
            repeated += 1;
        }
        assert_eq!(storage.mc(&["cat", &key]), content);
    }
    println!("{name}: 10 objects written and read, {repeated} writes repeated");
}
