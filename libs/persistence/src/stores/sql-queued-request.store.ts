import {
  type Actor,
  blankExecution,
  type Execution,
  type Job,
  type JobContext,
  type PolicyDefaults,
  resolvePolicy,
} from '@ecron/domain';
import { MAX_WAITING_RUNS } from '@ecron/jobs';
import { QueuedRequestStore } from '@ecron/scheduling';
import { type Database } from '../database.js';
import { type JobRow } from '../rows/index.js';
import { type Sql } from '../sql/sql.js';
import { requestEntry, writeAudit } from './audit-rows.js';
import { toJob } from './mapping.js';
import { insertExecution } from './request-rows.js';
import { countUnheld } from './sleeping-rows.js';

export class SqlQueuedRequestStore extends QueuedRequestStore {
  constructor(
    private readonly database: Database,
    private readonly defaults: PolicyDefaults,
  ) {
    super();
  }

  async requestRun(
    jobId: string,
    executeId: string,
    now: number,
    by: Actor,
    context: JobContext | null = null,
  ): Promise<boolean> {
    const known = await this.database.read('SELECT 1 FROM ecron_execution WHERE execute_id = ?', [executeId]);
    if (known.length > 0) return true;
    return this.database.write('edit', async (sql) => {
      const [row] = await sql.all<JobRow>('SELECT * FROM ecron_job WHERE job_id = ?', [jobId]);
      if (row === undefined) return false;
      if ((await countUnheld(sql, jobId)) >= MAX_WAITING_RUNS) return false;
      const job = toJob(row);
      const mode = (context ?? job.context).mode;
      const { maxAttempts } = resolvePolicy(job.policy, mode, this.defaults).retry;
      const own = { context, policy: context === null ? null : {} };
      const run = { ...ownerOf(job), ...blankExecution(now), ...own, executeId, maxAttempts };
      // The message may have been delivered twice, to two nodes.
      if (!(await insertExecution(sql, run))) return isStored(sql, executeId);
      await writeAudit(sql, [requestEntry(by, run)], now);
      return true;
    });
  }
}

async function isStored(sql: Sql, executeId: string): Promise<boolean> {
  return (await sql.all('SELECT 1 FROM ecron_execution WHERE execute_id = ?', [executeId])).length > 0;
}

function ownerOf(
  job: Job,
): Pick<Execution, 'jobId' | 'jobVersion' | 'tenantId' | 'jobName' | 'jobType' | 'trigger'> {
  const { jobId, version, tenantId, name, type } = job;
  return { jobId, jobVersion: version, tenantId, jobName: name, jobType: type, trigger: 'request' };
}
