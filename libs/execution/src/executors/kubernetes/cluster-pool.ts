import { type Agent } from 'undici';
import { type TargetGuard, TargetRefused } from '../../guard/index.js';
import { ClusterClient } from './api/cluster-client.js';
import { ConfiguredCluster } from './api/configured-cluster.js';
import { guardedAgent, ProxiedCluster } from './api/proxied-cluster.js';

/** Of proxies that jobs name; a client is nothing but a name, so the oldest goes where there are more. */
const MAX_PROXIES = 100;

/** Of one proxy: the latest, as none is told of its end. */
const MAX_SENT = 1_000;

/** Where something may have been left behind. */
export interface KnownCluster {
  client: ClusterClient;
  /** Execute ids of what this node itself has sent there; null: the cluster is the deployment's own. */
  sent: Set<string> | null;
}

/** The clusters that jobs run in: the deployment's own, and those behind proxies. */
export class ClusterPool {
  private readonly own: KnownCluster;
  private readonly source: ConfiguredCluster;
  private readonly proxies = new Map<string, KnownCluster & { sent: Set<string> }>();
  private readonly agent: Agent;

  constructor(
    private readonly guard: TargetGuard,
    private readonly namespace: string,
    configFile: string | null,
    env: NodeJS.ProcessEnv,
  ) {
    this.agent = guardedAgent(guard);
    this.source = new ConfiguredCluster(configFile, env, (server) => this.protect(server));
    this.own = { client: new ClusterClient(this.source, namespace), sent: null };
  }

  get known(): KnownCluster[] {
    return [...(this.source.isKnown ? [this.own] : []), ...this.proxies.values()];
  }

  /**
   * For an attempt of that execution.
   * @throws TargetRefused for a proxy that no job may call.
   */
  clientFor(proxyOrigin: string | null, executeId: string): ClusterClient {
    if (proxyOrigin === null) return this.own.client;
    const known = this.proxies.get(proxyOrigin) ?? {
      client: this.newClient(proxyOrigin),
      sent: new Set<string>(),
    };
    this.proxies.delete(proxyOrigin);
    this.proxies.set(proxyOrigin, known);
    remember(known.sent, executeId);
    return known.client;
  }

  async close(): Promise<void> {
    await Promise.all([this.source.close(), this.agent.destroy()]);
  }

  private newClient(proxyOrigin: string): ClusterClient {
    const refusal = this.guard.check(new URL(proxyOrigin));
    if (refusal !== null) throw new TargetRefused(refusal);
    const [oldest] = this.proxies.keys();
    if (this.proxies.size >= MAX_PROXIES && oldest !== undefined) this.proxies.delete(oldest);
    return new ClusterClient(new ProxiedCluster(proxyOrigin, this.agent), this.namespace);
  }

  private protect(server: URL): void {
    const port = Number(server.port) || (server.protocol === 'https:' ? 443 : 80);
    this.guard.protect({ host: server.hostname, port, what: 'the Kubernetes API' });
  }
}

function remember(sent: Set<string>, executeId: string): void {
  sent.delete(executeId);
  sent.add(executeId);
  const [oldest] = sent;
  if (sent.size > MAX_SENT && oldest !== undefined) sent.delete(oldest);
}
