//! What others see of a folder: the list of its objects, its stack.

use super::workspace;
use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::terraform;

#[test]
fn the_objects_of_a_bucket_are_listed() {
    for client in Client::ALL {
        let (site, bucket) = workspace(client, "list", "");
        site.write("site/a.txt", "a\n");
        site.write("site/b/c d+ü.txt", "c\n");
        let main = site.read("main.tf")
            + &format!(
                r#"
data "minio_objects" "all" {{
  provider   = s3www
  bucket     = minio_directory.site.bucket
  depends_on = [minio_directory.site]
}}

data "minio_objects" "top" {{
  provider   = s3www
  bucket     = "{bucket}"
  delimiter  = "/"
  max_keys   = 2
  depends_on = [minio_directory.site]
}}
"#
            );
        site.write("main.tf", &main);
        site.apply().ok();
        let all = site.attributes("data.minio_objects.all");
        assert_eq!(all["keys"], serde_json::json!(["a.txt", "b/c d+ü.txt"]));
        assert_eq!(all["objects"][0]["size"], 2);
        assert!(all["objects"][0]["last_modified"].as_str().unwrap().starts_with("20"));
        assert_eq!(all["is_truncated"], false);
        let top = site.attributes("data.minio_objects.top");
        assert_eq!(top["keys"], serde_json::json!(["a.txt"]));
        assert_eq!(top["common_prefixes"], serde_json::json!(["b/"]));
        site.assert_nothing_to_do();
        site.replace(&format!("bucket     = \"{bucket}\""), "bucket     = \"no-such-bucket\"");
        site.plan().failed().says("Error: Bucket `no-such-bucket` does not exist.");
    }
}

#[test]
fn a_stack_that_is_replaced_gets_its_folder_back_and_can_be_looked_up() {
    let namespace = Namespace::new("directory");
    for client in Client::ALL {
        let name = format!("{client:?}").to_lowercase();
        let body = format!(
            r#"
resource "s3www_stack" "site" {{
  name      = "{name}"
  namespace = "{namespace}"
  timeout   = "3m"
  values    = {{ minio = {{ persistence = {{ enabled = false }} }} }}
}}

resource "minio_directory" "site" {{
  provider = s3www
  stack    = s3www_stack.site.id
  bucket   = s3www_stack.site.bucket
  source   = "site"
}}

data "s3www_stack" "site" {{
  name       = s3www_stack.site.name
  namespace  = "{namespace}"
  depends_on = [minio_directory.site]
}}

data "minio_objects" "site" {{
  provider   = s3www
  stack      = s3www_stack.site.id
  bucket     = s3www_stack.site.bucket
  depends_on = [minio_directory.site]
}}
"#,
            namespace = namespace.name
        );
        let site = terraform::workspace(client, &body);
        site.write("site/index.html", "<h1>one</h1>\n");
        site.write("site/a/b.txt", "b\n");
        site.init();
        // Nothing exists yet, and everything is in one plan.
        site.apply().ok();
        site.assert_nothing_to_do();
        let served = |path: &str| namespace.served(&format!("{name}-s3www"), path);
        assert_eq!(served("a/b.txt"), b"b\n");
        let stack = site.attributes("data.s3www_stack.site");
        assert_eq!(stack["id"], format!("{}/{name}", namespace.name));
        assert_eq!((&stack["revision"], &stack["status"]), (&1.into(), &"deployed".into()));
        let resource = site.attributes("s3www_stack.site");
        for same in
            ["bucket", "service_url", "url", "minio_endpoint", "credentials_secret", "app_version"]
        {
            assert_eq!(stack[same], resource[same], "{same}");
        }
        let known: Vec<_> = resource["objects"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(stack["objects"], serde_json::json!(known));
        let listed = site.attributes("data.minio_objects.site");
        assert_eq!(listed["keys"], serde_json::json!(["a/b.txt", "index.html"]));

        // The content was in memory: with the stack, everything is new.
        site.run(&["apply", "-no-color", "-auto-approve", "-replace=s3www_stack.site"]).ok();
        assert_eq!(served("index.html"), b"<h1>one</h1>\n");
        site.assert_nothing_to_do();

        // Uninstalled by somebody: one apply makes all of it anew.
        terraform::helm(4, &namespace, &["uninstall", &name, "--wait"]);
        site.plan().ok().says("is gone with its stack");
        site.apply().ok();
        assert_eq!(served("index.html"), b"<h1>one</h1>\n");
        site.assert_nothing_to_do();
        site.destroy().ok();
    }
    let missing = terraform::workspace(
        Client::Terraform,
        &format!(
            "data \"s3www_stack\" \"none\" {{\n  name      = \"none\"\n  namespace = \"{}\"\n}}\n",
            namespace.name
        ),
    );
    missing.init();
    missing
        .plan()
        .failed()
        .says(&format!("Error: Release `{}/none` does not exist.", namespace.name))
        .says("helm list --all-namespaces");
}
