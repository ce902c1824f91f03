import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const KEPT_LINES = 400;

/** A file of the repository: everything is run from its root. */
export function repositoryFile(path: string): string {
  const root = process.cwd();
  if (!existsSync(join(root, 'nest-cli.json'))) throw new Error('run this from the root of the repository');
  return join(root, path);
}

/** A child process of Node whose output is kept (the last lines) and looked through line by line. */
export class NodeProcess {
  readonly exited: Promise<number | null>;
  private readonly lines: string[] = [];
  private readonly watchers = new Set<(line: string) => void>();

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'close').then(([code]) => code as number | null);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.keep(line));
    }
    const reap = () => child.kill('SIGKILL');
    process.once('exit', reap);
    void this.exited.then(() => process.off('exit', reap));
  }

  static spawn(file: string, options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): NodeProcess {
    return new NodeProcess(spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'pipe'], ...options }));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** What it printed last. */
  output(): string {
    return this.lines.join('\n');
  }

  /** The first value that `read` finds in a line; an error when the process ends before, or after `timeoutMs`. */
  async waitFor<T>(read: (line: string) => T | undefined, timeoutMs = 30_000): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const stopLooking = () => {
        clearTimeout(timer);
        this.watchers.delete(look);
      };
      const look = (line: string) => {
        const value = read(line);
        if (value === undefined) return;
        stopLooking();
        resolve(value);
      };
      const fail = (why: string) => {
        stopLooking();
        reject(new Error(`${why}; its output:\n${this.output()}`));
      };
      const timer = setTimeout(() => fail(`nothing found within ${timeoutMs} ms`), timeoutMs);
      this.watchers.add(look);
      this.lines.forEach(look);
      void this.exited.then((code) => fail(`the process ended with ${code}`));
    });
  }

  /** Sends the signal and waits for the end. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.child.kill(signal);
    return this.exited;
  }

  private keep(line: string): void {
    this.lines.push(line);
    if (this.lines.length > KEPT_LINES) this.lines.shift();
    for (const watch of this.watchers) watch(line);
  }
}
