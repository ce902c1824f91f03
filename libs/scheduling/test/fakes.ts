import { type DispatchMessage, type Settlement, type StatusMessage } from '@ecron/domain';
import { MessagePublisher, type Topic, TOPICS } from '@ecron/messaging';
import { type Cluster, NodeClock, NodeIdentity, NodeStore, type NodeView } from '@ecron/nodes';
import { Dispatcher } from '../src/dispatcher/dispatcher.service.js';
import {
  type Claim,
  type ClaimRequest,
  ClaimStore,
  type HeldRow,
  type RewindRequest,
} from '../src/ports/claim.store.js';
import {
  type DepartedNode,
  type NodeSet,
  type OrphanedRun,
  RecoveryStore,
} from '../src/ports/recovery.store.js';
import { QueuedRequestStore } from '../src/ports/request.store.js';
import {
  type OverdueCallback,
  type OverdueSettlement,
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
  readonly sent: { topic: Topic; ids: string[]; dueAt?: number }[] = [];
  readonly statuses: StatusMessage[] = [];
  isDown = false;

  async publish(topic: Topic, messages: readonly object[]): Promise<void> {
    if (this.isDown) throw new Error('no broker');
    if (topic === TOPICS.status) this.statuses.push(...(messages as StatusMessage[]));
    else
      for (const { execute_ids: ids, due_at: dueAt } of messages as DispatchMessage[])
        this.sent.push({ topic, ids, ...(dueAt !== undefined && { dueAt }) });
  }

  /** Ids in the order they went out, repeats included. */
  get ids(): string[] {
    return this.sent.flatMap((message) => message.ids);
  }
}

export class FakeNodes extends NodeStore {
  capacity = 100;
  analysisNodes = 1;
  lapsed: string[] = [];
  isAway = false;
  async beat(): Promise<void> {
    if (this.isAway) throw new Error('no database');
  }
  async leave(): Promise<void> {}
  async findCluster(): Promise<Cluster> {
    return { capacity: this.capacity, analysisNodes: this.analysisNodes };
  }
  async lapsedHolders(): Promise<string[]> {
    if (this.isAway) throw new Error('no database');
    return this.lapsed;
  }
  async highestTime(): Promise<number> {
    return 0;
  }
  async list(): Promise<NodeView[]> {
    return [];
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
  settled: [string, OverdueSettlement][] = [];
  isFirst = true;
  counts: [string, number][] = [];
  failing: string | null = null;
  /** Executions that the database refuses to write. */
  readonly refused = new Set<string>();

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
  async findWaiting(_holder: string, ids: readonly string[]): Promise<string[]> {
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
  async recountPlaces(): Promise<void> {
    this.note('recountPlaces');
  }
  async release(): Promise<void> {
    this.note('release');
  }
  async findOverdueCallbacks(_now: number, limit: number): Promise<OverdueCallback[]> {
    this.note('findOverdueCallbacks');
    return this.overdue.splice(0, limit);
  }
  async settleAccepted(row: OverdueCallback, settlement: OverdueSettlement): Promise<boolean> {
    this.note('settleAccepted');
    if (this.refused.has(row.executeId)) throw new Error('refused');
    this.settled.push([row.executeId, settlement]);
    return this.isFirst;
  }
  async findUncounted(limit: number): Promise<UncountedRange[]> {
    this.note('findUncounted');
    return this.uncounted.splice(0, limit);
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
  readonly rewinds: RewindRequest[] = [];
  /** The last job of each page that is rewound but the last one. */
  pages: string[] = [];
  failures = 0;

  async isAnyDue(): Promise<boolean> {
    return this.claims.length > 0;
  }
  async claimDue(request: ClaimRequest): Promise<Claim> {
    this.requests.push(request);
    if (this.failures-- > 0) throw new Error('no database');
    return this.claims.shift() ?? { jobs: 0, held: [] };
  }
  async rewind(request: RewindRequest): Promise<string | null> {
    this.rewinds.push(request);
    if (this.failures-- > 0) throw new Error('no database');
    return this.pages.shift() ?? null;
  }
}

/** What dead nodes have left is what tests put there. */
export class FakeRecovery extends RecoveryStore {
  departed: DepartedNode[] = [];
  orphans: OrphanedRun[] = [];
  readonly asked: NodeSet[] = [];
  readonly settled: [string, Settlement][] = [];
  readonly forgotten: DepartedNode[] = [];
  /** Executions that the database refuses to write. */
  readonly refused = new Set<string>();
  isReadOnly = false;
  isAway = false;

  async findDeparted(): Promise<DepartedNode[]> {
    if (this.isAway) throw new Error('no database');
    return this.departed;
  }
  async findOrphans(nodes: NodeSet, limit: number): Promise<OrphanedRun[]> {
    this.asked.push(nodes);
    return this.orphans.splice(0, limit);
  }
  async settleOrphans(settled: readonly { run: OrphanedRun; settlement: Settlement }[]): Promise<void> {
    if (this.isReadOnly) throw new Error('no database');
    if (settled.some((s) => this.refused.has(s.run.executeId))) throw new Error('refused');
    this.settled.push(...settled.map((s): [string, Settlement] => [s.run.executeId, s.settlement]));
  }
  async forgetNodes(): Promise<void> {}
  async forgetDeparted(departed: readonly DepartedNode[]): Promise<string[]> {
    this.forgotten.push(...departed);
    this.departed = this.departed.filter((one) => !departed.includes(one));
    return [];
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
  Array.from({ length: count }, (_, n) => ({ executeId: `${prefix}${n}`, tenantId: 'tenant-a', dueAt }));
