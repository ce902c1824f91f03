import { execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Component } from '@ecron/testing';
import { repositoryFile } from './process.js';

const execute = promisify(execFile);
const script = () => repositoryFile('scripts/services.sh');

/** The processes of a component, as their pid files are called. */
const PROCESSES: Record<Component, string[]> = {
  mariadb: ['mariadb'],
  nsq: ['nsqd', 'nsqlookupd', 'nsqadmin'],
  kafka: ['kafka'],
  hydra: ['hydra'],
};

/**
 * Components of one's own, to be killed at will, and found by `endpointOf` while they are up: on free ports, with data in a temporary folder, from the binaries that
 * `scripts/services.sh up` has put into `.services` (or into `ECRON_SERVICES_TOOLS`); what is missing is installed.
 */
export class OwnServices {
  private readonly found = process.env['ECRON_SERVICES_DIR'];
  /** For an end of this process that nothing waits for. */
  private readonly reap = (): void => {
    spawnSync(script(), ['down', ...this.components], { env: this.env });
    rmSync(this.dir, { recursive: true, force: true });
  };

  private constructor(
    private readonly dir: string,
    private readonly components: readonly Component[],
  ) {}

  static async start(components: readonly Component[]): Promise<OwnServices> {
    const services = new OwnServices(await mkdtemp(join(tmpdir(), 'ecron-services-')), components);
    process.env['ECRON_SERVICES_DIR'] = services.dir;
    process.once('exit', services.reap);
    try {
      for (const component of components) await services.up(component);
      return services;
    } catch (error) {
      await services.discard();
      throw error;
    }
  }

  /** Starts it, again too, at the same ports; resolves when a client can work. */
  async up(component: Component): Promise<void> {
    await this.run('up', component);
  }

  /** SIGKILL to all its processes. */
  async crash(component: Component): Promise<void> {
    for (const { pid } of await this.processesOf(component)) process.kill(pid, 'SIGKILL');
  }

  async processes(): Promise<{ name: string; pid: number }[]> {
    return (await Promise.all(this.components.map((one) => this.processesOf(one)))).flat();
  }

  /** Stops them and removes their data. */
  async discard(): Promise<void> {
    if (this.found === undefined) delete process.env['ECRON_SERVICES_DIR'];
    else process.env['ECRON_SERVICES_DIR'] = this.found;
    await this.run('down', ...this.components);
    await rm(this.dir, { recursive: true, force: true });
    process.off('exit', this.reap);
  }

  private async processesOf(component: Component): Promise<{ name: string; pid: number }[]> {
    return Promise.all(
      PROCESSES[component].map(async (name) => ({
        name,
        pid: Number.parseInt(await readFile(join(this.dir, 'run', `${name}.pid`), 'utf8'), 10),
      })),
    );
  }

  private async run(...args: string[]): Promise<void> {
    await execute(script(), args, { env: this.env });
  }

  private get env(): NodeJS.ProcessEnv {
    return {
      ECRON_SERVICES_TOOLS: repositoryFile('.services/tools'),
      ...process.env,
      ECRON_SERVICES_DIR: this.dir,
      ECRON_SERVICES_PORT_BASE: 'free',
    };
  }
}

/** Lets a program that is told to end take its processes and components down first; what it listens to for that is `exit`. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
}
