import { Injectable } from '@nestjs/common';
import { Clock, type Execution } from '@ecron/domain';
import { type Caller, scopeOf } from '../caller.js';
import { refuse } from '../errors.js';
import { JobSettings } from '../job-settings.js';
import { type Page, writeCursor } from '../paging.js';
import { ExecutionStore } from '../ports/execution.store.js';
import { JobStore } from '../ports/job.store.js';
import { zoneOf } from '../schedule/job-slots.js';
import { type ExecutionQuery, readExecutionFilter } from './execution-query.js';
import { type ExecutionView, showExecution } from './show-execution.js';

/** Executions in full, as they are. */
@Injectable()
export class ExecutionService {
  constructor(
    private readonly jobs: JobStore,
    private readonly executions: ExecutionStore,
    private readonly settings: JobSettings,
    private readonly clock: Clock,
  ) {}

  /** Newest first, by slot or time of request. */
  async list(caller: Caller, query: ExecutionQuery): Promise<Page<ExecutionView>> {
    const filter = readExecutionFilter(query);
    if (filter.jobId !== undefined) await this.requireJob(caller, filter.jobId);
    // One more than asked for tells whether there is a next page.
    const found = await this.executions.list(scopeOf(caller), { ...filter, limit: filter.limit + 1 });
    const page = found.slice(0, filter.limit);
    const last = found.length > filter.limit ? page.at(-1) : undefined;
    return {
      items: await this.show(caller, page),
      next_cursor: last === undefined ? null : writeCursor([last.nominalAt, last.executeId]),
    };
  }

  async get(caller: Caller, executeId: string): Promise<ExecutionView> {
    const execution = await this.executions.find(scopeOf(caller), executeId);
    if (execution === null) throw refuse.unknownExecution();
    const [view] = await this.show(caller, [execution]);
    if (view === undefined) throw refuse.unknownExecution();
    return view;
  }

  private async show(caller: Caller, executions: readonly Execution[]): Promise<ExecutionView[]> {
    const ids = [...new Set(executions.map((execution) => execution.jobId).filter((id) => id !== ''))];
    const jobs = ids.length === 0 ? [] : await this.jobs.findByIds(scopeOf(caller), ids);
    const zones = new Map(jobs.map((job) => [job.jobId, zoneOf(job)]));
    const now = this.clock.now();
    return executions.map((execution) =>
      showExecution(execution, zones.get(execution.jobId) ?? this.settings.timeZone, now),
    );
  }

  private async requireJob(caller: Caller, jobId: string): Promise<void> {
    const [job] = await this.jobs.findByIds(scopeOf(caller), [jobId]);
    if (job === undefined) throw refuse.unknownJob();
  }
}
