import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from './api.js';
import { type App } from './app.js';
import { cleanEnvironment } from './environment.js';
import { NodeProcess, repositoryFile } from './process.js';

const PROGRAM = 'dist/apps/standalone/src/main.js';
interface Addresses {
  management: string;
  analysis: string;
}

/** The built standalone process, on free ports and a data folder of its own. */
export class Standalone implements App {
  management = '';
  analysis = '';
  private node: NodeProcess | undefined;
  private client: Api | undefined;

  private constructor(
    readonly dataDir: string,
    private env: Record<string, string>,
  ) {}

  /** `env`: configuration keys as environment variables, over the defaults. */
  static async start(env: Record<string, string> = {}): Promise<Standalone> {
    const standalone = new Standalone(await mkdtemp(join(tmpdir(), 'ecron-test-')), env);
    try {
      await standalone.boot();
      return standalone;
    } catch (error) {
      await standalone.kill();
      await standalone.remove();
      throw error;
    }
  }

  get api(): Api {
    return (this.client ??= new Api(this.management));
  }

  get pid(): number {
    return this.node?.pid ?? 0;
  }

  output(): string {
    return this.node?.output() ?? '';
  }

  /** Starts it, again too: on the data and the ports of the time before, with another configuration if it is given. */
  async boot(configuration = this.env): Promise<void> {
    this.env = configuration;
    const env = {
      ...cleanEnvironment(),
      ECRON_DATA_DIR: this.dataDir,
      ...this.ports(),
      ...this.env,
    };
    this.node = NodeProcess.spawn(repositoryFile(PROGRAM), { cwd: this.dataDir, env });
    const { management, analysis } = await this.node.waitFor(readReady);
    this.management = management;
    this.analysis = analysis;
  }

  /** A graceful end; an error with its output unless it exits with 0. */
  async stop(): Promise<void> {
    const code = await this.node?.end('SIGTERM');
    if (code !== 0) throw new Error(`ended with ${code} on SIGTERM; its output:\n${this.output()}`);
  }

  async kill(): Promise<void> {
    await this.node?.end('SIGKILL');
  }

  /** Stops it and removes its data. */
  async discard(): Promise<void> {
    await this.client?.close();
    try {
      await this.stop();
    } finally {
      await this.remove();
    }
  }

  private async remove(): Promise<void> {
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private ports(): Record<string, string> {
    const port = (origin: string) => (origin === '' ? '0' : new URL(origin).port);
    return { ECRON_CRON_PORT: port(this.management), ECRON_ANLYS_PORT: port(this.analysis) };
  }
}

function readReady(line: string): Addresses | undefined {
  if (!line.includes('"standalone.ready"')) return undefined;
  const entry = JSON.parse(line) as Addresses & { event: string };
  return entry.event === 'standalone.ready' ? entry : undefined;
}
