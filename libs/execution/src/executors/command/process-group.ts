import { setTimeout as pause } from 'node:timers/promises';
import { hasLiving } from './living.js';

/** How soon it is looked whether a group that was told to end has ended, and how seldom it may become. */
const FIRST_LOOK_MS = 10;
const LAST_LOOK_MS = 250;
/** What is killed is gone at once, unless it hangs in the kernel: that is not waited for any longer. */
const KILLED_WITHIN_MS = 2_000;

/** A command and all that it has started, but for what has made a session of its own. */
export class ProcessGroup {
  private stopping: Promise<void> | undefined;
  private isKilled = false;

  /** @param leader the process that the group is named after */
  constructor(private readonly leader: number) {}

  /** TERM, and KILL to what is still there `killAfterMs` later. Resolves when nothing of it is left. */
  stop(killAfterMs: number): Promise<void> {
    this.stopping ??= this.end(killAfterMs);
    return this.stopping;
  }

  /** At once; ends a stop that is under way. */
  kill(): void {
    this.isKilled = true;
    this.signal('SIGKILL');
  }

  private async end(killAfterMs: number): Promise<void> {
    if (!this.signal('SIGTERM')) return;
    await this.untilGone(killAfterMs, () => this.isKilled);
    if (!this.signal('SIGKILL')) return;
    await this.untilGone(KILLED_WITHIN_MS, () => false);
  }

  private async untilGone(withinMs: number, isCut: () => boolean): Promise<void> {
    const end = performance.now() + withinMs;
    for (let lookMs = FIRST_LOOK_MS; !isCut(); lookMs = Math.min(2 * lookMs, LAST_LOOK_MS)) {
      const leftMs = end - performance.now();
      if (leftMs <= 0) return;
      await pause(Math.min(lookMs, leftMs));
      if (!(await this.isThere())) return;
    }
  }

  private async isThere(): Promise<boolean> {
    return this.signal(0) && (await hasLiving(this.leader));
  }

  /** False: there is nobody left to tell. */
  private signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.leader, signal);
    } catch {
      return false;
    }
  }
}
