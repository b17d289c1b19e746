//! Creates and updates that fail half way: what is said, recorded, planned and kept.

use super::place::GOOD;
use super::place::Place;
use crate::support::client::Client;

/// Is a fault with what the error has to say of it.
struct Fault {
    values: &'static str,
    says: &'static [&'static str],
    /// Whether the first revision of a release meets it too.
    on_create: bool,
}

/// A pod's quota is not looked at when a Deployment is tried, so only the apply meets it.
const QUOTA: &str = r#"apiVersion: v1
kind: ResourceQuota
metadata: { name: few }
spec: { hard: { pods: "0" } }
"#;

const FAULTS: [Fault; 5] = [
    Fault {
        values: "values = { note = \"two\", image = \"registry.invalid/no/such:image\" }",
        says: &[
            "Deployment `",
            "/web` cannot become ready.",
            "container `main`: ",
            "Last event (",
            "Failed to pull image \"registry.invalid/no/such:image\"",
            "Hint: ",
        ],
        on_create: true,
    },
    Fault {
        values: "values = { note = \"two\", hooks = { migrate = \"echo no such table; exit 4\" } }",
        says: &["hook Job `", "/migrate` failed", "exit code 4", "no such table"],
        on_create: true,
    },
    Fault {
        values: "values = { note = \"two\", jobs = { load = \"echo the bucket is missing; exit 3\" } }",
        says: &["Job `", "/load` cannot become ready.", "exit code 3", "the bucket is missing"],
        on_create: true,
    },
    Fault {
        // The Service comes after ConfigMap, Secret and claim and before the Deployment; a dry run
        // does not look at the port's range.
        values: "values = { note = \"two\", refused = true }",
        says: &["Service `", "/web`: ", "provided port is not in the valid range", "30000-32767"],
        on_create: true,
    },
    Fault {
        values: "values = { note = \"quota\", more = file(\"quota.yaml\") }",
        says: &["Deployment `", "FailedCreate", "exceeded quota: few"],
        on_create: false,
    },
];

/// <https://github.com/hashicorp/terraform-provider-helm/issues/472>
#[test]
fn issue_472_a_failed_update_keeps_the_old_state_and_the_data() {
    let place = Place::new(Client::Terraform, "half-update");
    place.site.write("quota.yaml", QUOTA);
    place.converge();
    let data = place.data();
    let before = place.site.attributes("s3www_stack.site");
    let mut revision = 1;
    for fault in &FAULTS {
        place.set(fault.values, "");
        let mut ran = place.site.apply().failed();
        for part in fault.says {
            ran = ran.says(part);
        }
        revision += 1;
        // The revision is kept as it is, and the old one counts.
        ran.says(&format!(
            "kept as revision {revision}, status `failed`; revision 1 still serves."
        ))
        .says("`rollback_on_failure = true`");
        let history = place.history();
        assert_eq!(history.first().unwrap(), "1 deployed", "{}", fault.values);
        assert_eq!(*history.last().unwrap(), format!("{revision} failed"), "{}", fault.values);
        assert!(place.description().starts_with("Upgrade \"site\" failed: "));
        // The state says nothing that is not so, and the next plan is not empty.
        let after = place.site.attributes("s3www_stack.site");
        assert_eq!(after["values"], before["values"], "{}", fault.values);
        place.site.plan().ok().says("Plan: 0 to add, 1 to change, 0 to destroy.");
        assert_eq!(place.field("pvc/data", ".metadata.uid"), data.1);
    }
    // What works again is one plain apply away, and what only failed revisions had is gone.
    place.set(GOOD, "");
    place.converge();
    assert_eq!(place.history().last().unwrap(), "7 deployed");
    for object in ["job/load", "quota/few"] {
        assert!(!place.exists(object), "{object}");
    }
    assert_eq!(place.field("service/web", ".spec.type"), "ClusterIP");
    assert_eq!(place.data(), data);
    place.end();
}

/// Few revisions are kept: what a hook left goes with the record of the revision that ran it.
const BACK: &str = "rollback_on_failure = true\n  max_history = 3";

#[test]
fn a_failed_update_goes_back_if_asked_for_and_keeps_the_data() {
    let place = Place::new(Client::OpenTofu, "half-back");
    place.site.write("quota.yaml", QUOTA);
    place.set(GOOD, BACK);
    place.converge();
    let data = place.data();
    let password = place.field("secret/once", ".data.password");
    let mut revision = 1;
    for fault in &FAULTS {
        place.set(fault.values, BACK);
        let mut ran = place.site.apply().failed();
        for part in fault.says {
            ran = ran.says(part);
        }
        ran.says(&format!("The release went back to revision {revision}"));
        revision += 2;
        assert_eq!(*place.history().last().unwrap(), format!("{revision} deployed"));
        assert_eq!(place.field("configmap/early", ".data.note"), "one", "{}", fault.values);
        assert_eq!(place.data(), data, "{}", fault.values);
        assert_eq!(place.field("secret/once", ".data.password"), password);
        for object in ["job/load", "quota/few"] {
            assert!(!place.exists(object), "{object} after {}", fault.values);
        }
        place.site.plan().ok().says("Plan: 0 to add, 1 to change, 0 to destroy.");
        // With the configuration taken back nothing is left to do.
        place.set(GOOD, BACK);
        place.converge();
    }
    // A claim that a failed revision no longer has is not deleted with it.
    let without = "values = { note = \"two\", claim = false, image = \"registry.invalid/a:b\" }";
    place.set(without, BACK);
    place.site.apply().failed().says("went back to revision");
    assert_eq!(place.data(), data);
    place.set("values = { note = \"two\", claim = false }", BACK);
    place.converge();
    assert!(!place.exists("pvc/data"));
    place.end();
}

