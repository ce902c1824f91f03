import { type PlannedRow } from '@ecron/domain';
import {
  BadRows,
  type Claim,
  type ClaimRequest,
  ClaimStore,
  type DueJob,
  type HeldRow,
  type RewindRequest,
  secondExecuteId,
} from '@ecron/scheduling';
import { Logger } from '@nestjs/common';
import { type Database } from '../database.js';
import { type JobRow } from '../rows/index.js';
import { JOBS, lockRows, selectFree } from '../sql/row-locks.js';
import { inList, type Sql, updateByKey } from '../sql/sql.js';
import { firstWithoutRow } from './first-without-row.js';
import { toFacts, toPolicy } from './mapping.js';
import { insertSlots, type SlotRow, slotRow } from './slot-rows.js';

const COLUMNS = `job_id, tenant_id, name, type, schedule, time_zone, mode, policy, begin_at, end_at, anchor_at, version,
  next_slot_at`;
const DUE = {
  ...JOBS,
  columns: COLUMNS,
  where: 'next_slot_at <= ?',
  index: 'ix_job_next_slot',
  order: 'next_slot_at',
};

export class SqlClaimStore extends ClaimStore {
  private readonly logger = new Logger('Claims');
  private readonly bad = new BadRows(this.logger);

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

  async claimDue(request: ClaimRequest): Promise<Claim> {
    const { claim, foreign } = await this.claim(request);
    if (foreign.length > 0)
      this.logger.error({
        event: 'claim.foreign_ids',
        msg: `ALARM: execute ids of slots belong to other rows, the slots got others: ${foreign.join(', ')}`,
      });
    return claim;
  }

  async rewind(request: RewindRequest): Promise<string | null> {
    const ahead = await this.database.read<{ job_id: string }>(
      'SELECT job_id FROM ecron_job WHERE job_id > ? AND next_slot_at > ? ORDER BY job_id LIMIT ?',
      [request.after, request.now, request.limit],
    );
    const ids = ahead.map((row) => row.job_id);
    if (ids.length > 0) await this.database.write('claim', (sql) => rewindJobs(sql, ids, request, this.bad));
    return ids.length < request.limit ? null : (ids.at(-1) ?? null);
  }

  private claim(request: ClaimRequest): Promise<{ claim: Claim; foreign: string[] }> {
    return this.database.write('claim', async (sql) => {
      const wanted = { ...DUE, values: [request.until], limit: request.limit };
      const due = (await selectFree<JobRow>(sql, wanted)).map((row) => toDueJob(row, this.bad));
      const plans = due.map((job) => ({ job, plan: request.plan(job) }));
      const rows = holdFirst(
        plans.flatMap((p) => this.rowsOf(p)),
        request,
      );
      const { foreign, cutShort } = await this.writeRows(sql, rows, request.now);
      const written = plans.filter(({ job }) => !cutShort.has(job.jobId));
      await advance(
        sql,
        written.map(({ job, plan }) => [job.jobId, plan.nextSlotAt]),
      );
      await advance(sql, await passRows(sql, plans, cutShort, request));
      const held = rows.filter((row) => row.holder !== '').map(toHeld);
      return { claim: { jobs: due.length, held }, foreign };
    });
  }

  /**
   * A slot whose execute id belongs to something else gets its second one, so that it is neither lost nor keeps
   * the batch from being claimed. Resolves with such ids, and with the jobs whose range was not written.
   */
  private async writeRows(
    sql: Sql,
    rows: SlotRow[],
    now: number,
  ): Promise<{ foreign: string[]; cutShort: Set<string> }> {
    const { forged, cutShort } = await write(sql, rows, now);
    const ids = forged.map((row) => row.executeId);
    for (const row of forged)
      row.executeId = secondExecuteId(this.secret, row.owner.jobId, row.planned.slotAt);
    const again = await write(sql, forged, now);
    for (const row of again.forged) this.giveUp(row);
    return { foreign: ids, cutShort: new Set([...cutShort, ...again.cutShort]) };
  }

