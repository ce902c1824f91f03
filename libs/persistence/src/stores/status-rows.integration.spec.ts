import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, type TenantScope } from '@ecron/domain';
import { type StatusFilter } from '@ecron/jobs';
import { type Database } from '../database.js';
import { openSqlite } from '../open-sqlite.js';
import { SqlExecutionStore } from './sql-execution.store.js';

const CLOCK: Clock = { now: () => 1_000 };
const TENANT: TenantScope = { tenantId: 'a' };

describe('the plan of GET /jobstatus in SQLite', () => {
  let folder: string;
  let database: Database;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ecron-'));
    database = await openSqlite(folder);
  });
  afterEach(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  const planOf = async (scope: TenantScope, own: Partial<StatusFilter>): Promise<string> => {
    const asked = jest.spyOn(database, 'browse');
    const store = new SqlExecutionStore(database, { maxAttempts: 3, completion: 'auto' }, CLOCK);
    await store.listStatuses(scope, { limit: 10_000, ...own });
    const [text = '', values] = asked.mock.calls[0] ?? [];
    const steps = await database.browse<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`, values);
    return steps.map((step) => step.detail).join('; ');
  };

  it.each<[string, TenantScope, Partial<StatusFilter>, string]>([
    ['a type', TENANT, { jobType: 'scheduled' }, 'ix_execution_tenant_listed (tenant_id=?)'],
    ['an ended state', TENANT, { states: ['failed'] }, 'ix_execution_tenant_listed (tenant_id=?)'],
    [
      'a window',
      TENANT,
      { beginFrom: 1, beginUntil: 2 },
      'ix_execution_tenant_listed (tenant_id=? AND listed_at>?',
    ],
    ['a job', TENANT, { jobId: 'j', beginFrom: 1 }, 'ix_execution_job_listed (job_id=? AND listed_at>?)'],
    ['a window of all tenants', { allTenants: true }, { beginFrom: 1 }, 'ix_execution_listed (listed_at>?)'],
  ])('by %s reads an index in its order and sorts nothing', async (_, scope, own, index) => {
    const plan = await planOf(scope, own);
    expect(plan).toContain(index);
    expect(plan).not.toContain('TEMP B-TREE');
  });

  it.each<[string, TenantScope, Partial<StatusFilter>]>([
    ['of all tenants', { allTenants: true }, {}],
    ['of one tenant', TENANT, {}],
    ['of a job in a window', TENANT, { jobId: 'j', beginFrom: 1 }],
  ])('by states that few rows have goes by these, %s', async (_, scope, own) => {
    const plan = await planOf(scope, { states: ['waiting', 'running', 'accepted'], ...own });
    expect(plan).toContain('ix_execution_held (state=?)');
  });
});
