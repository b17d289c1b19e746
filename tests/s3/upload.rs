//! Content of every size, content that changes under the upload, and uploads that end early.

use std::io::Write;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use tempfile::NamedTempFile;
use terraform_provider_s3www::s3::Endpoint;
use terraform_provider_s3www::s3::ErrorKind;
use terraform_provider_s3www::s3::Expectation;
use terraform_provider_s3www::s3::Gone;
use terraform_provider_s3www::s3::ObjectSpec;
use terraform_provider_s3www::s3::Observed;
use terraform_provider_s3www::s3::Source;
use terraform_provider_s3www::s3::bucket::Settings;
use terraform_provider_s3www::s3::checksum::Fingerprint;
use terraform_provider_s3www::s3::ensure_object;
use terraform_provider_s3www::s3::observe_object;

use super::server;
use super::server::Server;
use super::server::Stalling;
use super::server::never;
use crate::support::noise;

const MIB: usize = 1024 * 1024;

/// Returns a file of bytes that repeat nowhere near a part's size.
fn file_of(size: usize) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&noise(size)).unwrap();
    file
}

async fn spec_of(bucket: &str, key: &str, file: &NamedTempFile) -> ObjectSpec {
    ObjectSpec {
        fingerprint: Fingerprint::of_file(file.path(), &never()).await.unwrap(),
        source: Source::File(file.path().to_owned()),
        ..server::object(bucket, key, "")
    }
}

/// Case 1, over plain HTTP (bodies signed) and through a connector (unsigned).
#[tokio::test]
async fn content_of_every_size_has_the_planned_checksum() {
    let server = server::shared();
    let direct = server.client();
    let tunnel = Stalling::client(&server.endpoint(), usize::MAX);
    let bucket = server::fresh_bucket(&direct).await;
    for size in [0, 1, 16 * MIB - 1, 16 * MIB, 16 * MIB + 1, 66 * MIB] {
        let file = file_of(size);
        for (client, way) in [(&direct, "direct"), (&tunnel, "tunnel")] {
            let key = format!("{way}-{size}");
            let spec = spec_of(&bucket, &key, &file).await;
            let state = ensure_object(client, &spec, &Expectation::Absent, &never()).await.unwrap();
            assert_eq!(state.size, size as u64);
            assert_eq!(state.crc64nvme.as_deref(), Some(spec.fingerprint.crc64nvme.as_str()));
            assert_eq!(state.sha256.as_deref(), Some(spec.fingerprint.sha256.as_str()));
            let stored = server::content(client, &bucket, &key).await;
            assert_eq!(Fingerprint::of_bytes(&stored), spec.fingerprint, "{key}");
            assert!(server::incomplete(client, &bucket, &key).await.is_empty());
        }
        // The same from memory.
        let key = format!("memory-{size}");
        let content = std::fs::read(file.path()).unwrap();
        let spec = server::object(&bucket, &key, content);
        let state = ensure_object(&direct, &spec, &Expectation::Absent, &never()).await.unwrap();
        assert_eq!(state.crc64nvme.as_deref(), Some(spec.fingerprint.crc64nvme.as_str()));
    }
}

/// Case 3.
#[tokio::test]
async fn a_source_that_changed_after_the_plan_is_refused_and_nothing_is_stored() {
    let server = server::shared();
    let client = server.client();
    let tunnel = Stalling::client(&server.endpoint(), usize::MAX);
    let bucket = server::fresh_bucket(&client).await;
    for (client, way) in [(&client, "direct"), (&tunnel, "tunnel")] {
        for size in [1000, 20 * MIB] {
            let key = format!("{way}-{size}");
            let mut file = file_of(size);
            let spec = spec_of(&bucket, &key, &file).await;
            // Equal size, other bytes.
            file.as_file_mut().set_len(0).unwrap();
            let other = vec![b'x'; size];
            std::fs::write(file.path(), other).unwrap();
            let error =
                ensure_object(client, &spec, &Expectation::Absent, &never()).await.unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::SourceChanged, "{key}: {error}");
            // Another size is told before anything is sent.
            std::fs::write(file.path(), "short").unwrap();
            let error =
                ensure_object(client, &spec, &Expectation::Absent, &never()).await.unwrap_err();
            assert!(error.to_string().contains("5 bytes now"), "{key}: {error}");
            // And no source at all is told by name.
            drop(file);
            let error =
                ensure_object(client, &spec, &Expectation::Absent, &never()).await.unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Source, "{key}: {error}");
            assert!(error.to_string().contains("No such file"), "{key}: {error}");

            let found = observe_object(client, &bucket, &key, false, &never()).await.unwrap();
            assert_eq!(found, Observed::Gone(Gone::Key), "{key}");
            assert!(server::incomplete(client, &bucket, &key).await.is_empty(), "{key}");
        }
    }
}

