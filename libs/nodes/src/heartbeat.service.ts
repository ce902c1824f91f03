import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { HOLD_MS, LEASE_MS } from './lease.js';
import { NodeClock } from './node-clock.js';
import { NodeIdentity } from './node-identity.js';
import { NodeStore } from './ports.js';
import { Streak } from './streak.js';

const BEAT_MS = 500;

/** Says twice a second that this node lives, how long its holds last, and what it could still take. */
@Injectable()
export class Heartbeat implements OnApplicationBootstrap {
  private readonly logger = new Logger('Heartbeat');
  private readonly streak = new Streak(LEASE_MS / 3);
  private beating: Promise<void> | null = null;
  private stopped = false;
  private lastBeatAt: number;
  /** Set by the part of the process that runs things. */
  freeCapacity = (): number => 0;

  constructor(
    private readonly node: NodeIdentity,
    private readonly nodes: NodeStore,
    private readonly clock: NodeClock,
  ) {
    this.lastBeatAt = clock.monotonic();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.write();
  }

  /** One at a time: while the database is slow none piles up behind another. */
  @Interval(BEAT_MS)
  beat(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    this.beating ??= this.beatOnce().finally(() => (this.beating = null));
    return this.beating;
  }

  /** Milliseconds since the last heartbeat that was written was sent; before the first, since the node was made. */
  get ageMs(): number {
    return this.clock.monotonic() - this.lastBeatAt;
  }

  /** For how many milliseconds every heartbeat has been written, none of them late: this node has had the database. */
  get steadyMs(): number {
    return this.streak.lengthMs(this.clock.monotonic());
  }

  /** Gives up what the node holds; idempotent. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    await this.beating;
    await this.nodes.leave(this.node.nodeId);
  }

  private async beatOnce(): Promise<void> {
    const moved = this.clock.check();
    if (moved !== 0)
      this.logger.warn({
        event: 'clock.moved',
        moved_ms: moved,
        msg: `the clock has moved by ${moved} ms; followed after 30 s of steady reads`,
      });
    await this.write().catch((error: Error) => {
      this.streak.broke();
      this.logger.warn({ event: 'heartbeat.failed', msg: `heartbeat not written: ${error.message}` });
    });
  }

  private async write(): Promise<void> {
    const [now, sentAt] = [this.clock.now(), this.clock.monotonic()];
    const { skewMs } = this.clock;
    await this.nodes.beat(this.node, { now, holdUntil: now + HOLD_MS, free: this.freeCapacity(), skewMs });
    this.lastBeatAt = sentAt;
    this.streak.succeeded(this.clock.monotonic());
  }
}
