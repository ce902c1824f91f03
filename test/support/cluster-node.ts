import { Api } from './api.js';
import { cleanEnvironment } from './environment.js';
import { NodeProcess, repositoryFile } from './process.js';

export type ClusterRole = 'management' | 'analysis';

/** Several start at once, the first of them makes the tables. */
const START_MS = 60_000;

const PORT_KEYS = { management: 'ECRON_CRON_PORT', analysis: 'ECRON_ANLYS_PORT' };

/** One built process of one service. */
export class ClusterNode {
  /** '' until it has been ready once. */
  url = '';
  private process: NodeProcess | undefined;
  private client: Api | undefined;

  constructor(
    readonly role: ClusterRole,
    readonly name: string,
  ) {}

  get api(): Api {
    return (this.client ??= new Api(this.url));
  }

  /** 0 while it does not run. */
  get pid(): number {
    return this.process?.pid ?? 0;
  }

  output(): string {
    return this.process?.output() ?? '';
  }

  /** Starts it, again too: on the port of the time before. Resolves when it is ready. */
  async boot(env: Record<string, string>): Promise<void> {
    const port = this.url === '' ? '0' : new URL(this.url).port;
    const own = { ECRON_CRON_ADDR: '127.0.0.1', [PORT_KEYS[this.role]]: port, ECRON_NODE_NAME: this.name };
    this.process = NodeProcess.spawn(repositoryFile(`dist/apps/${this.role}/src/main.js`), {
      env: { ...cleanEnvironment(), ...own, ...env },
    });
    this.url = await this.process.waitFor((line) => readReady(line, this.role), START_MS);
  }

  /** A graceful end; an error with its output unless it exits with 0. */
  async stop(): Promise<void> {
    const code = await this.process?.end('SIGTERM');
    if (code !== 0) throw new Error(`${this.name} ended with ${code}; its output:\n${this.output()}`);
    this.process = undefined;
  }

  async kill(): Promise<void> {
    await this.process?.end('SIGKILL');
    this.process = undefined;
  }

  get isRunning(): boolean {
    return this.process !== undefined;
  }

  async closeClient(): Promise<void> {
    await this.client?.close();
  }
}

function readReady(line: string, role: ClusterRole): string | undefined {
  if (!line.includes(`"${role}.ready"`)) return undefined;
  const entry = JSON.parse(line) as { event: string } & Partial<Record<ClusterRole, string>>;
  return entry.event === `${role}.ready` ? entry[role] : undefined;
}
