//! One object: created, compared, repaired, refused.

use std::collections::BTreeMap;

use terraform_provider_s3www::s3::ErrorKind;
use terraform_provider_s3www::s3::Expectation;
use terraform_provider_s3www::s3::Gone;
use terraform_provider_s3www::s3::ObjectSpec;
use terraform_provider_s3www::s3::ObjectState;
use terraform_provider_s3www::s3::Observed;
use terraform_provider_s3www::s3::bucket::Settings;
use terraform_provider_s3www::s3::ensure_object;
use terraform_provider_s3www::s3::object::Content;
use terraform_provider_s3www::s3::object::Headers;
use terraform_provider_s3www::s3::observe_object;
use terraform_provider_s3www::s3::remove_bucket;
use terraform_provider_s3www::s3::remove_object;
use terraform_provider_s3www::s3::tags::Tags;

use super::server;
use super::server::never;

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn present(observed: Observed<ObjectState>) -> ObjectState {
    match observed {
        Observed::Present(state) => state,
        Observed::Gone(gone) => panic!("{gone}"),
    }
}

#[tokio::test]
async fn everything_that_is_written_is_read_back_equal() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let mut spec = server::object(&bucket, "a/b.html", "<p>Hello</p>");
    spec.headers = Headers {
        content_type: Some("Text/HTML; charset=UTF-8".to_owned()),
        cache_control: Some("max-age=60,  public".to_owned()),
        content_disposition: Some("attachment; filename=\"b.html\"".to_owned()),
        content_encoding: Some("gzip".to_owned()),
        content_language: Some("de, en".to_owned()),
    };
    spec.metadata =
        BTreeMap::from([("owner".into(), "web  team".into()), ("empty".into(), String::new())]);
    spec.storage_class = Some("REDUCED_REDUNDANCY".to_owned());
    spec.tags = Some(tags(&[("z", "1 + 1 = 2"), ("a", "")]));
    let written = ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    let read = present(observe_object(&client, &bucket, &spec.key, true, &never()).await.unwrap());
    assert_eq!(written, read);
    assert_eq!(spec.content_of(&read), Content::Equal);
    assert!(spec.describes(&read), "{read:?}");
    assert_eq!(read.tags, spec.tags);
    assert_eq!(server::content(&client, &bucket, &spec.key).await, "<p>Hello</p>");

    // Nothing to do is nothing done.
    let again = Expectation::Etag(read.etag.clone());
    let before = last_modified(&client, &bucket, &spec.key).await;
    assert_eq!(ensure_object(&client, &spec, &again, &never()).await.unwrap(), read);
    assert_eq!(last_modified(&client, &bucket, &spec.key).await, before);

    // Headers that are no longer wanted go.
    spec.headers = Headers::default();
    spec.headers.content_type = Some("text/html".to_owned());
    spec.metadata.clear();
    spec.storage_class = None;
    spec.tags = Some(Tags::new());
    let bare = ensure_object(&client, &spec, &again, &never()).await.unwrap();
    assert!(spec.describes(&bare), "{bare:?}");
    assert_eq!((bare.tags, bare.has_tags), (Some(Tags::new()), false));
}

async fn last_modified(
    client: &terraform_provider_s3www::s3::Client,
    bucket: &str,
    key: &str,
) -> aws_sdk_s3::primitives::DateTime {
    let listed = client.sdk().list_objects_v2().bucket(bucket).prefix(key).send().await.unwrap();
    *listed.contents()[0].last_modified().unwrap()
}

/// Case 5.
#[tokio::test]
async fn content_of_the_same_size_that_somebody_overwrote_is_seen_and_repaired() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let spec = server::object(&bucket, "page", "right");
    ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    let wrong = server::object(&bucket, "page", "wrong");
    ensure_object(&client, &wrong, &Expectation::Any, &never()).await.unwrap();

    let found = present(observe_object(&client, &bucket, "page", false, &never()).await.unwrap());
    assert_eq!(spec.content_of(&found), Content::Different);
    let seen = Expectation::Etag(found.etag);
    let repaired = ensure_object(&client, &spec, &seen, &never()).await.unwrap();
    assert_eq!(spec.content_of(&repaired), Content::Equal);
    assert_eq!(server::content(&client, &bucket, "page").await, "right");
}

