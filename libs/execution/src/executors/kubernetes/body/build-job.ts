import { type JobContext, type JsonObject, type JsonValue } from '@ecron/domain';
import { type AttemptRequest } from '../../../executor/executor.js';
import { identityVariables } from '../../../executor/identity-variables.js';
import { splitCommand } from '../../command/command-line.js';
import { type JobBody } from '../api/objects.js';
import { type KubernetesSettings } from '../kubernetes-settings.js';
import { hasBody } from './check-context.js';
import { annotationsOf, jobNameOf, labelsOf } from './identity.js';
import { type ClusterPlace } from './place.js';

export interface JobOrder {
  attempt: AttemptRequest;
  place: ClusterPlace;
  settings: Pick<KubernetesSettings, 'serviceAccount' | 'imagePullSecrets'>;
  /** When the attempt has to end, in epoch milliseconds. */
  deadlineAt: number;
}

export const CONTAINER = 'main';
/** The cluster ends what this service, for whatever reason, does not: later than the service would. */
const DEADLINE_GRACE_S = 30;
/** A finished Job that nobody has removed; a node that takes over must find how it ended. */
const KEEP_FINISHED_S = 3_600;
/** `nobody`: an image whose user is root does not start otherwise. */
const NOBODY = 65_534;
const GRACE_S = 10;

/** The Job of an attempt: what its context asks for, with our limits and identity. The context has been checked. */
export function buildJob(order: JobOrder): JobBody {
  const { attempt, deadlineAt } = order;
  const body = withoutNulls(workOf(attempt.context, order.place)) as unknown as Body;
  const labels = labelsOf(attempt);
  const annotations = annotationsOf(attempt, deadlineAt);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: jobNameOf(attempt), ...withIdentity(body.metadata, labels, annotations) },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: deadlineSeconds(body, attempt),
      ttlSecondsAfterFinished: KEEP_FINISHED_S,
      template: {
        metadata: withIdentity(body.spec.template.metadata, labels, annotations),
        spec: hardenPod(body.spec.template.spec, order),
      },
    },
  };
}

interface Metadata {
  labels?: JsonObject;
  annotations?: JsonObject;
}

interface Body {
  metadata?: Metadata;
  spec: { activeDeadlineSeconds?: number; template: { metadata?: Metadata; spec: Pod } };
}

type Pod = JsonObject & { containers: JsonObject[]; initContainers?: JsonObject[] };

function workOf(context: JobContext, { image }: ClusterPlace): JsonValue {
  if (hasBody(context)) return context.info.body;
  const { program, args } = splitCommand(context);
  return { spec: { template: { spec: { containers: [{ image, command: [program, ...args] }] } } } };
}

function withIdentity(
  { labels: own = {}, annotations: notes = {} }: Metadata = {},
  labels: Record<string, string>,
  annotations: Record<string, string>,
): JsonObject {
  return { labels: { ...own, ...labels }, annotations: { ...notes, ...annotations } };
}

function deadlineSeconds({ spec }: Body, { timeoutMs }: AttemptRequest): number {
  const ours = Math.ceil(timeoutMs / 1000) + DEADLINE_GRACE_S;
  return Math.min(ours, spec.activeDeadlineSeconds ?? ours);
}

/** What the restricted profile of Kubernetes asks for; no account of the cluster shows inside. */
function hardenPod(pod: Pod, { attempt, settings }: JobOrder): JsonObject {
  const { serviceAccount, imagePullSecrets } = settings;
  const harden = (container: JsonObject, name: string): JsonObject =>
    hardenContainer(container, name, attempt);
  return {
    terminationGracePeriodSeconds: GRACE_S,
    ...pod,
    restartPolicy: 'Never',
    serviceAccountName: serviceAccount,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(imagePullSecrets.length > 0 && { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
    securityContext: {
      runAsUser: NOBODY,
      ...(pod['securityContext'] as JsonObject | undefined),
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: pod.containers.map((container) => harden(container, CONTAINER)),
    ...(pod.initContainers && {
      initContainers: pod.initContainers.map((container, n) => harden(container, `init-${n + 1}`)),
    }),
  };
}

function hardenContainer(container: JsonObject, name: string, attempt: AttemptRequest): JsonObject {
  const identity = Object.entries(identityVariables(attempt)).map(([key, value]) => ({ name: key, value }));
  return {
    name,
    ...container,
    env: [...((container['env'] as JsonObject[] | undefined) ?? []), ...identity],
    securityContext: {
      ...(container['securityContext'] as JsonObject | undefined),
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    },
  };
}

/** Old clients send members with nothing in them. */
function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      member === null ? [] : [[name, withoutNulls(member)]],
    ),
  );
}
