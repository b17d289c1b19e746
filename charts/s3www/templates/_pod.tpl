{{/*
Parts that several pods of this chart share.
*/}}

{{/* Fields that are the same in every pod spec. Takes (dict "root" $ "images" (list ...) "serviceAccountSuffix" ""). */}}
{{- define "s3www.podBasics" -}}
serviceAccountName: {{ include "s3www.serviceAccountName" (dict "root" .root "suffix" .serviceAccountSuffix) }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with include "s3www.imagePullSecrets" . }}
{{ . }}
{{- end }}
{{- with .root.Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Label that lets a pod through MinIO's NetworkPolicy. */}}
{{- define "s3www.minioClientLabel" -}}
{{- if .Values.minio.enabled -}}
{{ include "s3www-minio.fullname" .Subcharts.minio }}-client: "true"
{{- end }}
{{- end }}

{{/* Volume with s3www's own credentials, under fixed file names. */}}
{{- define "s3www.credentialsVolume" -}}
- name: credentials
  secret:
    secretName: {{ include "s3www.credentialsSecret" . }}
    defaultMode: 288 # 0440: for the pod's group
    items:
      - key: {{ .Values.auth.accessKeyKey }}
        path: accessKey
      - key: {{ .Values.auth.secretKeyKey }}
        path: secretKey
{{- end }}

{{/* Volume with one of the chart's scripts or more. Takes (dict "root" $ "files" (list "wait.sh")). */}}
{{- define "s3www.scriptsVolume" -}}
- name: scripts
  configMap:
    name: {{ include "s3www.fullname" .root }}-scripts
    items:
      {{- range .files }}
      - key: {{ . }}
        path: {{ . }}
      {{- end }}
{{- end }}

{{/* Scratch volume of mc, in memory because its configuration holds the credentials. */}}
{{- define "s3www.mcVolume" -}}
- name: mc
  emptyDir:
    medium: Memory
    sizeLimit: 16Mi
{{- end }}

{{/* Volume with the certificate authority of the S3 API, or nothing. */}}
{{- define "s3www.caVolume" -}}
{{- with include "s3www.s3Authority" . | fromYaml }}
{{- if .secret -}}
- name: ca
  secret:
    secretName: {{ .secret }}
    defaultMode: 288 # 0440: for the pod's group
    items:
      - key: {{ .key }}
        path: ca.crt
{{- else -}}
- name: ca
  configMap:
    name: {{ .configMap }}
    items:
      - key: {{ .key }}
        path: ca.crt
{{- end }}
{{- end }}
{{- end }}

{{/* The mount that belongs to it. */}}
{{- define "s3www.caMount" -}}
{{- if include "s3www.s3Authority" . -}}
- name: ca
  mountPath: /etc/s3-ca
  readOnly: true
{{- end }}
{{- end }}

{{/* And the variable that makes Go programs use it. */}}
{{- define "s3www.caEnv" -}}
{{- if include "s3www.s3Authority" . -}}
- name: SSL_CERT_FILE
  value: /etc/s3-ca/ca.crt
{{- end }}
{{- end }}

{{/*
What the download needs, for the loader and for the test: the variables of files.sh. Variables, since a list in one would need quoting.
*/}}
{{- define "s3www.filesEnv" -}}
{{- $files := (include "s3www.files" . | fromJson).files -}}
- name: FILES
  value: {{ len $files | quote }}
{{- range $files }}
- name: KEY_{{ .number }}
  value: {{ include "s3www.envText" .key }}
- name: PATH_{{ .number }}
  value: {{ include "s3www.envText" .path }}
- name: SHA256_{{ .number }}
  value: {{ .sha256 | quote }}
{{- if .url }}
- name: URL_{{ .number }}
  value: {{ include "s3www.envText" .url }}
{{- end }}
{{- if .curlSecret }}
- name: CURL_CONFIG_{{ .number }}
  value: /run/curl/{{ .number }}/curlrc
{{- end }}
{{- if .contentType }}
- name: CONTENT_TYPE_{{ .number }}
  value: {{ include "s3www.envText" .contentType }}
{{- end }}
{{- end }}
{{- end }}

{{/* Variables of the download itself. */}}
{{- define "s3www.fetchEnv" -}}
{{- $fetch := .Values.loader.fetch -}}
- name: ATTEMPTS
  value: {{ int $fetch.attempts | quote }}
- name: TIMEOUT_SECONDS
  value: {{ int $fetch.timeoutSeconds | quote }}
- name: MAX_BYTES
  value: {{ mul (int64 $fetch.maxSizeMiB) 1048576 | quote }}
{{- if $fetch.caBundle.configMap }}
- name: CURL_CA_BUNDLE
  value: /etc/download-ca/ca.crt
{{- end }}
{{- with .Values.loader.extraEnv }}
{{ tpl (toYaml .) $ }}
{{- end }}
{{- end }}

{{/* Volume mounts of the download. */}}
{{- define "s3www.fetchMounts" -}}
- name: content
  mountPath: /content
{{- range (include "s3www.files" . | fromJson).files }}
{{- if .curlSecret }}
- name: curl-{{ .number }}
  mountPath: /run/curl/{{ .number }}
  readOnly: true
{{- end }}
{{- end }}
{{- if .Values.loader.fetch.caBundle.configMap }}
- name: download-ca
  mountPath: /etc/download-ca
  readOnly: true
{{- end }}
{{- end }}

{{/* The volumes that belong to them. */}}
{{- define "s3www.fetchVolumes" -}}
- name: content
  emptyDir:
    # Some room above the files' limit: at exactly that limit the pod would be evicted instead of failing with a message.
    sizeLimit: {{ add (mul (int64 .Values.loader.fetch.maxSizeMiB) (max 1 (len (include "s3www.files" . | fromJson).files))) 16 }}Mi
{{- range (include "s3www.files" . | fromJson).files }}
{{- if .curlSecret }}
- name: curl-{{ .number }}
  secret:
    secretName: {{ .curlSecret }}
    defaultMode: 288 # 0440: for the pod's group
    items:
      - key: {{ .curlKey }}
        path: curlrc
{{- end }}
{{- end }}
{{- with .Values.loader.fetch.caBundle }}
{{- if .configMap }}
- name: download-ca
  configMap:
    name: {{ .configMap }}
    items:
      - key: {{ .key }}
        path: ca.crt
{{- end }}
{{- end }}
{{- end }}

{{/* Mounts of the files that come from ConfigMaps. */}}
{{- define "s3www.givenMounts" -}}
{{- range (include "s3www.files" . | fromJson).files }}
{{- if .configMap }}
- name: given-{{ .number }}
  mountPath: /given/{{ .number }}
  readOnly: true
{{- end }}
{{- end }}
{{- end }}

{{/* The volumes that belong to them. */}}
{{- define "s3www.givenVolumes" -}}
{{- range (include "s3www.files" . | fromJson).files }}
{{- if .configMap }}
- name: given-{{ .number }}
  configMap:
    name: {{ .configMap.name }}
    items:
      - key: {{ .configMap.key }}
        path: {{ base .key | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* Ports that downloads go to. 80 and 443 as well, since servers redirect. */}}
{{- define "s3www.downloadEgress" -}}
{{- $ports := list "80" "443" }}
{{- range (include "s3www.files" . | fromJson).files }}
{{- if .url }}
{{- $ports = append $ports (include "s3www.urlPort" .url) }}
{{- end }}
{{- end -}}
- ports:
    {{- range uniq $ports }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- end }}

{{/* Egress rules that reach the storage and DNS. */}}
{{- define "s3www.storageEgress" -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- if .Values.minio.enabled }}
- to:
    - podSelector:
        matchLabels:
          {{- include "s3www-minio.selectorLabels" .Subcharts.minio | nindent 10 }}
  ports:
    - port: 9000
      protocol: TCP
{{- else }}
- ports:
    - port: {{ include "s3www.urlPort" (include "s3www.s3Endpoint" .) }}
      protocol: TCP
{{- end }}
{{- end }}
