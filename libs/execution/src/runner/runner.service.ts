import {
  isGivenBack,
  type Outcome,
  type Policy,
  POLICY_DEFAULTS,
  type PolicyDefaults,
  resolvePolicy,
  Sealer,
  settleAttempt,
  type Settlement,
  settleNodeLost,
  settleShutdown,
  START_AHEAD_MS,
} from '@ecron/domain';
import { CUT_AFTER_MS, FENCE_AFTER_MS, Heartbeat, NodeClock, NodeIdentity } from '@ecron/nodes';
import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { setImmediate as soon } from 'node:timers';
import { setImmediate as turn } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import { executorModeOf } from '../executor/executor-mode.js';
import { GIVEN_UP } from '../executor/executor.js';
import { ExecutorRegistry } from '../executor/executor-registry.js';
import { AttemptTracer } from '../ports/attempt-tracer.js';
import { type RunKey, type RunRecord, RunStore, type StartedRun } from '../ports/run.store.js';
import { Recorder } from '../recorder/recorder.service.js';
import { carryOut, toAttempt } from './attempt-pipeline.js';
import { Intake } from './intake.js';
import { SlotGate } from './slot-gate.js';

/** Rows to one start; powers of two keep the statements prepared. A small first one is under way soonest. */
const FIRST_START = 16;
const MAX_START = 256;
/** What is due goes out before answers are read: after a few, that are under way soonest, some 40 ms of them at a time. */
const FIRST_LAUNCHES = 64;
const LAUNCHES_PER_TURN = 1_024;
/** While one is written the next ones stand in line, so that no record comes between them. */
const MAX_STARTS = 3;
/** What a dispatch says to be due later than this is not waited for. */
const MOST_AHEAD_MS = START_AHEAD_MS + 1_000;
/** After a start that failed, and between tries to learn its outcome, the database gets this long to come back. */
const START_RETRY_MS = 500;

interface Running {
  run: StartedRun;
  policy: Policy;
  abort: AbortController;
  /** Why its work was cut though nobody wants it cancelled. */
  givenUp: 'shutdown' | 'node lost' | null;
}

/** DI token of a {@link CallbackAddress}. */
export const CALLBACK_ADDRESS = Symbol('CALLBACK_ADDRESS');
/** Where the target of an execution may report its result: `{webhook}/{execute_id}`, with the key where one is needed. */
export type CallbackAddress = (executeId: string) => string;

/**
 * Runs executions: starts what is offered as far as there are free places, carries each attempt out, and records
 * how it ended. A run keeps its place until its record is durable. A node whose heartbeat has not been written for
 * half its lease starts nothing.
 */
@Injectable()
export class Runner {
  private readonly logger = new Logger('Runner');
  private readonly intake = new Intake(() => this.free > 0);
  private readonly running = new Map<string, Running>();
  /** Won, to be launched in turn. */
  private readonly taken: Running[] = [];
  private readonly gate = new SlotGate<Running>(
    () => this.clock.now(),
    (ready) => {
      this.taken.push(...ready);
      void this.launchTaken();
    },
  );
  private isLaunching = false;
  private starting = 0;
  private starts = 0;
  private soon: NodeJS.Immediate | undefined;
  private stopped = false;
  private isAborting = false;
  private onIdle: (() => void) | null = null;

  constructor(
    private readonly store: RunStore,
    private readonly recorder: Recorder,
    private readonly executors: ExecutorRegistry,
    private readonly clock: NodeClock,
    private readonly node: NodeIdentity,
    private readonly heartbeat: Heartbeat,
    @Inject(POLICY_DEFAULTS) private readonly defaults: PolicyDefaults,
    @Inject(CALLBACK_ADDRESS) private readonly callbackAddress: CallbackAddress,
    private readonly sealer: Sealer,
    @Optional() @Inject(AttemptTracer) private readonly tracer: AttemptTracer | null = null,
  ) {
    heartbeat.freeCapacity = () => this.free;
  }

  get free(): number {
    return this.isClosed ? 0 : this.node.capacity - this.running.size - this.starting;
  }

