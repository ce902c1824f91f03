import {
  both,
  exactly,
  filledText,
  flag,
  integer,
  isObject,
  listOf,
  mapOf,
  members,
  oneOf,
  quantity,
  type Rule,
  text,
} from './rules.js';

/** Names under which only this service writes labels, annotations and variables. */
const OWN_PREFIX = 'ecron/';
const OWN_VARIABLE = /^ECRON_/;
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const MAX_ID = 2_147_483_647;
/** A pod that is to go must be gone soon. */
const MAX_GRACE_S = 30;
const YEAR_S = 31_536_000;

const isTheirs = (name: string): boolean =>
  !name.startsWith(OWN_PREFIX) && name !== MANAGED_BY && !name.includes('kubernetes.io/');

const metadata = { labels: mapOf(text, isTheirs), annotations: mapOf(text, isTheirs) };

/** Root, privileges and capabilities are out of reach whatever a body says. */
const identity = {
  runAsUser: integer(1, MAX_ID),
  runAsGroup: integer(1, MAX_ID),
  runAsNonRoot: exactly(true),
  seccompProfile: members({ type: exactly('RuntimeDefault') }),
};

const containerSecurity = members({
  ...identity,
  allowPrivilegeEscalation: exactly(false),
  privileged: exactly(false),
  readOnlyRootFilesystem: flag,
  capabilities: members({ drop: listOf(text, 50) }),
});

/** A variable is a text or a field of the pod: never of a Secret or a ConfigMap, which need not be the tenant's. */
const variable = both(
  members({
    name: filledText,
    value: text,
    valueFrom: members({ fieldRef: members({ apiVersion: text, fieldPath: filledText }) }),
  }),
  (value, path) =>
    isObject(value) && typeof value['name'] === 'string' && OWN_VARIABLE.test(value['name'])
      ? { path: `${path}.name`, rule: 'is set by this service' }
      : null,
);

const container = members({
  name: filledText,
  image: filledText,
  imagePullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
  command: listOf(text, 100),
  args: listOf(text, 100),
  workingDir: text,
  env: listOf(variable, 200),
  resources: members({ limits: mapOf(quantity), requests: mapOf(quantity) }),
  volumeMounts: listOf(
    members({ name: filledText, mountPath: filledText, readOnly: flag, subPath: text }),
    20,
  ),
  securityContext: containerSecurity,
});

const needsImage: Rule = (value, path) =>
  isObject(value) && typeof value['image'] === 'string'
    ? null
    : { path: `${path}.image`, rule: 'must be a text' };

const pod = members({
  restartPolicy: exactly('Never'),
  containers: listOf(both(container, needsImage), 1, 1),
  initContainers: listOf(both(container, needsImage), 5),
  volumes: listOf(
    members({ name: filledText, emptyDir: members({ medium: oneOf('', 'Memory'), sizeLimit: quantity }) }),
    20,
  ),
  securityContext: members({
    ...identity,
    fsGroup: integer(1, MAX_ID),
    supplementalGroups: listOf(integer(1, MAX_ID), 20),
  }),
  nodeSelector: mapOf(text),
  terminationGracePeriodSeconds: integer(0, MAX_GRACE_S),
  automountServiceAccountToken: exactly(false),
  enableServiceLinks: exactly(false),
});

const needsPod: Rule = (value, path) => {
  if (!isObject(value) || !isObject(value['spec']))
    return { path: `${path}.spec`, rule: 'must be an object' };
  if (Array.isArray(value['spec']['containers'])) return null;
  return { path: `${path}.spec.containers`, rule: 'must be a list of 1' };
};

const needsTemplate: Rule = (value, path) =>
  isObject(value) && isObject(value['template'])
    ? null
    : { path: `${path}.template`, rule: 'must be an object' };

/**
 * What a job may say of its `batch/v1` Job; every other field is refused by its name. `metadata.name` is accepted and not
 * used, as old bodies have it; retries are the job's policy, so `backoffLimit` can only be 0.
 */
export function bodyRule(namespace: string | null): Rule {
  const ownNamespace = namespace === null ? text : exactly(namespace);
  return both(
    members({
      apiVersion: exactly('batch/v1'),
      kind: exactly('Job'),
      metadata: members({ ...metadata, name: text, namespace: ownNamespace }),
      spec: both(
        members({
          backoffLimit: exactly(0),
          completions: exactly(1),
          parallelism: exactly(1),
          activeDeadlineSeconds: integer(1, YEAR_S),
          template: both(members({ metadata: members(metadata), spec: pod }), needsPod),
        }),
        needsTemplate,
      ),
    }),
    (value, path) =>
      isObject(value) && isObject(value['spec']) ? null : { path: `${path}.spec`, rule: 'must be an object' },
  );
}
