//! The loader's download, run as the loader runs it, against a server that misbehaves.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Command;

use super::file_server::CONTENT;
use super::file_server::FileServer;
use crate::support::helm::CHART;
use crate::support::sha256;
use crate::support::text;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// SHA-256 of [`CONTENT`].
fn hash() -> String {
    sha256(CONTENT.as_bytes())
}

/// Is a run of `fetch.sh`.
struct Run {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Run {
    fn of(url: &str) -> Self {
        let run = Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() };
        let target = run.target().to_str().unwrap().to_owned();
        run.with("URL_1", url)
            .with("PATH_1", &target)
            .with("KEY_1", "k")
            .with("FILES", "1")
            .with("ATTEMPTS", "2")
            .with("TIMEOUT_SECONDS", "20")
            .with("MAX_BYTES", "1000")
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join("content/1/it's a file")
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs it with a curl configuration.
    fn config(self, content: &str) -> Self {
        let path = self.folder.path().join("curlrc");
        std::fs::write(&path, content).unwrap();
        let path = path.to_str().unwrap().to_owned();
        self.with("CURL_CONFIG_1", &path)
    }

    #[track_caller]
    fn run(&self) -> (i32, String) {
        let output = Command::new("sh")
            .arg(format!("{CHART}/files/scripts/fetch.sh"))
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap();
        (output.status.code().unwrap_or(-1), text(&output))
    }

    /// Fails the test unless the content arrives.
    #[track_caller]
    fn arrives(&self) -> String {
        let (code, printed) = self.run();
        assert_eq!(code, 0, "{printed}");
        assert_eq!(std::fs::read_to_string(self.target()).unwrap(), CONTENT);
        printed
    }

    /// Fails the test unless it ends with that exit code and says that.
    #[track_caller]
    fn ends(&self, expected: i32, sentence: &str) {
        let (code, printed) = self.run();
        assert_eq!(code, expected, "{printed}");
        assert!(printed.contains(sentence), "this is missing: {sentence}\nin: {printed}");
    }
}

/// The exit code on which the Job gives up at once.
const FOR_GOOD: i32 = 65;

#[test]
fn every_failure_says_what_to_do_and_whether_trying_again_can_help() {
    let server = FileServer::start(LOOPBACK);
    let url = |path: &str| format!("{}{path}", server.url);
    Run::of(&url("/status/404")).ends(FOR_GOOD, "the server answered HTTP 404 for http://");
    Run::of(&url("/status/403")).ends(FOR_GOOD, "refused the download");
    Run::of(&url("/status/503")).ends(1, "could not be downloaded in 2 attempts");
    Run::of(&url("/guarded")).ends(FOR_GOOD, "Check the credentials in the Secret");
    Run::of(&url("/ok")).with("SHA256_1", &"0".repeat(64)).ends(
        FOR_GOOD,
        &format!("Expected {}, got {}. Either the file has changed", "0".repeat(64), hash()),
    );
    Run::of(&url("/ok")).with("MAX_BYTES", "10").ends(FOR_GOOD, "is larger than 10 bytes");
    Run::of(&url("/unsized")).ends(FOR_GOOD, "Raise loader.fetch.maxSizeMiB");
    Run::of(&url("/ok")).with("PATH_1", "/dev/full").ends(1, "it is full");
    Run::of(&url("/redirect?file:///etc/passwd")).ends(FOR_GOOD, "not an http or https URL");
    // A port on which nobody listens any more.
    let gone = FileServer::start(LOOPBACK).url.clone();
    Run::of(&gone).ends(1, "HTTP status 000");
    let tls = FileServer::start_tls(LOOPBACK);
    Run::of(&format!("{}/ok", tls.url)).ends(FOR_GOOD, "loader.fetch.caBundle");
}

#[test]
fn downloads_with_retries_credentials_a_private_authority_and_a_proxy() {
    let server = FileServer::start(LOOPBACK);
    let url = |path: &str| format!("{}{path}", server.url);
    let printed = Run::of(&url("/ok?signature=secret")).arrives();
    assert!(printed.contains("was not checked") && printed.contains(&hash()), "{printed}");
    assert!(!printed.contains("secret"), "{printed}");
    let printed = Run::of(&url("/ok").replace("//", "//me:secret@")).arrives();
    assert!(!printed.contains("secret"), "{printed}");
    let printed = Run::of(&url("/ok")).with("SHA256_1", &hash()).arrives();
    assert!(printed.contains("is the expected one"), "{printed}");
    let printed = Run::of(&url("/flaky/2/file")).with("ATTEMPTS", "3").arrives();
    assert!(printed.contains("attempt 3 of 3") && printed.contains("Next one in 2 s"), "{printed}");
    Run::of(&url("/redirect?/ok")).arrives();
    Run::of(&url("/guarded"))
        .config("header = \"X-Key: open\"\nuser = \"me:pass word\"\n")
        .arrives();
    let tls = FileServer::start_tls(LOOPBACK);
    let bundle = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(bundle.path(), &tls.authority).unwrap();
    let bundle = bundle.path().to_str().unwrap();
    Run::of(&format!("{}/ok", tls.url)).with("CURL_CA_BUNDLE", bundle).arrives();
    // The name does not exist: only the proxy can answer.
    Run::of("http://files.invalid/x").with("http_proxy", &server.url).arrives();
    assert!(server.seen.lock().unwrap().contains(&"http://files.invalid/x".to_owned()));
}
