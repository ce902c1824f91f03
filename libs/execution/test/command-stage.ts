import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JobContext, type Outcome } from '@ecron/domain';
import { type AttemptRequest } from '../src/executor/executor.js';
import { CommandExecutor } from '../src/executors/command/command.executor.js';
import { type CommandSettings } from '../src/executors/command/command-settings.js';
import { OutputRecorder } from '../src/output/output-recorder.service.js';
import { attemptWith, contextWith, NEVER } from './attempts.js';
import { FakeOutputs } from './fake-outputs.js';
import { stillClock } from './fakes.js';

/** A folder of real programs, the executor that may run them, and what they put out. */
export class CommandStage {
  readonly root = mkdtempSync(join(tmpdir(), 'ecron-command-'));
  /** Its programs may run. */
  readonly bin = join(this.root, 'bin');
  readonly outputs = new FakeOutputs();
  settings: CommandSettings = {
    allow: [this.bin],
    folder: null,
    user: null,
    limiter: null,
    tenants: null,
    killAfterMs: 100,
  };

  constructor() {
    mkdirSync(this.bin);
    chmodSync(this.root, 0o755);
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  /** Writes a shell script, by default among those that may run; resolves with its path. */
  script(name: string, text: string, folder = this.bin): string {
    const path = join(folder, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return path;
  }

  executor(): CommandExecutor {
    return new CommandExecutor(this.settings, new OutputRecorder(this.outputs, stillClock()));
  }

  run(exec: string, own: Partial<AttemptRequest> = {}, signal = NEVER): Promise<Outcome> {
    return this.executor().run(attemptWith(commandContext(exec), own), signal);
  }

  /** What a stream has shown so far. */
  shown(stream: 'stdout' | 'stderr' = 'stdout'): string {
    return this.outputs.pieces.filter((piece) => piece.stream === stream).at(-1)?.head ?? '';
  }

  untilShown(text: string): Promise<void> {
    return this.outputs.signal.until(() => this.shown().includes(text));
  }
}

export function commandContext(exec: string, params: Record<string, string> | null = null): JobContext {
  return contextWith('exe', exec, { params });
}

/** A process that is there and not merely waiting to be collected. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
