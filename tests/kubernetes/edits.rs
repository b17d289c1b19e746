//! What people change and remove is seen, exactly, and put right.

use serde_json::json;
use terraform_provider_s3www::kubernetes::drift::Outcome;
use terraform_provider_s3www::kubernetes::error::KubernetesError;
use terraform_provider_s3www::kubernetes::ignore::Ignore;
use terraform_provider_s3www::kubernetes::ignore::IgnoreRule;
use terraform_provider_s3www::kubernetes::ignore::Target;

use super::manifests::config_map;
use super::manifests::deployment;
use super::manifests::secret;
use super::manifests::service;
use super::manifests::with;
use super::place::place;

const DEPLOYMENT: &str = "apps/v1/Deployment/d";

/// Drift case 7: scale, set image, set env.
#[tokio::test]
async fn a_changed_value_is_seen_at_its_path() {
    let place = place!("values");
    let object = deployment();
    place.apply(&object).await;
    place.scale("kubectl", DEPLOYMENT, 2).await;
    let patch = json!({"spec": {"template": {"spec": {"containers": [
        {"name": "m", "image": "x:1", "env": [{"name": "A", "value": "9"}]}]}}}});
    place.merge("kubectl-set", DEPLOYMENT, &patch).await;
    assert_eq!(
        place.drift(&object).await,
        [
            "spec.replicas: 0 -> 2",
            "spec.template.spec.containers[m].env[A].value: \"1\" -> \"9\"",
            "spec.template.spec.containers[m].image: docker.io/y4m4/s3www:v1.0.0 -> x:1",
        ]
    );
    place.assert_repaired(&object).await;
}

/// Removed: an env, a label, Helm's own label, a key of a ConfigMap.
#[tokio::test]
async fn a_removed_value_is_seen_at_its_path() {
    let place = place!("removed");
    let (deployment, config_map) = (deployment(), config_map());
    place.apply(&deployment).await;
    place.apply(&config_map).await;
    let edit = json!([
        {"op": "remove", "path": "/spec/template/spec/containers/0/env/0"},
        {"op": "remove", "path": "/metadata/labels/app.kubernetes.io~1managed-by"},
    ]);
    place.edit("kubectl-edit", DEPLOYMENT, &edit).await;
    place
        .edit(
            "kubectl-edit",
            "v1/ConfigMap/c",
            &json!([{"op": "remove", "path": "/data/index.html"}]),
        )
        .await;
    assert_eq!(
        place.drift(&deployment).await,
        [
            "metadata.labels[app.kubernetes.io/managed-by]: Helm -> (none)",
            "spec.template.spec.containers[m].env[A].name: A -> (none)",
            "spec.template.spec.containers[m].env[A].value: \"1\" -> (none)",
        ]
    );
    assert_eq!(place.drift(&config_map).await, ["data[index.html]: <html>\n</html>\n -> (none)"]);
    place.assert_repaired(&deployment).await;
    place.assert_repaired(&config_map).await;
}

/// A Secret's values show as hashes only.
#[tokio::test]
async fn a_changed_secret_is_seen_and_not_shown() {
    let place = place!("secret");
    let object = secret();
    place.apply(&object).await;
    place.assert_in_sync(&object).await;
    let edit = json!([{"op": "replace", "path": "/data/a", "value": "aHVudGVyNA=="}]);
    place.edit("kubectl-edit", "v1/Secret/x", &edit).await;
    let drift = place.drift(&object).await;
    assert_eq!(drift.len(), 1, "{drift:?}");
    assert!(drift[0].starts_with("data.a: (hash) "), "{drift:?}");
    place.assert_repaired(&object).await;
}

/// Drift case 9: a renamed container is two containers to the server.
#[tokio::test]
async fn a_renamed_container_is_one_container_again() {
    let place = place!("renamed");
    let object = deployment();
    place.apply(&object).await;
    let edit = json!([{"op": "replace", "path": "/spec/template/spec/containers/0/name", "value": "other"}]);
    place.edit("kubectl-edit", DEPLOYMENT, &edit).await;
    let drift = place.drift(&object).await;
    assert!(
        drift
            .iter()
            .any(|line| line.starts_with("spec.template.spec.containers[m].name: m -> (none)")),
        "{drift:?}"
    );
    assert!(
        drift
            .iter()
            .any(|line| line
                .starts_with("spec.template.spec.containers[other].name: (none) -> other")),
        "{drift:?}"
    );
    place.assert_repaired(&object).await;
    let live = place.live(DEPLOYMENT).await;
    let containers =
        live.get(&["spec", "template", "spec", "containers"]).unwrap().as_array().unwrap();
    assert_eq!(containers.len(), 1);
    assert_eq!(containers[0]["name"], "m");
}

/// Drift case 10: a changed port number is the changed key of an item, which no dry run takes.
#[tokio::test]
async fn a_changed_service_port_is_seen_and_restored() {
    let place = place!("port");
    let object = service();
    let address =
        place.apply(&object).await.object.text(&["spec", "clusterIP"]).unwrap().to_owned();
    let edit = json!([{"op": "replace", "path": "/spec/ports/0/port", "value": 8080}]);
    place.edit("kubectl-edit", "v1/Service/s", &edit).await;
    assert_eq!(place.drift(&object).await, ["spec.ports[h].port: 80 -> 8080"]);
    assert_eq!(place.validate(&[(&object, true)]).await, []);
    place.assert_repaired(&object).await;
    assert_eq!(place.live("v1/Service/s").await.text(&["spec", "clusterIP"]).unwrap(), address);
}