  /** Only forged rows can cause it: the slot gets no row, and keeps no other from its own. */
  private giveUp(row: SlotRow): void {
    row.holder = '';
    this.bad.tell(
      `slot ${row.owner.jobId}/${row.planned.slotAt}`,
      'both its execute ids belong to other rows',
    );
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

function toDueJob(row: JobRow, bad: BadRows): DueJob {
  const policy = toPolicy(row.policy, (rule) => bad.tell(`job ${row.job_id}`, rule));
  return {
    ...toFacts({ ...row, dst: policy.dst ?? 'default' }),
    tenantId: row.tenant_id,
    name: row.name,
    mode: row.mode,
    policy,
    version: row.version,
    nextSlotAt: row.next_slot_at ?? 0,
  };
}

const toHeld = (row: SlotRow): HeldRow => ({
  executeId: row.executeId,
  tenantId: row.owner.tenantId,
  dueAt: row.planned.slotAt,
});

/** The earliest rows get the claiming node as their holder, as many as it has room for. */
function holdFirst(rows: SlotRow[], { holder, room }: ClaimRequest): SlotRow[] {
  const waiting = rows.filter((row) => row.planned.kind === 'waiting');
  if (waiting.length > room) waiting.sort((a, b) => a.planned.slotAt - b.planned.slotAt);
  for (const row of waiting.slice(0, room)) row.holder = holder;
  return rows;
}

interface Unwritten {
  /** Their ids belong to something else. */
  forged: SlotRow[];
  /** Jobs with a range that begins at a slot with a shorter row: the slots behind that have none. */
  cutShort: string[];
}

async function write(sql: Sql, rows: SlotRow[], now: number): Promise<Unwritten> {
  const inserted = rows.length === 0 ? 0 : await insertSlots(sql, rows, now);
  return inserted < rows.length ? dropReplays(sql, rows) : { forged: [], cutShort: [] };
}

/** Slots that had their row before: the row stays as it is, and is not ours to hold. */
async function dropReplays(sql: Sql, rows: SlotRow[]): Promise<Unwritten> {
  const forged: SlotRow[] = [];
  const cutShort: string[] = [];
  for (let at = 0; at < rows.length; at += 128) {
    const chunk = rows.slice(at, at + 128);
    const ids = inList(chunk.map((row) => row.executeId));
    const found = await sql.all<Found>(
      `SELECT execute_id, job_id, slot_at, slot_to, tenant_id, epoch, holder, state FROM ecron_execution WHERE execute_id IN (${ids.marks})`,
      ids.values,
    );
    const byId = new Map(found.map((f) => [f.execute_id, f]));
    const isForged = (row: SlotRow): boolean => isForeign(row, byId.get(row.executeId));
    forged.push(...chunk.filter(isForged));
    const kept = chunk.filter((row) => !isForged(row));
    cutShort.push(
      ...kept.filter((row) => isCutShort(row, byId.get(row.executeId))).map((row) => row.owner.jobId),
    );
    for (const row of kept) if (!isHeldBy(row, byId.get(row.executeId))) row.holder = '';
  }
  return { forged, cutShort };
}

interface Found {
  execute_id: string;
  job_id: string;
  slot_at: number | null;
  slot_to: number | null;
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

function isCutShort({ planned }: SlotRow, found: Found | undefined): boolean {
  return (
    planned.kind === 'missed' && found !== undefined && (found.slot_to ?? planned.slotAt) < planned.slotTo
  );
}

function isHeldBy(row: SlotRow, found: Found | undefined): boolean {
  return found?.state === 'waiting' && found.epoch === 0 && found.holder === row.holder;
}

type NextSlot = [jobId: string, nextSlotAt: number | null];

async function advance(sql: Sql, nextSlots: readonly NextSlot[]): Promise<void> {
  await updateByKey(sql, 'ecron_job', ['job_id', 'next_slot_at'], nextSlots);
}

/** Their next claim begins behind the rows that were in the way. */
async function passRows(
  sql: Sql,
  plans: readonly { job: DueJob }[],
  jobIds: ReadonlySet<string>,
  { next }: ClaimRequest,
): Promise<NextSlot[]> {
  const slots: NextSlot[] = [];
  for (const { job } of plans) {
    if (jobIds.has(job.jobId))
      slots.push([job.jobId, await firstWithoutRow(sql, job, job.nextSlotAt - 1, next)]);
  }
  return slots;
}

async function rewindJobs(
  sql: Sql,
  jobIds: readonly string[],
  request: RewindRequest,
  bad: BadRows,
): Promise<void> {
  await lockRows(sql, JOBS, jobIds, 'exclusive');
  const ids = inList(jobIds);
  const jobs = await sql.all<JobRow>(
    `SELECT ${COLUMNS} FROM ecron_job WHERE job_id IN (${ids.marks})`,
    ids.values,
  );
  const rows: NextSlot[] = [];
  for (const job of jobs.map((row) => toDueJob(row, bad)))
    rows.push([job.jobId, await firstWithoutRow(sql, job, request.now, request.next)]);
  await updateByKey(sql, 'ecron_job', ['job_id', 'next_slot_at'], rows, {
    guard: 't.next_slot_at > v.next_slot_at',
  });
}
