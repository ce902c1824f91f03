import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { NodeClock } from './node-clock.js';
import { NodeIdentity } from './node-identity.js';
import { NodeStore } from './ports.js';

/** Rows that an analysis node holds are its own for this long after each heartbeat. */
export const HOLD_MS = 2_000;
const BEAT_MS = 500;

/** Says twice a second that this node lives, how long its holds last, and what it could still take. */
@Injectable()
export class Heartbeat implements OnApplicationBootstrap {
  private readonly logger = new Logger('Heartbeat');
  private stopped = false;
  private lastBeatAt = 0;
  /** Set by the part of the process that runs things. */
  freeCapacity = (): number => 0;

  constructor(
    private readonly node: NodeIdentity,
    private readonly nodes: NodeStore,
    private readonly clock: NodeClock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.write(HOLD_MS);
  }

  @Interval(BEAT_MS)
  async beat(): Promise<void> {
    if (this.stopped) return;
    const moved = this.clock.check();
    if (moved !== 0)
      this.logger.warn(`the clock has moved by ${moved} ms; followed after 30 s of steady reads`);
    await this.write(HOLD_MS).catch((error: Error) =>
      this.logger.warn(`heartbeat not written: ${error.message}`),
    );
  }

  /** Milliseconds since the last heartbeat that was written. */
  get ageMs(): number {
    return this.clock.now() - this.lastBeatAt;
  }

  /** Gives up what the node holds; idempotent. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    await this.write(0);
  }

  private async write(holdMs: number): Promise<void> {
    const now = this.clock.now();
    await this.nodes.beat(this.node, {
      now,
      holdUntil: holdMs === 0 ? 0 : now + holdMs,
      free: this.freeCapacity(),
    });
    this.lastBeatAt = now;
  }
}
