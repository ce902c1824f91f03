import { type DispatchMessage } from '@ecron/domain';
import { MessagePublisher, TOPICS } from '@ecron/messaging';
import { NodeClock, NodeIdentity, NodeStore } from '@ecron/nodes';
import { Injectable, Logger } from '@nestjs/common';
import { type HeldRow } from '../ports/claim.store.js';
import { WaitingStore } from '../ports/waiting.store.js';
import { DueHeap } from './due-heap.js';

/** How many rows one node has in its heap; the rest waits in the table without a holder. */
const MAX_HELD = 50_000;
const IDS_PER_MESSAGE = 200;
const LONGEST_TIMER_MS = 60_000;
/** A dispatched row that still waits after this long is sent again. */
const RESEND_AFTER_MS = 2_000;

/**
 * Sends held rows to the management nodes at their time. It writes nothing: what it sent and has not seen
 * started is remembered, and bounded by what the nodes can take.
 */
@Injectable()
export class Dispatcher {
  private readonly logger = new Logger('Dispatcher');
  private readonly heap = new DueHeap();
  /** In the heap or sent. */
  private readonly known = new Set<string>();
  /** Sent, not known to have started: when, in coordination time. */
  private readonly sent = new Map<string, number>();
  private credit = 0;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly publisher: MessagePublisher,
    private readonly store: WaitingStore,
    private readonly nodes: NodeStore,
    private readonly clock: NodeClock,
    private readonly node: NodeIdentity,
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
    const ids = this.takeDue();
    if (ids.length > 0) void this.send(ids);
    this.arm();
  }

  /** Learns what the nodes can take, forgets what has started, and sends again what was not heard. */
  async recheck(): Promise<void> {
    const now = this.clock.now();
    this.credit = 2 * (await this.nodes.liveCapacity(now));
    const asked = [...this.sent.keys()];
    const waiting = new Set(asked.length === 0 ? [] : await this.store.findWaiting(asked));
    for (const id of asked) if (!waiting.has(id)) this.settle(id);
    const unheard = [...waiting].filter((id) => (this.sent.get(id) ?? now) <= now - RESEND_AFTER_MS);
    if (unheard.length > 0) await this.send(unheard);
    this.pump();
  }

  /** Reads again what the table says is ours. */
  async reload(): Promise<void> {
    this.hold(await this.store.findHeld(this.node.nodeId));
  }

  /** Sends nothing more. Idempotent. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private push(row: HeldRow): void {
    this.known.add(row.executeId);
    this.heap.push(row);
  }

  private takeDue(): string[] {
    const now = this.clock.now();
    const ids: string[] = [];
    for (let top = this.heap.peek(); top !== undefined && top.dueAt <= now; top = this.heap.peek()) {
      if (this.sent.size >= this.credit) break;
      this.heap.pop();
      this.sent.set(top.executeId, now);
      ids.push(top.executeId);
    }
    return ids;
  }

  private async send(ids: readonly string[]): Promise<void> {
    const now = this.clock.now();
    const messages: DispatchMessage[] = [];
    for (let at = 0; at < ids.length; at += IDS_PER_MESSAGE) {
      messages.push({ execute_ids: ids.slice(at, at + IDS_PER_MESSAGE) });
    }
    for (const id of ids) this.sent.set(id, now);
    await this.publisher
      .publish(TOPICS.execution, messages)
      .catch((error: Error) =>
        this.logger.warn(`dispatch not sent, the nodes will find it: ${error.message}`),
      );
  }

  private arm(): void {
    clearTimeout(this.timer);
    const top = this.heap.peek();
    // Where there is no credit, the next settle or recheck goes on.
    if (top === undefined || this.sent.size >= this.credit) return;
    const delay = Math.min(Math.max(top.dueAt - this.clock.now(), 0), LONGEST_TIMER_MS);
    this.timer = setTimeout(() => this.pump(), delay);
  }
}
