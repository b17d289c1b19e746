{{/*
What is served, from where, and under which address.
*/}}

{{/* The key of a file: as given, or the last part of the URL's path, or the key in the ConfigMap. Takes (dict "file" (dict ...) "name" "file"). */}}
{{- define "s3www.keyOf" -}}
{{- if .file.key }}
{{- .file.key }}
{{- else if .file.configMap }}
{{- .file.configMap.key }}
{{- else }}
{{- $path := (urlParse .file.url).path }}
{{- if or (eq $path "") (hasSuffix "/" $path) }}
{{- fail (printf "%s.key is empty and cannot be taken from %s.url: the path of %q does not end in a name. Set %s.key." .name .name .file.url .name) }}
{{- end }}
{{- base $path }}
{{- end }}
{{- end }}

{{/* The key of `file`. Empty without a file. */}}
{{- define "s3www.fileKey" -}}
{{- if .Values.file.url }}
{{- include "s3www.keyOf" (dict "file" .Values.file "name" "file") }}
{{- end }}
{{- end }}

{{/*
All files, `file` first, as JSON: {"files": [...]}, each with number (from 1), key, sha256, contentType, url or configMap, curlSecret and
curlKey, and path: where the loader's containers find it. The path ends in the key's last part, by which mc guesses the content type.
*/}}
{{- define "s3www.files" -}}
{{- $sources := list }}
{{- if .Values.file.url }}
{{- $sources = append $sources (dict "file" .Values.file "name" "file" "curl" .Values.loader.fetch.curlConfig) }}
{{- end }}
{{- range $index, $file := .Values.files }}
{{- $sources = append $sources (dict "file" $file "name" (printf "files[%d]" $index) "curl" ($file.curlConfig | default dict)) }}
{{- end }}
{{- $files := list }}
{{- range $index, $source := $sources }}
{{- $number := add1 $index | toString }}
{{- $key := include "s3www.keyOf" $source }}
{{- $file := dict "number" $number "key" $key "sha256" ($source.file.sha256 | default "" | lower) "contentType" ($source.file.contentType | default "") }}
{{- $_ := set $file "path" (printf "/%s/%s/%s" (empty $source.file.configMap | ternary "content" "given") $number (base $key)) }}
{{- $_ := set $file "url" ($source.file.url | default "") }}
{{- $_ := set $file "configMap" ($source.file.configMap | default dict) }}
{{- $_ := set $file "curlSecret" ($source.curl.existingSecret | default "") }}
{{- $_ := set $file "curlKey" ($source.curl.key | default "curlrc") }}
{{- $files = append $files $file }}
{{- end }}
{{- dict "files" $files | toJson }}
{{- end }}

{{/* "true" if something is to be downloaded. */}}
{{- define "s3www.downloads" -}}
{{- range (include "s3www.files" . | fromJson).files }}{{ if .url }}true{{ end }}{{ end }}
{{- end }}

{{/* "true" if the loader runs: always with the bundled MinIO, otherwise when asked to. */}}
{{- define "s3www.loaderEnabled" -}}
{{- if or .Values.minio.enabled .Values.externalS3.loader.enabled }}true{{ end }}
{{- end }}

{{/* "true" if the loader makes s3www's user. */}}
{{- define "s3www.managesUser" -}}
{{- if or .Values.minio.enabled (and .Values.externalS3.loader.enabled .Values.externalS3.loader.manageUser) }}true{{ end }}
{{- end }}

{{/* URL of the S3 API. */}}
{{- define "s3www.s3Endpoint" -}}
{{- if .Values.minio.enabled }}
{{- printf "%s://%s.%s.svc:%d" (include "s3www-minio.scheme" .Subcharts.minio) (include "s3www-minio.fullname" .Subcharts.minio) .Release.Namespace (int .Values.minio.service.port) }}
{{- else }}
{{- .Values.externalS3.endpoint | trimSuffix "/" }}
{{- end }}
{{- end }}

{{/* Secret with s3www's own credentials. */}}
{{- define "s3www.credentialsSecret" -}}
{{- .Values.auth.existingSecret | default (printf "%s-credentials" (include "s3www.fullname" .)) }}
{{- end }}

{{/*
The revision in which the chart generated s3www's credentials: kept as an annotation of the Secret, this revision if there is none yet.
*/}}
{{- define "s3www.secretGeneration" -}}
{{- $live := lookup "v1" "Secret" .Release.Namespace (include "s3www.credentialsSecret" .) }}
{{- if dig "data" .Values.auth.secretKeyKey "" $live }}
{{- dig "metadata" "annotations" "s3www.local/generation" "1" $live }}
{{- else }}
{{- .Release.Revision }}
{{- end }}
{{- end }}

