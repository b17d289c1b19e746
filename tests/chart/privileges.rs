//! Who may do what: s3www's own user, the pods, and both after a rotation.

use serde_json::Value;

use super::release::Release;
use super::release::Storage;
use crate::support::cluster::Namespace;
use crate::support::eventually;
use crate::support::helm::CHART;
use crate::support::text;

const VALUES: &str = "replicaCount: 1\nservice: { type: NodePort }\n\
    index: { content: 'it works' }\n\
    minio: { service: { type: NodePort }, persistence: { size: 64Mi } }\n";

#[test]
fn nobody_has_more_rights_than_needed_and_old_credentials_are_refused() {
    let namespace = Namespace::new("privileges");
    let site = Release::deploy(&namespace, "site", CHART, VALUES);
    let administrator = site.administrator();
    administrator.mc(&["mb", "at/other"]);
    administrator.put("other/private.txt", "not for the site");

    the_reader_reads_its_bucket_and_nothing_else(&site);
    no_secret_is_in_plain_sight(&site);
    no_pod_has_a_token_or_shares_an_account(&site);
    a_lost_secret_is_a_new_one_and_the_old_is_refused(&site);
    a_new_administrator_replaces_the_old(&site, &administrator);
}

fn the_reader_reads_its_bucket_and_nothing_else(site: &Release<'_>) {
    let reader = site.reader();
    let own = site.secret("site-s3www-credentials", "accessKey");
    assert_eq!(reader.mc(&["cat", "at/site/index.html"]), "it works\n");
    assert!(reader.mc(&["ls", "at/site"]).contains("index.html"));
    let buckets = reader.mc(&["ls", "at"]);
    assert!(buckets.contains("site/") && !buckets.contains("other/"), "{buckets}");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, r#"{"Version":"2012-10-17","Statement":[]}"#).unwrap();
    let file = file.to_str().unwrap();
    let refused: &[&[&str]] = &[
        &["cp", file, "at/site/index.html"],
        &["cp", file, "at/site/new.html"],
        &["rm", "at/site/index.html"],
        &["tag", "set", "at/site/index.html", "a=b"],
        &["mb", "at/third"],
        &["rb", "--force", "at/site"],
        &["ls", "at/other"],
        &["cat", "at/other/private.txt"],
        &["anonymous", "get", "at/site"],
        &["anonymous", "set", "public", "at/site"],
        &["version", "enable", "at/site"],
        &["admin", "info", "at"],
        &["admin", "user", "ls", "at"],
        &["admin", "user", "add", "at", "newcomer", "newcomer-secret"],
        &["admin", "policy", "create", "at", "all", file],
        // What MinIO lets every user do unless it is denied: these would outlive a rotation.
        &["admin", "user", "add", "at", &own, "a-secret-of-my-own"],
        &["admin", "user", "svcacct", "add", "at", &own],
    ];
    for arguments in refused {
        let output = reader.try_mc(arguments);
        let printed = text(&output);
        assert!(!output.status.success(), "mc {arguments:?} was let through: {printed}");
        let words = ["Access Denied", "Access denied", "AccessDenied", "Insufficient permissions"];
        let is_refusal = words.iter().any(|words| printed.contains(words));
        assert!(is_refusal, "mc {arguments:?} failed for another reason: {printed}");
    }
    assert_eq!(reader.mc(&["cat", "at/site/index.html"]), "it works\n");

    let nobody = site.storage("", "").try_mc(&["cat", "at/site/index.html"]);
    assert!(!nobody.status.success(), "the bucket can be read without credentials");
}

/// No value of a Secret is in a pod, a workload, a ConfigMap or a log.
fn no_secret_is_in_plain_sight(site: &Release<'_>) {
    let secrets = [
        site.secret("site-minio-root", "rootUser"),
        site.secret("site-minio-root", "rootPassword"),
        site.secret("site-s3www-credentials", "secretKey"),
    ];
    let kinds = "pods,deployments,statefulsets,jobs,configmaps,services,events";
    let mut shown = site.namespace.kubectl(&["get", kinds, "-o", "yaml"]);
    for pod in site.namespace.kubectl(&["get", "pods", "-o", "name"]).lines() {
        shown.push_str(&site.namespace.kubectl(&["logs", "--all-containers", pod]));
    }
    for secret in &secrets {
        assert!(secret.len() >= 20, "a generated secret is short");
        assert!(!shown.contains(secret.as_str()), "a secret is in plain sight");
    }
}

fn no_pod_has_a_token_or_shares_an_account(site: &Release<'_>) {
    let pods = site.namespace.kubectl(&["get", "pods", "-o", "json"]);
    let pods: Value = serde_json::from_str(&pods).unwrap();
    let mut accounts: Vec<&str> = Vec::new();
    for pod in pods["items"].as_array().unwrap() {
        let spec = &pod["spec"];
        assert_eq!(spec["automountServiceAccountToken"], false, "{}", pod["metadata"]["name"]);
        let volumes = spec["volumes"].to_string();
        assert!(!volumes.contains("serviceAccountToken"), "{volumes}");
        accounts.push(spec["serviceAccountName"].as_str().unwrap());
    }
    accounts.sort_unstable();
    assert_eq!(accounts, ["site-minio", "site-s3www", "site-s3www-loader"]);
    for kind in ["roles", "rolebindings"] {
        assert_eq!(
            site.namespace.kubectl(&["get", kind, "-o", "name"]),
            "",
            "the chart made {kind}"
        );
    }
}

fn a_lost_secret_is_a_new_one_and_the_old_is_refused(site: &Release<'_>) {
    let (old, old_secret) = (site.reader(), site.secret("site-s3www-credentials", "secretKey"));
    let pods = site.names("pod", "web");
    site.forget("site-s3www-credentials");
    Release::deploy(site.namespace, "site", CHART, VALUES);
    assert_ne!(site.secret("site-s3www-credentials", "secretKey"), old_secret);
    assert!(!site.names("pod", "web").iter().all(|pod| pods.contains(pod)), "no pod is new");
    assert_eq!(site.reader().mc(&["cat", "at/site/index.html"]), "it works\n");
    let refusal = text(&old.try_mc(&["cat", "at/site/index.html"]));
    assert!(refusal.contains("signature we calculated does not match"), "{refusal}");
    assert_eq!(site.namespace.served("site-s3www", ""), b"it works\n");
}

fn a_new_administrator_replaces_the_old(site: &Release<'_>, old: &Storage) {
    let jobs = site.names("job", "loader");
    site.forget("site-minio-root");
    Release::deploy(site.namespace, "site", CHART, VALUES);
    // The node's port leads nowhere for a moment while the pod is another one.
    eventually("the old administrator is refused", || {
        let refusal = text(&old.try_mc(&["ls", "at/other"]));
        refusal.contains("Access Key Id you provided does not exist")
    });
    assert!(site.administrator().mc(&["ls", "at/other"]).contains("private.txt"));
    // Users are not bound to the administrator that made them.
    assert_eq!(site.reader().mc(&["cat", "at/site/index.html"]), "it works\n");
    let served = ["get", "--raw", "served"];
    let url = format!("/api/v1/namespaces/{}/services/site-s3www:http/proxy/", site.namespace.name);
    let served = [served[0], served[1], url.as_str()];
    site.namespace.wait_until("the site is served again", &served, |text| text == "it works\n");
    assert_eq!(site.names("job", "loader"), jobs, "the loader had no reason to run again");
}
