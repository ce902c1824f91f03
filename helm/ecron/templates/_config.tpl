{{/* What values of the old chart mean here, as JSON. */}}
{{- define "ecron.oldConfig" -}}
{{- $values := .Values.AsMap -}}
{{- $rds := dig "depServices" "rds" dict $values -}}
{{- $mq := dig "depServices" "mq" dict $values -}}
{{- $auth := default dict $mq.auth -}}
{{- $hydra := dig "depServices" "hydra" dict $values -}}
{{- $given := dict
    "lang" (dig "env" "language" "" $values)
    "time_zone" (dig "env" "timezone" "" $values)
    "db_addr" $rds.host
    "db_port" $rds.port
    "db_name" $rds.dbName
    "user_name" $rds.user
    "user_pwd" $rds.password
    "mq_connector_type" (default $mq.connectorType $mq.mqType)
    "mq_host" $mq.mqHost
    "mq_port" $mq.mqPort
    "mq_lookupd_host" $mq.mqLookupdHost
    "mq_lookupd_port" $mq.mqLookupdPort
    "mq_username" $auth.username
    "mq_password" $auth.password
    "mq_mechanism" $auth.mechanism
    "oauth_admin_protocol" $hydra.protocol
    "oauth_admin_addr" $hydra.administrativeHost
    "oauth_admin_port" $hydra.administrativePort
    "oauth_public_protocol" $hydra.protocol
    "oauth_public_addr" $hydra.publicHost
    "oauth_public_port" $hydra.publicPort -}}
{{- $set := dict -}}
{{- range $key, $value := $given -}}
{{- /* The public API matters only where somebody signs in with a browser. */}}
{{- if and $value (or $.Values.config.oauth_client_id (not (hasPrefix "oauth_public" $key))) -}}{{- $_ := set $set $key $value -}}{{- end -}}
{{- end -}}
{{- toJson $set -}}
{{- end -}}

{{/* The configuration in force, as JSON. */}}
{{- define "ecron.config" -}}
{{- $config := mergeOverwrite (include "ecron.oldConfig" . | fromJson) (deepCopy .Values.config) -}}
{{- if eq .Values.migration.mode "job" -}}{{- $_ := set $config "db_migrate" "check" -}}{{- end -}}
{{- toJson $config -}}
{{- end -}}

{{/* Keys that belong into a Secret. */}}
{{- define "ecron.secretKeys" -}}
["user_pwd", "mq_password", "oauth_client_secret", "secret_key", "session_key", "callback_secret", "metrics_token"]
{{- end -}}

{{/* One key a line; as JSON, so that no number is written with an exponent. */}}
{{- define "ecron.publicFile" -}}
{{- $secret := include "ecron.secretKeys" . | fromJsonArray -}}
{{- range $key, $value := include "ecron.config" . | fromJson -}}
{{- if not (has $key $secret) }}
{{ $key }}: {{ toJson $value }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "ecron.secretFile" -}}
{{- $config := include "ecron.config" . | fromJson -}}
{{- range $key := include "ecron.secretKeys" . | fromJsonArray -}}
{{- if hasKey $config $key }}
{{ $key }}: {{ toJson (get $config $key) }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Variables from a Secret that is there already: of existingSecret, a dict of name and keys. */}}
{{- define "ecron.secretEnv" -}}
{{- $name := .name -}}
{{- if $name -}}
{{- range $key, $from := .keys }}
- name: ECRON_{{ upper $key }}
  valueFrom: { secretKeyRef: { name: {{ $name }}, key: {{ $from }} } }
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The folder of the configuration: a dict of root, existing (a Secret) and name (of the chart's own objects). */}}
{{- define "ecron.configVolume" -}}
- name: config
  projected:
    sources:
      - configMap: { name: {{ .name }} }
{{- if include "ecron.secretFile" .root }}
      - secret: { name: {{ .name }}, items: [{ key: cronsvr-secret.yaml, path: cronsvr-secret.yaml }] }
{{- else if and .existing.name (not .existing.keys) }}
      - secret: { name: {{ .existing.name }}, items: [{ key: cronsvr-secret.yaml, path: cronsvr-secret.yaml }] }
{{- end }}
- name: tmp
  emptyDir: { sizeLimit: 256Mi }
{{- end -}}

{{- define "ecron.configMounts" -}}
- { name: config, mountPath: /etc/ecron, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- end -}}

{{/* What no schema can say. */}}
{{- define "ecron.check" -}}
{{- $config := include "ecron.config" . | fromJson -}}
{{- if not (or $config.db_addr .Values.existingSecret.name) -}}
{{- fail "config.db_addr must name a MariaDB or MySQL server: the two services share it. For one process without one, see the README" -}}
{{- end -}}
{{- if and (include "ecron.secretFile" .) .Values.existingSecret.name (not .Values.existingSecret.keys) -}}
{{- fail "config has a password or key, and existingSecret brings cronsvr-secret.yaml: keep them in one of the two" -}}
{{- end -}}
{{- if and (include "ecron.jobsNamespace" .) (eq (include "ecron.jobsNamespace" .) .Release.Namespace) -}}
{{- fail "config.kubernetes_namespace must not be the namespace of the release: Jobs get one of their own" -}}
{{- end -}}
{{- range tuple "management" "analysis" -}}
{{- $own := get $.Values . -}}
{{- if and $own.autoscaling.enabled (gt (int $own.autoscaling.minReplicas) (int $own.autoscaling.maxReplicas)) -}}
{{- fail (printf "%s.autoscaling: minReplicas is more than maxReplicas" .) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs must name a Gateway" -}}
{{- end -}}
{{- end -}}
