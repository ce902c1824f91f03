import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type HostPort } from '@ecron/messaging';
import { freePorts } from './free-ports.js';
import { freezeProcess } from './freeze-process.js';

const HOST = '127.0.0.1';

/**
 * A process of NSQ that a test has to itself, on ports of its own: HTTP is the one above TCP. The program is looked for in
 * the folder `bin`, or on the `PATH` where that is not known.
 */
abstract class LocalNsqProcess {
  private process: ChildProcess | null = null;

  constructor(
    private readonly program: string,
    private readonly port: number,
  ) {}

  get tcp(): HostPort {
    return { host: HOST, port: this.port };
  }

  get http(): HostPort {
    return { host: HOST, port: this.port + 1 };
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const common = [
      '-broadcast-address',
      HOST,
      '-tcp-address',
      show(this.tcp),
      '-http-address',
      show(this.http),
    ];
    this.process = spawn(this.program, [...common, ...this.furtherArguments()], { stdio: 'ignore' });
    while (!(await this.answers())) {
      if (this.process.exitCode !== null)
        throw new Error(`${this.program} ended with ${this.process.exitCode}`);
      await pause(20);
    }
  }

  /** Resolves when it has ended. nsqd writes to disk what it holds, unless it is killed. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const { process } = this;
    this.process = null;
    if (process === null) return;
    process.kill(signal);
    await once(process, 'exit');
  }

  /** It keeps its connections and says nothing more, until `thaw`. */
  freeze(): void {
    if (this.process?.pid !== undefined) freezeProcess(this.process.pid);
  }

  thaw(): void {
    this.process?.kill('SIGCONT');
  }

  protected abstract furtherArguments(): string[];

  private answers(): Promise<boolean> {
    return fetch(`http://${show(this.http)}/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

export class LocalNsqlookupd extends LocalNsqProcess {
  static async make(bin: string | undefined): Promise<LocalNsqlookupd> {
    return new LocalNsqlookupd(programIn(bin, 'nsqlookupd'), await freePorts());
  }

  protected furtherArguments(): string[] {
    return [];
  }
}

export class LocalNsqd extends LocalNsqProcess {
  private readonly dataPath = mkdtempSync(join(tmpdir(), 'ecron-nsqd-'));
  private readonly further: string[] = ['-data-path', this.dataPath];

  static async make(bin: string | undefined, lookupd?: LocalNsqlookupd): Promise<LocalNsqd> {
    const nsqd = new LocalNsqd(programIn(bin, 'nsqd'), await freePorts());
    if (lookupd !== undefined) nsqd.further.push('-lookupd-tcp-address', show(lookupd.tcp));
    return nsqd;
  }

  async publish(topic: string, texts: readonly string[]): Promise<void> {
    for (const body of texts) await this.post(`pub?topic=${topic}`, body);
  }

  async post(call: string, body = ''): Promise<void> {
    const response = await fetch(`http://${show(this.http)}/${call}`, { method: 'POST', body });
    if (!response.ok) throw new Error(`${call}: ${response.status}`);
  }

  /** Ends it, and its data with it. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.dataPath, { recursive: true });
  }

  protected furtherArguments(): string[] {
    return this.further;
  }
}

function programIn(bin: string | undefined, name: string): string {
  return bin === undefined ? name : join(bin, name);
}

function show({ host, port }: HostPort): string {
  return `${host}:${port}`;
}
