//! MinIO on four servers with TLS, deployed by the provider: it loses a server, and goes on.

use std::time::Duration;

use super::certificate;
use super::load::Load;
use super::pem;
use super::release::Release;
use super::writes::Writes;
use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::support::helm::CHART;
use crate::support::text;
use crate::terraform::workspace;

const PAGE: &str = "served by four servers";

/// How long a request may take. One that asks a server which has just gone waits for up to ten seconds to be connected to it: MinIO has no
/// setting for that.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn four_servers_with_tls_go_on_without_one() {
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
      extraEnv    = []
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

    let users = Users::start(&site, Some(&authority), PAGE);
    // A crash: the pod is gone without a word, and its successor finds its volume.
    namespace.kubectl(&["delete", "pod", "site-minio-1", "--force", "--grace-period=0"]);
    wait_for_servers(&site);
    users.lose_nothing("a crash of one of four servers");
    // A loss: a server is away for as long as it takes.
    namespace.kubectl(&["scale", "statefulset", "site-minio", "--replicas=3"]);
    let gone = ["get", "pod", "site-minio-3", "--ignore-not-found"];
    namespace.wait_until("the server is gone", &gone, str::is_empty);
    users.lose_nothing("the loss of one of four servers");

    // The plan sees who is missing, and the apply brings it back.
    stack.plan().ok().says("~ \"spec.replicas\"");
    stack.apply().ok();
    stack.assert_nothing_to_do();
    wait_for_servers(&site);
    users.lose_nothing("its return");

    // What all servers must have in common cannot be changed one by one, and the plan says so.
    let variable = "extraEnv    = [{ name = \"MINIO_SITE_NAME\", value = \"here\" }]";
    stack.replace("extraEnv    = []", variable);
    stack.plan().failed().says("Set distributed.update to together for this upgrade");
}

#[test]
#[ignore = "updates of four servers take minutes, since each is given time before the next"]
fn soak_four_servers_are_updated_one_by_one_and_together() {
    let namespace = Namespace::new("updated");
    let values = |cpu: &str, more: &str| {
        format!(
            r"
index: {{ content: {PAGE} }}
service: {{ type: NodePort }}
minio:
  mode: distributed
  service: {{ type: NodePort }}
  persistence: {{ size: 64Mi }}
  resources: {{ requests: {{ cpu: {cpu}, memory: 64Mi }} }}
{more}"
        )
    };
    let site = Release::deploy(&namespace, "site", CHART, &values("10m", ""));
    site.administrator().put("site/before.txt", "written before");
    let users = Users::start(&site, None, &format!("{PAGE}\n"));

    Release::deploy(&namespace, "site", CHART, &values("11m", ""));
    users.lose_nothing("an update of all four servers, one by one");

    // Another variable, as another image would: refused, and then done for all at once.
    let variable = "  extraEnv: [{ name: MINIO_SITE_NAME, value: here }]\n";
    let refusal = text(&site.try_deploy(CHART, &values("11m", variable)));
    assert!(refusal.contains("Set distributed.update to together for this upgrade"), "{refusal}");
    let together = format!("{variable}  distributed: {{ update: together }}\n");
    Release::deploy(&namespace, "site", CHART, &values("11m", &together));
    wait_for_servers(&site);
    users.report("an update of all four servers together");
    assert_eq!(site.administrator().mc(&["cat", "at/site/before.txt"]), "written before");

    Release::deploy(&namespace, "site", CHART, &values("11m", variable));
    users.lose_nothing("an update back to one by one");
}

/// Is everybody who uses the storage meanwhile: the site's readers, and somebody who writes.
pub struct Users {
    load: Load,
    writes: Writes,
}

impl Users {
    pub fn start(site: &Release<'_>, authority: Option<&str>, page: &str) -> Self {
        let service = format!("{}-s3www", site.name);
        let url = format!("{}/", site.namespace.node_url("http", &service));
        let load = Load::start(url, page.as_bytes().to_vec(), PATIENCE);
        let users = Self { load, writes: Writes::start(site.endpoint(authority), "site") };
        users.lose_nothing("nothing");
        users
    }

    /// Prints what became of the requests; returns how many were lost: of the site's, and of the written objects.
    pub fn report(&self, what: &str) -> (u32, u32) {
        self.load.settle(50);
        self.writes.settle(10);
        let (served, written) = (self.load.take(), self.writes.take());
        println!("{what}: site {served:?}, storage {written:?}");
        (served.failed, written.lost)
    }

    #[track_caller]
    pub fn lose_nothing(&self, what: &str) {
        assert_eq!(self.report(what), (0, 0), "{what}");
    }
}

pub fn wait_for_servers(site: &Release<'_>) {
    let name = format!("{}-minio", site.name);
    let ready = ["get", "sts", &name, "-o", "jsonpath={.status.readyReplicas}"];
    site.namespace.wait_until("all four servers are ready", &ready, |number| number == "4");
}
