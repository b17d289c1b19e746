use serde_json::json;

use super::codec;
use super::codec::CodecError;
use super::history;
use super::history::Entry;
use super::name;
use super::name::NameError;
use super::*;

fn release() -> Release {
    serde_json::from_value(json!({
        "name": "site",
        "namespace": "web",
        "version": 3,
        "info": {
            "first_deployed": "2026-11-24T08:00:00.123456789+01:00",
            "last_deployed": "2026-11-24T09:00:00Z",
            "deleted": "",
            "description": "Upgrade complete",
            "status": "deployed",
            "notes": "look here",
            "rollback_revision": 2
        },
        "chart": {
            "metadata": { "name": "s3www", "version": "1.2.3", "appVersion": "v1.0.0" },
            "lock": null,
            "templates": [{ "name": "templates/a.yaml", "data": "YQ==", "modtime": "x" }],
            "values": { "replicas": 1 },
            "schema": "e30=",
            "files": null
        },
        "config": { "replicas": 2, "gone": null },
        "manifest": "---\n# Source: a\nkind: A\n",
        "hooks": [{
            "name": "load", "kind": "Job", "path": "templates/job.yaml", "manifest": "kind: Job",
            "events": ["post-install"],
            "last_run": { "started_at": "", "completed_at": "0001-01-01T00:00:00Z", "phase": "" },
            "weight": -5, "delete_policies": null
        }],
        "apply_method": "ssa",
        "future": [1]
    }))
    .unwrap()
}

#[test]
fn a_record_survives_encoding_with_what_we_do_not_know() {
    let release = release();
    let decoded = codec::decode(&codec::encode(&release).unwrap()).unwrap();
    assert_eq!(decoded, release);
    assert_eq!(decoded.other["future"], json!([1]));
    assert_eq!(decoded.info.other["rollback_revision"], json!(2));
    assert_eq!(decoded.chart.templates[0].other["modtime"], json!("x"));
    assert_eq!(decoded.chart.templates[0].data, b"a");
    assert_eq!(decoded.chart.schema.as_deref(), Some(b"{}".as_slice()));
    assert_eq!(decoded.hooks[0].weight, -5);
    assert_eq!(decoded.config["gone"], Value::Null);
    assert_eq!(decoded.info.first_deployed.unwrap().to_string(), "2026-11-24T07:00:00.123456789Z");
}

#[test]
fn the_json_has_the_shape_that_both_helm_versions_read() {
    let value = serde_json::to_value(release()).unwrap();
    assert_eq!(value["version"], json!(3));
    assert_eq!(value["apply_method"], json!("ssa"));
    assert_eq!(value["info"]["deleted"], json!(""));
    assert_eq!(value["info"]["status"], json!("deployed"));
    assert_eq!(value["chart"]["lock"], Value::Null);
    assert_eq!(value["chart"]["schema"], json!("e30="));
    assert_eq!(value["chart"]["files"], json!([]));
    assert_eq!(value["hooks"][0]["last_run"]["completed_at"], json!(""));
    let mut without = release();
    without.hooks.clear();
    without.apply_method.clear();
    without.chart.schema = None;
    let value = serde_json::to_value(without).unwrap();
    assert_eq!(value.get("hooks"), None);
    assert_eq!(value.get("apply_method"), None);
    assert_eq!(value["chart"]["schema"], Value::Null);
}

#[test]
fn an_uncompressed_record_is_read() {
    use base64::Engine as _;
    let json = serde_json::to_vec(&release()).unwrap();
    let data = base64::engine::general_purpose::STANDARD.encode(json);
    assert_eq!(codec::decode(data.as_bytes()).unwrap(), release());
}

