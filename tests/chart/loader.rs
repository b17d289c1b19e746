//! The loader on the cluster: what it loads, when it runs again, and what it says when it cannot.

use serde_json::Value;

use super::file_server::CONTENT;
use super::file_server::FileServer;
use super::file_server::own_address;
use super::release::Release;
use crate::support::cluster::FetchableFile;
use crate::support::cluster::Namespace;
use crate::support::helm::CHART;
use crate::support::helm::helm;
use crate::support::text;

const PAGE: &str = "<h1>About</h1>\n";

#[test]
fn loads_several_files_again_when_needed_and_says_why_it_cannot() {
    let namespace = Namespace::new("loader");
    let file = FetchableFile::new(b"first content");
    let server = FileServer::start(own_address(&file.url));
    namespace.kubectl(&[
        "create",
        "configmap",
        "pages",
        &format!("--from-literal=about.html={PAGE}"),
    ]);
    let login = "--from-literal=curlrc=header = \"X-Key: open\"\nuser = \"me:pass word\"";
    namespace.kubectl(&["create", "secret", "generic", "login", login]);
    let values = |more: &str| {
        format!(
            r#"
file: {{ url: "{}", key: "a b/first+ü.bin" }}
files:
  - url: "{}/guarded"
    key: guarded.txt
    curlConfig: {{ existingSecret: login }}
  - configMap: {{ name: pages, key: about.html }}
    key: pages/about.html
    contentType: text/html; charset=utf-8
index: {{ content: "<p>{{{{ .Release.Name }}}}" }}
replicaCount: 1
service: {{ type: NodePort }}
networkPolicy:
  loaderExtraEgress: [{{ ports: [{{ port: 1, endPort: 65535 }}] }}]
loader: {{ refresh: {{ schedule: "0 0 1 1 *" }}, backoffLimit: 0{more} }}
minio: {{ service: {{ type: NodePort }}, persistence: {{ size: 64Mi }} }}
"#,
            file.url, server.url
        )
    };
    let site = Release::deploy(&namespace, "site", CHART, &values(""));
    everything_is_served(&site, "first content");
    let administrator = site.administrator();
    let described = administrator.mc(&["stat", "--json", "at/site/pages/about.html"]);
    assert!(described.contains(r#""Content-Type":"text/html; charset=utf-8""#), "{described}");
    let tested = helm(4, &namespace, &["test", "site", "--logs"]);
    assert_eq!(tested.matches("OK: ").count(), 4, "{tested}");

    // Nothing new: no new Job. A word: one.
    let jobs = site.names("job", "loader");
    Release::deploy(&namespace, "site", CHART, &values(""));
    assert_eq!(site.names("job", "loader"), jobs);
    Release::deploy(&namespace, "site", CHART, &values(", rerun: again"));
    assert_ne!(site.names("job", "loader"), jobs);

    what_is_lost_comes_back(&site);
    what_is_full_and_what_is_wrong_is_said(&site, &values);
    external_storage_needs_little(&site);
}

fn everything_is_served(site: &Release<'_>, first: &str) {
    let served = |path| String::from_utf8(site.namespace.served("site-s3www", path)).unwrap();
    assert_eq!(served("a%20b/first+%C3%BC.bin"), first);
    assert_eq!(served("guarded.txt"), CONTENT);
    assert_eq!(served("pages/about.html"), PAGE);
    assert_eq!(served(""), "<p>site\n");
}

/// Runs the refresh now, and returns its log.
fn refresh(site: &Release<'_>, name: &str) -> String {
    let namespace = site.namespace;
    namespace.kubectl(&["create", "job", name, "--from=cronjob/site-s3www-reload"]);
    let complete = "jsonpath={.status.conditions[?(@.type==\"Complete\")].status}";
    namespace.wait_until("the refresh is complete", &["get", "job", name, "-o", complete], |one| {
        one == "True"
    });
    namespace.kubectl(&["logs", &format!("job/{name}"), "--all-containers"])
}

fn what_is_lost_comes_back(site: &Release<'_>) {
    site.administrator().mc(&["rm", "--recursive", "--force", "at/site"]);
    let log = refresh(site, "refresh-1");
    assert_eq!(log.matches("Upload of").count(), 4, "{log}");
    everything_is_served(site, "first content");
    // And when nothing is lost, nothing is written.
    let log = refresh(site, "refresh-2");
    assert_eq!(log.matches("is there already").count(), 4, "{log}");
    assert!(!log.contains("Upload of"), "{log}");
}

/// Waits until the newest Job of the loader has failed and returns its condition and what its pod said last.
fn failure(site: &Release<'_>, known: &[String]) -> (String, String) {
    let jobs = site.names("job", "loader");
    let job = jobs.iter().find(|job| !known.contains(job)).expect("there is a new Job");
    let failed = r#"jsonpath={.status.conditions[?(@.type=="Failed")].reason}"#;
    let reason =
        site.namespace
            .wait_until("the loader failed", &["get", job, "-o", failed], |one| !one.is_empty());
    let selector = format!("job-name={}", job.trim_start_matches("job.batch/"));
    let pods = site.namespace.kubectl(&["get", "pods", "-o", "json", "--selector", &selector]);
    let pods: Value = serde_json::from_str(&pods).unwrap();
    let said: Vec<&str> = pods["items"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|pod| {
            let status = &pod["status"];
            let statuses = [&status["initContainerStatuses"], &status["containerStatuses"]];
            statuses.into_iter().filter_map(Value::as_array).flatten()
        })
        .filter_map(|status| status["state"]["terminated"]["message"].as_str())
        .collect();
    (reason, said.join("\n"))
}

fn what_is_full_and_what_is_wrong_is_said(site: &Release<'_>, values: &dyn Fn(&str) -> String) {
    let administrator = site.administrator();
    let known = site.names("job", "loader");
    let wrong = values("").replace("file: {", &format!("file: {{ sha256: \"{}\",", "0".repeat(64)));
    site.submit(&wrong);
    let (reason, said) = failure(site, &known);
    assert_eq!(reason, "PodFailurePolicy", "it was tried again: {said}");
    assert!(said.contains("has another SHA-256 than the values say. Expected 000"), "{said}");
    // The same again is a new attempt, since the first one may have failed for a reason that is gone.
    let known = site.names("job", "loader");
    site.submit(&wrong);
    failure(site, &known);

    administrator.mc(&["quota", "set", "at/site", "--size", "1KiB"]);
    administrator.mc(&["rm", "at/site/guarded.txt"]);
    let known = site.names("job", "loader");
    site.submit(&values(", rerun: full").replace("<p>", &"<p>filled".repeat(500)));
    let (_, said) = failure(site, &known);
    assert!(said.contains("failed at http://site-minio"), "{said}");
    assert!(said.contains("Delete objects, or enlarge it."), "{said}");
    administrator.mc(&["quota", "clear", "at/site"]);
    Release::deploy(site.namespace, "site", CHART, &values(""));
    everything_is_served(site, "first content");
}

/// A second release in the same namespace, on the first one's storage: the loader's rights are those that the README lists.
fn external_storage_needs_little(site: &Release<'_>) {
    let administrator = site.administrator();
    let bucket = "arn:aws:s3:::second";
    let policy = |statements: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        std::fs::write(file.path(), text).unwrap();
        file
    };
    let list = format!(
        r#"{{"Effect":"Allow","Action":["s3:ListBucket","s3:GetBucketLocation"],"Resource":["{bucket}"]}}"#
    );
    let read = format!(
        r#"{list},{{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["{bucket}/*"]}}"#
    );
    let make = format!(
        r#"{{"Effect":"Allow","Action":["s3:CreateBucket","s3:ListBucket","s3:GetBucketLocation"],"Resource":["{bucket}"]}},{{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject","s3:AbortMultipartUpload","s3:ListMultipartUploadParts"],"Resource":["{bucket}/*"]}}"#
    );
    for (user, statements) in [("reader-two", &read), ("writer-two", &make)] {
        let file = policy(statements);
        administrator.mc(&["admin", "policy", "create", "at", user, file.path().to_str().unwrap()]);
        administrator.mc(&["admin", "user", "add", "at", user, "not-so-secret"]);
        administrator.mc(&["admin", "policy", "attach", "at", user, "--user", user]);
        let key = format!("--from-literal=accessKey={user}");
        let secret = "--from-literal=secretKey=not-so-secret";
        site.namespace.kubectl(&["create", "secret", "generic", user, &key, secret]);
    }
    let values = |loader: &str, text: &str| {
        format!(
            "minio: {{ enabled: false }}\nbucket: {{ name: second }}\nreplicaCount: 1\n\
             auth: {{ existingSecret: reader-two }}\nloader: {{ backoffLimit: 0 }}\n\
             index: {{ content: {text} }}\n\
             externalS3: {{ endpoint: 'http://site-minio:9000', loader: {{ enabled: true, existingSecret: {loader} }} }}\n"
        )
    };
    let second = Release::deploy(site.namespace, "second", CHART, &values("writer-two", "one"));
    assert_eq!(site.namespace.served("second-s3www", ""), b"one\n");
    everything_is_served(site, "first content");
    let known = second.names("job", "loader");
    second.submit(&values("reader-two", "two"));
    let (_, said) = failure(&second, &known);
    assert!(said.contains("Upload of index.html failed at http://site-minio:9000"), "{said}");
    assert!(said.contains("the loader's credentials lack a right"), "{said}");
    assert_eq!(site.namespace.served("second-s3www", ""), b"one\n");
}

/// The Job's name, and with it whether there is a new Job, for some values.
fn job_name(more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.yaml");
    std::fs::write(&file, "file: { url: 'http://h/f', key: k }\nindex: { content: i }\n").unwrap();
    let output = std::process::Command::new(crate::support::program("HELM4", "helm"))
        .args(["template", "site", CHART, "--show-only", "templates/loader/job.yaml", "--values"])
        .arg(&file)
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    let manifest = String::from_utf8_lossy(&output.stdout).into_owned();
    let name = manifest.lines().find_map(|line| line.strip_prefix("  name: "));
    name.unwrap().to_owned()
}

#[test]
fn runs_again_when_content_key_or_image_change_and_only_then() {
    let name = job_name(&[]);
    let same = [
        "replicaCount=5",
        "service.type=LoadBalancer",
        "ingress.annotations.a=b",
        "commonLabels.team=web",
        "image.tag=v2",
        "resources.limits.memory=1Gi",
        "podAnnotations.a=b",
        "minio.persistence.size=1Ti",
        "loader.refresh.schedule=@daily",
        "metrics.prometheusRule.enabled=true",
    ];
    for value in same {
        assert_eq!(job_name(&["--set", value]), name, "{value}");
    }
    let mut names = vec![name];
    let new = [
        "file.url=http://h/g",
        "file.key=other",
        "file.contentType=image/gif",
        "file.sha256=5470de9c824af2ad449bc5e2cbb91307c4b404dce0d46eeb0535be201ad42d7e",
        "files[0].url=http://h/second",
        "files[0].configMap.name=pages,files[0].configMap.key=second",
        "index.content=j",
        "bucket.name=other",
        "mcImage.tag=v2",
        "curlImage.tag=v2",
        "loader.rerun=second",
        "loader.fetch.curlConfig.existingSecret=login",
        "auth.retiredAccessKeys={old}",
        "auth.existingSecret=mine",
        "auth.rotation=second",
    ];
    for value in new {
        let name = job_name(&["--set", value]);
        assert!(!names.contains(&name), "{value}");
        names.push(name);
    }
}
