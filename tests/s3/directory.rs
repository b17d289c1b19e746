//! Many objects at once, and lists of them.

use std::collections::BTreeMap;
use std::path::Path;

use tempfile::TempDir;
use terraform_provider_s3www::s3::Client;
use terraform_provider_s3www::s3::ErrorKind;
use terraform_provider_s3www::s3::Expectation;
use terraform_provider_s3www::s3::Observed;
use terraform_provider_s3www::s3::bucket::Settings;
use terraform_provider_s3www::s3::checksum::Fingerprint;
use terraform_provider_s3www::s3::directory::FileObject;
use terraform_provider_s3www::s3::directory::remove_objects;
use terraform_provider_s3www::s3::directory::write_objects;
use terraform_provider_s3www::s3::ensure_object;
use terraform_provider_s3www::s3::listing::ListRequest;
use terraform_provider_s3www::s3::listing::Listing;
use terraform_provider_s3www::s3::listing::list_objects;
use terraform_provider_s3www::s3::object::Headers;
use terraform_provider_s3www::s3::observe_object;
use tokio_util::sync::CancellationToken;

use super::server::Stalling;
use super::server::bucket_with;
use super::server::content;
use super::server::fresh_bucket;
use super::server::never;
use super::server::object;
use super::server::shared;

fn file(folder: &Path, key: &str, content: &[u8]) -> FileObject {
    // A key need not be a file name.
    let name: String = key
        .bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from(b'a' + half))
        .collect();
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    let fingerprint = Fingerprint::of_bytes(content);
    FileObject {
        key: key.to_owned(),
        path,
        size: fingerprint.size,
        crc64nvme: fingerprint.crc64nvme,
        headers: Headers { content_type: Some("text/plain".to_owned()), ..Headers::default() },
        metadata: BTreeMap::from([("by".to_owned(), "test".to_owned())]),
        expectation: Expectation::Absent,
    }
}

async fn list(client: &Client, request: ListRequest<'_>) -> Listing {
    match list_objects(client, &request, &never()).await.unwrap() {
        Observed::Present(listing) => listing,
        Observed::Gone(gone) => panic!("{gone}"),
    }
}

/// Keys that a server stores, and that a list or a request in XML could change.
const ODD: [&str; 12] = [
    "a b+c%20&<>\"'",
    "é/e\u{301}/😀",
    "tab\there",
    "line\nbreak",
    "carriage\rreturn",
    "\u{1}",
    "\u{7f}",
    "back\\slash",
    "?&#=",
    " lead",
    "trail ",
    "...",
];

