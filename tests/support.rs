//! What tests share: the tools they drive and the places they work in.

use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::time::Duration;
use std::time::Instant;

use sha2::Digest as _;
use sha2::Sha256;

pub mod client;
pub mod cluster;
pub mod helm;
pub mod link;
pub mod network;
pub mod observe;
pub mod process;
pub mod proxy;
pub mod workspace;

/// Returns the program that an environment variable names, or `fallback` from
/// the `PATH`. A program that cannot be started fails the test that needs it.
pub fn program(variable: &str, fallback: &str) -> PathBuf {
    let path = std::env::var_os(variable).map_or_else(|| PathBuf::from(fallback), PathBuf::from);
    let started = Command::new(&path).arg("version").output();
    assert!(
        started.is_ok(),
        "`{}` cannot be started. `make test` builds it and sets {variable}.",
        path.display()
    );
    path
}

/// Waits until a condition holds, which it has to within 60 s.
#[track_caller]
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(Instant::now() < until, "after a minute still not: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Returns bytes that repeat nowhere near a part's size, the same ones each time.
pub fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut content = Vec::with_capacity(size + 8);
    while content.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        content.extend_from_slice(&state.to_le_bytes());
    }
    content.truncate(size);
    content
}

/// Returns the SHA-256 of content in hexadecimal.
pub fn sha256(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Returns the text that a command printed, both streams, as a person sees it.
pub fn text(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}
