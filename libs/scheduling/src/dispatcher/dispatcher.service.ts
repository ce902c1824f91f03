import { type DispatchMessage } from '@ecron/domain';
import { MessagePublisher, TOPICS } from '@ecron/messaging';
import { NodeClock, NodeIdentity, NodeStore } from '@ecron/nodes';
import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { type HeldRow } from '../ports/claim.store.js';
import { type DispatchTrace, DispatchTracer } from '../ports/dispatch-tracer.js';
import { WaitingStore } from '../ports/waiting.store.js';
import { DueHeap, sendAt } from './due-heap.js';
import { TenantTurns } from './tenant-turns.js';

/** How many rows one node has in its heap; the rest waits in the table without a holder. */
const MAX_HELD = 50_000;
/** Few, so that a herd is shared out evenly: the broker gives whole messages, to whoever has room. */
const IDS_PER_MESSAGE = 64;
const LONGEST_TIMER_MS = 60_000;
/** A dispatched row that still waits after this long is sent again. */
const RESEND_AFTER_MS = 2_000;
/** Where due rows wait for credit, what has started is looked up this soon, the longest sent first. */
const STARVED_LOOK_MS = 250;
const ROWS_PER_STARVED_LOOK = 1_024;

type Sendable = Pick<HeldRow, 'executeId' | 'dueAt'>;

/**
 * Sends held rows to the management nodes at their time, or as far ahead of it as they may be started, tenants in turn where not all fit. It writes nothing: what it sent and has not seen
 * started is remembered, and bounded by its share of twice what the nodes can take. Of the doorbells that tell of
 * ends each reaches one analysis node only, so most of what has started is learnt by looking at the table.
 */