/// A StatefulSet with a claim of its own.
const DATABASE: &str = r#"apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec:
      terminationGracePeriodSeconds: 1
      securityContext: { runAsNonRoot: true, runAsUser: 100, fsGroup: 100, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: main
          image: docker.io/curlimages/curl:8.16.0
          imagePullPolicy: IfNotPresent
          command: [sh, -c, "test -f /data/marker || cat /proc/sys/kernel/random/uuid > /data/marker; trap 'exit 0' TERM; while :; do sleep 0.2; done"]
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
          volumeMounts: [{ name: data, mountPath: /data }]
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }
"#;

/// <https://github.com/hashicorp/terraform-provider-helm/issues/620>
#[test]
fn issue_620_what_a_failed_create_stored_outlives_its_repair() {
    let place = Place::new(Client::Terraform, "tainted");
    place.site.write("db.yaml", DATABASE);
    let broken = "values = { note = \"one\", more = file(\"db.yaml\"), jobs = { load = \"sleep 6; exit 3\" } }";
    place.set(broken, "");
    place.site.apply().failed().says("exit code 3");
    let marker = || place.namespace.kubectl(&["exec", "db-0", "--", "cat", "/data/marker"]);
    let stored = (marker(), place.field("pvc/data-db-0", ".metadata.uid"));
    place.site.plan().ok().says("is tainted, so");
    place.set("values = { note = \"one\", more = file(\"db.yaml\") }", "");
    place.converge();
    assert_eq!((marker(), place.field("pvc/data-db-0", ".metadata.uid")), stored);
    place.site.destroy().ok();
    assert_eq!(place.namespace.leftovers(), ["persistentvolumeclaim/data-db-0"]);
}

/// <https://github.com/kubernetes/kubernetes/issues/67250>
///
/// A StatefulSet waits for a pod that can never be ready before it replaces it with one that can.
#[test]
fn issue_67250_a_stateful_set_with_a_broken_pod_is_repaired_by_a_plain_apply() {
    let place = Place::new(Client::OpenTofu, "stuck");
    place.site.write("db.yaml", DATABASE);
    place.site.write("broken.yaml", &DATABASE.replace("curlimages/curl:8.16.0", "no/such:image"));
    let good = "values = { note = \"one\", more = file(\"db.yaml\") }";
    place.set(good, "");
    place.converge();
    let marker = || place.namespace.kubectl(&["exec", "db-0", "--", "cat", "/data/marker"]);
    let stored = (marker(), place.field("pvc/data-db-0", ".metadata.uid"));
    let whole = || assert_eq!((marker(), place.field("pvc/data-db-0", ".metadata.uid")), stored);
    let broken = good.replace("db.yaml", "broken.yaml");
    place.set(&broken, "");
    place.site.apply().failed().says("StatefulSet `").says("no/such:image");
    place.set(good, "");
    place.converge();
    whole();
    place.set(&broken, "rollback_on_failure = true");
    place.site.apply().failed().says("The release went back to revision");
    whole();
    place.site.destroy().ok();
    assert_eq!(place.namespace.leftovers(), ["persistentvolumeclaim/data-db-0"]);
}

/// <https://github.com/hashicorp/terraform-provider-helm/issues/1665>
#[test]
fn issue_1665_a_failed_create_is_in_the_state_and_the_next_apply_repairs_it() {
    let place = Place::new(Client::OpenTofu, "half-create");
    place.site.write("quota.yaml", QUOTA);
    for fault in FAULTS.iter().filter(|fault| fault.on_create) {
        place.set(fault.values, "");
        let mut ran = place.site.apply().failed();
        for part in fault.says {
            ran = ran.says(part);
        }
        ran.says("status `failed`; the next apply continues from there.");
        assert!(place.history().last().unwrap().ends_with(" failed"), "{}", fault.values);
        let state = place.site.read("terraform.tfstate");
        assert!(state.contains("\"status\": \"tainted\""), "{}: {state}", fault.values);
        place.site.plan().ok().says("must be replaced");
    }
    place.set(GOOD, "");
    place.converge();
    assert_eq!(place.history().last().unwrap(), "1 deployed");
    place.end();

    // And the same when it is to be undone: nothing is left, in the cluster and in the state.
    for fault in FAULTS.iter().filter(|fault| fault.on_create) {
        place.set(fault.values, "rollback_on_failure = true");
        place.site.apply().failed().says("The release was uninstalled again");
        assert_eq!(place.namespace.leftovers(), [""; 0], "{}", fault.values);
        assert!(place.site.attributes("s3www_stack.site").is_null(), "{}", fault.values);
        place.site.plan().ok().says("Plan: 1 to add, 0 to change, 0 to destroy.");
    }
    // What a failed create has left can be destroyed without being repaired first.
    place.set(FAULTS[2].values, "");
    place.site.apply().failed();
    place.end();
}
