import { type JobContext, type Outcome, type StatusMessage } from '@ecron/domain';
import { MessagePublisher, type Topic } from '@ecron/messaging';
import { NodeClock, NodeIdentity } from '@ecron/nodes';
import { type AttemptRequest, Executor } from '../src/executor/executor.js';
import {
  type RecordedState,
  type RunKey,
  type RunningRow,
  type RunRecord,
  RunStore,
  type StartedRun,
  type StartRequest,
} from '../src/ports/run.store.js';

export const NOW = Date.parse('2026-11-24T09:00:00Z');
export const SUCCEEDED: Outcome = { kind: 'succeeded', statusCode: 200, result: '{"rows":3}' };

export const contextOf = (mode: JobContext['mode']): JobContext => ({
  mode,
  exec: 'http://target.test/',
  info: { method: '', params: null, headers: null, body: null, kubernetes: null },
  notify: { webhook: '' },
  begin_at: '',
  end_at: '',
  execute_id: '',
});

export const runOf = (executeId: string, own: Partial<StartedRun> = {}): StartedRun => ({
  executeId,
  jobId: `job of ${executeId}`,
  tenantId: 'tenant-a',
  slotAt: NOW,
  zone: 'UTC',
  attempt: 1,
  epoch: 1,
  begunAt: NOW,
  startedAt: NOW,
  context: contextOf('http'),
  policy: { retry: { jitter: false } },
  attempts: [],
  ...own,
});

/** A promise that is settled from outside. */
export class Deferred<T> {
  resolve!: (value: T) => void;
  reject!: (error: Error) => void;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** Lets a test wait until something is so; whoever changes it calls `changed`. */
export class Signal {
  private waiting: { isSo: () => boolean; resolve: () => void }[] = [];

  changed(): void {
    const met = this.waiting.filter((w) => w.isSo());
    this.waiting = this.waiting.filter((w) => !met.includes(w));
    for (const { resolve } of met) resolve();
  }

  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ isSo, resolve });
      this.changed();
    });
  }
}

/** Starts every id it is asked for, unless told otherwise, and keeps what is recorded. */
export class FakeRuns extends RunStore {
  readonly signal = new Signal();
  readonly starts: StartRequest[] = [];
  readonly batches: RunRecord[][] = [];
  readonly givenBack: string[] = [];
  readonly written: RunRecord[] = [];
  own: Partial<StartedRun> = {};
  running: RunningRow[] = [];
  overdue: string[] = [];
  overdueAsked: [number, number][] = [];
  readonly readBacks: string[] = [];
  lost: string[] = [];
  lostAsked: string[][] = [];
  onReadBack: () => Promise<StartedRun[]> = async () => [];
  onStart: (request: StartRequest) => Promise<readonly string[]> = async ({ executeIds }) => executeIds;
  onRecord: (records: readonly RunRecord[]) => Promise<void> = async () => undefined;

  async start(request: StartRequest): Promise<StartedRun[]> {
    this.starts.push(request);
    this.signal.changed();
    return (await this.onStart(request)).map((id) => runOf(id, this.own));
  }
  async record(records: readonly RunRecord[]): Promise<RecordedState[]> {
    this.batches.push([...records]);
    this.signal.changed();
    await this.onRecord(records);
    this.written.push(...records);
    this.signal.changed();
    return records.map(({ executeId, jobId, settlement: { state, endedAt } }) => ({
      executeId,
      jobId,
      state,
      endedAt,
    }));
  }
  async findStarted(_nodeId: string, token: string): Promise<StartedRun[]> {
    this.readBacks.push(token);
    this.signal.changed();
    return this.onReadBack();
  }
  async findOverdue(dueBefore: number, limit: number): Promise<string[]> {
    this.overdueAsked.push([dueBefore, limit]);
    return this.overdue;
  }
  async findRunning(): Promise<RunningRow[]> {
    return this.running;
  }
  async findLost(runs: readonly RunKey[]): Promise<string[]> {
    this.lostAsked.push(runs.map((run) => `${run.executeId}/${run.epoch}`));
    return this.lost;
  }
  async giveBack(rows: readonly RunningRow[]): Promise<void> {
    this.givenBack.push(...rows.map((row) => `${row.executeId}/${row.epoch}`));
  }
}

export class RecordingPublisher extends MessagePublisher {
  readonly statuses: StatusMessage[] = [];
  isDown = false;
  async publish(_topic: Topic, messages: readonly object[]): Promise<void> {
    if (this.isDown) throw new Error('no broker');
    this.statuses.push(...(messages as StatusMessage[]));
  }
}

/** Runs until the test ends the attempt, or until it is aborted. */
export class ManualExecutor extends Executor {
  readonly attempts: AttemptRequest[] = [];
  /** Why attempts were aborted. */
  readonly reasons: unknown[] = [];
  private readonly ends = new Map<string, Deferred<Outcome>>();

  constructor(private readonly signal: Signal) {
    super();
  }

  run(attempt: AttemptRequest, signal: AbortSignal): Promise<Outcome> {
    this.attempts.push(attempt);
    const end = new Deferred<Outcome>();
    this.ends.set(attempt.executeId, end);
    const onAbort = (): void => {
      this.reasons.push(signal.reason);
      end.resolve({ kind: 'interrupted', error: 'aborted' });
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    this.signal.changed();
    return end.promise;
  }

  get ids(): string[] {
    return this.attempts.map((attempt) => attempt.executeId);
  }

  end(executeId: string, outcome: Outcome | Error = SUCCEEDED): void {
    const end = this.ends.get(executeId);
    if (outcome instanceof Error) end?.reject(outcome);
    else end?.resolve(outcome);
  }
}

export const nodeOf = (capacity: number): NodeIdentity =>
  new NodeIdentity('management-1', 'host/1', 'management', capacity);
/** Time that passes when told. */
export class MovedTime {
  private passedMs = 0;
  readonly clock = new NodeClock({ wall: () => NOW + this.passedMs, monotonic: () => this.passedMs });
  pass(ms: number): void {
    this.passedMs += ms;
  }
}
/** Stands still. */
export const stillClock = (): NodeClock => new NodeClock({ wall: () => NOW, monotonic: () => 0 });
