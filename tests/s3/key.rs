//! Keys: what is accepted is stored under that very key; what is refused, the server would not
//! have kept. The rules themselves are tested beside them.

use terraform_provider_s3www::s3::ErrorKind;
use terraform_provider_s3www::s3::Expectation;
use terraform_provider_s3www::s3::Observed;
use terraform_provider_s3www::s3::ensure_object;
use terraform_provider_s3www::s3::key;
use terraform_provider_s3www::s3::observe_object;
use terraform_provider_s3www::s3::remove_bucket;
use terraform_provider_s3www::s3::remove_object;

use super::server;

/// Keys that are odd, and kept as they are.
pub const ODD: [&str; 25] = [
    "a b",
    " lead",
    "trail ",
    "a+b",
    "100%",
    "%20",
    "%2F",
    "?&#=",
    "<>&\"'",
    ":|*",
    "~^{}[]",
    "a\\b",
    "tab\there",
    "line\nbreak",
    "cr\r",
    "\u{1}",
    "\u{7f}",
    "😀",
    "\u{202e}x",
    "...",
    ".hidden",
    "trail/",
    "xl.meta",
    ".minio.sys/x",
    "é",
];

#[tokio::test]
async fn every_accepted_key_is_the_key_that_is_stored() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let segment = "s".repeat(255);
    let longest = format!("{}{}", "a/".repeat(500), "b".repeat(23));
    let others = ["e\u{301}", "A", "a", "p", "p/q", "t", "t/", "p/q/r", &longest, &segment];
    let keys: Vec<&str> = ODD.into_iter().chain(others).collect();
    for name in &keys {
        assert_eq!(key::validate(name), Ok(()), "{name:?}");
        // Each has content of its own, so that two keys that are one would show.
        let spec = server::object(&bucket, name, name.escape_unicode().to_string());
        let state =
            ensure_object(&client, &spec, &Expectation::Absent, &server::never()).await.unwrap();
        assert_eq!(state.crc64nvme.as_deref(), Some(spec.fingerprint.crc64nvme.as_str()));
        // A copy names its source in a header, where the key is encoded by us.
        let mut retyped = spec.clone();
        retyped.headers.content_type = Some("text/html".to_owned());
        let seen = Expectation::Etag(state.etag);
        ensure_object(&client, &retyped, &seen, &server::never()).await.unwrap();
    }
    for name in &keys {
        let stored = server::content(&client, &bucket, name).await;
        assert_eq!(stored, name.escape_unicode().to_string(), "{name:?}");
    }
    let listed = client.sdk().list_objects_v2().bucket(&bucket).send().await.unwrap();
    let mut listed: Vec<_> =
        listed.contents().iter().map(|object| object.key().unwrap().to_owned()).collect();
    // MinIO keeps, but does not list, what lies under a key that is an object itself.
    let hidden = |name: &str| keys.iter().any(|key| name.starts_with(&format!("{key}/")));
    let mut expected: Vec<_> = keys
        .iter()
        .filter(|name| !hidden(name) || name.ends_with('/'))
        .map(|name| (*name).to_owned())
        .collect();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);

    for name in ["a b", "?&#=", "line\nbreak", "t/"] {
        remove_object(&client, &bucket, name, None, &server::never()).await.unwrap();
        let found = observe_object(&client, &bucket, name, false, &server::never()).await.unwrap();
        assert!(matches!(found, Observed::Gone(_)), "{name:?}");
    }
    // The rest goes with the bucket, whatever its keys are.
    remove_bucket(&client, &bucket, true, &server::never()).await.unwrap();
}

#[tokio::test]
async fn every_refused_key_is_one_that_the_server_does_not_keep() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let segment = "s".repeat(256);
    let long = "k/".repeat(512) + "k";
    for name in [
        "a//b",
        ".",
        "..",
        "./x",
        "a/../x",
        "a\\..\\b",
        &segment,
        &long,
        "/lead",
        "x__XLDIR__",
        "x\u{ffff}",
    ] {
        key::validate(name).unwrap_err();
        let put = client.sdk().put_object().bucket(&bucket).key(name).send().await;
        let listed = client.sdk().list_objects_v2().bucket(&bucket).send().await.unwrap();
        let listed = listed.contents().iter().any(|object| object.key() == Some(name));
        assert!(put.is_err() || !listed, "{name:?} is kept by the server, so why refuse it?");
    }
    // What the server keeps but does not list under its name ends in an error, not in a circle.
    let error = remove_bucket(&client, &bucket, true, &server::never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotEmpty, "{error}");
}
