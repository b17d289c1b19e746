//! Texts that must be found nowhere, and the chart that puts them everywhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::workspace::Workspace;

/// Is a text that must not be found, in whatever form.
pub struct Canary {
    text: &'static str,
    forms: Vec<String>,
}

impl Canary {
    /// Makes one; `text` begins with letters that occur nowhere else.
    pub fn new(text: &'static str) -> Self {
        let mut forms = vec![
            text.to_owned(),
            text.to_uppercase(),
            text.chars().rev().collect(),
            // What any form of quoting, escaping or cutting leaves of it.
            text.chars().take(8).collect(),
        ];
        // In base64 a text looks different at each of three places: whole groups of it
        // from each of them are in whatever it is a part of.
        for place in 0..3 {
            let rest = &text.as_bytes()[place..];
            forms.push(STANDARD.encode(&rest[..rest.len() / 3 * 3]));
        }
        Self { text, forms }
    }

    /// Returns what was found of it.
    pub fn found_in<'a>(&'a self, text: &str) -> Option<&'a str> {
        self.forms.iter().find(|form| text.contains(form.as_str())).map(String::as_str)
    }
}

/// Fails the test if any of the canaries is in the text, and shows where.
#[track_caller]
pub fn assert_absent(canaries: &[Canary], place: &str, text: &str) {
    for canary in canaries {
        if let Some(form) = canary.found_in(text) {
            let lines: Vec<_> = text.lines().filter(|line| line.contains(form)).take(5).collect();
            let shown: Vec<_> = lines
                .iter()
                .map(|line| format!("{:.200} ... {}", line, around(line, form)))
                .collect();
            panic!("`{}` (as `{form}`) is in {place}:\n{}", canary.text, shown.join("\n"));
        }
    }
}

/// Returns as much of a line as helps to find the place.
fn around(line: &str, form: &str) -> String {
    let at = line.find(form).unwrap_or(0);
    line.chars().skip(at.saturating_sub(150)).take(300 + form.len()).collect()
}

/// Writes a chart that renders `.Values.secret`, `.Values.word` (letters only) and
/// `.Values.number` into every kind of place, in every form, and fails in as many ways
/// as `.Values.mode` names.
pub fn write_chart(site: &Workspace) {
    site.write("chart/Chart.yaml", "apiVersion: v2\nname: canary\nversion: 1.0.0\n");
    site.write(
        "chart/values.yaml",
        "secret: none\nword: none\nnumber: 0\nmode: none\nextra: one\n",
    );
    site.write(
        "chart/templates/NOTES.txt",
        "Log in with {{ .Values.secret }} or {{ .Values.word | b64enc }}.\n",
    );
    site.write("chart/templates/places.yaml", PLACES);
    site.write("chart/templates/failures.yaml", FAILURES);
}

const PLACES: &str = r#"
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}
  annotations:
    note: {{ .Values.secret | quote }}
data:
  encoded: {{ .Values.secret | b64enc }}
