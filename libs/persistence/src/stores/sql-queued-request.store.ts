import { blankExecution, type Execution, type Job, type PolicyDefaults, resolvePolicy } from '@ecron/domain';
import { QueuedRequestStore } from '@ecron/scheduling';
import { type Database } from '../database.js';
import { type JobRow } from '../rows/index.js';
import { toJob } from './mapping.js';
import { insertExecution } from './request-rows.js';

export class SqlQueuedRequestStore extends QueuedRequestStore {
  constructor(
    private readonly database: Database,
    private readonly defaults: PolicyDefaults,
  ) {
    super();
  }

  async requestRun(jobId: string, executeId: string, now: number): Promise<boolean> {
    const known = await this.database.read('SELECT 1 FROM ecron_execution WHERE execute_id = ?', [executeId]);
    if (known.length > 0) return true;
    return this.database.write('edit', async (sql) => {
      const [row] = await sql.all<JobRow>('SELECT * FROM ecron_job WHERE job_id = ?', [jobId]);
      if (row === undefined) return false;
      const job = toJob(row);
      const { maxAttempts } = resolvePolicy(job.policy, job.context.mode, this.defaults).retry;
      return insertExecution(sql, { ...ownerOf(job), ...blankExecution(now), executeId, maxAttempts });
    });
  }
}

function ownerOf(
  job: Job,
): Pick<Execution, 'jobId' | 'jobVersion' | 'tenantId' | 'jobName' | 'jobType' | 'trigger'> {
  const { jobId, version, tenantId, name, type } = job;
  return { jobId, jobVersion: version, tenantId, jobName: name, jobType: type, trigger: 'request' };
}
