//! Folders as they are met: odd names, links, special files, files that change.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;
use std::time::SystemTime;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::*;

fn folder(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    folder
}

fn names_by(
    folder: &Path,
    include: Option<&[&str]>,
    exclude: &[&str],
    symlinks: Symlinks,
) -> Result<Vec<String>, String> {
    let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let include = include.map(owned);
    let rules = Rules::new(include.as_deref(), &owned(exclude), symlinks).unwrap();
    walk(folder, &rules, &CancellationToken::new())
        .map(|files| files.into_iter().map(|file| file.name).collect())
        .map_err(|error| error.to_string())
}

fn names(folder: &Path, include: Option<&[&str]>, exclude: &[&str]) -> Vec<String> {
    names_by(folder, include, exclude, Symlinks::Refuse).unwrap()
}

#[test]
fn patterns_are_those_of_a_shell_with_two_stars() {
    let site = folder(&["a.html", "a.css", "b/a.html", "b/c/a.html", "b/.hidden", "d e/ü.html"]);
    fs::create_dir(site.path().join("empty")).unwrap();
    let root = site.path();
    assert_eq!(
        names(root, None, &[]),
        ["a.css", "a.html", "b/.hidden", "b/a.html", "b/c/a.html", "d e/ü.html"]
    );
    assert_eq!(names(root, Some(&["*.html"]), &[]), ["a.html"]);
    assert_eq!(
        names(root, Some(&["**/*.html"]), &[]),
        ["a.html", "b/a.html", "b/c/a.html", "d e/ü.html"]
    );
    assert_eq!(names(root, Some(&["b/*"]), &[]), ["b/.hidden", "b/a.html"]);
    assert_eq!(
        names(root, Some(&["*.{css,js}", "d e/ü.*", "?.html"]), &[]),
        ["a.css", "a.html", "d e/ü.html"]
    );
    // An exclusion wins; a folder is excluded with everything in it.
    assert_eq!(names(root, Some(&["**/*.html"]), &["b/**"]), ["a.html", "d e/ü.html"]);
    assert_eq!(names(root, None, &["b", "**/*.css"]), ["a.html", "d e/ü.html"]);
    assert_eq!(names(root, None, &["**/.*", "**/[a-b].html"]), ["a.css", "d e/ü.html"]);
    assert_eq!(names(root, None, &["**"]), [""; 0]);
}

#[test]
fn a_pattern_that_never_matches_is_refused() {
    for (pattern, reason) in [
        ("", "it is empty"),
        ("/a", "relative to `source`"),
        ("./a", "relative to `source`"),
        ("../a", "relative to `source`"),
        ("a/", "write `folder/**`"),
        ("a[", "unclosed character class"),
        ("{a", "unclosed alternate group"),
        ("a[b-ü]", "only ASCII characters"),
    ] {
        let message = Pattern::new(pattern).unwrap_err().to_string();
        assert!(message.contains(reason), "{pattern}: {message}");
    }
    for fine in ["**/*.{html,css}", "ü[ab]ü", "\\[ü"] {
        Pattern::new(fine).unwrap();
    }
}

