import { NodeClock, NodeIdentity, offBeat } from '@ecron/nodes';
import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { type RunningRow, RunStore } from '../ports/run.store.js';
import { Runner } from '../runner/runner.service.js';

const LOOK_MS = 1_000;
/** A due row that analysis has not brought for this long is fetched. */
const OVERDUE_AFTER_MS = 1_000;
const OVERDUE_PER_LOOK = 1_000;

/**
 * Compares, once a second, what the table says of this node with what it does: aborts what is to be cancelled,
 * gives back what it does not know, and fetches what is overdue.
 */
@Injectable()
export class Aborter {
  private readonly logger = new Logger('Aborter');
  private busy = false;
  private suspects = new Set<string>();

  constructor(
    private readonly store: RunStore,
    private readonly runner: Runner,
    private readonly clock: NodeClock,
    private readonly node: NodeIdentity,
  ) {}

  @Interval(LOOK_MS)
  async look(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    await offBeat(this.clock.now());
    await this.lookOnce().catch((error: Error) =>
      this.logger.error(`look failed, tried again: ${error.message}`),
    );
    this.busy = false;
  }

  private async lookOnce(): Promise<void> {
    const rows = await this.store.findRunning(this.node.nodeId);
    for (const row of rows) if (row.cancelReason !== null) this.runner.abort(row.executeId);
    await this.giveBackUnknown(rows);
    await this.fetchOverdue();
  }

  /** A row is given back when it was unknown twice: one look can fall between a start's commit and its launch. */
  private async giveBackUnknown(rows: readonly RunningRow[]): Promise<void> {
    const unknown = rows.filter((row) => !this.runner.isRunning(row.executeId, row.epoch));
    const confirmed = unknown.filter((row) => this.suspects.has(`${row.executeId}/${row.epoch}`));
    this.suspects = new Set(unknown.map((row) => `${row.executeId}/${row.epoch}`));
    if (confirmed.length === 0) return;
    this.logger.warn(`${confirmed.length} runs under this node's name are unknown to it: given back`);
    await this.store.giveBack(confirmed, this.clock.now());
  }

  private async fetchOverdue(): Promise<void> {
    const places = Math.min(this.runner.free, OVERDUE_PER_LOOK);
    if (places <= 0) return;
    const ids = await this.store.findOverdue(this.clock.now() - OVERDUE_AFTER_MS, places);
    if (ids.length > 0) void this.runner.offer(ids);
  }
}
