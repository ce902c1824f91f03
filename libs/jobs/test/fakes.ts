import {
  Clock,
  type Execution,
  isFinal,
  isSealed,
  type Job,
  JOB_MODES,
  NoSealingKeyError,
  SEALED_PREFIX,
  Sealer,
  type SecretPlace,
  type StatusMessage,
  type TenantScope,
  UnopenableSecretError,
} from '@ecron/domain';
import { type Caller } from '../src/caller.js';
import { JobService } from '../src/job/job.service.js';
import { JobSettings } from '../src/job-settings.js';
import { type ContextInput, type JobInput } from '../src/job/job-input.js';
import { Doorbell, type JobMessage, type JobMessageData } from '../src/ports/doorbell.js';
import {
  type CallbackResult,
  type CancelResult,
  ExecutionStore,
  type RequestResult,
} from '../src/ports/execution.store.js';
import { RequestService } from '../src/request/request.service.js';
import { type EditResult, type JobChange, type JobFilter, JobStore } from '../src/ports/job.store.js';

export const NOW = Date.parse('2026-11-24T01:00:00.250Z');

/** Sealed texts name the place and hold the secret reversed; without a key it seals nothing. */
export class FakeSealer extends Sealer {
  canSeal = true;

  seal(plain: string, { tenantId, field }: SecretPlace): string {
    if (!this.canSeal) throw new NoSealingKeyError();
    return `${SEALED_PREFIX}${tenantId}:${field}:${[...plain].reverse().join('')}`;
  }

  open(stored: string, { tenantId, field }: SecretPlace): string {
    if (!isSealed(stored)) return stored;
    const head = `${SEALED_PREFIX}${tenantId}:${field}:`;
    if (!stored.startsWith(head)) throw new UnopenableSecretError('sealed elsewhere');
    return [...stored.slice(head.length)].reverse().join('');
  }

  isCurrent(stored: string): boolean {
    return isSealed(stored);
  }
}

export const SETTINGS: JobSettings = {
  timeZone: 'UTC',
  policyDefaults: { maxAttempts: 3, completion: 'auto' },
  modes: { names: JOB_MODES, readOptions: () => null, findFault: () => null },
  sealer: new FakeSealer(),
  serviceId: 'the-service',
  commandTenants: ['tenant-a'],
};

export const ALICE: Caller = { userId: 'alice', clientId: 'tenant-a', isAdmin: false, requestId: 'call-1' };
export const BOB: Caller = { userId: 'bob', clientId: 'tenant-b', isAdmin: false, requestId: 'call-2' };
export const ADMIN: Caller = { userId: 'root', clientId: 'tenant-r', isAdmin: true, requestId: 'call-3' };

/** A job that passes every check, with changes. */
export function jobInput(changes: JobInput = {}, context: ContextInput = {}): JobInput {
  return {
    job_name: 'n',
    job_cron_time: '0 0 9 * * ?',
    job_type: 'scheduled',
    enabled: true,
    job_context: { mode: 'http', exec: 'http://target.test/', ...context },
    ...changes,
  };
}

export class FixedClock extends Clock {
  at = NOW;

  now(): number {
    return this.at;
  }
}

function sees(scope: TenantScope, tenantId: string): boolean {
  return 'allTenants' in scope || scope.tenantId === tenantId;
}

export class FakeJobStore extends JobStore {
  readonly jobs = new Map<string, Job>();

  async insert(job: Job): Promise<'stored' | 'name taken'> {
    if (this.isTaken(job)) return 'name taken';
    this.jobs.set(job.jobId, job);
    return 'stored';
  }

  async findByIds(scope: TenantScope, ids: readonly string[]): Promise<Job[]> {
    const found = ids.map((id) => this.jobs.get(id)).filter((job) => job !== undefined);
    return found.filter((job) => sees(scope, job.tenantId));
  }

  async list(scope: TenantScope, filter: JobFilter): Promise<Job[]> {
    const visible = [...this.jobs.values()].filter((job) => sees(scope, job.tenantId));
    return visible.slice(filter.offset, filter.offset + filter.limit);
  }

