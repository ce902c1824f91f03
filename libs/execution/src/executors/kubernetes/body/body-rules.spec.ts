import { type JsonObject, type JsonValue } from '@ecron/domain';
import { attemptWith } from '../../../../test/attempts.js';
import { bodyContext, bodyOf, scriptIn } from '../../../../test/kubernetes-stage.js';
import { buildJob } from './build-job.js';
import { checkClusterContext } from './check-context.js';
import { jobNameOf } from './identity.js';

const check = (body: JsonObject) => checkClusterContext(bodyContext(body), 'jobs');
const POD = 'job_context.info.body.spec.template.spec';
const CONTAINER = `${POD}.containers.0`;

describe('the body of a Kubernetes job', () => {
  it.each<[string, JsonObject]>([
    ['that is short', bodyOf({})],
    [
      'of an old client',
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'mine' },
        ...bodyOf({ name: 'mine' }, { restartPolicy: 'Never' }),
      },
    ],
    ['in the namespace of Jobs', { metadata: { namespace: 'jobs' }, ...bodyOf({}) }],
    ['with members of nothing', { metadata: null, ...bodyOf({ args: null, resources: null }) }],
    [
      'with resources and a folder',
      bodyOf(
        {
          resources: { limits: { cpu: 1, memory: '1Gi' } },
          volumeMounts: [{ name: 't', mountPath: '/tmp' }],
        },
        { volumes: [{ name: 't', emptyDir: {} }] },
      ),
    ],
    [
      'with a user of its own',
      bodyOf({ securityContext: { runAsUser: 1000, readOnlyRootFilesystem: true } }),
    ],
  ])('%s is taken', (_, body) => {
    expect(check(body)).toBeNull();
  });

  it.each<[string, JsonObject]>([
    ['hostNetwork', { hostNetwork: true }],
    ['hostPID', { hostPID: true }],
    ['hostIPC', { hostIPC: true }],
    ['hostAliases', { hostAliases: [] }],
    ['serviceAccountName', { serviceAccountName: 'admin' }],
    ['serviceAccount', { serviceAccount: 'admin' }],
    ['automountServiceAccountToken', { automountServiceAccountToken: true }],
    ['imagePullSecrets', { imagePullSecrets: [{ name: 'x' }] }],
    ['nodeName', { nodeName: 'node-1' }],
    ['tolerations', { tolerations: [] }],
    ['priorityClassName', { priorityClassName: 'system-node-critical' }],
    ['runtimeClassName', { runtimeClassName: 'x' }],
    ['ephemeralContainers', { ephemeralContainers: [] }],
    ['restartPolicy', { restartPolicy: 'OnFailure' }],
    ['terminationGracePeriodSeconds', { terminationGracePeriodSeconds: 3_600 }],
    ['securityContext.runAsUser', { securityContext: { runAsUser: 0 } }],
    ['securityContext.runAsNonRoot', { securityContext: { runAsNonRoot: false } }],
    ['securityContext.sysctls', { securityContext: { sysctls: [] } }],
    ['securityContext.seccompProfile.type', { securityContext: { seccompProfile: { type: 'Unconfined' } } }],
    ['volumes.0.hostPath', { volumes: [{ name: 'a', hostPath: { path: '/' } }] }],
    ['volumes.0.secret', { volumes: [{ name: 'a', secret: { secretName: 'x' } }] }],
    ['volumes.0.projected', { volumes: [{ name: 'a', projected: {} }] }],
    ['volumes.0.csi', { volumes: [{ name: 'a', csi: {} }] }],
    ['initContainers.0.restartPolicy', { initContainers: [{ image: 'a', restartPolicy: 'Always' }] }],
    [
      'initContainers.0.securityContext.privileged',
      { initContainers: [{ image: 'a', securityContext: { privileged: true } }] },
    ],
    ['__proto__', JSON.parse('{"__proto__":{"hostNetwork":true}}') as JsonObject],
  ])('cannot have %s of its pod', (name, pod) => {
    expect(check(bodyOf({}, pod))?.path).toBe(`${POD}.${name}`);
  });

  it.each<[string, JsonObject]>([
    ['securityContext.privileged', { securityContext: { privileged: true } }],
    ['securityContext.allowPrivilegeEscalation', { securityContext: { allowPrivilegeEscalation: true } }],
    ['securityContext.capabilities.add', { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }],
    ['securityContext.procMount', { securityContext: { procMount: 'Unmasked' } }],
    ['securityContext.runAsUser', { securityContext: { runAsUser: 0 } }],
    ['envFrom', { envFrom: [{ secretRef: { name: 'x' } }] }],
    ['env.0.valueFrom.secretKeyRef', { env: [{ name: 'A', valueFrom: { secretKeyRef: {} } }] }],
    ['env.0.valueFrom.configMapKeyRef', { env: [{ name: 'A', valueFrom: { configMapKeyRef: {} } }] }],
    ['env.0.name', { env: [{ name: 'ECRON_TENANT', value: 'b' }] }],
    ['ports', { ports: [{ containerPort: 80, hostPort: 80 }] }],
    ['lifecycle', { lifecycle: {} }],
    ['livenessProbe', { livenessProbe: {} }],
    ['volumeDevices', { volumeDevices: [] }],
    [
      'volumeMounts.0.mountPropagation',
      { volumeMounts: [{ name: 'a', mountPath: '/', mountPropagation: 'Bidirectional' }] },
    ],
    ['image', { image: '' }],
    ['comand', { comand: ['typo'] }],
  ])('cannot have %s of its container', (name, container) => {
    expect(check(bodyOf(container))?.path).toBe(`${CONTAINER}.${name}`);
  });

  const spec = (own: JsonObject): JsonObject => ({ spec: { ...(bodyOf({})['spec'] as JsonObject), ...own } });
  it.each<[string, JsonObject]>([
    ['kind', { kind: 'CronJob', ...bodyOf({}) }],
    ['apiVersion', { apiVersion: 'apps/v1', ...bodyOf({}) }],
    ['metadata.namespace', { metadata: { namespace: 'kube-system' }, ...bodyOf({}) }],
    ['metadata.finalizers', { metadata: { finalizers: ['a/b'] }, ...bodyOf({}) }],
    ['metadata.ownerReferences', { metadata: { ownerReferences: [] }, ...bodyOf({}) }],
    [
      'metadata.labels.ecron/execute-id',
      { metadata: { labels: { 'ecron/execute-id': 'x' } }, ...bodyOf({}) },
    ],
    [
      'metadata.labels.app.kubernetes.io/managed-by',
      { metadata: { labels: { 'app.kubernetes.io/managed-by': 'x' } }, ...bodyOf({}) },
    ],
    ['spec.backoffLimit', spec({ backoffLimit: 6 })],
    ['spec.completions', spec({ completions: 5 })],
    ['spec.parallelism', spec({ parallelism: 5 })],
    ['spec.suspend', spec({ suspend: true })],
    ['spec.manualSelector', spec({ manualSelector: true })],
    ['spec.managedBy', spec({ managedBy: 'x' })],
    ['spec.ttlSecondsAfterFinished', spec({ ttlSecondsAfterFinished: 1 })],
    ['spec.podReplacementPolicy', spec({ podReplacementPolicy: 'Failed' })],
    ['status', { status: {}, ...bodyOf({}) }],
    ['spec', { kind: 'Job' }],
    ['spec.template', { spec: {} }],
    ['spec.template.spec', { spec: { template: {} } }],
    ['spec.template.spec.containers', { spec: { template: { spec: {} } } }],
    ['spec.template.spec.containers', { spec: { template: { spec: { containers: [] } } } }],
    [
      'spec.template.spec.containers',
      { spec: { template: { spec: { containers: [{ image: 'a' }, { image: 'b' }] } } } },
    ],
  ])('cannot have %s so', (path, body) => {
    expect(check(body)?.path).toBe(`job_context.info.body.${path}`);
  });
});

