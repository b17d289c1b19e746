use super::*;

fn policy(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
}

#[test]
fn what_the_server_gives_back_means_the_same() {
    let written = r#"{
        "Version": "2012-10-17", "Id": "site",
        "Statement": [
            {"Sid": "read", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
             "Resource": "arn:aws:s3:::site/*"},
            {"Effect": "Deny", "Principal": {"AWS": "*"},
             "Action": ["s3:PutObject", "s3:DeleteObject", "s3:PutObject"],
             "Resource": ["arn:aws:s3:::site/*"],
             "Condition": {"Bool": {"aws:SecureTransport": false}, "NumericLessThan": {"s3:max-keys": 10}}}
        ]}"#;
    let read = r#"{"ID":"site","Version":"2012-10-17","Statement":[
        {"Effect":"Deny","Principal":{"AWS":["*"]},"Action":["s3:DeleteObject","s3:PutObject"],
         "Resource":["arn:aws:s3:::site/*"],
         "Condition":{"NumericLessThan":{"s3:max-keys":["10"]},"Bool":{"aws:SecureTransport":["false"]}}},
        {"Sid":"read","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:GetObject"],
         "Resource":["arn:aws:s3:::site/*"]}]}"#;
    assert_eq!(Policy::parse(written).unwrap(), Policy::parse(read).unwrap());
}

#[test]
fn what_means_something_else_differs() {
    let read = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"r"}"#;
    let read_policy = Policy::parse(&policy(read)).unwrap();
    for other in [
        r#"{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"r"}"#,
        r#"{"Effect":"Allow","Principal":{"AWS":"me"},"Action":"s3:GetObject","Resource":"r"}"#,
        r#"{"Effect":"Allow","Principal":"*","NotAction":"s3:GetObject","Resource":"r"}"#,
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"r"}"#,
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":["r","s"]}"#,
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"r",
            "Condition":{"Bool":{"aws:SecureTransport":"true"}}}"#,
    ] {
        assert_ne!(Policy::parse(&policy(other)).unwrap(), read_policy, "{other}");
    }
    assert_ne!(Policy::none(), read_policy);
    assert_eq!(Policy::parse(" \n").unwrap(), Policy::none());
    let twice = Policy::parse(&policy(&format!("{read},{read}"))).unwrap();
    assert_eq!(twice, read_policy);
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let message = Policy::parse("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [,]\n}")
        .unwrap_err()
        .to_string();
    assert!(message.contains("line 3, column 17"), "{message}");
    assert!(message.contains("expected value"), "{message}");

    let allow = r#""Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"r""#;
    for (text, place) in [
        ("[]".to_owned(), "the document must be an object"),
        (r#"{"Statement":[]}"#.to_owned(), "`Statement` is empty"),
        (format!(r#"{{"Statement":[{{{allow}}}]}}"#), "`Version` is missing"),
        (format!(r#"{{"Version":"2008-10-17","Statement":[{{{allow}}}]}}"#), "`Version` must be"),
        (r#"{"Version":"2012-10-17"}"#.to_owned(), "`Statement` is missing"),
        (policy("1"), "`Statement[0]` must be an object"),
        (policy(&format!(r#"{{{allow}}},{{"Effect":"allow"}}"#)), "`Statement[1].Effect` must be"),
        (
            policy(r#"{"Effect":"Allow","Principal":"*","Action":"a"}"#),
            "`Statement[0].Resource` is missing",
        ),
        (
            policy(r#"{"Effect":"Allow","Principal":"*","Resource":"a"}"#),
            "`Statement[0].Action` is missing",
        ),
        (
            policy(r#"{"Effect":"Allow","Action":"a","Resource":"a"}"#),
            "`Statement[0].Principal` is missing",
        ),
        (policy(&format!("{{{allow},\"Actions\":1}}")), "`Statement[0].Actions` is not a member"),
        (
            policy(r#"{"Effect":"Allow","Principal":"me","Action":"a","Resource":"a"}"#),
            "`Statement[0].Principal` must be",
        ),
        (
            policy(r#"{"Effect":"Allow","Principal":"*","Action":[],"Resource":"a"}"#),
            "`Statement[0].Action` must be",
        ),
        (
            policy(&format!("{{{allow},\"Condition\":{{\"Bool\":1}}}}")),
            "`Statement[0].Condition` `Bool` must be",
        ),
    ] {
        let message = Policy::parse(&text).unwrap_err().to_string();
        assert!(message.contains(place), "{text}: {message}");
    }
}
