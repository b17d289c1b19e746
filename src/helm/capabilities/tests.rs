use super::Capabilities;
use super::KubeVersion;
use crate::helm::compatibility::Compatibility;
use crate::helm::value::Value;

#[test]
fn versions_are_read_as_kubernetes_does() {
    let version = KubeVersion::parse("v1.33.4-gke.1245000").unwrap();
    assert_eq!(
        (version.version.as_str(), version.normalized.as_str()),
        ("v1.33.4-gke.1245000", "v1.33.4")
    );
    assert_eq!((version.major.as_str(), version.minor.as_str()), ("1", "33"));
    assert_eq!(KubeVersion::parse("1.34").unwrap().version, "v1.34");
    for wrong in ["", "1", "v", "x.y", "1.", "1.02", ".1", "1..2"] {
        assert!(KubeVersion::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn offline_there_are_groups_but_no_kinds() {
    let capabilities = Capabilities::offline(KubeVersion::default(), Compatibility::Helm4);
    let Value::Object(root) = capabilities.to_value(Compatibility::Helm4) else { panic!() };
    let Some(Value::Object(versions)) = root.field("APIVersions") else { panic!() };
    let has = |version: &str| {
        matches!(versions.call("Has", &[Value::string(version)]), Some(Ok(Value::Bool(true))))
    };
    assert!(has("apps/v1") && has("v1"));
    assert!(!has("networking.k8s.io/v1/Ingress") && !has("monitoring.coreos.com/v1"));
}

#[test]
fn helm_3_shows_only_the_numbers_of_the_version() {
    let kube = KubeVersion::parse("1.33.4-gke.1").unwrap();
    let shown = |compatibility| {
        let capabilities = Capabilities::offline(kube.clone(), compatibility);
        let Value::Object(root) = capabilities.to_value(compatibility) else { panic!() };
        let Some(Value::Object(kube)) = root.field("KubeVersion") else { panic!() };
        let Some(Value::String(version)) = kube.field("Version") else { panic!() };
        version.to_text().into_owned()
    };
    assert_eq!(shown(Compatibility::Helm3), "v1.33.4");
    assert_eq!(shown(Compatibility::Helm4), "v1.33.4-gke.1");
}
