import { type PlannedRow } from '@ecron/domain';
import { slotExecuteId } from '@ecron/scheduling';
import { insertIgnore, type Sql, type SqlValue } from '../sql/sql.js';
import { queueNotices } from './sql-webhook-notices.js';

/** The job as its slot rows quote it. */
export interface SlotOwner {
  jobId: string;
  version: number;
  tenantId: string;
  name: string;
  type: string;
  maxAttempts: number;
}

export interface SlotRow {
  owner: SlotOwner;
  planned: PlannedRow;
  executeId: string;
  holder: string;
}

const COLUMNS = [
  'execute_id',
  'job_id',
  'job_version',
  'tenant_id',
  'job_name',
  'job_type',
  'trigger_kind',
  'max_attempts',
  'slot_at',
  'slot_to',
  'slot_count',
  'state',
  'reason',
  'nominal_at',
  'queued_at',
  'listed_at',
  'due_at',
  'misfire_at',
  'holder',
  'ended_at',
] as const;

export function slotRow(owner: SlotOwner, planned: PlannedRow, secret: string): SlotRow {
  return { owner, planned, executeId: slotExecuteId(secret, owner.jobId, planned.slotAt), holder: '' };
}

/** Writes fates of slots; a slot that has its row keeps it. Resolves with how many were new. */
export async function insertSlots(sql: Sql, rows: readonly SlotRow[], now: number): Promise<number> {
  const inserted = await insertIgnore(
    sql,
    'ecron_execution',
    COLUMNS,
    rows.map((row) => values(row, now)),
  );
  const missed = rows.filter((row) => row.planned.kind === 'missed');
  await queueNotices(
    sql,
    missed.map(({ owner, executeId }) => ({ jobId: owner.jobId, executeId })),
    now,
  );
  return inserted;
}

function values({ owner, planned, executeId, holder }: SlotRow, now: number): SqlValue[] {
  const range = planned.kind === 'missed' ? [planned.slotTo, planned.count] : [null, null];
  const [dueAt, misfireAt, endedAt] =
    planned.kind === 'waiting' ? [planned.slotAt, planned.misfireAt, null] : [dueToCount(planned), null, now];
  return [
    executeId,
    owner.jobId,
    owner.version,
    owner.tenantId,
    owner.name,
    owner.type,
    'schedule',
    owner.maxAttempts,
    planned.slotAt,
    ...range,
    planned.kind,
    planned.reason,
    planned.slotAt,
    now,
    planned.slotAt,
    dueAt,
    misfireAt,
    holder,
    endedAt,
  ];
}

/** A range that is still to be counted is found by its due time. */
function dueToCount({ slotAt, count }: Extract<PlannedRow, { kind: 'missed' }>): number | null {
  return count === null ? slotAt : null;
}
