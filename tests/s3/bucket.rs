//! One bucket: created, configured, compared with what the server gives back, removed.

use terraform_provider_s3www::s3::BucketSpec;
use terraform_provider_s3www::s3::Client;
use terraform_provider_s3www::s3::ErrorKind;
use terraform_provider_s3www::s3::Expectation;
use terraform_provider_s3www::s3::Gone;
use terraform_provider_s3www::s3::Observed;
use terraform_provider_s3www::s3::bucket::Facets;
use terraform_provider_s3www::s3::bucket::ObjectLock;
use terraform_provider_s3www::s3::bucket::Retention;
use terraform_provider_s3www::s3::bucket::RetentionMode;
use terraform_provider_s3www::s3::bucket::RetentionPeriod;
use terraform_provider_s3www::s3::bucket::Settings;
use terraform_provider_s3www::s3::bucket::apply_settings;
use terraform_provider_s3www::s3::ensure_bucket;
use terraform_provider_s3www::s3::ensure_object;
use terraform_provider_s3www::s3::lifecycle;
use terraform_provider_s3www::s3::lifecycle::Expiration;
use terraform_provider_s3www::s3::lifecycle::Filter;
use terraform_provider_s3www::s3::lifecycle::LifecycleRule;
use terraform_provider_s3www::s3::lifecycle::NoncurrentExpiration;
use terraform_provider_s3www::s3::observe_bucket;
use terraform_provider_s3www::s3::policy::Policy;
use terraform_provider_s3www::s3::remove_bucket;
use terraform_provider_s3www::s3::tags::Tags;

use super::server;
use super::server::never;

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

async fn read(client: &Client, bucket: &str, facets: Facets) -> Settings {
    match observe_bucket(client, bucket, facets, &never()).await.unwrap() {
        Observed::Present(state) => state.settings,
        Observed::Gone(gone) => panic!("{gone}"),
    }
}

/// Applies settings and asserts that what the server gives back means the same.
async fn assert_round_trip(client: &Client, bucket: &str, wanted: Settings) {
    let spec = BucketSpec { bucket: bucket.to_owned(), settings: wanted.clone() };
    let applied = apply_settings(client, &spec, &never()).await.unwrap().settings;
    let found = read(client, bucket, Facets::of(&wanted)).await;
    assert_eq!(applied, found);
    let rules = |settings: &Settings| settings.lifecycle.clone().unwrap_or_default();
    assert!(lifecycle::same(&rules(&wanted), &rules(&found)), "{wanted:#?}\n{found:#?}");
    assert_eq!(Settings { lifecycle: found.lifecycle.clone(), ..wanted }, found);
}

fn policy(bucket: &str, statement: &str) -> Policy {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Id": "site", "Statement": [{}]}}"#,
        statement.replace("BUCKET", bucket)
    );
    Policy::parse(&text).unwrap()
}

