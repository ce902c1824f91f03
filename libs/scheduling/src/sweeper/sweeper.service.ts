import {
  countSlots,
  POLICY_DEFAULTS,
  type PolicyDefaults,
  resolvePolicy,
  runsLate,
  type Schedule,
  scheduleOf,
  type StatusMessage,
  statusMessage,
} from '@ecron/domain';
import { MessagePublisher, TOPICS } from '@ecron/messaging';
import { NodeClock, NodeIdentity, NodeStore, offBeat } from '@ecron/nodes';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { BadRows } from '../bad-rows.js';
import { Coalesced } from '../coalesced.js';
import { Dispatcher } from '../dispatcher/dispatcher.service.js';
import { HORIZON_MS } from '../horizon.js';
import {
  type LateRow,
  type LateVerdict,
  type OverdueCallback,
  type UncountedRange,
  WaitingStore,
} from '../ports/waiting.store.js';
import { settleOverdue } from './settle-overdue.js';

const SWEEP_MS = 1_000;
const FOLLOW_UP_MS = 20;
const ROWS_PER_TAKE = 1_000;
const OVERDUE_PER_SWEEP = 200;
/** A row that is due for this long and has not started counts as late, not as missed. */
const SEEN_AFTER_MS = 1_000;
const COUNT_BUDGET = 20_000;

/** A range whose slots are being counted: `count` of them, up to `at`. */
interface Counting {
  range: UncountedRange;
  schedule: Schedule;
  at: number;
  count: number;
}

/** The net under every doorbell: once a second it finds what nobody looks after. */
@Injectable()
export class Sweeper {
  private readonly logger = new Logger('Sweeper');
  private readonly takes = new Coalesced(
    () => this.takeAll(),
    (error) => this.recoverTake(error),
  );
  private readonly sweeps = new Coalesced(
    () => this.sweepOnce(),
    (error) => this.report('sweep', error),
  );
  private readonly bad = new BadRows(this.logger);
  private followUpTimer: NodeJS.Timeout | undefined;
  private counting: Counting | null = null;

  constructor(
    private readonly store: WaitingStore,
    private readonly nodes: NodeStore,
    private readonly dispatcher: Dispatcher,
    private readonly clock: NodeClock,
    private readonly node: NodeIdentity,
    @Inject(POLICY_DEFAULTS) private readonly defaults: PolicyDefaults,
    private readonly publisher: MessagePublisher,
  ) {}

  @Interval(SWEEP_MS)
  async sweep(): Promise<void> {
    await offBeat(this.clock.now());
    await this.sweeps.ring();
  }

  /** Takes waiting rows that nobody holds. */
  takeUnheld(): Promise<void> {
    return this.takes.ring();
  }

  /** Soon, once for however many ask: wakes what waited, takes what is due, sends what there is room for. */
  followUp(): void {
    this.followUpTimer ??= setTimeout(() => {
      this.followUpTimer = undefined;
      this.dispatcher.pump();
      void this.takes.ring();
    }, FOLLOW_UP_MS);
  }

  async stop(): Promise<void> {
    clearTimeout(this.followUpTimer);
    await Promise.all([this.takes.stop(), this.sweeps.stop()]);
  }

  private async sweepOnce(): Promise<void> {
    const now = this.clock.now();
    const faults = [
      await faultOf(this.dispatcher.recheck()),
      await faultOf(this.store.markSeen(this.node.nodeId, now - SEEN_AFTER_MS, now)),
      await faultOf(this.store.recountPlaces(now)),
      await faultOf(this.takes.ring()),
      await faultOf(this.endOverdueCallbacks(now)),
      await faultOf(this.countSome()),
    ];
    // Each is done whatever has become of the others; while the database is away one line is enough.
    const first = faults.find((fault) => fault !== null);
    if (first) throw first;
  }

  private async takeAll(): Promise<void> {
    await this.store.wake(this.clock.now());
    for (let more = true; more && !this.clock.isSuspended;) more = await this.takeSome();
  }

