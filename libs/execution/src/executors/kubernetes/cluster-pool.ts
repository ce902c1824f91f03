import { type Agent } from 'undici';
import { type TargetGuard, TargetRefused } from '../../guard/index.js';
import { ClusterClient } from './api/cluster-client.js';
import { ConfiguredCluster } from './api/configured-cluster.js';
import { guardedAgent, ProxiedCluster } from './api/proxied-cluster.js';

/** Of proxies that jobs name; a client is nothing but a name, so the oldest goes where there are more. */
const MAX_PROXIES = 100;

/** The clusters that jobs run in: the deployment's own, and those behind proxies. */
export class ClusterPool {
  private readonly own: ClusterClient;
  private readonly source: ConfiguredCluster;
  private readonly proxies = new Map<string, ClusterClient>();
  private readonly agent: Agent;

  constructor(
    private readonly guard: TargetGuard,
    private readonly namespace: string,
    configFile: string | null,
    env: NodeJS.ProcessEnv,
  ) {
    this.agent = guardedAgent(guard);
    this.source = new ConfiguredCluster(configFile, env, (server) => this.protect(server));
    this.own = new ClusterClient(this.source, namespace);
  }

  /** Where something may have been left behind. */
  get known(): ClusterClient[] {
    return [...(this.source.isKnown ? [this.own] : []), ...this.proxies.values()];
  }

  /** @throws TargetRefused for a proxy that no job may call. */
  clientFor(proxyOrigin: string | null): ClusterClient {
    if (proxyOrigin === null) return this.own;
    const known = this.proxies.get(proxyOrigin) ?? this.newClient(proxyOrigin);
    this.proxies.delete(proxyOrigin);
    this.proxies.set(proxyOrigin, known);
    return known;
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
