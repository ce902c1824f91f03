import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, loadConfig } from '@ecron/config';
import { parse } from 'yaml';
import {
  chart,
  describeWithHelm,
  findSchemaFaults,
  helm,
  type Manifest,
  readManifests,
  render,
  renderText,
  valueFile,
  valueSets,
} from '../support/chart.js';

jest.setTimeout(60_000);
const SECRET = /(pwd|password|secret|_key|token)$/;

interface Container {
  name: string;
  ports?: { name: string }[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
  securityContext: object;
  [probe: `${string}Probe`]: { httpGet: { port: string } };
}
interface PodSpec {
  terminationGracePeriodSeconds: number;
  automountServiceAccountToken: boolean;
  serviceAccountName: string;
  securityContext: object;
  containers: [Container];
  volumes: object[];
}
interface Workload {
  replicas?: number;
  selector: { matchLabels: Record<string, string> };
  template: {
    metadata: { labels: Record<string, string>; annotations: Record<string, string> };
    spec: PodSpec;
  };
}

const named = (all: Manifest[], kind: string, ending = ''): Manifest => {
  const found = all.find((one) => one.kind === kind && one.metadata.name.endsWith(ending));
  if (found === undefined) throw new Error(`no ${kind} *${ending}`);
  return found;
};
const workload = (all: Manifest[], role: string): Workload =>
  named(all, 'Deployment', role).spec as unknown as Workload;
const podsOf = (all: Manifest[]): PodSpec[] =>
  all.flatMap((one) => {
    if (one.kind === 'Pod') return [one.spec as unknown as PodSpec];
    return ['Deployment', 'Job'].includes(one.kind) ? [(one.spec as unknown as Workload).template.spec] : [];
  });
const set = (...pairs: string[]): string[] => [
  '-f',
  valueFile('minimal'),
  ...pairs.flatMap((pair) => ['--set', pair]),
];

/** The configuration that the processes would read of the chart's own objects. */
function configOf(all: Manifest[]): ReturnType<typeof loadConfig> {
  const dir = mkdtempSync(join(tmpdir(), 'ecron-chart-'));
  try {
    for (const one of all.filter(({ kind }) => ['ConfigMap', 'Secret'].includes(kind)))
      for (const [name, text] of Object.entries({ ...one.data, ...one.stringData }))
        writeFileSync(join(dir, name), text);
    const given = workload(all, 'management').template.spec.containers[0].env ?? [];
    const fromSecrets = given.filter(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined);
    const env = Object.fromEntries(fromSecrets.map(({ name }) => [name, 'ab'.repeat(32)]));
    return loadConfig({ TZ: 'UTC', ECRON_CONFIG: join(dir, 'cronsvr.yaml'), ...env }, dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describeWithHelm('the chart', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'ecron-rendered-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const faultsOf = (text: string): string[] => {
    const file = join(dir, 'rendered.yaml');
    writeFileSync(file, text);
    return findSchemaFaults(file);
  };

  describe.each(valueSets())('with the values %s', (values) => {
    let text: string;
    let all: Manifest[];
    beforeAll(async () => {
      text = await renderText(['-f', valueFile(values)]);
      all = readManifests(text);
    });

    it('passes lint and the schemas of Kubernetes', async () => {
      expect(await helm(['lint', '--strict', chart(), '-f', valueFile(values)])).toContain(
        '0 chart(s) failed',
      );
      expect(faultsOf(text)).toEqual([]);
    });

    it('writes a configuration that the services take, without a notice', () => {
      // Of this set the address is in a Secret that is somebody else's.
      if (values === 'existing-secret-file') return;
      expect(configOf(all).notices).toEqual([]);
    });

    it('probes ports that there are, and selects the pods that it makes', () => {
      for (const role of ['management', 'analysis']) {
        const { selector, template } = workload(all, role);
        expect(template.metadata.labels).toMatchObject(selector.matchLabels);
        const service = named(all, 'Service', role).spec as {
          selector: object;
          ports: { targetPort: string }[];
        };
        expect(template.metadata.labels).toMatchObject(service.selector);
        const [container] = template.spec.containers;
        const wanted = ['startup', 'liveness', 'readiness'].map(
          (kind) => container[`${kind}Probe`]?.httpGet.port,
        );
        const ports = container.ports?.map(({ name }) => name);
        for (const port of [...wanted, service.ports[0]?.targetPort]) expect(ports).toContain(port);
      }
    });

    it('keeps to the profile restricted, without rights that are not needed', () => {
      for (const pod of podsOf(all)) {
        expect(pod.securityContext).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        expect(pod.containers[0].securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(pod.automountServiceAccountToken).toBe(
          values === 'kubernetes-jobs' && pod.serviceAccountName === 'ecron-runner',
        );
      }
    });

    it('puts nothing secret into a ConfigMap or an argument', () => {
      const open = JSON.stringify(all.filter(({ kind }) => kind !== 'Secret'));
      expect(open).not.toContain('not-a-real-one');
    });
  });

  it('is told of a mistake in what it renders', async () => {
    const text = (await renderText(set())).replace('replicas: 2', 'replica: 2');
    expect(faultsOf(text).join()).toContain('replica');
  });

  it.each([
    ['config.db_adr=x', 'db_adr'],
    ['config.job_failures=0', 'job_failures'],
    ['config.mq_connector_type=rabbit', 'mq_connector_type'],
    ['management.replicas=3', 'replicas'],
    ['config.kubernetes_namespace=demo', 'must not be the namespace of the release'],
    ['httpRoute.enabled=true', 'must name a Gateway'],
    ['management.autoscaling.enabled=true,management.autoscaling.minReplicas=9', 'minReplicas'],
    ['existingSecret.name=mine', 'keep them in one of the two'],
  ])('refuses %s, saying why', async (pair, why) => {
    await expect(render(set(pair))).rejects.toThrow(why);
  });

  it('asks for a database', async () => {
    await expect(render([])).rejects.toThrow('config.db_addr');
  });

  it('knows every key of the configuration, and no other', () => {
    const { properties } = JSON.parse(readFileSync(join(chart(), 'values.schema.json'), 'utf8')) as {
      properties: { config: { properties: object } };
    };
    const known = (configSchema() as { properties: object }).properties;
    expect(Object.keys(properties.config.properties)).toEqual(Object.keys(known));
  });

  it('takes every key that is a secret for one', async () => {
    const known = Object.keys((configSchema() as { properties: object }).properties);
    const text = readFileSync(join(chart(), 'templates', '_config.tpl'), 'utf8');
    const [, list = '[]'] = /define "ecron.secretKeys" -}}\n(.*)\n/.exec(text) ?? [];
    expect(known.filter((key) => SECRET.test(key)).sort()).toEqual((JSON.parse(list) as string[]).sort());
  });

  it('starts new pods when the configuration changes, and only then', async () => {
    const sums = await Promise.all(
      [set(), set('management.replicaCount=5'), set('config.lang=en_US'), set('config.user_pwd=other')].map(
        async (args) =>
          workload(await render(args), 'management').template.metadata.annotations['checksum/config'],
      ),
    );
    expect(sums[1]).toBe(sums[0]);
    expect(new Set(sums).size).toBe(3);
  });

  it.each([
    ['config.shutdown_grace_s=0', 30],
    ['preStopSeconds=10', 65],
    ['config.shutdown_grace_s=120', 150],
    ['terminationGracePeriodSeconds=7', 7],
  ])('gives a pod longer than a shutdown takes: %s', async (pair, seconds) => {
    expect(workload(await render(set(pair)), 'management').template.spec.terminationGracePeriodSeconds).toBe(
      seconds,
    );
  });

  it.each([
    ['config.metrics_token=not-a-real-one', { name: 'demo-ecron', key: 'metrics_token' }],
    ['existingSecret.name=mine,existingSecret.keys.metrics_token=scrape', { name: 'mine', key: 'scrape' }],
  ])('gives Prometheus the token that metrics ask for: %s', async (pair, credentials) => {
    const all = await render(set(`serviceMonitor.enabled=true,${pair}`));
    expect(named(all, 'ServiceMonitor').spec).toMatchObject({
      endpoints: [{ authorization: { credentials } }],
    });
  });

  it('leaves the number of pods to an autoscaler', async () => {
    expect(workload(await render(['-f', valueFile('autoscaling')]), 'management').replicas).toBeUndefined();
  });

  it('understands the values of the old chart, below its own', async () => {
    const old = ['-f', valueFile('old-chart')];
    const all = await render(old);
    expect(configOf(all)).toMatchObject({
      lang: 'en_US',
      timeZone: 'Asia/Shanghai',
      dbAddr: 'mariadb.example',
      dbPort: 3330,
      dbName: 'ecron',
      userName: 'ecron',
      userPwd: 'not-a-real-one',
      mqConnectorType: 'nsq',
      mqHost: 'nsqd.example',
      mqPort: 4151,
      mqLookupdHost: 'nsqlookupd.example',
      oauthAdminAddr: 'hydra-admin',
      oauthAdminPort: 4445,
    });
    expect(workload(all, 'analysis').replicas).toBe(1);
    expect(JSON.stringify(all)).toContain('registry.example/as/ecron:7.0.0');
    expect(configOf(await render([...old, '--set', 'config.lang=zh_TW,config.db_port=3306']))).toMatchObject({
      lang: 'zh_TW',
      dbPort: 3306,
    });
  });

  it('takes an account of a Secret that is there, and another one for the migration', async () => {
    const all = await render(['-f', valueFile('hardened')]);
    const namesOf = (pod: PodSpec) =>
      (pod.containers[0].env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []);
    const migration = (named(all, 'Job').spec as unknown as Workload).template.spec;
    expect(namesOf(workload(all, 'management').template.spec)).toEqual([
      'ecron-credentials',
      'ecron-credentials',
    ]);
    expect(namesOf(migration)).toEqual(['ecron-owner', 'ecron-owner']);
    expect(named(all, 'ConfigMap').data?.['cronsvr.yaml']).toContain('db_migrate: "check"');
  });
});

describe('alert rules and the dashboard', () => {
  /** What the services say of themselves at /metrics. */
  const METRICS =
    /^(ecron_(lateness|execution_duration)_seconds_bucket|ecron_(executions|claims|retries|slots_missed|nodes_lost)_total|ecron_(queue_depth|oldest_due_seconds|outbox_pending|callbacks_awaited|nodes|build_info)|nodejs_eventloop_lag_p99_seconds)$/;
  const read = (file: string): string => readFileSync(join('helm/ecron', file), 'utf8');

  it.each(['rules/ecron.yaml', 'dashboards/ecron.json'])('%s ask for metrics that there are', (file) => {
    const expressions = file.endsWith('.json')
      ? (JSON.parse(read(file)) as { panels: { targets: { expr: string }[] }[] }).panels.flatMap(
          ({ targets }) => targets.map(({ expr }) => expr),
        )
      : (parse(read(file)) as { groups: { rules: { expr: string }[] }[] }).groups.flatMap(({ rules }) =>
          rules.map(({ expr }) => expr),
        );
    const asked = expressions.flatMap((text) => text.match(/\b(ecron|nodejs)_\w+(?=\{)/g) ?? []);
    expect(asked.length).toBeGreaterThan(7);
    for (const metric of asked) expect(metric).toMatch(METRICS);
  });
});
