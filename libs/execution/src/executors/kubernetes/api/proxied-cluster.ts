import { Agent } from 'undici';
import { type TargetGuard } from '../../../guard/index.js';
import { AGENT_OPTIONS, type Connection, ConnectionSource } from './connection.js';

/** Dispatchers to what jobs name: each address is judged as that of any other target. */
export function guardedAgent(guard: TargetGuard): Agent {
  return new Agent({ ...AGENT_OPTIONS, connect: guard.connector(AGENT_OPTIONS.connect) });
}

/** A cluster behind a proxy that a job names (`kubectl proxy`), which adds the credentials. */
export class ProxiedCluster extends ConnectionSource {
  constructor(
    private readonly origin: string,
    private readonly agent: Agent,
  ) {
    super();
  }

  override async connect(): Promise<Connection> {
    return { origin: this.origin, basePath: '', dispatcher: this.agent, headers: {} };
  }
}
