//! Little rights, missing kinds and broken webhooks make things uncertain, never "gone".

use serde_json::Value;
use serde_json::json;
use terraform_provider_s3www::kubernetes::client::ClientConfig;
use terraform_provider_s3www::kubernetes::client::Cluster;
use terraform_provider_s3www::kubernetes::drift::Outcome;
use terraform_provider_s3www::kubernetes::error::KubernetesError;

use super::manifests::config_map;
use super::manifests::secret;
use super::place::Place;
use super::place::place;

/// Returns the cluster as a service account sees it that has these rights on ConfigMaps.
async fn with_rights(place: &Place, name: &str, verbs: &[&str]) -> Cluster {
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}});
    place.create("kubectl-create", &account).await;
    if !verbs.is_empty() {
        let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name},
            "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": verbs}]});
        let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": place.namespace}]});
        place.create("kubectl-create", &role).await;
        place.create("kubectl-create", &binding).await;
    }
    let path = format!("/api/v1/namespaces/{}/serviceaccounts/{name}/token", place.namespace);
    let request =
        json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let token = place.send("POST", &path, "kubectl", "application/json", &request).await;
    let kubeconfig = std::env::var("KUBECONFIG").unwrap();
    let config = ClientConfig {
        config_path: Some(kubeconfig),
        token: Some(token["status"]["token"].as_str().unwrap().to_owned()),
        ..ClientConfig::default()
    };
    Cluster::connect(&config).unwrap()
}

/// Waits until the API server has taken notice of new rights.
async fn refresh_as(
    place: &Place,
    cluster: &Cluster,
    objects: &[Value],
    settled: &str,
) -> (Outcome, Vec<String>) {
    let applied = place.apply(&objects[0]).await;
    let mut last = None;
    for _ in 0..100 {
        let mut refresh = place.try_refresh(cluster, objects, Some(&applied)).await.unwrap();
        let outcome = refresh.objects.remove(0).outcome;
        if format!("{outcome:?} {:?}", refresh.warnings).contains(settled) {
            return (outcome, refresh.warnings);
        }
        last = Some((outcome, refresh.warnings));
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no `{settled}`: {last:?}");
}

/// Drift case 36: get only, get and patch, nothing.
#[tokio::test]
async fn missing_rights_are_a_warning() {
    let place = place!("rights");
    let object = config_map();
    let mut second = object.clone();
    second["metadata"]["name"] = json!("c2");
    place.apply(&second).await;
    let both = [object.clone(), second];

    let nothing = with_rights(&place, "nothing", &[]).await;
    let (outcome, warnings) = refresh_as(&place, &nothing, &both, "`get` is missing").await;
    assert!(matches!(outcome, Outcome::NotCompared(_)), "{outcome:?}");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("(and 1 more)"), "{warnings:?}");

    let reader = with_rights(&place, "reader", &["get"]).await;
    let (outcome, warnings) = refresh_as(&place, &reader, &both, "`patch` is missing").await;
    assert_eq!(outcome, Outcome::InSync);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let applied = place.apply(&object).await;
    place
        .edit(
            "kubectl-edit",
            "v1/ConfigMap/c",
            &json!([{"op": "replace", "path": "/data/a", "value": "2"}]),
        )
        .await;
    let refresh = place.try_refresh(&reader, &both[..1], Some(&applied)).await.unwrap();
    assert!(
        matches!(&refresh.objects[0].outcome, Outcome::NotCompared(text) if text.contains("`data.a`")),
        "{refresh:?}"
    );

    let patcher = with_rights(&place, "patcher", &["get", "patch"]).await;
    let (outcome, warnings) = refresh_as(&place, &patcher, &both, "InSync").await;
    assert_eq!(outcome, Outcome::InSync);
    assert_eq!(warnings, Vec::<String>::new());
}

