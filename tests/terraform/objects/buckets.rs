//! Buckets: every setting in the forms that MinIO rewrites, and then nothing to do.

use super::object;
use super::workspace;
use crate::s3::server;
use crate::support::client::Client;

const SETTINGS: &str = r#"
resource "minio_bucket" "all" {
  provider      = s3www
  bucket        = "BUCKET"
  versioning    = true
  force_destroy = true
  tags          = { z = "1", a = "x y+-=._:/@" }

  policy = jsonencode({
    Id      = "anything"
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::BUCKET/*"
      },
      {
        Sid       = "second"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["s3:PutObject", "s3:DeleteObject", "s3:PutObject"]
        Resource  = ["arn:aws:s3:::BUCKET/*"]
        Condition = { Bool = { "aws:SecureTransport" = true } }
      },
    ]
  })

  lifecycle_rule = [
    { id = "b", expiration_days = 3 },
    { id = "a", prefix = "logs/", expiration_days = 1 },
    { prefix = "nameless/", expiration_days = 2 },
    { enabled = false, prefix = "off/", expiration_days = 2 },
    { tags = { temporary = "yes" }, expiration_date = "2040-01-31" },
    {
      prefix            = "big/"
      tags              = { a = "1", b = "2" }
      size_greater_than = 1000
      size_less_than    = 100000
      expiration_days   = 4
    },
    {
      prefix                     = "versions/"
      expire_delete_marker       = true
      noncurrent_expiration_days = 5
      noncurrent_versions_kept   = 2
    },
  ]
}

resource "minio_bucket" "locked" {
  provider      = s3www
  bucket        = "BUCKET-locked"
  force_destroy = true
  object_lock   = { mode = "GOVERNANCE", days = 3 }
}
"#;

/// Case 20.
#[test]
fn what_minio_writes_otherwise_is_no_difference_and_what_somebody_changed_is() {
    let server = server::shared();
    for client in Client::ALL {
        let bucket = format!("settings-{client:?}").to_lowercase();
        let body = SETTINGS.replace("BUCKET", &bucket);
        let site = workspace(client, &server.endpoint().url, &body);
        site.apply().ok().says("2 added");
        site.assert_nothing_to_do();

        // Other words for the same.
        site.replace("Principal = \"*\"", "Principal = { AWS = [\"*\"] }");
        site.replace("Action    = \"s3:GetObject\"", "Action    = [\"s3:GetObject\"]");
        site.replace(
            "[\"s3:PutObject\", \"s3:DeleteObject\", \"s3:PutObject\"]",
            "[\"s3:DeleteObject\", \"s3:PutObject\"]",
        );
        site.replace(
            "    { id = \"b\", expiration_days = 3 },\n    { id = \"a\", prefix = \"logs/\", expiration_days = 1 },\n",
            "    { id = \"a\", prefix = \"logs/\", expiration_days = 1, enabled = true },\n    { id = \"b\", expiration_days = 3 },\n",
        );
        site.assert_nothing_to_do();
        // Beside a change they are not shown either.
        site.replace("z = \"1\"", "z = \"3\"");
        site.plan().ok().says("~ tags").says_nothing_of("Statement").says_nothing_of("logs/");
        site.apply().ok();
        site.assert_nothing_to_do();

        // What somebody changed by hand comes back.
        let at = format!("local/{bucket}");
        server.mc(&["anonymous", "set", "public", &at]);
        site.plan().ok().says("~ policy").says("1 to change");
        site.apply().ok();
        server.mc(&["tag", "set", &at, "z=2"]);
        site.plan().ok().says("~ tags").says("1 to change");
        site.apply().ok();
        server.mc(&["version", "suspend", &at]);
        site.plan().ok().says("~ versioning").says("1 to change");
        site.apply().ok();
        server.mc(&["ilm", "rule", "rm", "--all", "--force", &at]);
        site.plan().ok().says("lifecycle_rule").says("1 to change");
        site.apply().ok();
        server.mc(&["retention", "set", "--default", "governance", "9d", &format!("{at}-locked")]);
        site.plan().ok().says("~ object_lock").says("1 to change");
        site.apply().ok();
        site.assert_nothing_to_do();

        // Imported, everything but what no server knows is as it was.
        site.remove("terraform.tfstate");
        for (name, id) in [("all", bucket.clone()), ("locked", format!("{bucket}-locked"))] {
            let address = format!("minio_bucket.{name}");
            site.run(&["import", "-no-color", &address, &id]).ok();
        }
        site.plan()
            .ok()
            .says("0 to add, 2 to change, 0 to destroy")
            .says("+ force_destroy")
            .says_nothing_of("Statement");
        site.apply().ok();
        site.assert_nothing_to_do();
        site.destroy().ok().says("2 destroyed");
    }
}

/// Case 20: what MinIO would drop or refuse is refused before.
#[test]
fn what_minio_would_drop_or_refuse_is_refused_at_plan() {
    let bucket = |more: &str| {
        format!(
            "\nresource \"minio_bucket\" \"b\" {{\n  provider = s3www\n  bucket = \"any-bucket\"\n  {more}\n}}\n"
        )
    };
    let many: String = (0..11).fold(String::new(), |all, n| all + &format!("k{n} = \"\", "));
    let site = workspace(Client::Terraform, "http://127.0.0.1:9", "");
    let head = site.read("main.tf");
    for (more, reason) in [
        // MinIO drops it silently beside an expiration.
        (
            "lifecycle_rule = [{ expiration_days = 1, abort_incomplete_multipart_upload_days = 1 }]",
            "abort_incomplete_multipart_upload_days",
        ),
        ("lifecycle_rule = [{ prefix = \"a/\" }]", "lifecycle"),
        (
            "lifecycle_rule = [{ expiration_date = \"2040-01-31T10:00:00Z\" }]",
            "is not a date of the form `2030-01-31`",
        ),
        ("tags = { a = \"für\" }", "`ü`"),
        (&format!("tags = {{ {many} }}"), "at most 10"),
        ("versioning = false\n  object_lock = {}", "`versioning` cannot be false"),
        ("object_lock = { days = 0, mode = \"GOVERNANCE\" }", "1 day or 1 year"),
        ("policy = jsonencode({ Statement = [] })", "`Statement` is empty"),
    ] {
        site.write("main.tf", &format!("{head}{}", bucket(more)));
        site.plan().failed().says(reason);
    }
}

#[test]
fn a_bucket_is_adopted_on_request_and_emptied_only_by_force() {
    let server = server::shared();
    server.mc(&["mb", "local/adopted"]);
    super::write(server, "adopted", "there/before", b"kept\n");
    let body =
        "\nresource \"minio_bucket\" \"b\" {\n  provider = s3www\n  bucket = \"adopted\"\n}\n"
            .to_owned()
            + &object("page", "adopted", "page", "  content = \"text\\n\"")
                .replace("bucket = \"adopted\"", "bucket = minio_bucket.b.bucket");
    let site = workspace(Client::OpenTofu, &server.endpoint().url, &body);
    site.apply().failed().says("Error: Bucket `adopted`").says("`adopt_existing = true`");
    site.replace("bucket = \"adopted\"", "bucket = \"adopted\"\n  adopt_existing = true");
    site.apply().ok();
    site.assert_nothing_to_do();
    site.destroy().failed().says("it holds `there/before`").says("`force_destroy = true`");
    assert_eq!(super::read(server, "adopted", "there/before"), "kept\n");
    site.replace("adopt_existing = true", "adopt_existing = true\n  force_destroy = true");
    site.apply().ok();
    site.destroy().ok();
}
