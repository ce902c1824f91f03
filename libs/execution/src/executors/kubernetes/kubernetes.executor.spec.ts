import { type JsonObject } from '@ecron/domain';
import { attemptWith } from '../../../test/attempts.js';
import { KubeDouble } from '../../../test/kube-double.js';
import { KubernetesStage, scriptIn } from '../../../test/kubernetes-stage.js';
import { GIVEN_UP } from '../../executor/executor.js';

describe('a Job in a cluster', () => {
  let stage: KubernetesStage;
  let cluster: KubeDouble;
  beforeEach(() => {
    stage = new KubernetesStage();
    // Before any deadline that was recorded.
    stage.now = () => 0;
  });
  afterEach(async () => {
    await stage.close();
    await cluster?.close();
  });

  const runIn = async (scenario: string, signal = new AbortController().signal, timeoutMs = 60_000) => {
    cluster ??= await KubeDouble.start(scenario);
    const context = scriptIn('tool', 'any', { addr: '127.0.0.1', port: cluster.port });
    return stage.run({ executeId: scenario, context, timeoutMs }, signal);
  };
  const open = async (scenario: string): Promise<KubeDouble> => (cluster = await KubeDouble.start(scenario));
  afterEach(() => {
    cluster = undefined as unknown as KubeDouble;
  });

  it('succeeds with its output as the result', async () => {
    expect(await runIn('succeeds')).toEqual({ kind: 'succeeded', exitCode: 0, result: '"one\\ntwo"' });
  });

  it('fails with its exit code', async () => {
    expect(await runIn('fails')).toMatchObject({
      kind: 'failed',
      retryable: true,
      exitCode: 3,
      error: 'the program ended with 3: oh',
    });
  });

  it('is sent with a bound on everything and with rights to nothing', async () => {
    await runIn('succeeds');
    const [sent] = cluster.calls('POST jobs');
    const { metadata, spec } = JSON.parse(sent?.body ?? '') as { metadata: JsonObject; spec: JsonObject };
    expect(metadata).toMatchObject({ name: 'ecron-succeeds-2', annotations: { 'ecron/attempt': '2' } });
    expect(spec).toMatchObject({
      backoffLimit: 0,
      activeDeadlineSeconds: 90,
      ttlSecondsAfterFinished: 3_600,
      template: {
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: 'default',
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              image: 'tool',
              command: ['/bin/sh', '-c', 'any'],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
    });
  });

  it('is followed over a watch that ends at once, one that tells of too old a version, and a broken server', async () => {
    const double = await open('succeeds');
    double.first('WATCH jobs', 200, { type: 'ERROR', object: { kind: 'Status', code: 410 } });
    double.first('WATCH jobs', 200);
    double.first('WATCH jobs', 500);
    expect(await runIn('succeeds')).toMatchObject({ kind: 'succeeded' });
  });

  it('is found where its name is taken by an earlier start of its attempt', async () => {
    const double = await open('succeeds');
    double.only('POST jobs', 409, { kind: 'Status', reason: 'AlreadyExists', message: 'already there' });
    expect(await runIn('succeeds')).toMatchObject({ kind: 'succeeded', result: '"one\\ntwo"' });
  });

  it('is made anew where the one that had its name is gone by now', async () => {
    const double = await open('succeeds');
    double.first('GET job', 404);
    double.first('POST jobs', 409, { kind: 'Status', reason: 'AlreadyExists' });
    expect(await runIn('succeeds')).toMatchObject({ kind: 'succeeded' });
    expect(double.calls('POST jobs')).toHaveLength(2);
  });

  it('is deleted with its pods when it is cancelled: this one, and no other of its name', async () => {
    const double = await open('succeeds');
    double.only('WATCH jobs', 200);
    double.only('GET pods', 200, { metadata: {}, items: [] });
    double.only('DELETE job', 200, {});
    const abort = new AbortController();
    const run = runIn('succeeds', abort.signal);
    await double.untilSent('WATCH jobs');
    abort.abort();
    expect(await run).toMatchObject({ kind: 'interrupted' });
    const [sent] = double.calls('DELETE job');
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      propagationPolicy: 'Background',
      preconditions: { uid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
    });
    expect(sent?.url).not.toContain('?');
  });

  it('is left alone when its node gives it up', async () => {
    const double = await open('succeeds');
    double.only('WATCH jobs', 200);
    const abort = new AbortController();
    const run = runIn('succeeds', abort.signal);
    await double.untilSent('WATCH jobs');
    abort.abort(GIVEN_UP);
    expect(await run).toEqual({ kind: 'interrupted', error: 'left to another node' });
    expect(double.calls('DELETE job')).toEqual([]);
  });

  it('tells what the cluster warns of in its output', async () => {
    const double = await open('succeeds');
    double.warn('POST jobs', '299 - "would violate PodSecurity \\"restricted\\""');
    await runIn('succeeds');
    expect(stage.shown('succeeds', 'stderr')).toBe(
      'ecron: the cluster warns: would violate PodSecurity "restricted"\n',
    );
  });

  it.each([
    [422, 'Invalid', { retryable: false, reason: 'bad target' }],
    [403, 'Forbidden', { retryable: true }],
  ])('fails where the cluster answers %i, and repeats its message only', async (status, reason, facts) => {
    const double = await open('succeeds');
    double.only('POST jobs', status, {
      kind: 'Status',
      reason,
      message: 'what is wrong\nand more',
      details: { secret: 'x' },
    });
    expect(await runIn('succeeds')).toEqual({
      kind: 'failed',
      error: `the cluster answers ${status}: what is wrong`,
      result: null,
      ...facts,
    });
  });

  it.each(['169.254.169.254', 'metadata.google.internal', '0.0.0.0'])(
    'is not sent through %s, whoever names it',
    async (addr) => {
      const context = scriptIn('tool', 'any', { addr, port: 80 });
      expect(await stage.run({ context })).toMatchObject({
        kind: 'failed',
        retryable: false,
        reason: 'bad target',
      });
    },
  );
});

describe('Jobs in a cluster', () => {
  const stage = new KubernetesStage();
  const attempt = attemptWith(scriptIn('tool', 'any'));
  const run = (own: object) => stage.executor(own).run(attempt, new AbortController().signal);

  it('are off, and say so, until a namespace is named for them', async () => {
    expect(await run({ namespace: null })).toEqual({
      kind: 'failed',
      retryable: false,
      reason: 'unsupported mode',
      error: 'Jobs in Kubernetes are off on this node: kubernetes_namespace is not set',
      result: null,
    });
  });

  it('are for tenants that may run commands', async () => {
    expect(await run({ tenants: ['tenant-b'] })).toMatchObject({
      kind: 'failed',
      reason: 'unsupported mode',
      error: 'this tenant may not run commands (exe_tenants)',
    });
  });

  it('fail where the kubeconfig cannot be read, without a word of what is in it', async () => {
    expect(await run({ configFile: '/nowhere/config' })).toMatchObject({
      kind: 'failed',
      error: 'the kubeconfig cannot be read (ENOENT)',
    });
  });
});
