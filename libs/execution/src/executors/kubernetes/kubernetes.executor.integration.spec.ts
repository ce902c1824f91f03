import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithKube, KubeCluster, type KubeExchange, KubeProxy } from '@ecron/testing';
import { callOf, type RecordedAnswer, type Recording, RECORDING_FILE } from '../../../test/kube-double.js';
import {
  bodyContext,
  bodyOf,
  findOf,
  KubernetesStage,
  makeNamespace,
  runOn,
  scriptIn,
} from '../../../test/kubernetes-stage.js';

jest.setTimeout(60_000);

describeWithKube('a Job in a real Kubernetes', () => {
  let cluster: KubeCluster;
  let stage: KubernetesStage;
  beforeAll(async () => {
    cluster = await KubeCluster.up();
    await makeNamespace(cluster, 'jobs');
    await makeNamespace(cluster, 'strict', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  });
  afterAll(() => cluster?.down());
  beforeEach(() => {
    stage = new KubernetesStage();
    stage.settings = { ...stage.settings, configFile: cluster.kubeconfig };
  });
  afterEach(() => stage.close());

  const named = (executeId: string) => findOf(cluster, 'jobs', executeId);
  const podsOf = (executeId: string) => findOf(cluster, 'pods', executeId);

  it('runs a command, keeps its output as the result and its exit code', async () => {
    const context = scriptIn('tool', 'echo "{\\"rows\\":3}"');
    expect(await stage.run({ executeId: 'good', context })).toEqual({
      kind: 'succeeded',
      exitCode: 0,
      result: '{"rows":3}',
    });
    expect(stage.shown('good')).toBe('{"rows":3}\n');
  });

  it('fails with the exit code and the last line of what failed', async () => {
    const context = scriptIn('tool', 'echo begun; echo "no such table"; exit 7');
    expect(await stage.run({ executeId: 'bad', context })).toMatchObject({
      kind: 'failed',
      retryable: true,
      exitCode: 7,
      error: 'the program ended with 7: no such table',
    });
  });

  it('runs one pod and no second one', async () => {
    await stage.run({ executeId: 'once', context: scriptIn('tool', 'exit 1') });
    expect(await podsOf('once')).toHaveLength(1);
  });

  it('shows output while the program runs', async () => {
    const abort = new AbortController();
    const context = scriptIn('tool', 'echo early; sleep 60');
    const run = stage.run({ executeId: 'live', context }, abort.signal);
    await stage.untilShown('live', 'early');
    abort.abort();
    expect(await run).toMatchObject({ kind: 'interrupted' });
  });

  it('tells the program who it is', async () => {
    const context = scriptIn('tool', 'env | grep ^ECRON_ | sort');
    await stage.run({ executeId: 'who', context });
    expect(stage.shown('who').trim().split('\n')).toEqual([
      'ECRON_ATTEMPT=2',
      'ECRON_EXECUTE_ID=who',
      'ECRON_IDEMPOTENCY_KEY=who',
      'ECRON_JOB_ID=job-1',
      'ECRON_SLOT=2026-11-24T17:00:00+08:00',
      'ECRON_TENANT=tenant-a',
    ]);
    const [job] = await named('who');
    expect(job?.metadata.labels).toMatchObject({ 'ecron/execute-id': 'who', 'ecron/attempt': '2' });
  });

  it('runs a body of the job’s own, in its own container', async () => {
    const container = { name: 'report', command: ['/bin/sh', '-c'], args: ['echo "$COLOUR"'] };
    const context = bodyContext(bodyOf({ ...container, env: [{ name: 'COLOUR', value: 'blue' }] }));
    expect(await stage.run({ executeId: 'body', context })).toMatchObject({ result: '"blue"' });
  });

  it('is admitted to a namespace that asks for the restricted profile, without a warning', async () => {
    stage.settings = { ...stage.settings, namespace: 'strict' };
    expect(await stage.run({ executeId: 'strict', context: scriptIn('tool', 'true') })).toMatchObject({
      kind: 'succeeded',
    });
    expect(stage.shown('strict', 'stderr')).toBe('');
  });

  it('is ended at its time, keeps what it wrote, and leaves neither Job nor pod', async () => {
    const context = scriptIn('tool', 'echo begun; sleep 600');
    const outcome = await stage.run({ executeId: 'slow', context, timeoutMs: 3_000 });
    expect(outcome).toEqual({ kind: 'timedOut', error: 'not ended within 3 s' });
    expect(stage.shown('slow')).toBe('begun\n');
    expect([await named('slow'), await podsOf('slow')]).toEqual([[], []]);
  });

  it('ends a program that heeds no TERM', async () => {
    const pod = { terminationGracePeriodSeconds: 1 };
    const command = ['/bin/sh', '-c', 'trap "" TERM; echo begun; while :; do sleep 1; done'];
    const context = bodyContext(bodyOf({ command }, pod));
    const abort = new AbortController();
    const run = stage.run({ executeId: 'deaf', context }, abort.signal);
    await stage.untilShown('deaf', 'begun');
    abort.abort();
    expect(await run).toEqual({ kind: 'interrupted', error: 'the attempt was interrupted' });
    expect([await named('deaf'), await podsOf('deaf')]).toEqual([[], []]);
  });

  it('says why a container has not started', async () => {
    const context = scriptIn('tool:never', 'true');
    expect(await stage.run({ executeId: 'never', context, timeoutMs: 2_500 })).toEqual({
      kind: 'timedOut',
      error: expect.stringMatching(
        /^not ended within 2\.5 s; its container has not started: ImagePullBackOff/,
      ) as string,
    });
  });

  it('says why there is no pod', async () => {
    stage.settings = { ...stage.settings, serviceAccount: 'nobody' };
    const context = scriptIn('tool', 'true');
    expect(await stage.run({ executeId: 'closed', context, timeoutMs: 2_500 })).toEqual({
      kind: 'timedOut',
      error: expect.stringMatching(/^not ended within 2\.5 s; it has no pod: .*service account/) as string,
    });
    expect(await named('closed')).toEqual([]);
  });

  it('needs no more than the rights that the documentation names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ecron-rights-'));
    const configFile = join(folder, 'kubeconfig');
    writeFileSync(configFile, await configOfRunner());
    const executor = stage.executor({ configFile });
    const context = scriptIn('tool', 'echo done');
    const run = runOn(executor, { executeId: 'rights', context });
    expect(await run).toMatchObject({ kind: 'succeeded', result: '"done"' });
    const never = { executeId: 'rights-2', context: scriptIn('tool:never', 'true'), timeoutMs: 2_000 };
    expect(await runOn(executor, never)).toMatchObject({
      kind: 'timedOut',
    });
    expect(await named('rights-2')).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it('says what the cluster forbids, and nothing else of the answer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ecron-rights-'));
    const configFile = join(folder, 'kubeconfig');
    writeFileSync(configFile, kubeconfigOf('no-token-of-anyone'));
    const executor = stage.executor({ configFile });
    const attempt = { executeId: 'stranger', context: scriptIn('tool', 'true') };
    expect(await runOn(executor, attempt)).toEqual({
      kind: 'failed',
      retryable: true,
      error: 'the cluster answers 401: Unauthorized',
      result: null,
    });
    rmSync(folder, { recursive: true });
  });

  it('runs through a proxy that the job names, fifty at once', async () => {
    const proxy = await KubeProxy.start(cluster);
    const place = { addr: '127.0.0.1', port: String(proxy.port) };
    const ids = Array.from({ length: 50 }, (_, n) => `many-${n}`);
    const outcomes = await Promise.all(
      ids.map((executeId) => stage.run({ executeId, context: scriptIn('tool', 'echo ok', place) })),
    );
    expect(new Set(outcomes.map((one) => JSON.stringify(one)))).toEqual(
      new Set(['{"kind":"succeeded","exitCode":0,"result":"\\"ok\\""}']),
    );
    await stage.close();
    await proxy.close();
  });

  it('answers as the double of the quick tests was recorded (KUBE_RECORD=1 records anew)', async () => {
    const scenarios: Record<string, string> = { succeeds: 'echo one; echo two', fails: 'echo oh; exit 3' };
    const recorded: Recording = {};
    for (const [name, script] of Object.entries(scenarios)) {
      const proxy = await KubeProxy.start(cluster);
      const place = { addr: '127.0.0.1', port: String(proxy.port) };
      await stage.run({ executeId: name, context: scriptIn('tool', script, place) });
      if (name === 'succeeds')
        await stage.run({ executeId: name, context: scriptIn('tool', script, place), jobId: 'other' });
      recorded[name] = proxy.exchanges.map(toAnswer);
      await stage.close();
      stage.executors.length = 0;
      await proxy.close();
    }
    if (process.env['KUBE_RECORD'] === '1') writeFileSync(RECORDING_FILE, JSON.stringify(recorded, null, 1));
    const known = JSON.parse(readFileSync(RECORDING_FILE, 'utf8')) as Recording;
    const kinds = (recording: Recording) =>
      Object.entries(recording).map(([name, answers]) => [
        name,
        new Set(answers.map((a) => `${a.call} ${a.status}`)),
      ]);
    expect(kinds(recorded)).toEqual(kinds(known));
  });

  /** Without what nobody reads. */
  const toAnswer = ({ method, path, status, warning, body }: KubeExchange): RecordedAnswer => {
    const call = callOf(method, path);
    const shorten = (line: string): string =>
      line === ''
        ? ''
        : JSON.stringify(JSON.parse(line), (key, value: unknown) =>
            ['managedFields', 'spec', 'initContainers'].includes(key) ? undefined : value,
          );
    const short = call === 'GET log' ? body : body.split('\n').map(shorten).join('\n');
    return { call, status, ...(warning !== undefined && { warning }), body: short };
  };

  const kubeconfigOf = (token: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'c',
          cluster: { server: cluster.origin, 'certificate-authority-data': cluster.certificateAuthority },
        },
      ],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });

  /** The role of docs/kubernetes.md. */
  const configOfRunner = async (): Promise<string> => {
    const metadata = { name: 'ecron' };
    const rules = [
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get', 'list', 'watch', 'delete'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    ];
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/jobs';
    await cluster.call('POST', '/api/v1/namespaces/jobs/serviceaccounts', { metadata });
    await cluster.call('POST', `${rbac}/roles`, { metadata, rules });
    await cluster.call('POST', `${rbac}/rolebindings`, {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'ecron' },
      subjects: [{ kind: 'ServiceAccount', name: 'ecron', namespace: 'jobs' }],
    });
    const token = await cluster.call<{ status: { token: string } }>(
      'POST',
      '/api/v1/namespaces/jobs/serviceaccounts/ecron/token',
      { spec: {} },
    );
    return kubeconfigOf(token.status.token);
  };
});