stringData:
  plain: {{ .Values.secret | quote }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  annotations:
    note: {{ printf "see %s" .Values.secret | quote }}
    checksum: {{ .Values.secret | sha256sum }}
  labels:
    word: {{ .Values.word }}
data:
  plain: {{ .Values.secret | quote }}
  within: {{ printf "postgres://user:%s@host/db" .Values.secret | quote }}
  url: {{ printf "postgres://user:%s@host/db" (.Values.secret | urlquery) | quote }}
  json: {{ dict "password" .Values.secret | toJson | quote }}
  base64: {{ .Values.secret | b64enc }}
  basic: {{ printf "Basic %s" (printf "user:%s" .Values.secret | b64enc) | quote }}
  nested: {{ dict "auth" (printf "user:%s" .Values.secret | b64enc) | toJson | b64enc }}
  number: {{ .Values.number | int64 | quote }}
  float: {{ .Values.number | quote }}
  cut: {{ .Values.secret | trunc 8 | quote }}
  upper: {{ .Values.secret | upper | quote }}
  reversed: {{ .Values.word | splitList "" | reverse | join "" }}
  extra: {{ .Values.extra | quote }}
  {{ .Values.word }}: its name is one
  file.conf: |
    listen 8080
    password {{ .Values.secret }}
    done
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: 0
  selector:
    matchLabels: { app: canary }
  template:
    metadata:
      labels: { app: canary }
      annotations: { note: {{ .Values.secret | quote }} }
    spec:
      containers:
        - name: main
          image: example.invalid/none:1
          args: ["--verbose", {{ .Values.secret | quote }}, {{ printf "--cut=%s" (.Values.secret | trunc 8) | quote }}]
          env:
            - { name: PASSWORD, value: {{ .Values.secret | quote }} }
            - { name: PIN, value: {{ .Values.number | int64 | quote }} }
"#;

const FAILURES: &str = r#"
{{- define "pod" }}
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      securityContext: { runAsNonRoot: true, runAsUser: 100, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: main
          image: docker.io/curlimages/curl:8.16.0
          command: ["sh", "-c", {{ printf "echo token=$TOKEN cut=$CUT; echo $TOKEN | base64; exit 3" | quote }}]
          env:
            - { name: TOKEN, value: {{ .Values.secret | quote }} }
            - { name: CUT, value: {{ .Values.secret | trunc 8 | quote }} }
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
{{- end }}
{{- if eq .Values.mode "fail" }}{{ fail (printf "%s is no password, and %s no number" .Values.secret (.Values.number | toString)) }}{{ end }}
{{- if eq .Values.mode "required" }}{{ required (printf "no %s" (.Values.secret | b64enc)) .Values.missing }}{{ end }}
{{- if eq .Values.mode "type" }}{{ .Values.secret | include "no such template" }}{{ end }}
{{- if eq .Values.mode "yaml" }}
apiVersion: v1
kind: {{ .Values.secret }}: : x
{{- end }}
{{- if eq .Values.mode "kind" }}
apiVersion: v1
kind: {{ .Values.word }}
metadata: { name: {{ .Release.Name }}-a }
{{- end }}
{{- if eq .Values.mode "quantity" }}
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: {{ .Release.Name }}-a }
spec:
  accessModes: [{{ .Values.secret | quote }}]
  resources: { requests: { storage: {{ .Values.secret | quote }} } }
{{- end }}
{{- if eq .Values.mode "claim" }}
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: {{ .Release.Name }}-a }
spec:
  accessModes: [{{ .Values.secret | quote }}]
  resources: { requests: { storage: 1Mi } }
{{- end }}
{{- if eq .Values.mode "service" }}
apiVersion: v1
kind: Service
metadata: { name: {{ .Release.Name }}-a }
spec:
  type: {{ .Values.secret | quote }}
  ports: [{ port: {{ .Values.number | int64 }} }]
{{- end }}
{{- if eq .Values.mode "unknown" }}
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-a }
{{ .Values.word }}: 1
{{- end }}
{{- if eq .Values.mode "env" }}
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }}-a }
spec:
  selector: { matchLabels: { app: a } }
  template:
    metadata: { labels: { app: {{ .Values.secret | quote }} } }
    spec:
      containers: [{ name: main, image: x, imagePullPolicy: {{ .Values.secret | trunc 8 | quote }}, env: [{ name: {{ .Values.secret | quote }}, value: {{ .Values.number | int64 }} }] }]
{{- end }}
{{- if eq .Values.mode "job" }}
apiVersion: batch/v1
kind: Job
metadata: { name: {{ .Release.Name }}-failing }
spec:
  backoffLimit: 0
  template:
    spec: {{- include "pod" . }}
{{- end }}
{{- if eq .Values.mode "hook" }}
apiVersion: batch/v1
kind: Job
metadata: { name: {{ .Release.Name }}-failing-hook, annotations: { helm.sh/hook: "pre-upgrade,pre-install" } }
spec:
  backoffLimit: 0
  template:
    spec: {{- include "pod" . }}
{{- end }}
"#;
