//! The life of a stack and its files.

use super::site::configuration;
use super::workspace;
use crate::support::client::Client;
use crate::support::cluster::FetchableFile;
use crate::support::cluster::Namespace;

/// Is long enough that nobody would take it for a page of s3www's own.
fn content() -> Vec<u8> {
    (0..100_000_u32).flat_map(u32::to_le_bytes).collect()
}

/// The whole life, with one client after the other.
fn life(client: Client) {
    let namespace = Namespace::new("life");
    let content = content();
    let file = FetchableFile::new(&content);
    let site = workspace(client, &configuration(&namespace, &file, &content));
    site.write("index.html", "<h1>one</h1>\n");
    site.init();
    site.run(&["validate", "-no-color"]).ok();

    // Everything is planned at once while nothing exists.
    site.plan().ok().says("Plan: 4 to add, 0 to change, 0 to destroy.");
    site.apply().ok();
    site.assert_nothing_to_do();
    assert_eq!(namespace.served("site-s3www", "fetched.bin"), content, "{client:?}");
    assert_eq!(namespace.served("site-s3www", "index.html"), b"<h1>one</h1>\n");
    assert_eq!(namespace.served("site-s3www", "notes/a%20b+%C3%BC.txt"), b"a note\n");

    // A changed value and a changed file.
    site.replace("replicaCount = 2", "replicaCount = 1");
    site.write("index.html", "<h1>two</h1>\n");
    site.plan()
        .ok()
        .says("Plan: 0 to add, 2 to change, 0 to destroy.")
        .says("\"spec.replicas\"")
        .says("= \"2\" -> \"1\"");
    site.apply().ok().says("0 added, 2 changed, 0 destroyed");
    site.assert_nothing_to_do();
    assert_eq!(namespace.served("site-s3www", "index.html"), b"<h1>two</h1>\n");
    let replicas = ["get", "deployment", "site-s3www", "-o", "jsonpath={.spec.replicas}"];
    assert_eq!(namespace.kubectl(&replicas), "1");

    // Drift: exactly the leaf that differs, and the way back.
    namespace.kubectl(&["scale", "deployment", "site-s3www", "--replicas=3"]);
    let plan = site.plan().ok().says("Plan: 0 to add, 1 to change, 0 to destroy.");
    let leaves: Vec<_> = plan.text.lines().filter(|line| line.contains("\" -> \"")).collect();
    assert_eq!(leaves.len(), 1, "{}", plan.text);
    assert!(leaves[0].contains("~ \"spec.replicas\"") && leaves[0].contains("\"3\" -> \"1\""));
    site.apply().ok();
    assert_eq!(namespace.kubectl(&replicas), "1");
    site.assert_nothing_to_do();

    namespace.kubectl(&["delete", "service", "site-s3www"]);
    let key = format!("+ \"v1/Service/{}/site-s3www\"", namespace.name);
    site.plan().ok().says(&key).says("Plan: 0 to add, 1 to change, 0 to destroy.");
    site.apply().ok();
    site.assert_nothing_to_do();
    assert_eq!(namespace.served("site-s3www", "fetched.bin"), content);

    // An import into an empty state.
    site.remove("terraform.tfstate");
    let id = format!("{}/site", namespace.name);
    site.run(&["import", "-no-color", "s3www_stack.site", &id]).ok();
    site.run(&["import", "-no-color", "minio_bucket.site", &format!("{id}//site")]).ok();
    for (address, key) in [("index", "index.html"), ("note", "notes/a b+ü.txt")] {
        let address = format!("minio_object.{address}");
        site.run(&["import", "-no-color", &address, &format!("{id}//site/{key}")]).ok();
    }
    site.run(&["plan", "-no-color", "-detailed-exitcode", "-target=s3www_stack.site"])
        .says("No changes.");
    // Where content came from, and what is only said to the provider, no server can tell.
    site.plan()
        .ok()
        .says("Plan: 0 to add, 3 to change, 0 to destroy.")
        .says("+ source = \"index.html\"")
        .says("+ force_destroy = true")
        .says_nothing_of("s3www_stack.site will be");
    site.apply().ok();
    site.assert_nothing_to_do();

    site.destroy().ok().says("4 destroyed");
    assert_eq!(namespace.leftovers(), ["persistentvolumeclaim/data-site-minio-0"]);
}

#[test]
fn a_stack_lives_from_its_plan_to_its_end_with_terraform() {
    life(Client::Terraform);
}

#[test]
fn a_stack_lives_from_its_plan_to_its_end_with_opentofu() {
    life(Client::OpenTofu);
}