#[test]
fn a_bad_record_is_an_error_that_quotes_nothing_of_it() {
    use base64::Engine as _;
    assert!(matches!(codec::decode(b"%%"), Err(CodecError::Base64(_))));
    let data = base64::engine::general_purpose::STANDARD.encode(br#"{"name": {"hunter2": 1}}"#);
    let text = codec::decode(data.as_bytes()).unwrap_err().to_string();
    assert!(text.contains("line 1"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    let cut = codec::encode(&release()).unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(cut).unwrap();
    let cut = base64::engine::general_purpose::STANDARD.encode(&bytes[..bytes.len() / 2]);
    assert!(matches!(codec::decode(cut.as_bytes()), Err(CodecError::Compression(_))));
}

#[test]
fn a_record_that_does_not_fit_into_a_secret_is_refused() {
    let mut release = release();
    // Text that gzip cannot shorten by much.
    let mut state = 1_u64;
    release.manifest = (0..1_600_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
        })
        .collect();
    let error = codec::encode(&release).unwrap_err();
    assert!(matches!(error, CodecError::TooLarge { .. }), "{error}");
}

#[test]
fn statuses_are_read_and_written_by_helms_names() {
    for status in [
        Status::Unknown,
        Status::Deployed,
        Status::Uninstalled,
        Status::Superseded,
        Status::Failed,
        Status::Uninstalling,
        Status::PendingInstall,
        Status::PendingUpgrade,
        Status::PendingRollback,
    ] {
        assert_eq!(status.as_str().parse(), Ok(status));
        assert_eq!(serde_json::to_value(status).unwrap(), json!(status.as_str()));
        assert_eq!(serde_json::from_value::<Status>(json!(status.as_str())).unwrap(), status);
    }
    assert_eq!(serde_json::from_value::<Status>(json!("new-state")).unwrap(), Status::Unknown);
}

#[test]
fn the_labels_are_helms() {
    let created = Timestamp::from_second(1_700_000_000).unwrap();
    let modified = Timestamp::from_second(1_700_000_009).unwrap();
    let labels = release().labels(created, Some(modified));
    let expected = [
        ("createdAt", "1700000000"),
        ("modifiedAt", "1700000009"),
        ("name", "site"),
        ("owner", "helm"),
        ("status", "deployed"),
        ("version", "3"),
    ];
    let found: Vec<_> = labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(found, expected);
    assert_eq!(release().labels(created, None).get("modifiedAt"), None);
    assert_eq!(release().secret_name(), "sh.helm.release.v1.site.v3");
}

#[test]
fn names_follow_helms_rule() {
    for good in ["a", "site", "my-site.v2", "0", &"a".repeat(53)] {
        assert_eq!(name::validate(good), Ok(()), "{good}");
    }
    assert_eq!(name::validate(""), Err(NameError::Empty));
    assert!(matches!(name::validate(&"a".repeat(54)), Err(NameError::TooLong { length: 54, .. })));
    for bad in ["Site", "-a", "a-", "a..b", ".a", "a.", "a_b", "ä", "a b", "a.-b"] {
        assert!(matches!(name::validate(bad), Err(NameError::Malformed { .. })), "{bad}");
    }
}

fn entries(list: &[(u32, Status)]) -> Vec<Entry> {
    list.iter().map(|(revision, status)| Entry { revision: *revision, status: *status }).collect()
}

#[test]
fn pruning_keeps_the_newest_and_the_one_that_serves() {
    use Status::Deployed;
    use Status::Failed;
    use Status::Superseded;
    let history = entries(&[(1, Superseded), (2, Deployed), (3, Failed), (4, Failed), (5, Failed)]);
    assert_eq!(history::to_prune(&history, 0), Vec::<u32>::new());
    assert_eq!(history::to_prune(&history, 10), Vec::<u32>::new());
    assert_eq!(history::to_prune(&history, 5), Vec::<u32>::new());
    assert_eq!(history::to_prune(&history, 3), [1, 3]);
    assert_eq!(history::to_prune(&history, 1), [1, 3, 4]);
    assert_eq!(history::latest(&history).unwrap().revision, 5);
    assert_eq!(history::deployed(&history).unwrap().revision, 2);
    assert_eq!(history::last_good(&history).unwrap().revision, 2);
    assert_eq!(history::next_revision(&history), 6);
    assert_eq!(history::next_revision(&[]), 1);
    assert_eq!(history::to_prune(&[], 3), Vec::<u32>::new());
}