/// Drift case 17: deleted; re-created by hand; re-created from its own JSON.
#[tokio::test]
async fn a_deleted_object_is_missing_and_a_re_created_one_is_ours_again() {
    let place = place!("deleted");
    let object = config_map();
    place.apply(&object).await;
    let own = place.live("v1/ConfigMap/c").await;
    place.delete("v1/ConfigMap/c").await;
    assert_eq!(place.outcome(&object).await, Outcome::Missing);

    place.create("kubectl-create", &object).await;
    let drift = place.drift(&object).await;
    assert_eq!(drift.len(), 3, "{drift:?}");
    assert!(
        drift.iter().all(|line| line.starts_with("metadata.") && line.ends_with("-> (none)")),
        "{drift:?}"
    );
    place.assert_repaired(&object).await;

    place.delete("v1/ConfigMap/c").await;
    let mut copy = serde_json::Value::Object(own.into_fields());
    for name in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
        copy["metadata"].as_object_mut().unwrap().remove(name);
    }
    place.create("kubectl-replace", &copy).await;
    place.assert_in_sync(&object).await;
    let smaller = with(&object, "/data/a", json!(null));
    place.assert_repaired(&smaller).await;
    assert!(place.live("v1/ConfigMap/c").await.get(&["data", "a"]).is_none());
}

/// An object that nobody of this release made is refused, and adopted on request.
#[tokio::test]
async fn a_foreign_object_is_refused_unless_it_is_to_be_adopted() {
    let mut place = place!("foreign");
    let object = config_map();
    place.create("kubectl-create", &object).await;
    let error = place.try_apply(&object, false, &[]).await.unwrap_err();
    assert!(matches!(error, KubernetesError::NotOwned { .. }), "{error:?}");
    assert!(error.to_string().contains("take_ownership"), "{error}");
    let findings = place.validate(&[(&object, false)]).await;
    assert!(findings[0].message.contains("take_ownership"), "{findings:?}");

    let edit = json!([
        {"op": "add", "path": "/metadata/annotations",
            "value": {"meta.helm.sh/release-name": "other", "meta.helm.sh/release-namespace": "else"}}]);
    place.edit("kubectl-edit", "v1/ConfigMap/c", &edit).await;
    let error = place.try_apply(&object, true, &[]).await.unwrap_err();
    assert!(error.to_string().contains("`else/other`"), "{error}");

    place.ownership.take_ownership = true;
    place.assert_repaired(&object).await;
}

/// Drift case 41: nothing is applied onto an object that is being deleted.
#[tokio::test]
async fn an_object_that_is_being_deleted_is_left_alone() {
    let place = place!("deleting");
    let object = config_map();
    place.apply(&object).await;
    let edit =
        json!([{"op": "add", "path": "/metadata/finalizers", "value": ["example.org/wait"]}]);
    place.edit("kubectl-edit", "v1/ConfigMap/c", &edit).await;
    place.delete("v1/ConfigMap/c").await;
    let refresh = place.refresh_all(std::slice::from_ref(&object)).await;
    assert!(matches!(refresh.objects[0].outcome, Outcome::BeingDeleted(_)), "{refresh:?}");
    assert!(refresh.warnings[0].contains("is being deleted"), "{:?}", refresh.warnings);
    let before = place.live("v1/ConfigMap/c").await;
    let error = place.try_apply(&object, true, &[]).await.unwrap_err();
    assert!(error.to_string().contains("`example.org/wait`"), "{error}");
    assert_eq!(place.live("v1/ConfigMap/c").await.resource_version(), before.resource_version());
    place
        .edit(
            "kubectl-edit",
            "v1/ConfigMap/c",
            &json!([{"op": "remove", "path": "/metadata/finalizers"}]),
        )
        .await;
    assert_eq!(place.outcome(&object).await, Outcome::Missing);
}

/// Ignored fields are neither drift, nor overwritten once they are somebody else's.
#[tokio::test]
async fn ignored_fields_are_left_to_others() {
    let mut place = place!("ignored");
    let rule = IgnoreRule::new(
        &["/spec/template/spec/containers/m/image".to_owned(), "/spec/replicas".to_owned()],
        &Target { kind: Some("Deployment".to_owned()), ..Target::default() },
    )
    .unwrap();
    place.ignore = Ignore { rules: vec![rule], managers: vec!["ci*".to_owned()] };
    let object = deployment();
    place.apply(&object).await;
    place.scale("kubectl", DEPLOYMENT, 2).await;
    let patch =
        json!({"spec": {"template": {"spec": {"containers": [{"name": "m", "image": "x:1"}]}}}});
    place.merge("kubectl-set", DEPLOYMENT, &patch).await;
    place
        .merge(
            "ci-pipeline",
            DEPLOYMENT,
            &json!({"metadata": {"labels": {"app": "ci", "ci": "yes"}}}),
        )
        .await;
    let refresh = place.refresh_all(std::slice::from_ref(&object)).await;
    assert_eq!(refresh.objects[0].outcome, Outcome::InSync);
    assert_eq!(refresh.warnings, Vec::<String>::new());
    let live = place.apply(&object).await.object;
    assert_eq!(live.get(&["spec", "replicas"]), Some(&json!(2)));
    assert_eq!(live.get(&["spec", "template", "spec", "containers"]).unwrap()[0]["image"], "x:1");
    assert_eq!(live.label("app"), Some("ci"));
    place.ignore = Ignore::default();
    assert_eq!(place.drift(&object).await.len(), 3);
    place.apply(&object).await;
    place.assert_in_sync(&object).await;
}
