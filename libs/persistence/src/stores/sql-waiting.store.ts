import { type JobMode, type PolicyDefaults, resolvePolicy } from '@ecron/domain';
import { type HeldRow, type TakeRequest, type UncountedRange, WaitingStore } from '@ecron/scheduling';
import { type OverdueCallback } from '@ecron/scheduling';
import { type Database } from '../database.js';
import { inList, IS_WAITING, type Sql } from '../sql/sql.js';
import { releaseActive } from './active-rows.js';
import { type FactsRow, toFacts, toPolicy } from './mapping.js';
import { findOverdueCallbacks } from './overdue-rows.js';

interface UnheldRow extends FactsRow {
  execute_id: string;
  slot_at: number | null;
  due_at: number;
  misfire_at: number | null;
  policy: string | null;
  mode: string | null;
}

const VERSION_FACTS =
  'v.job_id, v.schedule, v.time_zone, v.dst, v.begin_at, v.end_at, v.anchor_at, e.job_type AS type';
const JOIN_VERSION = 'LEFT JOIN ecron_job_version v ON v.job_id = e.job_id AND v.version = e.job_version';

const UNHELD = `SELECT e.execute_id, e.slot_at, e.due_at, e.misfire_at, ${VERSION_FACTS}, j.policy, j.mode
  FROM ecron_execution e ${JOIN_VERSION} LEFT JOIN ecron_job j ON j.job_id = e.job_id
  WHERE e.state = 'waiting' AND e.holder IN (#) AND e.due_at <= ? ORDER BY e.due_at LIMIT ?`;

/** Waits for an earlier run of its job, which has ended. */
const WOKEN = `state = 'waiting' AND holder = '' AND due_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM ecron_job_active a JOIN ecron_execution r ON r.execute_id = a.execute_id
  WHERE a.job_id = ecron_execution.job_id AND r.state IN ('waiting', 'running', 'accepted')
    AND r.execute_id <> ecron_execution.execute_id)`;

export class SqlWaitingStore extends WaitingStore {
  constructor(
    private readonly database: Database,
    private readonly defaults: PolicyDefaults,
  ) {
    super();
  }

  async takeUnheld(request: TakeRequest): Promise<HeldRow[]> {
    const holders = inList(['', ...request.lapsed]);
    const query = UNHELD.replace('#', holders.marks);
    const seen = await this.database.read(query, [...holders.values, request.until, 1]);
    if (seen.length === 0) return [];
    return this.database.write('edit', async (sql) => {
      const rows = await sql.all<UnheldRow>(query, [...holders.values, request.until, request.limit]);
      return take(sql, rows, request);
    });
  }

  async findHeld(holder: string): Promise<HeldRow[]> {
    const rows = await this.database.read<UnheldRow>(
      `SELECT execute_id, due_at FROM ecron_execution WHERE state = 'waiting' AND holder = ? AND due_at IS NOT NULL`,
      [holder],
    );
    return rows.map(toHeld);
  }

  async findWaiting(ids: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (let at = 0; at < ids.length; at += 256) {
      const some = inList(ids.slice(at, at + 256));
      const rows = await this.database.read<{ execute_id: string }>(
        `SELECT execute_id FROM ecron_execution WHERE execute_id IN (${some.marks}) AND ${IS_WAITING} AND holder <> ''`,
        some.values,
      );
      found.push(...rows.map((row) => row.execute_id));
    }
    return found;
  }

  async markSeen(holder: string, dueBefore: number, now: number): Promise<void> {
    const which = `state = 'waiting' AND holder = ? AND due_at < ? AND misfire_at >= ?`;
    const values = [holder, dueBefore, now];
    const late = await this.database.read(`SELECT 1 FROM ecron_execution WHERE ${which} LIMIT 1`, values);
    if (late.length === 0) return;
    await this.database.write('edit', (sql) =>
      sql.run(`UPDATE ecron_execution SET misfire_at = NULL WHERE ${which}`, values),
    );
  }

  async wake(now: number): Promise<number> {
    const woken = await this.database.read(`SELECT 1 FROM ecron_execution WHERE ${WOKEN} LIMIT 1`);
    if (woken.length === 0) return 0;
    return this.database.write('edit', (sql) =>
      sql.run(`UPDATE ecron_execution SET due_at = ?, reason = '' WHERE ${WOKEN}`, [now]),
    );
  }

