import { Injectable } from '@nestjs/common';
import { isFinal, statusMessage } from '@ecron/domain';
import { actorOf, type Caller, scopeOf } from '../caller.js';
import { refuse } from '../errors.js';
import { JobSettings } from '../job-settings.js';
import { type Optional } from '../job/job-input.js';
import { parseStored } from '../json-text.js';
import { Doorbell } from '../ports/doorbell.js';
import { ExecutionStore, type StatusReport } from '../ports/execution.store.js';
import { JobStore } from '../ports/job.store.js';
import { ring } from '../ring.js';
import { showSecondOrEmpty } from '../show-time.js';
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
    private readonly doorbell: Doorbell,
  ) {}

  /** Newest begin first. Checks in the old order: a filter at all, times, the job, type, status. */
  async list(caller: Caller, query: StatusQuery): Promise<StatusView[]> {
    refuseNoFilter(query);
    const times = readStatusTimes(query);
    if (query.job_id) await this.requireJob(caller, query.job_id);
    const found = await this.executions.listStatuses(scopeOf(caller), readStatusFilter(query, times));
    return found.map((execution) => showStatus(execution, this.settings));
  }

  /** Takes over what outsiders ran, and rings for what has ended. Returns the job ids of the items that were refused. */
  async report(caller: Caller, items: Optional<readonly StatusInput[]>): Promise<string[]> {
    const reports = readReports(items);
    const by = actorOf(caller);
    const refused = await this.executions.report(scopeOf(caller), caller.clientId, reports, by);
    for (const report of reports)
      if (isFinal(report.state) && !refused.includes(report.jobId)) await this.tell(report);
    return refused;
  }

  private async tell(report: StatusReport): Promise<void> {
    const endAt = showSecondOrEmpty(report.endAt, this.settings.timeZone);
    const result = report.result === null ? null : { result: parseStored(report.result) };
    await ring(() => this.doorbell.executionEnded({ ...statusMessage(report, endAt), ext_info: result }));
  }

  private async requireJob(caller: Caller, jobId: string): Promise<void> {
    const [job] = await this.jobs.findByIds(scopeOf(caller), [jobId]);
    if (job === undefined) throw refuse.unknownJob();
  }
}