/// Case 20.
#[tokio::test]
async fn every_setting_is_read_back_as_it_was_meant() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let none = read(&client, &bucket, Facets::ALL).await;
    assert_eq!(
        none,
        Settings {
            versioning: Some(false),
            object_lock: Some(ObjectLock::Disabled),
            policy: Some(Policy::none()),
            lifecycle: Some(Vec::new()),
            tags: Some(Tags::new()),
        }
    );
    assert_round_trip(&client, &bucket, none.clone()).await;

    for statement in [
        r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::BUCKET/*"}"#,
        r#"{"Sid": "b", "Effect": "Allow", "Principal": {"AWS": "*"},
            "Action": ["s3:ListBucketVersions", "s3:ListBucket", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::BUCKET"],
            "Condition": {"StringEquals": {"s3:prefix": "public/"}}},
           {"Sid": "a", "Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::BUCKET/*",
            "Condition": {"Bool": {"aws:SecureTransport": false}}}"#,
    ] {
        let wanted = policy(&bucket, statement);
        assert_round_trip(
            &client,
            &bucket,
            Settings { policy: Some(wanted), ..Settings::default() },
        )
        .await;
    }

    let rule = |days| LifecycleRule {
        enabled: true,
        expiration: Some(Expiration::Days(days)),
        ..LifecycleRule::default()
    };
    let prefix = |prefix: &str| Filter { prefix: prefix.to_owned(), ..Filter::default() };
    let rules = vec![
        LifecycleRule { id: Some("b".to_owned()), ..rule(3) },
        LifecycleRule { id: Some("a".to_owned()), filter: prefix("logs/"), ..rule(1) },
        LifecycleRule { filter: prefix("nameless/"), ..rule(2) },
        LifecycleRule { enabled: false, filter: prefix("off/"), ..rule(2) },
        LifecycleRule {
            filter: Filter { tags: tags(&[("temporary", "yes")]), ..Filter::default() },
            expiration: Some(Expiration::Date("2040-01-31".to_owned())),
            ..rule(1)
        },
        LifecycleRule {
            filter: Filter {
                prefix: "big/".to_owned(),
                tags: tags(&[("a", "1"), ("b", "2")]),
                size_greater_than: Some(1000),
                size_less_than: Some(100_000),
            },
            ..rule(4)
        },
        LifecycleRule {
            filter: prefix("versions/"),
            expiration: Some(Expiration::DeleteMarker),
            noncurrent_expiration: Some(NoncurrentExpiration { days: 5, newer_versions: Some(2) }),
            ..rule(1)
        },
    ];
    let lifecycle = |rules| Settings { lifecycle: Some(rules), ..Settings::default() };
    assert_round_trip(&client, &bucket, lifecycle(rules.clone())).await;
    assert_round_trip(&client, &bucket, lifecycle(vec![rule(9)])).await;

    for versioning in [true, false, true] {
        let settings = Settings { versioning: Some(versioning), ..Settings::default() };
        assert_round_trip(&client, &bucket, settings).await;
    }
    for wanted in [tags(&[("z", "1"), ("a", "x y+-=._:/@")]), tags(&[("a", "")])] {
        let settings = Settings { tags: Some(wanted), ..Settings::default() };
        assert_round_trip(&client, &bucket, settings).await;
    }

    // What nobody manages stays; then all of it goes.
    assert_round_trip(&client, &bucket, Settings::default()).await;
    let kept = read(&client, &bucket, Facets::ALL).await;
    assert_eq!(kept.tags, Some(tags(&[("a", "")])));
    assert_eq!(kept.lifecycle.map(|rules| rules.len()), Some(1));
    assert!(kept.policy.is_some_and(|policy| !policy.is_none()));
    assert_round_trip(&client, &bucket, none).await;
}

#[tokio::test]
async fn object_lock_is_for_new_buckets_only() {
    let client = server::shared().client();
    let lock = |retention| Settings {
        object_lock: Some(ObjectLock::Enabled { retention }),
        ..Settings::default()
    };
    let days = Retention { mode: RetentionMode::Governance, period: RetentionPeriod::Days(3) };
    let years = Retention { mode: RetentionMode::Compliance, period: RetentionPeriod::Years(1) };
    let bucket = server::bucket_with(&client, lock(Some(days))).await;
    let found = read(&client, &bucket, Facets::ALL).await;
    assert_eq!(found.versioning, Some(true));
    assert_round_trip(&client, &bucket, lock(Some(years))).await;
    assert_round_trip(&client, &bucket, lock(None)).await;

    let plain = server::fresh_bucket(&client).await;
    let spec = BucketSpec { bucket: plain, settings: lock(None) };
    let error = ensure_bucket(&client, &spec, true, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Invalid);
    assert!(error.to_string().contains("when a bucket is created"), "{error}");
}

#[tokio::test]
async fn a_bucket_that_exists_is_taken_over_only_on_request() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let spec = BucketSpec {
        bucket: bucket.clone(),
        settings: Settings { tags: Some(tags(&[("a", "b")])), ..Settings::default() },
    };
    let error = ensure_bucket(&client, &spec, false, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Exists);
    assert!(error.hint().unwrap().contains("adopt_existing"), "{error}");
    let state = ensure_bucket(&client, &spec, true, &never()).await.unwrap();
    assert_eq!(state.settings, spec.settings);
}

#[tokio::test]
async fn what_the_server_does_not_take_names_the_setting() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let foreign = policy(
        "another-bucket",
        r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::BUCKET/*"}"#,
    );
    let spec = BucketSpec {
        bucket: bucket.clone(),
        settings: Settings { policy: Some(foreign), ..Settings::default() },
    };
    let error = apply_settings(&client, &spec, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Invalid);
    assert!(error.to_string().starts_with(&format!("The policy of bucket `{bucket}`")), "{error}");
    assert!(error.to_string().contains("MalformedPolicy"), "{error}");
}

#[tokio::test]
async fn a_bucket_with_content_goes_only_by_force_and_then_with_every_version() {
    let client = server::shared().client();
    let settings = Settings { versioning: Some(true), ..Settings::default() };
    let bucket = server::bucket_with(&client, settings).await;
    for text in ["one", "two"] {
        let spec = server::object(&bucket, "page", text);
        ensure_object(&client, &spec, &Expectation::Any, &never()).await.unwrap();
    }
    let error = remove_bucket(&client, &bucket, false, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotEmpty);
    assert!(error.to_string().contains("holds `page` and more"), "{error}");
    assert_eq!(server::content(&client, &bucket, "page").await, "two");

    // A deleted object still has versions.
    client.sdk().delete_object().bucket(&bucket).key("page").send().await.unwrap();
    let error = remove_bucket(&client, &bucket, false, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotEmpty, "{error}");

    remove_bucket(&client, &bucket, true, &never()).await.unwrap();
    let found = observe_bucket(&client, &bucket, Facets::ALL, &never()).await.unwrap();
    assert_eq!(found, Observed::Gone(Gone::Bucket));
    for force in [false, true] {
        remove_bucket(&client, &bucket, force, &never()).await.unwrap();
    }
}

#[tokio::test]
async fn force_removes_more_objects_than_one_page_lists() {
    let client = server::shared().client();
    let bucket = server::fresh_bucket(&client).await;
    let puts = (0..1100)
        .map(|number| client.sdk().put_object().bucket(&bucket).key(format!("{number}")).send());
    let mut puts = futures::stream::StreamExt::buffer_unordered(futures::stream::iter(puts), 16);
    while let Some(put) = futures::stream::StreamExt::next(&mut puts).await {
        put.unwrap();
    }
    drop(puts);
    remove_bucket(&client, &bucket, true, &never()).await.unwrap();
    let found = observe_bucket(&client, &bucket, Facets::ALL, &never()).await.unwrap();
    assert_eq!(found, Observed::Gone(Gone::Bucket));
}

#[tokio::test]
async fn force_does_not_break_object_lock() {
    let client = server::shared().client();
    let retention = Retention { mode: RetentionMode::Governance, period: RetentionPeriod::Days(1) };
    let settings = Settings {
        object_lock: Some(ObjectLock::Enabled { retention: Some(retention) }),
        ..Settings::default()
    };
    let bucket = server::bucket_with(&client, settings).await;
    let spec = server::object(&bucket, "page", "protected");
    ensure_object(&client, &spec, &Expectation::Absent, &never()).await.unwrap();
    let error = remove_bucket(&client, &bucket, true, &never()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Locked, "{error}");
    assert!(error.to_string().contains("`page`"), "{error}");
    assert_eq!(server::content(&client, &bucket, "page").await, "protected");
}
