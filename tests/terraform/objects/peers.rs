//! What users of other providers report, and what must not happen here.

use super::bucket;
use super::object;
use super::read;
use super::workspace;
use super::workspace_with;
use super::write;
use super::write_noise;
use crate::s3::server;
use crate::support::client::Client;

/// <https://github.com/hashicorp/terraform-provider-aws/issues/3068>
///
/// A changed file is planned without a hash that the user has to write.
#[test]
fn aws_3068_a_changed_file_is_seen_by_itself() {
    let server = server::shared();
    let bucket = bucket(server, "aws-3068", Client::Terraform);
    let body = object("page", &bucket, "page", "  source = \"page\"");
    let site = workspace(Client::Terraform, &server.endpoint().url, &body);
    site.write("page", "one\n");
    site.apply().ok();
    // Of the same size, and with the time of the old one.
    let time = std::fs::metadata(site.path("page")).unwrap().modified().unwrap();
    site.write("page", "two\n");
    std::fs::File::options()
        .write(true)
        .open(site.path("page"))
        .unwrap()
        .set_modified(time)
        .unwrap();
    site.plan().ok().says("1 to change").says("~ sha256");
    site.apply().ok();
    assert_eq!(read(server, &bucket, "page"), "two\n");
    site.assert_nothing_to_do();
}

/// <https://github.com/hashicorp/terraform-provider-aws/issues/5033>
///
/// An ETag that is no MD5 (parts, encryption) is no difference.
#[test]
fn aws_5033_an_etag_of_parts_is_no_difference() {
    let server = server::shared();
    let bucket = bucket(server, "aws-5033", Client::OpenTofu);
    let body = object("big", &bucket, "big", "  source = \"big\"");
    let site = workspace(Client::OpenTofu, &server.endpoint().url, &body);
    write_noise(&site, "big", 17 * 1024 * 1024);
    site.apply().ok();
    let etag = site.attributes("minio_object.big")["etag"].as_str().unwrap().to_owned();
    assert!(etag.ends_with("-2"), "{etag} is the ETag of two parts");
    site.assert_nothing_to_do();
}

/// <https://github.com/hashicorp/terraform-provider-aws/issues/44246>
///
/// Content that somebody changed in the bucket is planned, at an equal size and ETag length, and
/// comes back.
#[test]
fn aws_44246_content_that_somebody_changed_is_corrected() {
    let server = server::shared();
    let bucket = bucket(server, "aws-44246", Client::Terraform);
    let body = object("page", &bucket, "page", "  content = \"right\\n\"");
    let site = workspace(Client::Terraform, &server.endpoint().url, &body);
    site.apply().ok();
    write(server, &bucket, "page", b"wrong\n");
    site.plan().ok().says("1 to change").says("crc64nvme");
    site.apply().ok();
    assert_eq!(read(server, &bucket, "page"), "right\n");
    site.assert_nothing_to_do();
}

/// <https://github.com/hashicorp/terraform-provider-aws/issues/24380>
///
/// Headers, metadata and tags that somebody changed or removed are planned and come back, though
/// the content and its ETag are the same.
#[test]
fn aws_24380_headers_metadata_and_tags_that_somebody_removed_come_back() {
    let server = server::shared();
    let bucket = bucket(server, "aws-24380", Client::Terraform);
    let more = "  content = \"text\\n\"\n  cache_control = \"max-age=60\"\n  content_disposition = \"attachment\"\n  metadata = { owner = \"web\" }\n  tags = { team = \"web\" }";
    let body = object("page", &bucket, "page", more);
    let site = workspace(Client::Terraform, &server.endpoint().url, &body);
    site.apply().ok();
    let etag = site.attributes("minio_object.page")["etag"].clone();
    let page = format!("local/{bucket}/page");
    server::block_on(async {
        let client = server.client();
        let copy = client.sdk().copy_object().bucket(&bucket).key("page");
        let copy = copy.copy_source(format!("{bucket}/page")).content_type("text/html");
        let replace = aws_sdk_s3::types::MetadataDirective::Replace;
        copy.metadata_directive(replace).send().await.unwrap();
    });
    server.mc(&["tag", "set", &page, "team=other"]);
    site.plan()
        .ok()
        .says("1 to change")
        .says("+ cache_control = \"max-age=60\"")
        .says("+ content_disposition = \"attachment\"")
        .says("~ content_type = \"text/html\" -> \"application/octet-stream\"")
        .says("+ \"owner\" = \"web\"")
        .says("~ \"team\" = \"other\" -> \"web\"")
        .says_nothing_of("crc64nvme");
    site.apply().ok();
    assert_eq!(site.attributes("minio_object.page")["etag"], etag, "nothing was sent");
    site.assert_nothing_to_do();
}

