import { NodeClock, NodeStore } from '@ecron/nodes';
import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Coalesced } from '../coalesced.js';
import { Sweeper } from '../sweeper/sweeper.service.js';

/** A hold lasts for two seconds: with this, what a node held is in other hands before it is three seconds late. */
const LOOK_MS = 250;

/** Takes over the rows of an analysis node as soon as it has stopped, or its hold has lapsed. */
@Injectable()
export class Handover {
  private readonly logger = new Logger('Handover');
  private readonly looks = new Coalesced(
    () => this.lookOnce(),
    (error) =>
      this.logger.error({ event: 'handover.failed', msg: `look failed, tried again: ${error.message}` }),
  );
  private lapsed = new Set<string>();

  constructor(
    private readonly nodes: NodeStore,
    private readonly sweeper: Sweeper,
    private readonly clock: NodeClock,
  ) {}

  @Interval(LOOK_MS)
  look(): Promise<void> {
    return this.looks.ring();
  }

  /** Idempotent. */
  stop(): Promise<void> {
    return this.looks.stop();
  }

  /** What has been lapsed before is the sweeper's, once a second. */
  private async lookOnce(): Promise<void> {
    const lapsed = await this.nodes.lapsedHolders(this.clock.now());
    const fresh = lapsed.filter((node) => !this.lapsed.has(node));
    this.lapsed = new Set(lapsed);
    if (fresh.length === 0) return;
    this.logger.log({
      event: 'handover.done',
      nodes: fresh,
      msg: `analysis nodes gone or silent, their rows are taken: ${fresh.join(', ')}`,
    });
    await this.sweeper.takeUnheld();
  }
}
