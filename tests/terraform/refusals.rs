//! What the API server would refuse, the plan refuses: at the value that is at fault, with a hint.

use std::process::Output;

use super::plain::site;
use super::plain::write;
use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::support::eventually;

/// Drift cases 4, 5, 6, 34, 35: through the clients.
#[test]
fn refusals_are_plan_errors_at_the_value_that_is_at_fault() {
    const BAD: &str = r"
apiVersion: v1
kind: ConfigMap
metadata: { name: types }
data: { number: {{ .Values.settings.number }} }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: bad }
spec:
  selector: { matchLabels: { app: bad } }
  template:
    metadata: { labels: { app: bad } }
    spec:
      containers:
        - name: main
          image: x
          imagePullPolicy: {{ .Values.policy }}
          env:
            - { name: A, value: x }
            - { name: {{ .Values.twice }}, value: b }
          {{ .Values.field }}: x
---
apiVersion: v1
kind: Pod
metadata: { name: bare }
spec:
  containers: [{ name: bare, image: x }]
---
apiVersion: v1
kind: Service
metadata: { name: quota }
spec: { ports: [{ port: 1 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: loose }
spec:
  selector: { matchLabels: { app: loose } }
  template:
    metadata: { labels: { app: loose } }
    spec: { containers: [{ name: privileged, image: x }] }
";
    let values = r#"values = {
    settings = { number = 1 }
    twice    = "B"
    field    = "workingDir"
    policy   = "Always"
    port     = 80
  }"#;
    let namespace = Namespace::new("refusals");
    namespace.kubectl(&["create", "quota", "none", "--hard=services=0"]);
    namespace.kubectl(&[
        "wait",
        "quota/none",
        "--for=jsonpath={.status.hard.services}=0",
        "--timeout=30s",
    ]);
    for client in Client::ALL {
        let site = site(client, &namespace, values);
        write(&site, "templates/bad.yaml", BAD);
        // Everything that is wrong is said at once.
        site.plan()
            .failed()
            .says("Error: The API server would refuse ConfigMap")
            .says(".data.number: expected string, got 1")
            .says("on main.tf line")
            .says("At `values.settings.number`.")
            .says("The template is `plain/templates/bad.yaml`.")
            .says("quote the value")
            .says("Error: The API server would refuse Pod")
            .says("violates PodSecurity")
            .says("Hint: Change the pod's security context")
            .says("exceeded quota: none")
            .says("limited: services=0")
            .says("Hint: Ask for less")
            .says("Warning: The API server warns about Deployment")
            .says("(container \"privileged\" must");
        site.replace("number = 1", "number = \"'1'\"");
        site.replace("twice    = \"B\"", "twice    = \"A\"");
        site.plan()
            .failed()
            .says_nothing_of("expected string")
            .says("containers[name=\"main\"].env: duplicate entries for key [name=\"A\"]")
            .says("twice    = \"A\"")
            .says("Two items of this list have the same key.");
        site.replace("twice    = \"A\"", "twice    = \"B\"");
        site.replace("field    = \"workingDir\"", "field    = \"bogus\"");
        site.plan()
            .failed()
            .says(".bogus: field not declared in schema")
            .says("check its spelling");
        site.replace("field    = \"bogus\"", "field    = \"workingDir\"");
        site.replace("policy   = \"Always\"", "policy   = \"Sometimes\"");
        site.plan()
            .failed()
            .says("spec.template.spec.containers[0].imagePullPolicy")
            .says("policy   = \"Sometimes\"")
            .says("Hint: Correct the value");
    }
}

/// Is a policy with its binding, for the objects of one namespace.
struct Policy<'a> {
    namespace: &'a Namespace,
    name: String,
}

