//! What other providers of releases and objects get wrong, each under the issue that tells of it.
//! `docs/peers.md` lists these and the tests elsewhere.

use std::collections::BTreeSet;

use super::plain::changes;
use super::plain::site;
use super::plain::write;
use crate::support::client::Client;
use crate::support::cluster::Namespace;

/// The two Deployments that are told of, without the pods.
const QUANTITIES: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: { name: quantities, creationTimestamp: null }
spec:
  replicas: 0
  selector: { matchLabels: { app: quantities } }
  template:
    metadata: { creationTimestamp: null, labels: { app: quantities } }
    spec:
      containers:
        - name: main
          image: docker.io/curlimages/curl:8.16.0
          env: [{ name: NOTE, value: {{ .Values.a | quote }} }]
          ports: [{ name: http, containerPort: 8080 }]
          livenessProbe: { httpGet: { path: /healthz, port: http } }
          resources:
            requests: { memory: "1.5Gi", cpu: "1000m", ephemeral-storage: "1073741824" }
            limits: { memory: "1.7Gi", cpu: "1.0", ephemeral-storage: "2000Mi" }
        - name: side
          image: docker.io/curlimages/curl:8.16.0
          resources: { requests: { memory: "128e6", cpu: "0.15" }, limits: { memory: "1000000k", cpu: 2 } }
"#;

/// <https://github.com/hashicorp/terraform-provider-kubernetes/issues/2185>
///
/// Quantities that the API server writes otherwise, such as 1.7Gi, were an "inconsistent result after
/// apply" and a difference in every plan.
#[test]
fn issue_2185_quantities_are_what_they_are_worth() {
    let namespace = Namespace::new("quantities");
    let site = site(Client::Terraform, &namespace, "values = { a = \"one\" }");
    write(&site, "templates/quantities.yaml", QUANTITIES);
    site.apply().ok();
    site.assert_nothing_to_do();
    site.replace("\"one\"", "\"two\"");
    let (_, plan) = site.plan_json();
    let expected = [
        "ConfigMap/conf data.a: one -> two",
        "Deployment/quantities spec.template.spec.containers[main].env[NOTE].value: one -> two",
    ];
    assert_eq!(changes(&plan), BTreeSet::from(expected.map(str::to_owned)));
    site.apply().ok();
    site.assert_nothing_to_do();
    site.destroy().ok();
}

const DATABASE: &str = r"
apiVersion: GROUP/v1
kind: Database
metadata: { name: main, labels: { team: a } }
spec:
  version: {{ .Values.a | quote }}
  backup: { schedules: [{ name: full, schedule: '0 0 * * 0' }] }
";

const DEFINITION: &str = r"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: databases.GROUP }
spec:
  group: GROUP
  scope: Namespaced
  names: { kind: Database, plural: databases, singular: database, listKind: DatabaseList }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            status: { type: object, x-kubernetes-preserve-unknown-fields: true }
            spec:
              type: object
              properties:
                version: { type: string }
                replicas: { type: integer, default: 1 }
                storage: { type: string }
                backup:
                  type: object
                  properties:
                    retentionDays: { type: integer, default: 7 }
                    schedules:
                      type: array
                      items:
                        type: object
                        properties:
                          name: { type: string }
                          schedule: { type: string }
                          type: { type: string, default: full }
";

