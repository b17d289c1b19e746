{{/*
The loader's Job. A Job cannot be changed and a failed one does not start again, so its name is a hash of all that it is and of the number
of the attempt: whatever changes makes a new Job, and so does an upgrade over a failed one.
*/}}

{{/* Name of the Job of an attempt. Takes (dict "root" $ "attempt" "1"). */}}
{{- define "s3www.loader.name" -}}
{{- $spec := include "s3www.loader.spec" .root | trim }}
{{- printf "%s-load-%s" (include "s3www.fullname" .root) (printf "%s\n%s" $spec .attempt | sha256sum | trunc 8) }}
{{- end }}

{{/*
Number of the attempt: as kept in the annotation of the scripts' ConfigMap, which is written before the Job; one more if that attempt's
Job has failed for good.
*/}}
{{- define "s3www.loader.attempt" -}}
{{- $scripts := lookup "v1" "ConfigMap" .Release.Namespace (printf "%s-scripts" (include "s3www.fullname" .)) }}
{{- $attempt := dig "metadata" "annotations" "s3www.local/load-attempt" "1" $scripts }}
{{- $job := lookup "batch/v1" "Job" .Release.Namespace (include "s3www.loader.name" (dict "root" . "attempt" $attempt)) }}
{{- range dig "status" "conditions" list $job }}
{{- if and (eq .type "Failed") (eq .status "True") }}
{{- $attempt = add1 (int $attempt) | toString }}
{{- end }}
{{- end }}
{{- $attempt }}
{{- end }}

{{/* Spec of the Job. */}}
{{- define "s3www.loader.spec" -}}
{{- $admin := include "s3www.adminCredentials" . | fromYaml }}
{{- $loader := .Values.loader }}
{{- $images := list .Values.mcImage }}
{{- if .Values.file.url }}
{{- $images = append $images .Values.curlImage }}
{{- end }}
backoffLimit: {{ int $loader.backoffLimit }}
activeDeadlineSeconds: {{ int $loader.activeDeadlineSeconds }}
{{- if not (kindIs "invalid" $loader.ttlSecondsAfterFinished) }}
ttlSecondsAfterFinished: {{ int $loader.ttlSecondsAfterFinished }}
{{- end }}
podFailurePolicy:
  rules:
    # The scripts' exit code for "trying again cannot help".
    - action: FailJob
      onExitCodes:
        operator: In
        values:
          - 65
    # A drained node is not the loader's failure.
    - action: Ignore
      onPodConditions:
        - type: DisruptionTarget
          status: "True"
