use std::collections::BTreeMap;

use bytes::Bytes;

use super::*;
use crate::s3::checksum::Fingerprint;

fn spec() -> ObjectSpec {
    ObjectSpec {
        bucket: "site".to_owned(),
        key: "index.html".to_owned(),
        source: Source::Bytes(Bytes::from_static(b"<h1>Hello</h1>")),
        fingerprint: Fingerprint::of_bytes(b"<h1>Hello</h1>"),
        headers: Headers { content_type: Some("text/html".to_owned()), ..Headers::default() },
        metadata: BTreeMap::from([("owner".to_owned(), "web".to_owned())]),
        storage_class: None,
        tags: None,
    }
}

/// Returns the state of an object that is exactly what [`spec`] wants.
fn state() -> ObjectState {
    let spec = spec();
    ObjectState {
        etag: "e1".to_owned(),
        version_id: None,
        size: spec.fingerprint.size,
        crc64nvme: Some(spec.fingerprint.crc64nvme),
        other_checksum: None,
        sha256: Some(spec.fingerprint.sha256),
        headers: spec.headers,
        metadata: spec.metadata,
        storage_class: None,
        tags: None,
        has_tags: false,
    }
}

/// Decides with what the checksum alone says.
fn step<'a>(
    spec: &ObjectSpec,
    present: Option<&'a ObjectState>,
    expectation: &Expectation,
) -> Result<Step<'a>, (Conflict, &'a ObjectState)> {
    let content = present.map_or(Content::Different, |state| spec.content_of(state));
    next_step(spec, present, content, expectation)
}

#[test]
fn an_equal_object_is_left_alone_whatever_was_expected() {
    for expectation in
        [Expectation::Absent, Expectation::Any, Expectation::Etag("other".to_owned())]
    {
        assert_eq!(step(&spec(), Some(&state()), &expectation), Ok(Step::Nothing));
    }
    let standard = ObjectSpec { storage_class: Some("STANDARD".to_owned()), ..spec() };
    assert_eq!(step(&standard, Some(&state()), &Expectation::Any), Ok(Step::Nothing));
}

#[test]
fn what_is_missing_is_uploaded_unless_somebody_else_does_meanwhile() {
    for expectation in [Expectation::Absent, Expectation::Any, Expectation::Etag("e1".to_owned())] {
        let any = expectation == Expectation::Any;
        let condition = if any { Condition::Any } else { Condition::Absent };
        assert_eq!(step(&spec(), None, &expectation), Ok(Step::Upload(condition)));
    }
}

#[test]
fn only_other_content_is_uploaded_again() {
    let seen = Expectation::Etag("e1".to_owned());
    let rewrite = Ok(Step::Rewrite { etag: "e1".to_owned() });
    let upload = Ok(Step::Upload(Condition::Etag("e1".to_owned())));
    let mut other_type = state();
    other_type.headers.content_type = Some("text/plain".to_owned());
    let mut more_metadata = state();
    more_metadata.metadata.insert("x".to_owned(), String::new());
    let rewritten = [
        other_type,
        more_metadata,
        ObjectState { sha256: None, ..state() },
        ObjectState { storage_class: Some("REDUCED_REDUNDANCY".to_owned()), ..state() },
    ];
    for state in rewritten {
        assert_eq!(step(&spec(), Some(&state), &seen), rewrite, "{state:?}");
    }
    for state in [
        ObjectState { size: 1, crc64nvme: None, ..state() },
        ObjectState { crc64nvme: Some("AAAAAAAAAAA=".to_owned()), ..state() },
    ] {
        assert_eq!(step(&spec(), Some(&state), &seen), upload, "{state:?}");
        let any = step(&spec(), Some(&state), &Expectation::Any);
        assert_eq!(any, Ok(Step::Upload(Condition::Any)), "{state:?}");
    }
}

#[test]
fn content_without_a_checksum_gets_one_unless_it_was_compared_otherwise() {
    let seen = Expectation::Etag("e1".to_owned());
    let foreign = ObjectState { crc64nvme: None, sha256: None, ..state() };
    let decide = |content, expectation: &Expectation| {
        next_step(&spec(), Some(&foreign), content, expectation)
    };
    assert_eq!(decide(Content::Unknown, &seen), Ok(Step::AddChecksum(&foreign)));
    let rewrite = Ok(Step::Rewrite { etag: "e1".to_owned() });
    assert_eq!(decide(Content::Equal, &seen), rewrite);
    let upload = Ok(Step::Upload(Condition::Etag("e1".to_owned())));
    assert_eq!(decide(Content::Different, &seen), upload);

    // Only what is equal is taken over by somebody who expected nothing.
    assert_eq!(decide(Content::Equal, &Expectation::Absent), rewrite);
    for content in [Content::Unknown, Content::Different] {
        let refused = Err((Conflict::Exists, &foreign));
        assert_eq!(decide(content, &Expectation::Absent), refused);
    }
    let retyped = ObjectState { headers: Headers::default(), ..foreign.clone() };
    let step = next_step(&spec(), Some(&retyped), Content::Equal, &Expectation::Absent);
    assert_eq!(step, Err((Conflict::Exists, &retyped)));

    // What the server cannot copy is uploaded.
    let huge = ObjectState { size: LARGEST_COPY + 1, ..foreign.clone() };
    let step = next_step(&spec(), Some(&huge), Content::Unknown, &seen);
    assert_eq!(step, Ok(Step::Upload(Condition::Etag("e1".to_owned()))));
}

#[test]
fn an_object_nobody_planned_for_is_not_overwritten() {
    let foreign = ObjectState { crc64nvme: Some("AAAAAAAAAAA=".to_owned()), ..state() };
    let found = step(&spec(), Some(&foreign), &Expectation::Absent);
    assert_eq!(found, Err((Conflict::Exists, &foreign)));
    let found = step(&spec(), Some(&foreign), &Expectation::Etag("e0".to_owned()));
    assert_eq!(found, Err((Conflict::Changed, &foreign)));
    let mut retyped = state();
    retyped.headers.content_type = None;
    let found = step(&spec(), Some(&retyped), &Expectation::Absent);
    assert_eq!(found, Err((Conflict::Exists, &retyped)));
}

#[test]
fn what_no_server_takes_is_told_by_name() {
    let metadata = |key: &str, value: &str| ObjectSpec {
        metadata: BTreeMap::from([(key.to_owned(), value.to_owned())]),
        ..spec()
    };
    let cache_control = |value: &str| {
        let mut spec = spec();
        spec.headers.cache_control = Some(value.to_owned());
        spec
    };
    for (spec, reason) in [
        (metadata("Owner", "x"), "`Owner`"),
        (metadata("", "x"), "lower-case"),
        (metadata("sha256", "x"), "kept for"),
        (metadata("owner", "für"), "printable ASCII"),
        (metadata("owner", " x"), "begins or ends"),
        (metadata("owner", &"x".repeat(1952)), "2049 bytes"),
        (cache_control("a\nb"), "`cache_control`"),
        (ObjectSpec { key: "/x".to_owned(), ..spec() }, "`/x`"),
        (ObjectSpec { bucket: "X".to_owned(), ..spec() }, "`X`"),
    ] {
        let message = spec.validate().unwrap_err().to_string();
        assert!(message.contains(reason), "{message}");
    }
    spec().validate().unwrap();
    metadata("owner", &"x".repeat(1951)).validate().unwrap();
}
