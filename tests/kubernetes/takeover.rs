//! Earlier selves, autoscalers and defaults: what has to be taken over, and what must not.

use serde_json::json;
use terraform_provider_s3www::kubernetes::managed_fields::ManagedFields;

use super::manifests::autoscaler;
use super::manifests::config_map;
use super::manifests::deployment;
use super::manifests::secret;
use super::manifests::service;
use super::manifests::with;
use super::place::Place;
use super::place::place;

const DEPLOYMENT: &str = "apps/v1/Deployment/d";

/// Drift case 19: the key goes, also where an apply of Helm 4 has left `stringData` behind.
#[tokio::test]
async fn a_dropped_key_of_string_data_goes() {
    let place = place!("string-data");
    let object = secret();
    let smaller = with(&object, "/stringData/b", json!(null));
    place.apply(&object).await;
    place.assert_repaired(&smaller).await;
    assert!(place.live("v1/Secret/x").await.get(&["data", "b"]).is_none());

    let mut marked = object.clone();
    marked["metadata"]["labels"] = json!({"app.kubernetes.io/managed-by": "Helm"});
    marked["metadata"]["annotations"] = json!({"meta.helm.sh/release-name": "site",
        "meta.helm.sh/release-namespace": place.namespace});
    marked["metadata"]["name"] = json!("y");
    place.apply_as("helm", &marked).await;
    let smaller = with(&smaller, "/metadata/name", json!("y"));
    place.assert_repaired(&smaller).await;
    assert!(place.live("v1/Secret/y").await.get(&["data", "b"]).is_none());
}

/// Makes the autoscaler's controller set `replicas`, by the request that it sends.
async fn scaled(place: &Place, replicas: i64) {
    place.scale("kube-controller-manager", DEPLOYMENT, replicas).await;
}

/// Drift case 20: an autoscaler's number is neither drift nor undone.
#[tokio::test]
async fn replicas_of_an_autoscaler_are_left_alone() {
    let place = place!("hpa");
    let (object, autoscaler) = (deployment(), autoscaler());
    place.apply(&object).await;
    place.apply(&with(&autoscaler, "/spec/scaleTargetRef/name", json!("none"))).await;
    scaled(&place, 2).await;
    assert_eq!(place.drift(&object).await, ["spec.replicas: 0 -> 2"]);
    let mut autoscaler = autoscaler;
    autoscaler["metadata"]["name"] = json!("other");
    autoscaler["spec"]["minReplicas"] = json!(2);
    place.create("kubectl-create", &autoscaler).await;
    place.assert_in_sync(&object).await;
    let live = place.apply(&object).await.object;
    assert_eq!(live.get(&["spec", "replicas"]), Some(&json!(2)));
    place.assert_in_sync(&object).await;
}

/// Drift case 21: dropping `replicas` for an autoscaler that comes with the same upgrade does not scale.
#[tokio::test]
async fn replicas_stay_when_an_autoscaler_takes_over() {
    let place = place!("hpa-upgrade");
    let object = with(&deployment(), "/spec/replicas", json!(3));
    place.apply(&object).await;
    let without = with(&object, "/spec/replicas", json!(null));
    let applied = place.try_apply(&without, true, &[autoscaler()]).await.unwrap();
    assert_eq!(applied.object.get(&["spec", "replicas"]), Some(&json!(3)));
    // Without one, the default comes back.
    let other = with(&with(&object, "/metadata/name", json!("e")), "/spec/replicas", json!(3));
    place.apply(&other).await;
    let live = place.apply(&with(&other, "/spec/replicas", json!(null))).await.object;
    assert_eq!(live.get(&["spec", "replicas"]), Some(&json!(1)));
}

/// Drift case 22: a default that stands against the new setting.
#[tokio::test]
async fn a_default_in_the_way_is_removed() {
    let place = place!("default");
    let object = deployment();
    place.apply(&object).await;
    let recreate = with(&object, "/spec/strategy", json!({"type": "Recreate"}));
    assert_eq!(place.validate(&[(&recreate, true)]).await, []);
    place.assert_repaired(&recreate).await;

    let volumes = json!([{"name": "a"}, {"name": "v"}]);
    let object = with(&object, "/metadata/name", json!("e"));
    let object = with(&object, "/spec/template/spec/volumes", volumes);
    place.apply(&object).await;
    place.apply(&config_map()).await;
    let volumes = json!([{"name": "v", "configMap": {"name": "c"}}, {"name": "a"}]);
    let object = with(&object, "/spec/template/spec/volumes", volumes);
    assert_eq!(place.validate(&[(&object, true)]).await, []);
    place.assert_repaired(&object).await;
    let live = place.live("apps/v1/Deployment/e").await;
    let volumes = live.get(&["spec", "template", "spec", "volumes"]).unwrap().as_array().unwrap();
    let volume = volumes.iter().find(|volume| volume["name"] == "v").unwrap();
    assert_eq!(volume["configMap"]["name"], "c");
    assert!(volume.get("emptyDir").is_none());
}