  async release(holder: string): Promise<void> {
    await this.database.write('edit', (sql) =>
      sql.run(`UPDATE ecron_execution SET holder = '' WHERE state = 'waiting' AND holder = ?`, [holder]),
    );
  }

  findOverdueCallbacks(now: number, limit: number): Promise<OverdueCallback[]> {
    return findOverdueCallbacks(this.database, now, limit);
  }

  settleAccepted(
    overdue: OverdueCallback,
    settlement: Parameters<WaitingStore['settleAccepted']>[1],
  ): Promise<boolean> {
    const { executeId, epoch } = overdue;
    const { maxAttempts } = resolvePolicy(overdue.policy, overdue.mode, this.defaults).retry;
    return this.database.write('edit', async (sql) => {
      const changed = await sql.run(
        `UPDATE ecron_execution SET state = ?, reason = ?, ended_at = ?, due_at = ?, max_attempts = ?, error = ?
         WHERE execute_id = ? AND epoch = ? AND state = 'accepted'`,
        [
          settlement.state,
          settlement.reason,
          settlement.endedAt,
          settlement.dueAt,
          maxAttempts,
          'no callback in time',
          executeId,
          epoch,
        ],
      );
      await releaseActive(sql, [{ jobId: overdue.jobId, executeId }]);
      return changed === 1;
    });
  }

  async findUncounted(limit: number): Promise<UncountedRange[]> {
    const rows = await this.database.read<
      FactsRow & { execute_id: string; slot_at: number; slot_to: number }
    >(
      `SELECT e.execute_id, e.slot_at, e.slot_to, ${VERSION_FACTS} FROM ecron_execution e
       JOIN ecron_job_version v ON v.job_id = e.job_id AND v.version = e.job_version
       WHERE e.state = 'missed' AND e.holder = '' AND e.due_at > 0 LIMIT ?`,
      [limit],
    );
    return rows.map((row) => ({
      executeId: row.execute_id,
      slotAt: row.slot_at,
      slotTo: row.slot_to,
      facts: toFacts(row),
    }));
  }

  async writeCount(executeId: string, count: number): Promise<void> {
    await this.database.write('claim', (sql) =>
      sql.run('UPDATE ecron_execution SET slot_count = ?, due_at = NULL WHERE execute_id = ?', [
        count,
        executeId,
      ]),
    );
  }
}

const toHeld = (row: Pick<UnheldRow, 'execute_id' | 'due_at'>): HeldRow => ({
  executeId: row.execute_id,
  dueAt: row.due_at,
});

async function take(sql: Sql, rows: UnheldRow[], request: TakeRequest): Promise<HeldRow[]> {
  const late = rows.filter((row) => row.misfire_at !== null && row.misfire_at < request.now);
  const missed = late.filter((row) => !request.judgeLate(toLate(row)));
  const gone = new Set(missed.map((row) => row.execute_id));
  const taken = rows.filter((row) => !gone.has(row.execute_id));
  await markMissed(sql, missed, request.now);
  await sql.run(
    ...update(
      `reason = 'misfire', misfire_at = NULL`,
      [],
      late.filter((row) => !gone.has(row.execute_id)),
    ),
  );
  await sql.run(...update('holder = ?', [request.holder], taken));
  return taken.map(toHeld);
}

function toLate(row: UnheldRow): Parameters<TakeRequest['judgeLate']>[0] {
  return {
    executeId: row.execute_id,
    slotAt: row.slot_at ?? row.due_at,
    facts: toFacts(row),
    policy: toPolicy(row.policy ?? '{}'),
    mode: (row.mode ?? 'http') as JobMode,
  };
}

async function markMissed(sql: Sql, rows: UnheldRow[], now: number): Promise<void> {
  const set = `state = 'missed', reason = 'misfire', slot_to = slot_at, slot_count = 1, ended_at = ?, due_at = NULL, holder = ''`;
  await sql.run(...update(set, [now], rows));
}

function update(
  set: string,
  values: (string | number)[],
  rows: UnheldRow[],
): [string, (string | number | null)[]] {
  const ids = inList(rows.map((row) => row.execute_id));
  const text = `UPDATE ecron_execution SET ${set} WHERE execute_id IN (${ids.marks}) AND ${IS_WAITING}`;
  return [text, [...values, ...ids.values]];
}