template:
  metadata:
    labels:
      {{- include "s3www.selectorLabels" (dict "root" $ "component" "loader") | nindent 6 }}
      app.kubernetes.io/part-of: s3www
      {{- with include "s3www.minioClientLabel" . }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with $loader.podLabels }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    annotations:
      s3www.local/credentials-generation: {{ include "s3www.credentialsGeneration" . | quote }}
      s3www.local/scripts: {{ list (.Files.Get "files/scripts/storage.sh") (.Files.Get "files/scripts/fetch.sh") (.Files.Get "files/scripts/load.sh") (tpl .Values.index.content $) | join "\n" | sha256sum | trunc 16 | quote }}
      {{- with $loader.podAnnotations }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  spec:
    {{- include "s3www.podBasics" (dict "root" $ "images" $images "serviceAccountSuffix" "-loader") | nindent 4 }}
    restartPolicy: Never
    {{- if .Values.file.url }}
    initContainers:
      - name: fetch
        image: {{ include "s3www.image" (dict "root" $ "image" .Values.curlImage) | quote }}
        imagePullPolicy: {{ .Values.curlImage.pullPolicy }}
        command:
          - sh
          - /scripts/fetch.sh
        env:
          - name: URL
            value: {{ include "s3www.envText" .Values.file.url }}
          - name: SHA256
            value: {{ lower .Values.file.sha256 | quote }}
          - name: TARGET
            value: {{ printf "/content/%s" (base (include "s3www.fileKey" .)) | include "s3www.envText" }}
          - name: ATTEMPTS
            value: {{ int $loader.fetch.attempts | quote }}
          - name: TIMEOUT_SECONDS
            value: {{ int $loader.fetch.timeoutSeconds | quote }}
          - name: MAX_BYTES
            value: {{ mul (int64 $loader.fetch.maxSizeMiB) 1048576 | quote }}
          {{- if $loader.fetch.curlConfig.existingSecret }}
          - name: CURL_CONFIG
            value: /run/curl/curlrc
          {{- end }}
          {{- with $loader.extraEnv }}
          {{- tpl (toYaml .) $ | nindent 10 }}
          {{- end }}
        terminationMessagePolicy: FallbackToLogsOnError
        {{- with $loader.fetch.resources }}
        resources:
          {{- toYaml . | nindent 10 }}
        {{- end }}
        {{- with .Values.securityContext }}
        securityContext:
          {{- toYaml . | nindent 10 }}
        {{- end }}
        volumeMounts:
          - name: scripts
            mountPath: /scripts
            readOnly: true
          - name: content
            mountPath: /content
          {{- if $loader.fetch.curlConfig.existingSecret }}
          - name: curl
            mountPath: /run/curl
            readOnly: true
          {{- end }}
    {{- end }}
    containers:
      - name: load
        image: {{ include "s3www.image" (dict "root" $ "image" .Values.mcImage) | quote }}
        imagePullPolicy: {{ .Values.mcImage.pullPolicy }}
        command:
          - sh
          - /scripts/load.sh
        env:
          - name: ENDPOINT
            value: {{ include "s3www.s3Endpoint" . | quote }}
          - name: BUCKET
            value: {{ .Values.bucket.name | quote }}
          - name: KEY
            value: {{ include "s3www.fileKey" . | include "s3www.envText" }}
          {{- if .Values.file.url }}
          - name: FILE
            value: {{ printf "/content/%s" (base (include "s3www.fileKey" .)) | include "s3www.envText" }}
          - name: CONTENT_TYPE
            value: {{ include "s3www.envText" .Values.file.contentType }}
          {{- end }}
          - name: INDEX
            value: {{ not (empty .Values.index.content) | quote }}
          - name: MANAGE_USER
            value: {{ include "s3www.managesUser" . | default "false" | quote }}
          - name: WAIT_SECONDS
            value: {{ int $loader.waitSeconds | quote }}
          - name: HOME
            value: /mc
          - name: MC_CONFIG_DIR
            value: /mc
          {{- with include "s3www.caEnv" . }}
          {{- . | nindent 10 }}
          {{- end }}
        terminationMessagePolicy: FallbackToLogsOnError
        {{- with $loader.resources }}
        resources:
          {{- toYaml . | nindent 10 }}
        {{- end }}
        {{- with .Values.securityContext }}
        securityContext:
          {{- toYaml . | nindent 10 }}
        {{- end }}
        volumeMounts:
          - name: scripts
            mountPath: /scripts
            readOnly: true
          - name: admin
            mountPath: /run/s3/admin
            readOnly: true
          - name: credentials
            mountPath: /run/s3/reader
            readOnly: true
          - name: mc
            mountPath: /mc
          {{- if .Values.file.url }}
          - name: content
            mountPath: /content
            readOnly: true
          {{- end }}
          {{- with include "s3www.caMount" . }}
          {{- . | nindent 10 }}
          {{- end }}
    volumes:
      {{- $files := list "storage.sh" "load.sh" "policy.json" }}
      {{- if .Values.file.url }}
      {{- $files = append $files "fetch.sh" }}
      {{- end }}
      {{- if .Values.index.content }}
      {{- $files = append $files "index.html" }}
      {{- end }}
      {{- include "s3www.scriptsVolume" (dict "root" $ "files" $files) | nindent 6 }}
      - name: admin
        secret:
          secretName: {{ $admin.secret }}
          defaultMode: 288 # 0440: for the pod's group
          items:
            - key: {{ $admin.userKey }}
              path: user
            - key: {{ $admin.passwordKey }}
              path: password
      {{- include "s3www.credentialsVolume" . | nindent 6 }}
      {{- include "s3www.mcVolume" . | nindent 6 }}
      {{- if .Values.file.url }}
      - name: content
        emptyDir:
          # Some room above the file's limit: at exactly the file's limit the pod would be evicted instead of failing with a message.
          sizeLimit: {{ add (int64 $loader.fetch.maxSizeMiB) 16 }}Mi
      {{- with $loader.fetch.curlConfig }}
      {{- if .existingSecret }}
      - name: curl
        secret:
          secretName: {{ .existingSecret }}
          defaultMode: 288 # 0440: for the pod's group
          items:
            - key: {{ .key }}
              path: curlrc
      {{- end }}
      {{- end }}
      {{- end }}
      {{- with include "s3www.caVolume" . }}
      {{- . | nindent 6 }}
      {{- end }}
    {{- with $loader.nodeSelector }}
    nodeSelector:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $loader.tolerations }}
    tolerations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}
