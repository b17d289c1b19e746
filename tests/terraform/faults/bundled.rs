//! The bundled chart when an update of it fails half way: what it serves, and what it stores.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::place::Place;
use crate::support::client::Client;
use crate::support::eventually;

const GOOD: &str = "values = { replicaCount = 1, index = { content = \"one\" }, minio = { persistence = { size = \"64Mi\" } } }";

/// Is an update that cannot become ready, with what the error has to say.
const FAULTS: [(&str, &str, &[&str]); 2] = [
    (
        "index =",
        "image = { tag = \"v9.9.9\" }, index =",
        &["/site-s3www` cannot become ready.", "v9.9.9"],
    ),
    (
        "\"64Mi\" }",
        "\"64Mi\" }, image = { tag = \"v9.9.9\" }",
        &["StatefulSet `", "/site-minio` cannot become ready.", "v9.9.9"],
    ),
];

#[test]
fn a_bad_image_in_an_update_costs_the_bundled_chart_no_file() {
    let place = Place::bundled(Client::OpenTofu, "bundled");
    place.set(GOOD, "");
    place.converge();
    let claim = || place.field("pvc/data-site-minio-0", ".metadata.uid");
    let stored = claim();
    let is_whole = || {
        assert_eq!(place.served("index.html"), "one\n");
        assert_eq!(place.served("note.txt"), "a note");
        assert_eq!(claim(), stored);
    };
    let mut revision = 1;
    for (text, with, says) in FAULTS {
        let bad = GOOD.replace(text, with);
        // As it is: the pods that served go on, if it is not the storage that is broken.
        place.set(&bad, "");
        let mut ran = place.site.apply().failed();
        for part in says {
            ran = ran.says(part);
        }
        let good = revision;
        revision += 1;
        ran.says(&format!("kept as revision {revision}, status `failed`; revision {good} still"));
        assert_eq!(place.history().last().unwrap(), &format!("{revision} failed"));
        if says[0].contains("s3www") {
            is_whole();
        }
        // Another time, asked to go back: it serves as before, without a further step.
        place.set(&bad, "rollback_on_failure = true");
        place.site.apply().failed().says(&format!("went back to revision {good}"));
        revision += 2;
        assert_eq!(place.history().last().unwrap(), &format!("{revision} deployed"));
        is_whole();
        place.site.plan().ok().says("Plan: 0 to add, 1 to change, 0 to destroy.");
        // Taken back, nothing is left to do.
        place.set(GOOD, "");
        place.converge();
        is_whole();
    }
    // Somebody stops MinIO, or takes its Service: the plan says so, and is no error.
    let stop = ["scale", "statefulset/site-minio", "--replicas=0"];
    let remove = ["delete", "service/site-minio"];
    for (edit, says) in [(&stop[..], "\"spec.replicas\""), (&remove[..], "+ \"v1/Service/")] {
        place.namespace.kubectl(edit);
        if edit == stop {
            eventually("MinIO is away", || !place.exists("pod/site-minio-0"));
        }
        let ran =
            place.site.plan().ok().says("Plan: 0 to add, 1 to change, 0 to destroy.").says(says);
        ran.says("Warning: Bucket `site` cannot be looked at.");
        place.converge();
        is_whole();
    }
    // A state of the first version that worked knows less, and is one all the same.
    place.site.write("terraform.tfstate", &as_at_first(&place.site.read("terraform.tfstate")));
    place.site.assert_nothing_to_do();
    place.site.destroy().ok();
    assert_eq!(place.namespace.leftovers(), ["persistentvolumeclaim/data-site-minio-0"]);
}

/// Takes out of a state what the first version that worked (commit 67e4191) did not write:
/// attributes, and private data.
fn as_at_first(state: &str) -> String {
    const ATTRIBUTES: [&str; 4] = [
        "endpoint",
        "abort_incomplete_multipart_upload_days",
        "force_overwrite",
        "delete_versions",
    ];
    const PRIVATE: [&str; 3] = ["hash_key", "values_wo", "first_revision"];
    let mut state: serde_json::Value = serde_json::from_str(state).unwrap();
    let mut removed = 0;
    for resource in state["resources"].as_array_mut().unwrap() {
        let instance = &mut resource["instances"][0];
        let attributes = instance["attributes"].as_object_mut().unwrap();
        for name in ATTRIBUTES {
            removed += usize::from(attributes.remove(name).is_some());
        }
        let private = STANDARD.decode(instance["private"].as_str().unwrap_or_default()).unwrap();
        if let Ok(mut private) = serde_json::from_slice::<serde_json::Value>(&private) {
            if let Some(members) = private.as_object_mut() {
                let before = members.len();
                members.retain(|name, _| PRIVATE.contains(&name.as_str()));
                removed += before - members.len();
            }
            instance["private"] = STANDARD.encode(private.to_string()).into();
        }
    }
    assert!(removed > 4, "nothing was taken out: {state}");
    state.to_string()
}
