import { limitOf, minuteAfter, minuteOf, type Quotas, type TenantLimit } from '@ecron/domain';
import { digest } from '../caps/cap-keys.js';
import { type QuotaRow } from '../rows/index.js';
import { insertIgnore, type Sql } from '../sql/sql.js';

type Kind = keyof Quotas;

/** Thrown inside a transaction that a quota refuses, to undo it. */
export class QuotaReached extends Error {
  constructor(
    readonly kind: Kind,
    /** When to come again; null: when something has been deleted. */
    readonly until: number | null,
  ) {
    super(`quota of ${kind} reached`);
  }
}

/**
 * Lets so many more jobs of the tenant in; called before they are written. Whoever else adds some to it waits until the
 * transaction ends.
 * @throws QuotaReached
 */
export async function admitJobs(
  sql: Sql,
  quotas: Quotas | undefined,
  tenantId: string,
  more: number,
): Promise<void> {
  const limit = limitFor(quotas?.jobs, tenantId);
  if (limit === null) return;
  await lockQuota(sql, keyOf('jobs', tenantId));
  // Read after the lock, so that it sees what others have added.
  const [row] = await sql.all<{ total: number }>(
    'SELECT COUNT(*) AS total FROM (SELECT job_id FROM ecron_job WHERE tenant_id = ? LIMIT ?) j',
    [tenantId, limit],
  );
  if ((row?.total ?? 0) + more > limit) throw new QuotaReached('jobs', null);
}

/**
 * Counts a request of the tenant that has been written.
 * @throws QuotaReached where it is one too many in its minute
 */
export async function countRequest(
  sql: Sql,
  quotas: Quotas | undefined,
  tenantId: string,
  now: number,
): Promise<void> {
  const limit = limitFor(quotas?.requests, tenantId);
  if (limit === null) return;
  const key = keyOf('requests', tenantId);
  const { minute_at: countedAt, used } = await lockQuota(sql, key);
  // A clock that is behind goes on in the minute that has begun.
  const minuteAt = Math.max(countedAt, minuteOf(now));
  const before = countedAt === minuteAt ? used : 0;
  if (before >= limit) throw new QuotaReached('requests', minuteAfter(minuteAt));
  const values = [before + 1, minuteAt, key];
  await sql.run('UPDATE ecron_quota SET used = ?, minute_at = ? WHERE quota_key = ?', values);
}

const limitFor = (limit: TenantLimit | undefined, tenantId: string): number | null =>
  limit === undefined ? null : limitOf(limit, tenantId);

const keyOf = (kind: Kind, tenantId: string): string => `${kind}:${digest(tenantId)}`;

type Counted = Pick<QuotaRow, 'minute_at' | 'used'>;

/** Where transactions write side by side an insert that finds its row locks it. */
async function lockQuota(sql: Sql, key: string): Promise<Counted> {
  await insertIgnore(sql, 'ecron_quota', ['quota_key'], [[key]]);
  const [row] = await sql.all<Counted>('SELECT minute_at, used FROM ecron_quota WHERE quota_key = ?', [key]);
  return row ?? { minute_at: 0, used: 0 };
}
