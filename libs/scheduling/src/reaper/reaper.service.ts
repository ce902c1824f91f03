import { POLICY_DEFAULTS, type PolicyDefaults } from '@ecron/domain';
import { FENCE_AFTER_MS, Heartbeat, LEASE_MS, NodeClock, NodeIdentity, Streak } from '@ecron/nodes';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { BadRows } from '../bad-rows.js';
import { Coalesced } from '../coalesced.js';
import { type DepartedNode, RecoveryStore } from '../ports/recovery.store.js';
import { settleRunsOf } from '../recovery/recovery.js';
import { Sweeper } from '../sweeper/sweeper.service.js';

const LOOK_MS = 1_000;

/**
 * Finds nodes that are dead, and resolves what they have left. It believes that a node is dead only when it has
 * itself had the database for a full lease without a gap, reading and writing, and has seen the same lapsed
 * heartbeat in two looks: after an outage of the database everyone gets one lease. Several nodes may do so at once.
 */
@Injectable()
export class Reaper {
  private readonly logger = new Logger('Reaper');
  private readonly looks = new Coalesced(
    () => this.lookOnce(),
    (error) => this.fail(error),
  );
  private readonly bad = new BadRows(this.logger);
  private readonly reads = new Streak(LEASE_MS / 3);
  private suspects = new Set<string>();
  private lastGone = '';

  constructor(
    private readonly store: RecoveryStore,
    private readonly heartbeat: Heartbeat,
    private readonly sweeper: Sweeper,
    private readonly clock: NodeClock,
    private readonly node: NodeIdentity,
    @Inject(POLICY_DEFAULTS) private readonly defaults: PolicyDefaults,
  ) {}

  @Interval(LOOK_MS)
  look(): Promise<void> {
    return this.looks.ring();
  }

  /** Idempotent. */
  stop(): Promise<void> {
    return this.looks.stop();
  }

  private async lookOnce(): Promise<void> {
    const departed = await this.store.findDeparted(this.clock.now());
    this.reads.succeeded(this.clock.monotonic());
    const others = departed.filter((one) => one.nodeId !== this.node.nodeId);
    const dead = others.filter((one) => this.suspects.has(keyOf(one)));
    this.suspects = new Set(others.map(keyOf));
    if (dead.length > 0 && this.mayJudge) await this.bury(dead);
  }

  private get mayJudge(): boolean {
    const steadyMs = Math.min(this.heartbeat.steadyMs, this.reads.lengthMs(this.clock.monotonic()));
    return steadyMs >= LEASE_MS && !this.clock.isSuspended;
  }

  private async bury(dead: readonly DepartedNode[]): Promise<void> {
    const ids = dead.map((one) => one.nodeId);
    // What is younger was started by a node that lives again: one that is dead had fenced itself before.
    const startedUntil = this.clock.now() - FENCE_AFTER_MS;
    const cut = await settleRunsOf(
      { only: ids, startedUntil },
      { store: this.store, clock: this.clock, defaults: this.defaults, bad: this.bad },
    );
    await this.store.forgetDeparted(dead);
    const gone = ids.join(', ');
    // What cannot be settled names its node for ever.
    if (cut > 0 || gone !== this.lastGone)
      this.logger.warn({
        event: 'node.lost',
        nodes: ids,
        runs: cut,
        msg: `nodes gone: ${gone}; ${cut} runs of theirs are retried or interrupted`,
      });
    this.lastGone = gone;
    this.sweeper.followUp();
  }

  private fail(error: Error): void {
    this.reads.broke();
    this.suspects.clear();
    this.logger.error({ event: 'reaper.failed', msg: `look failed, tried again: ${error.message}` });
  }
}

const keyOf = (one: DepartedNode): string => `${one.nodeId}/${one.heartbeatAt}`;