/// Drift case 23: objects that Helm 3 made, and then a smaller chart.
#[tokio::test]
async fn objects_of_helm_3_become_ours_and_what_the_chart_drops_goes() {
    let place = place!("helm3");
    let marks = |object: &serde_json::Value| {
        let mut object = object.clone();
        object["metadata"]["labels"]["app.kubernetes.io/managed-by"] = json!("Helm");
        object["metadata"]["labels"]["extra"] = json!("yes");
        object["metadata"]["annotations"] = json!({"meta.helm.sh/release-name": "site",
            "meta.helm.sh/release-namespace": place.namespace});
        object
    };
    let objects = [deployment(), service(), config_map(), secret()];
    for (index, object) in objects.iter().enumerate() {
        let mut object = object.clone();
        if object["metadata"].get("labels").is_none() {
            object["metadata"]["labels"] = json!({});
        }
        // Helm 3 under its own name, and in another program under that one's.
        let manager = if index % 2 == 0 { "helm" } else { "terraform-provider-helm_v3.1.2_x5" };
        place.create(manager, &marks(&object)).await;
    }
    for object in &objects {
        let mut object = object.clone();
        object["metadata"]["labels"]["extra"] = json!("yes");
        assert_eq!(place.drift(&object).await, Vec::<String>::new(), "{}", object["kind"]);
    }
    let smaller = [
        with(&deployment(), "/spec/template/spec/containers/0/env/1", json!(null)),
        with(&service(), "/spec/ports/0/port", json!(81)),
        with(&config_map(), "/data/a", json!(null)),
        with(&secret(), "/stringData/b", json!(null)),
    ];
    for object in &smaller {
        assert_eq!(place.validate(&[(object, true)]).await, [], "{}", object["kind"]);
        place.assert_repaired(object).await;
    }
    let deployment = place.live(DEPLOYMENT).await;
    assert!(deployment.label("extra").is_none());
    let env =
        deployment.get(&["spec", "template", "spec", "containers"]).unwrap()[0]["env"].clone();
    assert_eq!(env, json!([{"name": "A", "value": "1"}]));
    let ports = place.live("v1/Service/s").await.get(&["spec", "ports"]).cloned().unwrap();
    assert_eq!(ports[0]["port"], 81);
    assert_eq!(ports.as_array().unwrap().len(), 2);
    assert!(place.live("v1/ConfigMap/c").await.get(&["data", "a"]).is_none());
    assert!(place.live("v1/Secret/x").await.get(&["data", "b"]).is_none());
}

/// Drift case 29: ownership that somebody wiped.
#[tokio::test]
async fn wiped_ownership_is_restored() {
    let place = place!("wiped");
    let object = config_map();
    place.apply(&object).await;
    let wipe = json!([{"op": "replace", "path": "/metadata/managedFields", "value": [{}]}]);
    place.edit("kubectl-edit", "v1/ConfigMap/c", &wipe).await;
    assert!(ManagedFields::of(&place.live("v1/ConfigMap/c").await).is_empty());
    place.assert_in_sync(&object).await;
    let smaller = with(&object, "/data/a", json!(null));
    // In one apply, for the plan after it has to be empty.
    place.assert_repaired(&smaller).await;
    assert!(place.live("v1/ConfigMap/c").await.get(&["data", "a"]).is_none());
}

/// Drift case 45: a field that cannot go because somebody else applies it too.
#[tokio::test]
async fn a_field_that_another_applier_holds_is_named() {
    let place = place!("held");
    let object = config_map();
    place.apply(&object).await;
    place
        .apply_as(
            "foo",
            &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"},
        "data": {"a": "1"}}),
        )
        .await;
    let applied = place.apply(&with(&object, "/data/a", json!(null))).await;
    assert!(
        applied
            .warnings
            .iter()
            .any(|warning| warning.contains("`data.a` stays") && warning.contains("`foo`")),
        "{:?}",
        applied.warnings
    );
}

/// An object that Helm 3 wrote in an older version of its API.
#[tokio::test]
async fn an_entry_in_an_older_version_is_taken_over() {
    let place = place!("version");
    let old = json!({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "d", "labels": {"old": "x"}},
        "spec": {"minReplicas": 1, "maxReplicas": 5, "targetCPUUtilizationPercentage": 80,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}});
    place.create("helm", &old).await;
    let mut object = autoscaler();
    object["spec"]["metrics"] = json!([{"type": "Resource", "resource": {"name": "memory",
        "target": {"type": "Utilization", "averageUtilization": 70}}}]);
    let drift = place.drift(&object).await;
    assert!(drift.contains(&"metadata.labels.old: (none) -> x".to_owned()), "{drift:?}");
    place.assert_repaired(&object).await;
    let live = place.live("autoscaling/v2/HorizontalPodAutoscaler/d").await;
    assert_eq!(live.label("old"), None);
    assert_eq!(live.get(&["spec", "metrics"]).unwrap().as_array().unwrap().len(), 1);
}