#[tokio::test(flavor = "multi_thread")]
async fn many_objects_are_written_listed_and_removed_whatever_their_keys_are() {
    let client = shared().client();
    let bucket = fresh_bucket(&client).await;
    let folder = TempDir::new().unwrap();
    let mut files: Vec<_> = (0..1200)
        .map(|number| {
            file(folder.path(), &format!("many/{number:04}"), format!("{number}").as_bytes())
        })
        .collect();
    files.extend(ODD.iter().map(|key| file(folder.path(), key, key.as_bytes())));
    // One that goes in parts, and one that does not fit into one read.
    files.push(file(folder.path(), "large", &vec![7; 17 * 1024 * 1024]));
    files.push(file(folder.path(), "middle", &vec![8; 1024 * 1024 + 1]));
    let count = files.len();
    let written = write_objects(&client, &bucket, files.clone(), &never()).await;
    assert!(written.failed.is_empty(), "{:?}", written.failed);
    assert_eq!((written.done.len(), written.untried), (count, 0));

    let all = list(&client, ListRequest { bucket: &bucket, ..ListRequest::default() }).await;
    assert_eq!(all.objects.keys().collect::<Vec<_>>(), written.done.keys().collect::<Vec<_>>());
    for (key, etag) in &written.done {
        assert_eq!(&all.objects[key].etag, etag, "{key}");
    }
    for key in ODD {
        assert_eq!(content(&client, &bucket, key).await, key.as_bytes(), "{key:?}");
    }
    for (key, wanted) in [("many/0007", &files[7]), ("large", &files[count - 2])] {
        let Observed::Present(state) =
            observe_object(&client, &bucket, key, false, &never()).await.unwrap()
        else {
            panic!("{key} is gone")
        };
        assert_eq!(state.crc64nvme.as_ref(), Some(&wanted.crc64nvme), "{key}");
        assert_eq!((state.size, &state.headers), (wanted.size, &wanted.headers));
        assert_eq!(state.metadata, wanted.metadata);
    }

    // Again: everything is there and equal, so it is taken as it is.
    let before = all.clone();
    let again = write_objects(&client, &bucket, files, &never()).await;
    assert_eq!((again.failed.len(), again.done), (0, written.done));
    let after = list(&client, ListRequest { bucket: &bucket, ..ListRequest::default() }).await;
    assert_eq!(after, before, "nothing was written");

    let by_slash = ListRequest { bucket: &bucket, delimiter: Some("/"), ..ListRequest::default() };
    let by_slash = list(&client, by_slash).await;
    assert_eq!(by_slash.prefixes.iter().collect::<Vec<_>>(), ["many/", "é/"]);
    let some = ListRequest {
        bucket: &bucket,
        prefix: "many/",
        limit: Some(1100),
        ..ListRequest::default()
    };
    let some = list(&client, some).await;
    assert_eq!((some.objects.len(), some.is_truncated), (1100, true));
    let exact = ListRequest {
        bucket: &bucket,
        prefix: "many/",
        limit: Some(1200),
        ..ListRequest::default()
    };
    assert!(!list(&client, exact).await.is_truncated);

    let keys = after.objects.into_keys().chain(["never-there".to_owned()]);
    let removed = remove_objects(&client, &bucket, keys, &never()).await;
    assert!(removed.failed.is_empty(), "{:?}", removed.failed);
    assert_eq!(removed.done.len(), count + 1);
    let left = list(&client, ListRequest { bucket: &bucket, ..ListRequest::default() }).await;
    assert_eq!(left, Listing::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_of_many_is_named_and_the_rest_is_done() {
    let client = shared().client();
    let bucket = fresh_bucket(&client).await;
    let folder = TempDir::new().unwrap();
    ensure_object(&client, &object(&bucket, "foreign", "foreign"), &Expectation::Absent, &never())
        .await
        .unwrap();
    let changed = file(folder.path(), "changed", b"as planned");
    std::fs::write(&changed.path, "AS PLANNED").unwrap();
    let longer = file(folder.path(), "longer", b"short");
    std::fs::write(&longer.path, "not so short any more").unwrap();
    let large = file(folder.path(), "large", &vec![1; 2 * 1024 * 1024]);
    std::fs::write(&large.path, vec![2; 2 * 1024 * 1024]).unwrap();
    let gone = file(folder.path(), "gone", b"");
    std::fs::remove_file(&gone.path).unwrap();
    let foreign = file(folder.path(), "foreign", b"ours");
    let fine = file(folder.path(), "fine", b"fine");
    let all = vec![changed, longer, large, gone, foreign.clone(), fine];
    let outcome = write_objects(&client, &bucket, all, &never()).await;
    assert_eq!(outcome.done.keys().collect::<Vec<_>>(), ["fine"]);
    let kinds: BTreeMap<_, _> =
        outcome.failed.iter().map(|(key, error)| (key.as_str(), error.kind().clone())).collect();
    assert_eq!(
        kinds,
        BTreeMap::from([
            ("changed", ErrorKind::SourceChanged),
            ("foreign", ErrorKind::Exists),
            ("gone", ErrorKind::Source),
            ("large", ErrorKind::SourceChanged),
            ("longer", ErrorKind::SourceChanged),
        ])
    );
    assert_eq!(content(&client, &bucket, "foreign").await, "foreign");
    let forced = vec![FileObject { expectation: Expectation::Any, ..foreign }];
    assert_eq!(write_objects(&client, &bucket, forced, &never()).await.failed.len(), 0);
    assert_eq!(content(&client, &bucket, "foreign").await, "ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_fail_for_all_is_not_tried_for_all() {
    let server = shared();
    let client = server.client();
    let bucket = fresh_bucket(&client).await;
    let folder = TempDir::new().unwrap();
    let files: Vec<_> =
        (0..200).map(|number| file(folder.path(), &format!("{number}"), b"content")).collect();
    let mut wrong = server.endpoint();
    wrong.secret_key = "wrong-secret".to_owned();
    let denied = Client::direct(&wrong).unwrap();
    for (client, bucket) in [(&denied, bucket.as_str()), (&client, "no-such-bucket")] {
        let outcome = write_objects(client, bucket, files.clone(), &never()).await;
        assert!(outcome.done.is_empty());
        assert!((1..=32).contains(&outcome.failed.len()), "{} were tried", outcome.failed.len());
        assert_eq!(outcome.failed.len() + outcome.untried, 200);
    }
    let outcome =
        remove_objects(&denied, &bucket, (0..3000).map(|key| key.to_string()), &never()).await;
    assert_eq!((outcome.failed.len(), outcome.untried), (1, 2999));
    assert!(matches!(
        list_objects(
            &client,
            &ListRequest { bucket: "no-such-bucket", ..ListRequest::default() },
            &never()
        )
        .await
        .unwrap(),
        Observed::Gone(_)
    ));
    let request = ListRequest { bucket: &bucket, ..ListRequest::default() };
    let error = list_objects(&denied, &request, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Denied);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_ends_it_and_what_was_written_is_known() {
    let server = shared();
    let client = server.client();
    let bucket = fresh_bucket(&client).await;
    let folder = TempDir::new().unwrap();
    let body = vec![5; 64 * 1024];
    let files: Vec<_> =
        (0..100).map(|number| file(folder.path(), &format!("{number}"), &body)).collect();
    // The line stops after some of them, without an error.
    let slow = Stalling::client(&server.endpoint(), 20 * body.len());
    let cancel = CancellationToken::new();
    let writing = tokio::spawn({
        let (cancel, bucket) = (cancel.clone(), bucket.clone());
        async move { write_objects(&slow, &bucket, files, &cancel).await }
    });
    let count = || async {
        list(&client, ListRequest { bucket: &bucket, ..ListRequest::default() }).await.objects.len()
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while count().await < 10 {
        assert!(std::time::Instant::now() < deadline, "nothing is written");
    }
    cancel.cancel();
    let outcome =
        tokio::time::timeout(std::time::Duration::from_secs(5), writing).await.unwrap().unwrap();
    let there = count().await;
    // The answer to some that are there was not waited for.
    assert!(!outcome.done.is_empty() && outcome.done.len() <= there && there < 100);
    assert!(outcome.failed.values().all(|error| *error.kind() == ErrorKind::Cancelled));
    assert_eq!(outcome.done.len() + outcome.failed.len() + outcome.untried, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_kept_and_every_write_shows_in_a_list() {
    let client = shared().client();
    let settings = Settings { versioning: Some(true), ..Settings::default() };
    let bucket = bucket_with(&client, settings).await;
    let folder = TempDir::new().unwrap();
    let files = vec![file(folder.path(), "a", b"one"), file(folder.path(), "b", b"two")];
    write_objects(&client, &bucket, files.clone(), &never()).await;
    let request = || ListRequest { bucket: &bucket, ..ListRequest::default() };
    let first = list(&client, request()).await;

    // Headers alone: the ETag stays.
    let mut other = files[0].clone();
    other.headers.cache_control = Some("max-age=1".to_owned());
    other.expectation = Expectation::Etag(first.objects["a"].etag.clone());
    let outcome = write_objects(&client, &bucket, vec![other], &never()).await;
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    let second = list(&client, request()).await;
    assert_eq!(second.objects["a"].etag, first.objects["a"].etag);
    assert_ne!(second.objects["a"].mark(), first.objects["a"].mark());
    assert_eq!(second.objects["b"].mark(), first.objects["b"].mark());

    let removed =
        remove_objects(&client, &bucket, ["a".to_owned(), "b".to_owned()], &never()).await;
    assert_eq!(removed.failed.len(), 0);
    assert_eq!(list(&client, request()).await, Listing::default());
    let versions = client.sdk().list_object_versions().bucket(&bucket).send().await.unwrap();
    assert_eq!((versions.versions().len(), versions.delete_markers().len()), (3, 2));
    // A delete marker is nothing to be afraid of.
    let again = write_objects(&client, &bucket, files, &never()).await;
    assert_eq!((again.failed.len(), again.done.len()), (0, 2));
}
