import { type Endpoints, LocalNsqd } from '@ecron/testing';
import { type Api } from './api.js';
import { ClusterNode } from './cluster-node.js';
import { IntrospectionServer } from './introspection.js';
import { OldDatabase } from './old-database.js';

export type Tenant = 'tenant-a' | 'tenant-b';

const tokenOf = (tenant: Tenant): string => `token-of-${tenant}`;
const TOKENS = Object.fromEntries(
  (['tenant-a', 'tenant-b'] as const).map((tenant) => [tokenOf(tenant), { active: true, client_id: tenant }]),
);

/**
 * What an old deployment consists of, its database, its queue (a broker of its own: two deployments on one take each
 * other's messages) and its token server, and the built services that take its place: one of each.
 */
export class OldDeployment {
  private readonly nodes = [
    new ClusterNode('analysis', 'analysis-0'),
    new ClusterNode('management', 'management-0'),
  ] as const;

  private constructor(
    readonly database: OldDatabase,
    private readonly queue: LocalNsqd,
    private readonly tokens: IntrospectionServer,
  ) {}

  static async create({ mariadb, nsq }: Pick<Endpoints, 'mariadb' | 'nsq'>): Promise<OldDeployment> {
    const queue = await LocalNsqd.make(nsq.bin);
    await queue.start();
    return new OldDeployment(
      await OldDatabase.create(mariadb),
      queue,
      await IntrospectionServer.start(TOKENS),
    );
  }

  /** Starts both services at once. `env` is over what the deployment's files said. */
  async boot(env: Record<string, string>): Promise<void> {
    const { host, port } = this.queue.http;
    const broker = { ECRON_MQ_CONNECTOR_TYPE: 'nsq', ECRON_MQ_HOST: host, ECRON_MQ_PORT: String(port) };
    const fixed = { ...this.database.env, ...broker, ...this.tokens.env };
    await Promise.all(this.nodes.map((node) => node.boot({ ...fixed, ...env })));
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) if (node.isRunning) await node.stop();
  }

  client(tenant: Tenant): Api {
    return this.nodes[1].api.as(tokenOf(tenant));
  }

  /** What both printed last. */
  output(): string {
    return this.nodes.map((node) => node.output()).join('\n');
  }

  async discard(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.closeClient()));
    await Promise.all(this.nodes.map((node) => node.kill()));
    await this.tokens.stop();
    await this.queue.remove();
    await this.database.drop();
  }
}
