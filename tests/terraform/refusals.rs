//! What the API server would refuse, the plan refuses: at the value that is at fault, with a hint.

use super::plain::site;
use super::plain::write;
use crate::support::client::Client;
use crate::support::cluster::Namespace;

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
