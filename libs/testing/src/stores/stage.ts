import { randomUUID } from 'node:crypto';
import {
  blankExecution,
  type Execution,
  type Job,
  type JobMode,
  type Outcome,
  planSlots,
  type PolicyDefaults,
  type PolicySettings,
  resolvePolicy,
  scheduleOf,
  settleAttempt,
} from '@ecron/domain';
import { type RecordedState, type RunRecord, type StartedRun } from '@ecron/execution';
import {
  type Claim,
  type ClaimRequest,
  type DueJob,
  type HeldRow,
  type TakeRequest,
} from '@ecron/scheduling';
import { FakeClock } from '../fake-clock.js';
import { ALL, EDITOR, jobOf, SOMEBODY, T0 } from './fixtures.js';
import { type OpenStores, STORE_DEFAULTS, type StoresUnderTest } from './stores-under-test.js';

/** How far ahead slots are written. */
const HORIZON_MS = 5_300;

/** A fresh set of stores, and the steps that tests take on it; every step happens at the clock's instant. */
export class Stage {
  private constructor(
    readonly stores: StoresUnderTest,
    readonly clock: FakeClock,
  ) {}

  static async open(open: OpenStores, defaults?: PolicyDefaults): Promise<Stage> {
    const clock = new FakeClock(T0);
    return new Stage(await open(clock, defaults), clock);
  }

  close(): Promise<void> {
    return this.stores.close();
  }

  get now(): number {
    return this.clock.now();
  }

  async addJob(own: Partial<Job> = {}): Promise<Job> {
    const job = jobOf(own, this.now);
    await this.stores.jobs.insert(job, SOMEBODY);
    return job;
  }

  async findJob({ jobId }: Job): Promise<Job | undefined> {
    return (await this.stores.jobs.findByIds(ALL, [jobId]))[0];
  }

  /** An edit that must go through. */
  async edit(job: Job, changes: Partial<Job>): Promise<Job> {
    const result = await this.stores.jobs.edit(
      ALL,
      [job.jobId],
      (current) => ({ ...current, ...changes }),
      EDITOR,
    );
    const [edited] = result.kind === 'edited' ? result.jobs : [];
    if (edited === undefined) throw new Error(`not edited: ${result.kind}`);
    return edited;
  }

  claim(own: Partial<ClaimRequest> = {}): Promise<Claim> {
    const until = own.until ?? this.now + HORIZON_MS;
    const request = { now: this.now, until, limit: 200, holder: 'analysis-1', room: 1_000 };
    return this.stores.claims.claimDue({
      ...request,
      plan: (job) => plan(job, this.now, until),
      next: (job, after) => scheduleOf(job).next(after),
      ...own,
    });
  }

  take(own: Partial<TakeRequest> = {}): Promise<HeldRow[]> {
    const request = {
      holder: 'analysis-1',
      lapsed: [],
      until: this.now + HORIZON_MS,
      now: this.now,
      limit: 1_000,
    };
    return this.stores.waiting.takeUnheld({ ...request, judgeLate: () => 'run', ...own });
  }

  start(executeIds: readonly string[], nodeId = 'management-1'): Promise<StartedRun[]> {
    return this.stores.runs.start({ executeIds, nodeId, token: randomUUID(), now: this.now });
  }

  /** Starts a row that must be won. */
  async startOne(executeId: string, nodeId?: string): Promise<StartedRun> {
    const [run] = await this.start([executeId], nodeId);
    if (run === undefined) throw new Error(`not started: ${executeId}`);
    return run;
  }

  /** Claims the job's next slot, waits for it and starts it. */
  async runSlot(job: Job): Promise<StartedRun> {
    return this.startOne(await this.claimSlot(job));
  }

  /** Claims the job's next slot and waits for it. */
  async claimSlot(job: Job): Promise<string> {
    const slotAt = (await this.findJob(job))?.nextSlotAt ?? this.now;
    this.clock.set(Math.max(this.now, slotAt));
    await this.claim();
    const rows = await this.executionsOf(job);
    const row = rows.find((r) => r.slotAt === slotAt);
    if (row === undefined) throw new Error('the slot has no row');
    return row.executeId;
  }

  /** Asks for a run of a stored job; the row is due at once. */
  async request(job: Job, own: Partial<Execution> = {}): Promise<string> {
    const owner = { jobId: job.jobId, jobVersion: job.version, tenantId: job.tenantId, jobName: job.name };
    return this.insert({ ...owner, jobType: job.type, ...own });
  }

  async insert(own: Partial<Execution>): Promise<string> {
    const nobodys = { jobId: '', jobVersion: 0, tenantId: 'tenant-a', jobName: '', jobType: '' as const };
    const request = { executeId: randomUUID(), trigger: 'request' as const, maxAttempts: 3 };
    const execution: Execution = { ...blankExecution(this.now), ...nobodys, ...request, ...own };
    await this.stores.executions.insertRequest(execution, SOMEBODY);
    return execution.executeId;
  }

  async record(run: StartedRun, outcome: Outcome): Promise<RecordedState[]> {
    return this.stores.runs.record([this.toRecord(run, outcome)]);
  }

  /** What a node would write; retries without jitter. */
  toRecord(run: StartedRun, outcome: Outcome): RunRecord {
    const settings: PolicySettings = { ...run.policy, retry: { ...run.policy.retry, jitter: false } };
    const policy = resolvePolicy(settings, run.context.mode, STORE_DEFAULTS);
    const attempt = { ...run, nodeId: 'management-1' };
    const settlement = settleAttempt(attempt, outcome, policy, this.now, 0);
    const { executeId, jobId, epoch, attempts } = run;
    const maxAttempts = policy.retry.maxAttempts;
    return {
      executeId,
      jobId,
      epoch,
      attempt: run.attempt,
      maxAttempts,
      attempts: [...attempts, settlement.entry],
      settlement,
    };
  }

  /** As any reader sees it. */
  async execution(executeId: string): Promise<Execution> {
    const found = await this.stores.executions.find(ALL, executeId);
    if (found === null) throw new Error(`no execution ${executeId}`);
    return found;
  }

  /** Oldest first. */
  async executionsOf({ jobId }: Pick<Job, 'jobId'>): Promise<Execution[]> {
    return (await this.stores.executions.list(ALL, { jobId, limit: 1_000 })).reverse();
  }

  /** Which executions have their jobs to themselves. */
  activeRows(): Promise<Record<string, unknown>[]> {
    return this.stores.query('SELECT job_id, execute_id FROM ecron_job_active', []);
  }

  /** The row itself, though its job may be deleted. */
  async row(executeId: string): Promise<Record<string, unknown> | undefined> {
    const rows = await this.stores.query('SELECT * FROM ecron_execution WHERE execute_id = ?', [executeId]);
    return rows[0];
  }
}

function plan(job: DueJob, now: number, until: number): ReturnType<ClaimRequest['plan']> {
  const { misfire, retry } = resolvePolicy(job.policy, job.mode satisfies JobMode, STORE_DEFAULTS);
  return {
    ...planSlots(scheduleOf(job), job.nextSlotAt, { now, until }, misfire),
    maxAttempts: retry.maxAttempts,
  };
}