/// A stack that is replaced, and one that somebody removed, get their content back in one apply.
fn comes_back(client: Client) {
    let namespace = Namespace::new("replace");
    let content = content();
    let file = FetchableFile::new(&content);
    let body = configuration(&namespace, &file, &content)
        .replace("persistence = { size = \"64Mi\" }", "persistence = { enabled = false }");
    let site = workspace(client, &body);
    site.write("index.html", "<h1>one</h1>\n");
    site.init();
    site.apply().ok();
    let is_whole = || {
        assert_eq!(namespace.served("site-s3www", "index.html"), b"<h1>one</h1>\n", "{client:?}");
        site.assert_nothing_to_do();
    };

    site.run(&["apply", "-no-color", "-auto-approve", "-replace=s3www_stack.site"])
        .ok()
        .says("1 added, 3 changed, 1 destroyed");
    is_whole();

    super::helm(4, &namespace, &["uninstall", "site", "--wait"]);
    site.plan()
        .ok()
        .says(&format!("Release `{}/site` is gone.", namespace.name))
        .says("Plan: 4 to add, 0 to change, 0 to destroy.");
    site.apply().ok();
    is_whole();
    site.destroy().ok();
    assert_eq!(namespace.leftovers(), [""; 0], "{client:?}");
}

#[test]
fn what_was_on_a_replaced_or_removed_stack_comes_back_in_one_apply_with_terraform() {
    comes_back(Client::Terraform);
}

#[test]
fn what_was_on_a_replaced_or_removed_stack_comes_back_in_one_apply_with_opentofu() {
    comes_back(Client::OpenTofu);
}

#[test]
fn write_only_and_sensitive_values_are_nowhere_to_be_read() {
    let namespace = Namespace::new("secret");
    let body = format!(
        r#"
resource "s3www_stack" "site" {{
  name             = "site"
  namespace        = "{}"
  values           = {{ replicaCount = 1, minio = {{ persistence = {{ enabled = false }} }} }}
  values_sensitive = {{ commonAnnotations = {{ note = "canary-5310" }} }}
  values_wo        = {{ index = {{ content = "canary-7420" }} }}
}}
"#,
        namespace.name
    );
    let site = workspace(Client::Terraform, &body);
    site.init();
    site.plan().ok().says_nothing_of("canary-");
    site.apply().ok().says_nothing_of("canary-");
    site.assert_nothing_to_do();
    assert_eq!(namespace.served("site-s3www", "index.html"), b"canary-7420\n", "it is applied");
    let state = site.read("terraform.tfstate");
    assert!(!state.contains("canary-7420"), "write-only values are not in the state");
    let objects = site.attributes("s3www_stack.site")["objects"].to_string();
    assert!(!objects.contains("canary-"), "no secret is shown: {objects}");
    // A changed secret plans an update by itself, and shows only that it changed.
    site.replace("canary-7420", "canary-7421");
    site.plan().ok().says("1 to change").says("(hash)").says_nothing_of("canary-");
    site.apply().ok().says_nothing_of("canary-");
    site.assert_nothing_to_do();
    assert_eq!(namespace.served("site-s3www", "index.html"), b"canary-7421\n");
    site.destroy().ok();
}

/// Returns a stack alone, as small as it gets.
fn small(namespace: &Namespace, more: &str) -> String {
    format!(
        r#"
resource "s3www_stack" "site" {{
  name      = "site"
  namespace = "{}"
  values    = {{ replicaCount = 1, minio = {{ persistence = {{ enabled = false }} }} }}
  {more}
}}
"#,
        namespace.name
    )
}

/// <https://github.com/hashicorp/terraform-provider-helm/issues/1718>
#[test]
fn a_stack_is_imported_by_its_id_and_by_its_identity() {
    let namespace = Namespace::new("identity");
    // Terraform 1.11 has no import by identity.
    let identity = format!("identity = {{ namespace = \"{}\", name = \"site\" }}", namespace.name);
    let id = format!("id = \"{}/site\"", namespace.name);
    let ways = [(Client::Terraform, &id), (Client::OpenTofu, &id), (Client::OpenTofu, &identity)];
    for (client, way) in ways {
        let site = workspace(client, &small(&namespace, "timeout = \"2m\""));
        site.init();
        site.apply().ok();
        site.remove("terraform.tfstate");
        site.write("import.tf", &format!("import {{\n  to = s3www_stack.site\n  {way}\n}}\n"));
        site.plan().ok().says("Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.");
        site.apply().ok();
        site.assert_nothing_to_do();
        site.destroy().ok();
    }
}

#[test]
fn what_exists_already_is_refused_all_at_once_and_adopted_if_asked() {
    for client in Client::ALL {
        let namespace = Namespace::new("adopt");
        let site = workspace(
            client,
            &format!(
                "resource \"s3www_stack\" \"site\" {{\n  name = \"site\"\n  namespace = \"{}\"\n  chart = \"./chart\"\n  # ownership\n}}\n",
                namespace.name
            ),
        );
        super::secrets::write_chart(&site);
        site.init();
        namespace.kubectl(&["create", "configmap", "site", "--from-literal=extra=theirs"]);
        namespace.kubectl(&["create", "secret", "generic", "site", "--from-literal=a=b"]);
        for ran in [site.plan(), site.apply()] {
            let ran = ran.failed();
            let names =
                ["ConfigMap", "Secret"].map(|kind| format!("{kind} `{}/site`", namespace.name));
            ran.says(&names[0]).says(&names[1]).says("take_ownership = true");
        }
        site.replace("# ownership", "take_ownership = true");
        site.apply().ok();
        site.assert_nothing_to_do();
        let extra = ["get", "configmap", "site", "-o", "jsonpath={.data.extra}"];
        assert_eq!(namespace.kubectl(&extra), "one", "{client:?}");
        site.destroy().ok();
        assert_eq!(namespace.leftovers(), [""; 0], "{client:?}");
    }
}

