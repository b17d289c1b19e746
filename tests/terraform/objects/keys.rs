//! Keys of every legal character, from the configuration to the bucket and back by import.

use serde_json::json;

use super::bucket;
use super::workspace;
use crate::s3::key::ODD;
use crate::s3::server;
use crate::support::client::Client;

/// What MinIO keeps and lists as it is.
fn kept() -> Vec<String> {
    let others = ["A", "a", "t", "t/", "${x}", "%{x}"];
    let mut keys: Vec<String> = ODD.into_iter().chain(others).map(str::to_owned).collect();
    keys.push("s".repeat(255));
    keys.push(format!("{}{}", "a/".repeat(500), "b".repeat(23)));
    keys
}

const OBJECTS: &str = r#"
locals {
  keys = jsondecode(file("keys.json"))
}

resource "minio_object" "each" {
  for_each = local.keys
  provider = s3www
  bucket   = "BUCKET"
  key      = each.value
  content  = "content of ${each.key}\n"
}
"#;

/// Case 18.
#[test]
fn every_legal_key_is_planned_stored_and_imported_by_bucket_and_key() {
    let server = server::shared();
    for client in Client::ALL {
        let bucket = bucket(server, "keys", client);
        let body = OBJECTS.replace("BUCKET", &bucket);
        let site = workspace(client, &server.endpoint().url, &body);
        let keys: serde_json::Map<_, _> =
            kept().into_iter().enumerate().map(|(n, key)| (n.to_string(), json!(key))).collect();
        site.write("keys.json", &serde_json::to_string(&keys).unwrap());
        site.apply().ok().says(&format!("{} added", keys.len()));
        site.assert_nothing_to_do();
        let stored = |key: &str| server::block_on(server::content(&server.client(), &bucket, key));
        for (name, key) in &keys {
            let content = stored(key.as_str().unwrap());
            assert_eq!(content, format!("content of {name}\n"), "{key}");
        }

        // Everything anew from what is in the bucket.
        site.remove("terraform.tfstate");
        site.write("import.tf", &format!(
            "import {{\n  for_each = local.keys\n  provider = s3www\n  to       = minio_object.each[each.key]\n  id       = \"{bucket}/${{each.value}}\"\n}}\n"
        ));
        site.apply().ok().says(&format!("{} imported, 0 added", keys.len()));
        site.remove("import.tf");
        site.assert_nothing_to_do();
        site.destroy().ok();
        assert_eq!(server.mc(&["ls", "--recursive", &format!("local/{bucket}")]), "");
    }
}

/// Case 18.
#[test]
fn every_key_that_minio_refuses_or_mangles_is_refused_at_plan_with_the_reason() {
    let url = "http://127.0.0.1:9";
    let long = "k/".repeat(512) + "k";
    let segment = "s".repeat(256);
    let refused = [
        ("/lead", "MinIO stores it without that slash, so it would silently overwrite"),
        ("a//b", "contains `//`, which MinIO refuses"),
        (".", "contains the segment `.`"),
        ("a/../x", "contains the segment `..`"),
        ("a\\..\\b", "contains the segment `..`"),
        ("x__XLDIR__", "such an object is stored but never listed"),
        (&segment, "MinIO allows at most 255 bytes between two slashes"),
        (&long, "is 1025 bytes long; S3 allows at most 1024"),
    ];
    for client in Client::ALL {
        let site = workspace(client, url, &OBJECTS.replace("BUCKET", "any-bucket"));
        for (key, reason) in refused {
            site.write("keys.json", &json!({ "0": key }).to_string());
            // The address is nobody's: it is refused before anybody is asked.
            site.run(&["plan", "-no-color", "-refresh=false"])
                .failed()
                .says("Error: Key is not valid.")
                .says("key = each.value")
                .says(reason);
        }
    }
}
