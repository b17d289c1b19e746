//! Two releases side by side, with names as long as they may be; one serves what the other should, and one is scaled.

use super::release::Release;
use crate::support::cluster::Namespace;
use crate::support::eventually;
use crate::support::helm::CHART;
use crate::support::helm::helm;
use crate::support::helm::try_helm;
use crate::support::text;

/// As long as Helm lets a release's name be, and different in the last letter only.
const NAMES: [&str; 2] = [
    "a-release-whose-name-is-as-long-as-helm-lets-it-be-aa",
    "a-release-whose-name-is-as-long-as-helm-lets-it-be-ab",
];

#[test]
fn two_releases_with_long_names_share_a_namespace() {
    assert!(NAMES.iter().all(|name| name.len() == 53));
    let namespace = Namespace::new("names");
    let own = "fullnameOverride: static-site-of-the-web-team-in-production-1\n\
               minio: { fullnameOverride: storage-of-the-web-team-in-production-nr-1, persistence: { size: 64Mi } }\n";
    let scaled = "autoscaling: { enabled: true }\nminio: { persistence: { size: 64Mi } }\n";
    let values = |name: &str, more: &str| {
        format!("replicaCount: 1\nindex: {{ content: this is {name} }}\n{more}")
    };
    let first = Release::deploy(&namespace, NAMES[0], CHART, &values(NAMES[0], own));
    let second = Release::deploy(&namespace, NAMES[1], CHART, &values(NAMES[1], scaled));
    for release in [&first, &second] {
        let served = namespace.served(&name_of(release, "service"), "");
        assert_eq!(String::from_utf8_lossy(&served), format!("this is {}\n", release.name));
        let tested = helm(4, &namespace, &["test", release.name, "--logs"]);
        assert!(tested.contains("OK: "), "{tested}");
    }

    // Nothing measures load here, so a person does what the autoscaler would do.
    let deployment = name_of(&second, "deployment");
    namespace.kubectl(&["scale", "deployment", &deployment, "--replicas=3"]);
    let upgrade = format!("{}podAnnotations: {{ new: pod }}\n", values(NAMES[1], scaled));
    Release::deploy(&namespace, NAMES[1], CHART, &upgrade);
    let spec = &second.object("deployment", &deployment)["spec"];
    assert_eq!(spec["template"]["metadata"]["annotations"]["new"], "pod");
    assert_eq!(spec["replicas"], 3, "the upgrade set the number of replicas");

    // The site answers 200, with the other release's page: `helm test` compares bytes.
    let selector =
        format!(r#"{{"spec":{{"selector":{{"app.kubernetes.io/instance":"{}"}}}}}}"#, second.name);
    namespace.kubectl(&["patch", "service", &name_of(&first, "service"), "--patch", &selector]);
    eventually("`helm test` notices it", || {
        let refusal = text(&try_helm(4, &namespace, &["test", first.name, "--logs"]));
        refusal.contains("serves another content than expected")
    });
}

/// Returns the name of s3www's own object of a kind.
fn name_of(release: &Release<'_>, kind: &str) -> String {
    let names = release.names(kind, "web");
    let [name] = names.as_slice() else { panic!("not one {kind}: {names:?}") };
    name.rsplit('/').next().unwrap().to_owned()
}