/// <https://github.com/hashicorp/terraform-provider-helm/issues/543>: line ends of a
/// file that was checked out on Windows were a difference in every plan.
#[test]
fn helm_543_line_ends_of_values_are_no_difference() {
    let namespace = Namespace::new("crlf");
    let site = workspace(
        Client::Terraform,
        &format!(
            "resource \"s3www_stack\" \"site\" {{\n  name = \"site\"\n  namespace = \"{}\"\n  chart = \"./chart\"\n  values_yaml = [file(\"values.yaml\")]\n}}\n",
            namespace.name
        ),
    );
    super::secrets::write_chart(&site);
    site.write("values.yaml", "mode: none\nextra: one\n");
    site.init();
    site.apply().ok();
    site.write("values.yaml", "mode: none\r\nextra: one\r\n");
    // The text is another one and is shown, and no revision is made of it.
    site.apply().ok();
    assert_eq!(site.attributes("s3www_stack.site")["revision"], 1);
    site.assert_nothing_to_do();
    site.destroy().ok();
}

#[test]
fn a_credentials_secret_that_is_deleted_by_hand_comes_back_and_nothing_is_taken_for_gone() {
    let namespace = Namespace::new("nosecret");
    let content = content();
    let file = FetchableFile::new(&content);
    let site = workspace(Client::Terraform, &configuration(&namespace, &file, &content));
    site.write("index.html", "<h1>one</h1>\n");
    site.init();
    site.apply().ok();
    namespace.kubectl(&["delete", "secret", "site-minio-root"]);
    site.plan()
        .ok()
        .says("Plan: 0 to add, 1 to change, 0 to destroy.")
        .says("Object `site/index.html` cannot be looked at.")
        .says("the stack's next apply makes it again");
    site.apply().ok();
    site.assert_nothing_to_do();
    assert_eq!(namespace.served("site-s3www", "index.html"), b"<h1>one</h1>\n");
    site.destroy().ok();
}

#[test]
fn the_pod_that_helm_test_leaves_is_in_nobodys_way() {
    let namespace = Namespace::new("helmtest");
    let content = content();
    let file = FetchableFile::new(&content);
    let site = workspace(Client::OpenTofu, &small(&namespace, ""));
    site.init();
    site.apply().ok();
    super::helm(4, &namespace, &["test", "site"]);
    let fetch = format!("file = {{ url = \"{}\", key = \"fetched.bin\" }}", file.url);
    site.replace("name      = \"site\"", &format!("name      = \"site\"\n  {fetch}"));
    site.apply().ok();
    site.assert_nothing_to_do();
    assert_eq!(namespace.served("site-s3www", "fetched.bin"), content);
    site.destroy().ok();
}

#[test]
fn a_namespace_that_is_missing_is_said_once() {
    let body = "resource \"s3www_stack\" \"site\" {\n  name = \"site\"\n  namespace = \"no-such-namespace\"\n}\n";
    let site = workspace(Client::Terraform, body);
    site.init();
    let plan = site.plan().failed().says("create_namespace");
    assert_eq!(plan.text.matches("Error: ").count(), 1, "{}", plan.text);
}

/// Writes a chart of one ConfigMap, whose notes show a value that nothing else shows.
fn write_chart(site: &crate::support::workspace::Workspace) {
    site.write("chart/Chart.yaml", "apiVersion: v2\nname: tiny\nversion: 1.0.0\n");
    site.write("chart/values.yaml", "greeting: hello\n");
    site.write("chart/templates/NOTES.txt", "{{ .Values.greeting }}\n");
    site.write(
        "chart/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  a: b\n",
    );
}

#[test]
fn a_value_that_no_object_shows_makes_a_revision_and_a_chart_that_is_gone_blocks_no_destroy() {
    let namespace = Namespace::new("tiny");
    let body = format!(
        "resource \"s3www_stack\" \"site\" {{\n  name = \"site\"\n  namespace = \"{}\"\n  chart = \"./chart\"\n  values = {{ greeting = \"hi\" }}\n}}\n",
        namespace.name
    );
    for client in Client::ALL {
        let site = workspace(client, &body);
        write_chart(&site);
        site.init();
        site.apply().ok();
        site.assert_nothing_to_do();
        site.replace("\"hi\"", "\"good day\"");
        site.apply().ok().says("0 added, 1 changed, 0 destroyed");
        site.assert_nothing_to_do();
        assert!(super::helm(4, &namespace, &["get", "notes", "site"]).contains("good day"));
        std::fs::remove_dir_all(site.path("chart")).unwrap();
        site.plan().ok().says("Warning: Chart cannot be loaded.");
        site.destroy().ok().says("1 destroyed");
        assert_eq!(namespace.leftovers(), [""; 0], "{client:?}");
    }
}
