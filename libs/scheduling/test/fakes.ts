import { type DispatchMessage, type Settlement } from '@ecron/domain';
import { MessagePublisher, type Topic } from '@ecron/messaging';
import { NodeClock, NodeIdentity, NodeStore } from '@ecron/nodes';
import { Dispatcher } from '../src/dispatcher/dispatcher.service.js';
import { type Claim, type ClaimRequest, ClaimStore, type HeldRow } from '../src/ports/claim.store.js';
import { QueuedRequestStore } from '../src/ports/request.store.js';
import {
  type OverdueCallback,
  type TakeRequest,
  type UncountedRange,
  WaitingStore,
} from '../src/ports/waiting.store.js';

export const NOW = Date.parse('2026-11-24T09:00:00Z');
export const NODE = new NodeIdentity('analysis-1', 'host/1', 'analysis', 0);
export const DEFAULTS = { maxAttempts: 3, completion: 'auto' as const };

/** Goes by the faked timers; `step` moves the shared clock alone. */
export class SteppingSources {
  private steppedMs = 0;
  wall = () => Date.now() + this.steppedMs;
  monotonic = () => Date.now();
  step(ms: number): void {
    this.steppedMs += ms;
  }
}

export class RecordingPublisher extends MessagePublisher {
  readonly sent: { topic: Topic; ids: string[] }[] = [];
  isDown = false;

  async publish(topic: Topic, messages: readonly object[]): Promise<void> {
    if (this.isDown) throw new Error('no broker');
    for (const message of messages) this.sent.push({ topic, ids: (message as DispatchMessage).execute_ids });
  }

  /** Ids in the order they went out, repeats included. */
  get ids(): string[] {
    return this.sent.flatMap((message) => message.ids);
  }
}

export class FakeNodes extends NodeStore {
  capacity = 100;
  lapsed: string[] = [];
  async beat(): Promise<void> {}
  async liveCapacity(): Promise<number> {
    return this.capacity;
  }
  async lapsedHolders(): Promise<string[]> {
    return this.lapsed;
  }
  async highestTime(): Promise<number> {
    return 0;
  }
}

/** Rows are what tests put there; calls are noted in their order. */
export class FakeWaiting extends WaitingStore {
  readonly calls: string[] = [];
  /** Pages that `takeUnheld` gives, one a call; then nothing. */
  pages: HeldRow[][] = [];
  held: HeldRow[] = [];
  waiting = new Set<string>();
  overdue: OverdueCallback[] = [];
  uncounted: UncountedRange[] = [];
  takes: TakeRequest[] = [];
  seen: unknown[] = [];
  settled: [string, Pick<Settlement, 'state' | 'reason' | 'endedAt' | 'dueAt'>][] = [];
  counts: [string, number][] = [];
  failing: string | null = null;

  private note(call: string): void {
    this.calls.push(call);
    if (this.failing === call) throw new Error(`${call} failed`);
  }

  async takeUnheld(request: TakeRequest): Promise<HeldRow[]> {
    this.note('takeUnheld');
    this.takes.push(request);
    const page = this.pages.shift() ?? [];
    for (const row of page) this.waiting.add(row.executeId);
    return page;
  }
  async findHeld(): Promise<HeldRow[]> {
    this.note('findHeld');
    return this.held;
  }
  async findWaiting(ids: readonly string[]): Promise<string[]> {
    this.note('findWaiting');
    return ids.filter((id) => this.waiting.has(id));
  }
  async markSeen(...seen: unknown[]): Promise<void> {
    this.note('markSeen');
    this.seen = seen;
  }
  async wake(): Promise<number> {
    this.note('wake');
    return 0;
  }
  async release(): Promise<void> {
    this.note('release');
  }
  async findOverdueCallbacks(): Promise<OverdueCallback[]> {
    this.note('findOverdueCallbacks');
    return this.overdue.splice(0);
  }
  async settleAccepted(
    row: OverdueCallback,
    settlement: FakeWaiting['settled'][number][1],
  ): Promise<boolean> {
    this.note('settleAccepted');
    this.settled.push([row.executeId, settlement]);
    return true;
  }
  async findUncounted(): Promise<UncountedRange[]> {
    this.note('findUncounted');
    return this.uncounted.splice(0, 1);
  }
  async writeCount(executeId: string, count: number): Promise<void> {
    this.note('writeCount');
    this.counts.push([executeId, count]);
  }
}

export class FakeClaims extends ClaimStore {
  /** What successive claims give; then nothing is due. */
  claims: Claim[] = [];
  requests: ClaimRequest[] = [];
  failures = 0;

  async isAnyDue(): Promise<boolean> {
    return this.claims.length > 0;
  }
  async claimDue(request: ClaimRequest): Promise<Claim> {
    this.requests.push(request);
    if (this.failures-- > 0) throw new Error('no database');
    return this.claims.shift() ?? { jobs: 0, held: [] };
  }
}

export class FakeRequests extends QueuedRequestStore {
  readonly asked: unknown[] = [];
  isKnown = true;
  async requestRun(...asked: unknown[]): Promise<boolean> {
    this.asked.push(asked);
    return this.isKnown;
  }
}

/** An analysis node's dispatcher with all it stands on. */
export function makeNode() {
  const sources = new SteppingSources();
  const clock = new NodeClock(sources);
  const [publisher, waiting, nodes] = [new RecordingPublisher(), new FakeWaiting(), new FakeNodes()];
  const dispatcher = new Dispatcher(publisher, waiting, nodes, clock, NODE);
  return { sources, clock, publisher, waiting, nodes, dispatcher };
}

export const rowsOf = (count: number, dueAt: number, prefix = 'e'): HeldRow[] =>
  Array.from({ length: count }, (_, n) => ({ executeId: `${prefix}${n}`, dueAt }));
