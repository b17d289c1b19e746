//! Objects whose content is fetched from a URL, in a MinIO that no stack made.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;

use super::objects;
use crate::s3::server;
use crate::s3::server::Server;
use crate::support::client::Client;
use crate::support::sha256;
use crate::support::workspace::Workspace;

const ADDRESS: &str = "minio_object.fetched";

/// Is a web server on loopback with one content under every path, until the process ends.
struct Web {
    url: String,
    served: Arc<Mutex<Served>>,
}

/// Is what is served, and how often it was asked for.
#[derive(Default)]
struct Served {
    content: Vec<u8>,
    requests: usize,
}

impl Web {
    fn new(content: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/file.bin?token=canary", listener.local_addr().unwrap());
        let served = Arc::new(Mutex::new(Served { content: content.to_vec(), requests: 0 }));
        let shared = Arc::clone(&served);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(&stream.unwrap(), &shared);
            }
        });
        Self { url, served }
    }

    fn serve(&self, content: &[u8]) {
        self.served.lock().unwrap().content = content.to_vec();
    }

    /// Fails the test unless the content was asked for so often since the last call.
    #[track_caller]
    fn assert_requests(&self, expected: usize) {
        let requests = std::mem::take(&mut self.served.lock().unwrap().requests);
        assert_eq!(requests, expected, "requests for the content");
    }
}

fn answer(mut stream: &TcpStream, shared: &Mutex<Served>) {
    let mut lines = BufReader::new(stream).lines();
    while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
    let mut served = shared.lock().unwrap();
    served.requests += 1;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        served.content.len()
    );
    stream.write_all(&[head.as_bytes(), &served.content].concat()).unwrap();
}

fn workspace(client: Client, bucket: &str, web: &Web, hash: &str) -> Workspace {
    let object = format!(
        r#"
resource "minio_object" "fetched" {{
  provider      = s3www
  bucket        = "{bucket}"
  key           = "file.bin"
  source_url    = "{}"
  sha256        = "{hash}"
  cache_control = "max-age=1"
}}
"#,
        web.url
    );
    objects::workspace(client, &server::shared().endpoint().url, &object)
}

/// Writes the object as somebody else would.
fn overwrite(server: &Server, bucket: &str, content: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.bin");
    std::fs::write(&file, content).unwrap();
    server.mc(&["cp", file.to_str().unwrap(), &format!("local/{bucket}/file.bin")]);
}

#[test]
fn an_object_is_what_its_url_serves_under_the_hash() {
    let server = server::shared();
    for client in Client::ALL {
        let bucket = objects::bucket(server, "source-url", client);
        let object = format!("local/{bucket}/file.bin");
        let (first, second) = (b"the first content\n", b"the second, longer content\n");
        let web = Web::new(first);
        // Upper case: a hash is compared by its value and kept as it is written.
        let site = workspace(client, &bucket, &web, &sha256(first).to_uppercase());
        site.plan().ok().says("1 to add");
        web.assert_requests(0);
        site.apply().ok();
        web.assert_requests(1);
        assert_eq!(server.mc(&["cat", &object]).as_bytes(), first);
        assert_eq!(site.attributes(ADDRESS)["size"], first.len());
        site.assert_nothing_to_do();

        // Only a header: the content is neither fetched nor sent.
        site.replace("max-age=1", "max-age=2");
        site.apply().ok().says("1 changed");
        web.assert_requests(0);
        site.assert_nothing_to_do();

        // The hash says which content is wanted; another one changes nothing.
        site.replace(&sha256(first).to_uppercase(), &sha256(second));
        site.plan().ok().says("1 to change");
        site.apply()
            .failed()
            .says(&format!("Error: Content of object `{bucket}/file.bin` cannot be downloaded."))
            .says(&format!("with the SHA-256 {}, not {}", sha256(first), sha256(second)))
            .says(&format!("The content of `{}` has", web.url.split('?').next().unwrap()))
            .says("Nothing was uploaded.");
        web.assert_requests(1);
        assert_eq!(server.mc(&["cat", &object]).as_bytes(), first);
        web.serve(second);
        site.apply().ok().says("1 changed");
        web.assert_requests(1);
        assert_eq!(server.mc(&["cat", &object]).as_bytes(), second);
        site.assert_nothing_to_do();

        // Somebody writes another content, of another size and of the same one.
        for foreign in [&b"foreign\n"[..], b"the SECOND, longer content\n"] {
            overwrite(server, &bucket, foreign);
            site.plan().ok().says("1 to change").says("crc64nvme");
            web.assert_requests(0);
            site.apply().ok().says("1 changed");
            web.assert_requests(1);
            assert_eq!(server.mc(&["cat", &object]).as_bytes(), second);
            site.assert_nothing_to_do();
        }

        // Somebody writes the very content, without the checksum that would tell: the server
        // adds it, and nothing is fetched.
        overwrite(server, &bucket, second);
        site.plan().ok().says("1 to change");
        site.apply().ok();
        web.assert_requests(0);
        site.assert_nothing_to_do();

        // From a URL to a content of the configuration's own, and back.
        let with_url = site.read("main.tf");
        site.replace(&format!("sha256        = \"{}\"", sha256(second)), "");
        site.replace(&format!("source_url    = \"{}\"", web.url), "content = \"own\\n\"");
        site.apply().ok().says("1 changed");
        assert_eq!(server.mc(&["cat", &object]), "own\n");
        site.assert_nothing_to_do();
        site.write("main.tf", &with_url);
        site.apply().ok().says("1 changed");
        web.assert_requests(1);
        assert_eq!(server.mc(&["cat", &object]).as_bytes(), second);
        site.assert_nothing_to_do();

        site.destroy().ok();
        assert_eq!(server.mc(&["ls", &format!("local/{bucket}")]), "");
    }
}

#[test]
fn a_url_without_a_hash_and_a_hash_without_a_url() {
    let web = Web::new(b"");
    for client in Client::ALL {
        let site = workspace(client, "some-bucket", &web, &sha256(b""));
        let whole = site.read("main.tf");
        site.replace(&format!("sha256        = \"{}\"", sha256(b"")), "");
        site.run(&["validate", "-no-color"])
            .failed()
            .says("Error: Source URL needs a SHA-256.")
            .says("a plan must know the content")
            .says("source_url    = ");
        site.write("main.tf", &whole);
        site.replace(&format!("source_url    = \"{}\"", web.url), "content = \"\"");
        site.run(&["validate", "-no-color"])
            .failed()
            .says("Error: SHA-256 cannot be set here.")
            .says("sha256        = ");
    }
    web.assert_requests(0);
}
