//! What a table of results cannot show: what is shared, what is asked of the
//! host, what is random, and that no argument makes a function panic.

use std::collections::BTreeMap;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use super::evaluator::FixedHost;
use super::evaluator::Fixture;
use super::evaluator::describe;
use crate::helm::compatibility::Compatibility;
use crate::helm::function::Parameter;
use crate::helm::functions::table;
use crate::helm::value::Entries;
use crate::helm::value::ListKind;
use crate::helm::value::Value;

fn fixture() -> Fixture {
    Fixture::new(Compatibility::Helm4)
}

fn map(entries: &[(&str, Value)]) -> Value {
    Value::map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

#[test]
fn set_and_unset_change_the_map_itself() {
    let shared = map(&[("a", Value::int(1))]);
    fixture().apply("set", &[shared.clone(), Value::string("b"), Value::int(2)]).unwrap();
    assert_eq!(describe(&shared), r#"map["a":int(1) "b":int(2)]"#);
    fixture().apply("unset", &[shared.clone(), Value::string("a")]).unwrap();
    assert_eq!(describe(&shared), r#"map["b":int(2)]"#);
}

#[test]
fn merge_puts_maps_in_without_copying_them() {
    let inner = map(&[("x", Value::int(1))]);
    let target = map(&[]);
    fixture().apply("merge", &[target.clone(), map(&[("a", inner.clone())])]).unwrap();
    fixture().apply("set", &[inner, Value::string("x"), Value::int(2)]).unwrap();
    assert_eq!(describe(&target), r#"map["a":map["x":int(2)]]"#);
}

#[test]
fn merge_changes_nested_maps_of_the_first_argument() {
    let inner = map(&[("x", Value::int(1))]);
    let target = map(&[("a", inner.clone())]);
    let source = map(&[("a", map(&[("y", Value::int(2))]))]);
    fixture().apply("mergeOverwrite", &[target, source.clone()]).unwrap();
    assert_eq!(describe(&inner), r#"map["x":int(1) "y":int(2)]"#);
    assert_eq!(describe(&source), r#"map["a":map["y":int(2)]]"#);
}

#[test]
fn a_map_can_be_merged_with_itself_and_one_in_itself_is_an_error() {
    let value = map(&[("a", map(&[("b", Value::int(1))]))]);
    for name in ["merge", "mergeOverwrite"] {
        let merged = fixture().apply(name, &[value.clone(), value.clone()]).unwrap();
        assert_eq!(describe(&merged), r#"map["a":map["b":int(1)]]"#);
    }
    let cycle = map(&[]);
    let Value::Map(entries) = &cycle else { panic!("no map") };
    entries.0.borrow_mut().insert("self".into(), cycle.clone());
    for name in ["merge", "deepCopy", "toYaml", "toToml"] {
        let arguments = if name == "merge" { vec![cycle.clone(); 2] } else { vec![cycle.clone()] };
        match (name, fixture().apply(name, &arguments)) {
            ("toToml", Ok(value)) => assert!(describe(&value).contains("too deep")),
            (_, result) => assert!(result.is_err(), "{name}"),
        }
    }
    entries.0.borrow_mut().clear();
}

#[test]
fn a_deep_copy_shares_nothing() {
    let inner = map(&[("x", Value::int(1))]);
    let original = Value::list(vec![inner.clone()]);
    let copy = fixture().apply("deepCopy", &[original]).unwrap();
    fixture().apply("set", &[inner, Value::string("x"), Value::int(2)]).unwrap();
    assert_eq!(describe(&copy), r#"list[map["x":int(1)]]"#);
}

#[test]
fn sorting_strings_sorts_the_list_itself_and_others_a_copy() {
    let strings =
        fixture().apply("splitList", &[Value::string(","), Value::string("b,a")]).unwrap();
    fixture().apply("sortAlpha", std::slice::from_ref(&strings)).unwrap();
    assert_eq!(describe(&strings), r#"[]string["a" "b"]"#);
    let mixed = Value::list(vec![Value::string("b"), Value::string("a")]);
    fixture().apply("sortAlpha", std::slice::from_ref(&mixed)).unwrap();
    assert_eq!(describe(&mixed), r#"list["b" "a"]"#);
}

#[test]
fn other_templates_and_the_cluster_are_reached_through_the_host() {
    for (expression, expected) in [
        (r#"include "a.tpl" (dict "x" 1)"#, r#""include a.tpl map[\"x\":int(1)]""#),
        (r#"tpl "{{ .x }}" (dict)"#, r#""tpl {{ .x }} map[]""#),
        (r#"lookup "v1" "Secret" "ns" "n""#, r#""v1 Secret ns n""#),
        (r#"getHostByName "localhost""#, r#""""#),
        ("now", "time(2023-11-14T22:13:20Z)"),
        (r#"ago (dateModify "-90m" (now))"#, r#""1h30m0s""#),
        (r#"durationRound (dateModify "-49h" (now))"#, r#""2d""#),
        (r#"dateInZone "2006" "x" "UTC""#, r#""2023""#),
    ] {
        assert_eq!(describe(&fixture().evaluate(expression).unwrap()), expected, "{expression}");
    }
}

#[test]
fn required_and_fail_mark_the_authors_words() {
    for expression in [r#"required "no name" """#, r#"required "no name" nil"#, r#"fail "no name""#]
    {
        let error = fixture().evaluate(expression).unwrap_err();
        assert_eq!(error.0, "HELM_ERR_STARTno nameHELM_ERR_END", "{expression}");
    }
    for value in ["0", "false", "(list)", r#""x""#] {
        assert!(fixture().evaluate(&format!("required \"no name\" {value}")).is_ok(), "{value}");
    }
}

#[test]
fn random_texts_have_their_length_and_their_alphabet() {
    for (name, allowed) in [
        ("randAlphaNum", "alphanumeric"),
        ("randAlpha", "alphabetic"),
        ("randNumeric", "digits"),
        ("randAscii", "printable"),
    ] {
        let Value::String(text) = fixture().apply(name, &[Value::int(40)]).unwrap() else {
            panic!("no string")
        };
        let fits = |byte: &u8| match allowed {
            "alphanumeric" => byte.is_ascii_alphanumeric(),
            "alphabetic" => byte.is_ascii_alphabetic(),
            "digits" => byte.is_ascii_digit(),
            _ => (b' '..=b'~').contains(byte),
        };
        assert_eq!(text.as_bytes().len(), 40, "{name}");
        assert!(text.as_bytes().iter().all(fits), "{name}: {text:?}");
    }
    assert_eq!(describe(&fixture().evaluate("randAlpha -1").unwrap()), r#""""#);
    assert_eq!(describe(&fixture().evaluate("randBytes 3").unwrap()), r#""AAEC""#);
    let uuid = describe(&fixture().evaluate("uuidv4").unwrap());
    assert_eq!(uuid, r#""00010203-0405-4607-8809-0a0b0c0d0e0f""#);
    assert!(fixture().evaluate("randInt 5 5").is_err());
    let shuffled = describe(&fixture().evaluate(r#"shuffle "abc""#).unwrap());
    let mut letters: Vec<char> = shuffled.trim_matches('"').chars().collect();
    letters.sort_unstable();
    assert_eq!(letters, ['a', 'b', 'c']);
}

#[test]
fn what_is_encrypted_can_be_decrypted() {
    let expression = r#"decryptAES "key" (encryptAES "key" "a text of more than one block")"#;
    let decrypted = fixture().evaluate(expression).unwrap();
    assert_eq!(describe(&decrypted), r#""a text of more than one block""#);
    assert!(fixture().evaluate(r#"decryptAES "other" (encryptAES "key" "text")"#).is_err());
    assert!(fixture().evaluate(r#"decryptAES "key" "AAAA""#).is_err());
}

#[test]
fn a_password_file_s_line_holds_the_password_s_hash() {
    let line = describe(&fixture().evaluate(r#"htpasswd "ann" "wörd" "#).unwrap());
    let (name, hash) = line.trim_matches('"').split_once(':').unwrap();
    assert_eq!(name, "ann");
    assert!(hash.starts_with("$2a$10$"), "{hash}");
    assert!(bcrypt::verify("wörd", hash).unwrap());
    assert!(!bcrypt::verify("word", hash).unwrap());
    let hash = describe(&fixture().evaluate(r#"bcrypt "" "#).unwrap());
    assert!(bcrypt::verify("", hash.trim_matches('"')).unwrap());
}

#[test]
fn certificates_chain_and_parse() {
    let fixture = fixture();
    let authority = fixture.evaluate(r#"genCA "my-ca" 365"#).unwrap();
    let addresses = Value::list(vec![Value::string("10.0.0.1"), Value::string("::1")]);
    let names = Value::list(vec![Value::string("a.example")]);
    let signed = fixture
        .apply(
            "genSignedCert",
            &[Value::string("srv"), addresses, names, Value::int(30), authority.clone()],
        )
        .unwrap();
    let field = |value: &Value, name: &str| {
        let Value::Object(object) = value else { panic!("no object") };
        let Some(Value::String(text)) = object.field(name) else { panic!("no field") };
        text.to_text().into_owned()
    };
    // rustls' own verifier is the judge.
    let parse = |pem: String| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(parse(field(&authority, "Cert"))).unwrap();
    let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(
        roots.into(),
        rustls::crypto::aws_lc_rs::default_provider().into(),
    )
    .build()
    .unwrap();
    let at = |seconds: u64| {
        rustls::pki_types::UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
    };
    let certificate = parse(field(&signed, "Cert"));
    let verify = |name: &str, seconds: u64| {
        use rustls::client::danger::ServerCertVerifier;
        let name = rustls::pki_types::ServerName::try_from(name.to_owned()).unwrap();
        verifier.verify_server_cert(&certificate, &[], &name, &[], at(seconds)).is_ok()
    };
    let now = 1_700_000_000;
    assert!(verify("a.example", now));
    assert!(verify("10.0.0.1", now));
    assert!(verify("::1", now));
    assert!(!verify("b.example", now));
    assert!(!verify("a.example", now + 31 * 24 * 3600));
    assert!(!verify("a.example", now - 1));
    // The key belongs to the certificate.
    let key = PrivateKeyDer::from_pem_slice(field(&signed, "Key").as_bytes()).unwrap();
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
    rustls::sign::CertifiedKey::new(vec![certificate.clone()], key).keys_match().unwrap();
    assert!(field(&signed, "Key").starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
}

#[test]
fn keys_of_every_kind_can_be_used_again() {
    let fixture = fixture();
    for kind in ["ecdsa", "ed25519"] {
        let key = fixture.apply("genPrivateKey", &[Value::string(kind)]).unwrap();
        let arguments = [Value::string("ca"), Value::int(1), key.clone()];
        let certificate = fixture.apply("genCAWithKey", &arguments).unwrap();
        let Value::Object(object) = certificate else { panic!("no object") };
        assert_eq!(describe(&object.field("Key").unwrap()), describe(&key), "{kind}");
    }
    let error = fixture.apply("genPrivateKey", &[Value::string("dsa")]).unwrap_err();
    assert!(error.0.contains("not supported"), "{error}");
}

/// Returns values of each type, among them the ones at the edges.
fn samples(parameter: Parameter) -> Vec<Value> {
    let strings = ["", "a", "é\u{2028}🎉", "-1", "1h", "[", "a,b", "2006", "http://[::1", "%zz"];
    let strings = strings.into_iter().map(Value::string);
    let strings = strings.chain([Value::string(b"\xff\x80a".as_slice())]);
    let integers = [0, 1, -1, 3, 64, i64::MAX, i64::MIN].into_iter();
    let list = || Value::list(vec![Value::Nil, Value::int(1), Value::string("x"), map(&[])]);
    match parameter {
        Parameter::String => strings.collect(),
        Parameter::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Parameter::Int => integers.map(Value::int).collect(),
        Parameter::Int64 => integers.map(Value::int64).collect(),
        Parameter::Uint32 => vec![Value::int(0), Value::int(1 << 40)],
        Parameter::Float64 => vec![Value::Float(0.5), Value::Float(f64::NAN)],
        Parameter::List => vec![Value::list(Vec::new()), list()],
        Parameter::Strings => vec![Value::typed_list(ListKind::Strings, strings.collect())],
        Parameter::Map => vec![Value::map(Entries::new()), map(&[("a", list())])],
        Parameter::Any | Parameter::Slice => strings
            .chain(integers.map(Value::int64))
            .chain([Value::Nil, Value::Bool(true), list(), map(&[("a", list()), ("", Value::Nil)])])
            .chain([0.0, -1.5, 1e300, f64::NAN, f64::INFINITY].map(Value::Float))
            .collect(),
    }
}

#[test]
fn no_argument_makes_a_function_panic() {
    let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, function) in table(Compatibility::Helm4) {
        // These are slow by design, and have tests of their own.
        if name.starts_with("gen") || ["bcrypt", "derivePassword", "htpasswd"].contains(&name) {
            continue;
        }
        let mut parameters = function.parameters.to_vec();
        parameters.extend(function.variadic.into_iter().cycle().take(2));
        // Each round shifts every parameter's sample by another step.
        for round in 0..150 {
            let arguments: Vec<Value> = parameters
                .iter()
                .enumerate()
                .map(|(index, parameter)| {
                    let samples = samples(*parameter);
                    samples[(round / (index * 7 + 1) + round * index) % samples.len()].clone()
                })
                .collect();
            // Any result will do.
            drop((function.body)(&FixedHost, &arguments));
            *calls.entry(name).or_default() += 1;
        }
    }
    assert!(calls.len() > 200, "{}", calls.len());
}
