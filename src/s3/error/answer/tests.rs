use super::*;

fn answer(status: u16, code: Option<&str>, message: &str) -> Answer {
    Answer {
        status,
        code: code.map(str::to_owned),
        message: Some(message.to_owned()),
        marker: false,
        version_id: None,
    }
}

#[test]
fn only_the_servers_own_word_is_gone() {
    assert_eq!(answer(404, Some("NoSuchBucket"), "").kind(), ErrorKind::Gone(Gone::Bucket));
    assert_eq!(answer(404, Some("NoSuchKey"), "").kind(), ErrorKind::Gone(Gone::Key));
    let marker = Answer {
        marker: true,
        version_id: Some("v1".to_owned()),
        ..answer(404, Some("NoSuchKey"), "")
    };
    let gone = Gone::DeleteMarker { version_id: Some("v1".to_owned()) };
    assert!(gone.to_string().contains("`v1`"));
    assert_eq!(marker.kind(), ErrorKind::Gone(gone));

    for (status, code) in
        [(404, None), (404, Some("XMinioNoSuchThing")), (403, Some("NoSuchKey")), (405, None)]
    {
        let kind = answer(status, code, "").kind();
        assert!(!matches!(kind, ErrorKind::Gone(_)), "{status} {code:?}: {kind:?}");
    }
}

#[test]
fn every_documented_answer_has_its_class() {
    for (status, code, message, kind) in [
        (403, None, "", ErrorKind::Denied),
        (403, Some("AccessDenied"), "Access Denied.", ErrorKind::Denied),
        (403, Some("InvalidAccessKeyId"), "", ErrorKind::Denied),
        (403, Some("SignatureDoesNotMatch"), "", ErrorKind::Denied),
        (403, Some("RequestTimeTooSkewed"), "", ErrorKind::Clock),
        (412, None, "", ErrorKind::Precondition),
        (412, Some("PreconditionFailed"), "", ErrorKind::Precondition),
        (404, Some("NoSuchUpload"), "", ErrorKind::Precondition),
        (409, Some("BucketAlreadyOwnedByYou"), "", ErrorKind::Exists),
        (409, Some("BucketNotEmpty"), "", ErrorKind::NotEmpty),
        (
            400,
            Some("InvalidRequest"),
            "Object is WORM protected and cannot be overwritten",
            ErrorKind::Locked,
        ),
        (400, Some("XAmzContentChecksumMismatch"), "", ErrorKind::SourceChanged),
        (400, Some("BadDigest"), "", ErrorKind::SourceChanged),
        (503, Some("XMinioServerNotInitialized"), "", ErrorKind::Busy),
        (503, Some("SlowDown"), "", ErrorKind::Busy),
        (500, Some("InternalError"), "", ErrorKind::Busy),
        (502, None, "", ErrorKind::Busy),
        (501, Some("NotImplemented"), "", ErrorKind::Unsupported),
        (400, Some("InvalidStorageClass"), "", ErrorKind::Invalid),
        (404, None, "", ErrorKind::Other),
    ] {
        let answer = answer(status, code, message);
        assert_eq!(answer.kind(), kind, "{answer:?}");
        let reason = answer.reason();
        assert!(reason.contains(&status.to_string()), "{reason}");
        assert!(code.is_none_or(|code| reason.contains(code)), "{reason}");
        assert!(!reason.ends_with('.'), "{reason}");
    }
}