/// The half of case 4 that hyper reports: a body that ends before its announced length.
#[tokio::test]
async fn a_body_that_fails_is_the_fault_of_the_source_and_not_of_the_connection() {
    let client = Stalling::client(&server::shared().endpoint(), usize::MAX);
    let bucket = server::fresh_bucket(&client).await;
    let broken = futures::stream::once(async {
        Err::<hyper::body::Frame<bytes::Bytes>, _>(std::io::Error::other("the disk fails"))
    });
    let body = http_body_util::StreamBody::new(broken);
    let error = client
        .sdk()
        .put_object()
        .bucket(&bucket)
        .key("page")
        .content_length(10)
        .body(ByteStream::from_body_1_x(body))
        .send()
        .await
        .unwrap_err();
    let SdkError::DispatchFailure(failure) = error else { panic!("{error:?}") };
    assert!(failure.is_user(), "{failure:?}");
}

/// Case 4: the file shrinks while its parts are on their way.
#[tokio::test]
async fn a_source_that_is_cut_during_the_upload_ends_it() {
    let server = server::shared();
    let client = server.client();
    let bucket = server::fresh_bucket(&client).await;
    let file = file_of(400 * MIB);
    let spec = spec_of(&bucket, "page", &file).await;
    let tunnel = Stalling::client(&server.endpoint(), usize::MAX);
    let cancel = never();
    let upload = ensure_object(&tunnel, &spec, &Expectation::Absent, &cancel);
    let cut = async {
        until(Duration::from_mins(1), || async {
            server::incomplete(&client, &bucket, "page").await.iter().sum::<usize>() > 0
        })
        .await;
        file.as_file().set_len(1).unwrap();
    };
    let (result, ()) = futures::join!(upload, cut);
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::SourceChanged, "{error}");
    let found = observe_object(&client, &bucket, "page", false, &never()).await.unwrap();
    assert_eq!(found, Observed::Gone(Gone::Key));
    assert!(server::incomplete(&client, &bucket, "page").await.is_empty());
}

/// Opening a pipe would wait for somebody who writes to it.
#[tokio::test]
async fn a_pipe_is_no_source_and_nobody_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let cancel = never();
    let reading = Fingerprint::of_file(&pipe, &cancel);
    let error = tokio::time::timeout(Duration::from_secs(10), reading).await.unwrap().unwrap_err();
    assert!(error.to_string().ends_with("it is not a regular file."), "{error}");
}

