{{/*
MinIO's servers work with each other only if all have the same image, arguments and MINIO_ variables. A new one that differs waits for
another one like itself, is not ready, and so an update one by one would stop at the first server and never end.
*/}}

{{/* What has to be the same, as one text. Takes the container of a server. */}}
{{- define "s3www-minio.inCommon" -}}
{{- $variables := dict }}
{{- range .env }}
{{- if hasPrefix "MINIO_" .name }}
{{- $_ := set $variables .name (.value | default "") }}
{{- end }}
{{- end }}
{{- toJson (dict "image" .image "args" .args "variables" $variables) }}
{{- end }}

{{/* "true" if servers are running that the new ones could not work with. */}}
{{- define "s3www-minio.isDisruptive" -}}
{{- $live := lookup "apps/v1" "StatefulSet" .Release.Namespace (include "s3www-minio.fullname" .) }}
{{- if $live }}
{{- $env := include "s3www-minio.env" . | fromYamlArray }}
{{- $args := include "s3www-minio.args" . | fromYamlArray }}
{{- $new := dict "image" (include "s3www-minio.image" .) "args" $args "env" $env }}
{{- if ne (include "s3www-minio.inCommon" $new) (include "s3www-minio.inCommon" (first $live.spec.template.spec.containers)) -}}
true
{{- end }}
{{- end }}
{{- end }}
