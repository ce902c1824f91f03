import { Injectable } from '@nestjs/common';
import { type Actor, Clock, type Execution, type Job } from '@ecron/domain';
import { v7 as newId } from 'uuid';
import { actorOf, type Caller, scopeOf } from '../caller.js';
import { refuse } from '../errors.js';
import { JobSettings } from '../job-settings.js';
import { requestMessage } from '../job/job-messages.js';
import { type JobInput } from '../job/job-input.js';
import { refuseCommands } from '../job/may-run-commands.js';
import { Doorbell } from '../ports/doorbell.js';
import { ExecutionStore } from '../ports/execution.store.js';
import { JobStore } from '../ports/job.store.js';
import { refuseQuota } from '../quota/refusals.js';
import { ring } from '../ring.js';
import { showRequested, showStatus, type StatusView } from '../status/show-status.js';
import { newRequest, readRequest, type RunRequest } from './read-request.js';

/** Runs that a caller asks for. The row is written first; the run follows at once, in the background. */
@Injectable()
export class RequestService {
  constructor(
    private readonly jobs: JobStore,
    private readonly executions: ExecutionStore,
    private readonly doorbell: Doorbell,
    private readonly clock: Clock,
    private readonly settings: JobSettings,
  ) {}

  /**
   * A `job_id` alone runs the stored job; with a context of its own the request runs that, and a job that is not
   * the caller's stays untouched: the run is then nobody's but the caller's. An `execute_id` that exists answers
   * its status and starts nothing.
   */
  async request(caller: Caller, input: JobInput): Promise<StatusView> {
    const request = readRequest(input, this.settings);
    refuseCommands(caller, request.context, this.settings);
    const job = await this.findJob(caller, request);
    const origin = {
      executeId: request.executeId ?? newId(),
      tenantId: job?.tenantId ?? caller.clientId,
      job,
      ...(caller.traceparent !== undefined && { traceparent: caller.traceparent }),
    };
    const execution = newRequest(request, origin, this.settings, this.clock.now());
    const answer = { ...showRequested(execution, this.settings), job_id: request.jobId };
    return this.store(execution, answer, actorOf(caller));
  }

  private async store(execution: Execution, answer: StatusView, by: Actor): Promise<StatusView> {
    const outcome = await this.executions.insertRequest(execution, by);
    switch (outcome.kind) {
      case 'stored':
        await ring(() =>
          this.doorbell.executionRequested(requestMessage(execution.jobId, execution.executeId)),
        );
        return answer;
      case 'exists':
        return showStatus(outcome.execution, this.settings);
      case 'foreign':
        throw refuse.executeIdTaken();
      case 'too many':
        throw refuse.tooManyWaiting();
      case 'too often':
        throw refuseQuota.requests(outcome.until, this.clock.now());
    }
  }

  private async findJob(caller: Caller, request: RunRequest): Promise<Job | null> {
    if (request.jobId === '') return null;
    const [job] = await this.jobs.findByIds(scopeOf(caller), [request.jobId]);
    if (job === undefined && request.context === null) throw refuse.unknownJob();
    return job ?? null;
  }
}