#[test]
fn links_are_refused_followed_or_skipped() {
    let outside = folder(&["in/x.txt"]);
    let site = folder(&["a.txt"]);
    let root = site.path();
    symlink("a.txt", root.join("file")).unwrap();
    symlink(outside.path().join("in"), root.join("dir")).unwrap();
    let refused = names_by(root, None, &[], Symlinks::Refuse).unwrap_err();
    assert_eq!(refused.matches("it is a symbolic link").count(), 2, "{refused}");
    assert!(refused.contains(root.join("dir").to_str().unwrap()), "{refused}");
    assert_eq!(names(root, None, &["dir", "file"]), ["a.txt"]);
    assert_eq!(names_by(root, None, &[], Symlinks::Skip).unwrap(), ["a.txt"]);
    let followed = names_by(root, None, &[], Symlinks::Follow).unwrap();
    assert_eq!(followed, ["a.txt", "dir/x.txt", "file"]);

    symlink("..", root.join("loop")).unwrap();
    symlink(".", root.join("self")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    let broken = names_by(root, None, &["loop"], Symlinks::Follow).unwrap_err();
    assert!(broken.contains("self: this symbolic link leads back"), "{broken}");
    assert!(broken.contains("dangling: it is a symbolic link, and No such file"), "{broken}");
    let excluded = names_by(root, Some(&["*.txt"]), &["loop", "self"], Symlinks::Follow).unwrap();
    assert_eq!(excluded, ["a.txt"], "what is not included may dangle");
}

#[test]
fn what_has_no_content_or_no_name_is_told_with_its_path() {
    let site = folder(&["a.txt"]);
    let root = site.path();
    let _socket = UnixListener::bind(root.join("socket")).unwrap();
    fs::write(root.join(std::ffi::OsStr::from_bytes(b"bad\xff")), "").unwrap();
    let told = names_by(root, None, &[], Symlinks::Refuse).unwrap_err();
    assert!(told.contains("socket: it is a device, a pipe or a socket"), "{told}");
    assert!(told.contains("its name is not valid UTF-8"), "{told}");
    assert_eq!(names(root, None, &["socket", "bad*"]), ["a.txt"]);

    let missing = names_by(&root.join("missing"), None, &[], Symlinks::Refuse).unwrap_err();
    assert!(missing.contains("does not exist"), "{missing}");
    let file = names_by(&root.join("a.txt"), None, &[], Symlinks::Refuse).unwrap_err();
    assert!(file.contains("is not a folder"), "{file}");

    let many: Vec<_> = (0..12)
        .map(|number| Finding { path: format!("f{number}").into(), reason: "it is bad".into() })
        .collect();
    let text = FolderError::Findings(many).to_string();
    assert!(text.starts_with("  f0: it is bad.\n") && text.ends_with("\n  And 2 more."), "{text}");
}

#[tokio::test]
async fn a_file_is_hashed_once_until_it_changes() {
    let site = folder(&["a.txt", "b.txt"]);
    let rules = Rules::new(None, &[], Symlinks::Refuse).unwrap();
    let cancel = CancellationToken::new();
    let files = || walk(site.path(), &rules, &cancel).unwrap();
    let nothing = |_: &FolderFile| None;
    let mut first = hash_files(files(), nothing, &cancel).await.unwrap();
    first.sort_by(|one, other| one.file.name.cmp(&other.file.name));
    let crc = crate::s3::checksum::Fingerprint::of_bytes(b"a.txt").crc64nvme;
    assert_eq!(first.first().unwrap().crc64nvme, crc);

    // Known by its mark: not read, which the wrong checksum shows.
    let marks: Vec<_> = first.iter().map(|one| one.file.stamp.mark()).collect();
    let by_mark =
        |file: &FolderFile| marks.contains(&file.stamp.mark()).then(|| "remembered".to_owned());
    let again = hash_files(files(), by_mark, &cancel).await.unwrap();
    assert!(again.iter().all(|one| one.crc64nvme == "remembered" && one.mark.is_some()));

    // The same length and the same time of the content: the inode's time tells.
    let path = site.path().join("a.txt");
    let written = fs::metadata(&path).unwrap().modified().unwrap();
    let before = files();
    fs::write(&path, "A.TXT").unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
    let changed = hash_files(files(), by_mark, &cancel).await.unwrap();
    let changed: Vec<_> = changed.iter().filter(|one| one.crc64nvme != "remembered").collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed.first().unwrap().file.name, "a.txt");
    assert_eq!(changed.first().unwrap().mark, None, "it was written just now");

    // Changed after it was looked at.
    let error = hash_files(before, nothing, &cancel).await.unwrap_err().to_string();
    assert!(error.contains("a.txt: it was changed while it was read"), "{error}");
}

#[test]
fn a_fresh_file_is_not_settled() {
    let site = folder(&["a.txt"]);
    let path = site.path().join("a.txt");
    let stamp = || stamp::Stamp::of(&fs::metadata(&path).unwrap());
    let now = SystemTime::now();
    assert!(!stamp().is_settled(now));
    assert!(stamp().is_settled(now + Duration::from_secs(3)));
    // A time of the content in the future never is.
    let future = now + Duration::from_hours(1);
    fs::File::options().write(true).open(&path).unwrap().set_modified(future).unwrap();
    assert!(!stamp().is_settled(now + Duration::from_secs(3)));
}
