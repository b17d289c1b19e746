//! A namespace, a chart that has a part for every fault, and what to look at afterwards.

use std::path::Path;

use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::support::cluster::kubeconfig;
use crate::support::workspace::Workspace;
use crate::terraform::head;
use crate::terraform::helm;
use crate::terraform::workspace;

/// The values line of a configuration that works.
pub const GOOD: &str = "values = { note = \"one\" }";

/// The chart: a claim that holds data, a Secret that is made once, a Deployment, and what a test
/// asks for.
const TEMPLATES: &str = r#"
{{- define "pod" }}
terminationGracePeriodSeconds: 1
securityContext: { runAsNonRoot: true, runAsUser: 100, fsGroup: 100, seccompProfile: { type: RuntimeDefault } }
{{- end }}
{{- define "container" }}
imagePullPolicy: IfNotPresent
securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
{{- end }}
apiVersion: v1
kind: ConfigMap
metadata: { name: early }
data: { note: {{ .Values.note | quote }} }
---
apiVersion: v1
kind: Secret
metadata: { name: once }
data:
  {{- $known := lookup "v1" "Secret" .Release.Namespace "once" }}
  password: {{ dig "data" "password" (randAlphaNum 12 | b64enc) $known | quote }}
{{- if .Values.claim }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }
{{- end }}
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  {{- if .Values.refused }}
  type: NodePort
  {{- end }}
  ports:
    - port: 80
      {{- if .Values.refused }}
      nodePort: 80
      {{- end }}
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations: { note: {{ .Values.note | quote }} }
    spec:
      {{- include "pod" . | nindent 6 }}
      containers:
        - name: main
          image: {{ .Values.image }}
          command: [sh, -c, "test -f /data/marker || cat /proc/sys/kernel/random/uuid > /data/marker; trap 'exit 0' TERM; while :; do sleep 0.2; done"]
          {{- include "container" . | nindent 10 }}
          {{- if .Values.unready }}
          readinessProbe: { exec: { command: ["false"] } }
          {{- end }}
          volumeMounts: [{ name: data, mountPath: /data }]
      volumes:
        - name: data
          {{- if .Values.claim }}
          persistentVolumeClaim: { claimName: data }
          {{- else }}
          emptyDir: {}
          {{- end }}
{{- range $name, $script := .Values.jobs }}
---
apiVersion: batch/v1
kind: Job
metadata: { name: {{ $name }} }
spec:
  backoffLimit: 0
  template:
    spec:
      {{- include "pod" $ | nindent 6 }}
      restartPolicy: Never
      containers:
        - name: main
          image: {{ $.Values.image }}
          command: [sh, -c, {{ $script | quote }}]
          {{- include "container" $ | nindent 10 }}
{{- end }}
{{- range $name, $script := .Values.hooks }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $name }}
  annotations: { helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded" }
spec:
  backoffLimit: 0
  template:
    spec:
      {{- include "pod" $ | nindent 6 }}
      restartPolicy: Never
      containers:
        - name: main
          image: {{ $.Values.image }}
          command: [sh, -c, {{ $script | quote }}]
          {{- include "container" $ | nindent 10 }}
{{- end }}
{{- with .Values.more }}
---
{{ . }}
{{- end }}
"#;

const BUNDLED: &str = r#"
resource "minio_bucket" "site" {
  provider       = s3www
  stack          = s3www_stack.site.id
  bucket         = s3www_stack.site.bucket
  adopt_existing = true
  force_destroy  = true
}

resource "minio_object" "note" {
  provider = s3www
  stack    = s3www_stack.site.id
  bucket   = minio_bucket.site.bucket
  key      = "note.txt"
  content  = "a note"
}

resource "s3www_stack" "site" {
  name      = "site"
  namespace = "NAMESPACE"
  timeout   = "3m"
  values = {}
}
"#;

const VALUES: &str = r#"
note: ""
image: docker.io/curlimages/curl:8.16.0
replicas: 1
claim: true
refused: false
unready: false
jobs: {}
hooks: {}
more: ""
"#;

/// Is where a test works: a namespace and a working directory of one client.
pub struct Place {
    pub namespace: Namespace,
    pub site: Workspace,
}

impl Place {
    /// Makes a namespace, and a working directory with a stack whose `values` are [`GOOD`].
    pub fn new(client: Client, purpose: &str) -> Self {
        let kubernetes = format!("config_path = {:?}", kubeconfig());
        Self::through(client, purpose, &kubernetes)
    }

    /// The same, with the provider's way to the cluster given.
    pub fn through(client: Client, purpose: &str, kubernetes: &str) -> Self {
        let namespace = Namespace::new(purpose);
        let site = Self::another(client, &namespace, kubernetes);
        Self { namespace, site }
    }

    /// Makes a namespace, and a working directory with the bundled chart, its bucket and a file. The
    /// stack comes last, so that its `values` can be set.
    pub fn bundled(client: Client, purpose: &str) -> Self {
        let namespace = Namespace::new(purpose);
        let body = BUNDLED.replace("NAMESPACE", &namespace.name);
        let site = workspace(client, &body);
        site.init();
        Self { namespace, site }
    }

    /// Returns what the bundled chart serves under a key.
    #[track_caller]
    pub fn served(&self, key: &str) -> String {
        String::from_utf8(self.namespace.served("site-s3www", key)).unwrap()
    }

    /// Makes a working directory for the same release, with a state of its own.
    pub fn another(client: Client, namespace: &Namespace, kubernetes: &str) -> Workspace {
        let body = format!(
            "resource \"s3www_stack\" \"site\" {{\n  name = \"site\"\n  namespace = \"{}\"\n  chart = \"./chart\"\n  timeout = \"2m\"\n  {GOOD}\n}}\n",
            namespace.name
        );
        let provider = Path::new(env!("CARGO_BIN_EXE_terraform-provider-s3www"));
        let site = Workspace::new(client, provider, &(head(kubernetes) + &body));
        site.write("chart/Chart.yaml", "apiVersion: v2\nname: faulty\nversion: 1.0.0\n");
        site.write("chart/values.yaml", VALUES);
        site.write("chart/templates/all.yaml", TEMPLATES);
        site.init();
        site
    }

    /// Sets the stack's `values` and further attributes, each a line.
    pub fn set(&self, values: &str, more: &str) {
        set(&self.site, values, more);
    }

    /// Applies what works, and fails the test unless it does and nothing is left to do.
    #[track_caller]
    pub fn converge(&self) {
        self.site.apply().ok();
        self.site.assert_nothing_to_do();
    }

    /// Returns the state of every revision from the records' labels, also when there is none.
    pub fn history_or_nothing(&self) -> Vec<String> {
        let rows = "jsonpath={range .items[*]}{.metadata.labels.version} {.metadata.labels.status}{\"\\n\"}{end}";
        let rows = self.namespace.kubectl(&["get", "secrets", "-l", "owner=helm", "-o", rows]);
        rows.lines().map(str::to_owned).collect()
    }

    /// Returns the state of every revision, oldest first, as Helm reads them.
    pub fn history(&self) -> Vec<String> {
        let rows = helm(4, &self.namespace, &["history", "site", "-o", "json"]);
        let rows: serde_json::Value = serde_json::from_str(&rows).unwrap();
        let rows = rows.as_array().unwrap();
        rows.iter()
            .map(|row| format!("{} {}", row["revision"], row["status"].as_str().unwrap()))
            .collect()
    }

    /// Returns what the newest revision's record says about itself.
    pub fn description(&self) -> String {
        let status = helm(4, &self.namespace, &["status", "site", "-o", "json"]);
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        status["info"]["description"].as_str().unwrap().to_owned()
    }

    /// Returns what the running pod wrote when it first met its volume, and the claim's uid.
    #[track_caller]
    pub fn data(&self) -> (String, String) {
        let marker = self.namespace.kubectl(&["exec", "deploy/web", "--", "cat", "/data/marker"]);
        (marker, self.namespace.kubectl(&["get", "pvc", "data", "-o", "jsonpath={.metadata.uid}"]))
    }

    /// Returns a field of an object, as JSONPath finds it.
    #[track_caller]
    pub fn field(&self, object: &str, path: &str) -> String {
        self.namespace.kubectl(&["get", object, "-o", &format!("jsonpath={{{path}}}")])
    }

    /// Says whether an object exists.
    pub fn exists(&self, object: &str) -> bool {
        !self.namespace.kubectl(&["get", object, "--ignore-not-found", "-o", "name"]).is_empty()
    }

    /// Destroys the stack, and fails the test if anything is left of it.
    #[track_caller]
    pub fn end(&self) {
        self.site.destroy().ok();
        assert_eq!(self.namespace.leftovers(), [""; 0]);
    }
}

/// Sets the `values` of a working directory's stack and further attributes, each a line.
pub fn set(site: &Workspace, values: &str, more: &str) {
    let main = site.read("main.tf");
    let (head, _) = main.split_once("  values = ").unwrap();
    site.write("main.tf", &format!("{head}  {values}\n  {more}\n}}\n"));
}