  /**
   * Resolves when each row is durably started, or declined; what is running here already is neither. What was offered
   * ahead of its time and could not be started then is tried once more at that time.
   */
  async offer(executeIds: readonly string[], dueAt = 0): Promise<void> {
    if (this.isClosed) return;
    const aheadMs = dueAt - this.clock.now();
    const offered = this.intake.offer(executeIds.filter((id) => !this.running.has(id)));
    this.startSoon();
    await offered;
    if (aheadMs > 0 && aheadMs <= MOST_AHEAD_MS) this.offerAgain(executeIds, dueAt);
  }

  private offerAgain(executeIds: readonly string[], dueAt: number): void {
    const left = executeIds.filter((id) => !this.running.has(id));
    if (left.length > 0)
      setTimeout(() => void this.offer(left, dueAt), Math.max(dueAt - this.clock.now(), 0));
  }

  isRunning(executeId: string, epoch: number): boolean {
    return this.running.get(executeId)?.run.epoch === epoch;
  }

  /** Its start is under way, or of an outcome that is being looked up. */
  isStarting(executeId: string): boolean {
    return this.intake.isTaken(executeId);
  }

  /** What runs here, or is being recorded. */
  get runs(): RunKey[] {
    return [...this.running.values()].map(({ run }) => run);
  }

  /** Stops the work of a run; it is recorded when the work has really ended. */
  abort(executeId: string): void {
    this.running.get(executeId)?.abort.abort();
  }

  /** Stops the work of runs that are someone else's by now. */
  lose(executeIds: readonly string[]): void {
    for (const id of executeIds) {
      const running = this.running.get(id);
      if (running !== undefined) giveUp(running, 'node lost');
    }
  }

  /** Stops what others will try again when this node's lease is over. */
  loseRetried(): void {
    for (const running of this.running.values()) {
      if (this.settleLost(running).state === 'waiting') giveUp(running, 'node lost');
    }
  }

  /**
   * Takes nothing more, lets runs finish for `graceMs`, aborts the rest and waits for their records. What lives on
   * without this node is given to others at once.
   */
  async stop(graceMs: number): Promise<void> {
    this.stopped = true;
    this.intake.declineAll();
    for (const running of this.running.values()) {
      if (running.policy.nodeLost === 're-attach') giveUp(running, 'shutdown');
    }
    const timer = setTimeout(() => this.abortAll(), graceMs);
    await new Promise<void>((resolve) => {
      this.onIdle = resolve;
      this.tellIfIdle();
    });
    clearTimeout(timer);
  }

  private abortAll(): void {
    this.isAborting = true;
    for (const running of this.running.values()) giveUp(running, 'shutdown');
  }

  private get isClosed(): boolean {
    return this.stopped || this.heartbeat.ageMs >= FENCE_AFTER_MS;
  }

  /** Runs end in batches, as their records do: their places are given away together. */
  private startSoon(): void {
    this.soon ??= soon(() => {
      this.soon = undefined;
      for (let n = this.starts; n < MAX_STARTS; n++) void this.startSome();
    });
  }

  private async startSome(): Promise<void> {
    if (this.starts >= MAX_STARTS) return;
    this.starts++;
    for (let ids = this.takeSome(); ids.length > 0; ids = this.takeSome()) {
      await this.start(ids);
    }
    this.starts--;
    this.tellIfIdle();
  }

  private takeSome(): string[] {
    const size = Math.min(MAX_START, Math.max(FIRST_START, 4 * this.starting));
    return this.intake.take(Math.max(0, Math.min(this.free, size)));
  }

  private async start(executeIds: string[]): Promise<void> {
    this.starting += executeIds.length;
    const runs = await this.win(executeIds);
    this.starting -= executeIds.length;
    for (const run of runs) this.take(run);
    this.intake.settle(executeIds);
    void this.launchTaken();
  }

  /** What the store lets this node run. */
  private async win(executeIds: string[]): Promise<StartedRun[]> {
    const request = { executeIds, nodeId: this.node.nodeId, token: uuid(), now: this.clock.now() };
    try {
      return await this.store.start(request);
    } catch (error) {
      this.logger.error({
        event: 'start.failed',
        msg: `start failed, what it has won is looked up: ${(error as Error).message}`,
      });
      return this.readBack(request);
    }
  }