/// Case 14.
#[tokio::test]
async fn cancelling_in_the_middle_of_a_part_ends_at_once_and_leaves_nothing() {
    let server = server::shared();
    let client = server.client();
    let bucket = server::fresh_bucket(&client).await;
    let file = file_of(100 * MIB);
    let spec = spec_of(&bucket, "page", &file).await;
    // Enough for one part at least, and not for all.
    let stalling = Stalling::client(&server.endpoint(), 72 * MIB);
    let cancel = never();
    let upload = ensure_object(&stalling, &spec, &Expectation::Absent, &cancel);
    let stop = async {
        until(Duration::from_mins(1), || async {
            server::incomplete(&client, &bucket, "page").await.iter().sum::<usize>() > 0
        })
        .await;
        cancel.cancel();
        Instant::now()
    };
    let (result, stopped) = futures::join!(upload, stop);
    assert!(stopped.elapsed() < Duration::from_secs(2), "{:?}", stopped.elapsed());
    assert_eq!(result.unwrap_err().kind(), &ErrorKind::Cancelled);
    assert!(server::incomplete(&client, &bucket, "page").await.is_empty());

    // A small object, and one that is cancelled before it begins.
    let error = ensure_object(
        &client,
        &server::object(&bucket, "small", "x"),
        &Expectation::Absent,
        &cancel,
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Cancelled);
    let found = observe_object(&client, &bucket, "small", false, &never()).await.unwrap();
    assert_eq!(found, Observed::Gone(Gone::Key));
}

/// Case 13: the process that uploads is killed, the server restarted, then the upload repeated.
#[tokio::test]
async fn what_a_killed_upload_leaves_is_gone_after_the_next() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data);
    let client = server.client();
    let bucket = server::fresh_bucket(&client).await;
    let file = file_of(100 * MIB);

    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "s3::upload::child_uploads_until_it_is_killed"])
        .env("CHILD_BUCKET", &bucket)
        .env("CHILD_FILE", file.path())
        .env("CHILD_URL", server.endpoint().url)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let parts_are_there = until(Duration::from_mins(1), || async {
        server::incomplete(&client, &bucket, "page").await.iter().sum::<usize>() > 0
    });
    parts_are_there.await;
    child.kill().unwrap();
    child.wait().unwrap();
    server.stop();

    let server = Server::start(&data);
    let client = server.client();
    assert!(!server::incomplete(&client, &bucket, "page").await.is_empty());
    let spec = spec_of(&bucket, "page", &file).await;
    ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    assert!(server::incomplete(&client, &bucket, "page").await.is_empty());
}

#[tokio::test]
#[ignore = "runs as the child of `what_a_killed_upload_leaves_is_gone_after_the_next`"]
async fn child_uploads_until_it_is_killed() {
    let variable = |name| std::env::var(name).expect("set by the parent");
    let endpoint = Endpoint { url: variable("CHILD_URL"), ..server::endpoint("http", 0) };
    let client = Stalling::client(&endpoint, 72 * MIB);
    let path: std::path::PathBuf = variable("CHILD_FILE").into();
    let spec = ObjectSpec {
        fingerprint: Fingerprint::of_file(&path, &never()).await.unwrap(),
        source: Source::File(path),
        ..server::object(&variable("CHILD_BUCKET"), "page", "")
    };
    // The streams stall, so this only ends if the parent does not kill it.
    ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
}

/// The losing one of two uploads in parts is told, and leaves nothing.
#[tokio::test]
async fn an_upload_in_parts_does_not_overwrite_what_came_in_between() {
    let server = server::shared();
    let client = server.client();
    let settings = Settings { versioning: Some(true), ..Settings::default() };
    let bucket = server::bucket_with(&client, settings).await;
    let file = file_of(100 * MIB);
    let spec = spec_of(&bucket, "page", &file).await;
    let cancel = never();
    let upload = ensure_object(&client, &spec, &Expectation::Absent, &cancel);
    let intruder = async {
        until(Duration::from_mins(1), || async {
            !server::incomplete(&client, &bucket, "page").await.is_empty()
        })
        .await;
        client.sdk().put_object().bucket(&bucket).key("page").send().await.unwrap();
    };
    let (result, ()) = futures::join!(upload, intruder);
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Precondition, "{error}");
    assert!(server::content(&client, &bucket, "page").await.is_empty());
    assert!(server::incomplete(&client, &bucket, "page").await.is_empty());
}

/// Waits until a condition holds, and fails if it does not in time.
async fn until<F: Future<Output = bool>>(limit: Duration, condition: impl Fn() -> F) {
    let deadline = Instant::now() + limit;
    while !condition().await {
        assert!(Instant::now() < deadline, "the condition did not come true");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