{{/*
What everything carries that must react to new credentials (pods, loader): that revision and the user's own rotation text. Unlike a hash
it says nothing about the secret, and it is known before the secret is: the loader's name depends on it.
*/}}
{{- define "s3www.credentialsGeneration" -}}
{{- if .Values.auth.existingSecret }}
{{- .Values.auth.rotation }}
{{- else }}
{{- list (include "s3www.secretGeneration" .) .Values.auth.rotation | compact | join "-" }}
{{- end }}
{{- end }}

{{/*
s3www's access key. Not random: a release that is installed again over a kept volume finds its user there and sets its secret anew,
instead of leaving a valid login behind.
*/}}
{{- define "s3www.accessKey" -}}
{{- printf "s3www-%s" (printf "%s/%s" .Release.Namespace (include "s3www.fullname" .) | sha256sum | trunc 12) }}
{{- end }}

{{/* Where the administrator's credentials are: YAML with secret, userKey and passwordKey; empty strings if there are none. */}}
{{- define "s3www.adminCredentials" -}}
{{- if .Values.minio.enabled -}}
secret: {{ include "s3www-minio.rootSecret" .Subcharts.minio | quote }}
userKey: {{ .Values.minio.auth.rootUserKey | quote }}
passwordKey: {{ .Values.minio.auth.rootPasswordKey | quote }}
{{- else if .Values.externalS3.loader.existingSecret }}
secret: {{ .Values.externalS3.loader.existingSecret | quote }}
userKey: {{ .Values.externalS3.loader.accessKeyKey | quote }}
passwordKey: {{ .Values.externalS3.loader.secretKeyKey | quote }}
{{- else }}
secret: ""
userKey: ""
passwordKey: ""
{{- end }}
{{- end }}

{{/* Certificate authority of the S3 API, as YAML: secret or configMap, and key. Nothing if the image's own authorities do. */}}
{{- define "s3www.s3Authority" -}}
{{- if .Values.minio.enabled }}
{{- if and .Values.minio.tls.enabled .Values.minio.tls.caKey -}}
secret: {{ include "s3www-minio.tlsSecret" .Subcharts.minio | quote }}
key: {{ .Values.minio.tls.caKey | quote }}
{{- end }}
{{- else if .Values.externalS3.caBundle.configMap -}}
configMap: {{ .Values.externalS3.caBundle.configMap | quote }}
key: {{ .Values.externalS3.caBundle.key | quote }}
{{- end }}
{{- end }}

{{/* URL of the Service, inside the cluster. */}}
{{- define "s3www.serviceUrl" -}}
{{- printf "http://%s.%s.svc:%d" (include "s3www.fullname" .) .Release.Namespace (int .Values.service.port) }}
{{- end }}

{{/* Origins (scheme and host) under which the site is public, one a line. */}}
{{- define "s3www.publicOrigins" -}}
{{- with .Values.publicUrl }}
{{- $url := urlParse . }}
{{- printf "%s://%s\n" $url.scheme $url.host }}
{{- end }}
{{- if .Values.ingress.enabled }}
{{- $secure := list }}
{{- range .Values.ingress.tls }}
{{- $secure = concat $secure (.hosts | default list) }}
{{- end }}
{{- range .Values.ingress.hosts }}
{{- if .host }}
{{- printf "%s://%s\n" (has .host $secure | ternary "https" "http") .host }}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.httpRoute.enabled }}
{{- range .Values.httpRoute.hostnames }}
{{- printf "%s://%s\n" $.Values.httpRoute.scheme . }}
{{- end }}
{{- end }}
{{- end }}

{{/* Public URL of the site; empty if it is not known. */}}
{{- define "s3www.url" -}}
{{- if .Values.publicUrl }}
{{- .Values.publicUrl | trimSuffix "/" }}
{{- else }}
{{- $first := include "s3www.publicOrigins" . | trim | splitList "\n" | first }}
{{- if not (contains "*" $first) }}
{{- $first }}
{{- end }}
{{- end }}
{{- end }}

{{/* Allowed CORS origins, separated by commas. Never empty: to s3www, nothing means everybody, with credentials. */}}
{{- define "s3www.corsOrigins" -}}
{{- if .Values.cors.allowedOrigins }}
{{- join "," .Values.cors.allowedOrigins }}
{{- else }}
{{- include "s3www.publicOrigins" . | trim | default (include "s3www.serviceUrl" . | trimSuffix ":80") | splitList "\n" | uniq | join "," }}
{{- end }}
{{- end }}

{{/* Path of the content: the file's, or the root without a file. */}}
{{- define "s3www.contentPath" -}}
{{- if .Values.file.url }}
{{- include "s3www.keyPath" (include "s3www.fileKey" .) }}
{{- else }}/{{ end }}
{{- end }}

{{/* Path that is asked to see whether the site works. */}}
{{- define "s3www.readinessPath" -}}
{{- .Values.probes.readinessPath | default (include "s3www.contentPath" .) }}
{{- end }}
