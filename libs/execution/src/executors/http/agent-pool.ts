import { Agent } from 'undici';
import { type TargetGuard } from '../../guard/index.js';
import { connectOptions, type DeploymentTls, type OriginTls } from './tls-options.js';

const CONNECT_TIMEOUT_MS = 30_000;
// Node's 250 ms are less than one round trip to far addresses: it would give up on each of them.
const NEXT_ADDRESS_AFTER_MS = 2_500;
/** Over all targets. */
const TLS_SESSIONS = 1_000;
/** Agents beside the one for jobs without TLS options of their own. */
const MAX_AGENTS = 64;

export interface AgentPoolOptions {
  /** For each origin, in each way to make TLS connections. */
  connectionsPerOrigin: number;
  guard: TargetGuard;
  tls: DeploymentTls;
}

/**
 * The connections, apart by the TLS options they were made with: those of one client certificate serve no one else. Of
 * more than 64 ways the one unused for longest goes; its connections close once their requests have ended.
 */
export class AgentPool {
  private readonly usual: Agent;
  /** By digest, the one used last at the end. */
  private readonly agents = new Map<string, Agent>();
  private readonly leaving = new Set<Promise<void>>();

  constructor(private readonly options: AgentPoolOptions) {
    this.usual = this.create({});
  }

  /** Null: no options of its own. Throws where the certificates or the key cannot be used. */
  agentFor(origin: OriginTls | null): Agent {
    if (origin === null) return this.usual;
    const agent = this.agents.get(origin.digest) ?? this.create(origin.tls);
    this.agents.delete(origin.digest);
    this.agents.set(origin.digest, agent);
    if (this.agents.size > MAX_AGENTS) this.dropOldest();
    return agent;
  }

  async close(): Promise<void> {
    for (const agent of [this.usual, ...this.agents.values()]) this.leave(agent);
    await Promise.all(this.leaving);
  }

  private dropOldest(): void {
    const [oldest] = this.agents;
    if (oldest === undefined) return;
    this.agents.delete(oldest[0]);
    this.leave(oldest[1]);
  }

  private leave(agent: Agent): void {
    const left = agent.close().finally(() => this.leaving.delete(left));
    this.leaving.add(left);
  }

  private create(tls: OriginTls['tls']): Agent {
    const { connectionsPerOrigin: connections, guard, tls: deployment } = this.options;
    return new Agent({
      connections,
      pipelining: 1,
      // One timer of our own covers the whole attempt.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: guard.connector({
        allowH2: false,
        timeout: CONNECT_TIMEOUT_MS,
        autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
        maxCachedSessions: TLS_SESSIONS,
        ...connectOptions(tls, deployment),
      }),
    });
  }
}
