//! Folders of more files than one page of a list shows.

use super::ADDRESS;
use super::objects;
use crate::s3::server::Server;
use crate::s3::server::Setup;
use crate::support::client::Client;
use crate::terraform::objects::workspace;

/// How many files: two pages of a list.
const FILES: usize = 1200;

/// Returns how many requests a command needs: lists, questions about one object, and uploads.
fn requests(server: &Server, run: impl FnOnce()) -> [u64; 3] {
    let count = || ["ListObjectsV2", "HeadObject", "PutObject"].map(|name| server.requests(name));
    let before = count();
    run();
    let after = count();
    [0, 1, 2].map(|index: usize| after[index] - before[index])
}

/// Case 19, at a size that every run can afford; `make bench-directory` has ten thousand, and times.
#[test]
fn a_large_folder_is_listed_once_and_only_what_changed_is_asked_about() {
    let data = tempfile::tempdir().unwrap();
    let environment = [("MINIO_PROMETHEUS_AUTH_TYPE", "public")];
    let setup = Setup { environment: &environment, ..Setup::default() };
    let server = Server::start_as(data.path(), setup);
    server.mc(&["mb", "local/large"]);
    let resources = r#"
resource "minio_directory" "site" {
  provider = s3www
  bucket   = "large"
  source   = "site"
}

resource "minio_object" "beside" {
  provider = s3www
  bucket   = "large"
  key      = "beside"
  content  = "one request for each plan, and no list\n"
}
"#;
    let site = workspace(Client::Terraform, &server.endpoint().url, resources);
    for number in 0..FILES {
        site.write(&format!("site/{}/{number:04}.html", number % 7), &format!("{number}\n"));
    }
    let pages = 2;
    // Listed before, since nothing is to be overwritten, and after, for what a refresh compares.
    let first = requests(&server, || drop(site.apply().ok()));
    assert_eq!(first, [1 + pages, 2, FILES as u64 + 1]);
    assert_eq!(objects(&site).len(), FILES);

    // A refresh, and a plan that has it in hand; a plan without a refresh looks as far.
    for refresh in ["-refresh=true", "-refresh=false"] {
        let arguments = ["plan", "-no-color", "-detailed-exitcode", refresh];
        let planned = requests(&server, || drop(site.run(&arguments).ok()));
        assert_eq!(planned, [pages, 1, 0], "{refresh}");
    }

    // One that somebody changed, far behind the first page.
    let key = "6/1196.html";
    super::write(&server, "large", key, "another\n");
    let arguments = ["plan", "-no-color", "-refresh=false"];
    let ran = site.run(&arguments).ok().says("0 to add, 1 to change, 0 to destroy");
    assert!(!ran.text.contains("6/1196"), "what it is now was not asked: {}", ran.text);
    let planned = requests(&server, || {
        site.plan().ok().says(&format!("~ {key:?}")).says("# (1199 unchanged elements hidden)");
    });
    assert_eq!(planned, [pages, 2, 0]);

    // Repaired: a list for the refresh, one for the apply, and what was written alone after it.
    let repaired = requests(&server, || drop(site.apply().ok()));
    assert_eq!((repaired[0], repaired[2]), (2 * pages + 1, 1), "{repaired:?}");
    assert_eq!(server.mc(&["cat", &format!("local/large/{key}")]), "1196\n");
    site.assert_nothing_to_do();

    // With a key to remove, the list is taken anew before that.
    site.remove("site/0/0007.html");
    site.write(&format!("site/{key}"), "changed\n");
    site.apply().ok();
    assert_eq!(site.attributes(ADDRESS)["objects"].as_object().unwrap().len(), FILES - 1);
    site.assert_nothing_to_do();
    site.destroy().ok();
    assert_eq!(super::keys(&server, "large"), [""; 0]);
}
