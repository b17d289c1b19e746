{{/*
Base of all names: <release>-s3www, or the release's name alone if that is "s3www".
Only an equal name is shortened (the usual "contains" rule lets the releases "s3www" and "s3www-minio" collide).
At most 45 characters, so that every suffix fits into 63; a longer one is cut and gets a hash of the whole, so that two long names stay two.
*/}}
{{- define "s3www.fullname" -}}
{{- $name := printf "%s-%s" .Release.Name .Chart.Name }}
{{- if .Values.fullnameOverride }}
{{- $name = .Values.fullnameOverride }}
{{- else if eq .Release.Name .Chart.Name }}
{{- $name = .Release.Name }}
{{- end }}
{{- if gt (len $name) 45 }}
{{- $name = printf "%s-%s" (trunc 36 $name | trimSuffix "-") (sha256sum $name | trunc 8) }}
{{- end }}
{{- $name }}
{{- end }}

{{/*
Labels that select: name, instance and component only, since selectors cannot be changed later.
Takes (dict "root" $ "component" "web").
*/}}
{{- define "s3www.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/*
All labels of an object. Takes (dict "root" $ "component" "web").
*/}}
{{- define "s3www.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "s3www.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: s3www
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
The "annotations:" block of an object, or nothing. Takes (dict "root" $ "annotations" (dict ...)); its own win over the common ones.
*/}}
{{- define "s3www.annotations" }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end }}

{{/*
An image reference. Takes (dict "root" $ "image" .Values.image "tag" "tag if the image names none").
*/}}
{{- define "s3www.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry }}
{{- $reference := .image.repository }}
{{- if $registry }}
{{- $reference = printf "%s/%s" $registry $reference }}
{{- end }}
{{- if .image.digest }}
{{- printf "%s@%s" $reference .image.digest }}
{{- else }}
{{- printf "%s:%s" $reference (.image.tag | default .tag | toString) }}
{{- end }}
{{- end }}

{{/*
The "imagePullSecrets:" block of a pod, or nothing. Takes (dict "root" $ "images" (list .Values.image ...)).
*/}}
{{- define "s3www.imagePullSecrets" -}}
{{- $entries := .root.Values.global.imagePullSecrets }}
{{- range .images }}
{{- $entries = concat $entries .pullSecrets }}
{{- end }}
{{- $names := list }}
{{- range $entries }}
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

{{/*
Name of the ServiceAccount of a component. Takes (dict "root" $ "suffix" "-loader").
*/}}
{{- define "s3www.serviceAccountName" -}}
{{- if .root.Values.serviceAccount.create }}
{{- printf "%s%s" (include "s3www.fullname" .root) .suffix }}
{{- else }}
{{- .root.Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{/*
"true" if the monitoring objects may be made: the cluster knows their API, or nobody is to ask.
*/}}
{{- define "s3www.hasMonitoring" -}}
{{- if or (not .Values.metrics.checkCapabilities) (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1") }}true{{ end }}
{{- end }}

{{/*
The port of a URL, by its scheme if it names none. Takes the URL.
*/}}
{{- define "s3www.urlPort" -}}
{{- $url := urlParse . }}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "80" "443" (eq $url.scheme "http")) }}
{{- end }}

{{/*
A key as the path of a URL: each part encoded, the slashes kept. Takes the key.
*/}}
{{- define "s3www.keyPath" -}}
{{- range splitList "/" . }}/{{ urlquery . | replace "+" "%20" }}{{ end }}
{{- end }}

{{/*
An alert as an item of a list, or nothing if it is switched off.
Takes (dict "root" $ "alert" "Name" "expr" "..." "summary" "..." "description" "...").
*/}}
{{- define "s3www.alert" }}
{{- with get .root.Values.metrics.prometheusRule.alerts .alert }}
{{- if .enabled }}
- alert: {{ $.alert }}
  expr: |-
    {{- $.expr | nindent 4 }}
  for: {{ .for }}
  labels:
    severity: {{ .severity }}
  annotations:
    summary: {{ $.summary | quote }}
    description: {{ $.description | quote }}
    {{- include "s3www.runbook" $ | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where an alert's runbook is. Takes (dict "root" $ "alert" "Name"). */}}
{{- define "s3www.runbook" -}}
{{- with .root.Values.metrics.prometheusRule.runbookUrl -}}
runbook_url: {{ printf "%s#%s" . (lower $.alert) }}
{{- else -}}
runbook: {{ printf "docs/runbooks.md#%s" (lower .alert) }}
{{- end }}
{{- end }}

{{/* A text as the value of an environment variable: Kubernetes expands $(NAME) in them. Takes the text. */}}
{{- define "s3www.envText" -}}
{{- . | toString | replace "$" "$$" | quote }}
{{- end }}
