use super::ApiError;
use super::ApiErrorClass;
use crate::kubernetes::reference::ObjectReference;

fn read(key: &str, status: u16, body: &str) -> ApiError {
    let object: ObjectReference = key.parse().unwrap();
    ApiError::read("PATCH", "/x?dryRun=All", Some(&object), status, body.as_bytes(), None)
}

const SECRET: &str = "v1/Secret/web/ty";
const DEPLOYMENT: &str = "apps/v1/Deployment/web/site";

fn status(reason: &str, message: &str, details: &str) -> String {
    let message = serde_json::to_string(message).unwrap();
    format!(r#"{{"kind":"Status","reason":"{reason}","message":{message},"details":{details}}}"#)
}

#[test]
fn the_four_kinds_of_404_are_told_apart() {
    let object =
        status("NotFound", "secrets \"ty\" not found", r#"{"name":"ty","kind":"secrets"}"#);
    assert_eq!(read(SECRET, 404, &object).class, ApiErrorClass::ObjectNotFound);
    let namespace =
        status("NotFound", "namespaces \"web\" not found", r#"{"name":"web","kind":"namespaces"}"#);
    assert_eq!(read(SECRET, 404, &namespace).class, ApiErrorClass::NamespaceNotFound);
    assert_eq!(read(SECRET, 404, "404 page not found\n").class, ApiErrorClass::KindNotFound);
    let kind = status("NotFound", "the server could not find the requested resource", "{}");
    assert_eq!(read(SECRET, 404, &kind).class, ApiErrorClass::KindNotFound);
}

#[test]
fn a_missing_namespace_object_is_an_object_that_is_missing() {
    let body =
        status("NotFound", "namespaces \"web\" not found", r#"{"name":"web","kind":"namespaces"}"#);
    assert_eq!(read("v1/Namespace/web", 404, &body).class, ApiErrorClass::ObjectNotFound);
}

#[test]
fn a_500_can_be_the_manifest() {
    let body = status(
        "",
        "failed to create typed patch object (web/site; apps/v1, Kind=Deployment): \
         .spec.template.spec.containers[name=\"m\"].bogus: field not declared in schema",
        "{}",
    );
    let error = read(DEPLOYMENT, 500, &body);
    assert_eq!(error.class, ApiErrorClass::InvalidManifest);
    assert_eq!(
        error.to_string(),
        "Deployment `web/site`: the API server cannot read the object: \
         .spec.template.spec.containers[name=\"m\"].bogus: field not declared in schema."
    );
    let webhook = status("InternalError", "failed calling webhook \"x\": connection refused", "{}");
    assert_eq!(read(DEPLOYMENT, 500, &webhook).class, ApiErrorClass::WebhookFailed);
    let etcd = status("InternalError", "etcdserver: leader changed", "{}");
    assert_eq!(read(DEPLOYMENT, 500, &etcd).class, ApiErrorClass::ServerFailure);
}

#[test]
fn a_403_says_why() {
    let cases = [
        ("exceeded quota: q, requested: services=1", ApiErrorClass::QuotaExceeded),
        ("failed quota: q: must specify limits.cpu for: m", ApiErrorClass::QuotaExceeded),
        ("violates PodSecurity \"restricted:latest\": x", ApiErrorClass::PodSecurity),
        (
            "deployments.apps \"site\" is forbidden: User \"u\" cannot patch resource \"deployments\"",
            ApiErrorClass::AccessDenied,
        ),
        ("only dynamically provisioned pvc can be resized", ApiErrorClass::AdmissionDenied),
    ];
    for (message, class) in cases {
        assert_eq!(read(DEPLOYMENT, 403, &status("Forbidden", message, "{}")).class, class);
    }
    let terminating = status(
        "Forbidden",
        "unable to create new content",
        r#"{"causes":[{"reason":"NamespaceTerminating","field":"metadata.namespace","message":"m"}]}"#,
    );
    assert_eq!(read(DEPLOYMENT, 403, &terminating).class, ApiErrorClass::NamespaceTerminating);
}

#[test]
fn a_denial_is_one_whatever_status_it_comes_with() {
    let webhook =
        "admission webhook \"v.example.org\" denied the request: spec.replicas is too much";
    let policy = "deployments.apps \"site\" is forbidden: ValidatingAdmissionPolicy 'few' with binding \
                  'few' denied request: failed expression: object.spec.replicas <= 3";
    for status_code in [400, 401, 403, 404, 409, 413, 422, 429, 500, 503] {
        for (message, shown) in [
            (webhook, webhook.to_owned()),
            (policy, policy.split_once("forbidden: ").unwrap().1.to_owned()),
        ] {
            let error = read(DEPLOYMENT, status_code, &status("", message, "{}"));
            assert_eq!(error.class, ApiErrorClass::AdmissionDenied, "{status_code} {message}");
            assert_eq!(error.to_string(), format!("Deployment `web/site`: {shown}."));
            assert_eq!(error.fields(), ["spec.replicas"]);
            assert!(error.hint().unwrap().starts_with("A rule of the cluster"));
        }
    }
    // Of a Secret, too, all lines are shown, without the values that they quote.
    let lines =
        "admission webhook \"k\" denied the request:\nrule a: Invalid value: \"hunter2\": no";
    let error = read(SECRET, 400, &status("", lines, "{}")).to_string();
    assert!(error.ends_with("\nrule a: Invalid value: (not shown): no."), "{error}");
    // A webhook that is asked for its opinion and cannot be reached is another matter.
    let failed = "failed calling webhook \"x\": admission webhook \"x\" is not there";
    let error = read(DEPLOYMENT, 500, &status("InternalError", failed, "{}"));
    assert_eq!(error.class, ApiErrorClass::WebhookFailed);
}

#[test]
fn values_of_a_job_are_not_kept() {
    let body = status(
        "Invalid",
        "Job.batch \"j\" is invalid: spec.template: Invalid value: core.PodTemplateSpec{Env:\"hunter2\"}: \
         field is immutable",
        r#"{"causes":[{"reason":"FieldValueInvalid","field":"spec.template",
            "message":"Invalid value: core.PodTemplateSpec{Env:\"hunter2\"}: field is immutable"}]}"#,
    );
    let error = read("batch/v1/Job/web/j", 422, &body);
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert!(error.is_immutable());
    assert_eq!(error.fields(), ["spec.template"]);
    assert!(error.hint().is_some());
}

#[test]
fn a_409_says_which() {
    let cases = [
        ("AlreadyExists", "secrets \"x\" already exists", ApiErrorClass::AlreadyExists),
        ("Conflict", "the object has been modified", ApiErrorClass::Conflict),
        ("Conflict", "uid mismatch: the provided object", ApiErrorClass::UidMismatch),
        (
            "Conflict",
            "Operation cannot be fulfilled on resourcequotas \"q\": the object has been modified",
            ApiErrorClass::QuotaConflict,
        ),
    ];
    for (reason, message, class) in cases {
        assert_eq!(read(DEPLOYMENT, 409, &status(reason, message, "{}")).class, class);
    }
}