  /** A start that failed may have won its rows all the same: nothing else is done with them before that is known. */
  private async readBack({ nodeId, token }: { nodeId: string; token: string }): Promise<StartedRun[]> {
    while (!this.stopped) {
      await new Promise((resolve) => setTimeout(resolve, START_RETRY_MS));
      const runs = await this.store.findStarted(nodeId, token).catch(() => null);
      if (runs !== null) return runs;
    }
    return [];
  }

  private take(run: StartedRun): void {
    const policy = resolvePolicy(run.policy, executorModeOf(run.context), this.defaults);
    const running: Running = { run, policy, abort: new AbortController(), givenUp: null };
    this.running.set(run.executeId, running);
    // A start that was under way when the grace ended brings nothing that may still run.
    if (this.isAborting || (this.stopped && policy.nodeLost === 're-attach')) giveUp(running, 'shutdown');
    if (!this.gate.keep(run.startedAt, running)) this.taken.push(running);
  }

  /** A bounded number at a time, so that nothing else waits for long. */
  private async launchTaken(): Promise<void> {
    if (this.isLaunching) return;
    this.isLaunching = true;
    for (let count = FIRST_LAUNCHES; this.taken.length > 0; count = LAUNCHES_PER_TURN) {
      for (const running of this.taken.splice(0, count)) this.launch(running);
      await turn();
    }
    this.isLaunching = false;
  }

  private launch(running: Running): void {
    // An answer that came this late may be about a row that others try again.
    if (this.heartbeat.ageMs >= CUT_AFTER_MS) giveUp(running, 'node lost');
    void this.carry(running).finally(() => {
      this.running.delete(running.run.executeId);
      this.startSoon();
    });
  }

  private async carry(running: Running): Promise<void> {
    const { run, policy, abort } = running;
    const executor = this.executors.find(executorModeOf(run.context));
    const trace = this.tracer?.begin(run);
    const attempt = toAttempt(run, policy, this.callbackAddress(run.executeId), trace?.traceparent);
    const outcome = await carryOut(executor, this.sealer, attempt, abort.signal, (error) =>
      this.logger.error({
        event: 'executor.defect',
        execute_id: run.executeId,
        msg: `defect in the executor of ${run.context.mode}: ${String(error)}`,
      }),
    );
    trace?.end(outcome);
    await this.recorder.write(this.toRecord(running, outcome));
  }

  private toRecord(running: Running, outcome: Outcome): RunRecord {
    const { run, policy } = running;
    const settlement = this.settle(running, outcome);
    return {
      executeId: run.executeId,
      jobId: run.jobId,
      epoch: run.epoch,
      attempt: isGivenBack(settlement) ? run.attempt - 1 : run.attempt,
      maxAttempts: policy.retry.maxAttempts,
      attempts: [...run.attempts, settlement.entry],
      settlement,
    };
  }

  private settle(running: Running, outcome: Outcome): Settlement {
    const { run, policy, givenUp } = running;
    const [now, attempt] = [this.clock.now(), { ...run, nodeId: this.node.nodeId }];
    if (givenUp === null || outcome.kind !== 'interrupted')
      return settleAttempt(attempt, outcome, policy, now, Math.random());
    return givenUp === 'shutdown' ? settleShutdown(attempt, policy, now) : this.settleLost(running);
  }

  /** As others will settle it who take this node for dead. */
  private settleLost({ run, policy }: Running): Settlement {
    const attempt = { ...run, nodeId: this.node.nodeId };
    return settleNodeLost(attempt, policy, this.clock.now());
  }

  private tellIfIdle(): void {
    if (this.stopped && this.running.size === 0 && this.starting === 0) this.onIdle?.();
  }
}

function giveUp(running: Running, why: 'shutdown' | 'node lost'): void {
  running.givenUp ??= why;
  running.abort.abort(GIVEN_UP);
}
