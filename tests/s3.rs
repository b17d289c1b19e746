//! The S3 layer against a real MinIO, one server per test process.
//!
//! Twenty cases have to hold, here or seen through Terraform (`tests/terraform/objects`). The test
//! of a case has its number in a line of its own: `grep -rn '/// Case 13\.' tests` finds it.
//!
//! 1. Every size around the limits of parts, from nothing on: the stored checksum is that of the
//!    whole content, and the planned one.
//! 2. Gigabytes: less than 64 MiB of memory, hardly slower than `mc`.
//! 3. A source that changed after the plan, of equal size: refused, nothing stored.
//! 4. A source that is cut during the upload: told as such, the upload aborted.
//! 5. Content of equal size that somebody overwrote: drift, repaired, then nothing to do.
//! 6. The same bytes from another tool: no changed content, and nothing sent again.
//! 7. Headers that somebody changed under an equal ETag: seen.
//! 8. Tags that somebody changed: seen if managed, silent otherwise.
//! 9. A deleted key, a deleted bucket and a delete marker: each told by name.
//! 10. Wrong secret, wrong key, no right, wrong clock: an error, and nothing is taken for gone.
//! 11. A key that exists already: refused if it is another object, taken over if equal.
//! 12. Two that create one key at once: one wins, the other is told.
//! 13. A killed upload in parts: gone after the next, though the server was restarted.
//! 14. A stop in the middle of a part: aborted at once, nothing left.
//! 15. A tunnel: no slower than `kubectl port-forward` with `mc` (`make bench`), no port opened.
//! 16. A tunnel whose pod is deleted during an upload: goes on with the next pod.
//! 17. A tunnel that was idle for a minute: works.
//! 18. Every legal key makes the round trip; every other is refused at plan with the reason.
//! 19. A folder of ten thousand files: refreshed in no time, one changed key costs one request.
//! 20. Every setting of a bucket in every form that MinIO rewrites: nothing to do after an apply.

mod bucket;
mod connection;
mod directory;
pub mod key;
mod object;
pub mod server;
mod upload;

/// The number of cases in the list above.
const CASES: usize = 20;

#[test]
fn every_case_has_a_test() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut folders = vec![root];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "rs") {
                text += &std::fs::read_to_string(entry.path()).unwrap();
            }
        }
    }
    let has = |case: &usize| {
        let begins = ['.', ',', ':'].map(|end| format!("/// Case {case}{end}"));
        begins.iter().any(|line| text.contains(line.as_str()))
    };
    let missing: Vec<_> = (1..=CASES).filter(|case| !has(case)).collect();
    assert_eq!(missing, [0; 0], "these cases have no test");
}
