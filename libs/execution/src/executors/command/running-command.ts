import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Readable } from 'node:stream';
import { type Limiter } from './command-settings.js';
import { drain } from './drain.js';
import { ProcessGroup } from './process-group.js';

export interface CommandOrder {
  file: string;
  /** The first argument of all: what the program sees as its own name. */
  name: string;
  args: readonly string[];
  folder: string;
  environment: Record<string, string>;
  user: { uid: number; gid: number } | null;
  limiter: Limiter | null;
}

export type Exit =
  | { kind: 'ended'; code: number | null; signal: NodeJS.Signals | null }
  | { kind: 'not started'; error: NodeJS.ErrnoException };

export type Sink = Record<'stdout' | 'stderr', { write(chunk: Buffer): void }>;

/** Whoever has left the group and still holds a stream is not waited for any longer. */
const STREAMS_END_WITHIN_MS = 1_000;

/** A program that runs in a session of its own, without a shell and without an input. */
export class RunningCommand {
  /** Null: it could not be started. */
  readonly group: ProcessGroup | null;
  readonly exit: Promise<Exit>;
  private readonly streams: Readable[] = [];

  constructor(order: CommandOrder, sink: Sink) {
    const started = start(order);
    if ('error' in started) {
      this.group = null;
      this.exit = Promise.resolve({ kind: 'not started', ...started });
      return;
    }
    const { child } = started;
    this.exit = exitOf(child);
    this.group = child.pid === undefined ? null : new ProcessGroup(child.pid);
    for (const name of ['stdout', 'stderr'] as const) this.read(child[name], sink[name]);
  }

  /** Resolves when no more output can come. */
  async untilSilent(): Promise<void> {
    const cut = setTimeout(() => this.streams.forEach((stream) => stream.destroy()), STREAMS_END_WITHIN_MS);
    await Promise.all(this.streams.map(async (stream) => stream.closed || once(stream, 'close')));
    clearTimeout(cut);
  }

  private read(stream: Readable | null, sink: { write(chunk: Buffer): void }): void {
    if (stream === null) return;
    drain(stream, (chunk) => sink.write(chunk));
    this.streams.push(stream);
  }
}

type Start = { child: ChildProcess } | { error: Error };

/** Arguments that cannot be any are thrown, all else is told later. */
function start(order: CommandOrder): Start {
  const { file, args, ...own } = launchOf(order);
  const options = { ...own, cwd: order.folder, env: order.environment, ...order.user };
  try {
    return { child: spawn(file, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }) };
  } catch (error) {
    return { error: error as Error };
  }
}

function launchOf({ file, name, args, limiter }: CommandOrder) {
  if (limiter === null) return { file, args, argv0: name };
  return { file: limiter.program, args: [...limiter.options, '--', file, ...args] };
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not started', error }));
    child.once('exit', (code, signal) => resolve({ kind: 'ended', code, signal }));
  });
}
