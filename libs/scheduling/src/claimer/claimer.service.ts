import { planSlots, POLICY_DEFAULTS, type PolicyDefaults, resolvePolicy, type SlotPlan } from '@ecron/domain';
import { NodeClock, NodeIdentity } from '@ecron/nodes';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Coalesced } from '../coalesced.js';
import { Dispatcher } from '../dispatcher/dispatcher.service.js';
import { HORIZON_MS } from '../horizon.js';
import { ClaimStore, type DueJob } from '../ports/claim.store.js';
import { ScheduleCache } from './schedule-cache.js';

const TICK_MS = 250;
/** Few enough that the pen is free again within some 10 ms. */
const JOBS_PER_CLAIM = 200;

/**
 * Takes jobs whose next slot lies within the horizon, whoever created them, and turns their slots into rows.
 * Any number of nodes may do so at once.
 */
@Injectable()
export class Claimer {
  private readonly logger = new Logger('Claimer');
  private readonly schedules = new ScheduleCache();
  private readonly claims = new Coalesced(
    () => this.claimAll(),
    (error) => this.recover(error),
  );

  constructor(
    private readonly store: ClaimStore,
    private readonly dispatcher: Dispatcher,
    private readonly clock: NodeClock,
    private readonly node: NodeIdentity,
    @Inject(POLICY_DEFAULTS) private readonly defaults: PolicyDefaults,
  ) {}

  /** Also rung when a job changes. Resolves when everything due by then has been claimed. */
  @Interval(TICK_MS)
  claim(): Promise<void> {
    return this.claims.ring();
  }

  stop(): Promise<void> {
    return this.claims.stop();
  }

  private async claimAll(): Promise<void> {
    for (let more = true; more && !this.clock.isSuspended;) {
      const now = this.clock.now();
      const until = now + HORIZON_MS;
      more = (await this.store.isAnyDue(until)) && (await this.claimSome(now, until)) === JOBS_PER_CLAIM;
    }
  }

  private async claimSome(now: number, until: number): Promise<number> {
    const { jobs, held } = await this.store.claimDue({
      now,
      until,
      limit: JOBS_PER_CLAIM,
      holder: this.node.nodeId,
      room: this.dispatcher.room,
      plan: (job) => this.plan(job, now, until),
      next: (job, after) => this.schedules.get(job).next(after),
    });
    this.dispatcher.hold(held);
    return jobs;
  }

  private plan(job: DueJob, now: number, until: number): SlotPlan & { maxAttempts: number } {
    const policy = resolvePolicy(job.policy, job.mode, this.defaults);
    const maxAttempts = policy.retry.maxAttempts;
    try {
      const schedule = this.schedules.get(job);
      return { ...planSlots(schedule, job.nextSlotAt, { now, until }, policy.misfire), maxAttempts };
    } catch (error) {
      // A row that no edit of ours can have written must not keep all other jobs from firing.
      this.logger.error({
        event: 'claim.schedule_unreadable',
        job_id: job.jobId,
        msg: `job ${job.jobId} has a schedule that cannot be read, it stops: ${String(error)}`,
      });
      return { rows: [], nextSlotAt: null, maxAttempts };
    }
  }

  private async recover(error: Error): Promise<void> {
    this.logger.error({ event: 'claim.failed', msg: `claim failed, tried again: ${error.message}` });
    await this.dispatcher.reload().catch(() => undefined);
  }
}