/// Credentials that the server does not know.
#[tokio::test]
async fn wrong_credentials_are_said_to_be_wrong() {
    let place = place!("credentials");
    let config = ClientConfig {
        config_path: Some(std::env::var("KUBECONFIG").unwrap()),
        token: Some("wrong".to_owned()),
        ..ClientConfig::default()
    };
    let cluster = Cluster::connect(&config).unwrap();
    let error = cluster.find(&place.at("v1/ConfigMap/c").await).await.unwrap_err();
    assert!(matches!(error, KubernetesError::Unauthorized { .. }), "{error:?}");
    assert!(
        error.to_string().contains("401") && error.to_string().contains(cluster.address()),
        "{error}"
    );
}

/// Drift case 43: the definition of a kind goes while an object of it is in the release.
#[tokio::test]
async fn a_kind_that_went_is_not_an_object_that_went() {
    let place = place!("kind");
    let group = format!("{}.example.org", place.namespace);
    let thing = json!({"apiVersion": format!("{group}/v1"), "kind": "Thing", "metadata": {"name": "t"},
        "spec": {"a": 1}});
    let outcome = place.outcome(&thing).await;
    assert!(
        matches!(&outcome, Outcome::NotCompared(text) if text.contains("does not know its kind")),
        "{outcome:?}"
    );
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("things.{group}")},
        "spec": {"group": group, "scope": "Namespaced", "names": {"kind": "Thing", "plural": "things"}, "versions": [
            {"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object",
                "properties": {"spec": {"type": "object", "properties": {"a": {"type": "integer"},
                    "b": {"type": "string", "default": "d"}}}}}}}]}});
    place.send("POST", path, "kubectl-create", "application/json", &definition).await;
    // The kind was looked for in vain before: it is found as soon as it is there.
    place
        .until("the kind is served", async || place.try_apply(&thing, true, &[]).await.is_ok())
        .await;
    place.assert_in_sync(&thing).await;
    let edit = json!([{"op": "add", "path": "/spec/b", "value": "x"}]);
    place.edit("kubectl-edit", &format!("{group}/v1/Thing/t"), &edit).await;
    assert_eq!(place.drift(&thing).await, ["spec.b: d -> x"]);
    place.assert_repaired(&thing).await;
    place
        .send(
            "DELETE",
            &format!("{path}/things.{group}"),
            "kubectl",
            "application/json",
            &json!({}),
        )
        .await;
    place
        .until("the kind is gone", async || {
            matches!(place.outcome(&thing).await, Outcome::NotCompared(text) if text.contains("its kind"))
        })
        .await;
}

/// Drift case 38: a webhook that is down says nothing about the object.
#[tokio::test]
async fn a_broken_webhook_is_a_warning() {
    let place = place!("webhook");
    let (config_map, secret) = (config_map(), secret());
    place.apply(&config_map).await;
    place.apply(&secret).await;
    let name = format!("{}.example.org", place.namespace);
    let path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    let webhook = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name}, "webhooks": [{
            "name": name, "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "timeoutSeconds": 1, "clientConfig": {"url": "https://127.0.0.1:1/"},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": place.namespace}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}]}]});
    place.send("POST", path, "kubectl-create", "application/json", &webhook).await;
    let objects = [config_map, secret];
    place
        .until("the webhook is asked", async || {
            let refresh = place.refresh_all(&objects).await;
            assert_eq!(refresh.objects[1].outcome, Outcome::InSync);
            matches!(&refresh.objects[0].outcome, Outcome::NotCompared(text) if text.contains("failed calling webhook"))
        })
        .await;
    place
        .send("DELETE", &format!("{path}/{name}"), "kubectl", "application/json", &json!({}))
        .await;
}

/// What the cluster can do, as Helm's `.Capabilities` has it.
#[tokio::test]
async fn capabilities_are_those_of_the_cluster() {
    let place = place!("capabilities");
    let capabilities = place.cluster.capabilities().await.unwrap();
    assert!(capabilities.version.starts_with("v1."), "{capabilities:?}");
    for name in ["v1", "v1/Pod", "apps/v1", "apps/v1/Deployment", "networking.k8s.io/v1/Ingress"] {
        assert!(capabilities.api_versions.iter().any(|one| one == name), "{name}");
    }
}
