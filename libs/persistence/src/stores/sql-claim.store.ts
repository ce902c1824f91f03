import { type PlannedRow, type SlotPlan } from '@ecron/domain';
import { type Claim, type ClaimRequest, ClaimStore, type DueJob, type HeldRow } from '@ecron/scheduling';
import { type Database } from '../database.js';
import { type JobRow } from '../rows/index.js';
import { inList, type Sql, updateByKey } from '../sql/sql.js';
import { toFacts, toPolicy } from './mapping.js';
import { insertSlots, type SlotRow, slotRow } from './slot-rows.js';

const DUE = `SELECT job_id, tenant_id, name, type, schedule, time_zone, mode, policy, begin_at, end_at, anchor_at, version,
  next_slot_at FROM ecron_job WHERE next_slot_at <= ? ORDER BY next_slot_at LIMIT ?`;

/** A duplicate id that is not a replay: two slots claim one execute id, which only a forged row can cause. */
export class DuplicateExecuteIdError extends Error {
  constructor(executeIds: readonly string[]) {
    super(`execute ids that belong to another slot: ${executeIds.join(', ')}`);
  }
}

export class SqlClaimStore extends ClaimStore {
  constructor(
    private readonly database: Database,
    private readonly secret: string,
  ) {
    super();
  }

  async isAnyDue(until: number): Promise<boolean> {
    const rows = await this.database.read('SELECT 1 FROM ecron_job WHERE next_slot_at <= ? LIMIT 1', [until]);
    return rows.length > 0;
  }

  claimDue(request: ClaimRequest): Promise<Claim> {
    return this.database.write('claim', async (sql) => {
      const due = (await sql.all<JobRow>(DUE, [request.until, request.limit])).map(toDueJob);
      const plans = due.map((job) => ({ job, plan: request.plan(job) }));
      const rows = holdFirst(
        plans.flatMap((p) => this.rowsOf(p)),
        request,
      );
      await write(sql, rows, request.now);
      await advance(sql, plans);
      return { jobs: due.length, held: rows.filter((row) => row.holder !== '').map(toHeld) };
    });
  }

  private rowsOf({
    job,
    plan,
  }: {
    job: DueJob;
    plan: { rows: PlannedRow[]; maxAttempts: number };
  }): SlotRow[] {
    const owner = { ...job, maxAttempts: plan.maxAttempts };
    return plan.rows.map((planned) => slotRow(owner, planned, this.secret));
  }
}

function toDueJob(row: JobRow): DueJob {
  const policy = toPolicy(row.policy);
  return {
    ...toFacts({ ...row, dst: policy.dst ?? 'default' }),
    tenantId: row.tenant_id,
    name: row.name,
    mode: row.mode as DueJob['mode'],
    policy,
    version: row.version,
    nextSlotAt: row.next_slot_at ?? 0,
  };
}

const toHeld = (row: SlotRow): HeldRow => ({ executeId: row.executeId, dueAt: row.planned.slotAt });

/** The earliest rows get the claiming node as their holder, as many as it has room for. */
function holdFirst(rows: SlotRow[], { holder, room }: ClaimRequest): SlotRow[] {
  const waiting = rows.filter((row) => row.planned.kind === 'waiting');
  if (waiting.length > room) waiting.sort((a, b) => a.planned.slotAt - b.planned.slotAt);
  for (const row of waiting.slice(0, room)) row.holder = holder;
  return rows;
}

async function write(sql: Sql, rows: SlotRow[], now: number): Promise<void> {
  const inserted = await insertSlots(sql, rows, now);
  if (inserted < rows.length) await dropReplays(sql, rows);
}

/** Slots that had their row before: the row stays as it is, and is not ours to hold. */
async function dropReplays(sql: Sql, rows: SlotRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 128) {
    const chunk = rows.slice(at, at + 128);
    const ids = inList(chunk.map((row) => row.executeId));
    const found = await sql.all<Found>(
      `SELECT execute_id, job_id, slot_at, tenant_id, epoch, holder, state FROM ecron_execution WHERE execute_id IN (${ids.marks})`,
      ids.values,
    );
    const byId = new Map(found.map((f) => [f.execute_id, f]));
    const forged = chunk.filter((row) => isForeign(row, byId.get(row.executeId)));
    if (forged.length > 0) throw new DuplicateExecuteIdError(forged.map((row) => row.executeId));
    for (const row of chunk) if (!isHeldBy(row, byId.get(row.executeId))) row.holder = '';
  }
}

interface Found {
  execute_id: string;
  job_id: string;
  slot_at: number | null;
  tenant_id: string;
  epoch: number;
  holder: string;
  state: string;
}

function isForeign({ owner, planned }: SlotRow, found: Found | undefined): boolean {
  if (found === undefined) return false;
  return (
    found.job_id !== owner.jobId || found.slot_at !== planned.slotAt || found.tenant_id !== owner.tenantId
  );
}

function isHeldBy(row: SlotRow, found: Found | undefined): boolean {
  return found?.state === 'waiting' && found.epoch === 0 && found.holder === row.holder;
}

async function advance(sql: Sql, plans: { job: DueJob; plan: SlotPlan }[]): Promise<void> {
  const rows = plans.map(({ job, plan }) => [job.jobId, plan.nextSlotAt]);
  await updateByKey(sql, 'ecron_job', ['job_id', 'next_slot_at'], rows);
}