  async count(): Promise<number> {
    return this.jobs.size;
  }

  async edit(scope: TenantScope, ids: readonly string[], change: JobChange): Promise<EditResult> {
    const found = await this.findByIds(scope, ids);
    if (found.length < ids.length) return { kind: 'unknown' };
    const jobs = found.map(change);
    if (jobs.some((job) => this.isTaken(job))) return { kind: 'name taken' };
    for (const job of jobs) this.jobs.set(job.jobId, job);
    return { kind: 'edited', jobs };
  }

  async remove(scope: TenantScope, ids: readonly string[]): Promise<string[]> {
    const found = await this.findByIds(scope, ids);
    for (const job of found) this.jobs.delete(job.jobId);
    return found.map((job) => job.jobId);
  }

  private isTaken(job: Job): boolean {
    const others = [...this.jobs.values()].filter((other) => other.jobId !== job.jobId);
    return others.some((other) => other.tenantId === job.tenantId && other.name === job.name);
  }
}

export class FakeExecutionStore extends ExecutionStore {
  readonly executions = new Map<string, Execution>();

  async find(scope: TenantScope, executeId: string): Promise<Execution | null> {
    const found = this.executions.get(executeId);
    return found !== undefined && sees(scope, found.tenantId) ? found : null;
  }

  async list(): Promise<Execution[]> {
    return [...this.executions.values()];
  }

  async listStatuses(): Promise<Execution[]> {
    return [...this.executions.values()];
  }

  async insertRequest(execution: Execution): Promise<RequestResult> {
    const known = this.executions.get(execution.executeId);
    if (known === undefined) this.executions.set(execution.executeId, execution);
    if (known === undefined) return { kind: 'stored' };
    return known.tenantId === execution.tenantId ? { kind: 'exists', execution: known } : { kind: 'foreign' };
  }

  async completeByCallback(scope: TenantScope, executeId: string, result: string): Promise<CallbackResult> {
    const found = await this.find(scope, executeId);
    if (found === null) return 'unknown';
    if (found.state === 'succeeded') return 'already final';
    this.executions.set(executeId, { ...found, state: 'succeeded', result, endedAt: NOW });
    return 'ended';
  }

  async cancel(scope: TenantScope, executeId: string, note: string): Promise<CancelResult> {
    const found = await this.find(scope, executeId);
    if (found === null) return 'unknown';
    if (isFinal(found.state)) return 'already final';
    if (found.state === 'running') return 'marked';
    const ended = { state: 'interrupted', reason: 'cancelled', error: note, endedAt: NOW } as const;
    this.executions.set(executeId, { ...found, ...ended });
    return 'ended';
  }

  async report(): Promise<string[]> {
    return [];
  }
}

/** Remembers what was sent; or fails, as a broker that is away. */
export class FakeDoorbell extends Doorbell {
  readonly jobMessages: JobMessage[] = [];
  readonly requests: JobMessageData[] = [];
  readonly ends: StatusMessage[] = [];
  isBroken = false;

  async jobChanged(message: JobMessage): Promise<void> {
    this.refuseIfBroken();
    this.jobMessages.push(message);
  }

  async executionRequested(data: JobMessageData): Promise<void> {
    this.refuseIfBroken();
    this.requests.push(data);
  }

  async executionEnded(message: StatusMessage): Promise<void> {
    this.refuseIfBroken();
    this.ends.push(message);
  }

  private refuseIfBroken(): void {
    if (this.isBroken) throw new Error('no broker');
  }
}

/** What jobs and requests come in by, over fakes of all that it needs. */
export function openServices() {
  const [jobs, executions] = [new FakeJobStore(), new FakeExecutionStore()];
  const [doorbell, clock] = [new FakeDoorbell(), new FixedClock()];
  return {
    ...{ jobs, executions, doorbell, clock },
    service: new JobService(jobs, doorbell, clock, SETTINGS),
    requests: new RequestService(jobs, executions, doorbell, clock, SETTINGS),
  };
}
