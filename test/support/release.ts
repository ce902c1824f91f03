import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Endpoints, type KubeCluster } from '@ecron/testing';
import { Api } from './api.js';
import { chart, helm, type Manifest } from './chart.js';
import { repositoryFile } from './process.js';
import { TestDatabase } from './test-database.js';

const IMAGE = 'registry.example/ecron';
const WAIT = ['--wait', '--timeout', '4m'];

/** Everything a namespace enforces that production should. */
export function restrictedNamespace(name: string): object {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** Server-side apply; the warnings that the server sends with it. @throws when it is refused. */
export async function apply(cluster: KubeCluster, manifest: Manifest, namespace: string): Promise<string> {
  const reply = await cluster.agent.request({
    origin: cluster.origin,
    path: `${pathOf(manifest, namespace)}?fieldManager=test&fieldValidation=Strict&force=true`,
    method: 'PATCH',
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: JSON.stringify(manifest),
  });
  const text = await reply.body.text();
  if (reply.statusCode >= 400) throw new Error(`${manifest.kind} ${manifest.metadata.name}: ${text}`);
  return [reply.headers['warning'] ?? []].flat().join();
}

function pathOf({ apiVersion, kind, metadata }: Manifest, namespace: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = `${kind.toLowerCase()}s`.replace('ys', 'ies').replace(/sss$/, 'sses');
  const isOfCluster = kind === 'Namespace' || kind === 'CustomResourceDefinition';
  return `${root}${isOfCluster ? '' : `/namespaces/${metadata.namespace ?? namespace}`}/${plural}/${metadata.name}`;
}

/**
 * The chart, installed in a namespace `ecron` that is restricted, with the programs that were built here as its image, and
 * a namespace `jobs` for Kubernetes Jobs.
 */
export class Release {
  private constructor(
    private readonly cluster: KubeCluster,
    private readonly database: TestDatabase,
    private readonly dir: string,
  ) {}

  /** Makes ready what an install needs. */
  static async prepare(
    cluster: KubeCluster,
    { mariadb, nsq }: Pick<Endpoints, 'mariadb' | 'nsq'>,
  ): Promise<Release> {
    for (const name of ['ecron', 'jobs'])
      await cluster.call('POST', '/api/v1/namespaces', restrictedNamespace(name));
    const entry = [process.execPath, repositoryFile('scripts/run.mjs')];
    writeFileSync(join(dirname(cluster.kubeconfig), 'images.json'), JSON.stringify({ [IMAGE]: entry }));
    const database = await TestDatabase.create(mariadb);
    const release = new Release(cluster, database, await mkdtemp(join(tmpdir(), 'ecron-release-')));
    writeFileSync(release.values, JSON.stringify(valuesFor(database.env, nsq)));
    return release;
  }

  async install(...args: string[]): Promise<void> {
    await this.helm('install', 'ecron', chart(), '-f', this.values, ...WAIT, ...args);
  }

  async upgrade(...args: string[]): Promise<void> {
    await this.helm('upgrade', 'ecron', chart(), '-f', this.values, ...WAIT, ...args);
  }

  async uninstall(): Promise<void> {
    await this.helm('uninstall', 'ecron', ...WAIT);
  }

  /** What the chart's own test says; an error when it fails. */
  async test(): Promise<string> {
    return this.helm('test', 'ecron', '--logs', '--timeout', '2m');
  }

  /** Names of the pods that are not on their way out. */
  async pods(role: string): Promise<string[]> {
    const selector = encodeURIComponent(`app.kubernetes.io/component=${role}`);
    const { items } = await this.cluster.call<{
      items: { metadata: { name: string; deletionTimestamp?: string } }[];
    }>('GET', `/api/v1/namespaces/ecron/pods?labelSelector=${selector}`);
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.name);
  }

  /** The address of the Service of management, as this machine reaches it. */
  async url(): Promise<string> {
    const { spec } = await this.cluster.call<{ spec: { clusterIP: string; ports: { port: number }[] } }>(
      'GET',
      '/api/v1/namespaces/ecron/services/ecron-management',
    );
    const { services } = JSON.parse(
      readFileSync(join(dirname(this.cluster.kubeconfig), 'addresses.json'), 'utf8'),
    ) as { services: string };
    return `http://${services}.${spec.clusterIP.split('.').slice(2).join('.')}:${spec.ports[0]?.port}`;
  }

  async api(): Promise<Api> {
    return new Api(await this.url());
  }

  async discard(): Promise<void> {
    await this.database.drop();
    await rm(this.dir, { recursive: true, force: true });
  }

  private get values(): string {
    return join(this.dir, 'values.json');
  }

  private async helm(verb: string, ...args: string[]): Promise<string> {
    return helm([verb, ...args, '-n', 'ecron'], {
      KUBECONFIG: this.cluster.kubeconfig,
      HELM_CACHE_HOME: join(this.dir, 'cache'),
    });
  }
}

/** A pod here is a process of this machine: it listens at its own address alone, or it would take the port from others. */
const OWN_ADDRESS = { name: 'ECRON_CRON_ADDR', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };

function valuesFor(database: Record<string, string>, nsq: Endpoints['nsq']): object {
  const [mq_host = '', mq_port] = nsq.nsqdTcp.split(':');
  return {
    image: { registry: 'registry.example', repository: 'ecron', tag: 'built-here' },
    config: {
      db_addr: database['ECRON_DB_ADDR'],
      db_port: Number(database['ECRON_DB_PORT']),
      db_name: database['ECRON_DB_NAME'],
      user_name: database['ECRON_USER_NAME'],
      user_pwd: database['ECRON_USER_PWD'],
      mq_connector_type: 'nsq',
      mq_host,
      mq_port: Number(mq_port),
      multi_node: true,
      auth_enabled: false,
      kubernetes_namespace: 'jobs',
      shutdown_grace_s: 10,
    },
    management: { extraEnv: [OWN_ADDRESS] },
    analysis: { extraEnv: [OWN_ADDRESS] },
  };
}
