//! Folders as objects, in a MinIO that no stack made, and in one that a stack made.

mod large;
mod looked_up;

use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use crate::s3::server;
use crate::s3::server::Server;
use crate::support::client::Client;
use crate::support::workspace::Workspace;

const ADDRESS: &str = "minio_directory.site";

/// Makes a bucket, and a working directory whose folder `site` is to be in it.
fn workspace(client: Client, purpose: &str, body: &str) -> (Workspace, String) {
    let server = server::shared();
    let bucket = super::objects::bucket(server, purpose, client);
    let directory = format!(
        r#"
resource "minio_directory" "site" {{
  provider = s3www
  bucket   = "{bucket}"
  source   = "site"
{body}
}}
"#
    );
    let site = super::objects::workspace(client, &server.endpoint().url, &directory);
    (site, bucket)
}

/// Writes an object as another tool does.
fn write(server: &Server, bucket: &str, key: &str, content: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, content).unwrap();
    server.mc(&["cp", file.to_str().unwrap(), &format!("local/{bucket}/{key}")]);
}

/// Returns the keys that are in a bucket.
fn keys(server: &Server, bucket: &str) -> Vec<String> {
    let listed = server.mc(&["find", &format!("local/{bucket}")]);
    let head = format!("local/{bucket}/");
    let mut keys: Vec<_> = listed
        .lines()
        .filter_map(|line| line.strip_prefix(&head))
        .filter(|key| !key.is_empty() && !key.ends_with('/'))
        .map(str::to_owned)
        .collect();
    keys.sort();
    keys
}