describe('where a Kubernetes job runs', () => {
  const place = (kubernetes: JsonObject) =>
    checkClusterContext(scriptIn('tool', 'any', kubernetes), 'jobs')?.path;

  it.each<[JsonObject]>([
    [{}],
    [{ addr: '', port: '' }],
    [{ addr: 'proxy', port: 8001 }],
    [{ addr: '10.0.0.1', port: '8001' }],
    [{ addr: '::1', port: 1 }],
    [{ unheard: 'of' }],
  ])('is taken: %j', (kubernetes) => {
    expect(place(kubernetes)).toBeUndefined();
  });

  it.each<[string, JsonObject]>([
    ['addr', { addr: 7 }],
    ['image', { image: {} }],
    ['image', { image: '' }],
    ['port', { addr: 'proxy' }],
    ['port', { addr: 'proxy', port: 0 }],
    ['port', { addr: 'proxy', port: 70_000 }],
    ['port', { addr: 'user@proxy', port: 80 }],
    ['port', { addr: 'proxy/path', port: 80 }],
  ])('is refused by its %s: %j', (member, kubernetes) => {
    expect(place(kubernetes)).toBe(`job_context.info.kubernetes.${member}`);
  });
});

describe('the Job of an attempt', () => {
  const build = (body: JsonObject, own = {}) =>
    buildJob({
      attempt: attemptWith(bodyContext(body), own),
      place: { proxyOrigin: null, image: '' },
      settings: { serviceAccount: 'runner', imagePullSecrets: ['registry'] },
      deadlineAt: 0,
    }) as unknown as {
      metadata: { name: string; labels: JsonObject };
      spec: JsonObject & { template: { spec: JsonObject & { containers: JsonObject[] } } };
    };

  it('has its identity, whatever the body says beside', () => {
    const job = build({ metadata: { name: 'mine', labels: { team: 'a' } }, ...bodyOf({}) });
    expect(job.metadata).toMatchObject({
      name: 'ecron-execute-1-2',
      labels: { team: 'a', 'ecron/attempt': '2' },
    });
  });

  it('has our bounds where the body has wider ones', () => {
    const wide = { spec: { activeDeadlineSeconds: 86_400, ...(bodyOf({})['spec'] as JsonObject) } };
    const narrow = { spec: { activeDeadlineSeconds: 5, ...(bodyOf({})['spec'] as JsonObject) } };
    expect([build(wide), build(narrow)].map((job) => job.spec['activeDeadlineSeconds'])).toEqual([90, 5]);
  });

  it('keeps the user that the body names, and is nobody otherwise', () => {
    const userOf = (pod: JsonObject) =>
      (build(bodyOf({}, pod)).spec.template.spec['securityContext'] as JsonObject)['runAsUser'];
    expect([userOf({}), userOf({ securityContext: { runAsUser: 7 } })]).toEqual([65_534, 7]);
  });

  it('pulls images and runs as the deployment says', () => {
    expect(build(bodyOf({})).spec.template.spec).toMatchObject({
      serviceAccountName: 'runner',
      imagePullSecrets: [{ name: 'registry' }],
      containers: [{ name: 'main' }],
    });
  });

  it.each<[string, JsonValue]>([
    ['execute-1', 'ecron-execute-1-2'],
    ['0b5c6f0e-3f52-4a4e-9d4f-6a8c2b0e7d11', 'ecron-0b5c6f0e-3f52-4a4e-9d4f-6a8c2b0e7d11-2'],
  ])('is called by its execution and attempt: %s', (executeId, name) => {
    expect(jobNameOf({ executeId, attempt: 2 })).toBe(name);
  });

  it.each(['Upper', 'dot.ted', '-dash', 'ünï', 'x'.repeat(36) + '_', '../../x'])(
    'has a name that a cluster takes for %s',
    (executeId) => {
      const name = jobNameOf({ executeId, attempt: 1_000 });
      expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      expect(name.length).toBeLessThanOrEqual(63);
      expect(name).not.toBe(jobNameOf({ executeId: `${executeId}!`, attempt: 1_000 }));
    },
  );
});
