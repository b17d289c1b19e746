//! Objects that other tools uploaded: compared by what the server offers, sent again only if they
//! are something else.

use aws_sdk_s3::types::ChecksumAlgorithm;
use aws_sdk_s3::types::CompletedMultipartUpload;
use aws_sdk_s3::types::CompletedPart;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::bucket;
use super::object;
use super::workspace;
use super::write_noise;
use crate::s3::server;
use crate::s3::server::Server;
use crate::s3::server::Setup;
use crate::support::client::Client;
use crate::support::link::Faults;
use crate::support::link::Link;

const PART: usize = 8 * 1024 * 1024;

/// Uploads in two parts with part checksums, as the command line of AWS does.
async fn upload_in_parts(server: &Server, bucket: &str, key: &str, content: Vec<u8>) {
    let client = server.client();
    let sdk = client.sdk();
    let created = sdk
        .create_multipart_upload()
        .bucket(bucket)
        .key(key)
        .checksum_algorithm(ChecksumAlgorithm::Crc32)
        .send()
        .await
        .unwrap();
    let id = created.upload_id().unwrap();
    let mut parts = Vec::new();
    for (number, part) in (1..).zip(content.chunks(PART)) {
        let crc32 = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, part);
        let crc32 = STANDARD.encode(u32::try_from(crc32).unwrap().to_be_bytes());
        let sent = sdk
            .upload_part()
            .bucket(bucket)
            .key(key)
            .upload_id(id)
            .part_number(number)
            .checksum_crc32(&crc32)
            .body(part.to_vec().into())
            .send()
            .await
            .unwrap();
        let part = CompletedPart::builder().part_number(number);
        let part = part.set_e_tag(sent.e_tag).checksum_crc32(crc32);
        parts.push(part.build());
    }
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = sdk.complete_multipart_upload().bucket(bucket).key(key).upload_id(id);
    complete.multipart_upload(parts).send().await.unwrap();
}

/// Case 6, for every way in which other tools upload. What is equal is never sent again: the link
/// carries no body.
#[test]
fn equal_content_of_other_tools_is_taken_over_without_an_upload() {
    let server = server::shared();
    for client in Client::ALL {
        let bucket = bucket(server, "foreign", client);
        let proxy = Link::to(server.port());
        let body = object("file", &bucket, "file.bin", "  source = \"file.bin\"");
        let site = workspace(client, &proxy.url, &body);
        let path = site.path("file.bin");
        let to = format!("local/{bucket}/file.bin");
        let mc = |more: &[&str]| {
            server.mc(&[&["cp"], more, &[path.to_str().unwrap(), &to]].concat());
        };
        let in_parts = || {
            let content = std::fs::read(&path).unwrap();
            server::block_on(upload_in_parts(server, &bucket, "file.bin", content));
        };
        // Small enough to be read; a checksum of the whole; parts without any; parts with theirs.
        let ways: [(&str, usize, &dyn Fn()); 6] = [
            ("mc, small", 100_000, &|| mc(&[])),
            ("mc, CRC32", PART + PART / 2, &|| mc(&["--checksum", "CRC32"])),
            ("mc, SHA1", PART + PART / 2, &|| mc(&["--checksum", "SHA1"])),
            ("mc, SHA256", PART + PART / 2, &|| mc(&["--checksum", "SHA256"])),
            ("mc, in parts", 5 * PART, &|| mc(&[])),
            ("in parts with checksums", PART + PART / 2, &in_parts),
        ];
        for (way, size, upload) in ways {
            write_noise(&site, "file.bin", size);
            upload();
            proxy.set(Faults { after: Some(0), ..Faults::default() });
            // Too large to be read and without a checksum of the whole: whether it is equal would
            // show only after touching what may be somebody's, so that has to be asked for.
            if way == "mc, in parts" {
                site.apply().failed().says("The key exists already, as another object");
                site.replace("  source", "  force_overwrite = true\n  source");
            }
            site.apply().ok();
            site.assert_nothing_to_do();
            let attributes = site.attributes("minio_object.file");
            assert_eq!(attributes["size"], size, "{way}");

            // The same once more, over what is in the state now: drift, and repaired the same way.
            upload();
            site.plan().ok().says("1 to change").says("+ crc64nvme").says_nothing_of("size");
            site.apply().ok();
            site.assert_nothing_to_do();

            // Other content of the same size is found out, and replaced.
            proxy.set(Faults::default());
            let right = std::fs::read(&path).unwrap();
            std::fs::write(&path, vec![b'x'; size]).unwrap();
            upload();
            std::fs::write(&path, &right).unwrap();
            site.plan().ok().says("1 to change");
            site.apply().ok();
            let stored = server::block_on(server::content(&server.client(), &bucket, "file.bin"));
            assert!(stored == right, "{way}");
            site.assert_nothing_to_do();
            site.destroy().ok();
        }
    }
}

/// A server that encrypts: ETags are no hashes of the content there, checksums are.
#[test]
fn encrypted_objects_and_foreign_settings_of_their_bucket_are_no_difference() {
    let data = tempfile::tempdir().unwrap();
    let environment = [
        ("MINIO_KMS_SECRET_KEY", "test-key:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("MINIO_NOTIFY_WEBHOOK_ENABLE_T", "on"),
        ("MINIO_NOTIFY_WEBHOOK_ENDPOINT_T", "http://127.0.0.1:9/"),
    ];
    let setup = Setup { environment: &environment, ..Setup::default() };
    let server = Server::start_as(data.path(), setup);
    let body = "\nresource \"minio_bucket\" \"b\" {\n  provider = s3www\n  bucket = \"secret\"\n  tags = { a = \"1\" }\n  force_destroy = true\n}\n".to_owned()
        + &object("small", "secret", "small", "  content = \"text\\n\"")
        + &object("large", "secret", "large", "  source = \"large\"");
    let body = body.replace("bucket = \"secret\"\n  key", "bucket = minio_bucket.b.bucket\n  key");
    let site = workspace(Client::Terraform, &server.endpoint().url, &body);
    write_noise(&site, "large", 20 * 1024 * 1024);
    site.apply().ok();
    server.mc(&["event", "add", "local/secret", "arn:minio:sqs::T:webhook", "--event", "put"]);
    for encryption in [&["sse-s3"][..], &["sse-kms", "test-key"]] {
        server.mc(&[&["encrypt", "set"], encryption, &["local/secret"]].concat());
        site.assert_nothing_to_do();
        site.run(&[
            "apply",
            "-no-color",
            "-auto-approve",
            "-replace=minio_object.small",
            "-replace=minio_object.large",
        ])
        .ok();
        site.assert_nothing_to_do();
        let stat = server.mc(&["stat", "--json", "local/secret/large"]);
        assert!(stat.contains("Server-Side-Encryption"), "{stat}");

        // Somebody overwrites one with equal size, and deletes nothing.
        super::write(&server, "secret", "small", b"TEXT\n");
        site.plan().ok().says("1 to change");
        site.apply().ok();
        site.assert_nothing_to_do();
    }
    // A changed bucket keeps the notifications and the encryption that others set.
    site.replace("{ a = \"1\" }", "{ a = \"2\" }");
    site.apply().ok().says("1 changed");
    assert!(server.mc(&["event", "list", "local/secret"]).contains("arn:minio:sqs::T:webhook"));
    assert!(server.mc(&["encrypt", "info", "local/secret"]).contains("sse-kms"));
    site.assert_nothing_to_do();
    site.destroy().ok();
}
