import { isFinal, type TenantScope } from '@ecron/domain';
import { type StatusFilter } from '@ecron/jobs';
import { type ExecutionRow } from '../rows/index.js';
import { JOB_STILL_THERE } from './mapping.js';
import { Where } from './where.js';

/** What old clients know: nothing that was skipped or missed, and no slot that is still ahead. */
const KNOWN_TO_OLD_CLIENTS = `COALESCE(e.state, '') NOT IN ('skipped', 'missed') AND (e.epoch > 0 OR e.nominal_at <= ?)`;

export const BY_BEGIN = 'ORDER BY e.listed_at DESC, e.execute_id DESC LIMIT ?';
/** Rows of one read: with results of 64 KiB it stays near 16 MiB. */
export const STATUSES_PER_READ = 250;
/** In one answer, give or take one read; counted is what can be long. */
export const MAX_STATUS_BYTES = 16 * 1024 * 1024;

/** All but what was to be called and the policy, which no status shows: a request's body may be 1 MiB. */
export const STATUS_COLUMNS = [
  'execute_id',
  'job_id',
  'job_version',
  'tenant_id',
  'job_name',
  'job_type',
  'NULL AS context',
  'NULL AS policy',
  'trigger_kind',
  'slot_at',
  'slot_to',
  'slot_count',
  'state',
  'reason',
  'epoch',
  'attempt',
  'max_attempts',
  'nominal_at',
  'queued_at',
  'listed_at',
  'due_at',
  'holder',
  'begun_at',
  'started_at',
  'ended_at',
  'cancel_at',
  'cancel_reason',
  'attempts',
  'result',
  'error',
].map((column) => (column.startsWith('NULL') ? column : `e.${column}`));

/**
 * The conditions of one read; `last` is the last row of the one before. Few rows are open at a time, and the index
 * on states finds them: the other columns are then hidden from the planner. Of ended ones there are too many for it.
 */
export function statusWhere(
  scope: TenantScope,
  filter: StatusFilter,
  now: number,
  last?: ExecutionRow,
): Where {
  const isOpen = filter.states !== undefined && !filter.states.some(isFinal);
  const column = (name: string): string => (isOpen ? `COALESCE(e.${name}, '')` : `e.${name}`);
  const where = new Where({ allTenants: true }).and(JOB_STILL_THERE).and(KNOWN_TO_OLD_CLIENTS, now);
  if ('tenantId' in scope) where.and(`${column('tenant_id')} = ?`, scope.tenantId);
  if (filter.jobId !== undefined) where.and(`${column('job_id')} = ?`, filter.jobId);
  if (filter.jobType !== undefined) where.and('e.job_type = ?', filter.jobType);
  if (filter.states !== undefined) where.in(isOpen ? 'e.state' : `COALESCE(e.state, '')`, filter.states);
  if (filter.beginFrom !== undefined) where.and(`${column('listed_at')} >= ?`, filter.beginFrom);
  if (filter.beginUntil !== undefined) where.and(`${column('listed_at')} <= ?`, filter.beginUntil);
  return last === undefined ? where : after(where, last);
}

const after = (where: Where, { listed_at, execute_id }: ExecutionRow): Where =>
  where
    .and('e.listed_at <= ?', listed_at)
    .and('(e.listed_at < ? OR e.execute_id < ?)', listed_at, execute_id);

export const bytesOf = (rows: readonly ExecutionRow[]): number =>
  rows.reduce((sum, { result, attempts }) => sum + (result?.length ?? 0) + (attempts?.length ?? 0), 0);
