import {
  type Outcome,
  type Policy,
  POLICY_DEFAULTS,
  type PolicyDefaults,
  resolvePolicy,
  settleAttempt,
  settleShutdown,
} from '@ecron/domain';
import { Heartbeat, NodeClock, NodeIdentity } from '@ecron/nodes';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { setImmediate as soon } from 'node:timers';
import { setImmediate as turn } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import { ExecutorRegistry } from '../executor/executor-registry.js';
import { type RunRecord, RunStore, type StartedRun } from '../ports/run.store.js';
import { Recorder } from '../recorder/recorder.service.js';
import { carryOut, toAttempt } from './attempt-pipeline.js';
import { Intake } from './intake.js';

/** Rows to one start; powers of two keep the statements prepared. A small first one is under way soonest. */
const FIRST_START = 16;
const MAX_START = 256;
/** What is due goes out before answers are read: some 10 ms of them at a time. */
const LAUNCHES_PER_TURN = 256;
/** While one is written the next ones stand in line, so that no record comes between them. */
const MAX_STARTS = 3;
/** After a start that failed, the database gets this long to come back. */
const START_RETRY_MS = 500;

interface Running {
  run: StartedRun;
  policy: Policy;
  abort: AbortController;
  isShutdown: boolean;
}

/** DI token of the path that targets report results to, `{webhook}` of the contract. */
export const WEBHOOK_PATH = Symbol('WEBHOOK_PATH');

/**
 * Runs executions: starts what is offered as far as there are free places, carries each attempt out, and records
 * how it ended. A run keeps its place until its record is durable.
 */
@Injectable()
export class Runner {
  private readonly logger = new Logger('Runner');
  private readonly intake = new Intake(() => this.free > 0);
  private readonly running = new Map<string, Running>();
  /** Won, to be launched in turn. */
  private readonly taken: Running[] = [];
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
    heartbeat: Heartbeat,
    @Inject(POLICY_DEFAULTS) private readonly defaults: PolicyDefaults,
    @Inject(WEBHOOK_PATH) private readonly webhook: string,
  ) {
    heartbeat.freeCapacity = () => this.free;
  }

  get free(): number {
    return this.stopped ? 0 : this.node.capacity - this.running.size - this.starting;
  }

  /** Resolves when each row is durably started, or declined; what is running here already is neither. */
  offer(executeIds: readonly string[]): Promise<void> {
    if (this.stopped) return Promise.resolve();
    const offered = this.intake.offer(executeIds.filter((id) => !this.running.has(id)));
    this.startSoon();
    return offered;
  }

  isRunning(executeId: string, epoch: number): boolean {
    return this.running.get(executeId)?.run.epoch === epoch;
  }

  /** Stops the work of a run; it is recorded when the work has really ended. */
  abort(executeId: string): void {
    this.running.get(executeId)?.abort.abort();
  }

  /** Takes nothing more, lets runs finish for `graceMs`, aborts the rest and waits for their records. */
  async stop(graceMs: number): Promise<void> {
    this.stopped = true;
    this.intake.declineAll();
    const timer = setTimeout(() => this.abortAll(), graceMs);
    await new Promise<void>((resolve) => {
      this.onIdle = resolve;
      this.tellIfIdle();
    });
    clearTimeout(timer);
  }

  private abortAll(): void {
    this.isAborting = true;
    for (const running of this.running.values()) giveUp(running);
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
    try {
      const request = { executeIds, nodeId: this.node.nodeId, token: uuid(), now: this.clock.now() };
      return await this.store.start(request);
    } catch (error) {
      this.logger.error(`start failed, the rows stay waiting: ${(error as Error).message}`);
      await new Promise((resolve) => setTimeout(resolve, START_RETRY_MS));
      return [];
    }
  }

  private take(run: StartedRun): void {
    const policy = resolvePolicy(run.policy, run.context.mode, this.defaults);
    const running = { run, policy, abort: new AbortController(), isShutdown: false };
    this.running.set(run.executeId, running);
    // A start that was under way when the grace ended brings nothing that may still run.
    if (this.isAborting) giveUp(running);
    this.taken.push(running);
  }

  /** A bounded number at a time, so that nothing else waits for long. */
  private async launchTaken(): Promise<void> {
    if (this.isLaunching) return;
    this.isLaunching = true;
    while (this.taken.length > 0) {
      for (const running of this.taken.splice(0, LAUNCHES_PER_TURN)) this.launch(running);
      await turn();
    }
    this.isLaunching = false;
  }

  private launch(running: Running): void {
    void this.carry(running).finally(() => {
      this.running.delete(running.run.executeId);
      this.startSoon();
    });
  }

  private async carry(running: Running): Promise<void> {
    const { run, policy, abort } = running;
    const executor = this.executors.find(run.context.mode);
    const outcome = await carryOut(executor, toAttempt(run, policy, this.webhook), abort.signal, (error) =>
      this.logger.error(`defect in the executor of ${run.context.mode}: ${String(error)}`),
    );
    await this.recorder.write(this.toRecord(running, outcome));
  }

  private toRecord({ run, policy, isShutdown }: Running, outcome: Outcome): RunRecord {
    const now = this.clock.now();
    const attempt = { ...run, nodeId: this.node.nodeId };
    const isGivenUp = isShutdown && outcome.kind === 'interrupted';
    const settlement = isGivenUp
      ? settleShutdown(attempt, run.context.mode, now)
      : settleAttempt(attempt, outcome, policy, now, Math.random());
    return {
      executeId: run.executeId,
      jobId: run.jobId,
      epoch: run.epoch,
      attempt: isGivenUp && settlement.state === 'waiting' ? run.attempt - 1 : run.attempt,
      maxAttempts: policy.retry.maxAttempts,
      attempts: [...run.attempts, settlement.entry],
      settlement,
    };
  }

  private tellIfIdle(): void {
    if (this.stopped && this.running.size === 0 && this.starting === 0) this.onIdle?.();
  }
}

function giveUp(running: Running): void {
  running.isShutdown = true;
  running.abort.abort();
}