/// Case 6.
#[tokio::test]
async fn the_same_bytes_from_another_writer_are_not_changed_content_and_not_sent_again() {
    let server = server::shared();
    let client = server.client();
    let bucket = server::fresh_bucket(&client).await;
    let spec = server::object(&bucket, "page", "the same");
    ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "the same").unwrap();
    server.mc(&["cp", file.path().to_str().unwrap(), &format!("local/{bucket}/page")]);

    let found = present(observe_object(&client, &bucket, "page", false, &never()).await.unwrap());
    assert_eq!(found.crc64nvme, None);
    assert_eq!(spec.content_of(&found), Content::Unknown);

    // The source cannot be read any more: only a repair inside the server can succeed.
    let mut gone = spec.clone();
    gone.source = terraform_provider_s3www::s3::Source::File("/nonexistent/source".into());
    let seen = Expectation::Etag(found.etag.clone());
    let repaired = ensure_object(&client, &gone, &seen, &never()).await.unwrap();
    assert_eq!(spec.content_of(&repaired), Content::Equal);
    assert!(spec.describes(&repaired), "{repaired:?}");

    // Other bytes of the same size, also without a checksum, are found out and replaced.
    std::fs::write(file.path(), "not same").unwrap();
    server.mc(&["cp", file.path().to_str().unwrap(), &format!("local/{bucket}/page")]);
    let found = present(observe_object(&client, &bucket, "page", false, &never()).await.unwrap());
    assert_eq!(spec.content_of(&found), Content::Unknown);
    let seen = Expectation::Etag(found.etag);
    ensure_object(&client, &spec, &seen, &never()).await.unwrap();
    assert_eq!(server::content(&client, &bucket, "page").await, "the same");
}

/// Case 7.
#[tokio::test]
async fn a_header_that_somebody_changed_is_seen_although_the_etag_is_equal() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let mut spec = server::object(&bucket, "page", "text");
    spec.tags = Some(tags(&[("kept", "yes")]));
    let written = ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    client
        .sdk()
        .copy_object()
        .bucket(&bucket)
        .key("page")
        .copy_source(format!("{bucket}/page"))
        .metadata_directive(aws_sdk_s3::types::MetadataDirective::Replace)
        .content_type("text/html")
        .send()
        .await
        .unwrap();
    let found = present(observe_object(&client, &bucket, "page", true, &never()).await.unwrap());
    assert_eq!(found.etag, written.etag);
    assert_eq!(spec.content_of(&found), Content::Equal);
    assert!(!spec.describes(&found));
    let seen = Expectation::Etag(found.etag);
    let repaired = ensure_object(&client, &spec, &seen, &never()).await.unwrap();
    assert_eq!(repaired, ObjectState { version_id: repaired.version_id.clone(), ..written });
}

/// Case 8.
#[tokio::test]
async fn tags_are_compared_only_if_they_are_managed_and_never_lost() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let mut spec = server::object(&bucket, "page", "one");
    ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    let tagging = aws_sdk_s3::types::Tagging::builder()
        .tag_set(aws_sdk_s3::types::Tag::builder().key("by").value("hand").build().unwrap())
        .build()
        .unwrap();
    let request = client.sdk().put_object_tagging().bucket(&bucket).key("page").tagging(tagging);
    request.send().await.unwrap();

    // Nobody manages them: neither a difference, nor lost with new content.
    let silent = ensure_object(&client, &spec, &Expectation::Any, &never()).await.unwrap();
    assert_eq!((silent.tags, silent.has_tags), (None, true));
    let changed = server::object(&bucket, "page", "another");
    ensure_object(&client, &changed, &Expectation::Any, &never()).await.unwrap();
    let found = present(observe_object(&client, &bucket, "page", true, &never()).await.unwrap());
    assert_eq!(found.tags, Some(tags(&[("by", "hand")])));

    // Managed, they are what the configuration says, without new content.
    spec = changed;
    spec.tags = Some(tags(&[("by", "us")]));
    let seen = Expectation::Etag(found.etag.clone());
    let set = ensure_object(&client, &spec, &seen, &never()).await.unwrap();
    assert_eq!((&set.tags, &set.etag), (&spec.tags, &found.etag));
    let found = present(observe_object(&client, &bucket, "page", true, &never()).await.unwrap());
    assert_eq!(found.tags, spec.tags);
}

