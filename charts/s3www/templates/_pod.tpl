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

{{/* Volume with the certificate authority of an external endpoint, or nothing. */}}
{{- define "s3www.caVolume" -}}
{{- with .Values.externalS3.caBundle }}
{{- if and .configMap (not $.Values.minio.enabled) -}}
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
{{- if and .Values.externalS3.caBundle.configMap (not .Values.minio.enabled) -}}
- name: ca
  mountPath: /etc/s3-ca
  readOnly: true
{{- end }}
{{- end }}

{{/* And the variable that makes Go programs use it. */}}
{{- define "s3www.caEnv" -}}
{{- if and .Values.externalS3.caBundle.configMap (not .Values.minio.enabled) -}}
- name: SSL_CERT_FILE
  value: /etc/s3-ca/ca.crt
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
