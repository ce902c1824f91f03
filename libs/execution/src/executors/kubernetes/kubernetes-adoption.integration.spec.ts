import { describeWithKube, KubeCluster, KubeProxy } from '@ecron/testing';
import { findOf, KubernetesStage, makeNamespace, runOn, scriptIn } from '../../../test/kubernetes-stage.js';
import { GIVEN_UP } from '../../executor/executor.js';

jest.setTimeout(60_000);

describeWithKube('a Job that is there already, or lives on', () => {
  let cluster: KubeCluster;
  let stage: KubernetesStage;
  beforeAll(async () => {
    cluster = await KubeCluster.up();
    await makeNamespace(cluster, 'jobs');
  });
  afterAll(() => cluster?.down());
  beforeEach(() => {
    stage = new KubernetesStage();
    stage.settings = { ...stage.settings, configFile: cluster.kubeconfig };
  });
  afterEach(() => stage.close());

  const named = (executeId: string) => findOf(cluster, 'jobs', executeId);
  const podsOf = (executeId: string) => findOf(cluster, 'pods', executeId);

  it('goes on with the Job of a node that has given it up: one Job, all of its output', async () => {
    const context = scriptIn('tool', 'echo first; sleep 2; echo last');
    const abort = new AbortController();
    const before = stage.run({ executeId: 'handed', context }, abort.signal);
    await stage.untilShown('handed', 'first');
    abort.abort(GIVEN_UP);
    expect(await before).toEqual({ kind: 'interrupted', error: 'left to another node' });
    const [{ metadata: left } = { metadata: null }] = await named('handed');
    const after = runOn(stage.executor(), { executeId: 'handed', context, epoch: 4 });
    expect(await after).toMatchObject({ kind: 'succeeded', exitCode: 0, result: '"first\\nlast"' });
    const [{ metadata: found } = { metadata: null }, ...others] = await named('handed');
    expect([found?.uid, others]).toEqual([left?.uid, []]);
  });

  it('learns how a Job ended that ended while nobody looked', async () => {
    const context = scriptIn('tool', 'echo done');
    await stage.run({ executeId: 'over', context });
    expect(await stage.run({ executeId: 'over', context })).toMatchObject({
      kind: 'succeeded',
      result: '"done"',
    });
    expect(await podsOf('over')).toHaveLength(1);
  });

  it('keeps the deadline of the start that made the Job', async () => {
    const context = scriptIn('tool', 'echo begun; sleep 600');
    const abort = new AbortController();
    const before = stage.run({ executeId: 'late', context, timeoutMs: 3_000 }, abort.signal);
    await stage.untilShown('late', 'begun');
    abort.abort(GIVEN_UP);
    await before;
    expect(await stage.run({ executeId: 'late', context, timeoutMs: 3_600_000 })).toMatchObject({
      kind: 'timedOut',
    });
    expect(await named('late')).toEqual([]);
  });

  it('leaves a Job alone that has its name and is not its own', async () => {
    await cluster.call('POST', '/apis/batch/v1/namespaces/jobs/jobs', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'ecron-taken-2', labels: { 'app.kubernetes.io/managed-by': 'ecron' } },
      spec: {
        suspend: true,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } },
      },
    });
    expect(await stage.run({ executeId: 'taken', context: scriptIn('tool', 'true') })).toEqual({
      kind: 'failed',
      retryable: true,
      error: 'a Job ecron-taken-2 is there that is not of this execution',
      result: null,
    });
    expect(await named('taken')).toHaveLength(1);
  });

  it('waits for a Job of its own that is being deleted, and makes a new one', async () => {
    const context = scriptIn('tool', 'true');
    await stage.run({ executeId: 'dying', context });
    const path = '/apis/batch/v1/namespaces/jobs/jobs/ecron-dying-2';
    const [old] = await named('dying');
    // Orphaned with a finalizer of nobody: it stays until that is taken off.
    await patch(path, { metadata: { finalizers: ['test.invalid/hold'] } });
    await cluster.call('DELETE', path, { propagationPolicy: 'Background' });
    const run = stage.run({ executeId: 'dying', context });
    await runOn(stage.executor(), { executeId: 'other', context });
    await patch(path, { metadata: { finalizers: null } });
    expect(await run).toMatchObject({ kind: 'succeeded' });
    expect((await named('dying')).map((job) => job.metadata.uid)).not.toContain(old?.metadata.uid);
  });

  it('fails when its Job is deleted in the cluster', async () => {
    const run = stage.run({ executeId: 'robbed', context: scriptIn('tool', 'echo begun; sleep 600') });
    await stage.untilShown('robbed', 'begun');
    await cluster.call('DELETE', '/apis/batch/v1/namespaces/jobs/jobs/ecron-robbed-2', {
      propagationPolicy: 'Background',
    });
    expect(await run).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: 'the Job was deleted in the cluster',
    });
  });

  it('is followed over a restart of the API server', async () => {
    const run = stage.run({ executeId: 'restart', context: scriptIn('tool', 'echo a; sleep 6; echo b') });
    await stage.untilShown('restart', 'a');
    await cluster.restart();
    expect(await run).toMatchObject({ kind: 'succeeded', result: '"a\\nb"' });
    expect(await podsOf('restart')).toHaveLength(1);
  });

  it('makes one Job though the answer to its creation is lost', async () => {
    const proxy = await KubeProxy.start(cluster);
    const place = { addr: '127.0.0.1', port: String(proxy.port) };
    const context = scriptIn('tool', 'echo ok', place);
    let refused = 0;
    proxy.refuse = (method) => (method === 'POST' && refused++ < 2 ? 503 : null);
    expect(await stage.run({ executeId: 'lost', context })).toMatchObject({ kind: 'succeeded' });
    expect(await named('lost')).toHaveLength(1);
    await stage.close();
    await proxy.close();
  });

  it('cleans up after executions that have ended, and leaves alone those that have not', async () => {
    const context = scriptIn('tool', 'sleep 600');
    const abort = new AbortController();
    const ids = ['ended', 'going', 'stranger-s'];
    const runs = ids.map((executeId) => stage.run({ executeId, context }, abort.signal));
    await stage.untilSo(async () => (await Promise.all(ids.map(podsOf))).every((found) => found.length > 0));
    abort.abort(GIVEN_UP);
    await Promise.all(runs);
    const states = new Map([
      ['ended', 'interrupted'],
      ['going', 'waiting'],
    ]);
    stage.outputs.look = async (asked) =>
      asked.map((executeId) => ({ executeId, state: states.get(executeId) ?? null, streams: [] }));
    const cleaner = stage.executor({ cleanUpEveryMs: 50 });
    cleaner.onModuleInit();
    await stage.untilSo(async () => (await podsOf('ended')).length === 0);
    await cleaner.close();
    expect([await named('ended'), (await named('going')).length, (await named('stranger-s')).length]).toEqual(
      [[], 1, 1],
    );
  });

  const patch = async (path: string, body: object): Promise<void> => {
    const reply = await cluster.agent.request({
      origin: cluster.origin,
      path,
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify(body),
    });
    expect([reply.statusCode, await reply.body.text()]).toEqual([200, expect.anything()]);
  };
});
