import { Injectable } from '@nestjs/common';
import { type Caller, scopeOf } from '../caller.js';
import { refuse } from '../errors.js';
import { JobSettings } from '../job-settings.js';
import { type Optional } from '../job/job-input.js';
import { ExecutionStore } from '../ports/execution.store.js';
import { JobStore } from '../ports/job.store.js';
import { showStatus, type StatusView } from './show-status.js';
import { readReports, type StatusInput } from './status-input.js';
import { readStatusFilter, readStatusTimes, refuseNoFilter, type StatusQuery } from './status-query.js';

/** Executions as old clients see and report them. */
@Injectable()
export class StatusService {
  constructor(
    private readonly jobs: JobStore,
    private readonly executions: ExecutionStore,
    private readonly settings: JobSettings,
  ) {}

  /** Newest begin first. Checks in the old order: a filter at all, times, the job, type, status. */
  async list(caller: Caller, query: StatusQuery): Promise<StatusView[]> {
    refuseNoFilter(query);
    const times = readStatusTimes(query);
    if (query.job_id) await this.requireJob(caller, query.job_id);
    const found = await this.executions.listStatuses(scopeOf(caller), readStatusFilter(query, times));
    return found.map((execution) => showStatus(execution, this.settings));
  }

  /** Takes over what outsiders ran. Returns the job ids of the items that were refused. */
  async report(caller: Caller, items: Optional<readonly StatusInput[]>): Promise<string[]> {
    return this.executions.report(scopeOf(caller), caller.clientId, readReports(items));
  }

  private async requireJob(caller: Caller, jobId: string): Promise<void> {
    const [job] = await this.jobs.findByIds(scopeOf(caller), [jobId]);
    if (job === undefined) throw refuse.unknownJob();
  }
}
