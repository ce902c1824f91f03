import { type Endpoints, endpointOf } from '@ecron/testing';
import { type Api } from './api.js';
import { type App } from './app.js';
import { ClusterNode, type ClusterRole } from './cluster-node.js';
import { TestDatabase } from './test-database.js';

export type Broker = 'nsq' | 'kafka';

export interface ClusterOptions {
  broker: Broker;
  /** Configuration keys as environment variables, over the defaults. */
  env?: Record<string, string>;
  /** How many processes of each service; 2 where left out. */
  management?: number;
  analysis?: number;
  /** Which management node `api` and `management` mean; the first where left out. */
  spokenTo?: number;
}

/**
 * The two services as processes of the built program, any number of each, over a database of their own on the
 * components that `scripts/services.sh` started. The topics are the contract's, so two clusters on one broker take
 * each other's messages: run one at a time.
 */
export class Cluster implements App {
  private constructor(
    private readonly database: TestDatabase,
    readonly nodes: readonly ClusterNode[],
    private env: Record<string, string>,
    private readonly fixed: Record<string, string>,
    private readonly spokenTo: number,
  ) {}

  /** @throws when a component is not up; the message names the command */
  static async start({ broker, env = {}, ...counts }: ClusterOptions): Promise<Cluster> {
    const { management = 2, analysis = 2, spokenTo = 0 } = counts;
    const queue = brokerEnv(broker);
    const database = await TestDatabase.create(need('mariadb'));
    const nodes = [...nodesOf('analysis', analysis), ...nodesOf('management', management)];
    const fixed = { ...database.env, ...queue, ECRON_MULTI_NODE: 'true' };
    const cluster = new Cluster(database, nodes, env, fixed, spokenTo);
    try {
      await cluster.boot();
      return cluster;
    } catch (error) {
      await cluster.kill();
      await database.drop();
      throw error;
    }
  }

  get management(): string {
    return this.of('management')[this.spokenTo]?.url ?? '';
  }

  get analysis(): string {
    return this.of('analysis')[0]?.url ?? '';
  }

  get api(): Api {
    const node = this.of('management')[this.spokenTo];
    if (node === undefined) throw new Error('there is no such management node');
    return node.api;
  }

  of(role: ClusterRole): ClusterNode[] {
    return this.nodes.filter((node) => node.role === role);
  }

  output(): string {
    return this.nodes.map((node) => `--- ${node.name}\n${node.output()}`).join('\n');
  }

  /** All that is in its database, as text. */
  dump(): Promise<string> {
    return this.database.dump();
  }

  /** Starts every node that does not run. */
  async boot(env = this.env): Promise<void> {
    this.env = env;
    await Promise.all(this.nodes.filter((node) => !node.isRunning).map((node) => this.bootNode(node)));
  }

  bootNode(node: ClusterNode): Promise<void> {
    return node.boot({ ECRON_AUTH_ENABLED: 'false', ...this.fixed, ...this.env });
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.filter((node) => node.isRunning).map((node) => node.stop()));
  }

  async kill(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
  }

  async discard(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.closeClient()));
    try {
      await this.stop();
    } finally {
      await this.kill();
      await this.database.drop();
    }
  }
}

function nodesOf(role: ClusterRole, count: number): ClusterNode[] {
  return Array.from({ length: count }, (_, index) => new ClusterNode(role, `${role}-${index}`));
}

function need<C extends keyof Endpoints>(component: C): Endpoints[C] {
  const endpoint = endpointOf(component);
  if (endpoint === null) throw new Error(`needs ${component}: scripts/services.sh up ${component}`);
  return endpoint;
}

function brokerEnv(broker: Broker): Record<string, string> {
  if (broker === 'kafka')
    return { ECRON_MQ_CONNECTOR_TYPE: broker, ECRON_MQ_HOST: need('kafka').brokers.join(',') };
  const { nsqdHttp, lookupdHttp } = need('nsq');
  return {
    ECRON_MQ_CONNECTOR_TYPE: broker,
    ...address('ECRON_MQ', nsqdHttp),
    ...address('ECRON_MQ_LOOKUPD', lookupdHttp),
  };
}

function address(prefix: string, hostPort: string): Record<string, string> {
  const { hostname, port } = new URL(`http://${hostPort}`);
  return { [`${prefix}_HOST`]: hostname, [`${prefix}_PORT`]: port };
}