@Injectable()
export class Dispatcher {
  private readonly logger = new Logger('Dispatcher');
  private readonly heap = new DueHeap();
  /** Out of the heap, not sent for want of credit. */
  private readonly due = new TenantTurns();
  /** In the heap, due or sent. */
  private readonly known = new Set<string>();
  /** Sent, not known to have started: when, in coordination time. */
  private readonly sent = new Map<string, number>();
  /** How often the table was to be read, and up to which of them it has been. */
  private readonly reloads = { asked: 0, done: 0 };
  private credit = 0;
  private timer: NodeJS.Timeout | undefined;
  private starvedTimer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly publisher: MessagePublisher,
    private readonly store: WaitingStore,
    private readonly nodes: NodeStore,
    private readonly clock: NodeClock,
    private readonly node: NodeIdentity,
    @Optional() @Inject(DispatchTracer) private readonly tracer: DispatchTracer | null = null,
  ) {}

  /** How many more rows may be held. */
  get room(): number {
    return this.stopped ? 0 : Math.max(0, MAX_HELD - this.known.size);
  }

  /** Takes rows into the heap; a row that is there already stays as it is. */
  hold(rows: readonly HeldRow[]): void {
    for (const row of rows) if (!this.known.has(row.executeId)) this.push(row);
    this.pump();
  }

  /** A row is known not to wait any more, or to wait anew: it can be held again. */
  settle(executeId: string): void {
    if (this.sent.delete(executeId)) this.known.delete(executeId);
  }

  /** Sends what is due and fits; called by its own timer, and when there is room again. */
  pump(): void {
    if (this.stopped) return;
    const rows = this.takeDue();
    if (rows.length > 0) void this.send(rows, this.tracer?.begin(rows));
    this.arm();
  }

  /** Learns what the nodes can take, forgets what has started, and sends again what was not heard. */
  async recheck(): Promise<void> {
    await this.look(this.sent.size);
    await this.catchUp();
  }

  /** Reads again what the table says is ours; where that fails, at each recheck until it has succeeded. */
  async reload(): Promise<void> {
    this.reloads.asked++;
    await this.catchUp();
  }

  /** Sends nothing more. Idempotent. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.starvedTimer);
  }

  private async look(limit: number): Promise<void> {
    const now = this.clock.now();
    const { capacity, analysisNodes } = await this.nodes.findCluster(now);
    this.credit = (2 * capacity) / Math.max(analysisNodes, 1);
    const asked = [...this.sent].slice(0, limit);
    const ids = asked.map(([id]) => id);
    const waiting = new Set(ids.length === 0 ? [] : await this.store.findWaiting(this.node.nodeId, ids));
    // What was sent anew meanwhile is not what was asked about.
    const same = asked.filter(([id, sentAt]) => this.sent.get(id) === sentAt);
    for (const [id] of same) if (!waiting.has(id)) this.settle(id);
    const unheard = same.filter(([id, sentAt]) => waiting.has(id) && sentAt <= now - RESEND_AFTER_MS);
    if (unheard.length > 0) await this.send(unheard.map(([executeId]) => ({ executeId, dueAt: 0 })));
    this.pump();
  }

  private async catchUp(): Promise<void> {
    const { asked, done } = this.reloads;
    if (asked === done) return;
    this.hold(await this.store.findHeld(this.node.nodeId));
    this.reloads.done = asked;
  }

  private push(row: HeldRow): void {
    this.known.add(row.executeId);
    this.heap.push(row);
  }

  private takeDue(): HeldRow[] {
    const now = this.clock.now();
    for (let top = this.heap.peek(); top !== undefined && sendAt(top) <= now; top = this.heap.peek()) {
      this.heap.pop();
      this.due.push(top);
    }
    const rows: HeldRow[] = [];
    while (this.sent.size < this.credit) {
      const row = this.due.next();
      if (row === undefined) break;
      this.sent.set(row.executeId, now);
      rows.push(row);
    }
    return rows;
  }

  private async send(rows: readonly Sendable[], trace?: DispatchTrace): Promise<void> {
    const now = this.clock.now();
    const messages: DispatchMessage[] = [];
    for (let at = 0; at < rows.length; at += IDS_PER_MESSAGE) {
      const end = at + IDS_PER_MESSAGE;
      messages.push(toMessage(rows.slice(at, end), trace?.traceparents.slice(at, end)));
    }
    for (const { executeId } of rows) this.noteSent(executeId, now);
    const fault = await this.publish(messages);
    trace?.end(fault);
  }

  /** Null: it was sent. */
  private publish(messages: readonly DispatchMessage[]): Promise<Error | null> {
    return this.publisher.publish(TOPICS.execution, messages).then(
      () => null,
      (error: Error) => {
        this.logger.warn({
          event: 'dispatch.not_sent',
          msg: `dispatch not sent, the nodes will find it: ${error.message}`,
        });
        return error;
      },
    );
  }

  /** The longest sent come first. */
  private noteSent(executeId: string, now: number): void {
    this.sent.delete(executeId);
    this.sent.set(executeId, now);
  }

  private arm(): void {
    clearTimeout(this.timer);
    const top = this.heap.peek();
    if (this.due.size === 0 && top === undefined) return;
    const nextAt = this.due.size > 0 || top === undefined ? this.clock.now() : sendAt(top);
    if (this.sent.size >= this.credit) return this.lookWhenStarved(nextAt);
    const delay = Math.min(Math.max(nextAt - this.clock.now(), 0), LONGEST_TIMER_MS);
    this.timer = setTimeout(() => this.pump(), delay);
  }

  /** A settle that comes before goes on at once. */
  private lookWhenStarved(nextAt: number): void {
    if (nextAt > this.clock.now() + STARVED_LOOK_MS) return;
    this.starvedTimer ??= setTimeout(() => {
      this.starvedTimer = undefined;
      // One that fails is tried again by the next sweep, which reports it.
      if (!this.stopped) void this.look(ROWS_PER_STARVED_LOOK).catch(() => undefined);
    }, STARVED_LOOK_MS);
  }
}

function toMessage(rows: readonly Sendable[], traceparents?: readonly string[]): DispatchMessage {
  const dueAt = Math.max(...rows.map((row) => row.dueAt));
  return {
    execute_ids: rows.map((row) => row.executeId),
    ...(dueAt > 0 && { due_at: dueAt }),
    ...(traceparents !== undefined && { traceparents }),
  };
}