/// <https://github.com/hashicorp/terraform-provider-aws/issues/19895>
///
/// More tags than an object can have are refused at plan, with the number that it can.
#[test]
fn aws_19895_too_many_tags_are_refused_at_plan() {
    let tags: String = (0..11).fold(String::new(), |all, n| all + &format!("k{n} = \"\", "));
    let body =
        object("page", "any-bucket", "page", &format!("  content = \"\"\n  tags = {{ {tags} }}"));
    let site = workspace(Client::Terraform, "http://127.0.0.1:9", &body);
    site.plan().failed().says("There are 11 tags; at most 10 are allowed").says("tags =");
    for (more, reason) in [
        ("tags = { a = \"f\u{fc}r\" }", "letters and digits of ASCII"),
        ("tags = { a = null }", "`a` in `tags` is null"),
        ("metadata = { Owner = \"x\" }", "its key must be lower-case letters"),
        ("metadata = { sha256 = \"x\" }", "this key is kept for the content's own hash"),
        ("cache_control = \" x\"", "it begins or ends with a space, which HTTP removes"),
        ("content_disposition = \"f\u{fc}r\"", "only printable ASCII is allowed"),
    ] {
        let more = format!("  content = \"\"\n  {more}");
        let site = workspace(
            Client::Terraform,
            "http://127.0.0.1:9",
            &object("page", "any-bucket", "page", &more),
        );
        site.plan().failed().says(reason);
    }
}

/// <https://github.com/aminueza/terraform-provider-minio/issues/235>
///
/// The content type is sent and stored.
#[test]
fn minio_235_the_content_type_is_stored() {
    let server = server::shared();
    let bucket = bucket(server, "minio-235", Client::Terraform);
    let body =
        object("a", &bucket, "a.bin", "  content = \"{}\"\n  content_type = \"application/json\"")
            + &object("b", &bucket, "b.css", "  content = \"a{}\"");
    let site = workspace(Client::Terraform, &server.endpoint().url, &body);
    site.apply().ok();
    for (key, kind) in [("a.bin", "application/json"), ("b.css", "text/css")] {
        let stat = server.mc(&["stat", "--json", &format!("local/{bucket}/{key}")]);
        assert!(stat.contains(&format!("\"Content-Type\":\"{kind}")), "{stat}");
    }
    site.assert_nothing_to_do();
}

/// <https://github.com/aminueza/terraform-provider-minio/issues/552>
///
/// A content that is only known during the apply is planned as unknown, and uploaded.
#[test]
fn minio_552_content_that_the_same_apply_makes_is_planned_as_unknown() {
    let server = server::shared();
    for client in Client::ALL {
        let bucket = bucket(server, "minio-552", client);
        let body = "\nresource \"terraform_data\" \"made\" {\n  input = \"made\\n\"\n}\n"
            .to_owned()
            + &object("page", &bucket, "page", "  content = terraform_data.made.output");
        let site = workspace(client, &server.endpoint().url, &body);
        site.plan().ok().says("+ sha256 = (known after apply)");
        site.apply().ok();
        assert_eq!(read(server, &bucket, "page"), "made\n");
        site.assert_nothing_to_do();
    }
}

/// <https://github.com/aminueza/terraform-provider-minio/issues/89>
///
/// An import replaces nothing.
#[test]
fn minio_89_an_imported_bucket_is_not_replaced() {
    let server = server::shared();
    let bucket = bucket(server, "minio-89", Client::Terraform);
    write(server, &bucket, "kept", b"kept\n");
    let body = format!(
        "\nresource \"minio_bucket\" \"b\" {{\n  provider = s3www\n  bucket = {bucket:?}\n}}\n"
    );
    let site = workspace(Client::Terraform, &server.endpoint().url, &body);
    site.run(&["import", "-no-color", "minio_bucket.b", &bucket]).ok();
    site.assert_nothing_to_do();
    assert_eq!(read(server, &bucket, "kept"), "kept\n");
}

/// <https://github.com/aminueza/terraform-provider-minio/issues/620>
///
/// Wrong credentials never plan a bucket anew.
#[test]
fn minio_620_wrong_credentials_plan_nothing() {
    let server = server::shared();
    let bucket = format!("minio-620-{}", std::process::id());
    let body = format!(
        "\nresource \"minio_bucket\" \"b\" {{\n  provider = s3www\n  bucket = {bucket:?}\n}}\n"
    );
    let site = workspace(Client::OpenTofu, &server.endpoint().url, &body);
    site.apply().ok();
    let state = site.read("terraform.tfstate");
    site.replace(server::SECRET_KEY, "wrong-secret");
    for command in ["plan", "apply", "destroy"] {
        let more: &[&str] = if command == "plan" { &[] } else { &["-auto-approve"] };
        site.run(&[&[command, "-no-color"], more].concat())
            .failed()
            .says("The secret key is wrong")
            .says_nothing_of("will be created");
        assert_eq!(site.read("terraform.tfstate"), state);
    }
    site.replace("wrong-secret", server::SECRET_KEY);
    site.assert_nothing_to_do();
    site.destroy().ok();
}