  private async takeSome(): Promise<boolean> {
    const now = this.clock.now();
    const limit = Math.min(ROWS_PER_TAKE, this.dispatcher.room);
    if (limit === 0) return false;
    // Rows that cannot be judged stay in front of the others.
    const rows = await this.store.takeUnheld({
      holder: this.node.nodeId,
      lapsed: await this.nodes.lapsedHolders(now),
      until: now + HORIZON_MS,
      now,
      limit: limit + this.bad.size,
      judgeLate: (row) => this.judgeLate(row, now),
    });
    for (const row of rows) this.dispatcher.settle(row.executeId);
    this.dispatcher.hold(rows);
    return rows.length >= limit;
  }

  private judgeLate(row: LateRow, now: number): LateVerdict {
    const { misfire } = resolvePolicy(row.policy, row.mode, this.defaults);
    const runs = this.unlessBad(row, () => runsLate(scheduleOf(row.facts), row.slotAt, now, misfire));
    if (runs === null) return 'leave';
    return runs ? 'run' : 'missed';
  }

  private async endOverdueCallbacks(now: number): Promise<void> {
    const overdue = await this.store.findOverdueCallbacks(now, OVERDUE_PER_SWEEP + this.bad.size);
    const told: StatusMessage[] = [];
    const refused: [OverdueCallback, Error][] = [];
    for (const row of overdue) {
      const end = this.endOverdue(row, now, told);
      await end.catch((error: Error) => refused.push([row, error]));
    }
    if (told.length > 0) await this.tell(told);
    if (overdue.length > 0) this.followUp();
    this.passOver(refused, overdue.length);
  }

  private async endOverdue(row: OverdueCallback, now: number, told: StatusMessage[]): Promise<void> {
    const settlement = this.unlessBad(row, () => {
      const policy = resolvePolicy(row.policy, row.mode, this.defaults);
      return settleOverdue(row, policy, now, Math.random());
    });
    const isFirst = settlement !== null && (await this.store.settleAccepted(row, settlement));
    if (isFirst) told.push(statusMessage({ ...row, ...settlement }, new Date(now).toISOString()));
  }

  /** A database that refuses all of them is away; where it takes others the rows are to blame. */
  private passOver(refused: readonly [OverdueCallback, Error][], outOf: number): void {
    const [first] = refused;
    if (first !== undefined && refused.length === outOf) throw first[1];
    for (const [row, error] of refused) this.bad.tell(`execution ${row.executeId}`, error.message);
  }

  private unlessBad<T>(row: { executeId: string }, judge: () => T): T | null {
    try {
      return judge();
    } catch (error) {
      this.bad.tell(`execution ${row.executeId}`, String(error));
      return null;
    }
  }

  private async tell(messages: readonly StatusMessage[]): Promise<void> {
    await this.publisher
      .publish(TOPICS.status, messages)
      .catch((error: Error) =>
        this.logger.warn({ event: 'status.not_sent', msg: `status not sent: ${error.message}` }),
      );
  }

  /** Counts the slots of long `missed` ranges, a bounded number of them in each sweep. */
  private async countSome(): Promise<void> {
    const work = this.counting ?? (await this.nextUncounted());
    if (work === null) return;
    const { range, schedule } = work;
    const { count, at } = countSlots(schedule, work.at, range.slotTo, COUNT_BUDGET);
    this.counting = at === null ? null : { range, schedule, at, count: work.count + count };
    if (at === null) await this.store.writeCount(range.executeId, work.count + count);
  }

  private async nextUncounted(): Promise<Counting | null> {
    for (const range of await this.store.findUncounted(1 + this.bad.size)) {
      const schedule = this.unlessBad(range, () => scheduleOf(range.facts));
      if (schedule !== null) return { range, schedule, at: range.slotAt, count: 0 };
    }
    return null;
  }

  /** What a take of unknown outcome has taken after all is in the table. */
  private async recoverTake(error: Error): Promise<void> {
    this.report('take', error);
    await this.dispatcher.reload().catch(() => undefined);
  }

  private report(name: string, error: Error): void {
    this.logger.error({ event: `${name}.failed`, msg: `${name} failed, tried again: ${error.message}` });
  }
}

const faultOf = (step: Promise<void>): Promise<Error | null> =>
  step.then(
    () => null,
    (error: Error) => error,
  );
