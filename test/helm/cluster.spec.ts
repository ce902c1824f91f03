import { describeWith, describeWithKube, endpointOf, KubeCluster } from '@ecron/testing';
import { type Api } from '../support/api.js';
import { describeWithHelm, type Manifest, readCrds, render, valueFile, valueSets } from '../support/chart.js';
import { eventually } from '../support/eventually.js';
import { everySecond, jobBody } from '../support/jobs.js';
import { apply, Release, restrictedNamespace } from '../support/release.js';
import { OwnServices } from '../support/services.js';
import { type ExecutionView } from '../support/shapes.js';
import { Target } from '../support/target.js';

jest.setTimeout(300_000);
const PATIENCE_MS = 60_000;
const DEPLOYMENTS = '/apis/apps/v1/namespaces/ecron/deployments';

describeWithHelm('on a cluster', () => {
  describeWithKube('that is real but for its node', () => {
    let cluster: KubeCluster;
    beforeAll(async () => {
      cluster = await KubeCluster.up();
    });
    afterAll(() => cluster?.down());

    describe('what the chart renders', () => {
      const isServed = (path: string) => eventually(() => cluster.call('GET', path), PATIENCE_MS);
      beforeAll(async () => {
        for (const definition of readCrds()) await apply(cluster, definition, '');
        await isServed('/apis/gateway.networking.k8s.io/v1/httproutes');
        await isServed('/apis/monitoring.coreos.com/v1/servicemonitors');
        await isServed('/apis/monitoring.coreos.com/v1/prometheusrules');
        await cluster.call('POST', '/api/v1/namespaces', restrictedNamespace('ecron-jobs'));
      });

      it.each(valueSets())(
        'is taken with the values %s, in a restricted namespace, without a warning',
        async (values) => {
          const namespace = `with-${values}`;
          await cluster.call('POST', '/api/v1/namespaces', restrictedNamespace(namespace));
          const warnings: string[] = [];
          for (const manifest of inOrder(await render(['-f', valueFile(values), '-n', namespace])))
            warnings.push(await apply(cluster, manifest, namespace));
          expect(warnings.filter((text) => text !== '')).toEqual([]);
          await cluster.call('DELETE', `/api/v1/namespaces/${namespace}`);
        },
      );
    });

    describeWith(['mariadb', 'nsq'], 'a release', () => {
      let services: OwnServices;
      let release: Release;
      let target: Target;
      let api: Api;
      beforeAll(async () => {
        services = await OwnServices.start(['mariadb', 'nsq']);
        const [mariadb, nsq] = [endpointOf('mariadb'), endpointOf('nsq')];
        if (mariadb === null || nsq === null) throw new Error('the components are not up');
        release = await Release.prepare(cluster, { mariadb, nsq });
        target = await Target.start();
      });
      afterAll(async () => {
        await target?.stop();
        await release?.discard();
        await services?.discard();
      });

      const namesOf = async (path: string): Promise<string[]> => {
        const { items } = await cluster.call<{ items: Manifest[] }>('GET', path);
        return items.map(({ metadata }) => metadata.name).filter((name) => name !== 'ecron-test');
      };
      const ended = (executeId: string): Promise<ExecutionView> =>
        eventually(async () => {
          const execution = await api.execution(executeId);
          expect(execution.state).toBe('succeeded');
          return execution;
        }, PATIENCE_MS);
      /** An HTTP job on its schedule, and a Kubernetes Job with the rights and the token of the pod. */
      const bothRun = async (path: string): Promise<void> => {
        const jobId = await api.create(everySecond(`${target.url}${path}`));
        await eventually(
          async () => expect((await target.seen(path)).length).toBeGreaterThan(1),
          PATIENCE_MS,
        );
        await api.must(200, 'PUT', `/job/${jobId}/enable`, { enable: false });
        const info = { params: { script: `echo "pod of $ECRON_EXECUTE_ID"` }, kubernetes: { image: 'tool' } };
        const podJob = await api.create(jobBody('/bin/sh -c', {}, { mode: 'exe', info }));
        const { execute_id } = await api.run({ job_id: podJob });
        expect(await ended(execute_id)).toMatchObject({ attempts: [{ attempt: 1, exit_code: 0 }] });
        expect((await api.call('GET', `/execution/${execute_id}/output`)).text).toBe(
          `pod of ${execute_id}\n`,
        );
      };

      it('installs with its tables made by a hook, two pods of each service, and passes its own test', async () => {
        await release.install('--set', 'migration.mode=job');
        api = await release.api();
        expect([await release.pods('management'), await release.pods('analysis')]).toEqual([
          [expect.any(String), expect.any(String)],
          [expect.any(String), expect.any(String)],
        ]);
        expect(await release.test()).toMatch(/Phase: +Succeeded/);
      });

      it('fires a job, and runs a Kubernetes Job', async () => {
        await bothRun('/ok/installed');
      });

      it('upgrades to new pods, and goes on', async () => {
        const before = await release.pods('management');
        await release.upgrade('--set', 'config.lang=en_US');
        await eventually(async () => expect(await release.pods('management')).toHaveLength(2), PATIENCE_MS);
        for (const pod of await release.pods('management')) expect(before).not.toContain(pod);
        await bothRun('/ok/upgraded');
      });

      it('uninstalls, and leaves nothing behind but the pod of its test', async () => {
        await release.uninstall();
        for (const kind of [
          '/api/v1/namespaces/ecron/pods',
          '/api/v1/namespaces/ecron/services',
          DEPLOYMENTS,
        ])
          await eventually(async () => expect(await namesOf(kind)).toEqual([]), PATIENCE_MS);
      });
    });
  });
});

/** As Helm does: what pods refer to comes before them. */
function inOrder(manifests: Manifest[]): Manifest[] {
  const rank = ({ kind }: Manifest) => ['Deployment', 'Job', 'Pod', 'RoleBinding'].indexOf(kind);
  return [...manifests].sort((one, other) => rank(one) - rank(other));
}