/// <https://github.com/aminueza/terraform-provider-minio/issues/618>
///
/// A bucket that somebody deleted does not break the refresh of what was in it, nor a destroy.
#[test]
fn minio_618_a_bucket_that_somebody_deleted_breaks_nothing() {
    let server = server::shared();
    let bucket = format!("minio-618-{}", std::process::id());
    let body = format!(
        "\nresource \"minio_bucket\" \"b\" {{\n  provider = s3www\n  bucket = {bucket:?}\n  policy = \"\"\n  tags = {{ a = \"b\" }}\n}}\n"
    ) + &object("page", &bucket, "page", "  content = \"text\\n\"")
        .replace(&format!("{bucket:?}"), "minio_bucket.b.bucket");
    let site = workspace(Client::Terraform, &server.endpoint().url, &body);
    site.apply().ok();
    server.mc(&["rb", "--force", &format!("local/{bucket}")]);
    site.apply().ok().says("2 added");
    site.assert_nothing_to_do();
    server.mc(&["rb", "--force", &format!("local/{bucket}")]);
    // Gone between the refresh and the delete.
    site.run(&["destroy", "-no-color", "-auto-approve", "-refresh=false"]).ok();
}

/// <https://github.com/aminueza/terraform-provider-minio/issues/771>
///
/// Settings that nobody manages are not asked for, so neither a server without them nor a user
/// without the right to read them is in the way.
#[test]
fn minio_771_what_nobody_manages_is_not_read() {
    let server = server::shared();
    let bucket = bucket(server, "minio-771", Client::Terraform);
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.json");
    let actions = "\"s3:ListBucket\", \"s3:GetBucketLocation\", \"s3:GetObject\", \"s3:PutObject\", \"s3:DeleteObject\"";
    std::fs::write(
        &policy,
        format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":[{actions}],\"Resource\":[\"arn:aws:s3:::{bucket}\",\"arn:aws:s3:::{bucket}/*\"]}}]}}"),
    )
    .unwrap();
    server.mc(&["admin", "policy", "create", "local", "bare", policy.to_str().unwrap()]);
    server.mc(&["admin", "user", "add", "local", "bare-user", "bare-secret"]);
    server.mc(&["admin", "policy", "attach", "local", "bare", "--user", "bare-user"]);
    let minio = format!(
        "endpoint = {:?}, access_key = \"bare-user\", secret_key = \"bare-secret\"",
        server.endpoint().url
    );
    let body = format!(
        "\nresource \"minio_bucket\" \"b\" {{\n  provider = s3www\n  bucket = {bucket:?}\n  adopt_existing = true\n}}\n"
    ) + &object("page", &bucket, "page", "  source = \"page\"");
    let site = workspace_with(Client::Terraform, &minio, &body);
    site.write("page", "one\n");
    site.apply().ok();
    site.assert_nothing_to_do();
    site.write("page", "two\n");
    site.apply().ok().says("1 changed");
    assert_eq!(read(server, &bucket, "page"), "two\n");
}

/// <https://github.com/aminueza/terraform-provider-minio/issues/58>
///
/// The server is named by a whole URL, with or without a slash at its end; what is none says how
/// to write it.
#[test]
fn minio_58_the_endpoint_is_a_url() {
    let server = server::shared();
    let bucket = bucket(server, "minio-58", Client::Terraform);
    let url = format!("{}/", server.endpoint().url);
    let body = object("page", &bucket, "page", "  content = \"text\\n\"");
    let site = workspace(Client::Terraform, &url, &body);
    site.apply().ok();
    site.replace(&url, "127.0.0.1:9000");
    site.plan().failed().says("Write it as `http://host:port` or `https://host:port`");
}

/// <https://github.com/aminueza/terraform-provider-minio/issues/59>
///
/// A server whose certificate a private authority signed is trusted if that is given, and only
/// then.
#[test]
fn minio_59_a_private_authority_is_trusted() {
    let (data, certificates) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (certificate, key) = server::self_signed();
    std::fs::write(certificates.path().join("public.crt"), &certificate).unwrap();
    std::fs::write(certificates.path().join("private.key"), key).unwrap();
    let server = server::Server::start_tls(&data, certificates.path());
    let body =
        "\nresource \"minio_bucket\" \"b\" {\n  provider = s3www\n  bucket = \"private\"\n}\n"
            .to_owned()
            + &object("page", "BUCKET", "page", "  content = \"text\\n\"")
                .replace("\"BUCKET\"", "minio_bucket.b.bucket");
    let site = workspace(Client::OpenTofu, &server.endpoint().url, &body);
    site.apply().failed().says("certificate").says_nothing_of("is gone");
    site.write("ca.pem", &certificate);
    site.replace("minio = { ", "minio = { ca_certificate = file(\"ca.pem\"), ");
    site.apply().ok();
    site.assert_nothing_to_do();
    site.destroy().ok();
}