impl<'a> Policy<'a> {
    /// Makes a policy that holds by the time that this returns: `probe` is denied.
    fn new(
        namespace: &'a Namespace,
        rule: &str,
        validation: &str,
        probe: impl Fn() -> Output,
    ) -> Self {
        let policy = Self { namespace, name: format!("{}-policy", namespace.name) };
        let (own, name) = (&namespace.name, &policy.name);
        namespace.apply(&format!(
            r"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{ name: {name} }}
spec:
  failurePolicy: Fail
  matchConstraints: {{ resourceRules: [{{ apiVersions: [v1], {rule} }}] }}
  validations: [{{ {validation} }}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{ name: {name} }}
spec:
  policyName: {name}
  validationActions: [Deny]
  matchResources: {{ namespaceSelector: {{ matchLabels: {{ kubernetes.io/metadata.name: {own} }} }} }}
"
        ));
        eventually("the policy holds", || !probe().status.success());
        policy
    }
}

impl Drop for Policy<'_> {
    fn drop(&mut self) {
        for kind in ["validatingadmissionpolicybinding", "validatingadmissionpolicy"] {
            drop(self.namespace.try_kubectl(&["delete", kind, &self.name]));
        }
    }
}

const COUNTED: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: { name: counted }
data: { count: "{{ .Values.count }}" }
"#;

#[test]
fn a_policy_that_denies_is_quoted_at_the_value_and_blocks_no_destroy() {
    let namespace = Namespace::new("policy");
    let sites = Client::ALL.map(|client| {
        let site = site(client, &namespace, "values = { count = 1 }");
        write(&site, "templates/counted.yaml", COUNTED);
        site
    });
    let [first, second] = &sites;
    first.apply().ok();
    second.write("terraform.tfstate", &first.read("terraform.tfstate"));
    {
        let probe = || {
            let data = "--from-literal=count=9";
            namespace.try_kubectl(&["create", "configmap", "probe", data, "--dry-run=server"])
        };
        let rule = "apiGroups: [\"\"], operations: [CREATE, UPDATE], resources: [configmaps]";
        let validation = "expression: \"!has(object.data.count) || int(object.data.count) < 2\", \
                          message: \"data.count is 1 at most here: ask the platform team\"";
        let policy = Policy::new(&namespace, rule, validation, probe);
        for site in &sites {
            site.assert_nothing_to_do();
            site.replace("count = 1", "count = 2");
            site.plan()
                .failed()
                .says(&format!(
                    "Error: The API server would refuse ConfigMap `{}/counted`",
                    namespace.name
                ))
                .says("values = { count = 2 }")
                .says(&format!("ValidatingAdmissionPolicy '{}' with binding", policy.name))
                .says("data.count is 1 at most here: ask the platform team.")
                .says("The template is `plain/templates/counted.yaml`.")
                .says("Hint: A rule of the cluster (an admission webhook or policy) forbids it");
            // What is applied already is not refused: that would be in the way of a destroy.
            site.replace("count = 2", "count = 1");
            namespace.kubectl(&["scale", "deployment/web", "--replicas=1"]);
            site.plan().ok().says("1 to change");
            site.apply().ok();
        }
        second.write("terraform.tfstate", &first.read("terraform.tfstate"));
    }
    // One that keeps an object from being deleted is told by the destroy, which goes on later.
    eventually("the policy holds no more", || {
        namespace.try_kubectl(&["create", "configmap", "probe"]).status.success()
    });
    let delete = || namespace.try_kubectl(&["delete", "configmap", "probe", "--dry-run=server"]);
    let rule = "apiGroups: [\"\"], operations: [DELETE], resources: [configmaps]";
    let validation =
        "expression: \"false\", message: nothing is deleted here, reason: RequestEntityTooLarge";
    let policy = Policy::new(&namespace, rule, validation, delete);
    first
        .destroy()
        .failed()
        .says("ConfigMap `")
        .says("denied request: nothing is deleted here.")
        .says("destroying it again continues from there.");
    drop(policy);
    eventually("the policy holds no more", || delete().status.success());
    first.destroy().ok();
    assert_eq!(namespace.leftovers(), ["configmap/probe"]);
}