/// <https://github.com/hashicorp/terraform-provider-kubernetes/issues/2547>
///
/// What an operator writes into its own custom resource, and defaults of its definition, were an
/// "inconsistent result after apply".
#[test]
fn issue_2547_what_an_operator_adds_to_its_resource_stays() {
    let namespace = Namespace::new("operator");
    let group = format!("{}.example.org", namespace.name);
    let site = site(Client::OpenTofu, &namespace, "values = { a = \"8\" }");
    write(&site, "crds/database.yaml", &DEFINITION.replace("GROUP", &group));
    write(&site, "templates/database.yaml", &DATABASE.replace("GROUP", &group));
    site.apply().ok();
    let resource = format!("databases.{group}/main");
    let operate = |more: &[&str], patch: &str| {
        let patch = ["patch", &resource, "--type=merge", "--field-manager=operator", "-p", patch];
        namespace.kubectl(&[&patch, more].concat());
    };
    operate(
        &[],
        r#"{"metadata":{"annotations":{"owner":"operator"},"finalizers":["example.org/o"]},"spec":{"storage":"5Gi"}}"#,
    );
    operate(&["--subresource=status"], r#"{"status":{"phase":"Ready","replicas":1}}"#);
    site.assert_nothing_to_do();
    site.replace("\"8\"", "\"9\"");
    let (ran, plan) = site.plan_json();
    ran.says("the field manager `operator` has added").says("`spec.storage`");
    let expected =
        ["ConfigMap/conf data.a: \"8\" -> \"9\"", "Database/main spec.version: \"8\" -> \"9\""];
    assert_eq!(changes(&plan), BTreeSet::from(expected.map(str::to_owned)));
    site.apply().ok();
    site.assert_nothing_to_do();
    let is =
        |path: &str| namespace.kubectl(&["get", &resource, "-o", &format!("jsonpath={{{path}}}")]);
    let now = [".spec.version", ".spec.storage", ".spec.replicas", ".metadata.annotations.owner"];
    assert_eq!(now.map(is), ["9", "5Gi", "1", "operator"]);
    operate(&[], r#"{"metadata":{"finalizers":null}}"#);
    site.destroy().ok();
    namespace.kubectl(&["delete", &format!("customresourcedefinition/databases.{group}")]);
}

/// Certificates that are others in every render, as charts of admission webhooks make them, where
/// no `lookup` keeps them.
const CERTIFICATES: &str = r#"
{{- $authority := genCA "authority" 365 }}
{{- $certificate := genSignedCert "svc" nil (list "svc") 365 $authority }}
apiVersion: v1
kind: Secret
metadata: { name: certificate }
type: kubernetes.io/tls
data:
  tls.crt: {{ $certificate.Cert | b64enc }}
  tls.key: {{ $certificate.Key | b64enc }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: {{ .Release.Namespace }} }
webhooks:
  - name: things.example.org
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    matchPolicy: Equivalent
    clientConfig:
      caBundle: {{ $authority.Cert | b64enc }}
      service: { name: svc, namespace: {{ .Release.Namespace }}, path: "/{{ .Values.a }}" }
    namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: {{ .Release.Namespace }} } }
    rules: [{ apiGroups: [example.org], apiVersions: [v1], operations: [CREATE], resources: [things] }]
"#;

/// <https://github.com/hashicorp/terraform-provider-helm/issues/805>
///
/// A chart that makes new certificates in every render ended in "inconsistent final plan", and was
/// a difference in every plan.
#[test]
fn issue_805_certificates_that_are_new_in_every_render_are_no_difference() {
    for client in Client::ALL {
        let namespace = Namespace::new("certificates");
        let site = site(client, &namespace, "values = { a = \"one\" }");
        write(&site, "templates/certificates.yaml", CERTIFICATES);
        let certificate = || {
            let data = "jsonpath={.data.tls\\.crt}";
            namespace.kubectl(&["get", "secret/certificate", "-o", data])
        };
        site.apply().ok();
        let first = certificate();
        site.assert_nothing_to_do();
        // Another reason to apply makes new ones, as with Helm, and the plan says so.
        site.replace("\"one\"", "\"two\"");
        site.plan().ok().says("(known after apply)").says("1 to change");
        site.apply().ok();
        site.assert_nothing_to_do();
        assert_ne!(certificate(), first, "{client:?}");
        // Somebody's change of what is random is one all the same.
        let patch = r#"{"data":{"tls.crt":"eA=="}}"#;
        namespace.kubectl(&["patch", "secret/certificate", "-p", patch]);
        site.plan().ok().says("1 to change");
        site.apply().ok();
        site.assert_nothing_to_do();
        site.destroy().ok();
        assert_eq!(namespace.leftovers(), [""; 0], "{client:?}");
    }
}
