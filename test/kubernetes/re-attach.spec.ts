import { describeWithKube, KubeCluster } from '@ecron/testing';
import { eventually, inParallel } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { processesOf } from '../support/run-processes.js';
import { type ExecutionView } from '../support/shapes.js';
import { Standalone } from '../support/standalone.js';

jest.setTimeout(60_000);
const CLUSTER_MS = 30_000;

describeWithKube('a Kubernetes job', () => {
  let cluster: KubeCluster;
  let app: Standalone;
  beforeAll(async () => {
    cluster = await KubeCluster.up();
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'jobs' } };
    await cluster.call('POST', '/api/v1/namespaces', namespace);
    app = await Standalone.start({
      ECRON_KUBERNETES_NAMESPACE: 'jobs',
      ECRON_KUBERNETES_CONFIG: cluster.kubeconfig,
    });
  });
  afterAll(async () => {
    await app?.discard();
    await cluster?.down();
  });

  const start = async (script: string): Promise<string> => {
    const info = { params: { script }, kubernetes: { image: 'tool' } };
    const jobId = await app.api.create(jobBody('/bin/sh -c', {}, { mode: 'exe', info }));
    return (await app.api.run({ job_id: jobId })).execute_id;
  };
  const reached = (executeId: string, state: string): Promise<ExecutionView> =>
    eventually(async () => {
      const execution = await app.api.execution(executeId);
      expect(execution).toMatchObject({ state });
      return execution;
    }, CLUSTER_MS);
  const output = async (executeId: string): Promise<string> =>
    (await app.api.call('GET', `/execution/${executeId}/output`)).text;
  const untilShown = (executeId: string, text: string): Promise<void> =>
    eventually(async () => expect(await output(executeId)).toContain(text), CLUSTER_MS);
  const left = async (kind: 'pods' | 'jobs', executeId: string): Promise<string[]> => {
    const path = kind === 'pods' ? '/api/v1/namespaces/jobs/pods' : '/apis/batch/v1/namespaces/jobs/jobs';
    const { items } = await cluster.call<{ items: { metadata: { name: string; uid: string } }[] }>(
      'GET',
      path,
    );
    return items
      .filter(({ metadata }) => metadata.name.startsWith(`ecron-${executeId}-`))
      .map(({ metadata }) => metadata.uid);
  };

  it('runs, and its output is shown', async () => {
    const executeId = await start('echo "for $ECRON_EXECUTE_ID"');
    expect(await reached(executeId, 'succeeded')).toMatchObject({ attempts: [{ attempt: 1, exit_code: 0 }] });
    expect(await output(executeId)).toContain(`for ${executeId}`);
  });

  it.each<[string, 'kill' | 'stop', string]>([
    ['a kill', 'kill', 'node_lost'],
    ['a shutdown', 'stop', 'shutdown'],
  ])(
    'is followed to its end after %s of the node that ran it: one Job, one pod, one attempt',
    async (_, end, outcome) => {
      const executeId = await start('echo begun; sleep 8; echo ended');
      await untilShown(executeId, 'begun');
      const before = [await left('jobs', executeId), await left('pods', executeId)];
      await app[end]();
      await app.boot();
      await untilShown(executeId, 'begun');
      expect([await left('jobs', executeId), await left('pods', executeId)]).toEqual(before);
      const execution = await reached(executeId, 'succeeded');
      expect(execution).toMatchObject({
        attempt: 1,
        attempts: [
          { attempt: 1, outcome },
          { attempt: 1, outcome: 'succeeded', exit_code: 0 },
        ],
      });
      expect(await output(executeId)).toBe('begun\nended\n');
    },
  );

  it('is gone, pod, grandchildren and all, when it has been cancelled, many at a time too', async () => {
    const ids = await inParallel(Array.from({ length: 8 }), 4, () =>
      start('echo begun; (sleep 600 & sleep 600; true) & sleep 600; true'),
    );
    const sizes = () => [...processesOf(ids).values()].map((pids) => pids.length);
    await eventually(() => expect(sizes()).toEqual(ids.map(() => 5)), CLUSTER_MS);
    await inParallel(ids, 4, (id) => app.api.must(202, 'POST', `/execution/${id}/cancel`, {}));
    for (const id of ids) {
      await reached(id, 'interrupted');
      expect([await left('jobs', id), await left('pods', id)]).toEqual([[], []]);
    }
    expect(processesOf(ids)).toEqual(new Map());
  });

  it.each([
    [
      'job_context.info.body.spec.template.spec.hostNetwork',
      { spec: { template: { spec: { hostNetwork: true } } } },
    ],
    ['job_context.info.kubernetes.image', null],
  ])('is refused when it is saved, by its field: %s', async (path, body) => {
    const info = { body, kubernetes: { addr: '10.0.0.1', port: '8001' } };
    const answer = await app.api.call('POST', '/job', jobBody('tool', {}, { mode: 'exe', info }));
    expect([answer.status, answer.json.detail]).toEqual([400, { parameters: [path] }]);
  });
});
