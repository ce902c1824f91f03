import { CUT_AFTER_MS, Heartbeat, NodeClock, NodeIdentity, offBeat } from '@ecron/nodes';
import { Injectable, Logger, Optional } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { BrokerState } from '../ports/broker-state.js';
import { type RunKey, type RunningRow, RunStore } from '../ports/run.store.js';
import { Runner } from '../runner/runner.service.js';

const LOOK_MS = 1_000;
const LEASE_LOOK_MS = 500;
/** A due row that analysis has not brought for this long is fetched. */
const OVERDUE_AFTER_MS = 1_000;
const OVERDUE_PER_LOOK = 1_000;
/** While the broker is away rows are fetched this often, as soon as they are due. */
const POLL_MS = 250;

/**
 * Compares, once a second, what the table says of this node with what it does: aborts what is to be cancelled or
 * has been lost to others, gives back what it does not know, and fetches what is overdue.
 */
@Injectable()
export class Aborter {
  private readonly logger = new Logger('Aborter');
  private readonly busy = new Set<string>();
  private unknown = new Set<string>();
  private unseen = new Set<string>();

  constructor(
    private readonly store: RunStore,
    private readonly runner: Runner,
    private readonly clock: NodeClock,
    private readonly node: NodeIdentity,
    private readonly heartbeat: Heartbeat,
    @Optional() private readonly broker?: BrokerState,
  ) {}

  @Interval(LOOK_MS)
  look(): Promise<void> {
    return this.alone('look', async () => {
      await offBeat(this.clock.now());
      await this.lookOnce();
    });
  }

  @Interval(POLL_MS)
  poll(): Promise<void> {
    const fault = this.broker?.fault() ?? null;
    return fault === null ? Promise.resolve() : this.alone('poll', () => this.fetchOverdue(0));
  }

  /** Ends what others would try again, before this node's lease is over. */
  @Interval(LEASE_LOOK_MS)
  watchLease(): void {
    if (this.heartbeat.ageMs >= CUT_AFTER_MS) this.runner.loseRetried();
  }

  private async lookOnce(): Promise<void> {
    const rows = await this.store.findRunning(this.node.nodeId);
    for (const row of rows) if (row.cancelReason !== null) this.runner.abort(row.executeId);
    await this.giveBackUnknown(rows);
    await this.loseUnseen(rows);
    await this.fetchOverdue(OVERDUE_AFTER_MS);
  }

  /** A row is given back when it was unknown twice: one look can fall between a start's commit and its launch. */
  private async giveBackUnknown(rows: readonly RunningRow[]): Promise<void> {
    const unknown = rows.filter(
      (row) => !this.runner.isRunning(row.executeId, row.epoch) && !this.runner.isStarting(row.executeId),
    );
    const confirmed = unknown.filter((row) => this.unknown.has(keyOf(row)));
    this.unknown = new Set(unknown.map(keyOf));
    if (confirmed.length === 0) return;
    this.logger.warn({
      event: 'run.given_back',
      msg: `${confirmed.length} runs under this node's name are unknown to it: given back`,
    });
    await this.store.giveBack(confirmed, this.clock.now());
  }

  /** What runs here and was not among the node's rows twice may be another node's by now. */
  private async loseUnseen(rows: readonly RunningRow[]): Promise<void> {
    const seen = new Set(rows.map(keyOf));
    const unseen = this.runner.runs.filter((run) => !seen.has(keyOf(run)));
    const confirmed = unseen.filter((run) => this.unseen.has(keyOf(run)));
    this.unseen = new Set(unseen.map(keyOf));
    if (confirmed.length === 0) return;
    const lost = await this.store.findLost(confirmed);
    if (lost.length > 0)
      this.logger.warn({
        event: 'run.taken_over',
        execute_ids: lost,
        msg: `${lost.length} runs have been taken over by others: aborted here`,
      });
    this.runner.lose(lost);
  }

  private async fetchOverdue(afterMs: number): Promise<void> {
    const places = Math.min(this.runner.free, OVERDUE_PER_LOOK);
    if (places <= 0) return;
    const ids = await this.store.findOverdue(this.clock.now() - afterMs, places);
    if (ids.length > 0) void this.runner.offer(ids);
  }

  private async alone(name: string, work: () => Promise<void>): Promise<void> {
    if (this.busy.has(name)) return;
    this.busy.add(name);
    await work().catch((error: Error) =>
      this.logger.error({
        event: `${name.replaceAll(' ', '_')}.failed`,
        msg: `${name} failed, tried again: ${error.message}`,
      }),
    );
    this.busy.delete(name);
  }
}

const keyOf = (run: RunKey): string => `${run.executeId}/${run.epoch}`;
