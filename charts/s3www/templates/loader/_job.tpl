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

{{/*
What s3www's own user may do. Without ListBucket s3www cannot tell a file from a folder. The denial takes what MinIO gives every user
unasked: to change the own password, and to make further access keys, which would outlive a rotation.
*/}}
{{- define "s3www.policy" -}}
{{- dict "Version" "2012-10-17" "Statement" (list
    (dict "Effect" "Allow" "Action" (list "s3:GetBucketLocation" "s3:ListBucket") "Resource" (list (printf "arn:aws:s3:::%s" .Values.bucket.name)))
    (dict "Effect" "Deny" "Action" (list "admin:*"))
    (dict "Effect" "Allow" "Action" (list "s3:GetObject") "Resource" (list (printf "arn:aws:s3:::%s/*" .Values.bucket.name)))
) | toPrettyJson }}
{{- end }}

{{/* Spec of the Job. */}}
{{- define "s3www.loader.spec" -}}
{{- $admin := include "s3www.adminCredentials" . | fromYaml }}
{{- $loader := .Values.loader }}
{{- $images := list .Values.mcImage }}
{{- $downloads := include "s3www.downloads" . }}
{{- if $downloads }}
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
      s3www.local/scripts: {{ list (.Files.Get "files/scripts/storage.sh") (.Files.Get "files/scripts/download.sh") (.Files.Get "files/scripts/fetch.sh") (.Files.Get "files/scripts/load.sh") (include "s3www.policy" .) (tpl .Values.index.content $) | join "\n" | sha256sum | trunc 16 | quote }}
      {{- with $loader.rerun }}
      s3www.local/rerun: {{ . | quote }}
      {{- end }}
      {{- with $loader.podAnnotations }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  spec:
    {{- include "s3www.podBasics" (dict "root" $ "images" $images "serviceAccountSuffix" "-loader") | nindent 4 }}
    restartPolicy: Never
    {{- if $downloads }}
    initContainers:
      - name: fetch
        image: {{ include "s3www.image" (dict "root" $ "image" .Values.curlImage) | quote }}
        imagePullPolicy: {{ .Values.curlImage.pullPolicy }}
        command:
          - sh
          - /scripts/fetch.sh
        env:
          {{- include "s3www.filesEnv" . | nindent 10 }}
          {{- include "s3www.fetchEnv" . | nindent 10 }}
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
          {{- include "s3www.fetchMounts" . | nindent 10 }}
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
          {{- include "s3www.filesEnv" . | nindent 10 }}
          - name: INDEX
            value: {{ not (empty .Values.index.content) | quote }}
          - name: MANAGE_USER
            value: {{ include "s3www.managesUser" . | default "false" | quote }}
          {{- with .Values.auth.retiredAccessKeys }}
          - name: RETIRED_USERS
            value: {{ join " " . | include "s3www.envText" }}
          {{- end }}
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
          {{- if $downloads }}
          - name: content
            mountPath: /content
            readOnly: true
          {{- end }}
          {{- with include "s3www.givenMounts" . | trim }}
          {{- . | nindent 10 }}
          {{- end }}
          {{- with include "s3www.caMount" . }}
          {{- . | nindent 10 }}
          {{- end }}
    volumes:
      {{- $files := list "storage.sh" "load.sh" "policy.json" }}
      {{- if $downloads }}
      {{- $files = concat $files (list "download.sh" "fetch.sh") }}
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
      {{- if $downloads }}
      {{- include "s3www.fetchVolumes" . | nindent 6 }}
      {{- end }}
      {{- with include "s3www.givenVolumes" . | trim }}
      {{- . | nindent 6 }}
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
