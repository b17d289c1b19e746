//! Buckets that keep versions, and what object lock protects in them.

use super::bucket;
use super::object;
use super::workspace;
use crate::s3::server;
use crate::s3::server::Server;
use crate::support::client::Client;
use crate::support::workspace::Workspace;

/// Returns the versions and delete markers of everything in a bucket, newest first.
fn versions(server: &Server, bucket: &str) -> Vec<&'static str> {
    let listed =
        server.mc(&["ls", "--recursive", "--versions", "--json", &format!("local/{bucket}")]);
    let each = listed.lines().map(|line| serde_json::from_str(line).unwrap());
    each.map(|entry: serde_json::Value| match entry["isDeleteMarker"].as_bool() {
        Some(true) => "marker",
        _ => "version",
    })
    .collect()
}

fn with_two_versions(client: Client, server: &Server, bucket: &str, more: &str) -> Workspace {
    let content = format!("  content = \"one\\n\"\n{more}");
    let site =
        workspace(client, &server.endpoint().url, &object("page", bucket, "a/page", &content));
    site.apply().ok();
    site.replace("one", "two");
    site.apply().ok().says("1 changed");
    site.assert_nothing_to_do();
    assert_eq!(versions(server, bucket), ["version", "version"]);
    site
}

#[test]
fn a_destroy_keeps_versions_unless_it_is_told_not_to() {
    let server = server::shared();
    for client in Client::ALL {
        let bucket = bucket(server, "versions", client);
        server.mc(&["version", "enable", &format!("local/{bucket}")]);
        let site = with_two_versions(client, server, &bucket, "");
        site.destroy().ok();
        assert_eq!(versions(server, &bucket), ["marker", "version", "version"]);

        // A marker counts as nothing. Deleting versions takes the older ones along.
        site.replace("  content", "  delete_versions = true\n  content");
        site.apply().ok().says("1 added");
        assert_eq!(versions(server, &bucket).len(), 4);
        // Neither a neighbour that begins with the same name nor one below it goes with it.
        for neighbour in ["a/page2", "a/page/below"] {
            super::write(server, &bucket, neighbour, b"stays\n");
        }
        site.destroy().ok();
        for neighbour in ["a/page2", "a/page/below"] {
            assert_eq!(super::read(server, &bucket, neighbour), "stays\n");
        }
        let left = server.mc(&["ls", "--recursive", "--versions", &format!("local/{bucket}")]);
        assert_eq!(left.lines().count(), 2, "{left}");
    }
}

#[test]
fn what_object_lock_protects_is_updated_and_marked_but_never_lost() {
    let server = server::shared();
    let client = Client::Terraform;
    let bucket = "object-lock";
    server.mc(&["mb", "--with-lock", &format!("local/{bucket}")]);
    let site = with_two_versions(client, server, bucket, "  delete_versions = true");
    let page = format!("local/{bucket}/a/page");

    // A legal hold on the newest version, then a retention.
    server.mc(&["legalhold", "set", &page]);
    for protected in ["legal hold", "retention"] {
        site.destroy()
            .failed()
            .says(&format!("Error: Object `a/page` in bucket `{bucket}`"))
            .says("could not be deleted")
            .says("Object lock protects it")
            .says("or lift the legal hold or the governance retention by hand");
        assert_eq!(versions(server, bucket), ["version", "version"], "{protected}");
        site.assert_nothing_to_do();
        server.mc(&["legalhold", "clear", &page]);
        server.mc(&["retention", "set", "governance", "1d", &page]);
    }

    // New content is a new version; the protected one stays under it.
    site.replace("two", "three");
    site.apply().ok().says("1 changed");
    assert_eq!(versions(server, bucket).len(), 3);
    // Without its versions, the object goes: a marker over everything.
    site.replace("delete_versions = true", "delete_versions = false");
    site.apply().ok();
    site.destroy().ok();
    assert_eq!(versions(server, bucket), ["marker", "version", "version", "version"]);
}
