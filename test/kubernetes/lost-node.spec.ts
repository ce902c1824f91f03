import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith, describeWithKube, KubeCluster } from '@ecron/testing';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { findPair, MISSED_WITHIN_MS, untilTakenOver } from '../support/lost-node.js';

jest.setTimeout(180_000);
const CLUSTER_MS = 30_000;
/** Ends when the file is there that it is given, or after some minutes. */
const UNTIL_FILE =
  'echo begun; n=0; while [ ! -e "$0" ] && [ $n -lt 900 ]; do n=$((n+1)); sleep 0.2; done; echo ended';

interface Listed {
  items: { metadata: { name: string; uid: string } }[];
}

describeWithKube('on a real Kubernetes', () => {
  describeWith(['mariadb', 'nsq'], 'a Job whose node is killed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ecron-lost-'));
    let kubernetes: KubeCluster;
    let cluster: Cluster;
    beforeAll(async () => {
      chmodSync(folder, 0o755);
      kubernetes = await KubeCluster.up();
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'jobs' } };
      await kubernetes.call('POST', '/api/v1/namespaces', namespace);
      const env = { ECRON_KUBERNETES_NAMESPACE: 'jobs', ECRON_KUBERNETES_CONFIG: kubernetes.kubeconfig };
      cluster = await Cluster.start({ broker: 'nsq', analysis: 1, env });
    });
    afterAll(async () => {
      await cluster?.discard();
      await kubernetes?.down();
      rmSync(folder, { recursive: true });
    });

    const uidsIn = async (path: string): Promise<string[]> =>
      (await kubernetes.call<Listed>('GET', path)).items.map(({ metadata }) => metadata.uid);
    const inCluster = async () => ({
      jobs: await uidsIn('/apis/batch/v1/namespaces/jobs/jobs'),
      pods: await uidsIn('/api/v1/namespaces/jobs/pods'),
    });

    it('is followed to its end by another node that was there already: one Job, one pod', async () => {
      const gate = join(folder, 'gate');
      const info = { params: { script: UNTIL_FILE, gate }, kubernetes: { image: 'tool' } };
      const jobId = await cluster.api.create(jobBody('/bin/sh -c', {}, { mode: 'exe', info }));
      const { execute_id: executeId } = await cluster.api.run({ job_id: jobId });
      const { runner, runnerId, other, otherId } = await findPair(cluster, jobId);
      const output = async (): Promise<string> =>
        (await other.api.call('GET', `/execution/${executeId}/output`)).text;
      await eventually(async () => expect(await output()).toBe('begun\n'), CLUSTER_MS);
      const before = await inCluster();
      expect([before.jobs, before.pods].map((one) => one.length)).toEqual([1, 1]);

      await runner.kill();
      await eventually(async () => {
        const [status] = await other.api.statuses(`job_id=${jobId}`);
        expect(status?.executor.map((one) => one.executor_id)).toEqual([runnerId, otherId]);
      }, MISSED_WITHIN_MS);
      expect(await inCluster()).toEqual(before);

      writeFileSync(gate, '');
      expect(await untilTakenOver(other, executeId, 'succeeded')).toMatchObject({
        attempt: 1,
        attempts: [
          { attempt: 1, outcome: 'node_lost', node_id: runnerId },
          { attempt: 1, outcome: 'succeeded', exit_code: 0, node_id: otherId },
        ],
      });
      expect(await output()).toBe('begun\nended\n');
    });
  });
});