/// Case 9.
#[tokio::test]
async fn a_missing_key_bucket_and_a_delete_marker_are_told_apart() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let look = |bucket: String| {
        let client = client.clone();
        async move { observe_object(&client, &bucket, "page", true, &never()).await.unwrap() }
    };
    assert_eq!(look(bucket.clone()).await, Observed::Gone(Gone::Key));
    remove_bucket(&client, &bucket, false, &never()).await.unwrap();
    assert_eq!(look(bucket.clone()).await, Observed::Gone(Gone::Bucket));
    let spec = server::object(&bucket, "page", "text");
    let error = ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Gone(Gone::Bucket), "{error}");
    assert!(error.to_string().contains(&format!("`page` in bucket `{bucket}`")), "{error}");
    remove_object(&client, &bucket, "page", Some("any"), &never()).await.unwrap();

    let settings = Settings { versioning: Some(true), ..Settings::default() };
    let bucket = server::bucket_with(&client, settings).await;
    let spec = server::object(&bucket, "page", "text");
    let state = ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    assert!(state.version_id.is_some());
    remove_object(&client, &bucket, "page", Some(&state.etag), &never()).await.unwrap();
    let Observed::Gone(Gone::DeleteMarker { version_id: Some(marker) }) =
        look(bucket.clone()).await
    else {
        panic!("not a delete marker");
    };
    // A marker counts as nothing, so the object can be made again.
    let again = ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    assert!(again.version_id.is_some_and(|version| version != marker));
}

/// Case 11.
#[tokio::test]
async fn an_object_that_exists_is_adopted_only_if_it_is_equal() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let spec = server::object(&bucket, "page", "first");
    let first = ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    let adopted = ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    assert_eq!(first, adopted);

    let other = server::object(&bucket, "page", "other");
    let error = ensure_object(&client, &other, &Expectation::Absent, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Exists);
    let text = error.to_string();
    for hash in [&spec.fingerprint.sha256, &other.fingerprint.sha256] {
        assert!(text.contains(hash.as_str()), "{text}");
    }
    assert_eq!(server::content(&client, &bucket, "page").await, "first");

    // Seen at plan, then changed by somebody: an update and a delete leave it alone.
    let stale = Expectation::Etag("0123456789abcdef0123456789abcdef".to_owned());
    let error = ensure_object(&client, &other, &stale, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Precondition, "{error}");
    let error = remove_object(&client, &bucket, "page", Some("stale"), &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Precondition, "{error}");
    assert_eq!(server::content(&client, &bucket, "page").await, "first");
}

/// Case 12.
#[tokio::test]
async fn of_two_that_create_one_key_at_once_one_wins_and_the_other_is_told() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let mut races = 0;
    for round in 0..20 {
        let key = format!("page-{round}");
        let (one, two) =
            (server::object(&bucket, &key, "one"), server::object(&bucket, &key, "two"));
        let cancel = never();
        let results = futures::join!(
            ensure_object(&client, &one, &Expectation::Absent, &cancel),
            ensure_object(&client, &two, &Expectation::Absent, &cancel),
        );
        let (winner, error) = match results {
            (Ok(_), Err(error)) => ("one", error),
            (Err(error), Ok(_)) => ("two", error),
            other => panic!("{other:?}"),
        };
        match error.kind() {
            ErrorKind::Precondition => races += 1,
            ErrorKind::Exists => {}
            other => panic!("{other:?}: {error}"),
        }
        assert_eq!(server::content(&client, &bucket, &key).await, winner);
    }
    assert!(races > 0, "the two never met");
}

/// As much metadata as is accepted, the server takes too, and not a byte more.
#[tokio::test]
async fn metadata_is_limited_as_the_server_limits_it() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let spec = |length: usize| ObjectSpec {
        metadata: BTreeMap::from([("a".to_owned(), "x".repeat(length))]),
        ..server::object(&bucket, "page", "text")
    };
    let most = (0..3000).take_while(|length| spec(*length).validate().is_ok()).last().unwrap();
    ensure_object(&client, &spec(most), &Expectation::Absent, &never()).await.unwrap();
    let refused = spec(most + 1);
    let error = ensure_object(&client, &refused, &Expectation::Any, &never()).await.unwrap_err();
    assert!(error.to_string().contains("and S3 takes 2048"), "{error}");
    let request = client.sdk().put_object().bucket(&bucket).key("page");
    let hash = refused.fingerprint.sha256;
    let sent = request.metadata("a", "x".repeat(most + 1)).metadata("sha256", hash).send().await;
    let error = sent.unwrap_err().into_service_error();
    assert_eq!(error.meta().code(), Some("MetadataTooLarge"), "{error:?}");
}
