use super::*;

fn expire(days: i32) -> LifecycleRule {
    LifecycleRule {
        enabled: true,
        expiration: Some(Expiration::Days(days)),
        ..LifecycleRule::default()
    }
}

#[test]
fn a_rule_survives_the_sdks_form() {
    let tag = |key: &str| Tags::from([(key.to_owned(), "x".to_owned())]);
    let prefix = |prefix: &str| Filter { prefix: prefix.to_owned(), ..Filter::default() };
    for rule in [
        expire(7),
        LifecycleRule { enabled: false, filter: prefix("logs/"), ..expire(1) },
        LifecycleRule { filter: Filter { tags: tag("a"), ..Filter::default() }, ..expire(1) },
        LifecycleRule {
            filter: Filter {
                prefix: "logs/".to_owned(),
                tags: Tags::from([
                    ("a".to_owned(), String::new()),
                    ("b".to_owned(), "y".to_owned()),
                ]),
                size_greater_than: Some(1),
                size_less_than: Some(1_000_000),
            },
            ..expire(1)
        },
        LifecycleRule { expiration: Some(Expiration::Date("2030-01-31".to_owned())), ..expire(1) },
        LifecycleRule {
            expiration: Some(Expiration::DeleteMarker),
            noncurrent_expiration: Some(NoncurrentExpiration { days: 3, newer_versions: Some(2) }),
            ..expire(1)
        },
        LifecycleRule {
            transition: Some(Transition { days: 0, storage_class: "COLD".to_owned() }),
            noncurrent_transition: Some(NoncurrentTransition {
                days: 2,
                storage_class: "COLD".to_owned(),
            }),
            ..expire(9)
        },
    ] {
        validate(std::slice::from_ref(&rule)).unwrap();
        let back = LifecycleRule::from_sdk(&rule.to_sdk().unwrap());
        assert!(
            same(std::slice::from_ref(&rule), std::slice::from_ref(&back)),
            "{rule:?}\n{back:?}"
        );
    }
}

#[test]
fn order_and_missing_ids_mean_nothing_but_content_does() {
    let named = LifecycleRule { id: Some("named".to_owned()), ..expire(2) };
    let written = [expire(1), named.clone()];
    let read = [named.clone(), LifecycleRule { id: Some(expire(1).effective_id()), ..expire(1) }];
    assert!(same(&written, &read));
    assert!(!same(&written, std::slice::from_ref(&named)));
    assert!(!same(&[expire(1)], &[expire(2)]));
    assert!(!same(&[expire(1)], &[LifecycleRule { enabled: false, ..expire(1) }]));
    let random = LifecycleRule { id: Some("d3adb33f".to_owned()), ..expire(1) };
    assert!(!same(&[expire(1)], &[random]));
    assert_ne!(expire(1).effective_id(), expire(2).effective_id());
}

#[test]
fn what_the_server_refuses_is_told_before() {
    let date = |text: &str| LifecycleRule {
        expiration: Some(Expiration::Date(text.to_owned())),
        ..expire(1)
    };
    for (rule, reason) in [
        (LifecycleRule { enabled: true, ..LifecycleRule::default() }, "says nothing"),
        (expire(0), "1 or more"),
        (date("2030-02-30"), "`2030-02-30`"),
        (date("2030-01-01T12:00:00Z"), "not a date"),
        (LifecycleRule { id: Some(String::new()), ..expire(1) }, "1 to 255"),
        (
            LifecycleRule {
                transition: Some(Transition { days: 1, storage_class: String::new() }),
                ..expire(1)
            },
            "storage class",
        ),
    ] {
        let message = validate(&[expire(9), rule]).unwrap_err().to_string();
        assert!(message.contains("number 2") && message.contains(reason), "{message}");
    }
    let twice = validate(&[expire(1), expire(1)]);
    assert_eq!(twice, Err(LifecycleError::Twice { id: expire(1).effective_id() }));
}
