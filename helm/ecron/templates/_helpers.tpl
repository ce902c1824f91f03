{{- define "ecron.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Of an object that belongs to one of the services: a dict of root and role. */}}
{{- define "ecron.roleName" -}}
{{- printf "%s-%s" (include "ecron.fullname" .root) .role -}}
{{- end -}}

{{- define "ecron.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "ecron.labels" -}}
{{ include "ecron.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: ecron
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- end -}}

{{- define "ecron.roleSelector" -}}
{{ include "ecron.selector" .root }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "ecron.image" -}}
{{- with .Values.image -}}
{{- $path := ternary .repository (printf "%s/%s" (trimSuffix "/" .registry) .repository) (empty .registry) -}}
{{- if .digest -}}
{{ $path }}@{{ .digest }}
{{- else -}}
{{ $path }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "ecron.serviceAccount" -}}
{{- $own := get .root.Values .role -}}
{{- if $own.serviceAccount.create -}}
{{- default (include "ecron.roleName" .) $own.serviceAccount.name -}}
{{- else -}}
{{- default "default" $own.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "ecron.replicas" -}}
{{- $own := get .root.Values .role -}}
{{- $old := dig "replicaCount" nil .root.Values.AsMap -}}
{{- ternary $own.replicaCount (default 0 $old | int) (kindIs "invalid" $old) -}}
{{- end -}}

{{/* The container's port: what the configuration says, or its default. */}}
{{- define "ecron.port" -}}
{{- $config := include "ecron.config" .root | fromJson -}}
{{- if eq .role "management" -}}
{{- default 12345 $config.cron_port | int -}}
{{- else -}}
{{- default 32346 $config.anlys_port | int -}}
{{- end -}}
{{- end -}}

{{- define "ecron.scheme" -}}
{{- $config := include "ecron.config" .root | fromJson -}}
{{- if and (eq .role "management") (eq (toString $config.ssl_on) "true") -}}HTTPS{{- else -}}HTTP{{- end -}}
{{- end -}}

{{- define "ecron.grace" -}}
{{- if kindIs "invalid" .Values.terminationGracePeriodSeconds -}}
{{- $config := include "ecron.config" . | fromJson -}}
{{- $run := ternary $config.shutdown_grace_s 30 (hasKey $config "shutdown_grace_s") | int -}}
{{- add .Values.preStopSeconds $run 25 -}}
{{- else -}}
{{- .Values.terminationGracePeriodSeconds | int -}}
{{- end -}}
{{- end -}}

{{/* The namespace of Kubernetes Jobs; empty: they are off, or reached by a kubeconfig. */}}
{{- define "ecron.jobsNamespace" -}}
{{- $config := include "ecron.config" . | fromJson -}}
{{- if not $config.kubernetes_config -}}{{- default "" $config.kubernetes_namespace -}}{{- end -}}
{{- end -}}

{{- define "ecron.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "ecron.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}