fn objects(site: &Workspace) -> Vec<String> {
    let attributes = site.attributes(ADDRESS);
    attributes["objects"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn a_folder_is_kept_equal_and_the_plan_shows_the_keys_that_differ() {
    let server = server::shared();
    for client in Client::ALL {
        let (site, bucket) = workspace(
            client,
            "folder",
            r#"
  exclude = ["**/*.map", ".git"]
  settings = [
    { pattern = "**", cache_control = "max-age=60" },
    { pattern = "**/*.html", cache_control = "no-cache", metadata = { by = "test" } },
  ]"#,
        );
        site.write("site/index.html", "<h1>one</h1>\n");
        site.write("site/css/a b+ü.css", "body {}\n");
        site.write("site/css/a.css.map", "{}");
        site.write("site/.git/HEAD", "ref");
        site.write("site/empty.txt", "");
        for number in 0..20 {
            site.write(&format!("site/many/{number:02}.txt"), &format!("{number}\n"));
        }
        site.plan().ok().says("1 to add").says("+ \"index.html\" = \"13 bytes, crc64nvme");
        site.apply().ok();
        site.assert_nothing_to_do();
        assert_eq!(keys(server, &bucket).len(), 23);
        let stat = server.mc(&["stat", "--json", &format!("local/{bucket}/index.html")]);
        for part in ["text/html; charset=utf-8", "no-cache", "\"X-Amz-Meta-By\":\"test\""] {
            assert!(stat.replace(": ", ":").contains(&part.replace(": ", ":")), "{part}: {stat}");
        }
        let fingerprint = site.attributes(ADDRESS)["fingerprint"].clone();

        // Added, changed and removed in one apply; what did not change is folded.
        site.write("site/new.js", "1;\n");
        site.write("site/index.html", "<h1>TWO</h1>\n");
        site.remove("site/empty.txt");
        site.plan()
            .ok()
            .says("0 to add, 1 to change, 0 to destroy")
            .says("+ \"new.js\" = \"3 bytes, crc64nvme")
            .says("- \"empty.txt\" = \"0 bytes, crc64nvme AAAAAAAAAAA=, content-type: text/plain; charset=utf-8, cache-control: max-age=60\" -> null")
            .says("~ \"index.html\" = \"13 bytes")
            .says("# (21 unchanged elements hidden)");
        site.apply().ok().says("0 added, 1 changed, 0 destroyed");
        site.assert_nothing_to_do();
        assert_eq!(server.mc(&["cat", &format!("local/{bucket}/index.html")]), "<h1>TWO</h1>\n");
        assert!(!keys(server, &bucket).contains(&"empty.txt".to_owned()));
        assert_ne!(site.attributes(ADDRESS)["fingerprint"], fingerprint);

        // A header of some objects; their content is not sent again.
        site.replace("max-age=60", "max-age=61");
        site.plan().ok().says("cache-control: max-age=61").says("# (1 unchanged element hidden)");
        site.apply().ok();
        site.assert_nothing_to_do();

        // Remotely: changed content of the same length, removed, changed headers only, and one
        // that nobody here has put there.
        write(server, &bucket, "new.js", "2;\n");
        server.mc(&["rm", &format!("local/{bucket}/many/07.txt")]);
        let self_copy = format!("local/{bucket}/many/08.txt");
        server.mc(&["cp", "--attr", "Cache-Control=private", &self_copy, &self_copy]);
        write(server, &bucket, "foreign.txt", "foreign\n");
        site.plan()
            .ok()
            .says("~ \"new.js\" = \"3 bytes, etag")
            .says("+ \"many/07.txt\" = ")
            .says("~ \"many/08.txt\" = ")
            .says("cache-control: private")
            .says_nothing_of("foreign")
            .says("# (20 unchanged elements hidden)");
        site.apply().ok();
        site.assert_nothing_to_do();
        assert_eq!(server.mc(&["cat", &format!("local/{bucket}/new.js")]), "1;\n");
        assert!(keys(server, &bucket).contains(&"foreign.txt".to_owned()));

        // The same bytes, without a checksum: repaired.
        write(server, &bucket, "new.js", "1;\n");
        site.plan().ok().says("~ \"new.js\"");
        site.apply().ok();
        site.assert_nothing_to_do();

        site.destroy().ok().says("1 destroyed");
        assert_eq!(keys(server, &bucket), ["foreign.txt"]);
    }
}

/// Another prefix or bucket, and a replacement that somebody asks for: what was there goes, and
/// what others have put beside it, or over it, does not.
#[test]
fn a_folder_that_moves_leaves_nothing_of_its_own_behind() {
    let server = server::shared();
    for client in Client::ALL {
        let (site, bucket) =
            workspace(client, "moves", "  prefix = \"one\"\n  delete_extra = true");
        for name in ["a", "b", "c"] {
            site.write(&format!("site/{name}"), name);
        }
        site.apply().ok();
        write(server, &bucket, "one/foreign", "foreign");
        site.replace("\"one\"", "\"two\"");
        site.plan().ok().says("must be replaced");
        site.apply().ok();
        assert_eq!(keys(server, &bucket), ["one/foreign", "two/a", "two/b", "two/c"]);
        site.assert_nothing_to_do();

        site.run(&["apply", "-no-color", "-auto-approve", "-replace=minio_directory.site"]).ok();
        site.assert_nothing_to_do();
        assert_eq!(keys(server, &bucket), ["one/foreign", "two/a", "two/b", "two/c"]);

        let other = format!("{bucket}-other");
        server.mc(&["mb", &format!("local/{other}")]);
        write(server, &bucket, "two/b", "somebody's");
        site.replace(&format!("{bucket:?}"), &format!("{other:?}"));
        let arguments = ["apply", "-no-color", "-auto-approve", "-refresh=false"];
        site.run(&arguments).failed().says("1 objects of directory").says("`two/b` first");
        assert_eq!(keys(server, &bucket), ["one/foreign", "two/b"]);
        site.apply().ok();
        assert_eq!(keys(server, &other), ["two/a", "two/b", "two/c"]);
        site.assert_nothing_to_do();
        site.destroy().ok();
    }
}

#[test]
fn extra_objects_are_left_alone_until_they_are_to_be_deleted() {
    let server = server::shared();
    for client in Client::ALL {
        let (site, bucket) = workspace(client, "extra", "  prefix = \"docs\"");
        site.write("site/a.txt", "a\n");
        site.write("site/b.txt", "b\n");
        write(server, &bucket, "docs/foreign.txt", "foreign\n");
        write(server, &bucket, "docs-old/other.txt", "other\n");
        site.apply().ok();
        site.assert_nothing_to_do();
        assert_eq!(objects(&site), ["docs/a.txt", "docs/b.txt"]);

        site.replace("prefix = \"docs\"", "prefix = \"docs\"\n  delete_extra = true");
        site.plan()
            .ok()
            .says("Warning: Other objects under `")
            .says("will be deleted.")
            .says("docs/foreign.txt");
        site.apply().ok();
        site.assert_nothing_to_do();
        assert_eq!(keys(server, &bucket), ["docs-old/other.txt", "docs/a.txt", "docs/b.txt"]);

        // From now on the plan itself shows them.
        write(server, &bucket, "docs/later.txt", "later\n");
        site.plan().ok().says("- \"docs/later.txt\" = \"6 bytes, etag");
        site.apply().ok();
        site.assert_nothing_to_do();
        assert!(!keys(server, &bucket).contains(&"docs/later.txt".to_owned()));

        // What the folder gets under the key of an extra object replaces that.
        write(server, &bucket, "docs/c.txt", "foreign\n");
        site.write("site/c.txt", "c\n");
        site.plan().ok().says("~ \"docs/c.txt\" = \"8 bytes, etag");
        site.apply().ok();
        site.assert_nothing_to_do();
        assert_eq!(server.mc(&["cat", &format!("local/{bucket}/docs/c.txt")]), "c\n");

        // Switched off while there is one: it stays.
        write(server, &bucket, "docs/stays.txt", "stays\n");
        site.replace("delete_extra = true", "delete_extra = false");
        site.plan().ok().says("Warning: Other objects under `").says("docs/stays.txt");
        site.apply().ok();
        site.assert_nothing_to_do();
        assert!(keys(server, &bucket).contains(&"docs/stays.txt".to_owned()));
        site.destroy().ok();
        assert_eq!(keys(server, &bucket), ["docs-old/other.txt", "docs/stays.txt"]);
    }
}

#[test]
fn what_somebody_else_has_written_is_not_overwritten_or_deleted_unseen() {
    let server = server::shared();
    for client in Client::ALL {
        let (site, bucket) = workspace(client, "folder-conflict", "");
        for name in ["a", "b", "c", "d", "e", "f", "g"] {
            site.write(&format!("site/{name}.txt"), "ours\n");
            write(server, &bucket, &format!("{name}.txt"), "theirs\n");
        }
        site.write("site/new.txt", "new\n");
        // Nothing is lost: what was uploaded is in the state, and what was not is named.
        site.apply()
            .failed()
            .says("Error: 7 of 8 objects of directory")
            .says("could not be uploaded.")
            .says("a.txt: the key exists already, as another object")
            .says("And 2 more.")
            .says("force_overwrite = true");
        assert_eq!(objects(&site), ["new.txt"]);
        assert_eq!(server.mc(&["cat", &format!("local/{bucket}/a.txt")]), "theirs\n");
        site.replace("source   = \"site\"", "source   = \"site\"\n  force_overwrite = true");
        site.apply().ok();
        site.assert_nothing_to_do();
        assert_eq!(server.mc(&["cat", &format!("local/{bucket}/a.txt")]), "ours\n");
        site.replace("force_overwrite = true", "");
        site.apply().ok();

        // Changed between plan and apply.
        site.write("site/a.txt", "ours again\n");
        site.remove("site/b.txt");
        site.run(&["plan", "-no-color", "-out", "saved"]).ok();
        write(server, &bucket, "a.txt", "theirs again\n");
        write(server, &bucket, "b.txt", "theirs again\n");
        site.run(&["apply", "-no-color", "saved"])
            .failed()
            .says("1 of 1 objects of directory")
            .says("a.txt: it was changed by somebody else in the meantime");
        assert_eq!(server.mc(&["cat", &format!("local/{bucket}/a.txt")]), "theirs again\n");
        // Seen, and so it may go.
        site.apply().ok();
        site.assert_nothing_to_do();
        assert_eq!(server.mc(&["cat", &format!("local/{bucket}/a.txt")]), "ours again\n");
        assert!(!keys(server, &bucket).contains(&"b.txt".to_owned()));

        site.remove("site/c.txt");
        site.run(&["plan", "-no-color", "-out", "saved"]).ok();
        write(server, &bucket, "c.txt", "theirs again\n");
        site.run(&["apply", "-no-color", "saved"])
            .failed()
            .says("1 objects of directory")
            .says("Somebody else has written them since they were last looked at, `c.txt` first.");
        assert!(keys(server, &bucket).contains(&"c.txt".to_owned()));

        // A destroy takes a refresh, so what is there is seen.
        site.destroy().ok();
        assert_eq!(keys(server, &bucket), [""; 0]);
    }
}

#[test]
fn files_that_cannot_be_objects_are_told_with_their_path() {
    let (site, _) = workspace(Client::Terraform, "odd", "");
    site.plan().failed().says("Error: There is nothing to upload.").says("`site` does not exist");
    std::fs::create_dir_all(site.path("site/only/folders")).unwrap();
    site.plan().failed().says("No file is in the folder `site`.");
    site.write("site/a.txt", "a\n");
    std::os::unix::fs::symlink("a.txt", site.path("site/link.txt")).unwrap();
    site.plan()
        .failed()
        .says("Error: Folder `site` cannot be uploaded.")
        .says("site/link.txt: it is a symbolic link.")
        .says("set `symlinks` to `follow` or `skip`")
        .says("source   = \"site\"");
    site.replace("source   = \"site\"", "source   = \"site\"\n  symlinks = \"follow\"");
    site.plan().ok().says("+ \"link.txt\" = \"2 bytes");
    site.replace("\"follow\"", "\"skip\"");
    site.plan().ok().says_nothing_of("link.txt");
    site.write("site/back\\slash/..\\x", "");
    site.plan()
        .failed()
        .says("cannot be named as objects.")
        .says("contains the segment `..`, which MinIO refuses")
        .says("Hint: rename these files");
    site.replace("\"skip\"", "\"skip\"\n  exclude  = [\"back*\"]");
    site.plan().ok();

    let whole = site.read("main.tf");
    for (text, with, summary, line) in [
        (
            "\"skip\"",
            "\"maybe\"",
            "Treatment of symbolic links is not valid.",
            "symlinks = \"maybe\"",
        ),
        ("\"back*\"", "\"a[\"", "Pattern is not valid.", "exclude  = [\"a[\"]"),
        ("source   = \"site\"", "source   = \"\"", "Source is empty.", "source   = \"\""),
        ("symlinks", "prefix = \"/a\"\n  symlinks", "Prefix is not valid.", "prefix = \"/a\""),
        (
            "symlinks",
            "settings = [{ pattern = \"*\", cache_control = \"ü\" }]\n  symlinks",
            "Settings for `*` are not valid.",
            "settings = [",
        ),
    ] {
        site.replace(text, with);
        site.run(&["validate", "-no-color"]).failed().says(summary).says(line);
        site.write("main.tf", &whole);
    }
}

#[test]
fn a_folder_that_is_gone_takes_nothing_down_and_blocks_no_destroy() {
    let server = server::shared();
    for client in Client::ALL {
        let (site, bucket) = workspace(client, "no-folder", "");
        site.write("site/a.txt", "a\n");
        site.apply().ok();
        std::fs::remove_dir_all(site.path("site")).unwrap();
        site.plan()
            .ok()
            .says("Warning: Directory `")
            .says("The folder `site` does not exist. Nothing is uploaded or removed")
            .says("No changes.");
        site.apply().ok();
        assert_eq!(keys(server, &bucket), ["a.txt"]);
        site.replace("source   = \"site\"", "source   = \"other\"");
        site.plan().failed().says("There is nothing to upload.");
        site.replace("source   = \"other\"", "source   = \"site\"");
        site.destroy().ok();
        assert_eq!(keys(server, &bucket), [""; 0]);

        // A bucket that is gone is seen, and is none of a destroy's business.
        site.write("site/a.txt", "a\n");
        site.apply().ok();
        server.mc(&["rb", "--force", &format!("local/{bucket}")]);
        site.plan().ok().says("is gone with its bucket").says("1 to add");
        site.apply().failed().says("Error: The bucket of this directory does not exist.");
        server.mc(&["mb", &format!("local/{bucket}")]);
        site.apply().ok();
        server.mc(&["rb", "--force", &format!("local/{bucket}")]);
        site.destroy().ok();
    }
}

#[test]
fn what_is_there_is_imported_and_taken_over() {
    let server = server::shared();
    for client in Client::ALL {
        let (site, bucket) = workspace(client, "import", "  prefix = \"docs/\"");
        site.write("site/same.txt", "same\n");
        site.write("site/other.txt", "other\n");
        write(server, &bucket, "docs/same.txt", "same\n");
        write(server, &bucket, "docs/other.txt", "before\n");
        write(server, &bucket, "docs/old.txt", "old\n");
        write(server, &bucket, "elsewhere.txt", "elsewhere\n");
        site.run(&["import", "-no-color", ADDRESS, &format!("{bucket}/docs/")]).ok();
        site.plan()
            .ok()
            .says("~ \"docs/other.txt\" = \"7 bytes, etag")
            .says("- \"docs/old.txt\" = ")
            .says("1 to change");
        site.apply().ok();
        site.assert_nothing_to_do();
        assert_eq!(keys(server, &bucket), ["docs/other.txt", "docs/same.txt", "elsewhere.txt"]);
        site.run(&["state", "rm", ADDRESS]).ok();
        site.run(&["import", "-no-color", ADDRESS, &format!("{bucket}/docs/")]).ok();
        site.apply().ok();
        site.assert_nothing_to_do();
        site.destroy().ok();
        assert_eq!(keys(server, &bucket), ["elsewhere.txt"]);
    }
}

#[test]
fn an_interrupted_upload_is_in_the_state_and_goes_on() {
    let server = server::shared();
    let (site, bucket) = workspace(Client::Terraform, "interrupt", "");
    for number in 0..3000 {
        site.write(&format!("site/{number:04}.txt"), &format!("{number}\n"));
    }
    // A file: nobody reads on while the upload is waited for, and the plan fills a pipe.
    let log = std::fs::File::create(site.path("log")).unwrap();
    let mut apply = site
        .command(&["apply", "-no-color", "-auto-approve"])
        .stdout(Stdio::from(log.try_clone().unwrap()))
        .stderr(Stdio::from(log))
        .spawn()
        .unwrap();
    let client = server.client();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while runtime
        .block_on(client.sdk().list_objects_v2().bucket(&bucket).max_keys(40).send())
        .unwrap()
        .key_count()
        .unwrap_or(0)
        < 40
    {
        assert!(Instant::now() < deadline, "nothing is uploaded");
        assert!(apply.try_wait().unwrap().is_none(), "the apply ended before it was interrupted");
    }
    let interrupted = Instant::now();
    std::process::Command::new("kill").args(["-INT", &apply.id().to_string()]).status().unwrap();
    let status = apply.wait().unwrap();
    assert!(interrupted.elapsed() < Duration::from_secs(15));
    let log = site.read("log");
    assert!(!status.success() && log.contains("was interrupted"), "{log}");
    let there = keys(server, &bucket).len();
    let known = objects(&site).len();
    // Of the 16 that were in flight, the answer was not waited for.
    assert!(known >= 24 && known <= there && there < 3000, "{known} of {there}");
    site.apply().ok();
    site.assert_nothing_to_do();
    assert_eq!(objects(&site).len(), 3000);
    site.destroy().ok();
    assert_eq!(keys(server, &bucket), [""; 0]);
}
