{{/*
Base of all names: <release>-minio. At most 45 characters: a StatefulSet's name with its suffix must fit into a label.
A longer one is cut and gets a hash of the whole, so that two long names stay two.
*/}}
{{- define "s3www-minio.fullname" -}}
{{- $name := .Values.fullnameOverride | default (printf "%s-%s" .Release.Name .Chart.Name) }}
{{- if gt (len $name) 45 }}
{{- $name = printf "%s-%s" (trunc 36 $name | trimSuffix "-") (sha256sum $name | trunc 8) }}
{{- end }}
{{- $name }}
{{- end }}

{{/* Labels that select: they cannot be changed later. */}}
{{- define "s3www-minio.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: storage
{{- end }}

{{/* All labels of an object. */}}
{{- define "s3www-minio.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "s3www-minio.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: s3www
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The "annotations:" block of an object, or nothing. Takes (dict "root" $ "annotations" (dict ...)). */}}
{{- define "s3www-minio.annotations" }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end }}

{{/* The image's reference. */}}
{{- define "s3www-minio.image" -}}
{{- $registry := .Values.global.imageRegistry | default .Values.image.registry }}
{{- $reference := .Values.image.repository }}
{{- if $registry }}
{{- $reference = printf "%s/%s" $registry $reference }}
{{- end }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $reference .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $reference (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}
{{- end }}

{{/* The "imagePullSecrets:" block, or nothing. Entries are names, or objects with a name. */}}
{{- define "s3www-minio.imagePullSecrets" -}}
{{- $names := list }}
{{- range concat .Values.global.imagePullSecrets .Values.image.pullSecrets }}
{{- if kindIs "string" . }}
{{- $names = append $names . }}
{{- else }}
{{- $names = append $names .name }}
{{- end }}
{{- end }}
{{- with uniq $names -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Name of the ServiceAccount. */}}
{{- define "s3www-minio.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- include "s3www-minio.fullname" . }}
{{- else }}
{{- .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{/* Secret with the administrator's credentials. */}}
{{- define "s3www-minio.rootSecret" -}}
{{- .Values.auth.existingSecret | default (printf "%s-root" (include "s3www-minio.fullname" .)) }}
{{- end }}

{{/*
The revision in which the chart generated the administrator's credentials: kept as an annotation of the Secret, this revision if there is
none yet.
*/}}
{{- define "s3www-minio.secretGeneration" -}}
{{- $live := lookup "v1" "Secret" .Release.Namespace (include "s3www-minio.rootSecret" .) }}
{{- if dig "data" .Values.auth.rootPasswordKey "" $live }}
{{- dig "metadata" "annotations" "s3www.local/generation" "1" $live }}
{{- else }}
{{- .Release.Revision }}
{{- end }}
{{- end }}

{{/*
What the pod carries so that new credentials restart it: that revision and the user's own rotation text. Unlike a hash it says nothing
about the secret, and it is known before the secret is.
*/}}
{{- define "s3www-minio.credentialsGeneration" -}}
{{- if .Values.auth.existingSecret }}
{{- .Values.auth.rotation }}
{{- else }}
{{- list (include "s3www-minio.secretGeneration" .) .Values.auth.rotation | compact | join "-" }}
{{- end }}
{{- end }}

{{/* "true" in distributed mode. */}}
{{- define "s3www-minio.isDistributed" -}}
{{- if eq .Values.mode "distributed" }}true{{ end }}
{{- end }}

{{/* Number of servers. */}}
{{- define "s3www-minio.replicas" -}}
{{- ternary .Values.distributed.replicas 1 (eq .Values.mode "distributed") | int }}
{{- end }}

{{/* `http` or `https`. */}}
{{- define "s3www-minio.scheme" -}}
{{- ternary "https" "http" .Values.tls.enabled }}
{{- end }}

{{/* Where the server keeps its data: a folder, or the folders of all servers, in MinIO's notation. */}}
{{- define "s3www-minio.volumes" -}}
{{- if include "s3www-minio.isDistributed" . }}
{{- $fullname := include "s3www-minio.fullname" . }}
{{- printf "%s://%s-{0...%d}.%s-headless.%s.svc.%s:9000/data" (include "s3www-minio.scheme" .) $fullname (sub (int .Values.distributed.replicas) 1) $fullname .Release.Namespace .Values.distributed.clusterDomain }}
{{- else -}}
/data
{{- end }}
{{- end }}

{{/* Secret with the server's certificate. */}}
{{- define "s3www-minio.tlsSecret" -}}
{{- .Values.tls.existingSecret | default (printf "%s-tls" (include "s3www-minio.fullname" .)) }}
{{- end }}

{{/* The probes' scheme, or nothing for http. */}}
{{- define "s3www-minio.probeScheme" -}}
{{- if .Values.tls.enabled }}
scheme: HTTPS
{{- end }}
{{- end }}

{{/*
Where a server says whether it is ready. When all are updated together none may wait for the others, see _update.tpl.
*/}}
{{- define "s3www-minio.readinessPath" -}}
{{- if and (include "s3www-minio.isDistributed" .) (eq .Values.distributed.update "oneByOne") -}}
/minio/health/cluster
{{- else -}}
/minio/health/ready
{{- end }}
{{- end }}

{{/*
How often and how long it is asked. A server that has just come back counts as ready only after some time without a break: until then the
others look for it, and an update or a drain must not stop the next one. The StatefulSet's minReadySeconds would hold up updates alone:
disruption budgets do not know it.
*/}}
{{- define "s3www-minio.readiness" -}}
{{- $settings := deepCopy .Values.probes.readiness }}
{{- if and (include "s3www-minio.isDistributed" .) (eq .Values.distributed.update "oneByOne") (not (hasKey $settings "successThreshold")) }}
{{- $period := int (default 10 $settings.periodSeconds) }}
{{- $_ := set $settings "successThreshold" (add1 (div (add .Values.distributed.minReadySeconds $period -1) $period)) }}
{{- end }}
{{- toYaml $settings }}
{{- end }}

{{/* The server's arguments. No command: the image's own entrypoint starts the server, whatever its binary is called. */}}
{{- define "s3www-minio.args" -}}
- server
- {{ include "s3www-minio.volumes" . }}
- --address
- :9000
{{- if .Values.tls.enabled }}
- --certs-dir
- /run/minio/certificates
{{- end }}
{{- if .Values.console.enabled }}
- --console-address
- {{ printf ":%d" (int .Values.console.port) | quote }}
{{- end }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The server's environment. */}}
{{- define "s3www-minio.env" -}}
- name: HOME
  value: /tmp
- name: MINIO_ROOT_USER_FILE
  value: /run/minio/root/user
- name: MINIO_ROOT_PASSWORD_FILE
  value: /run/minio/root/password
- name: MINIO_BROWSER
  value: {{ ternary "on" "off" .Values.console.enabled | quote }}
- name: MINIO_UPDATE
  value: "off"
{{- if include "s3www-minio.isDistributed" . }}
{{- /* A new pod has a new address. Servers keep looked up addresses for 30 s otherwise, and an update would stop the next one before. */}}
- name: MINIO_DNS_CACHE_TTL
  value: 1s
{{- /* A server that hangs is one drive less after this time, and not a probe that fails on all servers: those wait 5 s. */}}
- name: MINIO_API_CLUSTER_DEADLINE
  value: 3s
{{- end }}
{{- if and .Values.metrics.enabled (eq .Values.metrics.authentication "public") }}
- name: MINIO_PROMETHEUS_AUTH_TYPE
  value: public
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
